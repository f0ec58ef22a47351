"""The compiled engine: the steps traced to instructions that native code carries out."""

import threading
from collections.abc import Sequence
from dataclasses import replace
from typing import Any
from weakref import WeakKeyDictionary, ref

import numpy as np

from cutaway.engines.compiled.forms import Form, form_of
from cutaway.engines.compiled.pack import BytePanels, Panels, pack, pack_bytes
from cutaway.engines.compiled.program import Program
from cutaway.engines.compiled.remembered import Remembered, State
from cutaway.engines.compiled.storage import Storage
from cutaway.engines.compiled.text import Action, TextProgram, plan
from cutaway.engines.compiled.threads import Team
from cutaway.engines.numpy import NumpyEngine
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
        self._plans: WeakKeyDictionary[Book, dict[str, list[Action] | None]] = WeakKeyDictionary()
        self._forms: WeakKeyDictionary[Book, dict[str, Form | None]] = WeakKeyDictionary()
        self._traces: dict[Any, tuple[Form | None, list[int]]] = {}
        self._packed: dict[tuple[int, bool], tuple[ref, Panels | BytePanels]] = {}

    def calculate(self, book: Book, node: Node, arguments: Sequence[Any]) -> Any:
        """One step: by the machine where it knows the formula, otherwise as NumPy does it."""
        form = self.form(book, node)
        whole = all(np.ndim(one) == len(book.axes(word))
                    for word, one in zip(node.reads, arguments, strict=True))
        if form is None or not whole:  # several prompts at once have an axis more
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
        actions = self._plan(calculation, name)
        if actions is None:
            return None
        with self._one_at_a_time:
            return self._written(calculation, name, actions)

    def _plan(self, calculation: Calculation, name: str) -> list[Action] | None:
        book = calculation.book
        if (calculation.ids.ndim > 1 or calculation.setting.memory_rule.keeps_more
                or any(edited in book.nodes for edited in calculation.edits)):
            return None
        plans = self._plans.setdefault(book, {})
        if name not in plans:
            plans[name] = plan(book, name, self.form)
        return plans[name]

    def _written(self, calculation: Calculation, name: str,
                 actions: list[Action]) -> np.ndarray | None:
        """The rows that were not written yet, one after the other or all at once."""
        before = calculation.before
        while before is not None and before.memory.state is None:
            before = before.before
        first = 0 if before is None else before.ids.shape[-1]
        if calculation.memory.state is not None:  # read again: the same rows, the same numbers
            remembered = calculation.memory.state.remembered
        elif before is not None:
            remembered = before.memory.state.to_go_on()
        else:
            remembered = self._room_for(calculation, actions)
        count = calculation.ids.shape[-1]
        program = self._program(calculation, name, actions, count - first, remembered)
        table = program.run(first, lambda part, at: part.run(self.team, at),
                            lambda word: calculation.leaf(word, first))
        if (calculation.edits or calculation.book.replaced) and self.has_nan(table):
            return None  # step by step, the first table that holds NaN is named
        remembered.filled = max(remembered.filled, count)
        calculation.memory.state = State(remembered, count)
        calculation.calculations.update(action.node.name for action in actions)
        if "position" not in calculation.book.axes(name):
            return table
        return table[calculation.first - first:]

    def _room_for(self, calculation: Calculation, actions: list[Action]) -> Remembered:
        sizes = calculation.book.sizes
        shapes: dict[str, dict[str, tuple[int, int]]] = {"keys": {}, "values": {}}
        for action in actions:
            if action.kind in shapes and action.form:
                heads = int(action.form.numbers[2])
                shapes[action.kind][action.node.name] = heads, sizes["head_embed"]
        return Remembered(shapes["keys"], shapes["values"], sizes["position"])

    def _program(self, calculation: Calculation, name: str, actions: list[Action], n_rows: int,
                 remembered: Remembered) -> TextProgram:
        """The instructions; those for one row are kept for the tokens to come."""
        key = (name, n_rows)
        program = remembered.programs.get(key)
        if program is None:
            program = TextProgram(
                calculation.book, name, actions, n_rows, remembered,
                lambda form, word: self.given(form, word, calculation.leaf(word, 0)),
                self.team.count)
            if n_rows == 1:
                remembered.programs[key] = program
        return program

    def form(self, book: Book, node: Node) -> Form | None:
        """The instruction for a step, with the names that it reads in this node."""
        forms = self._forms.setdefault(book, {})
        if node.name not in forms:
            forms[node.name] = self._traced(book, node)
        return forms[node.name]

    def _traced(self, book: Book, node: Node) -> Form | None:
        """A formula is traced once for all blocks where it means the same."""
        reads = tuple((node.reads.index(word), word in book.weights, book.axes(word))
                      for word in node.reads)
        key = (node.step.function, node.step.axes, reads,
               *book.sizes.items(), *book.constants.items())
        if key not in self._traces:
            found = form_of(book, node.name)
            places = [node.reads.index(word) for word in found.reads] if found else []
            self._traces[key] = found, places
        form, places = self._traces[key]
        return form and replace(form, reads=tuple(node.reads[place] for place in places))

    def given(self, form: Form, name: str, table: np.ndarray) -> Any:
        """What an instruction is given for a table: a product's weight as panels."""
        if form.kind == "product" and name == form.reads[1]:
            return self._panels(table, form.turned)
        return np.ascontiguousarray(table, np.float32)

    def _panels(self, weight: np.ndarray, turned: bool) -> Panels | BytePanels:
        """A weight laid out for products, made when it is first needed, as long as it lives."""
        key = id(weight), turned
        if key not in self._packed or self._packed[key][0]() is not weight:
            table = weight.T if turned else weight
            made = pack_bytes(table) if self.weights == "int8" else pack(table)
            self._packed[key] = (ref(weight, lambda _: self._packed.pop(key, None)), made)
        return self._packed[key][1]


def shape_made(form: Form, shapes: Sequence[tuple[int, ...]]) -> tuple[int, ...]:
    """The shape of the table that a form makes from tables of these shapes."""
    match form.kind:
        case "product":
            return (*shapes[0][:-1], shapes[1][-1])
        case "split":
            _, of, n_head = (int(number) for number in form.numbers)
            return n_head, shapes[0][0], shapes[0][1] // of // n_head
        case "merge":
            heads, rows, width = shapes[0]
            return rows, heads * width
        case "scores":
            return (*shapes[0][:-1], shapes[1][-2])
        case "mixed":
            return (*shapes[0][:-1], shapes[1][-1])
        case _:
            return shapes[0]
