"""Symbolic tables: what passes through the steps when a book is translated, not calculated.

    traced = trace(book, "h0.scores")
    traced.axes                       # ('head', 'position', 'source')
    str(traced)                       # 'h0.queries @ transpose(h0.keys) / sqrt(24)'

A step called with symbols gives a symbol that remembers what was done. SQL and spreadsheets are
written from it, so that the model is stated once. Where NumPy knows axes by their order, a symbol
knows them by name: joins and blocks of cells need to say which.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from inspect import signature
from typing import Any, cast

from cutaway.axes import AXES
from cutaway.errors import UnsupportedStep
from cutaway.workbook.book import Book, Node
from cutaway.workbook.operations import OPERATIONS

# What Python's signs are called here, and how strongly they bind.
SIGNS = {"add": "+", "subtract": "-", "multiply": "*", "divide": "/", "power": "**",
         "product": "@", "negative": "-"}
_STRENGTH = {"add": 1, "subtract": 1, "multiply": 2, "divide": 2, "product": 2, "negative": 3,
             "power": 4}

Length = int | None
Argument = Any  # a Symbol, a plain number, or a table's name


@dataclass(frozen=True, eq=False)
class Symbol:
    """A table that is not calculated: how it is made, and what its rows and columns are.

    operation  "table" for a table of the book; the sign's name in SIGNS; an operation's name in
               OPERATIONS, among them "last_axis": a number that a shape tells
    arguments  what the operation is given: symbols and plain numbers; for "table" its full name
    axes       outer to inner; none for a number
    shape      how long each axis is; None for positions, whose number the prompt decides
    """

    operation: str
    arguments: tuple[Argument, ...]
    axes: tuple[str, ...]
    shape: tuple[Length, ...]

    # NumPy's own numbers leave `number * symbol` to the symbol.
    __array_ufunc__ = None

    def __add__(self, other):
        return _each("add", self, other)

    def __radd__(self, other):
        return _each("add", other, self)

    def __sub__(self, other):
        return _each("subtract", self, other)

    def __rsub__(self, other):
        return _each("subtract", other, self)

    def __mul__(self, other):
        return _each("multiply", self, other)

    def __rmul__(self, other):
        return _each("multiply", other, self)

    def __truediv__(self, other):
        return _each("divide", self, other)

    def __rtruediv__(self, other):
        return _each("divide", other, self)

    def __pow__(self, other):
        return _each("power", self, other)

    def __neg__(self):
        return Symbol("negative", (self,), self.axes, self.shape)

    def __matmul__(self, other):
        return _product(self, other)

    def __str__(self) -> str:
        return _text(self)[0]

    @property
    def name(self) -> str:
        """The full name of a table of the book."""
        return self.arguments[0]

    def walk(self) -> Iterator["Symbol"]:
        """This symbol and all that it is made from, outermost first."""
        yield self
        for argument in self.arguments:
            if isinstance(argument, Symbol):
                yield from argument.walk()

    def length(self, axis: str) -> Length:
        """How long one of the axes is."""
        return self.shape[self.axes.index(axis)]


def table_symbol(book: Book, name: str, n_positions: int | None = None) -> Symbol:
    """A table of the book as a leaf of formulas.

    n_positions  how many positions a prompt may have, where that is fixed
    """
    axes = book.axes(name)
    sizes = {**book.sizes, "source": None, "position": None}
    if name in book.weights:
        sizes["position"] = book.sizes["position"]
    else:
        sizes["position"] = sizes["source"] = n_positions
    return Symbol("table", (name,), axes, tuple(sizes[axis] for axis in axes))


def trace(book: Book, name: str, n_positions: int | None = None) -> Symbol:
    """What the step of one table does to the tables that it reads, as a symbol.

    A formula is traced once, for all the blocks in which it means the same.

    n_positions  as in `table_symbol`
    returns      a symbol with the axes that the step states
    Raises:      UnsupportedStep for a formula that is written with anything else than the words of
                 formulas, or whose axes are not those that the step states
    """
    return replace(trace_as_made(book, name, n_positions), axes=book.axes(name))


def trace_as_made(book: Book, name: str, n_positions: int | None = None) -> Symbol:
    """The same with the axes as the formula gives them: as many and as long as the step states,
    but `attention_output = joined` has `joined` where the step states `embed`.

    Raises:  as `trace` does
    """
    node = book.nodes[name]
    given = [book.constants[word] if word in book.constants
             else table_symbol(book, word, n_positions) for word in node.reads]
    kinds = tuple((one.shape, one.axes) if isinstance(one, Symbol) else one for one in given)
    key = node.step.function, node.step.axes, n_positions, kinds
    if key not in book.traces:
        book.traces[key] = node.reads, _traced(book, node, given, n_positions)
    reads, found = book.traces[key]
    if isinstance(found, str):
        raise UnsupportedStep(f"{name}{found}")
    if reads == node.reads:
        return found
    if len(set(reads)) < len(reads) or len(set(node.reads)) < len(reads):  # one table, two words
        found = _traced(book, node, given, n_positions)
        assert isinstance(found, Symbol), "it was traced before"
        return found
    return _renamed(found, dict(zip(reads, node.reads, strict=True)))


def _traced(book: Book, node: Node, given: Sequence[Argument],
            n_positions: int | None) -> Symbol | str:
    """The symbol of a step's formula; or why there is none, as the end of a message."""
    try:
        made = node.step.function(*given)
    except UnsupportedStep as error:
        return f": {error}"
    except Exception as error:
        return (f": its formula does more than the words of formulas can say ({error}), so it "
                f"can only be calculated. Formulas are written with @ + - * / and "
                f"{', '.join(OPERATIONS)}.")
    if not isinstance(made, Symbol):
        return (f": its formula reads no table, so that it has no rows and columns: it gives "
                f"{made!r}.")
    stated = table_symbol(book, node.name, n_positions)
    if made.shape != stated.shape:
        return (f" is stated as {' x '.join(stated.axes)}, but its formula gives "
                f"{' x '.join(made.axes) or 'one number'} ({_lengths(made)}).")
    return made


