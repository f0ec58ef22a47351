"""From a formula to an instruction: which formulas the machine knows.

Every step is traced (`workbook/symbol.py`), and what its formula does is looked up in `FORMS`. A
formula that none of them fits is calculated by NumPy, as `engines/numpy.py` does; so any edited
formula goes on working, and the machine does the rest.
"""

from collections.abc import Callable
from dataclasses import dataclass
from math import sqrt
from typing import Any

from cutaway.errors import UnsupportedStep
from cutaway.workbook.book import Book
from cutaway.workbook.symbol import Symbol, trace


@dataclass(frozen=True)
class Form:
    """What a step is for the machine.

    kind     the instruction: "product", "gelu", ...
    reads    the full names of the tables that it is given, in the instruction's order
    numbers  plain numbers of the formula: eps, a divisor, which part, how many heads
    turned   whether a product's weight is in the book with rows for columns (`transpose(table)`)
    """

    kind: str
    reads: tuple[str, ...]
    numbers: tuple[float, ...] = ()
    turned: bool = False


def form_of(book: Book, name: str) -> Form | None:
    """The instruction for one step of a book; None when NumPy has to calculate it."""
    try:
        symbol = trace(book, name)
    except UnsupportedStep:
        return None
    for recognise in FORMS:
        form = recognise(symbol, book)
        if form is not None:
            return form
    return None


def _is(symbol: Any, operation: str) -> bool:
    return isinstance(symbol, Symbol) and symbol.operation == operation


def _table(symbol: Any) -> bool:
    return _is(symbol, "table")


def _calculated(symbol: Any, book: Book, axes: int) -> bool:
    """Whether this is a calculated table of so many axes."""
    return _table(symbol) and symbol.name in book.nodes and len(symbol.axes) == axes


def _weight(symbol: Any, book: Book, axes: int) -> bool:
    return _table(symbol) and symbol.name in book.weights and len(symbol.axes) == axes


def _number(value: Any) -> float | None:
    """A plain number, or what a formula makes of a table's width: sqrt(last_axis(queries))."""
    if isinstance(value, int | float):
        return float(value)
    if _is(value, "last_axis"):
        length = value.arguments[0].shape[-1]
        return None if length is None else float(length)
    if _is(value, "multiply"):
        one, other = map(_number, value.arguments)
        return None if one is None or other is None else one * other
    if _is(value, "sqrt"):
        number = _number(value.arguments[0])
        return None if number is None else sqrt(number)
    return None


def view(symbol: Symbol, book: Book) -> Form | None:
    """x or last_row(x): rows that are there already"""
    if _is(symbol, "last_row") and _calculated(symbol.arguments[0], book, 2):
        symbol = symbol.arguments[0]
    if _table(symbol) and symbol.name in book.nodes:
        return Form("view", (symbol.name,))
    return None


def look_up(symbol: Symbol, book: Book) -> Form | None:
    """look_up(table, ids): weights with a row for each number that an input may be"""
    if not _is(symbol, "look_up"):
        return None
    table, rows = symbol.arguments
    if not (_weight(table, book, 2) and _table(rows) and rows.axes == ("position",)):
        return None
    if rows.name in book.inputs and book.inputs[rows.name].rows_of == table.axes[0]:
        return Form("look_up", (table.name, rows.name))
    return None


def normalise(symbol: Symbol, book: Book) -> Form | None:
    """normalise(x, eps)"""
    if _is(symbol, "normalise") and _calculated(symbol.arguments[0], book, 2):
        table, eps = symbol.arguments[0], _number(symbol.arguments[1])
        return None if eps is None else Form("normalise", (table.name,), (eps,))
    return None


def scale(symbol: Symbol, book: Book) -> Form | None:
    """x * gain + shift, a row of each"""
    if not _is(symbol, "add") or not _is(symbol.arguments[0], "multiply"):
        return None
    (table, gain), shift = symbol.arguments[0].arguments, symbol.arguments[1]
    if _calculated(table, book, 2) and _weight(gain, book, 1) and _weight(shift, book, 1):
        return Form("scale", (table.name, gain.name, shift.name))
    return None


def product(symbol: Symbol, book: Book) -> Form | None:
    """x @ w + b, x @ w or x @ transpose(w), with weights w and b"""
    bias: tuple[str, ...] = ()
    if _is(symbol, "add"):
        symbol, shift = symbol.arguments
        if not _weight(shift, book, 1):
            return None
        bias = (shift.name,)
    if not _is(symbol, "product"):
        return None
    table, weight = symbol.arguments
    turned = _is(weight, "transpose")
    weight = weight.arguments[0] if turned else weight
    if _weight(weight, book, 2) and (_calculated(table, book, 2) or _calculated(table, book, 1)):
        return Form("product", (table.name, weight.name, *bias), turned=turned)
    return None


def split(symbol: Symbol, book: Book) -> Form | None:
    """split_heads(part(x, i, of), n_head)"""
    if not _is(symbol, "split_heads") or not _is(symbol.arguments[0], "part"):
        return None
    (table, index, of), n_head = symbol.arguments[0].arguments, symbol.arguments[1]
    # What is no part of a table, NumPy refuses: half of the parts, the fourth of three.
    whole = all(type(number) is int for number in (index, of, n_head))
    if whole and 0 <= index < of and _calculated(table, book, 2):
        return Form("split", (table.name,), (index, of, n_head))
    return None


def scores(symbol: Symbol, book: Book) -> Form | None:
    """queries @ transpose(keys) / number"""
    if not _is(symbol, "divide") or not _is(symbol.arguments[0], "product"):
        return None
    (queries, turned), divisor = symbol.arguments[0].arguments, _number(symbol.arguments[1])
    if divisor is None or not _is(turned, "transpose"):
        return None
    keys = turned.arguments[0]
    if _calculated(queries, book, 3) and _calculated(keys, book, 3):
        return Form("scores", (queries.name, keys.name), (divisor,))
    return None


def attention(symbol: Symbol, book: Book) -> Form | None:
    """softmax(causal(scores))"""
    if _is(symbol, "softmax") and _is(symbol.arguments[0], "causal"):
        table = symbol.arguments[0].arguments[0]
        if _calculated(table, book, 3) and table.axes[1:] == ("position", "source"):
            return Form("attention", (table.name,))
    return None


def mixed(symbol: Symbol, book: Book) -> Form | None:
    """attention @ values"""
    if _is(symbol, "product"):
        shares, values = symbol.arguments
        if _calculated(shares, book, 3) and _calculated(values, book, 3):
            return Form("mixed", (shares.name, values.name))
    return None


def merge(symbol: Symbol, book: Book) -> Form | None:
    """merge_heads(x)"""
    if _is(symbol, "merge_heads") and _calculated(symbol.arguments[0], book, 3):
        return Form("merge", (symbol.arguments[0].name,))
    return None


def add(symbol: Symbol, book: Book) -> Form | None:
    """x + y, two tables of the same shape"""
    if _is(symbol, "add"):
        one, other = symbol.arguments
        if _calculated(one, book, 2) and _calculated(other, book, 2):
            return Form("add", (one.name, other.name))
    return None


def gelu(symbol: Symbol, book: Book) -> Form | None:
    """gelu(x)"""
    if _is(symbol, "gelu") and _calculated(symbol.arguments[0], book, 2):
        return Form("gelu", (symbol.arguments[0].name,))
    return None


FORMS: tuple[Callable[[Symbol, Book], Form | None], ...] = (
    view, look_up, normalise, scale, product, split, scores, attention, mixed, merge, add, gelu)
