"""A table as CSV: a line a row, its places and its token in front, every number to its last digit.

    head,position,position token,source 0 Mike,source 1 is
    0,0,Mike,1,0
    0,1," is",0.41,0.59

The page and `cutaway show --csv` write with it, and `numbers_from_csv` reads it back. What a token
looks like in a cell is decided in `labels.py`.
"""

import csv
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from io import StringIO
from typing import Protocol

import numpy as np

from cutaway.look import label_in
from cutaway.studio.share.labels import csv_label
from cutaway.workbook import Table

NUMBERS_A_CHUNK = 100_000


class Cells(Protocol):
    """A table, or some of its cells.

    axes     outer to inner
    numbers  for each of the axes, which places of the whole table these are
    """

    @property
    def axes(self) -> tuple[str, ...]: ...

    @property
    def array(self) -> np.ndarray: ...

    @property
    def numbers(self) -> Sequence[Sequence[int]]: ...

    def label(self, axis: str, number: int) -> str:
        """The token behind a row or column; empty where there is none."""
        ...


@dataclass(frozen=True, eq=False)
class Whole:
    """All cells of a table."""

    table: Table

    @property
    def axes(self) -> tuple[str, ...]:
        return self.table.axes

    @property
    def array(self) -> np.ndarray:
        return self.table.array

    @property
    def numbers(self) -> Sequence[Sequence[int]]:
        return [range(count) for count in self.table.shape]

    def label(self, axis: str, number: int) -> str:
        return label_in(self.table, axis, number)


def table_csv(table: Table) -> Iterator[str]:
    """The CSV of a table, in pieces of a few thousand rows at most."""
    return cells_csv(Whole(table))


def csv_rows(table: Table, first: int) -> tuple[str, int | None]:
    """A piece of a table's CSV, as `cells_rows` gives it."""
    return cells_rows(Whole(table), first)


def cells_csv(cells: Cells) -> Iterator[str]:
    """The CSV of some cells, in pieces of a few thousand rows at most.

    The digits are the shortest that give the same number again in the table's own precision.
    """
    first: int | None = 0
    while first is not None:
        text, first = cells_rows(cells, first)
        yield text


def cells_rows(cells: Cells, first: int) -> tuple[str, int | None]:
    """A piece of the CSV from a row on, with the heading if that is the first.

    first    counts the lines of numbers
    returns  the text, and the row that the next piece begins with; None after the last
    """
    row_axes = list(cells.axes if len(cells.axes) < 2 else cells.axes[:-1])
    n_columns = 1 if len(cells.axes) < 2 else len(cells.numbers[-1])
    flat = cells.array.reshape(-1, n_columns)
    sizes = [len(numbers) for numbers in cells.numbers[:len(row_axes)]]
    named = [axis for axis in row_axes if _is_named(cells, axis)]
    written = StringIO()
    if first == 0:
        heading = [*row_axes, *(f"{axis} token" for axis in named), *_columns(cells)]
        csv.writer(written, lineterminator="\n").writerow(heading)
    last = min(len(flat), first + max(1, NUMBERS_A_CHUNK // n_columns))
    for row in range(first, last):
        at = np.unravel_index(row, sizes) if row_axes else ()
        place = {axis: numbers[int(index)] for axis, numbers, index
                 in zip(row_axes, cells.numbers, at, strict=False)}
        words = [_quoted(csv_label(cells.label(axis, place[axis]))) for axis in named]
        numbers = [number.removesuffix(".0") for number in flat[row].astype("U32").tolist()]
        written.write(",".join([*map(str, place.values()), *words, *numbers]) + "\n")
    return written.getvalue(), last if last < len(flat) else None


def _columns(cells: Cells) -> list[str]:
    """The headings of the columns: the last axis, the number, the token."""
    if len(cells.axes) < 2:
        return ["value"]
    axis = cells.axes[-1]
    labels = [cells.label(axis, number) for number in cells.numbers[-1]]
    return [csv_label(f"{axis} {number}{label}" if label.startswith(" ") or not label else
                      f"{axis} {number} {label}")
            for number, label in zip(cells.numbers[-1], labels, strict=True)]


def _is_named(cells: Cells, axis: str) -> bool:
    """Whether the rows along an axis bear tokens."""
    return any(cells.label(axis, number) for number in cells.numbers[cells.axes.index(axis)])


def _quoted(text: str) -> str:
    """A cell between quotation marks, if it holds a sign that some program parts cells at."""
    marked = any(mark in text for mark in '",;|\t\r\n ')
    return '"' + text.replace('"', '""') + '"' if marked else text
