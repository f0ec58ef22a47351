"""A slice of a table that remembers which rows and columns of the whole table it holds."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from itertools import product

import numpy as np

from cutaway.look import is_shares, label_in
from cutaway.workbook import Run, Table
from cutaway.workbook.address import Address


@dataclass(frozen=True, eq=False)
class Slice:
    """Some of a table's cells.

    table    the whole table
    axes     the axes that are left, outer to inner
    array    the numbers
    numbers  for each of the axes, which places of the whole table these are
    shares   whether each row of the whole table is shares of 1, so that its sum says something
    """

    table: Table
    axes: tuple[str, ...]
    array: np.ndarray
    numbers: tuple[list[int], ...]
    shares: bool = False

    @property
    def whole_rows(self) -> bool:
        """Whether no column of the table is left out."""
        return bool(self.axes) and (self.axes[-1] == self.table.axes[-1]
                                    and len(self.numbers[-1]) == self.table.shape[-1])

    @property
    def is_long(self) -> bool:
        """Whether its rows are tokens of the vocabulary, which people look up by a row's number."""
        return bool(self.axes) and self.axes[0] == "vocabulary"

    @property
    def is_whole_vocabulary(self) -> bool:
        """Whether there is a row for every token of the vocabulary."""
        return self.is_long and len(self.numbers[0]) == self.table.shape[0]

    def largest_first(self) -> "Slice":
        """The rows of a single column of numbers, the largest at the top."""
        order = np.argsort(-self.array, kind="stable")
        return replace(self, array=self.array[order],
                       numbers=([self.numbers[0][i] for i in order.tolist()],))

    def label(self, axis: str, number: int) -> str:
        """The token behind a row or column; empty where there is none."""
        return label_in(self.table, axis, number)

    def sheets(self) -> Iterator[tuple[str, "Slice"]]:
        """The slice as flat sheets of rows and columns, each with the words that tell it apart."""
        outer = self.axes[:-2]
        for place in product(*[range(count) for count in self.array.shape[:-2]]):
            chosen = [self.numbers[i][at] for i, at in enumerate(place)]
            words = ", ".join(f"{axis} {n}" for axis, n in zip(outer, chosen, strict=True))
            yield words, replace(self, axes=self.axes[len(outer):], array=self.array[place],
                                 numbers=self.numbers[len(outer):])

    def cut(self, rows: int, columns: int) -> "Slice":
        """The first rows and columns of a flat sheet."""
        limits = (rows, columns)[:len(self.axes)]
        return replace(self, array=self.array[tuple(slice(limit) for limit in limits)],
                       numbers=tuple(numbers[:limit] for numbers, limit
                                     in zip(self.numbers, limits, strict=True)))


def slice_of(run: Run, address: Address) -> Slice:
    """The cells of a run's table that an address names.

    Raises:  UnknownTable, UnknownRow
    """
    table = run[address.name]
    selection = table.selection(**address.cells)
    numbers = selection.numbers(table.shape)
    left = [place for place, gone in enumerate(selection.single) if not gone]
    return Slice(table, tuple(table.axes[place] for place in left), selection.of(table.array),
                 tuple(numbers[place] for place in left), is_shares(run.book, address.name))
