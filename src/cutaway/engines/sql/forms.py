"""What each word of a formula is in SQL.

`FORMS` has an entry for every operation and sign; each makes a relation from those of its
arguments. An operation without an entry cannot be said in SQL, and a test names it.
"""

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from math import log

from cutaway.engines.sql import curves
from cutaway.engines.sql.dialect import Dialect
from cutaway.engines.sql.relation import Key, Relation, indented, joined, renamed
from cutaway.errors import UnsupportedStep
from cutaway.workbook.symbol import Argument, Symbol


@dataclass
class Statement:
    """One query in the making.

    dialect  the database's
    packed   for each weight matrix the axis whose numbers stand together in one cell
    places   the database's table in which a table of the book is, where it has another name there
    common   the queries that it reads, by name: WITH ...
    """

    dialect: Dialect
    packed: Mapping[str, str]
    places: Mapping[str, str] = field(default_factory=dict)
    common: dict[str, str] = field(default_factory=dict)
    names: dict[str, str] = field(default_factory=dict)

    def relation(self, argument: Argument) -> Relation:
        """The rows and the value that a symbol or a number stands for.

        Raises:  UnsupportedStep
        """
        if not isinstance(argument, Symbol):
            return _number(argument)
        form = FORMS.get(argument.operation)
        if form is None:
            raise UnsupportedStep(f"the operation {argument.operation} has no form in SQL")
        return form(self, argument)

    def query(self, symbol: Symbol, axes: Sequence[str] | None = None) -> str:
        """The whole query of a step; its columns are the step's axes and `value`.

        axes  as the step states them, where the formula gives others of the same length
        """
        made = self.relation(symbol)
        stated = dict(zip(made.keys, axes or symbol.axes, strict=True))
        made = replace(made, keys={stated[axis]: key for axis, key in made.keys.items()},
                       row=made.row and tuple(stated[axis] for axis in made.row))
        if not made.is_column:
            made = made.valued(f"({made.value})::REAL")
        if not self.common:
            return made.select()
        parts = ",\n".join(f"{name} AS (\n{indented(text)}\n)"
                           for name, text in self.common.items())
        return f"WITH {parts}\n{made.select()}"

    def name(self, wanted: str, text: str) -> str:
        """A name that nothing else in this statement has; the same text has the same name."""
        name, number = wanted, 2
        while self.names.setdefault(name, text) != text:
            name, number = f"{wanted}_{number}", number + 1
        return name

    def closed(self, relation: Relation, wanted: str) -> Relation:
        """The same rows as a query with a name, which can be joined and named several times."""
        text = relation.select()
        name = self.name(wanted, text)
        self.common[name] = text
        return Relation({name: name}, Counter([*relation.keys, "value"]),
                        {axis: Key(axis, name) for axis in relation.keys}, f"{name}.value")

    def plain(self, argument: Argument, wanted: str) -> Relation:
        """One table, or a query with a name: its value can stand several times in a formula."""
        relation = self.relation(argument)
        return relation if relation.plain else self.closed(relation, wanted)

    def opened(self, argument: Argument, wanted: str) -> Relation:
        """Tables that another can be joined to."""
        relation = self.relation(argument)
        return relation if relation.open else self.closed(relation, wanted)

    def apart(self, relation: Relation, other: Relation) -> Relation:
        """One table by a name that another relation does not have: it may be joined to itself."""
        (name, text), = relation.tables.items()
        if name not in other.tables:
            return relation
        return renamed(relation, self.name(name, f"{text} again"))

    def cells(self, symbol: Symbol, axis: str) -> Relation:
        """The numbers along one axis together in one cell, one row for all other axes."""
        if symbol.operation == "transpose":
            return self.cells(symbol.arguments[0], axis)
        if symbol.operation == "table" and self.packed.get(symbol.name) == axis:
            return _packed_weight(self, symbol)
        source = self.relation(symbol)
        count = symbol.length(axis)
        if count is None:
            raise UnsupportedStep(f"how many numbers stand along {axis}, only a prompt tells")
        order = source.key(axis)
        keys = {other: key for other, key in source.keys.items() if other != axis}
        cell = self.dialect.pack(source.value, order, count)
        text = replace(source, keys=keys, grouped=True).select(f"{cell} AS {axis}")
        whose = symbol.name.split(".")[-1] if symbol.operation == "table" else "packed"
        name = self.name(f"{whose}_rows", text)
        self.common[name] = text
        return Relation({name: name}, Counter([*keys, axis]),
                        {other: Key(other, name) for other in keys}, f"{name}.{axis}")


