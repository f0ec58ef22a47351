"""What must hold of a table's numbers, by the model's own formula, and whether it does."""

from dataclasses import dataclass
from typing import Any

import numpy as np

from cutaway.errors import UnsupportedStep
from cutaway.look.matrix import Matrix
from cutaway.workbook.book import Book
from cutaway.workbook.symbol import Symbol, trace

ROUNDING = 1e-4  # float32 rows of many numbers; a mistake is far larger


@dataclass(frozen=True)
class Check:
    """One thing that must hold: in words, whether it does, and what was found."""

    words: str
    ok: bool
    found: str


def checks(book: Book, page: Matrix) -> list[Check]:
    """What must hold of a step's table, and whether it does; an edit may well break it.

    book  with the model's own formulas: they say what must hold
    """
    array = page.array.astype(np.float64)
    traced = _traced(book, page.table.name)
    if traced is not None and traced.operation == "softmax":
        found = [_rows_are_shares(array) if page.columns else _column_is_shares(array)]
        if any(part.operation == "causal" for part in traced.walk()):
            found.append(_nothing_ahead(array))
        return found
    if traced is not None and traced.operation == "normalise":
        return _normalised(array)
    if traced is not None and traced.operation == "rms_normalise":
        return [_squares_have_mean_1(array)]
    wrong = int((~np.isfinite(array)).sum())
    return [_check("every number is finite", not wrong, f"{wrong} are not")]


def _traced(book: Book, name: str) -> Symbol | None:
    try:
        return trace(book, name)
    except UnsupportedStep:
        return None


def _rows_are_shares(array: np.ndarray) -> Check:
    sums = array.sum(axis=-1)
    return _check("rows sum to 1", np.abs(sums - 1).max() < ROUNDING,
                  f"they are {sums.min():.4g} to {sums.max():.4g}")


def _column_is_shares(array: np.ndarray) -> Check:
    total = float(array.sum())
    return _check("sums to 1", abs(total - 1) < ROUNDING, f"{total:.6g}")


def _nothing_ahead(array: np.ndarray) -> Check:
    ahead = np.triu(array, 1)
    return _check("nothing looks ahead", not ahead.any(),
                  f"{np.count_nonzero(ahead)} above the diagonal are not 0")


def _normalised(array: np.ndarray) -> list[Check]:
    mean, variance = np.abs(array.mean(axis=-1)).max(), array.var(axis=-1)
    return [_check("rows have mean 0", mean < ROUNDING, f"at most {mean:.2g}"),
            _check("rows have variance 1", np.abs(variance - 1).max() < 0.05,
                   f"{variance.min():.6g} to {variance.max():.6g}")]


def _squares_have_mean_1(array: np.ndarray) -> Check:
    squares = (array * array).mean(axis=-1)
    return _check("rows' squares have mean 1", np.abs(squares - 1).max() < 0.05,
                  f"{squares.min():.6g} to {squares.max():.6g}")


def _check(words: str, holds: Any, found: str) -> Check:
    return Check(words, bool(holds), found)
