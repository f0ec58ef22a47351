"""A slice of a table as CSV: a line a row, in the precision that it was calculated in."""

import csv
from itertools import product
from typing import TextIO

import numpy as np

from cutaway.cli.drawing.slices import Slice


def write_csv(chosen: Slice, file: TextIO) -> None:
    """A heading, then a line for each row: its places on the outer axes, its token, its numbers."""
    writer = csv.writer(file, lineterminator="\n")
    row_axes, columns = _row_axes(chosen)
    named = [axis for axis, numbers in zip(row_axes, chosen.numbers, strict=False)
             if any(chosen.label(axis, number) for number in numbers)]
    writer.writerow([*row_axes, *(f"{axis} token" for axis in named), *columns])
    flat = chosen.array.reshape(-1, max(1, len(columns)))
    places = product(*chosen.numbers[:len(row_axes)])
    for place, numbers in zip(places, flat, strict=True):
        tokens = [chosen.label(axis, place[row_axes.index(axis)]) for axis in named]
        writer.writerow([*place, *tokens, *map(_exactly, numbers)])


def _row_axes(chosen: Slice) -> tuple[list[str], list[str]]:
    """The axes that make the rows, and the headings of the columns."""
    if len(chosen.axes) < 2:
        return list(chosen.axes), ["value"]
    axis, numbers = chosen.axes[-1], chosen.numbers[-1]
    labels = [chosen.label(axis, number) for number in numbers]
    headings = [f"{axis} {number}{label}" if label.startswith(" ") or not label else
                f"{axis} {number} {label}" for number, label in zip(numbers, labels, strict=True)]
    return list(chosen.axes[:-1]), headings


def _exactly(number: np.floating | np.integer) -> str:
    """The shortest digits that give the same number again in its own precision."""
    if isinstance(number, np.integer):
        return str(int(number))
    if 0 < abs(number) < 1e-4:
        return np.format_float_scientific(number, trim="-", exp_digits=1)
    return np.format_float_positional(number, trim="-")