def _number(number: float) -> Relation:
    return Relation({}, Counter(), {}, repr(number) if number >= 0 else f"({number!r})")


def _table(statement: Statement, symbol: Symbol) -> Relation:
    """A table of the workbook; a packed weight is unpacked."""
    if symbol.name in statement.packed:
        return _unpacked(statement, symbol)
    return _rows(statement, symbol, symbol.axes, "value")


def _rows(statement: Statement, symbol: Symbol, axes: tuple[str, ...], column: str) -> Relation:
    """A table of the database as it stands."""
    place = statement.places.get(symbol.name, symbol.name)
    name = statement.name(symbol.name.split(".")[-1], symbol.name)
    text = place if name == place.split(".")[-1] else f"{place} AS {name}"
    return Relation({name: text}, Counter([*axes, column]),
                    {axis: Key(axis, name) for axis in axes}, f"{name}.{column}")


def _packed_weight(statement: Statement, symbol: Symbol) -> Relation:
    inner = statement.packed[symbol.name]
    return _rows(statement, symbol, tuple(axis for axis in symbol.axes if axis != inner), inner)


def _unpacked(statement: Statement, symbol: Symbol) -> Relation:
    """A packed weight, one row a number."""
    dialect, inner = statement.dialect, statement.packed[symbol.name]
    cells = _packed_weight(statement, symbol)
    count = symbol.length(inner)
    keys = {axis: cells.keys.get(axis) or Key(dialect.count_up(str(count)))
            for axis in symbol.axes}
    unpacked = replace(cells, keys=keys).valued(dialect.unpack(cells.value))
    return statement.closed(unpacked, f"{symbol.name.split('.')[-1]}_numbers")


def _sign(sign: str, strength: int) -> Callable[[Statement, Symbol], Relation]:
    """Cell by cell: joined on the axes of the one with fewer."""

    def form(statement: Statement, symbol: Symbol) -> Relation:
        sides = [statement.opened(one, "one_side") for one in symbol.arguments]
        wide = max((0, 1), key=lambda side: len(sides[side].keys))
        made, narrow = sides[wide], sides[1 - wide]
        axes = dict(zip(list(made.keys)[len(made.keys) - len(narrow.keys):], narrow.keys,
                        strict=True))
        if not _stands_in(narrow, made, axes):
            narrow = narrow if len(narrow.tables) == 1 else statement.closed(narrow, "other_side")
            narrow = sides[1 - wide] = statement.apart(narrow, made)
            made = joined(made, narrow, axes)
        left, right = sides
        ours = left.value if left.strength >= strength else f"({left.value})"
        theirs = right.value if right.strength > strength else f"({right.value})"
        return made.valued(f"{ours} {sign} {theirs}", strength)

    return form


def _stands_in(narrow: Relation, wide: Relation, axes: Mapping[str, str]) -> bool:
    """Whether the tables of one side are joined on the other side already, cell by same cell."""
    return (narrow.tables.keys() <= wide.tables.keys()
            and all(wide.keys[ours] == narrow.keys[theirs] for ours, theirs in axes.items()))


def _power(statement: Statement, symbol: Symbol) -> Relation:
    made = _sign(",", 0)(statement, symbol)
    return made.valued(f"power({made.value.replace(' , ', ', ')})")


def _negative(statement: Statement, symbol: Symbol) -> Relation:
    table = statement.opened(symbol.arguments[0], "negative")
    value = table.value if table.strength > 3 else f"({table.value})"  # -- begins a comment
    return table.valued(f"-{value}", 3)


def _product(statement: Statement, symbol: Symbol) -> Relation:
    """Rows with columns: one inner product a cell, or a sum where the length is the prompt's."""
    left, right = symbol.arguments
    if left.shape[-1] is None:
        return _sum_of_products(statement, symbol)
    rows = statement.cells(left, left.axes[-1])
    columns = statement.apart(statement.cells(right, right.axes[-2]), rows)
    made = joined(rows, columns, _shared(rows, columns, right.axes[:-2]))
    keys = _product_keys(rows, columns, symbol, right.axes[-1])
    value = statement.dialect.inner(rows.value, columns.value)
    return replace(made, keys=keys).valued(value)


