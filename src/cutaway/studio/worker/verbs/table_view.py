"""What is told of one table beside its numbers: formula, meaning, shape in words, checks."""

from typing import TYPE_CHECKING, Any

import numpy as np

from cutaway.axes import AXES
from cutaway.studio.messages import worker_questions as asked
from cutaway.studio.worker.verbs.tables import Matrix, shown
from cutaway.workbook import Table

if TYPE_CHECKING:
    from cutaway.studio.worker.workspace import Workspace

PLURALS = {"vocabulary": "tokens of the vocabulary", "embed": "numbers a token",
           "qkv": "numbers (query, key, value)", "joined": "numbers (all heads)",
           "head_embed": "numbers a head", "hidden": "neurons", "position": "positions",
           "source": "sources", "head": "heads", "block": "blocks", "batch": "prompts"}
INPUTS = {"ids": "The prompt as token ids.", "positions": "The places of the prompt's tokens."}
ROUNDING = 1e-4  # float32 rows of many numbers; a mistake is far larger


def sheet(workspace: "Workspace", question: asked.Shown) -> dict[str, Any]:
    """All that the page tells of a table; numbers come in tiles."""
    page = shown(workspace, question)
    table, run = page.table, workspace.run
    if table.name.startswith("scratch."):
        return _frame(page, "scratch", "A result of the scratch sheet.")
    name = table.name
    if name not in run.book.nodes:
        kind = "weight" if name in run.book.weights else "input"
        words = workspace.model.architecture.meaning(name) or INPUTS.get(name, "")
        return _frame(page, kind, words) | {
            "origin": table.provenance.origin, "dependents": run.dependents(name),
            "edited": name in run.edits, "edits": table.provenance.edits}
    node, own = run.book.nodes[name], workspace.model.book.nodes[name]
    return _frame(page, "step", node.step.explanation) | {
        "number": node.step.number, "sheet": node.sheet, "block": node.block,
        "step": node.step.name,
        "formula": node.step.formula, "formula_before": own.step.formula,
        "operations": [word for word in node.step.function.__code__.co_names
                       if word in _operations()],
        "seconds": run.seconds.get(name), "precedents": run.precedents(name),
        "dependents": run.dependents(name), "edited": name in run.edits,
        "edits": table.provenance.edits, "checks": checks(page, node.step.name)}


def _frame(page: Matrix, kind: str, explanation: str) -> dict[str, Any]:
    """What every table has."""
    table = page.table
    sizes = dict(zip(table.axes, table.shape, strict=True))
    lowest, largest = _range(page.array)
    return {
        "name": table.name, "kind": kind, "explanation": explanation,
        "shape_words": shape_words(table), "axes": list(table.axes), "size": list(table.shape),
        "rows": page.array.shape[0], "columns": page.array.shape[1],
        "row_axis": page.rows, "column_axis": page.columns,
        "row_words": AXES.get(page.rows, ""), "column_words": AXES.get(page.columns, ""),
        "pages": [{"axis": axis, "count": sizes[axis], "chosen": chosen}
                  for axis, chosen in page.pages.items()],
        "lowest": lowest, "largest": largest, "share": _is_share(page),
        "editable": kind in ("step", "weight"), "drawings": drawings(page),
        "precedents": [], "dependents": [], "checks": [], "edited": False, "edits": []}


def shape_words(table: Table) -> str:
    """6 heads × 8 positions × 8 sources"""
    return " × ".join(f"{count:,} {_counted(axis, count)}"
                      for axis, count in zip(table.axes, table.shape, strict=True))


def _counted(axis: str, count: int) -> str:
    words = PLURALS.get(axis, axis)
    return words.replace("s", "", 1) if count == 1 and words.endswith("s") and " " not in words \
        else words


def _range(array: np.ndarray) -> tuple[float, float]:
    """The lowest and the highest number that is finite."""
    finite = array if np.isfinite(array.sum(dtype=np.float64)) else array[np.isfinite(array)]
    return (float(finite.min()), float(finite.max())) if finite.size else (0.0, 0.0)


def _is_share(page: Matrix) -> bool:
    """Whether the numbers are shares of 1."""
    return page.table.name.endswith((".attention", "next_probabilities"))


def drawings(page: Matrix) -> list[str]:
    """The ways to draw a table; the grid's own two come first."""
    found = ["numbers", "heat"]
    if (page.rows, page.columns) == ("position", "source"):
        found.append("arcs")
    if page.table.name == "next_probabilities":
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


def checks(page: Matrix, step: str) -> list[dict[str, Any]]:
    """What must hold of a step's table, and whether it does; an edit may well break it."""
    array = page.array.astype(np.float64)
    found = []
    if step == "attention":
        sums = array.sum(axis=-1)
        found.append(_check("rows sum to 1", np.abs(sums - 1).max() < ROUNDING,
                            f"they are {sums.min():.4g} to {sums.max():.4g}"))
        ahead = np.triu(array, 1)
        found.append(_check("nothing looks ahead", not ahead.any(),
                            f"{np.count_nonzero(ahead)} above the diagonal are not 0"))
    elif step == "next_probabilities":
        total = float(array.sum())
        found.append(_check("sums to 1", abs(total - 1) < ROUNDING, f"{total:.6g}"))
    elif step in ("attention_normalised", "mlp_normalised", "final_normalised"):
        mean, variance = np.abs(array.mean(axis=-1)).max(), array.var(axis=-1)
        found.append(_check("rows have mean 0", mean < ROUNDING, f"at most {mean:.2g}"))
        off = np.abs(variance - 1).max()
        found.append(_check("rows have variance 1", off < 0.05,
                            f"{variance.min():.6g} to {variance.max():.6g}"))
    else:
        wrong = int((~np.isfinite(array)).sum())
        found.append(_check("every number is finite", not wrong, f"{wrong} are not"))
    return found


def _check(words: str, holds: Any, found: str) -> dict[str, Any]:
    return {"words": words, "ok": bool(holds), "found": found}


def _operations() -> dict[str, Any]:
    from cutaway.workbook.operations import OPERATIONS

    return OPERATIONS