def _renamed(symbol: Symbol, names: Mapping[str, str]) -> Symbol:
    """The same formula over tables of other names."""
    if symbol.operation == "table":
        arguments: tuple[Argument, ...] = (names[symbol.name],)
    else:
        arguments = tuple(_renamed(one, names) if isinstance(one, Symbol) else one
                          for one in symbol.arguments)
    return Symbol(symbol.operation, arguments, symbol.axes, symbol.shape)


def _lengths(symbol: Symbol) -> str:
    return " x ".join("positions" if length is None else f"{length:,}" for length in symbol.shape)


def _each(operation: str, left: Argument, right: Argument) -> Symbol:
    """Cell by cell; the one with fewer axes is used for every row of the other, as NumPy does."""
    wide, narrow = sorted((_symbol(left), _symbol(right)), key=lambda one: -len(one.axes))
    cut = len(wide.axes) - len(narrow.axes)
    for ours, theirs, axis in zip(wide.shape[cut:], narrow.shape, narrow.axes, strict=True):
        if ours != theirs:
            raise UnsupportedStep(
                f"tables of {_lengths(wide)} and {_lengths(narrow)} cannot be put cell by cell: "
                f"along {axis} there are {ours} and {theirs}.")
    return Symbol(operation, (left, right), wide.axes, wide.shape)


def _symbol(argument: Argument) -> Symbol:
    """A plain number as a symbol without axes."""
    if isinstance(argument, Symbol):
        return argument
    if isinstance(argument, bool) or not isinstance(argument, int | float):
        raise UnsupportedStep(f"{argument!r} is neither a table nor a plain number.")
    return Symbol("number", (argument,), (), ())


def _product(left: Symbol, right: Argument) -> Symbol:
    """Every row of `left` with every column of `right`: the last axis meets the last but one."""
    if not isinstance(right, Symbol) or len(right.axes) < 2 or not left.axes:
        raise UnsupportedStep("a product (@) needs two tables, the right one with rows and columns")
    if left.shape[-1] != right.shape[-2]:
        raise UnsupportedStep(
            f"a product of {_lengths(left)} and {_lengths(right)} is not possible: rows of "
            f"{left.shape[-1]} {left.axes[-1]} and columns of {right.shape[-2]} {right.axes[-2]}.")
    front = max(left.axes[:-2], right.axes[:-2], key=len)
    lengths = max(left.shape[:-2], right.shape[:-2], key=len)
    axes = (*front, *left.axes[-2:-1], right.axes[-1])
    if axes.count(axes[-1]) > 1:
        if axes[-1] != "position":
            raise UnsupportedStep(f"a product with two axes {axes[-1]}: a table's axes need "
                                  f"different names ({', '.join(AXES)}).")
        axes = (*axes[:-1], "source")  # the position that asks, and the one that answers
    return Symbol("product", (left, right), axes,
                  (*lengths, *left.shape[-2:-1], right.shape[-1]))


def _text(argument: Argument) -> tuple[str, int]:
    """A formula with full names, and how strongly its outermost sign binds."""
    if not isinstance(argument, Symbol):
        return str(argument), 9
    if argument.operation in ("table", "number"):
        return str(argument.arguments[0]), 9
    if argument.operation == "last_axis":
        return str(argument.arguments[0].shape[-1]), 9
    parts = [_text(one) for one in argument.arguments]
    if argument.operation not in SIGNS:
        return f"{argument.operation}({', '.join(text for text, _ in parts)})", 9
    strength, sign = _STRENGTH[argument.operation], SIGNS[argument.operation]
    if len(parts) == 1:
        text, inner = parts[0]
        return f"{sign}{text if inner >= strength else f'({text})'}", strength
    (left, before), (right, after) = parts
    left = left if before >= strength else f"({left})"
    right = right if after > strength else f"({right})"
    return f"{left} {sign} {right}", strength


