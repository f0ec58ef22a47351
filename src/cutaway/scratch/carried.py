"""Which labels a calculation carries over: those that cannot be wrong."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

# By axis, outer to inner: the numbers that its rows have in the whole table.
Rows = Mapping[str, Sequence[int]]
NONE: Rows = {}


def rows_after(ufunc: np.ufunc, method: str, inputs: Sequence[tuple[Rows, tuple[int, ...]]],
               keywords: Mapping[str, Any], shape: tuple[int, ...]) -> Rows:
    """The rows of what NumPy has calculated; nothing where they are not known.

    inputs  rows and shape of each thing that it was calculated from
    shape   of what came out
    """
    if method == "reduce" and not keywords.get("keepdims"):
        return _after_reduction(*inputs[0], keywords.get("axis", 0))
    if method == "__call__" and ufunc is np.matmul:
        return _after_product(inputs[0][0], inputs[1][0], len(inputs[1][1]))
    if method == "__call__" and ufunc.signature is None and ufunc.nout == 1:
        return _number_by_number(inputs, shape)
    return NONE


def _number_by_number(inputs: Sequence[tuple[Rows, tuple[int, ...]]],
                      shape: tuple[int, ...]) -> Rows:
    """Those of the tables that have the shape of the result, when they agree."""
    whole = [rows for rows, size in inputs if rows and size == shape]
    return whole[0] if whole and all(_same(rows, whole[0]) for rows in whole) else NONE


def _after_reduction(rows: Rows, shape: tuple[int, ...], axis: Any) -> Rows:
    """Without the axes that were added up."""
    if axis is None or not rows:
        return NONE
    gone = {one % len(shape) for one in (axis if isinstance(axis, tuple) else (axis,))}
    return {name: numbers for place, (name, numbers) in enumerate(rows.items())
            if place not in gone}


def _after_product(left: Rows, right: Rows, right_axes: int) -> Rows:
    """The rows of the left table and the columns of the right one.

    Between several matrices at once (heads) the axes in front must be the same.
    """
    names, others = list(left), list(right)
    if not names or not others or len(others) != right_axes:
        return NONE
    if right_axes == 1:
        return {name: left[name] for name in names[:-1]}
    front = others[:-2]
    if front and (names[:-2] != front or any(left[name] != right[name] for name in front)):
        return NONE
    if others[-1] in names[:-1]:  # table @ table.T: two axes of one name cannot be told apart
        return NONE
    return {**{name: left[name] for name in names[:-1]}, others[-1]: right[others[-1]]}


def _same(one: Rows, other: Rows) -> bool:
    return list(one) == list(other) and one == other
