"""A step's formula in the parts that a spreadsheet needs: blocks of cells, and row helpers.

Most formulas are one array formula over one block. An operation that looks at whole rows (a
maximum, a mean) needs its argument in cells, so an argument that is a formula itself becomes a
block of its own in front:

    softmax(causal(scores))  ->  given = causal(scores);  max, sum of each row of given;
                                 attention = exp(given - max) / sum

A workbook has room for more tokens than a prompt has. A formula that reads along the positions must
not see the empty places behind the prompt's end. The model's own do not: its mask hides all that
lies ahead. For formulas without that mask, `present` and `present_or_nothing` are put in.
"""

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from cutaway.engines.xlsx.forms import FORMS, PRESENT
from cutaway.errors import UnsupportedStep
from cutaway.workbook.edit import Edit
from cutaway.workbook.operations import OPERATIONS
from cutaway.workbook.symbol import SIGNS, Symbol

VIEWS = {"table", "part", "split_heads"}


@dataclass(frozen=True)
class Helper:
    """One number for each row of a table that stands in cells.

    kind  "max", "sum" (of the exponentials), "mean", "variance" or "mean_square"
    of    the table's symbol
    """

    name: str
    kind: str
    of: Symbol


@dataclass
class Part:
    """One block of cells: a step's table, or what its formula needs in cells first.

    name     the table's full name, or that with `.given` behind it
    symbol   how it is made from tables that stand in cells
    helpers  what is calculated for each row first, by the symbol that needs it
    typed    the numbers that were typed over the table, and NaN where it follows its formula;
             None where nothing was
    words    what was typed, a line each
    """

    name: str
    symbol: Symbol
    helpers: dict[Symbol, dict[str, Helper]] = field(default_factory=dict)
    typed: np.ndarray | None = None
    words: tuple[str, ...] = ()

    def all_helpers(self) -> list[Helper]:
        return [helper for kinds in self.helpers.values() for helper in kinds.values()]


def parts_of(name: str, symbol: Symbol, hidden: Collection[str] = ()) -> list[Part]:
    """The blocks of cells for one table, the table itself last.

    hidden   the tables that are 0 wherever a position would read an empty place
    Raises:  UnsupportedStep naming an operation that has no form
    """
    cut = _Cut(name, hidden)
    last = Part(name, symbol)
    last.symbol = cut.settled(symbol, last, outermost=True)
    return [*cut.parts, last]


def typed_over(parts: list[Part], edits: Sequence[Edit]) -> list[Part]:
    """The same blocks with numbers typed over the table: what its formula gives stands before it.

    Raises:  UnsupportedStep when a cell cannot hold a number
    """
    *before, last = parts
    numbers = np.full([length or 0 for length in last.symbol.shape], np.nan)
    for edit in edits:
        numbers = edit.laid_over(numbers)
    if np.isinf(numbers).any():
        raise UnsupportedStep(f"{last.name}: infinity was typed over it, and no cell of a "
                              f"spreadsheet holds that. Type a number such as -1e30.")
    name = f"{last.name}.given{len(parts) if before else ''}"
    symbol = Symbol("table", (name,), last.symbol.axes, last.symbol.shape)
    return [*before, Part(name, last.symbol, last.helpers),
            Part(last.name, symbol, typed=numbers, words=tuple(edit.words for edit in edits))]


