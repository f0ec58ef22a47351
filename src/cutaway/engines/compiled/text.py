"""A text being written: every step of its new rows in one go, keys and values growing in place.

Where nobody looks at the tables between, the machine is given all steps at once, and attention as
one instruction that writes no `scores` down. It does the same sums in the same order as step by
step, so that the logits are the same to the last bit.
"""

from collections.abc import Callable, Sequence
from math import prod
from typing import Any

import numpy as np

from cutaway.engines.compiled.program import Program
from cutaway.engines.compiled.remembered import Remembered
from cutaway.engines.forms import Form
from cutaway.engines.plan import Action
from cutaway.workbook.book import Book, Node

Given = Callable[[Form, str], Any]
Room = Callable[[tuple[int, ...]], np.ndarray]


class TextProgram:
    """The instructions for some new rows of a text, with room for every table between.

    n_rows  how many rows; a program for one row serves every further token
    room    memory for a table; a program for one row, which stays, has its own
    """

    def __init__(self, book: Book, name: str, actions: Sequence[Action], n_rows: int,
                 remembered: Remembered, given: Given, n_threads: int, room: Room):
        self.name, self.n_rows, self.n_threads = name, n_rows, n_threads
        self.tables: dict[str, np.ndarray] = {}
        self.parts: list[Program | Action] = []
        self._free: dict[int, list[np.ndarray]] = {}
        self._fresh = room
        self._book, self._given, self._remembered = book, given, remembered
        own: dict[str, str] = {}  # another name of a table -> its own
        for action in actions:
            if action.kind == "alias":
                own[action.node.name] = own.get(action.reads[0], action.reads[0])
        last = {own.get(word, word): action.node.name
                for action in actions for word in action.reads}
        for action in actions:
            self._enter(action)
            for word in {own.get(word, word) for word in action.reads}:
                if last[word] == action.node.name and word in self.tables \
                        and action.kind != "alias":
                    table = self.tables[word]
                    self._free.setdefault(table.size, []).append(table)
        # Needed no more, and held in a circle: the memory of a text is free when its runs are.
        del self._book, self._given, self._remembered, self._free, self._fresh

    def _enter(self, action: Action) -> None:
        """One step's instruction, or its place among the instructions."""
        node, form = action.node, action.form
        if action.kind == "alias":
            self.tables[node.name] = self.tables[action.reads[0]]
        elif action.kind == "plain":
            self.tables[node.name] = self._room(self._shape(node))
            self.parts.append(action)
        else:
            if not self.parts or isinstance(self.parts[-1], Action):
                self.parts.append(Program(self.n_threads))
            program = self.parts[-1]
            assert isinstance(program, Program) and form is not None
            given = [self._read(form, word) for word in action.reads]
            if action.kind == "keys":
                program.remember_keys(form, self._remembered.keys[node.name], given[0])
            elif action.kind == "values":
                program.remember_values(form, self._remembered.values[node.name], given[0])
            else:
                self.tables[node.name] = out = self._room(self._shape(node))
                enter = program.attend if action.kind == "attend" else program.add
                enter(form, out, given)

    def _read(self, form: Form, word: str) -> Any:
        if word in self._remembered.keys:
            return self._remembered.keys[word]
        if word in self._remembered.values:
            return self._remembered.values[word]
        return self.tables[word] if word in self.tables else self._given(form, word)

    def _shape(self, node: Node) -> tuple[int, ...]:
        counts = {**self._book.sizes, "position": self.n_rows}
        return tuple(counts[axis] for axis in node.step.axes)

    def _room(self, shape: tuple[int, ...]) -> np.ndarray:
        free = self._free.get(prod(shape))
        return free.pop().reshape(shape) if free else self._fresh(shape)

    def run(self, first: int, run_part: Callable[[Program, int], None],
            leaf: Callable[[str], Any]) -> np.ndarray:
        """Calculate the rows from position `first` on, and remember their keys and values.

        run_part  what runs a program
        leaf      a weight, a plain number, or the ids and positions of the new rows
        returns   the table asked for; of one row a copy, as the next row is written over it
        """
        for part in self.parts:
            if isinstance(part, Program):
                run_part(part, first)
            else:
                node = part.node
                given = [self.tables[word] if word in self.tables else leaf(word)
                         for word in node.reads]
                self.tables[node.name][...] = node.step.function(*given)
        table = self.tables[self.name]
        return table.copy() if self.n_rows == 1 else table
