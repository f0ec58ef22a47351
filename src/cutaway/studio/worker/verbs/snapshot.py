"""The tables of the open book for a page that is kept: numbers, words, and what was left out."""

from base64 import b64encode
from typing import TYPE_CHECKING, Any

import numpy as np

from cutaway.studio.messages import worker_questions as asked
from cutaway.studio.worker.verbs import cells
from cutaway.studio.worker.verbs.table_view import table_view
from cutaway.workbook import Table

if TYPE_CHECKING:
    from cutaway.studio.worker.workspace import Workspace

LIKELIEST = 200  # tokens of the vocabulary that are kept of tables as wide as it
WORDS = ("kind", "explanation", "shape_words", "share", "edited", "edits", "number", "block",
         "formula", "formula_before", "precedents", "dependents", "origin", "checks")


def snapshot(workspace: "Workspace", question: asked.Snapshot) -> dict[str, Any]:
    """Every calculated table, the edited weights and the cells' results, up to a size.

    table    the one that is certain to be among them
    moved    those that come next, when there is not room for all
    bytes    how long all written numbers may be together
    returns  "tables", "left_out", "vocabulary" (the tokens that tables as wide as it were cut to)
             and "results" (what came of the cells); see `cutaway.studio.share.page_html`
    """
    room = question.bytes
    ids = _kept_ids(workspace)
    tables, left_out = [], []
    for name in _in_order(workspace, question):
        table = workspace.table(name)
        cut = _is_wide(workspace, table)
        array = table.array.take(ids, table.axes.index("vocabulary")) if cut else table.array
        length = 4 * -(-4 * array.size // 3)
        if length > room and tables:
            left_out.append({"name": name, "bytes": int(table.array.nbytes)})
            continue
        room -= length
        tables.append(_kept(workspace, table, array, cut))
    run, text_of = workspace.run, workspace.model.tokenizer.text_of
    weights = [name for name in run.book.weights if name not in run.edits]
    return {"tables": tables, "left_out": left_out,
            "weights": {"count": len(weights), "parameters": sum(
                int(np.prod([run.book.sizes[axis] for axis in run.book.axes(name)]))
                for name in weights)},
            "vocabulary": [{"id": id, "text": text_of(id)} for id in ids],
            "results": cells.results_of(workspace)}


def _in_order(workspace: "Workspace", question: asked.Snapshot) -> list[str]:
    """The names of the tables, those first that matter most."""
    run = workspace.run
    own = [*run.book.nodes, *(name for name in run.book.weights if name in run.edits), "ids"]
    first = [question.table, *run.edits, *question.moved,
             run.book.find_role("next_probabilities")]
    known = {*own, *(made := _made_by_cells(workspace)), *run.book.weights}
    return list(dict.fromkeys([*(name for name in first if name in known), *made, *own]))


def _made_by_cells(workspace: "Workspace") -> list[str]:
    """The results of cells that are tables."""
    results = cells.results_of(workspace).values()
    return [result["table"] for result in results
            if result.get("table") and result["state"] == "done"]


def _kept_ids(workspace: "Workspace") -> list[int]:
    """The likeliest next tokens and those of the prompt, in the vocabulary's order."""
    book, best = workspace.run.book, range(0)
    if name := book.find_role("next_logits") or book.find_role("next_probabilities"):
        best = np.argsort(-workspace.table(name).array, kind="stable")[:LIKELIEST]
    return sorted({*map(int, best), *map(int, workspace.run.ids)})


def _is_wide(workspace: "Workspace", table: Table) -> bool:
    """Whether a table has a row or a column for every token of the vocabulary."""
    wide = workspace.run.book.sizes["vocabulary"]
    return ("vocabulary", wide) in zip(table.axes, table.shape, strict=True)


def _kept(workspace: "Workspace", table: Table, array: np.ndarray, cut: bool) -> dict[str, Any]:
    """One table: its words, its axes with their labels, and its numbers."""
    words = table_view(workspace, asked.TableView(table.name))
    numbers = np.ascontiguousarray(array, dtype="<f4").tobytes()
    return {"name": table.name, **{name: words.get(name) for name in WORDS},
            "axes": list(table.axes), "shape": list(array.shape), "whole": list(table.shape),
            "cut": cut, "labels": _labels(workspace, table),
            "numbers": b64encode(numbers).decode("ascii")}


def _labels(workspace: "Workspace", table: Table) -> dict[str, Any]:
    """For each axis whose rows are tokens: "prompt", "vocabulary", or the texts themselves."""
    own = table.name.startswith("scratch.")
    weight = table.name in workspace.run.book.weights
    found: dict[str, Any] = {}
    for axis, count in zip(table.axes, table.shape, strict=True):
        if axis == "vocabulary" and _is_wide(workspace, table):
            found[axis] = "vocabulary"
        elif own:
            texts = [table.label(axis, index) for index in range(count)]
            found |= {axis: texts} if any(texts) else {}
        elif axis in ("position", "source") and not weight:
            found[axis] = "prompt"
    return found
