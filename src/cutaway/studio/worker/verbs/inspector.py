"""All that is known of one cell: its value now and before, where it comes from, what made it."""

from typing import TYPE_CHECKING, Any

import numpy as np
from msgspec.structs import replace

from cutaway.errors import UnknownRow
from cutaway.look import Matrix
from cutaway.studio.messages import worker_questions as asked
from cutaway.studio.worker.verbs.tables import shown
from cutaway.studio.worker.verbs.terms import every_product, terms

if TYPE_CHECKING:
    from cutaway.studio.worker.workspace import Workspace


def cell(workspace: "Workspace", question: asked.Cell) -> dict[str, Any]:
    """One number of a table, and its whole story.

    Raises:  UnknownRow for a cell outside the table
    """
    page = shown(workspace, question)
    row, column = question.row, question.column
    _check(page, row, column)
    table, run = page.table, workspace.run
    value = float(page.array[row, column])
    place = page.cells(row, column)
    answer: dict[str, Any] = {
        "table": table.name, "value": _plain(value), "words": f"{value:.9g}",
        "address": _address(page, place), "labels": _labels(page, place), "before": None,
        "origin": "", "terms": None, "edited": False}
    if table.name.startswith("scratch."):
        return answer
    answer["before"] = _before(workspace, question, value)
    answer["edits"] = list(table.provenance.edits)
    if table.name in run.book.weights:
        numbers = ", ".join(f"{axis} {index}" for axis, index in place.items())
        answer["origin"] = f"{table.provenance.origin}, {numbers}"
        return answer
    index = tuple(place[axis] for axis in table.axes)
    answer["terms"] = workspace.in_main(lambda: terms(run, table.name, index))
    return answer


def products(workspace: "Workspace", question: asked.Products) -> dict[str, Any]:
    """Every product of the row and the column behind a number, to be stepped through.

    returns  what `every_product` gives; empty where no tables were multiplied
    """
    page = shown(workspace, question)
    row, column = question.row, question.column
    _check(page, row, column)
    place, run, name = page.cells(row, column), workspace.run, page.table.name
    index = tuple(place[axis] for axis in page.table.axes)
    return workspace.in_main(lambda: every_product(run, name, index)) or {}


def _check(page: Matrix, row: int, column: int) -> None:
    n_rows, n_columns = page.array.shape
    if row >= n_rows or column >= n_columns:
        raise UnknownRow(f"{page.table.name} has no cell in row {row}, column {column}: it is "
                         f"{n_rows} x {n_columns}, counted from 0.")


def _before(workspace: "Workspace", question: asked.Cell, value: float) -> float | None:
    """The value without the edits, where it was another."""
    if not workspace.edited:
        return None
    before = shown(workspace, replace(question, of="before")).array
    row, column = question.row, question.column
    if row >= before.shape[0] or column >= before.shape[1]:
        return None
    number = float(before[row, column])
    return None if number == value else _plain(number)


def _plain(value: float) -> float | None:
    """A number as JSON can hold it; infinity is none."""
    return value if np.isfinite(value) else None


def _address(page: Matrix, place: dict[str, int]) -> str:
    """h3.attention[head=1, position=5, source=1]"""
    return f"{page.table.name}[{', '.join(f'{axis}={i}' for axis, i in place.items())}]"


def _labels(page: Matrix, place: dict[str, int]) -> list[dict[str, Any]]:
    """Each axis with its index, counted from 1 as well, and the token there if it is one."""
    return [{"axis": axis, "index": index, "count_from_1": index + 1,
             "text": page.table.label(axis, index)} for axis, index in place.items()]
