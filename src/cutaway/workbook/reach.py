"""Reach: which rows of the tables that it reads make a row of a step's table.

Derived from the step's trace, so that it holds for any definition and for any formula that a user
writes. Appending a token, editing a row, several prompts at once and every engine go by it:

    reaches(book)["h0.mixed"].whole           # {'h0.values'}: all rows of it make a row of mixed
    reaches(book)["h0.mixed"].ahead           # False: no row reads one that comes after it
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from math import inf

import numpy as np

from cutaway.errors import UnsupportedStep
from cutaway.workbook.book import Book, Node
from cutaway.workbook.edit import Edit
from cutaway.workbook.flow import LAST, NOWHERE, SAME, UP_TO, Reading
from cutaway.workbook.symbol import Symbol, trace

Edits = Mapping[str, tuple[Edit, ...]]


@dataclass(frozen=True)
class Reach:
    """What one step reads, row by row.

    whole      the tables of which all rows are needed to calculate one row
    at_once    whether all rows are calculated together, and the rows wanted cut out of them
    ahead      whether a row may read rows that come after it, so that appending a token, or an
               edit further down, changes it
    stacks     whether several prompts can be calculated side by side, as one array
    beyond     what the cells hold whose source comes after their position: 0 or minus infinity;
               None for anything
    varies     whether it is no table of rows, and made from such a table: a loss, a last row
    """

    whole: frozenset[str] = frozenset()
    at_once: bool = False
    ahead: bool = False
    stacks: bool = True
    beyond: float | None = None
    varies: bool = False

    @property
    def by_row(self) -> bool:
        """Whether each row is made from the same row of what is read, and from nothing else."""
        return not (self.whole or self.at_once or self.ahead)


class Reaches(dict[str, Reach]):
    """The reach of every calculated table, by name.

    ahead  the tables whose rows may change when a token is appended: those that read ahead, and
           all that are made from them
    """

    ahead: frozenset[str] = frozenset()


def reaches(book: Book, edits: Edits | None = None) -> Reaches:
    """The reach of every calculated table.

    edits  numbers typed over tables; where they show a row what comes after it, formulas that
           trusted in zeros there reach further
    """
    plain = _reaches(book, frozenset())
    if not edits:
        return plain
    opened = frozenset(name for name, typed in edits.items() if name in plain
                       and plain[name].beyond is not None
                       and any(_shows_beyond(book, name, one, plain[name].beyond)
                               for one in typed))
    return _reaches(book, opened)


def rows_above(book: Book, edits: Edits, name: str, edit: Edit, n_positions: int) -> int:
    """How many rows of every table a new edit leaves as they are.

    edits    what is typed over tables, the new edit among it
    returns  0 where a table below reads ahead, and for a weight or an input
    """
    if name not in book.nodes or "position" not in book.axes(name):
        return 0
    if not reaches(book, edits).ahead.isdisjoint(book.downstream({name})):
        return 0
    return min(edit.cells(book.axes(name).index("position"), n_positions), default=0)


def _shows_beyond(book: Book, name: str, edit: Edit, beyond: float | None) -> bool:
    """Whether an edit puts something else into cells whose source comes after their position."""
    axes = book.axes(name)
    row_axis, source_axis = axes.index("position"), axes.index("source")
    batch = len(edit.index) - len(axes)
    rows = _cells(edit, batch + row_axis, whole=0)
    sources = _cells(edit, batch + source_axis, whole=inf)
    after = sources[None, :] > rows[:, None]
    values = np.moveaxis(edit.value, (batch + row_axis, batch + source_axis), (-2, -1))
    return bool(((values != beyond) & after).any())


def _cells(edit: Edit, axis: int, whole: float) -> np.ndarray:
    """Which rows or columns are edited; `whole` for an axis that stays whole as it grows."""
    along = edit.index[axis]
    if isinstance(along, slice):
        return np.array([whole] if along == slice(None)
                        else range(along.start, along.stop, along.step or 1), float)
    return np.array(along, float)


def _reaches(book: Book, opened: frozenset[str]) -> Reaches:
    """The reaches when numbers stand beyond the positions of the `opened` tables."""
    if opened not in book.reaches:
        found, ahead = Reaches(), set()
        for node in book.nodes.values():
            reach = _reach_of(book, node, found)
            found[node.name] = replace(reach, beyond=None) if node.name in opened else reach
            if reach.ahead or not ahead.isdisjoint(node.reads):
                ahead.add(node.name)
        found.ahead = frozenset(name for name in ahead if "position" in book.axes(name))
        book.reaches[opened] = found
    return book.reaches[opened]


def _reach_of(book: Book, node: Node, found: Mapping[str, Reach]) -> Reach:
    """One step's reach; a formula's is found once, for all blocks in which it means the same."""
    kinds = tuple((book.axes(word), word in book.weights, word in book.constants and word,
                   found.get(word), node.reads.index(word)) for word in node.reads)
    key = "reach", node.step.function, node.step.axes, node.step.reach, kinds
    if key not in book.traces:
        book.traces[key] = node.reads, _found_reach(book, node, found)
    reads, reach = book.traces[key]
    if reads == node.reads or not reach.whole:
        return reach
    names = dict(zip(reads, node.reads, strict=True))
    return replace(reach, whole=frozenset(names[word] for word in reach.whole))


def _found_reach(book: Book, node: Node, found: Mapping[str, Reach]) -> Reach:
    """A step's reach from its trace or, without one, from what its author says."""
    tables = frozenset(word for word in node.reads if _has_rows(book, word))
    varies = "position" not in node.step.axes and any(
        word in tables or (word in found and found[word].varies) for word in node.reads)
    try:
        symbol = trace(book, node.name)
    except UnsupportedStep:
        return _stated(node, tables, varies)
    return replace(_traced(book, node, symbol, found, tables), varies=varies)


