"""How a run's tables are calculated: what is missing, in order, for the rows that are new."""

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from functools import cached_property
from math import prod
from time import perf_counter
from typing import Any

import numpy as np

from cutaway.errors import FormulaError, MissingTensors, NotFinite, ShapeMismatch, WrongShape
from cutaway.words import shape_in_words
from cutaway.workbook.book import Book, Node
from cutaway.workbook.edit import Edit
from cutaway.workbook.evaluate import evaluate
from cutaway.workbook.inputs import Inputs, given_rows
from cutaway.workbook.memory import Memory
from cutaway.workbook.reach import Reach, Reaches, reaches
from cutaway.workbook.setting import HasNode, Setting


class Calculation:
    """The tables of one run: its new rows, on top of the rows of the run before it.

    Tables that look ahead have no rows that stay: they are calculated whole in each run, as is
    everything made from them.

    first         the position of the first new row; 0 when there is no run before
    ahead         the tables that look ahead, where there is a run before
    at_once       the steps of each go in which an engine calculated several of them
    seconds       how long the last calculation of each table took
    """

    def __init__(self, book: Book, setting: Setting, inputs: Inputs, *,
                 edits: Mapping[str, tuple[Edit, ...]], shared: Mapping[str, Any],
                 before: "Calculation | None"):
        self.book, self.setting, self.inputs, self.edits = book, setting, inputs, edits
        self.ids = inputs["ids"]
        self.before, self.first = before, before.ids.shape[-1] if before else 0
        self.ahead = self.reaches.ahead if before else frozenset()
        self._before_all = before.start if before else None
        self._counted: dict[str, int] = {}
        self.at_once: list[Sequence[HasNode]] = []
        self.seconds: dict[str, float] = {}
        self.memory = Memory(setting.memory_rule, shared, before.memory if before else None)

    @property
    def start(self) -> "Calculation":
        """The calculation of the prompt, which the edited weights belong to."""
        return self._before_all or self  # no reference to itself: a run's memory is free at once

    @cached_property
    def reaches(self) -> Reaches:
        """Which rows each step reads, with what is typed over tables."""
        return reaches(self.book, self.edits)

    @property
    def calculations(self) -> Counter[str]:
        """How many times each table was calculated here."""
        at_once = Counter(one.node.name for steps in self.at_once for one in steps)
        return Counter(self._counted) + at_once

    def known(self) -> set[str]:
        """The tables whose rows, of this run's positions, have been calculated."""
        return {*self.memory.tables, *self.memory.wholes}

    def holds(self, name: str) -> bool:
        """Whether a table can be read without calculating anything."""
        if name in self.edits and name in self.book.weights:
            return name in self.start.memory.tables
        if name not in self.book.nodes:
            return True
        if self.before is None or "position" not in self.book.axes(name):
            return name in self.memory.tables
        return name in self.memory.wholes

    def whole(self, name: str) -> Any:
        """A table with the rows of all positions."""
        if name not in self.book.nodes:
            return self.leaf(name, first=0)
        if self.before is None or "position" not in self.book.axes(name):
            return self.rows(name)
        if name in self.ahead:
            return self.memory.wholes[name] if name in self.memory.wholes else self._anew(name)
        if name not in self.memory.wholes:
            table = self._joined(self.book.nodes[name])
            self.memory.make_room(name, table.nbytes)
            self.memory.hold_whole(name, table)
        return self.memory.wholes[name]

    def _joined(self, node: Node) -> Any:
        """The rows of the runs before and this one's, one below the other."""
        if "source" in node.step.axes:  # the earlier rows get the new columns as well
            arguments = [self.whole(word) for word in node.reads]
            return self._edited(self._called(node, arguments, first=0), node, first=0)
        state = self.memory.state if node.step.remembered else None
        if state is not None:
            return state.table(node.name)
        pieces, one = [self.rows(node.name)], self.before
        while one is not None:
            if node.step.remembered and one.memory.state is not None:
                pieces.append(one.memory.state.table(node.name))
                break
            # What is remembered is handed on: a long text holds it once, not once for every token.
            whole = (one.memory.hand_on_whole(node.name) if node.step.remembered
                     else one.memory.wholes.get(node.name))
            pieces.append(one.rows(node.name) if whole is None else whole)
            one = one.before if whole is None else None
        axis = node.step.axes.index("position") - len(node.step.axes)
        return self.setting.engine.join(pieces[::-1], axis)

    def rows(self, name: str) -> Any:
        """A table's rows for the positions that this run adds."""
        if name in self.memory.tables:
            return self.memory.tables[name]
        if name in self.memory.wholes:
            return rows_between(self.memory.wholes[name], self.book.axes(name), self.first, None)
        if self.memory.state is not None and self.book.nodes[name].step.remembered:
            return self.memory.state.table(name)[..., self.first:, :]
        several = self.setting.engine.at_once(self, name)
        if several is not None:
            return several
        if name in self.ahead:
            return self._cut(self.whole(name), self.book.nodes[name])
        held = self.known() | self.ahead

        def make(node: Node, needed: Collection[str]) -> Any:
            self.memory.needed = (*needed, *node.reads)
            return self._calculate(node)

        order = self.book.needed(name, known=held.__contains__)
        value = evaluate(order, make, self.memory.release)
        self.memory.needed = ()
        self.memory.release(name)
        return value

    def _anew(self, name: str) -> Any:
        """All rows of a table that looks ahead, whatever was calculated for the run before."""
        made: dict[str, Any] = {}

        def make(node: Node, needed: Collection[str]) -> Any:
            started = perf_counter()
            self.memory.make_room(node.name, prod(self.shape_of(node, 0))
                                  * self.setting.engine.itemsize)
            arguments = [made[word] if word in made else self.whole(word) for word in node.reads]
            value = self._edited(self._called(node, arguments, first=0), node, first=0)
            made[node.name] = self.setting.engine.own(value)
            self._note(node, started)
            if node.name == name or self.memory.keeps(node.name):
                self.memory.hold_whole(node.name, made[node.name])
            return made[node.name]

        done = self.memory.wholes.keys()
        order = self.book.needed(name, known=lambda word: word not in self.ahead or word in done)
        return evaluate(order, make, lambda word: made.pop(word, None))

    def _note(self, node: Node, started: float) -> None:
        """Count a calculation, and the time that it took."""
        self.seconds[node.name] = perf_counter() - started
        self._counted[node.name] = self._counted.get(node.name, 0) + 1

    def take_over(self, other: "Calculation", stale: set[str]) -> None:
        """Hold what another calculation of the same ids has, but for what is stale."""
        for name in other.known() - stale:
            if name not in self.book.nodes:
                continue  # an edited weight, which the first run of a text holds for all
            if name in other.memory.wholes or other.before is None:
                table = other.whole(name)
                hold = self.memory.hold_whole if self.has_rows(name) else self.memory.hold
                hold(name, table)
            elif self.first == other.first or not self.has_rows(name):
                self.memory.hold(name, other.memory.tables[name])

    def take_edited(self, other: "Calculation", name: str, edit: Edit) -> None:
        """Hold another calculation's table with an edit in it."""
        table = (other.rows(name) if self.first == other.first else
                 rows_between(other.whole(name), self.book.axes(name), self.first, None))
        self.memory.hold(name, self.laid_over(edit, table, name, self.first))

    def has_rows(self, name: str) -> bool:
        """Whether a table of the book has a row for each position."""
        return "position" in self.book.axes(name)

    def _calculate(self, node: Node) -> Any:
        """Calculate one table's new rows from the tables that it reads, and hold them."""
        reach = self._reach(node)
        whole = reach.at_once and self.first > 0
        arguments = [self.whole(word) if whole else self._argument(word, reach)
                     for word in node.reads]
        self.memory.make_room(node.name, self.bytes_of(node))
        started = perf_counter()
        first = 0 if whole else self.first
        value = self._edited(self._called(node, arguments, first), node, first)
        value = self.setting.engine.own(self._cut(value, node) if whole else value)
        self._note(node, started)
        self.memory.hold(node.name, value)
        return value

    def _reach(self, node: Node) -> Reach:
        """Which rows a step reads. A whole prompt at once needs none of this."""
        return self.reaches[node.name] if self.first else Reach()

    def _cut(self, whole: Any, node: Node) -> Any:
        """The new rows of a whole table."""
        axis = node.step.axes.index("position") - len(node.step.axes)
        return whole[(..., slice(self.first, None), *[slice(None)] * (-1 - axis))]

    def _called(self, node: Node, arguments: list[Any], first: int) -> Any:
        """The step's function called; a formula that does not fit fails in the user's words."""
        try:
            with np.errstate(all="ignore"):
                value = self._stacked(node, arguments)
        except Exception as error:  # whatever a formula of the user's own may raise
            raise FormulaError(
                f"{node.name} = {node.step.formula} cannot be calculated "
                f"({type(error).__name__}: {error}). {_reads(node, arguments)}") from error
        expected, found = self.shape_of(node, first), tuple(getattr(value, "shape", ()))
        if found not in (expected, expected[-len(node.step.axes):]):
            raise ShapeMismatch(
                f"{node.name} = {node.step.formula} is {shape_in_words(found)}, but "
                f"{shape_in_words(expected)} is expected ({' '.join(node.step.axes)}). "
                f"{_reads(node, arguments)}")
        if (self.edits or self.book.replaced) and self.setting.engine.has_nan(value):
            raise FormulaError(
                f"{node.name} = {node.step.formula} gives NaN, which is no number, after what was "
                f"edited: a row with nothing left to share, infinity minus infinity, or 0 / 0. "
                f"{_reads(node, arguments)}")
        return value

    def _argument(self, name: str, reach: Reach) -> Any:
        """What a step is given for a name: the new rows, or all rows where it reads them."""
        if name not in self.book.nodes:
            return self.leaf(name, 0 if name in reach.whole else self.first)
        return self.whole(name) if name in reach.whole else self.rows(name)

    def leaf(self, name: str, first: int) -> Any:
        """A weight, an input from a row on, or a plain number.

        Raises:  MissingInput; MissingTensors, WrongShape, NotFinite for a weight
        """
        if name in self.book.constants:
            return self.book.constants[name]
        if name in self.book.inputs:
            return self.setting.engine.leaf(given_rows(self.book, self.inputs, name, first))
        if name not in self.setting.leaves:
            self.setting.leaves[name] = self.setting.engine.leaf(self._weight(name))
        if name not in self.edits:
            return self.setting.leaves[name]
        if self.start is not self:  # the runs of one text share their edited weights
            return self.start.leaf(name, first)
        if name not in self.memory.tables:
            value = self.setting.leaves[name]
            self.memory.make_room(name, value.nbytes)
            for edit in self.edits[name]:
                value = self.laid_over(edit, value, name)
            self.memory.hold(name, value)
        return self.memory.tables[name]

    def _weight(self, name: str) -> np.ndarray:
        """A weight as the file has it.  Raises:  MissingTensors, WrongShape, NotFinite"""
        axes = self.book.weights[name]
        if name not in self.setting.weights:
            raise MissingTensors(f"The weights have no {name} ({' '.join(axes)}).")
        array = self.setting.weights[name]
        wanted = tuple(self.book.sizes[axis] for axis in axes)
        if array.shape != wanted:
            raise WrongShape(f"{name} is {shape_in_words(array.shape)}, but "
                             f"{shape_in_words(wanted)} is expected ({' '.join(axes)}).")
        with np.errstate(all="ignore"):
            total = array.sum(dtype=np.float32)  # NaN and infinity reach the sum: one cheap look
        if not np.isfinite(total) and not np.isfinite(array).all():
            first = tuple(int(i) for i in np.argwhere(~np.isfinite(array))[0])
            raise NotFinite(f"{name} ({' '.join(axes)}) holds {array[first]} at {list(first)}: the "
                            f"model's file is damaged, or its training ran away. Get it again.")
        return array

    def _stacked(self, node: Node, arguments: list[Any]) -> Any:
        """What a step makes; of several prompts one by one, where its formula would mix them."""
        engine = self.setting.engine
        if self.ids.ndim == 1 or self.reaches[node.name].stacks:
            return engine.calculate(self.book, node, arguments)
        batched = [len(getattr(value, "shape", ())) > len(self.book.axes(word))
                   for word, value in zip(node.reads, arguments, strict=True)]
        made = [engine.calculate(self.book, node, [value[prompt] if several else value
                                                   for value, several in zip(arguments, batched,
                                                                             strict=True)])
                for prompt in range(len(self.ids))]
        return engine.join([value[None] for value in made], 0)

    def _edited(self, value: Any, node: Node, first: int) -> Any:
        for edit in self.edits.get(node.name, ()):
            value = self.laid_over(edit, value, node.name, first)
        return value

    def laid_over(self, edit: Edit, value: Any, name: str, first: int = 0) -> Any:
        """A table of the engine's with an edit in it, as another table."""
        engine, axes = self.setting.engine, self.book.axes(name)
        batch = len(edit.index) - len(axes)
        row_axis = batch + axes.index("position") if "position" in axes else None
        if name in self.book.weights:
            row_axis = None
        return engine.leaf(edit.laid_over(engine.to_numpy(value), first, row_axis))

    def shape_of(self, node: Node, first: int) -> tuple[int, ...]:
        """The shape that a table's rows from `first` on must have, any batch in front."""
        n_source, sizes = self.ids.shape[-1], self.book.sizes
        counts = {"position": n_source - first, "source": n_source}
        return (*self.ids.shape[:-1],
                *(counts[axis] if axis in counts else sizes[axis] for axis in node.step.axes))

    def bytes_of(self, node: Node) -> int:
        """What a table's new rows take."""
        return prod(self.shape_of(node, self.first)) * self.setting.engine.itemsize


