"""Memory for tables, used again when a table is not needed any more.

The first touch of fresh memory costs more than most steps: the system hands it out page by page,
each one cleared. A run that replaces another of the same size takes over its memory instead.
"""

import threading
from math import prod

import numpy as np

SMALL_BYTES = 256 * 1024
MOST_FREE_BYTES = 2 * 2**30
_LINE_FLOATS = 16  # a cache line: tables start at one


class Storage:
    """Where tables are made, and what is left of those that nobody holds any more."""

    def __init__(self):
        self._free: dict[int, list[np.ndarray]] = {}
        self._free_bytes = 0
        self._one_at_a_time = threading.RLock()  # a table may be let go of while one is made

    def table(self, shape: tuple[int, ...]) -> np.ndarray:
        """Memory for a table in float32; what stands in it is anything."""
        count = prod(shape)
        if count * 4 < SMALL_BYTES:
            return np.empty(shape, np.float32)
        with self._one_at_a_time:
            free = self._free.get(count)
            memory = free.pop() if free else None
            if memory is not None:
                self._free_bytes -= memory.nbytes
        if memory is None:
            memory = np.empty(count + _LINE_FLOATS, np.float32)
        return np.asarray(_Lease(self, memory, shape))

    def take_back(self, memory: np.ndarray) -> None:
        with self._one_at_a_time:
            if self._free_bytes + memory.nbytes <= MOST_FREE_BYTES:
                self._free.setdefault(len(memory) - _LINE_FLOATS, []).append(memory)
                self._free_bytes += memory.nbytes


class _Lease:
    """What a table and all views of it hold on to. With the last of them the memory goes back."""

    def __init__(self, storage: Storage, memory: np.ndarray, shape: tuple[int, ...]):
        self._storage, self._memory = storage, memory
        address = memory.__array_interface__["data"][0]
        self.nbytes = prod(shape) * 4
        self.__array_interface__ = {"version": 3, "shape": shape, "typestr": "<f4",
                                    "data": (-(-address // 64) * 64, False)}

    def __del__(self):
        self._storage.take_back(self._memory)
