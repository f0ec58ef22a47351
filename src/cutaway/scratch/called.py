"""What a cell is called in messages, and what is said of a name that is not there."""

from collections.abc import Mapping

from cutaway.scratch.cell import Cell, Result
from cutaway.scratch.names import Names, what_was_meant
from cutaway.scratch.order import makers

Cells = Mapping[str, Cell]


def called(cells: Cells, id: str) -> str:
    """The words for a cell: "queen (cell 2)"."""
    number, name = list(cells).index(id) + 1, cells[id].name
    return f"{name} (cell {number})" if name else f"cell {number}"


def called_by_file(cells: Cells, file: str) -> str:
    """The words for the cell whose code bears the name of this file."""
    ids = [cell.id for cell in cells.values() if cell.file == file]
    return called(cells, ids[0]) if ids else "a cell that was deleted"


def who_makes(cells: Cells, results: Mapping[str, Result], names: Names, wrong: str) -> str:
    """What to do about a name that is not there: run the cell that makes it, or write another."""
    makes = makers(cells.values())
    if wrong not in makes:
        return what_was_meant(wrong, names, makes)
    cell = makes[wrong][-1]
    known = results.get(cell.id)
    why = "has an error" if known and known.state == "error" else "has not run yet"
    return f" It is made by {called(cells, cell.id)}, which {why}."
