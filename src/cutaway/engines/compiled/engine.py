"""The compiled engine: the steps traced to instructions that native code carries out."""

import threading
from collections.abc import Sequence
from typing import Any
from weakref import WeakKeyDictionary, ref

import numpy as np

from cutaway.engines.compiled.pack import Arena, BytePanels, Panels, pack, pack_bytes
from cutaway.engines.compiled.program import Program
from cutaway.engines.compiled.remembered import KeyValueMemories, KeyValueMemory, Remembered
from cutaway.engines.compiled.storage import Storage
from cutaway.engines.compiled.text import TextProgram
from cutaway.engines.compiled.threads import Team
from cutaway.engines.forms import Form
from cutaway.engines.numpy import NumpyEngine
from cutaway.engines.plan import Action, Planner, remembered_shapes, write_rows
from cutaway.errors import SettingError
from cutaway.workbook.book import Book, Node
from cutaway.workbook.calculation import Calculation

WORTH_WAKING = 200_000  # multiplications that take about as long as waking another thread


class CompiledEngine(NumpyEngine):
    """Calculates in float32 by native code, with every core.

        model.run("Mike is quick. He moves", engine=CompiledEngine())
        model.run("Mike is quick. He moves", engine=CompiledEngine("int8"))

    weights  "float32", or "int8": a byte for each weight, a quarter of the memory to read, and
             almost the same numbers
    Raises:  SettingError
    """

    rows_stand_alone = True

    def __init__(self, weights: str = "float32"):
        super().__init__(np.float32)
        if weights not in ("float32", "int8"):
            raise SettingError(f"The weights cannot be {weights!r}: \"float32\" or \"int8\" is "
                               f"expected.")
        self.weights = weights
        self.team, self.storage = Team(), Storage()
        self._one_at_a_time = threading.Lock()
        self.planner, self._arena = Planner(), Arena()
        self._memories: WeakKeyDictionary[Book, KeyValueMemories] = WeakKeyDictionary()
        self._packed: dict[tuple[int, bool], tuple[ref, Panels | BytePanels]] = {}

    def calculate(self, book: Book, node: Node, arguments: Sequence[Any]) -> Any:
        """One step: by the machine where it knows the formula, otherwise as NumPy does it."""
        form = self.planner.form(book, node)
        whole = all(np.ndim(one) == len(book.axes(word))
                    for word, one in zip(node.reads, arguments, strict=True))
        if form is None or form.kind == "view" or not whole:  # several prompts have an axis more
            return super().calculate(book, node, arguments)
        by_name = dict(zip(node.reads, arguments, strict=True))
        given = [self.given(form, word, by_name[word]) for word in form.reads]
        out = self.storage.table(shape_made(form, [one.shape for one in given]))
        program = Program(self.team.count)
        program.add(form, out, given)
        program.run(self.team, 0, alone=program.work < WORTH_WAKING)
        return out

    def at_once(self, calculation: Calculation, name: str) -> np.ndarray | None:
        """A table's new rows where nobody looks at what lies between, as in `text.py`.

        returns  None where they are to be calculated step by step
        """
        actions = self.planner.actions(calculation, name)
        if actions is None:
            return None

        def begin() -> Remembered:
            return Remembered(self._memories_of(calculation, actions))

        def calculate(remembered: Remembered, first: int) -> np.ndarray:
            n_rows = calculation.ids.shape[-1] - first
            program = self._program(calculation, name, actions, n_rows, remembered.memory)
            out = self.storage.table(program.shape)
            program.run(first, out, lambda part, at: part.run(self.team, at),
                        lambda word: calculation.leaf(word, first))
            return out

        with self._one_at_a_time:
            return write_rows(calculation, name, actions, begin, calculate)

    def _memories_of(self, calculation: Calculation, actions: list[Action]) -> KeyValueMemories:
        """Where a new text finds memory: that of an earlier one which read the same weights."""
        book, leaves = calculation.book, calculation.setting.leaves
        memories = self._memories.get(book)
        if memories is None or memories.leaves is not leaves or calculation.edits:
            keys = remembered_shapes(book, actions, "keys")
            values = remembered_shapes(book, actions, "values")
            n_positions, table = book.sizes["position"], self.storage.table
            memories = KeyValueMemories(
                lambda: KeyValueMemory(keys, values, n_positions, table), leaves)
            if not calculation.edits:
                self._memories[book] = memories
        return memories

    def _program(self, calculation: Calculation, name: str, actions: list[Action], n_rows: int,
                 memory: KeyValueMemory) -> TextProgram:
        """The instructions, which are kept for the tokens and the prompts to come."""
        program = memory.programs.get((name, n_rows))
        if program is None:
            program = TextProgram(
                calculation.book, name, actions, n_rows, memory,
                lambda form, word: self.given(form, word, calculation.leaf(word, 0)),
                self.team.count, self.storage.table)
            memory.keep((name, n_rows), program)
        return program

    def given(self, form: Form, name: str, table: np.ndarray) -> Any:
        """What an instruction is given for a table: a product's weight as panels."""
        if form.kind == "product" and name == form.reads[1]:
            return self._panels(table, form.turned)
        return np.ascontiguousarray(table, np.int64 if table.dtype.kind in "iu" else np.float32)

    def _panels(self, weight: np.ndarray, turned: bool) -> Panels | BytePanels:
        """A weight laid out for products, made when it is first needed, as long as it lives."""
        key = id(weight), turned
        if key not in self._packed or self._packed[key][0]() is not weight:
            table = weight.T if turned else weight
            packed = pack_bytes if self.weights == "int8" else pack
            made = packed(table, self._arena)
            self._packed[key] = (ref(weight, lambda _: self._packed.pop(key, None)), made)
        return self._packed[key][1]


def shape_made(form: Form, shapes: Sequence[tuple[int, ...]]) -> tuple[int, ...]:
    """The shape of the table that a form makes from tables of these shapes."""
    match form.kind:
        case "look_up":
            return (*shapes[1], shapes[0][-1])
        case "product" | "mixed":
            return (*shapes[0][:-1], shapes[1][-1])
        case "split":
            _, of, n_head = (int(number) for number in form.numbers)
            return n_head, shapes[0][0], shapes[0][1] // of // n_head
        case "merge":
            heads, rows, width = shapes[0]
            return rows, heads * width
        case "scores":
            return (*shapes[0][:-1], shapes[1][-2])
        case _:
            return shapes[0]
