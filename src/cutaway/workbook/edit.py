"""An edit: numbers typed over some of a table's cells."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from cutaway.errors import ShapeMismatch
from cutaway.words import shape_in_words
from cutaway.workbook.selection import Selection


@dataclass(frozen=True, eq=False)
class Edit:
    """Numbers laid over a table after its formula has been calculated.

    An axis for which one number was given stays whole when the table grows: a head set to 0 is 0
    in the rows that are appended later as well. An axis for which an array was given has those
    rows, and the ones after them are calculated.

    index  for each axis of the table a slice or a list; slice(None) for an axis that stays whole
    value  as many axes as the table, each 1 or as long as what is selected
    words  what was done, in a line: "head 1 <- 0.0"
    """

    index: tuple[slice | list[int], ...]
    value: np.ndarray
    words: str

    def cells(self, axis: int, count: int) -> Sequence[int]:
        """Which of `count` cells along an axis are edited."""
        along = self.index[axis]
        return range(*along.indices(count)) if isinstance(along, slice) else along

    def laid_over(self, table: np.ndarray, first_row: int = 0,
                  row_axis: int | None = None) -> np.ndarray:
        """A copy of the table with the edit in it.

        first_row  the position of the table's first row, when it holds the newest rows only
        row_axis   which axis that is
        """
        result = table.copy()
        here, taken = [], []
        for axis, along in enumerate(self.index):
            shift = first_row if axis == row_axis else 0
            cells, values = _within(along, self.value.shape[axis], table.shape[axis], shift)
            here.append(cells)
            taken.append(values)
        result[np.ix_(*here)] = self.value[np.ix_(*taken)]
        return result


def _within(along: slice | list[int], given: int, count: int,
            shift: int) -> tuple[np.ndarray, np.ndarray]:
    """Which cells along an axis are edited, and which of the given numbers each takes."""
    if along == slice(None):
        return np.arange(count), np.zeros(count, int)
    chosen = range(along.start, along.stop, along.step or 1) if isinstance(along, slice) else along
    cells = np.array(chosen) - shift
    values = np.arange(len(cells)) if given > 1 else np.zeros(len(cells), int)
    inside = (cells >= 0) & (cells < count)
    return cells[inside], values[inside]


def make_edit(name: str, shape: tuple[int, ...], selection: Selection, value: object,
              words: str) -> Edit:
    """An edit of the selected cells.

    value    a number, or an array that fits the selected cells
    Raises:  ShapeMismatch when it does not fit, is no number, or holds NaN
    """
    array = _numbers(name, value)
    selected = tuple(len(numbers) for numbers in selection.numbers(shape))
    given = [True] * len(shape)
    if array.shape != selected:
        given = _axes_of_value(array.ndim, selection.single)
        array = _with_all_axes(name, array, selected, selection.single)
    index = tuple(slice(0, count) if along == slice(None) and has_it and length == count else along
                  for along, has_it, length, count
                  in zip(selection.index, given, array.shape, shape, strict=True))
    return Edit(index, array, words)


def _numbers(name: str, value: object) -> np.ndarray:
    """A copy of the value, float64, that nobody else can write to."""
    try:
        array = np.array(value, dtype=np.float64)
    except (TypeError, ValueError):
        raise ShapeMismatch(f"{name}: the new value {value!r} is neither a number nor an array "
                            f"of numbers.") from None
    if np.isnan(array).any():
        raise ShapeMismatch(f"{name}: the new value holds NaN, which is no number. "
                            f"Everything that reads the table would be NaN as well.")
    array.flags.writeable = False
    return array


def _with_all_axes(name: str, array: np.ndarray, selected: tuple[int, ...],
                   single: tuple[bool, ...]) -> np.ndarray:
    """An array with an axis of length 1 for every axis of the table that it does not have."""
    wanted = tuple(count for count, gone in zip(selected, single, strict=True) if not gone)
    try:
        np.broadcast_to(array, wanted)
    except ValueError:
        raise ShapeMismatch(
            f"{name}: the new value is {shape_in_words(array.shape)}, but the cells selected are "
            f"{shape_in_words(wanted)}. Give one number, or an array of that shape.") from None
    sizes = iter((1,) * (len(wanted) - array.ndim) + array.shape)
    return array.reshape([1 if gone else next(sizes) for gone in single])


def _axes_of_value(n_axes: int, single: tuple[bool, ...]) -> list[bool]:
    """For each axis of the table, whether a value with so many axes has one for it."""
    left = [axis for axis, gone in enumerate(single) if not gone]
    return [axis in left[len(left) - n_axes:] for axis in range(len(single))]
