"""A table as CSV: a line a row, its places and its token in front, every number to its last digit.

    head,position,position token,source 0 Mike,source 1 is
    0,0,Mike,1,0
    0,1," is",0.41,0.59

`cutaway show --csv` writes the same columns, and `numbers_from_csv` reads it back.
"""

import csv
from collections.abc import Iterator
from io import StringIO

import numpy as np

from cutaway.studio.share.labels import harmless_label, visible_label
from cutaway.workbook import Table

NUMBERS_A_CHUNK = 100_000


def table_csv(table: Table) -> Iterator[str]:
    """The CSV of a table, in pieces of a few thousand rows at most.

    The digits are the shortest that give the same number again in the table's own precision.
    """
    first: int | None = 0
    while first is not None:
        text, first = csv_rows(table, first)
        yield text


def csv_rows(table: Table, first: int) -> tuple[str, int | None]:
    """A piece of a table's CSV from a row on, with the heading if that is the first.

    first    counts the lines of numbers
    returns  the text, and the row that the next piece begins with; None after the last
    """
    row_axes, columns = _axes(table)
    flat = table.array.reshape(-1, len(columns))
    named = [axis for axis in row_axes if _is_named(table, axis)]
    written = StringIO()
    if first == 0:
        heading = [*row_axes, *(f"{axis} token" for axis in named), *columns]
        csv.writer(written, lineterminator="\n").writerow(heading)
    last = min(len(flat), first + max(1, NUMBERS_A_CHUNK // len(columns)))
    for row in range(first, last):
        places = np.unravel_index(row, table.shape[:len(row_axes)]) if row_axes else ()
        place = dict(zip(row_axes, map(int, places), strict=True))
        words = [_quoted(harmless_label(_label(table, axis, place[axis]))) for axis in named]
        numbers = [number.removesuffix(".0") for number in flat[row].astype("U32").tolist()]
        written.write(",".join([*map(str, place.values()), *words, *numbers]) + "\n")
    return written.getvalue(), last if last < len(flat) else None


def _axes(table: Table) -> tuple[list[str], list[str]]:
    """The axes that make the rows, and the headings of the columns."""
    if len(table.axes) < 2:
        return list(table.axes), ["value"]
    *rows, axis = table.axes
    labels = [_label(table, axis, number) if _is_named(table, axis) else ""
              for number in range(table.shape[-1])]
    headings = [f"{axis} {number}{label}" if label.startswith(" ") or not label else
                f"{axis} {number} {label}" for number, label in enumerate(labels)]
    return rows, [harmless_label(heading) for heading in headings]


def _label(table: Table, axis: str, number: int) -> str:
    return visible_label(table.label(axis, number))


def _is_named(table: Table, axis: str) -> bool:
    """Whether the rows along an axis bear tokens; the places of a weight are none of the prompt."""
    is_weight = table.provenance.origin not in ("", "the prompt")
    count = table.shape[table.axes.index(axis)]
    return not (is_weight and axis == "position") and any(
        table.label(axis, number) for number in range(count))


def _quoted(text: str) -> str:
    """A cell between quotation marks, if it holds a sign that some program parts cells at."""
    marked = any(mark in text for mark in '",;|\t\r\n ')
    return '"' + text.replace('"', '""') + '"' if marked else text
