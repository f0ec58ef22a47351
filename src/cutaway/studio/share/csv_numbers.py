"""Numbers out of a CSV, for a table of a known shape: what is a label and what is not is certain.

It reads what Cutaway wrote, what a spreadsheet made of that, and bare numbers: with a heading or
without, with labels in front of the rows or without, parted by comma, semicolon or tab, with a
decimal comma where it is no other comma. What it cannot read for certain it refuses.
"""

import csv
import math
import re
from collections.abc import Sequence
from itertools import product

from cutaway.axes import AXES
from cutaway.errors import ShapeMismatch
from cutaway.studio.messages.changes import MOST_NUMBERS
from cutaway.studio.share.labels import plain_label
from cutaway.words import shape_in_words

LARGEST = 3.4028234663852886e38  # of float32
DECIMAL_COMMA = re.compile(r"[+-]?\d*,\d+(?:[eE][+-]?\d+)?", re.ASCII)
NUMBER = re.compile(r"[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?", re.ASCII)
COMMAS = (" Are the decimals written with commas? Then let semicolons part the numbers, or write "
          "points.")


def numbers_from_csv(text: str, shape: Sequence[int], table: str = "The table") -> list:
    """The numbers of a CSV as nested lists of a shape.

        numbers_from_csv("a,b\\n1,2\\n3,4\\n", (2, 2))     [[1.0, 2.0], [3.0, 4.0]]

    table    what errors call it
    Raises:  ShapeMismatch naming the row and the column, counted from 1 as they stand in the file
    """
    if not shape or math.prod(shape) == 0:
        raise ShapeMismatch(f"{table} is {shape_in_words(shape)}; numbers from a file go into a "
                            f"table with rows.")
    if math.prod(shape) > MOST_NUMBERS:
        raise ShapeMismatch(f"{table} has {math.prod(shape):,} numbers; a file may bring at most "
                            f"{MOST_NUMBERS:,}. Take a part of the table.")
    rows = _rows(text, table)
    n_rows, n_columns = _lines_of(shape, rows)
    heading, rows = _without_heading(rows, n_rows, n_columns, table)
    first_line = 2 if heading else 1
    _expect_columns(rows, n_columns, first_line, table)
    n_labels = len(rows[0]) - n_columns
    _expect_labels(heading, rows, n_labels, n_columns, table)
    _expect_order(heading, rows, shape, table)
    numbers = [_number(cell, line, column) for line, row in enumerate(rows, start=first_line)
               for column, cell in enumerate(row[n_labels:], start=n_labels + 1)]
    return _nested(numbers, shape)


def _rows(text: str, table: str) -> list[list[str]]:
    """The cells of every line that is not empty, at the sign that parts them."""
    text = text.removeprefix("\ufeff")
    if "\0" in text:
        raise ShapeMismatch("The file holds zero bytes: it is no CSV. Save the sheet as CSV.")
    first = text.lstrip().partition("\n")[0]
    delimiter = next((mark for mark in "\t;," if mark in _outside_quotes(first)), ",")
    try:
        found = list(csv.reader(text.splitlines(keepends=True), delimiter=delimiter, strict=True))
    except csv.Error as error:
        raise ShapeMismatch(f"The file cannot be read as CSV ({error}): perhaps a quotation mark "
                            f"is never closed. Save it once more as CSV.") from None
    rows = [[_word(cell) for cell in row] for row in found]
    rows = [row for row in rows if any(row)]
    if not rows:
        raise ShapeMismatch(f"The file is empty. {table} needs a line for each row.")
    return rows if delimiter == "," else _with_points(rows)


def _word(cell: str) -> str:
    """What a cell says, without the quote that keeps a spreadsheet from calculating it."""
    word = plain_label(cell.strip()).strip()
    bare = word.removeprefix("'")
    return bare if NUMBER.fullmatch(bare) else word


def _with_points(rows: list[list[str]]) -> list[list[str]]:
    """The same with 0.5 for 0,5, which means nothing else where no comma parts the cells.

    Raises:  ShapeMismatch when some decimals are written so, and others with points
    """
    commas = any(DECIMAL_COMMA.fullmatch(cell) for row in rows for cell in row)
    if commas and (points := [cell for row in rows for cell in row
                              if "." in cell and NUMBER.fullmatch(cell)]):
        raise ShapeMismatch(f"The file holds numbers with a decimal comma, and {points[0]!r:.60} "
                            f"with a point. Write all in one way.")
    return [[cell.replace(",", ".") if DECIMAL_COMMA.fullmatch(cell) else cell for cell in row]
            for row in rows]


def _outside_quotes(line: str) -> str:
    return re.sub(r'"[^"]*"', "", line)


def _lines_of(shape: Sequence[int], rows: list[list[str]]) -> tuple[int, int]:
    """How many lines and columns of numbers are expected; a single axis may lie or stand."""
    if len(shape) == 1:
        lies = len(rows) <= 2 and len(rows[-1]) >= shape[0] > 1
        return (1, shape[0]) if lies else (shape[0], 1)
    return math.prod(shape[:-1]), shape[-1]