class _Cut:
    def __init__(self, name: str, hidden: Collection[str]):
        self.name, self.hidden = name, hidden
        self.parts: list[Part] = []
        self.helpers: Counter[str] = Counter()

    def settled(self, symbol: Any, part: Part, outermost: bool = False) -> Any:
        """The symbol over tables in cells; what must stand in cells first is cut off before it."""
        if not isinstance(symbol, Symbol) or symbol.operation in ("table", "number"):
            return symbol
        form = FORMS.get(symbol.operation) or PRESENT.get(symbol.operation)
        if form is None:
            raise UnsupportedStep(
                f"{self.name}: the operation {symbol.operation} has no form in a spreadsheet "
                f"(FORMS in engines/xlsx/forms.py), so it can be calculated, but not written.")
        symbol = self._without_empty_places(symbol)
        arguments = [self.settled(one, part) for one in symbol.arguments]
        if form.on != "anything" and isinstance(arguments[0], Symbol):
            arguments[0] = self._in_cells(arguments[0], symbol.arguments[0], part, form.on)
        made = Symbol(symbol.operation, tuple(arguments), symbol.axes, symbol.shape)
        if form.helpers:
            part.helpers[made] = {kind: self._helper(kind, made.arguments[0])
                                  for kind in form.helpers}
        if form.panels is not None and not outermost:
            return self._cut_off(made, part)
        return made

    def _without_empty_places(self, symbol: Symbol) -> Symbol:
        """The same operation, reading along the positions only as far as the prompt goes."""
        first = symbol.arguments[0]
        if not isinstance(first, Symbol) or first.axes[-1:] not in (("source",), ("position",)):
            return symbol
        hide = None
        if symbol.operation == "softmax" and first.operation != "causal":
            hide = "present"
        elif symbol.operation == "product" and not hides(first, self.hidden):
            hide = "present_or_nothing"
        elif symbol.operation in ("normalise", "rms_normalise"):
            raise UnsupportedStep(f"{self.name}: the mean over positions cannot be said in a "
                                  f"spreadsheet, where their number changes with the prompt.")
        if hide is None:
            return symbol
        cut = Symbol(hide, (first,), first.axes, first.shape)
        return Symbol(symbol.operation, (cut, *symbol.arguments[1:]), symbol.axes, symbol.shape)

    def _in_cells(self, settled: Symbol, original: Symbol, part: Part, on: str) -> Symbol:
        if settled.operation == "table" or (on == "view" and settled.operation in VIEWS):
            return settled
        return self._cut_off(settled, part)

    def _cut_off(self, symbol: Symbol, part: Part) -> Symbol:
        """The same table, standing in cells of its own; its helpers go with it."""
        number = len(self.parts) + 1
        name = f"{self.name}.given{number if number > 1 else ''}"
        own = {one: part.helpers.pop(one) for one in symbol.walk() if one in part.helpers}
        self.parts.append(Part(name, symbol, own))
        return Symbol("table", (name,), symbol.axes, symbol.shape)

    def _helper(self, kind: str, of: Symbol) -> Helper:
        self.helpers[kind] += 1
        number = self.helpers[kind]
        return Helper(f"{self.name}.{kind}{number if number > 1 else ''}", kind, of)


def hides(symbol: Any, hidden: Collection[str]) -> bool:
    """Whether a table over positions is 0 wherever it would read an empty place.

    hidden  the tables of which that is known
    """
    if not isinstance(symbol, Symbol):
        return False
    if symbol.operation == "table":
        return symbol.name in hidden
    if symbol.operation == "softmax":
        return symbol.axes[-1] in ("source", "position")
    inner = [hides(one, hidden) for one in symbol.arguments]
    if symbol.operation in ("divide", "negative"):
        return inner[0]
    return ((symbol.operation == "multiply" and any(inner))
            or (symbol.operation in ("add", "subtract") and all(inner)))


# What a helper is, in cells and in NumPy.
HELPER_FORMULAS = {"max": "MAX({row})", "sum": "SUMPRODUCT(EXP({row}-{before}))",
                   "mean": "AVERAGE({row})", "variance": "VARP({row})",
                   "mean_square": "SUMSQ({row})/COUNT({row})"}
HELPER_VALUES = {
    "max": lambda table: table.max(axis=-1),
    "sum": lambda table: np.exp(table - table.max(axis=-1, keepdims=True)).sum(axis=-1),
    "mean": lambda table: table.mean(axis=-1),
    "variance": lambda table: table.var(axis=-1),
    "mean_square": lambda table: (table * table).mean(axis=-1),
}

_CALCULATED = {"add": np.add, "subtract": np.subtract, "multiply": np.multiply,
               "divide": np.divide, "power": np.power, "negative": np.negative,
               "product": np.matmul}
assert _CALCULATED.keys() == SIGNS.keys()


def value_of(symbol: Any, tables: Mapping[str, np.ndarray]) -> Any:
    """What a part's symbol gives for known tables, by NumPy's own operations."""
    if not isinstance(symbol, Symbol):
        return symbol
    if symbol.operation == "table":
        return tables[symbol.name]
    given = [value_of(one, tables) for one in symbol.arguments]
    if symbol.operation in ("number", *PRESENT):  # a run on the prompt alone has no empty places
        return given[0]
    return {**OPERATIONS, **_CALCULATED}[symbol.operation](*given)
