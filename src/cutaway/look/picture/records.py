"""What a picture is made of: lines of numbers, patches of tables, and the stages of a formula."""

from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np

MOST_NUMBERS = 2048  # of a line that is given whole
AROUND = 32          # of a longer one, on either side of the number in question

Number = float | str  # "inf", "-inf" and "nan" are what JSON has no number for
Label = Callable[[str, int], str]


@dataclass(frozen=True)
class Line:
    """A row or a column of a table, or a plain number: what an operation reads or gives.

    words   what the formula calls it
    table   the table's full name; "" for what lies between two operations, and for a number
    axis    what the numbers are along; "" for a plain number
    place   the index along the table's other axes
    count   how many numbers the whole line has; the first of those here has the index `first`
    labels  the tokens beside the numbers; empty where there are none
    lit     the index of the number in question
    sizes   how long each axis of the table is, outer to inner
    whole   whether they are whole numbers, such as ids
    """

    words: str
    table: str
    axis: str
    place: dict[str, int]
    count: int
    first: int
    labels: list[str]
    numbers: list[Number]
    lit: int
    sizes: dict[str, int]
    whole: bool = False


@dataclass(frozen=True)
class Patch:
    """Some rows and columns of a table around the cell in question.

    lit  the row and the column of the cell, counted in the whole table
    """

    words: str
    table: str
    row_axis: str
    column_axis: str
    place: dict[str, int]
    n_rows: int
    n_columns: int
    first_row: int
    first_column: int
    row_labels: list[str]
    column_labels: list[str]
    numbers: list[list[Number]]
    lit: list[int]


@dataclass(frozen=True)
class Share:
    """One number of a row that softmax makes shares of: the number, e to its power, its share."""

    index: int
    label: str
    score: Number
    raised: Number
    share: Number


@dataclass(frozen=True)
class Stage:
    """One operation of a formula at the cell in question.

    operation  its name, or the name of its sign
    kind       which picture it has
    words      the part of the formula
    value      the number that it gives there
    values     further numbers, such as the mean of a row, by name
    series     further rows of numbers, such as the running sum, by name
    code       the formula, where there is nothing else to show
    """

    operation: str
    kind: str
    words: str
    value: Number
    inputs: list[Line]
    result: Line
    patches: list[Patch] = field(default_factory=list)
    shares: list[Share] = field(default_factory=list)
    values: dict[str, Number] = field(default_factory=dict)
    series: dict[str, list[Number]] = field(default_factory=dict)
    code: str = ""


def number(value: float) -> Number:
    """A number as JSON can hold it."""
    return float(value) if np.isfinite(value) else str(float(value))


def numbers(values: np.ndarray) -> list[Number]:
    """Numbers as JSON can hold them."""
    if np.isfinite(values).all():
        return values.astype(np.float64).tolist()
    return [number(value) for value in values.tolist()]


@dataclass(frozen=True)
class Named:
    """A calculated part of a formula, with what its axes and rows are called."""

    words: str
    table: str
    axes: tuple[str, ...]
    array: np.ndarray
    label: Label

    def cell(self, index: tuple[int, ...]) -> tuple[int, ...]:
        """An index of a result as this part has it: broadcast as NumPy does."""
        own = index[len(index) - self.array.ndim:] if self.array.ndim else ()
        return tuple(min(one, size - 1) for one, size in zip(own, self.array.shape, strict=True))

    def at(self, index: tuple[int, ...]) -> float:
        """The number at a cell."""
        return float(self.array[self.cell(index)])

    def place(self, index: tuple[int, ...], *without: int) -> dict[str, int]:
        """The index along the axes that are not left out."""
        return {axis: int(one) for number, (axis, one)
                in enumerate(zip(self.axes, self.cell(index), strict=True))
                if number - self.array.ndim not in without}

    def labels(self, axis: int, first: int, count: int) -> list[str]:
        """The tokens along an axis; none where it has none."""
        name = self.axes[axis]
        if not count or not self.label(name, first):
            return []
        return [self.label(name, index) for index in range(first, first + count)]

    def line(self, index: tuple[int, ...], axis: int = -1, most: int = MOST_NUMBERS) -> Line:
        """The row of a cell, or its column, around it where it is long."""
        if self.array.ndim == 0:
            return Line(self.words, self.table, "", {}, 1, 0, [], [number(self.array.item())], 0,
                        {}, self.array.dtype.kind in "iu")
        own = list(self.cell(index))
        lit, count = own[axis], self.array.shape[axis]
        first, last = (0, count) if count <= most else (max(0, lit - AROUND),
                                                        min(count, lit + AROUND + 1))
        cut = (*own[:axis], slice(first, last), *(own[axis + 1:] if axis != -1 else ()))
        sizes = dict(zip(self.axes, self.array.shape, strict=True))
        return Line(self.words, self.table, self.axes[axis], self.place(index, axis), count, first,
                    self.labels(axis, first, last - first), numbers(self.array[cut]), int(lit),
                    sizes, self.array.dtype.kind in "iu")

    def patch(self, index: tuple[int, ...], rows: int, columns: int) -> Patch:
        """Some rows and columns around a cell of a table with two axes or more."""
        *front, row, column = self.cell(index)
        n_rows, n_columns = self.array.shape[-2:]
        top, left = _from(row, rows, n_rows), _from(column, columns, n_columns)
        cut = self.array[(*front, slice(top, top + rows), slice(left, left + columns))]
        return Patch(self.words, self.table, self.axes[-2], self.axes[-1],
                     self.place(index, -2, -1), n_rows, n_columns, top, left,
                     self.labels(-2, top, len(cut)), self.labels(-1, left, cut.shape[1]),
                     [numbers(one) for one in cut], [int(row), int(column)])


def _from(place: int, shown: int, count: int) -> int:
    """Where a window of so many begins, the place in its middle."""
    return max(0, min(place - shown // 2, count - shown))
