"""The scratch sheet of an open book: its cells run, and shown on the page.

A cell on the page is known by its id; its source comes with every request to run it.
"""

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import numpy as np

from cutaway.errors import MessageError
from cutaway.scratch import Cell, Neighbours, Result, Scratch
from cutaway.scratch.shown import in_text, in_words, is_block, table_from
from cutaway.studio.messages import worker_questions as asked
from cutaway.studio.worker.runtime.debugger import Stopped
from cutaway.workbook import Provenance, Table

if TYPE_CHECKING:
    from cutaway.studio.worker.workspace import Workspace

MOST_ROWS, MOST_COLUMNS = 8, 12
MOST_NAMES = 20  # that a code cell made, listed below it


class PageScratch(Scratch):
    """A scratch sheet that tells the page what happens to its cells.

    sent   what the page has of each cell, by id
    lines  how many lines were typed on the console
    """

    def __init__(self, workspace: "Workspace"):
        super().__init__(workspace.run, workspace.model)
        self.sent: dict[str, dict[str, Any]] = {}
        self.lines = 0
        self._workspace = workspace

    def begins(self, cell: Cell) -> None:
        """What is printed from here on is this cell's."""
        output = self._workspace.output
        output.settle()
        output.begin(cell.id)
        self._push(cell.id, {"state": "running"})

    def tell(self, results: Iterator[Result]) -> None:
        """Have cells run, and tell what comes of each as soon as it is there.

        Raises:  KeyboardInterrupt, Stopped; what has come of the cells is sent before
        """
        try:
            for result in results:
                self._tell(result.cell)
        except BaseException:
            for id, result in list(self.sent.items()):
                if result["state"] == "running":
                    self._tell(id)
            raise

    def take(self, cells: list[Cell]) -> None:
        """The cells as the page has them now."""
        self.tell(iter(self.put(cells)))
        for id in self.sent.keys() - self.results.keys():
            del self.sent[id]

    def _tell(self, id: str) -> None:
        self._workspace.output.settle()
        self._push(id, shown(self, id))

    def _push(self, id: str, result: dict[str, Any]) -> None:
        self.sent[id] = result
        self._workspace.push({"push": "cell", "cell": id, "result": result})


# ---- Jobs: they run code ---------------------------------------------------------------------


def cell_run(workspace: "Workspace", question: asked.CellRun) -> dict[str, Any]:
    """Run one cell, and the formulas that read it.  Raises:  MessageError, KeyboardInterrupt"""
    scratch, id = _with_cells(workspace, question), question.cell
    _check_cell(scratch, id)
    scratch.tell(scratch.calculate(id))
    return {"cell": id, "result": scratch.sent[id]}


def cell_run_to(workspace: "Workspace", question: asked.CellRunTo) -> dict[str, Any]:
    """Run the cells from the first down to this one; ends at the first error.

    Raises:  MessageError, KeyboardInterrupt
    """
    scratch, id = _with_cells(workspace, question), question.cell
    _check_cell(scratch, id)
    scratch.tell(scratch.calculate_all(until=id))
    return {"cell": id, "result": scratch.sent.get(id)}


def cell_run_all(workspace: "Workspace", question: asked.CellRunAll) -> dict[str, Any]:
    """Run all cells, the first first; ends at the first error.  Raises:  KeyboardInterrupt"""
    scratch = _with_cells(workspace, question)
    scratch.tell(scratch.calculate_all())
    return {}


def cell_eval(workspace: "Workspace", question: asked.CellEval) -> dict[str, Any]:
    """What a line on the console gives, as text.  Raises:  CodeError, KeyboardInterrupt"""
    scratch = _with_cells(workspace, question)
    scratch.lines += 1
    value, follows = scratch.evaluate(question.source, scratch.lines)
    scratch.tell(follows)
    return {"text": in_text(value) or "done"}


def refresh(workspace: "Workspace") -> None:
    """After a change of the run: the formulas that read what changed are calculated again.

    An interrupt ends it, and no more: the cells say that they are stale, and the change stands.
    """
    scratch = workspace.cells
    if not isinstance(scratch, PageScratch):
        return
    try:
        scratch.tell(scratch.use(workspace.run, workspace.model))
    except (KeyboardInterrupt, Stopped):
        return


# ---- Views: they show what is there ----------------------------------------------------------


def cell_results(workspace: "Workspace", question: asked.CellResults) -> dict[str, Any]:
    """What has come of the cells so far, for a page that has just been opened."""
    return {"results": results_of(workspace)}


