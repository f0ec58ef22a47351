"""All that the page shows of one table beside its numbers: formula, meaning, shape, checks."""

from dataclasses import asdict
from typing import TYPE_CHECKING, Any

import numpy as np

from cutaway.axes import AXES
from cutaway.look import Matrix, checks, is_shares, number_range, shape_words
from cutaway.look.arithmetic import number_in
from cutaway.studio.messages import worker_questions as asked
from cutaway.studio.worker.verbs.tables import shown
from cutaway.workbook.operations import OPERATIONS

if TYPE_CHECKING:
    from cutaway.studio.worker.workspace import Workspace

INPUTS = {"ids": "The prompt as token ids.", "positions": "The places of the prompt's tokens."}


def table_view(workspace: "Workspace", question: asked.Shown) -> dict[str, Any]:
    """All that the page shows of a table; numbers come in tiles."""
    page = shown(workspace, question)
    table, run, own = page.table, workspace.run, workspace.model.book
    name = table.name
    if name.startswith("scratch."):
        return _frame(page, "scratch", "A result of the scratch sheet.")
    if name not in run.book.nodes:
        kind = "weight" if name in run.book.weights else "input"
        words = workspace.model.architecture.meaning(name) or INPUTS.get(name, "")
        return _frame(page, kind, words) | {
            "origin": table.provenance.origin, "dependents": run.dependents(name),
            "edited": name in run.edits, "edits": table.provenance.edits}
    node = run.book.nodes[name]
    return _frame(page, "step", node.step.explanation) | {
        "share": is_shares(run.book, name) or is_shares(own, name),
        "drawings": drawings(page, is_made=True,
                             is_prediction=run.book.role_of(name) == "next_probabilities"),
        "number": node.step.number, "sheet": node.sheet, "block": node.block,
        "step": node.step.name,
        "formula": node.step.formula, "formula_before": own.nodes[name].step.formula,
        "operations": [word for word in node.step.function.__code__.co_names
                       if word in OPERATIONS],
        "constants": [word for word, read in zip(node.step.parameters, node.reads, strict=True)
                      if read in run.book.constants],
        "seconds": run.seconds.get(name), "precedents": run.precedents(name),
        "dependents": run.dependents(name), "edited": name in run.edits,
        "edits": table.provenance.edits, "checks": [asdict(one) for one in checks(own, page)]}


def _frame(page: Matrix, kind: str, explanation: str) -> dict[str, Any]:
    """What every table has."""
    table = page.table
    sizes = dict(zip(table.axes, table.shape, strict=True))
    lowest, largest = number_range(page.array)
    return {
        "name": table.name, "kind": kind, "explanation": explanation,
        "shape_words": shape_words(table), "axes": list(table.axes), "size": list(table.shape),
        "rows": page.array.shape[0], "columns": page.array.shape[1],
        "row_axis": page.rows, "column_axis": page.columns,
        "row_words": AXES.get(page.rows, ""), "column_words": AXES.get(page.columns, ""),
        "pages": [{"axis": axis, "count": sizes[axis], "chosen": chosen}
                  for axis, chosen in page.pages.items()],
        "lowest": lowest, "largest": largest, "share": False,
        "editable": kind in ("step", "weight"), "drawings": drawings(page),
        "precedents": [], "dependents": [], "checks": [], "edited": False, "edits": []}


def drawings(page: Matrix, *, is_made: bool = False, is_prediction: bool = False) -> list[str]:
    """The ways to draw a table; the grid's own two come first.

    is_made  whether a formula makes it: then there is a picture of how
    """
    found = ["numbers", "heat"] + ["picture"] * is_made
    if (page.rows, page.columns) == ("position", "source"):
        found += ["arcs"] + ["heads"] * (is_made and page.array.ndim < page.table.array.ndim)
    if is_prediction:
        found.append("bars")
    return [*found, "histogram"]


def histogram(workspace: "Workspace", question: asked.Histogram) -> dict[str, Any]:
    """How often which size of number stands in a page: 60 bins, and what is not finite."""
    array = shown(workspace, question).array
    finite = array[np.isfinite(array)]
    counts, edges = np.histogram(finite, bins=60)
    return {"counts": counts.tolist(), "edges": edges.tolist(), "total": int(array.size),
            "not_finite": int(array.size - finite.size), "zeros": int((array == 0).sum()),
            "mean": float(finite.mean()) if finite.size else 0.0,
            "deviation": float(finite.std()) if finite.size else 0.0}


def range_sum(workspace: "Workspace", question: asked.RangeSum) -> dict[str, Any]:
    """Sum, mean and count of a range of cells, in float64; what is infinite gives none."""
    page = shown(workspace, question)
    part = page.array[question.row:question.row_end + 1, question.column:question.column_end + 1]
    numbers = part.astype(np.float64)
    total, mean = float(numbers.sum()), float(numbers.mean()) if numbers.size else 0.0
    return {"count": int(numbers.size), "sum": total if np.isfinite(total) else None,
            "mean": mean if np.isfinite(mean) else None}


def calculate(workspace: "Workspace", question: asked.Calculate) -> dict[str, Any]:
    """The number that is meant by arithmetic, a percentage, or a sum over tables."""
    return {"value": workspace.in_main(lambda: number_in(question.text, workspace.run))}
