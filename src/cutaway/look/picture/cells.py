"""Which cells of what an operation reads are in question when one cell of its result is."""

from collections.abc import Callable, Sequence

import numpy as np

from cutaway.look.picture.records import Named

Index = tuple[int, ...]


def cells_read(operation: str, given: Sequence[Named], index: Index) -> list[Index]:
    """For each thing that an operation is given, the cell that goes with a cell of the result.

    Of a product, in which a whole row and a whole column go, the place of the largest term.
    """
    moved = MOVED.get(operation)
    if moved is not None:
        return moved(given, index)
    return [one.cell(index) if len(index) >= one.array.ndim else (0,) * one.array.ndim
            for one in given]


def row_and_column(given: Sequence[Named], index: Index) -> tuple[np.ndarray, np.ndarray]:
    """The row of the left table and the column of the right one whose product is in a cell."""
    left, right = given
    at_left, at_right = product_cells(given, index, 0)
    return left.array[at_left[:-1]], right.array[(*at_right[:-2], slice(None), at_right[-1])]


def product_cells(given: Sequence[Named], index: Index, term: int) -> list[Index]:
    """The two cells of a product's term."""
    left, right = (one.array for one in given)
    rows = index[-2:-1] if left.ndim > 1 else ()
    front = index[:-2] if left.ndim > 1 else index[:-1]
    return [(*_last(front, left.ndim - len(rows) - 1, left.shape), *rows, term),
            (*_last(front, right.ndim - 2, right.shape), term, index[-1])]


def _last(front: Index, count: int, shape: Index) -> Index:
    own = front[len(front) - count:] if count > 0 else ()
    return tuple(min(one, size - 1) for one, size in zip(own, shape[:len(own)], strict=True))


def _product(given: Sequence[Named], index: Index) -> list[Index]:
    row, column = row_and_column(given, index)
    with np.errstate(all="ignore"):
        terms = np.abs(row.astype(np.float64) * column)
    return product_cells(given, index, int(np.nan_to_num(terms).argmax()))


def _transpose(given: Sequence[Named], index: Index) -> list[Index]:
    return [(*index[:-2], index[-1], index[-2])]


def _look_up(given: Sequence[Named], index: Index) -> list[Index]:
    row = int(given[1].array[index[:-1]])
    return [(row, index[-1]), index[:-1]]


def _part(given: Sequence[Named], index: Index) -> list[Index]:
    width = given[0].array.shape[-1] // int(given[2].array)
    return [(*index[:-1], int(given[1].array) * width + index[-1]), (), ()]


def _split_heads(given: Sequence[Named], index: Index) -> list[Index]:
    *front, head, position, column = index
    width = given[0].array.shape[-1] // int(given[1].array)
    return [(*front, position, head * width + column), ()]


def _merge_heads(given: Sequence[Named], index: Index) -> list[Index]:
    *front, position, column = index
    width = given[0].array.shape[-1]
    return [(*front, column // width, position, column % width)]


def _repeat_heads(given: Sequence[Named], index: Index) -> list[Index]:
    *front, head, position, column = index
    return [(*front, head // int(given[1].array), position, column), ()]


def _rotate(given: Sequence[Named], index: Index) -> list[Index]:
    return [index, index[-2:-1], ()]


def _last_row(given: Sequence[Named], index: Index) -> list[Index]:
    return [(*index[:-1], given[0].array.shape[-2] - 1, index[-1])]


MOVED: dict[str, Callable[[Sequence[Named], Index], list[Index]]] = {
    "product": _product, "transpose": _transpose, "look_up": _look_up, "part": _part,
    "split_heads": _split_heads, "merge_heads": _merge_heads, "repeat_heads": _repeat_heads,
    "rotate": _rotate, "last_row": _last_row,
}
