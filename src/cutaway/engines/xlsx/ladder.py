"""The page Tokens while it is put together: rows of formulas from the top down."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

from xlsxwriter.format import Format
from xlsxwriter.utility import xl_range_abs, xl_rowcol_to_cell

from cutaway.engines.xlsx.cells import Page
from cutaway.engines.xlsx.style import Styles
from cutaway.engines.xlsx.token_tables import Capacity, TokenTables

TOKENS = "Tokens"
FIRST_ROW = 4
FIRST = 4  # the first column with a character; the empty ones before it are "nothing before"
At = Callable[..., str]
Cell = Callable[[At, int], str]


@dataclass
class Ladder:
    """The page while rows are added to it, from the top down."""

    page: Page
    styles: Styles
    tables: TokenTables
    capacity: Capacity
    names: dict[str, str] = field(default_factory=dict)
    row: int = FIRST_ROW

    def heading(self, title: str, explanation: str) -> None:
        self.row += 1
        self.page.words(self.row, 0, title, self.styles.heading)
        self.page.words(self.row, FIRST, explanation, self.styles.explanation)
        self.row += 1

    def add(self, label: str, formula: Cell, values: Sequence[Any], style: Format) -> int:
        """A row of formulas.

        formula  formula(at, place) gives that of one cell; at(row, 1) is the address of the cell
                 in another row, one to the right
        returns  the row's number
        """
        self.page.words(self.row, 0, label, self.styles.label)
        for place, value in enumerate(values):
            def at(row: int, offset: int = 0, column: int = FIRST + place) -> str:
                return xl_rowcol_to_cell(row, column + offset)

            self.page.formula(self.row, FIRST + place, formula(at, place), value, style)
        self.row += 1
        return self.row - 1

    def name(self, name: str, row: int, count: int) -> None:
        """A defined name for a row's cells."""
        cells = xl_range_abs(row, FIRST, row, FIRST + count - 1)
        self.names[name] = f"'{TOKENS}'!{cells}"


@dataclass(frozen=True)
class Tokens:
    """The tokens at one point of the way: the rows of the page that hold them, and their values.

    ids  -1 where a token was taken in by the one before it
    """

    ids_row: int
    pieces_row: int
    ids: list[int]
    pieces: list[int]
