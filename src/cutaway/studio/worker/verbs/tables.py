"""Tables as the page shows them: a matrix at a time, in tiles, with labels."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from cutaway import look
from cutaway.look import Matrix, matrix
from cutaway.studio.messages import worker_questions as asked
from cutaway.studio.share.table_csv import csv_rows as rows_of

if TYPE_CHECKING:
    from cutaway.studio.worker.workspace import Workspace

def shown(workspace: "Workspace", question: asked.Shown) -> Matrix:
    """The page of a table that is asked about, now or before the edits."""
    return matrix(workspace.table(question.table, question.of), question.select)


def tile(workspace: "Workspace", question: asked.Tile) -> tuple[dict[str, Any], bytes]:
    """64 x 64 numbers, float32, row after row; smaller at the edges.

    Raises:  UnknownRow for a tile or a row outside the table
    """
    return look.tile(shown(workspace, question), question.row, question.column, question.rows)


def order(workspace: "Workspace", question: asked.Order) -> dict[str, Any]:
    """The rows of a page as they are seen when they are sorted by a column."""
    page = shown(workspace, question)
    return {"order": look.order(page, question.column, descending=question.descending)}


def labels(workspace: "Workspace", question: asked.Labels) -> dict[str, Any]:
    """The texts of rows or columns: the tokens with their ids, or else their numbers."""
    page = shown(workspace, question)
    return look.labels(page, question.axis, question.first, question.count,
                       _ids(workspace, page, question.axis), rows=question.rows)


def _ids(workspace: "Workspace", page: Matrix, side: str) -> Sequence[int] | np.ndarray | None:
    """The token's id behind each row or column, where it is a token."""
    name = page.table.name
    if name.startswith("scratch."):
        return None
    run = workspace.run
    return look.token_ids(page, side, None if name in run.book.weights else run.ids)


def find(workspace: "Workspace", question: asked.Find) -> dict[str, Any]:
    """Rows or columns by number, by id, or by a token's text: exact ones first, at most 50."""
    page = shown(workspace, question)
    axis, query = page.axis(question.axis), question.query
    if not axis or not query:
        return {"found": []}
    count = page.count(question.axis)
    ids = _ids(workspace, page, question.axis)
    by_number = [int(query)] if query.strip().isascii() and query.strip().isdigit() else []
    found = [index for index in by_number if index < count]
    if ids is not None and axis != "vocabulary":
        found += [index for index, token in enumerate(ids) if int(token) in by_number]
    texts = [page.table.label(axis, index) for index in range(count)]
    word = query.strip().lower()
    ranked = sorted((_rank(text, query, word), index) for index, text in enumerate(texts)
                    if text and (query in text or (word and word in text.lower())))
    found += [index for _, index in ranked]
    return {"found": [{"index": index, "text": texts[index],
                       "id": None if ids is None else int(ids[index])}
                      for index in list(dict.fromkeys(found))[:50]]}


def _rank(text: str, query: str, word: str) -> tuple[int, int]:
    """How well a label answers a query: the very text, the word alone, its beginning, the rest."""
    bare = text.strip().lower()
    worse = 0 if text == query else 1 if bare == word else 2 if bare.startswith(word) else 3
    return worse, len(text)


def csv_rows(workspace: "Workspace", question: asked.CsvRows) -> dict[str, Any]:
    """A piece of a table's CSV, and the row that the next begins with.

    returns  {"text", "next"}; `next` is None after the last, and `axes` and `shape` are the table's
    Raises:  UnknownTable
    """
    table = workspace.table(question.table)
    text, following = rows_of(table, question.first)
    return {"text": text, "next": following, "axes": list(table.axes), "shape": list(table.shape)}


def table_shape(workspace: "Workspace", question: asked.TableShape) -> dict[str, Any]:
    """The axes of a table and how long each is.  Raises:  UnknownTable"""
    table = workspace.table(question.table)
    return {"axes": list(table.axes), "shape": list(table.shape)}
