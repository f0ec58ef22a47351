"""What the grid is told of one page of a table, and the answers to its questions."""

from collections.abc import Sequence
from typing import Any

import numpy as np

from cutaway.errors import UnknownRow
from cutaway.studio.worker.verbs.table_view import shape_words
from cutaway.studio.worker.verbs.tables import MOST_LABELS, TILE, Matrix

SHARES = (".attention", "next_probabilities")  # tables whose rows sum to 1


def described(page: Matrix, version: int, *, editable: bool, compare: bool) -> dict[str, Any]:
    """The trait `table` of the grid: which page it is, how large, and how its numbers look.

    version  counts the changes of the same page's numbers
    """
    name, numbers = page.table.name, page.array
    words = [name, *(f"{axis} {index}" for axis, index in page.pages.items())]
    return {
        "key": ", ".join(words), "label": f"Table {', '.join(words)}", "version": version,
        "rows": numbers.shape[0], "columns": numbers.shape[1],
        "row_axis": page.rows, "column_axis": page.columns,
        "largest": largest(numbers), "share": name.endswith(SHARES),
        "whole": bool(np.issubdtype(numbers.dtype, np.integer)),
        "editable": editable, "compare": compare}


def largest(numbers: np.ndarray) -> float:
    """The largest |number| that is finite; 0 where there is none."""
    if not np.isfinite(numbers.sum(dtype=np.float64)):
        numbers = numbers[np.isfinite(numbers)]
    return max(float(numbers.max()), -float(numbers.min())) if numbers.size else 0.0


def tile(page: Matrix, row: int, column: int) -> tuple[dict[str, int], bytes]:
    """The size of a tile, and its numbers as float32, row after row: 64 x 64, less at the edges.

    row, column  count tiles, not numbers
    Raises:      UnknownRow for a tile outside the page
    """
    top, left = row * TILE, column * TILE
    cut = np.ascontiguousarray(page.array[top:top + TILE, left:left + TILE], dtype="<f4")
    if not cut.size:
        rows, columns = page.array.shape
        raise UnknownRow(f"{page.table.name} has no tile {row}, {column}: it is {rows} x "
                         f"{columns}, in tiles of {TILE} x {TILE}.")
    return {"rows": cut.shape[0], "columns": cut.shape[1]}, cut.tobytes()


def labels(page: Matrix, side: str, first: int, count: int,
           ids: Sequence[int] | np.ndarray | None = None) -> dict[str, Any]:
    """Some rows or columns: the tokens that they stand for with their ids, or else their numbers.

    side  "row" or "column"
    ids   those of the prompt, where they are known
    """
    axis = {"row": page.rows, "column": page.columns}[side]
    if not axis:
        return {"labels": ["0"], "ids": None}
    last = min(first + min(count, MOST_LABELS), page.table.shape[page.table.axes.index(axis)])
    numbers = range(first, last)
    return {"labels": [page.table.label(axis, index) or str(index) for index in numbers],
            "ids": _ids(axis, numbers, ids)}


def _ids(axis: str, numbers: range, ids: Sequence[int] | np.ndarray | None) -> list[int] | None:
    if axis == "vocabulary":
        return list(numbers)
    if ids is None or axis not in ("position", "source"):
        return None
    return [int(token) for token in ids[numbers.start:numbers.stop]]


def caption(now: Matrix, before: Matrix | None) -> dict[str, Any]:
    """What stands over the grid: name, formula or origin, shape, the pages to choose from.

    before  the same page to compare with; how many numbers moved is told then
    """
    table = now.table
    sizes = dict(zip(table.axes, table.shape, strict=True))
    return {"name": table.name, "formula": table.provenance.formula,
            "origin": table.provenance.origin, "shape": shape_words(table),
            "pages": [{"axis": axis, "count": sizes[axis]} for axis in now.pages],
            "moved": None if before is None else int(np.count_nonzero(now.array != before.array))}
