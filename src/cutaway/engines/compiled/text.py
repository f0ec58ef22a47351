"""A text being written: every step of its new rows in one go, keys and values growing in place.

Where nobody looks at the tables between, the machine is given all steps at once, and attention as
one instruction that writes no `scores` down. It does the same sums in the same order as step by
step, so that the logits are the same to the last bit.
"""

from collections.abc import Callable, Sequence
from math import prod
from typing import Any, cast

import numpy as np

from cutaway.engines.compiled.program import Program
from cutaway.engines.compiled.remembered import KeyValueMemory
from cutaway.engines.forms import Form
from cutaway.engines.plan import Action
from cutaway.workbook.book import Book, Node

Given = Callable[[Form, str], Any]
Fresh = Callable[[tuple[int, ...]], np.ndarray]


class TextProgram:
    """The instructions for some new rows of a text, with memory for every table between.

    n_rows  how many rows; a program for one row serves every further token
    memory  where keys and values are remembered
    fresh   makes memory for a table
    shape   of the table asked for, whose memory is given with each run
    """

    def __init__(self, book: Book, name: str, actions: Sequence[Action], n_rows: int,
                 memory: KeyValueMemory, given: Given, n_threads: int, fresh: Fresh):
        self.name, self.n_rows, self.n_threads = name, n_rows, n_threads
        self.tables: dict[str, np.ndarray] = {}
        self.inputs: dict[str, np.ndarray] = {}  # ids or positions of the new rows
        self.parts: list[Program | Action] = []
        self._direct: Program | None = None
        self._free: dict[int, list[np.ndarray]] = {}
        self._book, self._given, self._memory, self._fresh = book, given, memory, fresh
        own: dict[str, str] = {}  # another name of a table -> its own
        for action in actions:
            if self._is_view(action):
                own[action.node.name] = own.get(action.reads[0], action.reads[0])
        # A head's keys and values are remembered just before it asks: what they are cut out of is
        # read as long as any head asks.
        cut = {action.node.name: action.reads for action in actions
               if action.kind in ("keys", "values")}
        reads = {action.node.name: {own.get(word, word) for name in action.reads
                                    for word in (name, *cut.get(name, ()))} for action in actions}
        last = {word: name for name, words in reads.items() for word in words}
        for action in actions:
            self._enter(action)
            for word in reads[action.node.name]:
                if last[word] == action.node.name and word in self.tables \
                        and not self._is_view(action):
                    table = self.tables[word]
                    self._free.setdefault(table.size, []).append(table)
        self.shape = self.tables[name].shape
        # Needed no more, and held in a circle: the memory of a text is free when its runs are.
        del self._book, self._given, self._memory, self._free, self._fresh

    def _n_rows(self, action: Action) -> int:
        return 1 if action.last else self.n_rows

    def _is_view(self, action: Action) -> bool:
        """Whether a table's numbers stand in another one. To deal one row out to heads, or to lay
        heads of one row side by side, moves nothing."""
        if action.kind != "form" or action.form is None:
            return False
        one_row = self._n_rows(action) == 1 and action.form.kind in ("split", "merge")
        return one_row or action.form.kind == "view"

    def _enter(self, action: Action) -> None:
        """One step's instruction, or its place among the instructions."""
        node, form = action.node, action.form
        if action.kind == "plain":
            self.tables[node.name] = self._memory(self._shape(action))
            self.parts.append(action)
            return
        assert form is not None
        given = [self._read(action, word) for word in action.reads]
        if self._is_view(action):
            self.tables[node.name] = _viewed(form, given[0], node)
            return
        if not self.parts or isinstance(self.parts[-1], Action):
            self.parts.append(Program(self.n_threads))
        program = self.parts[-1]
        assert isinstance(program, Program)
        if action.kind == "keys":
            program.remember_keys(form, self._memory.keys[node.name], given[0])
        elif action.kind == "values":
            program.remember_values(form, self._memory.values[node.name], given[0])
        else:
            shape = self._shape(action)
            if node.name == self.name:  # the last instruction: it writes where each run wants it
                self._direct, out = program, np.broadcast_to(np.float32(0), shape)
            else:
                out = self._memory(shape)
            self.tables[node.name] = out
            if action.kind == "attend":
                program.attend(form, out, given, skipped=self.n_rows - self._n_rows(action))
            else:
                program.add(form, out, given)

    def _read(self, action: Action, word: str) -> Any:
        """What an instruction reads: a table, of which a last row needs the last row only."""
        if word in self._memory.keys:
            return self._memory.keys[word]
        if word in self._memory.values:
            return self._memory.values[word]
        if word in self._book.inputs:
            table = self.inputs.setdefault(word, np.empty(self.n_rows, np.int64))
        elif word in self.tables:
            table = self.tables[word]
        else:
            return self._given(cast(Form, action.form), word)
        rows_first = self._book.axes(word)[0] == "position"
        return table[-1:] if action.last and rows_first else table

    def _shape(self, action: Action) -> tuple[int, ...]:
        counts = {**self._book.sizes, "position": self._n_rows(action)}
        return tuple(counts[axis] for axis in action.node.step.axes)

    def _memory(self, shape: tuple[int, ...]) -> np.ndarray:
        free = self._free.get(prod(shape))
        return free.pop().reshape(shape) if free else self._fresh(shape)

    def run(self, first: int, out: np.ndarray, run_part: Callable[[Program, int], None],
            leaf: Callable[[str], Any]) -> None:
        """Calculate the rows from position `first` on, and remember their keys and values.

        out       memory for the table asked for
        run_part  what runs a program
        leaf      a weight, a plain number, or the ids and positions of the new rows
        """
        for word, rows in self.inputs.items():
            rows[...] = leaf(word)
        if self._direct:
            self._direct.write_to(out)
        for part in self.parts:
            if isinstance(part, Program):
                run_part(part, first)
            else:
                node = part.node
                given = [self.tables[word] if word in self.tables else leaf(word)
                         for word in node.reads]
                self.tables[node.name][...] = node.step.function(*given)
        if not self._direct:
            out[...] = self.tables[self.name]


def _viewed(form: Form, table: np.ndarray, node: Node) -> np.ndarray:
    """Another table's numbers under a name of their own."""
    if form.kind == "view":
        return node.step.function(table)
    if form.kind == "merge":
        return table.reshape(1, -1)
    index, of, n_head = (int(number) for number in form.numbers)
    width = table.shape[1] // of
    return table[:, index * width:(index + 1) * width].reshape(n_head, 1, -1)
