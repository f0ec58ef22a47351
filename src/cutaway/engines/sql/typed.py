"""Typed numbers in SQL: the edits of a run.

One number is part of the query. Several are a table of their own, cutaway_typed.h0_residual_1.
A step's query gets them laid over its rows. A weight stays as it was loaded: the steps of the run
read a copy with the typed numbers, cutaway_typed.NAME, and other runs read the weight.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from cutaway.engines.sql.contents import INTEGER, REAL, Column, Contents
from cutaway.engines.sql.dialect import Dialect
from cutaway.engines.sql.forms import Statement
from cutaway.engines.sql.relation import indented
from cutaway.workbook.book import Book
from cutaway.workbook.edit import Edit
from cutaway.workbook.symbol import table_symbol

TYPED = "cutaway_typed"  # the schema of what is typed; every run makes it anew


@dataclass(frozen=True)
class Layer:
    """One edit of one table, as SQL sees it.

    cells    for each axis that is not edited whole the numbers of the cells
    columns  the axes along which several numbers were typed; none for a single number
    values   (columns) the typed numbers
    name     of the table that holds them; used only where there are several
    """

    cells: Mapping[str, Sequence[int]]
    columns: tuple[str, ...]
    values: np.ndarray
    name: str

    @property
    def contents(self) -> Contents:
        """Several numbers as a table: the cells' places, and `value`."""
        grid = np.meshgrid(*[np.asarray(self.cells[axis], np.int32) for axis in self.columns],
                           indexing="ij")
        places = [Column(axis, INTEGER, one.reshape(-1))
                  for axis, one in zip(self.columns, grid, strict=True)]
        return Contents(self.name, "Typed numbers.",
                        (*places, Column("value", REAL, self.values.reshape(-1))))

    def condition(self, table: str, alias: str) -> str:
        """Which rows of a table, joined with the typed numbers, the edit is laid over."""
        parts = [_among(f"{table}{axis}", cells) for axis, cells in self.cells.items()
                 if axis not in self.columns]
        if self.columns:
            parts.append(f"{alias}.value IS NOT NULL")
        return " AND ".join(parts) or "TRUE"

    def value(self, alias: str) -> str:
        return f"{alias}.value" if self.columns else _literal(float(self.values.reshape(-1)[0]))

    def join(self, table: str, alias: str) -> str:
        on = " AND ".join(f"{alias}.{axis} = {table}{axis}" for axis in self.columns)
        return f"LEFT JOIN {self.name} AS {alias} ON {on}"


def layer(edit: Edit, axes: Sequence[str], name: str) -> Layer:
    """An edit as SQL sees it.  name: of the table for its numbers, if there are several"""
    cells: dict[str, Sequence[int]] = {}
    columns: list[str] = []
    taken: list[list[int]] = []
    for place, (axis, along) in enumerate(zip(axes, edit.index, strict=True)):
        if along == slice(None):
            taken.append([0])
            continue
        listed = (range(along.start, along.stop, along.step or 1)
                  if isinstance(along, slice) else along)
        last = {cell: number for number, cell in enumerate(listed)}  # of a cell named twice
        cells[axis] = list(last)
        several = edit.value.shape[place] > 1 and len(last) > 0
        columns += [axis] if several else []
        taken.append(list(last.values()) if several else [0])
    with np.errstate(over="ignore"):  # beyond float32 it is infinite, as in the engines
        values = edit.value[np.ix_(*taken)].astype(np.float32)
    return Layer(cells, tuple(columns), values, name)


def layers_of(table: str, axes: Sequence[str], edits: Sequence[Edit]) -> list[Layer]:
    """The edits of one table, the first one lowest."""
    flat = table.replace(".", "_")
    return [layer(edit, axes, f"{TYPED}.{flat}_{number}") for number, edit in enumerate(edits, 1)]


def laid_over(query: str, axes: Sequence[str], layers: Sequence[Layer]) -> str:
    """A step's query with its edits: what was typed last counts."""
    if not layers:
        return query
    table = "calculated." if any(one.columns for one in layers) else ""
    aliases = [f"typed_{number}" for number, _ in enumerate(layers, 1)]
    cases = [f"  WHEN {one.condition(table, alias)} THEN {one.value(alias)}"
             for one, alias in zip(layers, aliases, strict=True)]
    joins = [f"  {one.join(table, alias)}"
             for one, alias in zip(layers, aliases, strict=True) if one.columns]
    lines = [f"WITH calculated AS (\n{indented(query)}\n)",
             f"SELECT {', '.join(f'{table}{axis}' for axis in axes)}, CASE", *reversed(cases),
             f"  ELSE {table}value END AS value", "FROM calculated", *joins]
    return "\n".join(lines)


def copy_of_weight(book: Book, name: str, layers: Sequence[Layer], packed: Mapping[str, str],
                   dialect: Dialect) -> str:
    """The query of a weight with typed numbers, its cells packed as those of the weight."""
    axes = book.weights[name]
    symbol = table_symbol(book, name)
    if name not in packed:
        return laid_over(Statement(dialect, packed).query(symbol), axes, layers)
    inner = packed[name]
    outer, = (axis for axis in axes if axis != inner)
    touched = _touched(outer, layers)
    source = {name: f"(SELECT * FROM {name} WHERE {touched})"} if touched else {}
    numbers = laid_over(Statement(dialect, packed, source).query(symbol), axes, layers)
    cell = dialect.pack("value", inner, symbol.length(inner) or 0)
    changed = (f"SELECT {outer}, {cell} AS {inner}\nFROM (\n{indented(numbers)}\n) AS typed\n"
               f"GROUP BY {outer}")
    if not touched:
        return changed
    return f"SELECT {outer}, {inner} FROM {name} WHERE NOT ({touched})\nUNION ALL\n{changed}"


def _touched(axis: str, layers: Sequence[Layer]) -> str:
    """Which rows of a weight are edited; empty when all of them are."""
    if any(axis not in one.cells for one in layers):
        return ""
    return " OR ".join(_among(axis, one.cells[axis]) for one in layers)


def _among(column: str, cells: Sequence[int]) -> str:
    if not cells:
        return "FALSE"
    first, last = min(cells), max(cells)
    if first == last:
        return f"{column} = {first}"
    if len(cells) == last - first + 1:
        return f"{column} BETWEEN {first} AND {last}"
    return f"{column} IN ({', '.join(map(str, cells))})"


def _literal(number: float) -> str:
    return f"'{'-' * (number < 0)}Infinity'::REAL" if np.isinf(number) else f"'{number!r}'::REAL"
