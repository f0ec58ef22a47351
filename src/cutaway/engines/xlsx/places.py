"""Where tables lie: rectangles of cells with names, within what the format can hold."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field

from xlsxwriter.utility import quote_sheetname, xl_range_abs

from cutaway.errors import UnsupportedStep

MOST_ROWS, MOST_COLUMNS = 1_048_576, 16_384
Front = tuple[int, ...]


@dataclass(frozen=True)
class Place:
    """The rectangle of cells that holds a table's rows and columns, or those of one head.

    row, column  its first cell, counted from 0
    n_rows, n_columns  as the cells lie
    down         whether the table's last axis runs down the rows, as that of the vocabulary does
    name         its defined name: what formulas call it
    """

    sheet: str
    row: int
    column: int
    n_rows: int
    n_columns: int
    down: bool
    name: str

    @property
    def address(self) -> str:
        """All of it, as formulas on any sheet write it."""
        return self._range(0, 0, self.n_rows, self.n_columns)

    def columns(self, first: int, count: int) -> str:
        """Some of the table's columns, which are rows of cells where it runs down."""
        if self.down:
            return self._range(first, 0, count, self.n_columns)
        return self._range(0, first, self.n_rows, count)

    def line(self, index: int) -> str:
        """One of the table's rows, which is a column of cells where it runs down."""
        if self.down:
            return self._range(0, index, self.n_rows, 1)
        return self._range(index, 0, 1, self.n_columns)

    def rectangle(self, row: int, n_rows: int, column: int, n_columns: int) -> str:
        """Some of the table's rows and columns."""
        if self.down:
            return self._range(column, row, n_columns, n_rows)
        return self._range(row, column, n_rows, n_columns)

    def _range(self, row: int, column: int, n_rows: int, n_columns: int) -> str:
        first, left = self.row + row, self.column + column
        cells = xl_range_abs(first, left, first + n_rows - 1, left + n_columns - 1)
        return f"{quote_sheetname(self.sheet)}!{cells}"


def cell_name(table: str, front: Front = ()) -> str:
    """What formulas call a table: `h3.attention`, head 1, is t_h3_attention_head1.

    The prefix is there because h1 or wte1 alone would be the address of a cell.
    """
    heads = "".join(f"_head{index}" for index in front)
    return "t_" + re.sub(r"\W", "_", table) + heads


@dataclass
class Places:
    """Where every table, every part of a formula and every row helper lies, by its name."""

    by_name: dict[str, Mapping[Front, Place]] = field(default_factory=dict)

    def put(self, table: str, fronts: Mapping[Front, Place]) -> None:
        """Enter a table.

        Raises:  UnsupportedStep naming a table that is larger than a sheet
        """
        for place in fronts.values():
            bottom, right = place.row + place.n_rows, place.column + place.n_columns
            if bottom > MOST_ROWS or right > MOST_COLUMNS:
                raise UnsupportedStep(
                    f"{table} does not fit on a spreadsheet: it would reach row {bottom:,} and "
                    f"column {right:,}, and a sheet has {MOST_ROWS:,} rows and {MOST_COLUMNS:,} "
                    f"columns. Choose fewer positions or a smaller model, or look at it with "
                    f"`cutaway show {table}`.")
        self.by_name[table] = fronts

    def of(self, table: str, front: Front = ()) -> Place:
        return self.by_name[table][front]

    def defined_names(self) -> dict[str, str]:
        """Every name with the cells that it stands for."""
        return {place.name: place.address
                for fronts in self.by_name.values() for place in fronts.values()}