# ---- The axes that each operation gives. An operation without an entry here cannot be traced. ----

def _same(table: Symbol, *_: Argument) -> Symbol:
    return table


def _no_axes(table: Symbol) -> Symbol:
    if table.shape[-1] is None:
        raise UnsupportedStep(f"how long {table.axes[-1]} is, only a prompt tells; a translated "
                              f"formula cannot count it.")
    return Symbol("", (), (), ())


def _shaped(axes: Sequence[str], shape: Sequence[Length]) -> Symbol:
    return Symbol("", (), tuple(axes), tuple(shape))


def _transposed(table: Symbol) -> Symbol:
    *axes, rows, columns = table.axes
    *shape, n_rows, n_columns = table.shape
    return _shaped((*axes, columns, rows), (*shape, n_columns, n_rows))


def _looked_up(table: Symbol, rows: Symbol) -> Symbol:
    return _shaped((*rows.axes, *table.axes[1:]), (*rows.shape, *table.shape[1:]))


def _part(table: Symbol, index: int, of: int) -> Symbol:
    width = table.shape[-1]
    if width is None or width % of or not 0 <= index < of:
        raise UnsupportedStep(f"{_lengths(table)} has no part {index} of {of} equal ones")
    return _shaped(table.axes, (*table.shape[:-1], width // of))


def _split(table: Symbol, n_head: int) -> Symbol:
    *axes, position, _ = table.axes
    *shape, n_position, width = table.shape
    if width is None or width % n_head:
        raise UnsupportedStep(f"{_lengths(table)} cannot be dealt out evenly to {n_head} heads")
    return _shaped((*axes, "head", position, "head_embed"),
                   (*shape, n_head, n_position, width // n_head))


def _merged(table: Symbol) -> Symbol:
    *axes, _, position, _ = table.axes
    *shape, n_head, n_position, width = table.shape
    if n_head is None or width is None:
        raise UnsupportedStep(f"{_lengths(table)} has no heads to lay side by side")
    return _shaped((*axes, position, "joined"), (*shape, n_position, n_head * width))


def _repeated(table: Symbol, times: int) -> Symbol:
    *axes, _, position, head_embed = table.axes
    *shape, n_head, n_position, width = table.shape
    if n_head is None or not isinstance(times, int) or times < 1:
        raise UnsupportedStep(f"{_lengths(table)} has no heads to repeat {times} times")
    return _shaped((*axes, "head", position, head_embed),
                   (*shape, n_head * times, n_position, width))


def _rotated(table: Symbol, positions: Symbol, theta: float) -> Symbol:
    width = table.shape[-1]
    if width is None or width % 2:
        raise UnsupportedStep(f"{_lengths(table)} has no even number of columns to turn in pairs")
    if not isinstance(positions, Symbol) or positions.axes != table.axes[-2:-1]:
        raise UnsupportedStep("rotate takes one number for each row of its table")
    if not isinstance(theta, int | float) or theta <= 0:
        raise UnsupportedStep("rotate takes a plain number above 0 as theta")
    return table


def _last_row(table: Symbol) -> Symbol:
    return _shaped((*table.axes[:-2], table.axes[-1]), (*table.shape[:-2], table.shape[-1]))


GIVES: dict[str, Callable[..., Symbol]] = {
    "sqrt": _same, "causal": _same, "softmax": _same, "normalise": _same, "gelu": _same,
    "last_axis": _no_axes, "transpose": _transposed, "look_up": _looked_up, "part": _part,
    "split_heads": _split, "merge_heads": _merged, "last_row": _last_row, "rms_normalise": _same,
    "silu": _same, "exact_gelu": _same, "quick_gelu": _same, "relu": _same,
    "repeat_heads": _repeated, "rotate": _rotated,
}


def _recording(name: str, operation: Callable) -> Callable[..., Symbol]:
    """The form of an operation that remembers instead of calculating."""
    parameters = signature(operation)

    def recorded(*given, **named):
        if name not in GIVES:
            raise UnsupportedStep(f"the operation {name} has no entry in workbook/symbol.py, so "
                                  f"that it can be calculated, but not translated")
        arguments = parameters.bind(*given, **named).args
        shaped = GIVES[name](*arguments)
        return Symbol(name, arguments, shaped.axes, shaped.shape)

    return recorded


for _name, _operation in OPERATIONS.items():
    cast(Any, _operation).register(Symbol, _recording(_name, _operation))