def _without_heading(rows: list[list[str]], n_rows: int, n_columns: int,
                     table: str) -> tuple[list[str], list[list[str]]]:
    """The heading, if there is one, and the lines of numbers."""
    if len(rows) == n_rows + 1 and _is_heading(rows[0], rows[1], n_columns):
        return rows[0], rows[1:]
    if len(rows) == n_rows:
        return [], rows
    heading = _is_heading(rows[0], rows[-1], n_columns) and len(rows) > 1
    found = len(rows) - heading
    raise ShapeMismatch(
        f"The file has {found:,} {'line' if found == 1 else 'lines'} of numbers"
        f"{' below its heading' if heading else ''}, and {table} has {n_rows:,}, each with "
        f"{n_columns:,} {'number' if n_columns == 1 else 'numbers'}.")


def _is_heading(row: list[str], below: list[str], n_columns: int) -> bool:
    """Whether a line is a heading: words where numbers are expected, or 0, 1, 2, ..."""
    cells = row[-n_columns:]
    if any(_value(cell) is None for cell in cells):
        return True
    shifted = len(row) + 1 == len(below)
    return shifted or (_counts_up(cells) and (len(cells) > 1 or not row[0]))


def _counts_up(cells: list[str]) -> bool:
    """Whether cells are 0, 1, 2, ... or 1, 2, 3, ..."""
    return any(cells == [str(start + i) for i in range(len(cells))] for start in (0, 1))


def _expect_columns(rows: list[list[str]], n_columns: int, first_line: int, table: str) -> None:
    """Raises:  ShapeMismatch for the first line that is too short, or as long as no other"""
    for line, row in enumerate(rows, start=first_line):
        if len(row) == len(rows[0]) and len(row) >= n_columns:
            continue
        hint = COMMAS if line == first_line and len(row) == 2 * n_columns else ""
        wanted = n_columns if len(row) < n_columns else len(rows[0])
        raise ShapeMismatch(f"Line {line} has {len(row):,} columns; {wanted:,} are expected, as "
                            f"{table} has {n_columns:,} numbers in a row.{hint}")


def _expect_labels(heading: list[str], rows: list[list[str]], n_labels: int, n_columns: int,
                   table: str) -> None:
    """Raises:  ShapeMismatch when a column in front holds numbers that may be no labels"""
    for column in range(n_labels):
        cells = [row[column] for row in rows]
        named = len(heading) == len(rows[0]) and _value(heading[column]) is None
        if named or _counts_up(cells) or any(_value(cell) is None for cell in cells):
            continue
        hint = COMMAS if n_labels >= n_columns else ""
        raise ShapeMismatch(f"The file has {n_labels + n_columns:,} columns of numbers, and "
                            f"{table} has {n_columns:,}.{hint}")


def _expect_order(heading: list[str], rows: list[list[str]], shape: Sequence[int],
                  table: str) -> None:
    """Raises:  ShapeMismatch when the places in front say that the lines were sorted anew"""
    counts = heading[:max(1, len(shape) - 1)]
    if not counts or not all(name in AXES for name in counts):
        return
    for number, (row, place) in enumerate(
            zip(rows, product(*map(range, shape[:len(counts)])), strict=False)):
        found = row[:len(counts)]
        if found != [str(index) for index in place]:
            expected = ", ".join(f"{axis} {i}" for axis, i in zip(counts, place, strict=True))
            raise ShapeMismatch(f"Line {number + 2} is for {' '.join(found)!r:.60}, where "
                                f"{expected} of {table} is expected. Sort the lines as they were.")


def _value(word: str) -> float | None:
    """What a cell says as a number; None where it says none."""
    if NUMBER.fullmatch(word):
        return float(word)
    return math.nan if re.fullmatch(r"(?i)[+-]?(nan|inf|infinity)", word) else None


def _number(word: str, line: int, column: int) -> float:
    """The number in a cell.  Raises:  ShapeMismatch"""
    value, place = _value(word), f"Line {line}, column {column}"
    if not word:
        raise ShapeMismatch(f"{place} is empty; a number is expected.")
    if value is None:
        raise ShapeMismatch(f"{place} is {word!r:.60}, which is no number. Write one such as 0.25, "
                            f"-3 or 1e-4.")
    if not math.isfinite(value):
        raise ShapeMismatch(f"{place} is {word!r:.60}; only finite numbers can be typed over a "
                            f"table.")
    if abs(value) > LARGEST:
        raise ShapeMismatch(f"{place} is {word!r:.60}, larger than any number that the model "
                            f"calculates with (3.4e38).")
    return value


def _nested(numbers: list[float], shape: Sequence[int]) -> list:
    """A flat list as lists in lists."""
    for count in reversed(shape[1:]):
        numbers = [numbers[i:i + count] for i in range(0, len(numbers), count)]  # type: ignore
    return numbers
