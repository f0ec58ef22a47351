"""The spreadsheet's form of every operation and sign: FORMS.

A step's symbol (workbook/symbol.py) says what was done; the forms here say it in the language of
Excel 2016 and LibreOffice 7.4. A formula fills a block of cells at once ("array formula", entered
with Ctrl-Shift-Enter). Cells cannot hold minus infinity: MASKED stands for it.

`turned` asks for a formula's result with rows and columns swapped. Tables whose last axis is the
vocabulary run down the sheet, and a product can be turned for free: (A B)' = B' A'.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from cutaway.engines.xlsx.places import Front, Place, Places
from cutaway.errors import UnsupportedStep
from cutaway.workbook.symbol import Symbol

MASKED = -1e300
COUNT = "t_count"          # the number of tokens in the prompt
POSITIONS = "t_positions"  # 0, 1, 2, ... down a column

_SUM, _PRODUCT, _POWER, _WHOLE = 1, 2, 3, 9  # how strongly a formula's outermost sign binds


@dataclass(frozen=True)
class Term:
    """A piece of a formula, and how strongly its outermost sign binds."""

    text: str
    strength: int = _WHOLE

    def within(self, strength: int) -> str:
        """In parentheses where a sign of that strength stands beside it."""
        return self.text if self.strength >= strength else f"({self.text})"


@dataclass(frozen=True)
class Panel:
    """A part of a block that a formula of its own fills: some of the table's rows and columns."""

    row: int
    n_rows: int
    column: int
    n_columns: int
    text: str


@dataclass(frozen=True)
class Form:
    """How a spreadsheet says one operation.

    term      what stands in a formula for it: term(speech, symbol, front, turned)
    panels    for an operation that fills its block in several pieces, those pieces instead
    on        "cells" when its first table must stand in cells of its own, "view" when a part of
              such cells will do, "anything" otherwise
    helpers   what is calculated for each row of that table first, in columns beside the block
    """

    term: "Callable[[Speech, Symbol, Front, bool], Term] | None" = None
    panels: "Callable[[Speech, Symbol, Front, bool], list[Panel]] | None" = None
    on: str = "anything"
    helpers: tuple[str, ...] = ()


@dataclass(frozen=True)
class Speech:
    """Turns symbols into formulas over cells.

    helpers  the row helpers of a symbol, kind to name, as parts.py gave them out
    """

    places: Places
    helpers: Mapping[Symbol, Mapping[str, str]]

    def term(self, argument: Any, front: Front, turned: bool) -> Term:
        """A symbol, or a plain number, as a piece of a formula."""
        if not isinstance(argument, Symbol):
            return _number(argument)
        if argument.operation == "number":
            return _number(argument.arguments[0])
        form = FORMS.get(argument.operation) or PRESENT[argument.operation]
        assert form.term is not None, f"{argument.operation} should stand in cells of its own"
        return form.term(self, argument, own_front(argument, front), turned)

    def panels(self, symbol: Symbol, front: Front, turned: bool) -> list[Panel]:
        """The formulas that fill a block: one for all of it, or one for each piece."""
        form = FORMS.get(symbol.operation)
        if form is not None and form.panels is not None:
            return form.panels(self, symbol, front, turned)
        n_rows, n_columns = lengths(symbol)
        text = self.term(symbol, front, turned).text
        return [Panel(0, n_rows, 0, n_columns, text)]

    def helper(self, symbol: Symbol, kind: str, front: Front, turned: bool) -> str:
        """A row helper's column of cells, beside every row of what it is made from."""
        return _turned(self.places.of(self.helpers[symbol][kind], front), turned)


def own_front(symbol: Symbol, front: Front) -> Front:
    """Which head of a table is meant, when a formula is written for one head of the result."""
    n_front = max(0, len(symbol.axes) - 2)
    return front[len(front) - n_front:]


def lengths(symbol: Symbol) -> tuple[int, int]:
    """How many rows and columns a table has; a table of one axis is a single row."""
    n_rows, n_columns = (1, 1, *symbol.shape)[-2:]
    assert n_rows is not None and n_columns is not None, "positions are fixed in a spreadsheet"
    return n_rows, n_columns


def _number(value: float) -> Term:
    text = repr(value).upper()
    return Term(text, _SUM if text.startswith("-") else _WHOLE)


def _turned(place: Place, turned: bool) -> str:
    return f"TRANSPOSE({place.name})" if place.down != turned else place.name


# ---- Signs -------------------------------------------------------------------------------------

def _between(sign: str, strength: int, after: int) -> Form:
    """A sign between two terms.  after: what the second one must bind with to need no brackets"""
    def term(speech: Speech, symbol: Symbol, front: Front, turned: bool) -> Term:
        left, right = (speech.term(one, front, turned) for one in symbol.arguments)
        return Term(f"{left.within(strength)}{sign}{right.within(after)}", strength)

    return Form(term)


def _power(speech: Speech, symbol: Symbol, front: Front, turned: bool) -> Term:
    left, right = (speech.term(one, front, turned) for one in symbol.arguments)
    return Term(f"{left.within(_WHOLE)}^{right.within(_WHOLE)}", _POWER)


