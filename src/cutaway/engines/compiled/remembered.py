"""The keys and values of a text that is being written, as attention reads them."""

from collections.abc import Callable, Mapping

import numpy as np

from cutaway.engines.compiled.machine import round_up
from cutaway.engines.compiled.vector import PANEL


class Remembered:
    """Room for the keys and values of all positions that a model has.

    A longer text writes its new rows behind those of the shorter one that it goes on from, whose
    own rows stay as they are. Where two texts go on from the same one, the second takes a copy.

    keys    by name (head panel head_embed column): a panel's columns are positions
    values  by name (head panel position column): a panel's columns are of head_embed
    filled  how many positions have been written
    programs  the instructions that write here, by what they make and for how many rows
    """

    def __init__(self, keys: Mapping[str, tuple[int, int]], values: Mapping[str, tuple[int, int]],
                 n_positions: int, room: Callable[[tuple[int, ...]], np.ndarray]):
        self.widths = {name: width for name, (_, width) in {**keys, **values}.items()}
        self.filled, self.programs = 0, {}
        wide = round_up(n_positions, PANEL)
        self._room = room  # what stands there is never read: every row is written first
        self.keys = {name: room((heads, wide // PANEL, width, PANEL))
                     for name, (heads, width) in keys.items()}
        self.values = {name: room((heads, round_up(width, PANEL) // PANEL, wide, PANEL))
                       for name, (heads, width) in values.items()}

    @property
    def nbytes(self) -> int:
        return sum(table.nbytes for table in (*self.keys.values(), *self.values.values()))

    def copy(self, count: int) -> "Remembered":
        """The first `count` positions in memory of their own."""
        other = object.__new__(Remembered)
        other.widths, other.filled, other.programs = self.widths, count, {}
        panels = round_up(count, PANEL) // PANEL
        other._room = self._room
        other.keys = {name: self._room(table.shape) for name, table in self.keys.items()}
        other.values = {name: self._room(table.shape) for name, table in self.values.items()}
        for name, table in self.keys.items():
            other.keys[name][:, :panels] = table[:, :panels]
        for name, table in self.values.items():
            other.values[name][:, :, :count] = table[:, :, :count]
        return other

    def table(self, name: str, count: int) -> np.ndarray:
        """The first `count` rows as the book has them.  (head position head_embed)"""
        if name in self.keys:
            rows = self.keys[name].swapaxes(-1, -2)  # (head panel column head_embed)
            rows = rows.reshape(len(rows), -1, self.widths[name])
        else:
            rows = self.values[name].swapaxes(1, 2)  # (head position panel column)
            rows = rows.reshape(*rows.shape[:2], -1)
        return np.ascontiguousarray(rows[:, :count, :self.widths[name]])