def results_of(workspace: "Workspace") -> dict[str, dict[str, Any]]:
    """What has come of each cell, by its id."""
    scratch = workspace.cells
    return dict(scratch.sent) if isinstance(scratch, PageScratch) else {}


def cell_names(workspace: "Workspace", question: asked.CellNames) -> dict[str, Any]:
    """All that a cell can name, each with what it is."""
    scratch = workspace.cells or Scratch(workspace.run, workspace.model)
    return {"names": [*scratch.names.listed(), *(
        {"name": name, "kind": "cell", "words": "made on the scratch sheet"}
        for name in scratch.space.made())]}


# ---- Taking over what the page has -----------------------------------------------------------


def _with_cells(workspace: "Workspace", question: asked.WithCells) -> PageScratch:
    """The scratch sheet with the cells and the run of this moment."""
    cells = [Cell(one.cell, one.kind, one.name, one.source) for one in question.cells]
    scratch = workspace.cells
    if not isinstance(scratch, PageScratch):
        scratch = workspace.cells = PageScratch(workspace)
    scratch.take(cells)
    if scratch.names.run is not workspace.run:
        scratch.tell(scratch.use(workspace.run, workspace.model))
    return scratch


def _check_cell(scratch: Scratch, id: str) -> None:
    if id not in scratch.cells:
        raise MessageError(f"There is no cell {id!r} any more. Another tab may have deleted it.")


def shown(scratch: Scratch, id: str) -> dict[str, Any]:
    """A cell's result: state, message, line, count, seconds, and the value as words, text, numbers.

    table    the name under which the grid shows the value; None when it cannot
    preview  the first rows and columns of a table
    ranking  tokens, the nearest first
    made     the names that a code cell has made, each with what it is
    """
    cell, result = scratch.cells[id], scratch.results[id]
    answer = {"state": result.state, "message": result.message, "line": result.line,
            "count": result.count, "seconds": result.seconds, "table": None, "shape_words": "",
            "text": "", "made": _made(scratch, cell)}
    if result.value is None:
        return answer
    return answer | _value(cell, result)


def _value(cell: Cell, result: Result) -> dict[str, Any]:
    value = result.value
    answer: dict[str, Any] = {"shape_words": in_words(value)}
    if is_block(value):
        named = bool(cell.name) and cell.name not in cell.words.makes
        answer["table"] = f"scratch.{cell.name}" if named else None
    if isinstance(value, Neighbours):
        return answer | {"ranking": [one._asdict() for one in value[:MOST_ROWS * 4]]}
    if is_block(value):
        return answer | {"preview": preview(table_from("", value, Provenance()))}
    return answer | {"text": in_text(value)}


def _made(scratch: Scratch, cell: Cell) -> list[dict[str, Any]]:
    """The names that a code cell left behind: values, not the functions and modules."""
    made = scratch.space.made()
    found = []
    for name in sorted(cell.words.makes, key=lambda word: cell.words.makes[word]):
        if name in made and not callable(value := scratch[name]) and not _is_module(value):
            found.append({"name": name, "words": in_words(value),
                          "table": f"scratch.{name}" if is_block(value) else None})
    return found[:MOST_NAMES]


def _is_module(value: Any) -> bool:
    return type(value).__name__ == "module"


def preview(table: Table) -> dict[str, Any]:
    """The first rows and columns of a table's first page. One axis alone is shown as a row.

    numbers that are not finite are texts: "inf", "-inf", "nan"
    """
    array, axes = table.array, table.axes
    *pages, row_axis, column_axis = axes if len(axes) > 1 else ("", *axes)
    page = array[(0,) * len(pages)] if pages else np.atleast_2d(array)
    part = page[:MOST_ROWS, :MOST_COLUMNS]
    finite = array[np.isfinite(array)] if not np.isfinite(array).all() else array
    return {"rows": [[_number(cell) for cell in row] for row in part],
            "row_axis": row_axis, "column_axis": column_axis,
            "row_labels": _labels(table, row_axis, len(part)),
            "column_labels": _labels(table, column_axis, part.shape[1]),
            "n_rows": page.shape[0], "n_columns": page.shape[1],
            "pages": [{"axis": axis, "count": count} for axis, count
                      in zip(pages, array.shape, strict=False)],
            "lowest": float(finite.min()) if finite.size else 0.0,
            "largest": float(finite.max()) if finite.size else 0.0}


def _labels(table: Table, axis: str, count: int) -> list[str]:
    return [table.label(axis, index) for index in range(count)] if axis else []


def _number(cell: Any) -> float | str:
    """A number with six digits, or its name where JSON has none for it."""
    return float(f"{cell:.6g}") if np.isfinite(cell) else str(float(cell))