class Beginning(Calculation):
    """The first rows of another calculation's tables, which a change further down leaves alone.

    What comes after them is calculated on top, as it is for an appended token.
    """

    def __init__(self, whole: Calculation, count: int):
        inputs = {name: given[..., :count] if whole.book.inputs[name].grows else given
                  for name, given in whole.inputs.items()}
        super().__init__(whole.book, whole.setting, inputs, edits=whole.edits, shared={},
                         before=None)
        self.of = whole
        self._before_all = whole.start

    def known(self) -> set[str]:
        return self.of.known()

    def whole(self, name: str) -> Any:
        if name not in self.book.nodes or "position" not in self.book.axes(name):
            return self.of.whole(name)
        return rows_between(self.of.whole(name), self.book.axes(name), 0, self.ids.shape[-1])

    def rows(self, name: str) -> Any:
        return self.whole(name)


def rows_between(table: Any, axes: tuple[str, ...], start: int, stop: int | None) -> Any:
    """The rows of the positions from `start` up to `stop`, and no source that lies behind them.

    table  any axes in front, then those of `axes`, position among them
    stop   None for all that there are
    """
    cells = {"position": slice(start, stop), "source": slice(0, stop)}
    return table[(..., *(cells.get(axis, slice(None)) for axis in axes))]


def _reads(node: Node, arguments: list[Any]) -> str:
    """It reads h0.scores (12 x 6 x 6), ..."""
    shapes = [shape_in_words(tuple(getattr(value, "shape", ()))) for value in arguments]
    pairs = zip(node.reads, shapes, strict=True)
    return f"It reads {', '.join(f'{word} ({shape})' for word, shape in pairs)}."
