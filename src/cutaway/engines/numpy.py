"""The NumPy engine: the reference. It calls the steps, and shows every table."""

from collections.abc import Sequence
from typing import Any

import numpy as np

from cutaway.errors import SettingError
from cutaway.workbook.book import Book, Node
from cutaway.workbook.calculation import Calculation


class NumpyEngine:
    """Calculates in float32, or in float64 on request.

        NumpyEngine(np.float64)
    """

    rows_stand_alone = False  # the libraries sum in other orders for other numbers of rows

    def __init__(self, dtype: type = np.float32):
        self.dtype = np.dtype(dtype)
        if self.dtype.kind != "f":
            raise SettingError(f"The engine's numbers cannot be {self.dtype}: np.float32 or "
                               f"np.float64 is expected.")
        self.itemsize = self.dtype.itemsize

    def calculate(self, book: Book, node: Node, arguments: Sequence[Any]) -> Any:
        """The table that a step makes of the tables that it reads."""
        return node.step.function(*arguments)

    def at_once(self, calculation: Calculation, name: str) -> Any:
        """Leave every table to be calculated by itself."""
        return None

    def leaf(self, array: np.ndarray) -> np.ndarray:
        """Numbers in the engine's precision; whole numbers (ids) as they are."""
        whole = array.dtype.kind in "iu"
        return _read_only(np.asarray(array, None if whole else self.dtype, order="C"))

    def own(self, table: np.ndarray) -> np.ndarray:
        """The table in memory of its own, not as a part of a larger one."""
        leans = table.base is not None and table.base.nbytes > table.nbytes
        return _read_only(table.copy() if leans else table)

    def has_nan(self, table: np.ndarray) -> bool:
        """Whether any cell holds NaN."""
        return bool(np.isnan(table).any())

    def join(self, pieces: Sequence[np.ndarray], axis: int) -> np.ndarray:
        """Tables one below the other."""
        return np.concatenate(pieces, axis=axis)

    def to_numpy(self, table: np.ndarray) -> np.ndarray:
        """A table as it is shown."""
        return np.asarray(table)


def _read_only(array: np.ndarray) -> np.ndarray:
    """The same numbers, which a formula that works in place cannot overwrite: runs share them."""
    view = array.view()
    view.flags.writeable = False
    return view
