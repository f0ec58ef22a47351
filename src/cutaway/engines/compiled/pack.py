"""Weights laid out as the products read them: panels of columns, one number after the other."""

from dataclasses import dataclass

import numpy as np

from cutaway.engines.compiled.machine import round_up
from cutaway.engines.compiled.vector import PANEL

NOTHING = 1e-36  # a column of weights all smaller is 0 in bytes: 127 / its largest may be infinite
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


def pack(table: np.ndarray) -> Panels:
    """(depth width), any order in memory -> panels."""
    depth, width = table.shape
    panels = np.zeros((round_up(width, PANEL) // PANEL, depth, PANEL), np.float32)
    for first, columns in _columns(table):
        panels[first:first + columns.shape[1]] = columns.swapaxes(0, 1)
    return Panels(panels, depth, width)


def pack_bytes(table: np.ndarray) -> BytePanels:
    """(depth width), float32, any order in memory -> panels of bytes, symmetric around 0.

    Every column has a scale of its own: its largest weight becomes 127 or -127.
    """
    depth, width = table.shape
    deep, wide = round_up(depth, 4), round_up(width, PANEL)
    panels = np.zeros((wide // PANEL, deep // 4, PANEL, 4), np.int8)
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
