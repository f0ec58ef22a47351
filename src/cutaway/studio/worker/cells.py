"""The scratch sheet of an open book: its cells run, and shown on the page.

A cell on the page is known by its id; its source comes with every request to run it.
"""

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from cutaway.errors import MessageError, UnknownTable
from cutaway.scratch import Cell, Result, Scratch
from cutaway.scratch.shown import in_text
from cutaway.studio.message import Message
from cutaway.studio.worker.cell_shown import shown
from cutaway.studio.worker.debugger import Stopped
from cutaway.workbook import Table

if TYPE_CHECKING:
    from cutaway.studio.worker.workspace import Workspace

MOST_CELLS = 1000
MOST_SOURCE = 200_000
PREFIX = "scratch."


class PageScratch(Scratch):
    """A scratch sheet that tells the page what happens to its cells.

    told   what the page was last told of each cell, by id
    lines  how many lines were typed on the console
    """

    def __init__(self, workspace: "Workspace"):
        super().__init__(workspace.run, workspace.model)
        self.told: dict[str, dict[str, Any]] = {}
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

        Raises:  KeyboardInterrupt, Stopped; what has come of the cells is told before
        """
        try:
            for result in results:
                self._tell(result.cell)
        except BaseException:
            for id, told in list(self.told.items()):
                if told["state"] == "running":
                    self._tell(id)
            raise

    def take(self, cells: list[Cell]) -> None:
        """The cells as the page has them now."""
        self.tell(iter(self.put(cells)))
        for id in self.told.keys() - self.results.keys():
            del self.told[id]

    def _tell(self, id: str) -> None:
        self._workspace.output.settle()
        self._push(id, shown(self, id))

    def _push(self, id: str, told: dict[str, Any]) -> None:
        self.told[id] = told
        self._workspace.push({"push": "cell", "cell": id, "result": told})


# ---- Jobs: they run code ---------------------------------------------------------------------


def cell_run(workspace: "Workspace", message: Message) -> dict[str, Any]:
    """Run one cell, and the formulas that read it.  Raises:  MessageError, KeyboardInterrupt"""
    scratch, id = _with_cells(workspace, message), message.text("cell", 40)
    _check_cell(scratch, id)
    scratch.tell(scratch.calculate(id))
    return {"cell": id, "result": scratch.told[id]}


def cell_run_to(workspace: "Workspace", message: Message) -> dict[str, Any]:
    """Run the cells from the first down to this one; ends at the first error.

    Raises:  MessageError, KeyboardInterrupt
    """
    scratch, id = _with_cells(workspace, message), message.text("cell", 40)
    _check_cell(scratch, id)
    scratch.tell(scratch.calculate_all(until=id))
    return {"cell": id, "result": scratch.told.get(id)}


def cell_run_all(workspace: "Workspace", message: Message) -> dict[str, Any]:
    """Run all cells, the first first; ends at the first error.  Raises:  KeyboardInterrupt"""
    scratch = _with_cells(workspace, message)
    scratch.tell(scratch.calculate_all())
    return {}


def cell_eval(workspace: "Workspace", message: Message) -> dict[str, Any]:
    """What a line on the console gives, as text.  Raises:  CodeError, KeyboardInterrupt"""
    scratch = _with_cells(workspace, message)
    scratch.lines += 1
    value, follows = scratch.evaluate(message.text("source", MOST_SOURCE), scratch.lines)
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


def cell_results(workspace: "Workspace", message: Message) -> dict[str, Any]:
    """What has come of the cells so far, for a page that has just been opened."""
    scratch = workspace.cells
    return {"results": dict(scratch.told) if isinstance(scratch, PageScratch) else {}}


def cell_names(workspace: "Workspace", message: Message) -> dict[str, Any]:
    """All that a cell can name, each with what it is."""
    scratch = workspace.cells or Scratch(workspace.run, workspace.model)
    return {"names": [*scratch.names.listed(), *(
        {"name": name, "kind": "cell", "words": "made on the scratch sheet"}
        for name in scratch.space.made())]}


def table_of(workspace: "Workspace", name: str) -> Table:
    """What a cell has made, as a table: `scratch.queen`.

    Raises:  UnknownTable; ShapeMismatch when it is no block of numbers
    """
    if workspace.cells is None:
        raise UnknownTable(f"{name}: no cell of the scratch sheet has run yet. Run it first.")
    return workspace.cells.table(name.removeprefix(PREFIX))


# ---- Taking over what the page has -----------------------------------------------------------


def _with_cells(workspace: "Workspace", message: Message) -> PageScratch:
    """The scratch sheet with the cells and the run of this moment."""
    cells = [_cell(message, fields) for fields in message.items("cells", MOST_CELLS)]
    scratch = workspace.cells
    if not isinstance(scratch, PageScratch):
        scratch = workspace.cells = PageScratch(workspace)
    scratch.take(cells)
    if scratch.names.run is not workspace.run:
        scratch.tell(scratch.use(workspace.run, workspace.model))
    return scratch


def _cell(message: Message, fields: Any) -> Cell:
    one = Message(fields)
    return Cell(one.text("cell", 40), one.choice("kind", ("formula", "code")),
                one.text("name", 100, default=""), one.text("source", MOST_SOURCE, default=""))


def _check_cell(scratch: Scratch, id: str) -> None:
    if id not in scratch.cells:
        raise MessageError(f"There is no cell {id!r} any more. Another tab may have deleted it.")
