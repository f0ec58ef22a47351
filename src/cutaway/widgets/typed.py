"""What the grid asks, and what was typed or pasted into it: numbers that go into a run."""

import math
from typing import Annotated, Any, Literal

from msgspec import Meta, Struct

from cutaway.errors import MessageError, ShapeMismatch
from cutaway.look import Matrix
from cutaway.studio.messages.fields import Index, Text
from cutaway.workbook import Run
from cutaway.workbook.selection import Selector

LARGEST = 3.4028234663852886e38  # of float32


class Tile(Struct, kw_only=True, tag_field="do", tag="tile"):
    """64 x 64 numbers of the page, now or before."""

    key: Any
    row: Index
    column: Index
    of: Literal["now", "before"] = "now"
    rows: Annotated[list[Index], Meta(min_length=1, max_length=64)] | None = None


class Order(Struct, kw_only=True, tag_field="do", tag="order"):
    """The rows as they are seen when they are sorted by a column."""

    key: Any
    column: Index
    descending: bool


class Labels(Struct, kw_only=True, tag_field="do", tag="labels"):
    """The texts of rows or columns."""

    key: Any
    axis: Literal["row", "column"]
    first: Index
    count: Annotated[int, Meta(ge=1, le=2**31 - 1)]
    rows: Annotated[list[Index], Meta(min_length=1, max_length=1000)] | None = None


class Edit(Struct, kw_only=True, tag_field="do", tag="edit"):
    """A number typed into a range of cells; both ends belong to it."""

    key: Any
    row: Index
    column: Index
    row_end: Index
    column_end: Index
    text: Text


class Paste(Struct, kw_only=True, tag_field="do", tag="paste"):
    """A block put down with its first cell here."""

    key: Any
    row: Index
    column: Index
    text: Text


Said = Tile | Order | Labels | Edit | Paste


def edited(run: Run, page: Matrix, message: Edit | Paste) -> Run:
    """The run with what the message says: one number for a range of cells, or a pasted block.

    Raises:  MessageError for text that is no number; ShapeMismatch, UnknownRow, BookError
    """
    row, column = message.row, message.column
    if isinstance(message, Edit):
        rows, columns = _along(row, message.row_end), _along(column, message.column_end)
        value: Any = typed_number(message.text)
    else:
        value = pasted_numbers(message.text)
        rows, columns = slice(row, row + len(value)), slice(column, column + len(value[0]))
        _expect_room(page, rows, columns)
        value = value if page.columns else [line[0] for line in value]
    return run.edit(page.table.name, value, **_selectors(page, rows, columns))


def typed_number(text: str) -> float:
    """A number as people write it, with a decimal comma if they like: 0.25, -3, 1e-4, 0,25.

    Raises:  MessageError for anything else, NaN and infinity among it
    """
    try:
        number = float(text.strip().replace("−", "-").replace(",", "."))
    except ValueError:
        number = math.nan
    if not abs(number) <= LARGEST:
        raise MessageError(f"{text.strip()!r:.60} is no number that can stand here. Write one such "
                           f"as 0.25, -3 or 1e-4.")
    return number


def pasted_numbers(text: str) -> list[list[float]]:
    """A block as a spreadsheet puts it on the clipboard: a line a row, tabs between the cells.

    Raises:  MessageError for a cell that is no number; ShapeMismatch for rows of different length
    """
    rows = [line.split("\t") for line in text.replace("\r\n", "\n").rstrip("\n").split("\n")]
    if len({len(row) for row in rows}) > 1:
        raise ShapeMismatch("The pasted rows have different numbers of columns. Copy a block "
                            "without gaps.")
    return [[typed_number(cell) for cell in row] for row in rows]


def _along(first: int, last: int) -> int | slice:
    return first if first == last else slice(first, last + 1)


def _expect_room(page: Matrix, rows: slice, columns: slice) -> None:
    """Raises:  ShapeMismatch for a block that reaches over the edge of the table"""
    n_rows, n_columns = page.array.shape
    if rows.stop > n_rows or columns.stop > n_columns:
        raise ShapeMismatch(
            f"The pasted block is {rows.stop - rows.start} x {columns.stop - columns.start}; from "
            f"row {rows.start}, column {columns.start} on, {page.table.name} has room for "
            f"{max(0, n_rows - rows.start)} x {max(0, n_columns - columns.start)}.")


def _selectors(page: Matrix, rows: int | slice, columns: int | slice) -> dict[str, Selector]:
    """The cells by axis, as a run selects them."""
    along = {page.rows: rows, page.columns: columns}
    return {**page.pages, **{axis: chosen for axis, chosen in along.items() if axis}}
