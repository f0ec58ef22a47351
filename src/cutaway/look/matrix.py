"""A table's matrix with its labels: what a grid shows of it, on the page and in notebooks."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from cutaway.errors import UnknownRow
from cutaway.workbook import Table

TILE = 64  # rows and columns of a tile
MOST_LABELS = 1000
PLURALS = {"vocabulary": "tokens of the vocabulary", "embed": "numbers a token",
           "qkv": "numbers (query, key, value)", "joined": "numbers (all heads)",
           "head_embed": "numbers a head", "hidden": "neurons", "position": "positions",
           "source": "sources", "head": "heads", "key_head": "heads of keys",
           "joined_keys": "numbers (all heads of keys)", "block": "blocks", "batch": "prompts"}


@dataclass(frozen=True, eq=False)
class Matrix:
    """What is left of a table when every axis but the last two has an index.

    A table with one axis is shown as rows of a single number.

    rows, columns  the axes that they count; no column axis in a table with one axis
    pages          the axes that an index was chosen for, with that index
    """

    table: Table
    array: np.ndarray
    rows: str
    columns: str
    pages: dict[str, int]

    def cells(self, row: slice | int, column: slice | int) -> dict[str, Any]:
        """The cells of this matrix as a change names them."""
        found: dict[str, Any] = dict(self.pages)
        for axis, chosen in ((self.rows, row), (self.columns, column)):
            if axis:
                found[axis] = [chosen.start, chosen.stop] if isinstance(chosen, slice) else chosen
        return found

    def axis(self, side: str) -> str:
        """The axis along a side, "row" or "column"; "" for the only column of a vector."""
        return {"row": self.rows, "column": self.columns}[side]

    def count(self, side: str) -> int:
        """How many rows or columns there are."""
        return self.array.shape[{"row": 0, "column": 1}[side]]


def matrix(table: Table, select: Mapping[str, int]) -> Matrix:
    """A matrix of a table; an axis that nothing was chosen for is at 0.

    Raises:  UnknownRow
    """
    *front, rows, columns = table.axes if len(table.axes) > 1 else (*(table.axes or ("",)), "")
    for axis in select:
        if axis not in front:
            known = ", ".join(front) or "none"
            raise UnknownRow(f"{table.name} has no axis {axis!r:.60} to choose a page by "
                             f"(it has: {known}).")
    pages = {axis: select.get(axis, 0) for axis in front}
    for axis, index in pages.items():
        count = table.shape[table.axes.index(axis)]
        if index >= count:
            raise UnknownRow(f"{table.name} has no {axis} {index}: it has {count}, from 0 to "
                             f"{count - 1}.")
    array = table.array[tuple(pages.values())] if pages else table.array
    if array.ndim < 2:
        array = array.reshape(-1, 1)
    return Matrix(table, array, rows, columns, pages)


def order(page: Matrix, column: int, *, descending: bool) -> list[int]:
    """The rows as they are seen when they are sorted by a column; equal ones in their own order.

    What is no number comes last.
    Raises:  UnknownRow
    """
    if column >= page.array.shape[1]:
        raise UnknownRow(f"{page.table.name} has no column {column} to be sorted by: it has "
                         f"{page.array.shape[1]}, from 0 on.")
    numbers = page.array[:, column].astype(np.float64)
    return np.argsort(-numbers if descending else numbers, kind="stable").tolist()


def tile(page: Matrix, row: int, column: int,
         rows: Sequence[int] | None = None) -> tuple[dict[str, int], bytes]:
    """The size of a tile, and its numbers as float32, row after row: 64 x 64, less at the edges.

    row, column  count tiles, not numbers
    rows         the matrix's rows that are seen there when it is sorted
    Raises:      UnknownRow for a tile or a row outside the matrix
    """
    n_rows, n_columns = page.array.shape
    top, left = row * TILE, column * TILE
    if top >= n_rows or left >= n_columns:
        raise UnknownRow(f"{page.table.name} has no tile {row}, {column}: it is {n_rows} x "
                         f"{n_columns}, in tiles of {TILE} x {TILE}.")
    if rows is not None and max(rows, default=0) >= n_rows:
        raise UnknownRow(f"{page.table.name} has no row {max(rows)}: it has {n_rows}, from 0 on.")
    seen = slice(top, top + TILE) if rows is None else list(rows)
    cut = np.ascontiguousarray(page.array[seen, left:left + TILE], dtype="<f4")
    return {"rows": cut.shape[0], "columns": cut.shape[1]}, cut.tobytes()


def labels(page: Matrix, side: str, first: int, count: int,
           ids: Sequence[int] | np.ndarray | None, *,
           rows: Sequence[int] | None = None) -> dict[str, Any]:
    """Some rows or columns: the tokens that they stand for with their ids, or else their numbers.

    side    "row" or "column"
    ids     `token_ids` of that side
    rows    these, in this order, in the place of `count` from `first` on
    Raises: UnknownRow
    """
    axis = page.axis(side)
    if not axis:
        return {"labels": ["0"], "ids": None}
    numbers = range(first, min(first + min(count, MOST_LABELS), page.count(side)))
    if rows is not None:
        numbers = rows
        if max(rows, default=0) >= page.count(side):
            raise UnknownRow(f"{page.table.name} has no {side} {max(rows)}: it has "
                             f"{page.count(side)}, from 0 on.")
    return {"labels": [page.table.label(axis, index) or str(index) for index in numbers],
            "ids": None if ids is None else [int(ids[index]) for index in numbers
                                             if index < len(ids)]}


def token_ids(page: Matrix, side: str, prompt: np.ndarray | None
              ) -> Sequence[int] | np.ndarray | None:
    """The token's id behind each row or column, where each is a token.

    prompt  the prompt's ids; None where rows of this table are not the prompt's tokens
    """
    axis = page.axis(side)
    if axis == "vocabulary":
        return range(page.count(side))
    return prompt if axis in ("position", "source") else None


def number_range(array: np.ndarray) -> tuple[float, float]:
    """The lowest and the highest number that is finite."""
    finite = array if np.isfinite(array.sum(dtype=np.float64)) else array[np.isfinite(array)]
    return (float(finite.min()), float(finite.max())) if finite.size else (0.0, 0.0)


def shape_words(table: Table) -> str:
    """6 heads × 8 positions × 8 sources"""
    return " × ".join(f"{count:,} {_counted(axis, count)}"
                      for axis, count in zip(table.axes, table.shape, strict=True))


def _counted(axis: str, count: int) -> str:
    words = PLURALS.get(axis, axis)
    return words.replace("s", "", 1) if count == 1 and words.endswith("s") and " " not in words \
        else words


def label_in(table: Table, axis: str, number: int) -> str:
    """The token behind a row or column; the places of a weight are none of the prompt's."""
    is_weight = table.provenance.origin not in ("", "the prompt")
    return "" if is_weight and axis == "position" else table.label(axis, number)