def _negative(speech: Speech, symbol: Symbol, front: Front, turned: bool) -> Term:
    inner = speech.term(symbol.arguments[0], front, turned)
    return Term(f"-{inner.within(_WHOLE)}", _SUM)  # in a spreadsheet -x^2 would be (-x)^2


def _product(speech: Speech, symbol: Symbol, front: Front, turned: bool) -> Term:
    left, right = (speech.term(one, front, turned).text for one in symbol.arguments)
    return Term(f"MMULT({right},{left})" if turned else f"MMULT({left},{right})")


# ---- Operations --------------------------------------------------------------------------------

def _table(speech: Speech, symbol: Symbol, front: Front, turned: bool) -> Term:
    return Term(_turned(speech.places.of(symbol.name, front), turned))


def _sqrt(speech: Speech, symbol: Symbol, front: Front, turned: bool) -> Term:
    return Term(f"SQRT({speech.term(symbol.arguments[0], front, turned).text})")


def _last_axis(speech: Speech, symbol: Symbol, front: Front, turned: bool) -> Term:
    return _number(symbol.arguments[0].shape[-1])


def _transpose(speech: Speech, symbol: Symbol, front: Front, turned: bool) -> Term:
    return speech.term(symbol.arguments[0], front, not turned)


def _view(speech: Speech, symbol: Symbol, front: Front, turned: bool) -> Term:
    place, first, count = _window(speech, symbol, front)
    cells = place.columns(first, count)
    return Term(f"TRANSPOSE({cells})" if place.down != turned else cells)


