"""The keys and values of a text that is being written, as attention reads them."""

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from cutaway.engines.compiled.machine import round_up
from cutaway.engines.compiled.vector import PANEL

Shapes = Mapping[str, tuple[int, int]]


class KeyValueMemory:
    """Memory for the keys and values of all positions, and the instructions that write there.

    keys      by name (head panel head_embed column): a panel's columns are positions
    values    by name (head panel position column): a panel's columns are of head_embed
    programs  by what they make, and for how many rows
    """

    def __init__(self, keys: Shapes, values: Shapes, n_positions: int,
                 table: Callable[[tuple[int, ...]], np.ndarray]):
        self.widths = {name: width for name, (_, width) in {**keys, **values}.items()}
        wide = round_up(n_positions, PANEL)
        # What stands there is never read: every row is written first.
        self.keys = {name: table((heads, wide // PANEL, width, PANEL))
                     for name, (heads, width) in keys.items()}
        self.values = {name: table((heads, round_up(width, PANEL) // PANEL, wide, PANEL))
                       for name, (heads, width) in values.items()}
        self.programs: dict[tuple[str, int], Any] = {}

    def keep(self, key: tuple[str, int], program: Any) -> None:
        """Keep the instructions for one row, and the newest of those for a prompt."""
        if key[1] > 1:
            self.programs = {(name, n): one for (name, n), one in self.programs.items() if n == 1}
        self.programs[key] = program


class KeyValueMemories:
    """The memories of the texts of one book with the same weights.

    A text that nobody holds any more leaves its memory, with the instructions, to the next one.

    made    makes one more memory
    leaves  the weights that the instructions read
    """

    def __init__(self, made: Callable[[], KeyValueMemory], leaves: Mapping[str, Any]):
        self._made, self.leaves = made, leaves
        self._spare: list[KeyValueMemory] = []

    def take(self) -> KeyValueMemory:
        return self._spare.pop() if self._spare else self._made()

    def take_back(self, memory: KeyValueMemory) -> None:
        """Keep it for the next text; one is enough, as texts mostly follow each other."""
        if not self._spare:
            self._spare.append(memory)


class Remembered:
    """A text's memory, and how much of it is written.

    A longer text writes its new rows behind those of the shorter one that it goes on from, whose
    own rows stay as they are. Where two texts go on from the same one, the second takes a copy.

    filled  how many positions have been written
    """

    def __init__(self, memories: KeyValueMemories):
        self._memories, self.memory, self.filled = memories, memories.take(), 0

    def __del__(self):
        self._memories.take_back(self.memory)

    @property
    def nbytes(self) -> int:
        memory = self.memory
        return sum(table.nbytes for table in (*memory.keys.values(), *memory.values.values()))

    def copy(self, count: int) -> "Remembered":
        """The first `count` positions in memory of their own."""
        other = Remembered(self._memories)
        other.filled = count
        panels = round_up(count, PANEL) // PANEL
        for name, table in self.memory.keys.items():
            other.memory.keys[name][:, :panels] = table[:, :panels]
        for name, table in self.memory.values.items():
            other.memory.values[name][:, :, :count] = table[:, :, :count]
        return other

    def table(self, name: str, count: int) -> np.ndarray:
        """The first `count` rows as the book has them.  (head position head_embed)"""
        memory = self.memory
        if name in memory.keys:
            rows = memory.keys[name].swapaxes(-1, -2)  # (head panel column head_embed)
            rows = rows.reshape(len(rows), -1, memory.widths[name])
        else:
            rows = memory.values[name].swapaxes(1, 2)  # (head position panel column)
            rows = rows.reshape(*rows.shape[:2], -1)
        return np.ascontiguousarray(rows[:, :count, :memory.widths[name]])
