"""A labelled table: numbers, what their rows and columns are, and where they come from."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from cutaway.errors import UnknownRow
from cutaway.workbook.selection import Selection, Selector, select_cells


@dataclass(frozen=True)
class Provenance:
    """Where a table's numbers come from.

    formula   the formula that made it; empty for a weight or an input
    reads     the tables that the formula reads
    origin    for a weight: the file and the tensor in it; for an input: "the prompt"
    edits     what was typed over it, in words
    """

    formula: str = ""
    reads: tuple[str, ...] = ()
    origin: str = ""
    edits: tuple[str, ...] = ()


@dataclass(frozen=True, eq=False)
class Table:
    """One table of a run.

        table = run["h3.attention"]
        table.axes                                 # ('head', 'position', 'source')
        table.select(head=1, position=" quick")     # a smaller table, by index or by label
        table.array                                # the numbers, NumPy, read-only

    label   label(axis, index) gives the text of a row or column: the token, or nothing
    """

    name: str
    axes: tuple[str, ...]
    array: np.ndarray
    provenance: Provenance
    label: Callable[[str, int], str] = lambda axis, index: ""

    @property
    def shape(self) -> tuple[int, ...]:
        """How long each axis is, outer to inner."""
        return self.array.shape

    def __array__(self, dtype=None, copy=None) -> np.ndarray:
        return np.array(self.array, dtype=dtype) if copy else np.asarray(self.array, dtype=dtype)

    def __repr__(self) -> str:
        counts = [f"{count} {axis}" for count, axis in zip(self.shape, self.axes, strict=True)]
        return f"<Table {self.name}: {' x '.join(counts)}>"

    def labels(self, axis: str) -> list[str]:
        """The text of every row or column along one axis.

        Raises:  UnknownRow when the table has no such axis
        """
        if axis not in self.axes:
            raise UnknownRow(
                f"{self.name} has no axis {axis!r}; its axes are: {', '.join(self.axes)}.")
        return [self.label(axis, i) for i in range(self.shape[self.axes.index(axis)])]

    def selection(self, **selectors: Selector) -> Selection:
        """The cells that selectors name, by index or by label.

        Raises:  UnknownRow
        """
        return select_cells(self.name, self.axes, self.shape, self.labels, selectors)

    def select(self, **selectors: Selector) -> "Table":
        """A smaller table. An axis selected by one index or one label disappears.

            table.select(head=1, position=" quick", source=slice(0, 4))

        Raises:  UnknownRow
        """
        selection = self.selection(**selectors)
        picked = selection.of(self.array)
        picked.flags.writeable = False
        numbers = dict(zip(self.axes, selection.numbers(self.shape), strict=True))
        left = tuple(axis for axis, gone in zip(self.axes, selection.single, strict=True)
                     if not gone)
        return Table(self.name, left, picked, self.provenance,
                     lambda axis, i: self.label(axis, numbers[axis][i]))