def _stated(node: Node, tables: frozenset[str], varies: bool) -> Reach:
    """The reach of a formula that cannot be traced: all rows, unless its author says less."""
    rows = "position" in node.step.axes
    match node.step.reach:
        case "row":
            return Reach(stacks=False, varies=varies)
        case "before":
            return Reach(tables, at_once=rows, stacks=False, varies=varies)
        case _:
            return Reach(tables, at_once=rows, ahead=rows, stacks=False, varies=varies)


def _has_rows(book: Book, name: str) -> bool:
    """Whether a run's table of this name has a row for each position."""
    return (name in book.nodes or name in book.inputs) and "position" in book.axes(name)


def _traced(book: Book, node: Node, symbol: Symbol, found: Mapping[str, Reach],
            tables: frozenset[str]) -> Reach:
    """A step's reach out of the flow of its trace."""
    flow = Reading(book, found).flow(symbol)
    axes = node.step.axes
    row = axes.index("position") - len(axes) if "position" in axes else NOWHERE
    source = axes.index("source") - len(axes) if "source" in axes else NOWHERE
    beyond = flow.beyond if axes[-2:] == ("position", "source") else None
    aligned = {SAME} if row else {LAST}
    by_table = {table: {(how, axis) for name, how, axis in flow.edges if name == table}
                for table in tables}
    straight = {table for table, edges in by_table.items()
                if edges and all(how in aligned and axis == row for how, axis in edges)}
    whole = frozenset(table for table, edges in by_table.items() if edges and table not in straight)
    mixed = any(how in aligned and axis == row for table in whole for how, axis in by_table[table])
    if not row:
        return Reach(tables if mixed else whole, stacks=flow.stacks)
    allowed = {(how, axis) for how in (SAME, UP_TO) for axis in (row, source) if axis}
    ahead = any((how, axis) not in allowed for _, how, axis in flow.edges)
    at_once = mixed or not straight
    return Reach(tables if at_once else whole, at_once, ahead, flow.stacks, beyond)
