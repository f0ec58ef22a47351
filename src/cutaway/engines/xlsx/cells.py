"""What is written on a sheet, row by row: constant memory, every digit.

A sheet is a list of pieces (a word, a block of numbers, a block filled by one formula), each of
which knows its rows. They are written from the top down, so that only one row is in memory.
"""

from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from xlsxwriter.format import Format
from xlsxwriter.utility import quote_sheetname, xl_col_to_name
from xlsxwriter.worksheet import Worksheet

from cutaway.engines.xlsx.forms import MASKED


@dataclass(frozen=True)
class _Run:
    """Numbers side by side in one row. `_write_cell` of ExactSheet knows it by its class."""

    numbers: list[float]
    format: Format


class ExactSheet(Worksheet):
    """A worksheet that writes numbers with all their digits, and whole rows of them quickly.

    XlsxWriter writes 16 digits; a float64 needs 17 to come back the same.
    """

    def write_run(self, row: int, column: int, numbers: list[float], style: Format) -> None:
        """Numbers side by side.  row: not above one that was written before"""
        last = column + len(numbers) - 1
        if self._check_dimensions(row, column) or self._check_dimensions(row, last):
            raise ValueError(f"{self.name}: row {row}, columns {column} to {last} are no cells")
        if row > self.previous_row:
            self._write_single_row(row)
        self.table[row][column] = _Run(numbers, style)

    def paper(self, first: int, last: int, width: float, style: Format) -> None:
        """Columns of a width, in a colour where they are empty; once all rows are written.

        The sheet does not count as wider for it: XlsxWriter would visit every column in every row.
        """
        used = self.dim_colmin, self.dim_colmax
        self.set_column(first, last, width, style)
        self.dim_colmin, self.dim_colmax = used

    def _prepare_formula(self, formula: str, expand_future_functions: bool = False) -> str:
        """A formula without its sign: the forms write newer functions with their prefix.

        XlsxWriter would look for thirty functions' names in each, a third of the time of writing.
        """
        return formula.removeprefix("{").removeprefix("=").removesuffix("}")

    def _write_cell(self, row: int, col: int, cell: Any) -> None:
        if not isinstance(cell, _Run):
            super()._write_cell(row, col, cell)
            return
        style, line = cell.format._get_xf_index(), row + 1
        self.fh.write("".join(
            [f'<c r="{_letters(col + place)}{line}" s="{style}"><v>{number!r}</v></c>'
             for place, number in enumerate(cell.numbers)]))


_LETTERS: list[str] = []


def _letters(column: int) -> str:
    """A column's letters; remembered, because they are needed millions of times."""
    while column >= len(_LETTERS):
        _LETTERS.append(xl_col_to_name(len(_LETTERS)))
    return _LETTERS[column]


@dataclass(frozen=True)
class Words:
    """A text that stays text, whatever it begins with."""

    row: int
    column: int
    text: str
    format: Format
    n_rows: int = 1

    def write(self, sheet: ExactSheet, row: int) -> int:
        sheet.write_string(row, self.column, self.text, self.format)
        return 1


@dataclass(frozen=True)
class Formula:
    """A formula in one cell, with the value that it has now."""

    row: int
    column: int
    formula: str
    value: Any
    format: Format
    n_rows: int = 1

    def write(self, sheet: ExactSheet, row: int) -> int:
        sheet.write_formula(row, self.column, f"={self.formula}", self.format, self.value)
        return 1


@dataclass(frozen=True)
class Link:
    """A word that leads to another page."""

    row: int
    column: int
    page: str
    text: str
    format: Format
    n_rows: int = 1

    def write(self, sheet: ExactSheet, row: int) -> int:
        sheet.write_url(row, self.column, f"internal:{quote_sheetname(self.page)}!A1",
                        self.format, self.text)
        return 1


class ExactRows:
    """A parameter's rows as float64, made one at a time: nothing is copied whole."""

    def __init__(self, array: np.ndarray):
        self._array = array if array.ndim > 1 else array[None]

    def __len__(self) -> int:
        return len(self._array)

    def __getitem__(self, row: int) -> np.ndarray:
        return self._array[row].astype(np.float64)


@dataclass(frozen=True)
class Numbers:
    """A block of plain numbers."""

    row: int
    column: int
    array: np.ndarray | ExactRows
    format: Format

    @property
    def n_rows(self) -> int:
        return len(self.array)

    def write(self, sheet: ExactSheet, row: int) -> int:
        numbers = self.array[row - self.row].tolist()
        sheet.write_run(row, self.column, numbers, self.format)
        return len(numbers)


@dataclass(frozen=True)
class ArrayFormula:
    """A block of cells that one formula fills, with the numbers that it gives now."""

    row: int
    column: int
    formula: str
    array: np.ndarray
    format: Format

    @property
    def n_rows(self) -> int:
        return len(self.array)

    def write(self, sheet: ExactSheet, row: int) -> int:
        numbers = np.maximum(self.array[row - self.row], MASKED).tolist()
        if row > self.row:
            sheet.write_run(row, self.column, numbers, self.format)
            return len(numbers)
        sheet.write_array_formula(
            row, self.column, row + self.n_rows - 1, self.column + len(numbers) - 1,
            f"{{={self.formula}}}", self.format, numbers[0])
        if len(numbers) > 1:
            sheet.write_run(row, self.column + 1, numbers[1:], self.format)
        return len(numbers)


@dataclass(frozen=True)
class Rows:
    """Rows that are made when they are written: a long table need not be in memory.

    line  line(index) gives the cells of one row: a text, a whole number or None each
    """

    row: int
    column: int
    n_rows: int
    line: Callable[[int], Sequence[str | int | None]]
    format: Format

    def write(self, sheet: ExactSheet, row: int) -> int:
        for place, cell in enumerate(self.line(row - self.row)):
            if isinstance(cell, str):
                sheet.write_string(row, self.column + place, cell, self.format)
            elif cell is not None:
                sheet.write_number(row, self.column + place, cell, self.format)
        return 1


Piece = Words | Formula | Link | Numbers | ArrayFormula | Rows


@dataclass
class Page:
    """One sheet while it is being put together.

    finish  what is said to the worksheet once its rows are written: colours by value, charts
    columns  widths, from the first column of a range to its last
    heights  of the rows that are not as high as the others, in points
    """

    name: str
    pieces: list[Piece] = field(default_factory=list)
    columns: list[tuple[int, int, float]] = field(default_factory=list)
    heights: dict[int, float] = field(default_factory=dict)
    finish: list[Callable[[ExactSheet], Any]] = field(default_factory=list)

    def words(self, row: int, column: int, text: str, style: Format) -> None:
        self.pieces.append(Words(row, column, text, style))

    def formula(self, row: int, column: int, formula: str, value: Any, style: Format) -> None:
        self.pieces.append(Formula(row, column, formula, value, style))

    def write(self, sheet: ExactSheet) -> Iterator[int]:
        """Every row from the top; how many numbers each held."""
        starting = defaultdict(list)
        for piece in self.pieces:
            starting[piece.row].append(piece)
        bottom = max((piece.row + piece.n_rows for piece in self.pieces), default=0)
        active: list[Piece] = []
        for row in range(bottom):
            active = [piece for piece in active if row < piece.row + piece.n_rows]
            active += starting.pop(row, [])
            if row in self.heights:
                sheet.set_row(row, self.heights[row])
            yield sum(piece.write(sheet, row) for piece in active)

