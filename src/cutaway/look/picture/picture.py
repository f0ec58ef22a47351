"""The picture of a cell: the operations of its step's formula in order, with their numbers."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from cutaway.errors import UnknownTable
from cutaway.look.matrix import label_in
from cutaway.look.parts import calculated, parts_of
from cutaway.look.picture.cells import Index, cells_read
from cutaway.look.picture.operations import CODE, KINDS, PATCH, Drawn, fields
from cutaway.look.picture.records import Named, Number, Patch, Stage, number
from cutaway.workbook.run import Run
from cutaway.workbook.symbol import Symbol
from cutaway.workbook.table import Table

MOST_HEADS = 32


@dataclass(frozen=True)
class Picture:
    """How the number in a cell was made.

    value   the number in the table
    made    the number that the formula gives there: another where numbers were typed over it
    stages  the operations of the formula, the innermost first
    heads   the same patch of every head, where the table says who reads whom
    """

    table: str
    formula: str
    value: Number
    made: Number
    typed: bool
    stages: list[Stage]
    heads: list[Patch] = field(default_factory=list)


def picture(run: Run, name: str, index: Index) -> Picture:
    """How the number in a cell of a table was made, small enough to be drawn.

    index   along all the table's axes, outer to inner
    Raises: UnknownTable for a weight or an input, which no formula makes
    """
    if name not in run.book.nodes:
        raise UnknownTable(f"{name} is made by no formula, so there is nothing to draw of how it "
                           f"was made.")
    table, formula = run[name], run.book.nodes[name].step.formula
    typed = bool(table.provenance.edits)
    part = parts_of(run, name)
    if part is None:
        stages = [_code(run, table, index, formula)]
    else:
        stages = _Parts(run, table, part, typed).stages(index)
    return Picture(name, formula, number(table.array[index]), stages[-1].value, typed, stages,
                   _heads(table, index))


class _Parts:
    """The parts of one formula, each calculated once."""

    def __init__(self, run: Run, table: Table, whole: Symbol, typed: bool):
        self.run, self.table, self.whole, self.typed = run, table, whole, typed
        self._named: dict[int, Named] = {}
        self._block = table.name.rpartition(".")[0]

    def stages(self, index: Index) -> list[Stage]:
        """Every operation at the cell that goes with a cell of the whole, the innermost first."""
        return list({id(part): stage for part, stage in self._walk(self.whole, index)}.values())

    def _walk(self, part: Symbol, index: Index) -> Iterator[tuple[Symbol, Stage]]:
        made = self._of(part)
        given = ([named(self.run[part.name], self._short(part.name))]
                 if part.operation == "table" else [self._of(one) for one in part.arguments])
        replaced = part.operation in self.run.book.operations
        kind = CODE if replaced else KINDS.get(part.operation, CODE)
        cells = cells_read(part.operation if kind != CODE else "", given, index)
        if part.operation != "table":
            for one, cell in zip(part.arguments, cells, strict=True):
                if isinstance(one, Symbol) and one.operation != "table":
                    yield from self._walk(one, cell)
        drawn = Drawn(self.run, part.operation, given, cells, made, index)
        yield part, Stage(part.operation, kind, made.words, number(made.at(index)),
                          **fields(drawn, kind))

    def _of(self, part: Any) -> Named:
        """A part, calculated, with its names."""
        if id(part) not in self._named:
            self._named[id(part)] = self._calculated(part)
        return self._named[id(part)]

    def _calculated(self, part: Any) -> Named:
        if not isinstance(part, Symbol):
            return Named(str(part), "", (), np.asarray(part), _no_label)
        words = self._short(str(part))
        if part is self.whole and not self.typed:
            return named(self.table, words)
        if part.operation == "table":
            return named(self.run[part.name], words)
        if part.operation == "last_axis":
            words = f"last_axis({self._short(str(part.arguments[0]))})"
        array = np.asarray(calculated(self.run, part.operation,
                                      [self._of(one).array for one in part.arguments]))
        axes = self.table.axes if part is self.whole else part.axes
        return Named(words, "", tuple(axes), array, self.table.label)

    def _short(self, words: str) -> str:
        """A formula with the names of the step's own block as the step writes them."""
        return words.replace(f"{self._block}.", "") if self._block else words


def named(table: Table, words: str) -> Named:
    """A whole table as a part of a formula."""
    return Named(words, table.name, table.axes, table.array,
                 lambda axis, index: label_in(table, axis, index))


def _no_label(axis: str, index: int) -> str:
    return ""


def _code(run: Run, table: Table, index: Index, formula: str) -> Stage:
    """A formula that cannot be taken apart: the rows that it reads at the same places."""
    places = dict(zip(table.axes, index, strict=True))
    read = [run[name] for name in run.book.nodes[table.name].reads
            if name not in run.book.constants]
    lines = [named(one, one.name).line(tuple(
        min(places.get(axis, 0), size - 1) for axis, size in zip(one.axes, one.shape, strict=True)))
        for one in read]
    made = named(table, table.name)
    return Stage("formula", CODE, formula, number(made.at(index)), lines, made.line(index),
                 code=formula)


def _heads(table: Table, index: Index) -> list[Patch]:
    if len(table.axes) != 3 or table.axes[-1] != "source":
        return []
    made = named(table, table.name)
    return [made.patch((head, *index[1:]), PATCH, PATCH)
            for head in range(min(table.shape[0], MOST_HEADS))]