def _sum_of_products(statement: Statement, symbol: Symbol) -> Relation:
    left, right = symbol.arguments
    rows, columns = statement.opened(left, "rows"), statement.opened(right, "columns")
    columns = columns if len(columns.tables) == 1 else statement.closed(columns, "columns")
    columns = statement.apart(columns, rows)
    meeting = {**_shared(rows, columns, right.axes[:-2]), left.axes[-1]: right.axes[-2]}
    made = joined(rows, columns, meeting)
    kept = {axis: key for axis, key in rows.keys.items() if axis != left.axes[-1]}
    keys = _product_keys(replace(rows, keys=kept), columns, symbol, right.axes[-1])
    return replace(made, keys=keys, grouped=True).valued(
        f"sum({_factor(rows)} * {_factor(columns)})")


def _factor(relation: Relation) -> str:
    return relation.value if relation.strength >= 2 else f"({relation.value})"


def _shared(rows: Relation, columns: Relation, leading: tuple[str, ...]) -> dict[str, str]:
    """The axes in front that both have: one product for each of them."""
    return {axis: axis for axis in leading if axis in rows.keys and axis in columns.keys}


def _product_keys(rows: Relation, columns: Relation, symbol: Symbol,
                  last: str) -> dict[str, Key]:
    """The rows' axes, and the columns' last one by the name that the product gives it."""
    front = {axis: rows.keys.get(axis) or columns.keys[axis] for axis in symbol.axes[:-1]}
    return {**front, symbol.axes[-1]: columns.keys[last]}


def _look_up(statement: Statement, symbol: Symbol) -> Relation:
    """The rows of a table whose number stands in another one."""
    table, asked = symbol.arguments
    rows, first = statement.plain(asked, "asked"), table.axes[0]
    inner = statement.packed.get(table.name) if table.operation == "table" else None
    if inner in (None, first):
        found, unpacked = statement.plain(table, "looked_up"), {}
    else:
        found = _packed_weight(statement, table)
        unpacked = {inner: Key(statement.dialect.count_up(str(table.length(inner))))}
    made = joined(replace(rows, keys={"asked": Key("value", next(iter(rows.tables)))}),
                  found, {"asked": first})
    rest = {axis: unpacked.get(axis) or found.keys[axis] for axis in table.axes[1:]}
    value = statement.dialect.unpack(found.value) if unpacked else found.value
    return replace(made, keys={**rows.keys, **rest}).valued(value)


def _part(statement: Statement, symbol: Symbol) -> Relation:
    """A range of columns, counted from 0 again."""
    table, index, _ = symbol.arguments
    made = statement.opened(table, "whole")
    axis, width = table.axes[-1], symbol.shape[-1]
    key, first = made.key(axis), index * width
    condition, column = f"{key} < {width}", key
    if first:
        condition, column = f"{key} BETWEEN {first} AND {first + width - 1}", f"({key} - {first})"
    return replace(made, keys={**made.keys, axis: Key(column)}, where=(condition,))


def _split_heads(statement: Statement, symbol: Symbol) -> Relation:
    """The number of a column says which head it belongs to, and where it stands there."""
    table, _ = symbol.arguments
    made = statement.relation(table)
    made = made if not made.grouped and made.row is None else statement.closed(made, "whole")
    width, column = symbol.shape[-1], made.key(table.axes[-1])
    front = {axis: made.keys[axis] for axis in symbol.axes[:-3]}
    keys = {**front, "head": Key(f"{column} {statement.dialect.divide} {width}"),
            symbol.axes[-2]: made.keys[table.axes[-2]], "head_embed": Key(f"{column} % {width}")}
    return replace(made, keys=keys)


def _merge_heads(statement: Statement, symbol: Symbol) -> Relation:
    table, = symbol.arguments
    made = statement.opened(table, "heads")
    *front, head, position, head_embed = table.axes
    number = f"{made.key(head)} * {table.shape[-1]} + {made.key(head_embed)}"
    keys = {**{axis: made.keys[axis] for axis in front}, position: made.keys[position],
            symbol.axes[-1]: Key(number)}
    return replace(made, keys=keys)


def _transpose(statement: Statement, symbol: Symbol) -> Relation:
    made = statement.relation(symbol.arguments[0])
    return replace(made, keys={axis: made.keys[axis] for axis in symbol.axes})


def _causal(statement: Statement, symbol: Symbol) -> Relation:
    """Minus infinity where the column lies ahead of the row."""
    made = statement.opened(symbol.arguments[0], "scores")
    row, column = (made.key(axis) for axis in symbol.axes[-2:])
    return made.valued(f"CASE WHEN {column} <= {row} THEN {made.value} ELSE '-Infinity' END")


