"""Numbers for people: as many digits as say something, the same in a whole table."""

from collections.abc import Callable

import numpy as np

Written = Callable[[float], str]


def number_format(array: np.ndarray) -> Written:
    """How the numbers of a table are written: its largest shows three digits that count."""
    if array.dtype.kind in "iu":
        return lambda number: str(int(number))
    finite = np.abs(array[np.isfinite(array)])
    largest = float(finite.max(initial=0))
    if largest and not 1e-3 <= largest < 1e6:
        return lambda number: "0" if number == 0 else f"{number:.2e}"
    digits = 3 if largest < 10 else 2 if largest < 100 else 1
    if 0 < largest < 0.1:
        digits = 5
    return lambda number: "0" if number == 0 else f"{number:.{digits}f}"
