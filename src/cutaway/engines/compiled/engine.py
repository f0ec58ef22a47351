"""The compiled engine: the steps traced to instructions that native code carries out."""

import threading
from collections.abc import Sequence
from typing import Any
from weakref import ref

import numpy as np

from cutaway.engines.compiled.pack import BytePanels, Panels, Shelf, pack, pack_bytes
from cutaway.engines.compiled.program import Program
from cutaway.engines.compiled.remembered import Remembered
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
        self.planner, self._shelf = Planner(), Shelf()
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
        book, count = calculation.book, calculation.ids.shape[-1]

        def begin() -> Remembered:
            return Remembered(remembered_shapes(book, actions, "keys"),
                              remembered_shapes(book, actions, "values"), book.sizes["position"],
                              self.storage.table)

        def calculate(remembered: Remembered, first: int) -> np.ndarray:
            program = self._program(calculation, name, actions, count - first, remembered)
            made = program.run(first, lambda part, at: part.run(self.team, at),
                               lambda word: calculation.leaf(word, first))
            if program.n_rows > 1:
                return made
            out = self.storage.table(made.shape)
            out[...] = made
            return out

        with self._one_at_a_time:
            return write_rows(calculation, name, actions, begin, calculate)

    def _program(self, calculation: Calculation, name: str, actions: list[Action], n_rows: int,
                 remembered: Remembered) -> TextProgram:
        """The instructions; those for one row are kept for the tokens to come."""
        key = (name, n_rows)
        program = remembered.programs.get(key)
        if program is None:
            program = TextProgram(
                calculation.book, name, actions, n_rows, remembered,
                lambda form, word: self.given(form, word, calculation.leaf(word, 0)),
                self.team.count, _own_room if n_rows == 1 else self.storage.table)
            if n_rows == 1:
                remembered.programs[key] = program
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
            made = packed(table, self._shelf)
            self._packed[key] = (ref(weight, lambda _: self._packed.pop(key, None)), made)
        return self._packed[key][1]


def _own_room(shape: tuple[int, ...]) -> np.ndarray:
    return np.empty(shape, np.float32)


def shape_made(form: Form, shapes: Sequence[tuple[int, ...]]) -> tuple[int, ...]:
    """The shape of the table that a form makes from tables of these shapes."""
    match form.kind:
        case "look_up":
            return (*shapes[1], shapes[0][-1])
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
