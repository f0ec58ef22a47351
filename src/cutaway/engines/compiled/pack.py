"""Weights laid out as the products read them: panels of columns, one number after the other."""

from dataclasses import dataclass
from math import prod

import numpy as np

from cutaway.engines.compiled.kernels import NOTHING
from cutaway.engines.compiled.machine import round_up
from cutaway.engines.compiled.vector import PANEL

PIECE_BYTES, LINE_BYTES = 32 * 2**20, 64
AT_ONCE = 64  # panels packed at a time, so that packing needs little memory beside the result


@dataclass(frozen=True, eq=False)
class Panels:
    """A table of weights (depth width) in float32.  panels: (panel depth column)"""

    panels: np.ndarray
    depth: int
    width: int

    @property
    def shape(self) -> tuple[int, int]:
        return self.depth, self.width


@dataclass(frozen=True, eq=False)
class BytePanels:
    """A table of weights (depth width) in int8, one scale a column: weight = byte * scale.

    panels       (panel depth/4 column 4), int8; the depth made up to four with zeros
    scales       (column), float32: what one step is worth, for every column of every panel
    corrections  (column), int32: 128 times the sum of the column's bytes
    """

    panels: np.ndarray
    scales: np.ndarray
    corrections: np.ndarray
    depth: int
    width: int

    @property
    def shape(self) -> tuple[int, int]:
        return self.depth, self.width


class Arena:
    """Memory for panels, side by side in large pieces.

    The system gives large pieces large pages; with small ones, looking up where they are would take
    as long as reading what is on them.
    """

    def __init__(self):
        self._piece, self._used = np.empty(0, np.uint8), 0

    def take(self, shape: tuple[int, ...], dtype: type) -> np.ndarray:
        """Zeros, beginning at a cache line."""
        size_bytes = prod(shape) * np.dtype(dtype).itemsize
        if self._used + size_bytes > len(self._piece):
            self._piece = np.zeros(max(PIECE_BYTES, size_bytes) + LINE_BYTES, np.uint8)
            self._used = -self._piece.__array_interface__["data"][0] % LINE_BYTES
        place = self._piece[self._used:self._used + size_bytes]
        self._used += round_up(size_bytes, LINE_BYTES)
        return place.view(dtype).reshape(shape)


def pack(table: np.ndarray, arena: Arena) -> Panels:
    """(depth width), any order in memory -> panels."""
    depth, width = table.shape
    panels = arena.take((round_up(width, PANEL) // PANEL, depth, PANEL), np.float32)
    for first, columns in _columns(table):
        panels[first:first + columns.shape[1]] = columns.swapaxes(0, 1)
    return Panels(panels, depth, width)


def pack_bytes(table: np.ndarray, arena: Arena) -> BytePanels:
    """(depth width), float32, any order in memory -> panels of bytes, symmetric around 0.

    Every column has a scale of its own: its largest weight becomes 127 or -127.
    """
    depth, width = table.shape
    deep, wide = round_up(depth, 4), round_up(width, PANEL)
    panels = arena.take((wide // PANEL, deep // 4, PANEL, 4), np.int8)
    scales, corrections = np.zeros(wide, np.float32), np.zeros(wide, np.int32)
    for first, columns in _columns(table):
        largest = np.abs(columns).max(axis=0)
        whole = np.rint(columns * (127 / np.where(largest < NOTHING, 1, largest))).astype(np.int8)
        count = columns.shape[1]
        here = slice(first * PANEL, (first + count) * PANEL)
        scales[here] = (largest / 127).reshape(-1)
        corrections[here] = 128 * whole.sum(axis=0, dtype=np.int32).reshape(-1)
        filled = np.zeros((deep, count, PANEL), np.int8)
        filled[:depth] = whole
        panels[first:first + count] = filled.reshape(deep // 4, 4, count, PANEL).transpose(
            2, 0, 3, 1)
    return BytePanels(panels, scales, corrections, depth, width)


def _columns(table: np.ndarray):
    """Some panels' columns at a time: (number of the first panel, (depth panel column))."""
    depth, width = table.shape
    for first in range(0, round_up(width, PANEL) // PANEL, AT_ONCE):
        start, stop = first * PANEL, min(width, (first + AT_ONCE) * PANEL)
        columns = np.zeros((depth, round_up(stop - start, PANEL)), np.float32)
        columns[:, :stop - start] = table[:, start:stop]
        yield first, columns.reshape(depth, -1, PANEL)
