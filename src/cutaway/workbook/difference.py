"""What differs between two runs, worst first."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from cutaway.errors import ShapeMismatch
from cutaway.workbook.alignment import Alignment
from cutaway.workbook.table import Table

if TYPE_CHECKING:
    from cutaway.workbook.run import Run

OF_TOKENS = ("position", "source")  # axes along which a prompt's tokens are


@dataclass(frozen=True)
class Difference:
    """How far one table is from the same table of another run.

    largest   the largest |after - before| of any cell
    relative  the same as a share of the largest |before|
    place     the cell's index in the first run's table
    before, after  its value in each run
    cells     how many cells differ, of those that both have
    shapes    both shapes: a longer prompt has longer tables
    place_after  the cell's index in the other run's table: another row where rows are aligned so
    """

    name: str
    largest: float
    relative: float
    place: tuple[int, ...]
    before: float
    after: float
    cells: int
    shapes: tuple[tuple[int, ...], tuple[int, ...]]
    place_after: tuple[int, ...]


def differences(before: "Run", after: "Run",
                names: Iterable[str] | None = None,
                rows: Alignment | None = None) -> list[Difference]:
    """The tables that differ between two runs, worst (largest relative difference) first.

    Two prompts, two checkpoints, before and after an edit: one mechanism.

    names  the tables to compare; every calculated table and weight that both books have if None
    rows   which rows are beside each other, of two prompts; from the first one on if None
    """
    if names is None:
        both = {**before.book.weights, **before.book.nodes}
        names = [name for name in both if name in after.book]
    found = [_difference(before[name], after[name], None if name in before.book.weights else rows)
             for name in names]
    return sorted((one for one in found if one is not None), key=lambda one: -one.relative)


def _difference(mine: Table, theirs: Table, rows: Alignment | None) -> Difference | None:
    """The difference of two tables in the cells that both have; None when there is none."""
    before, after = mine.array, theirs.array
    if before.ndim != after.ndim:
        raise ShapeMismatch("A run of one prompt and a run of several cannot be compared: "
                            "their tables have different axes.")
    shared = before.__array_interface__["data"] == after.__array_interface__["data"]
    if shared and before.shape == after.shape and rows is None:
        return None
    shapes = before.shape, after.shape
    before, at_before, after, at_after = _beside(mine.axes, before, after, rows)
    same = (before == after) | (np.isnan(before) & np.isnan(after))
    if same.all():
        return None
    with np.errstate(invalid="ignore"):
        distance = np.where(same, 0, np.abs(after.astype(np.float64) - before))
    distance[np.isnan(distance)] = np.inf  # a number in one, none in the other
    place = np.unravel_index(int(distance.argmax()), distance.shape)
    largest = float(distance[place])
    size = float(np.abs(before[np.isfinite(before)]).max(initial=0))
    return Difference(mine.name, largest, largest / size if size else float("inf"),
                      _of_whole(place, at_before), float(before[place]), float(after[place]),
                      int(np.count_nonzero(distance)), shapes, _of_whole(place, at_after))


def _beside(axes: Sequence[str], before: np.ndarray, after: np.ndarray, rows: Alignment | None
            ) -> tuple[np.ndarray, list[Sequence[int]], np.ndarray, list[Sequence[int]]]:
    """The cells that are beside each other, each with its indices along every axis."""
    both: list[Sequence[int]] = [range(min(pair))
                                 for pair in zip(before.shape, after.shape, strict=True)]
    if rows is None:  # without a copy: this is asked after every edit, of every table
        cells = tuple(slice(len(places)) for places in both)
        return before[cells], both, after[cells], both
    at_before = [rows.before if axis in OF_TOKENS else places
                 for axis, places in zip(axes, both, strict=True)]
    at_after = [rows.after if axis in OF_TOKENS else places
                for axis, places in zip(axes, both, strict=True)]
    return _taken(before, at_before), at_before, _taken(after, at_after), at_after


def _taken(array: np.ndarray, indices: Sequence[Sequence[int]]) -> np.ndarray:
    return array[np.ix_(*(np.array(places, dtype=np.intp) for places in indices))]


def _of_whole(place: Sequence[np.intp], indices: Sequence[Sequence[int]]) -> tuple[int, ...]:
    """A place in the cells that are compared, as a place of the whole table."""
    return tuple(int(places[int(index)]) for places, index in zip(indices, place, strict=True))