def _window(speech: Speech, symbol: Symbol, front: Front) -> tuple[Place, int, int]:
    """The columns of a table that part and split_heads leave: its place, the first, how many."""
    if symbol.operation == "table":
        return speech.places.of(symbol.name, front), 0, lengths(symbol)[1]
    if symbol.operation == "part":
        table, index, of = symbol.arguments
        place, first, count = _window(speech, table, front)
        return place, first + index * (count // of), count // of
    table, n_head = symbol.arguments
    place, first, count = _window(speech, table, front[:-1])
    return place, first + front[-1] * (count // n_head), count // n_head


def _merge_heads(speech: Speech, symbol: Symbol, front: Front, turned: bool) -> list[Panel]:
    table = symbol.arguments[0]
    n_rows, n_columns = lengths(table)
    return [Panel(0, n_rows, head * n_columns, n_columns,
                  speech.term(table, (*front, head), turned).text)
            for head in range(table.shape[-3])]


def _look_up(speech: Speech, symbol: Symbol, front: Front, turned: bool) -> list[Panel]:
    table, rows = symbol.arguments
    if len(rows.axes) != 1:
        raise UnsupportedStep("look_up in a spreadsheet takes one row number for each position")
    place, numbers = speech.places.of(table.name), speech.places.of(rows.name)
    n_rows, n_columns = lengths(symbol)
    return [Panel(row, 1, 0, n_columns,
                  _line(place, f"INDEX({numbers.name},{row + 1})+1", turned))
            for row in range(n_rows)]


def _last_row(speech: Speech, symbol: Symbol, front: Front, turned: bool) -> Term:
    table = symbol.arguments[0]
    return Term(_line(speech.places.of(table.name, own_front(table, front)), COUNT, turned))


def _line(place: Place, row: str, turned: bool) -> str:
    """One row of a table, by a formula for its number from 1."""
    text = f"INDEX({place.name},0,{row})" if place.down else f"INDEX({place.name},{row},0)"
    return f"TRANSPOSE({text})" if place.down != turned else text


def _causal(speech: Speech, symbol: Symbol, front: Front, turned: bool) -> Term:
    n_rows, n_columns = lengths(symbol)
    if symbol.axes[-2:] != ("position", "source") or n_rows != n_columns:
        raise UnsupportedStep("causal in a spreadsheet takes a row for each position and a column "
                              "for each source")
    inner = speech.term(symbol.arguments[0], front, turned).text
    asks, answers = POSITIONS, f"TRANSPOSE({POSITIONS})"
    if turned:
        asks, answers = answers, asks
    return Term(f"IF({answers}<={asks},{inner},{_number(MASKED).text})")


def _present(otherwise: float) -> Form:
    """A table over positions, with a number of no effect where the prompt has no token."""
    def term(speech: Speech, symbol: Symbol, front: Front, turned: bool) -> Term:
        inner = speech.term(symbol.arguments[0], front, turned).text
        places = POSITIONS if turned else f"TRANSPOSE({POSITIONS})"
        return Term(f"IF({places}<{COUNT},{inner},{_number(otherwise).text})")

    return Form(term)


def _softmax(speech: Speech, symbol: Symbol, front: Front, turned: bool) -> Term:
    table = speech.term(symbol.arguments[0], front, turned).text
    largest, total = (speech.helper(symbol, kind, front, turned) for kind in ("max", "sum"))
    return Term(f"EXP({table}-{largest})/{total}", _PRODUCT)


def _normalise(speech: Speech, symbol: Symbol, front: Front, turned: bool) -> Term:
    table, eps = (speech.term(one, front, turned) for one in symbol.arguments)
    mean, variance = (speech.helper(symbol, kind, front, turned) for kind in ("mean", "variance"))
    return Term(f"({table.text}-{mean})/SQRT({variance}+{eps.within(_PRODUCT)})", _PRODUCT)


def _gelu(speech: Speech, symbol: Symbol, front: Front, turned: bool) -> Term:
    x = speech.term(symbol.arguments[0], front, turned).text
    return Term(f"0.5*{x}*(1+TANH(SQRT(2/PI())*({x}+0.044715*{x}^3)))", _PRODUCT)


def _rms_normalise(speech: Speech, symbol: Symbol, front: Front, turned: bool) -> Term:
    table, eps = (speech.term(one, front, turned) for one in symbol.arguments)
    mean = speech.helper(symbol, "mean_square", front, turned)
    return Term(f"{table.within(_PRODUCT)}/SQRT({mean}+{eps.within(_PRODUCT)})", _PRODUCT)


def _sigmoid_gated(half: float):
    """x times the sigmoid of x; `half` of the factor that x has in it."""
    def form(speech: Speech, symbol: Symbol, front: Front, turned: bool) -> Term:
        x = speech.term(symbol.arguments[0], front, turned).text
        return Term(f"0.5*{x}*(1+TANH({half}*{x}))", _PRODUCT)

    return form


def _exact_gelu(speech: Speech, symbol: Symbol, front: Front, turned: bool) -> Term:
    x = speech.term(symbol.arguments[0], front, turned).text
    return Term(f"{x}*_xlfn.NORM.S.DIST({x},TRUE)", _PRODUCT)


def _relu(speech: Speech, symbol: Symbol, front: Front, turned: bool) -> Term:
    x = speech.term(symbol.arguments[0], front, turned).text
    return Term(f"({x}+ABS({x}))/2", _PRODUCT)  # MAX would give one number for the whole table


def _repeat_heads(speech: Speech, symbol: Symbol, front: Front, turned: bool) -> Term:
    table, times = symbol.arguments
    return speech.term(table, (*front[:-1], front[-1] // times), turned)


def _rotate(speech: Speech, symbol: Symbol, front: Front, turned: bool) -> list[Panel]:
    """The two halves of the columns, each made of both."""
    table, positions, theta = symbol.arguments
    n_rows, n_columns = lengths(symbol)
    half = n_columns // 2
    place, first, _ = _window(speech, table, own_front(table, front))
    one, other = (f"TRANSPOSE({cells})" if place.down != turned else cells
                  for cells in (place.columns(first, half), place.columns(first + half, half)))
    pairs = (";" if turned else ",").join(map(str, range(half)))
    rows = speech.term(positions, (), not turned).within(_PRODUCT)  # one number a row: down
    angles = f"{rows}*{theta!r}^(-{{{pairs}}}/{half})"
    return [Panel(0, n_rows, 0, half, f"{one}*COS({angles})-{other}*SIN({angles})"),
            Panel(0, n_rows, half, half, f"{other}*COS({angles})+{one}*SIN({angles})")]


# One entry an operation and sign. One that is missing here cannot be written into a spreadsheet.
FORMS: dict[str, Form] = {
    "table": Form(_table),
    "add": _between("+", _SUM, _SUM), "subtract": _between("-", _SUM, _PRODUCT),
    "multiply": _between("*", _PRODUCT, _PRODUCT), "divide": _between("/", _PRODUCT, _POWER),
    "power": Form(_power), "negative": Form(_negative), "product": Form(_product),
    "sqrt": Form(_sqrt), "last_axis": Form(_last_axis), "transpose": Form(_transpose),
    "part": Form(_view, on="view"), "split_heads": Form(_view, on="view"),
    "merge_heads": Form(panels=_merge_heads, on="view"),
    "look_up": Form(panels=_look_up, on="cells"),
    "last_row": Form(_last_row, on="cells"),
    "causal": Form(_causal),
    "softmax": Form(_softmax, on="cells", helpers=("max", "sum")),
    "normalise": Form(_normalise, on="cells", helpers=("mean", "variance")),
    "rms_normalise": Form(_rms_normalise, on="cells", helpers=("mean_square",)),
    "gelu": Form(_gelu, on="view"), "silu": Form(_sigmoid_gated(0.5), on="view"),
    "exact_gelu": Form(_exact_gelu, on="view"),
    "quick_gelu": Form(_sigmoid_gated(0.851), on="view"), "relu": Form(_relu, on="view"),
    "repeat_heads": Form(_repeat_heads, on="cells"), "rotate": Form(panels=_rotate, on="view"),
}

# What parts.py puts around tables whose columns are positions, where nothing else hides the empty
# places behind the prompt's end: no operations of the model.
PRESENT: dict[str, Form] = {"present": _present(MASKED), "present_or_nothing": _present(0)}
