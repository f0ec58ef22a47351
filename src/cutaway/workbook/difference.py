"""What differs between two runs, worst first."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from cutaway.errors import ShapeMismatch

if TYPE_CHECKING:
    from cutaway.workbook.run import Run


@dataclass(frozen=True)
class Difference:
    """How far one table is from the same table of another run.

    largest   the largest |after - before| of any cell
    relative  the same as a share of the largest |before|
    place     the cell's index in the cells that both have
    before, after  its value in each run
    cells     how many cells differ, of those that both have
    shapes    both shapes: a longer prompt has longer tables, compared from their first row on
    """

    name: str
    largest: float
    relative: float
    place: tuple[int, ...]
    before: float
    after: float
    cells: int
    shapes: tuple[tuple[int, ...], tuple[int, ...]]


def differences(before: "Run", after: "Run",
                names: Iterable[str] | None = None) -> list[Difference]:
    """The tables that differ between two runs, worst (largest relative difference) first.

    Two prompts, two checkpoints, before and after an edit: one mechanism.

    names  the tables to compare; every calculated table and weight that both books have if None
    """
    if names is None:
        both = {**before.book.weights, **before.book.nodes}
        names = [name for name in both if name in after.book]
    found = [_difference(name, before[name].array, after[name].array) for name in names]
    return sorted((one for one in found if one is not None), key=lambda one: -one.relative)


def _difference(name: str, before: np.ndarray, after: np.ndarray) -> Difference | None:
    """The difference of two arrays in the cells that both have; None when there is none."""
    if before.ndim != after.ndim:
        raise ShapeMismatch("A run of one prompt and a run of several cannot be compared: "
                            "their tables have different axes.")
    shared = before.__array_interface__["data"] == after.__array_interface__["data"]
    if shared and before.shape == after.shape:
        return None
    shapes = before.shape, after.shape
    common = tuple(slice(min(pair)) for pair in zip(*shapes, strict=True))
    before, after = before[common], after[common]
    same = (before == after) | (np.isnan(before) & np.isnan(after))
    if same.all():
        return None
    with np.errstate(invalid="ignore"):
        distance = np.where(same, 0, np.abs(after.astype(np.float64) - before))
    distance[np.isnan(distance)] = np.inf  # a number in one, none in the other
    place = np.unravel_index(int(distance.argmax()), distance.shape)
    largest = float(distance[place])
    size = float(np.abs(before[np.isfinite(before)]).max(initial=0))
    return Difference(name, largest, largest / size if size else float("inf"),
                      tuple(map(int, place)), float(before[place]), float(after[place]),
                      int(np.count_nonzero(distance)), shapes)
