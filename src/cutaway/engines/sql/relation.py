"""A query on its way: the tables that it joins, the columns that name a cell, and its value.

A table of the workbook is long here, one row a cell: `h0.qkv(position, qkv, value)`. Formulas put
such tables together by joining them on the axes that they share.
"""

import re
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, replace

LINE = 88  # letters; within WITH the lines are indented
ATOM = 9  # how strongly a name, a number or a call binds: parentheses are never needed


@dataclass(frozen=True)
class Key:
    """The number along one axis: a column of a joined table, or an expression over such columns."""

    column: str
    table: str = ""


@dataclass(frozen=True)
class Relation:
    """One query that is not closed yet.

    tables    what is joined: the name that each goes by, and its line behind FROM
    columns   how many of the joined tables have a column of a name; one that was joined on counts
              once
    keys      by axis, outer to inner
    value     the expression of the cell
    strength  how strongly its outermost sign binds
    where     conditions
    grouped   whether the value is a sum over rows, which the keys hold apart
    row       the axes that say which row a cell is in, where the value looks at whole rows
    """

    tables: Mapping[str, str]
    columns: Counter[str]
    keys: Mapping[str, Key]
    value: str
    strength: int = ATOM
    where: tuple[str, ...] = ()
    grouped: bool = False
    row: tuple[str, ...] | None = None

    @property
    def open(self) -> bool:
        """Whether another table can be joined to it as it stands."""
        return (all(key.table for key in self.keys.values())
                and not self.where and not self.grouped and self.row is None)

    @property
    def plain(self) -> bool:
        """Whether it is one table as it stands."""
        return self.open and len(self.tables) == 1 and self.is_column

    @property
    def is_column(self) -> bool:
        """Whether the value is a column as it stands."""
        return re.fullmatch(r"\w+\.value", self.value) is not None

    def key(self, axis: str) -> str:
        """The expression of a key, with its table's name where the column's is not enough."""
        key = self.keys[axis]
        if key.table and self.columns[key.column] > 1:
            return f"{key.table}.{key.column}"
        return key.column

    def valued(self, value: str, strength: int = ATOM) -> "Relation":
        return replace(self, value=value, strength=strength)

    def select(self, value: str | None = None) -> str:
        """The query.  value: in the place of the cell's own, with its name"""
        named = [self.key(axis) if self.keys[axis].column == axis else f"{self.key(axis)} AS {axis}"
                 for axis in self.keys]
        chosen = [*named, value or self._named_value()]
        lines = [_selected([*map(self._shortened, chosen)]), f"FROM {self._joined()}"]
        if self.where:
            lines.append(f"WHERE {' AND '.join(self.where)}")
        if self.grouped and self.keys:
            lines.append(f"GROUP BY {', '.join(map(self.key, self.keys))}")
        if self.row is not None:
            by = ", ".join(map(self.key, self.row))
            lines.append(f"WINDOW each_row AS ({f'PARTITION BY {by}' if by else ''})")
        return "\n".join(map(self._shortened, lines))

    def _shortened(self, text: str) -> str:
        """A query of one table needs no table's name before its columns."""
        if len(self.tables) != 1:
            return text
        return re.sub(rf"(?<![\w.]){next(iter(self.tables))}\.(?=\w)", "", text)

    def _joined(self) -> str:
        return "\n  ".join(self.tables.values())

    def _named_value(self) -> str:
        return self.value if self.is_column else f"{self.value} AS value"


def _selected(columns: list[str]) -> str:
    """SELECT and the columns; the last, which is the longest, on a line of its own if need be."""
    line = f"SELECT {', '.join(columns)}"
    if len(line) <= LINE or len(columns) == 1:
        return line
    return f"SELECT {', '.join(columns[:-1])},\n  {columns[-1]}"


def renamed(relation: Relation, name: str) -> Relation:
    """One table by another name, to be joined to itself."""
    (old, text), = relation.tables.items()
    keys = {axis: Key(key.column, name) for axis, key in relation.keys.items()}
    value = re.sub(rf"\b{old}\.", f"{name}.", relation.value)
    return replace(relation, tables={name: f"{text.split(' AS ')[0]} AS {name}"}, keys=keys,
                   value=value)


def joined(left: Relation, right: Relation, axes: Mapping[str, str]) -> Relation:
    """The rows of `left`, each with those of `right` whose axes have the same numbers.

    right  one table, by a name that `left` does not have
    axes   which axis of `left` meets which of `right`
    """
    (name, text), = right.tables.items()
    pairs = [(left.keys[ours], right.keys[theirs]) for ours, theirs in axes.items()]
    by_name = all(one.column == other.column and left.columns[one.column] == 1
                  for one, other in pairs)
    if not pairs:
        line = f"CROSS JOIN {text}"
    elif by_name:
        line = f"JOIN {text} USING ({', '.join(one.column for one, _ in pairs)})"
    else:
        conditions = [f"{other.table}.{other.column} = {one.table}.{one.column}"
                      for one, other in pairs]
        line = f"JOIN {text} ON {' AND '.join(conditions)}"
    columns = left.columns + right.columns
    if by_name:
        columns.subtract(one.column for one, _ in pairs)
    return replace(left, tables={**left.tables, name: line}, columns=columns)


def indented(text: str) -> str:
    return "\n".join(f"  {line}" for line in text.splitlines())
