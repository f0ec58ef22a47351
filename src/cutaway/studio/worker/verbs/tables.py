"""Tables as the page shows them: a matrix at a time, in tiles, with labels."""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from cutaway.errors import UnknownRow
from cutaway.studio.messages import worker_questions as asked
from cutaway.studio.share.table_csv import csv_rows as rows_of
from cutaway.workbook import Table

if TYPE_CHECKING:
    from cutaway.studio.worker.workspace import Workspace

TILE = 64  # rows and columns of a tile
MOST_LABELS = 1000


@dataclass(frozen=True, eq=False)
class Matrix:
    """One page of a table: what is left when every axis but the last two has an index.

    A table with one axis is shown as rows of a single number.

    rows, columns  the axes that they count; no column axis in a table with one axis
    pages          the axes that an index was chosen for, with that index
    """

    table: Table
    array: np.ndarray
    rows: str
    columns: str
    pages: dict[str, int]

    def cells(self, row: slice | int, column: slice | int) -> dict[str, Any]:
        """The cells of this page as a change names them."""
        found: dict[str, Any] = dict(self.pages)
        for axis, chosen in ((self.rows, row), (self.columns, column)):
            if axis:
                found[axis] = [chosen.start, chosen.stop] if isinstance(chosen, slice) else chosen
        return found


def matrix(table: Table, select: dict[str, int]) -> Matrix:
    """A page of a table; an axis that nothing was chosen for is at 0.

    Raises:  UnknownRow
    """
    *front, rows, columns = table.axes if len(table.axes) > 1 else (*(table.axes or ("",)), "")
    for axis in select:
        if axis not in front:
            known = ", ".join(front) or "none"
            raise UnknownRow(f"{table.name} has no axis {axis!r:.60} to choose a page by "
                             f"(it has: {known}).")
    pages = {axis: select.get(axis, 0) for axis in front}
    for axis, index in pages.items():
        count = table.shape[table.axes.index(axis)]
        if index >= count:
            raise UnknownRow(f"{table.name} has no {axis} {index}: it has {count}, from 0 to "
                             f"{count - 1}.")
    array = table.array[tuple(pages.values())] if pages else table.array
    if array.ndim < 2:
        array = array.reshape(-1, 1)
    return Matrix(table, array, rows, columns, pages)


def shown(workspace: "Workspace", question: asked.Shown) -> Matrix:
    """The page of a table that is asked about, now or before the edits."""
    return matrix(workspace.table(question.table, question.of), question.select)


def tile(workspace: "Workspace", question: asked.Tile) -> tuple[dict[str, Any], bytes]:
    """64 x 64 numbers, float32, row after row; smaller at the edges.

    Raises:  UnknownRow for a tile outside the table
    """
    page = shown(workspace, question)
    row, column = question.row * TILE, question.column * TILE
    n_rows, n_columns = page.array.shape
    if row >= n_rows or column >= n_columns:
        raise UnknownRow(f"{page.table.name} has no tile {row // TILE}, {column // TILE}: it is "
                         f"{n_rows} x {n_columns}.")
    cut = np.ascontiguousarray(page.array[row:row + TILE, column:column + TILE], dtype="<f4")
    return {"rows": cut.shape[0], "columns": cut.shape[1]}, cut.tobytes()


def labels(workspace: "Workspace", question: asked.Labels) -> dict[str, Any]:
    """The texts of rows or columns: the tokens with their ids, or else their numbers."""
    page = shown(workspace, question)
    axis = page.rows if question.axis == "row" else page.columns
    if not axis:
        return {"labels": ["0"], "ids": None}
    first = question.first
    total = page.table.shape[page.table.axes.index(axis)]
    last = min(total, first + question.count)
    texts = [page.table.label(axis, index) or str(index) for index in range(first, last)]
    return {"labels": texts, "ids": _ids(workspace, page.table, axis, first, last)}


def _ids(workspace: "Workspace", table: Table, axis: str, first: int,
         last: int) -> list[int] | None:
    """The token's id behind each row or column, where it is a token."""
    if table.name.startswith("scratch."):
        return None
    if axis == "vocabulary":
        return list(range(first, last))
    if axis in ("position", "source") and table.name not in workspace.run.book.weights:
        return [int(token) for token in workspace.run.ids[first:last]]
    return None


def find(workspace: "Workspace", question: asked.Find) -> dict[str, Any]:
    """Rows or columns by number, by id, or by a token's text: exact ones first, at most 50."""
    page = shown(workspace, question)
    axis = page.rows if question.axis == "row" else page.columns
    query = question.query
    if not axis or not query:
        return {"found": []}
    count = page.table.shape[page.table.axes.index(axis)]
    ids = _ids(workspace, page.table, axis, 0, count)
    by_number = [int(query)] if query.strip().isascii() and query.strip().isdigit() else []
    found = [index for index in by_number if index < count]
    if ids is not None and axis != "vocabulary":
        found += [index for index, token in enumerate(ids) if token in by_number]
    texts = [page.table.label(axis, index) for index in range(count)]
    word = query.strip().lower()
    ranked = sorted((_rank(text, query, word), index) for index, text in enumerate(texts)
                    if text and (query in text or (word and word in text.lower())))
    found += [index for _, index in ranked]
    return {"found": [{"index": index, "id": ids[index] if ids else None, "text": texts[index]}
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