def _softmax(statement: Statement, symbol: Symbol) -> Relation:
    scores = statement.plain(symbol.arguments[0], "scored")
    row = tuple(symbol.axes[:-1])
    above = replace(scores, row=row).valued(
        f"exp({scores.value} - max({scores.value}) OVER each_row)")
    powers = statement.closed(above, "powers")
    return replace(powers, row=row).valued(
        f"{powers.value} / sum({powers.value}) OVER each_row", 2)


def _normalise(statement: Statement, symbol: Symbol) -> Relation:
    table = statement.plain(symbol.arguments[0], "table_rows")
    eps = statement.relation(symbol.arguments[1]).value
    return replace(table, row=tuple(symbol.axes[:-1])).valued(
        f"({table.value} - avg({table.value}) OVER each_row) / "
        f"sqrt(var_pop({table.value}) OVER each_row + {eps})", 2)


def _rms_normalise(statement: Statement, symbol: Symbol) -> Relation:
    table = statement.plain(symbol.arguments[0], "table_rows")
    eps = statement.relation(symbol.arguments[1]).value
    return replace(table, row=tuple(symbol.axes[:-1])).valued(
        f"{table.value} / sqrt(avg({table.value} * {table.value}) OVER each_row + {eps})", 2)


def _repeat_heads(statement: Statement, symbol: Symbol) -> Relation:
    """Each head joined with the numbers 0 to times - 1."""
    table, times = symbol.arguments
    made = statement.opened(table, "heads")
    copies = statement.name("copies", f"{times} copies")
    statement.common[copies] = f"SELECT {statement.dialect.count_up(str(times))} AS copy"
    other = Relation({copies: copies}, Counter(["copy"]), {"copy": Key("copy", copies)}, "0")
    both = joined(made, other, {})
    head = f"{made.key(table.axes[-3])} * {times} + {copies}.copy"
    front = {axis: made.keys[axis] for axis in table.axes[:-3]}
    return replace(both, keys={**front, "head": Key(head),
                               **{axis: made.keys[axis] for axis in table.axes[-2:]}})


def _rotate(statement: Statement, symbol: Symbol) -> Relation:
    """Each cell joined with its partner in the other half of the columns, and with its position."""
    table, positions, theta = symbol.arguments
    row, column = symbol.axes[-2:]
    half = symbol.arguments[0].shape[-1] // 2
    cells = statement.plain(table, "cells")
    place = cells.key(column)
    other = replace(cells, keys={**cells.keys, column: Key(f"({place} + {half}) % {2 * half}")})
    partners = statement.closed(other.valued(
        f"CASE WHEN {place} < {half} THEN {cells.value} ELSE -{cells.value} END"), "partners")
    places = statement.apart(statement.plain(positions, "places"), cells)
    made = joined(joined(cells, partners, {axis: axis for axis in symbol.axes}), places, {row: row})
    angle = f"{places.value} * exp({made.key(column)} % {half} * {-log(theta) / half!r})"
    return made.valued(f"{cells.value} * cos({angle}) + {partners.value} * sin({angle})", 1)


def _sqrt(statement: Statement, symbol: Symbol) -> Relation:
    table = statement.opened(symbol.arguments[0], "table_rows")
    return table.valued(f"sqrt({table.value})")


def _last_axis(statement: Statement, symbol: Symbol) -> Relation:
    return _number(symbol.arguments[0].shape[-1])


def _last_row(statement: Statement, symbol: Symbol) -> Relation:
    """The row of the newest position."""
    table, = symbol.arguments
    made = statement.opened(table, "table_rows")
    condition = f"{made.key(table.axes[-2])} = (SELECT max(position) FROM ids)"
    return replace(made, keys={axis: made.keys[axis] for axis in symbol.axes}, where=(condition,))


FORMS: dict[str, Callable[[Statement, Symbol], Relation]] = {
    "table": _table, "add": _sign("+", 1), "subtract": _sign("-", 1),
    "multiply": _sign("*", 2), "divide": _sign("/", 2), "power": _power, "negative": _negative,
    "product": _product, "look_up": _look_up, "part": _part, "split_heads": _split_heads,
    "merge_heads": _merge_heads, "transpose": _transpose, "causal": _causal, "softmax": _softmax,
    "normalise": _normalise, "gelu": curves.gelu, "sqrt": _sqrt, "last_axis": _last_axis,
    "last_row": _last_row, "rms_normalise": _rms_normalise, "silu": curves.sigmoid_gated(0.5),
    "exact_gelu": curves.exact_gelu, "quick_gelu": curves.sigmoid_gated(0.851), "relu": curves.relu,
    "repeat_heads": _repeat_heads, "rotate": _rotate,
}
