"""How large a workbook will be, and how long writing it takes, before anything is written."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Protocol

import numpy as np

from cutaway.engines.edits import edits_of
from cutaway.engines.xlsx.layout import Layout, lay_out
from cutaway.engines.xlsx.token_tables import Capacity, Vocabulary
from cutaway.errors import SettingError
from cutaway.workbook.book import Book
from cutaway.workbook.run import Run

# Measured by bench/xlsx.py on two cores; another machine differs by a factor, not by an order.
BYTES_A_CELL = 12  # of the packed file: 13 with float32's digits, 9 with those of float16
START_SECONDS, CELLS_A_SECOND = 2.5, 370_000
START_MEMORY_BYTES, MEMORY_BYTES_A_CELL = 110_000_000, 16  # one run in float64, and the pages
MUCH_BYTES = 150_000_000  # of a file: beyond it desktop programs become slow, or refuse


class Opened(Protocol):
    """What is written: `cutaway.model.Model`, or anything that has its parts."""

    @property
    def name(self) -> str: ...
    @property
    def book(self) -> Book: ...
    @property
    def weights(self) -> Mapping[str, np.ndarray]: ...
    @property
    def tokenizer(self) -> Vocabulary: ...


@dataclass(frozen=True)
class Size:
    """What writing a workbook takes.

    cells  numbers and formulas
    bytes, seconds  of the file and of writing it, estimated
    memory_bytes    of writing it, beyond that of the opened model
    """

    cells: int
    bytes: int
    seconds: float
    memory_bytes: int

    @property
    def is_much(self) -> bool:
        """Whether desktop programs may refuse to open it."""
        return self.bytes > MUCH_BYTES


def size_of(model: Opened, n_positions: int, like: Run | None = None) -> Size:
    """The size of a model's workbook.

    like     a run of the model, whose formulas and typed numbers are taken over
    Raises:  UnsupportedStep naming a table that cannot be written; SettingError
    """
    return size_of_layout(laid_out(model, n_positions, like), model)


def laid_out(model: Opened, n_positions: int, like: Run | None = None) -> Layout:
    """Where everything will lie.

    Raises:  as `size_of`
    """
    edits = edits_of(like, model.book, "a spreadsheet")
    most = model.book.sizes["position"]
    if not 1 <= n_positions <= most:
        raise SettingError(f"{n_positions} positions cannot be written: this model can read 1 to "
                           f"{most:,} tokens at once.")
    return lay_out(like.book if like else model.book, n_positions, edits)


def size_of_layout(layout: Layout, model: Opened) -> Size:
    capacity = Capacity.of(layout.n_positions, len(model.tokenizer.merges))
    cells = (layout.n_cells + capacity.characters * (7 * capacity.rounds + 16)
             + 9 * len(model.tokenizer.merges) + 4 * len(model.tokenizer))
    return Size(cells, cells * BYTES_A_CELL, START_SECONDS + cells / CELLS_A_SECOND,
                START_MEMORY_BYTES + MEMORY_BYTES_A_CELL * cells)
