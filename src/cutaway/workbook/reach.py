"""Reach: which rows of the tables that it reads make a row of a step's table.

Derived from the step's trace, so that it holds for any definition and for any formula that a user
writes. Appending a token, editing a row, several prompts at once and every engine go by it:

    reaches(book)["h0.mixed"].whole           # {'h0.values'}: all rows of it make a row of mixed
    reaches(book)["h0.mixed"].ahead           # False: no row reads one that comes after it

A symbol's flow says where its numbers come from: for each table read, along which axis of the
symbol its rows lie. Axes are counted from the last, -1, as a batch's axis in front shifts none.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from math import inf
from typing import Any

import numpy as np

from cutaway.errors import UnsupportedStep
from cutaway.workbook.book import Book, Node
from cutaway.workbook.edit import Edit
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


# ---- Where a symbol's numbers come from ----------------------------------------------------

SAME, UP_TO, LAST, ALL = "same", "up to", "last", "all"


@dataclass(frozen=True)
class Flow:
    """Where the numbers of a symbol come from.

    edges   (table, how, axis): a cell at place i of that axis reads row i of the table ("same"),
            or the rows up to i ("up to"); its newest row ("last") or any ("all"), with no axis
    beyond  as in Reach, for the last two axes; None for anything
    stacks  as in Reach
    """

    edges: frozenset[tuple[str, str, int]] = frozenset()
    beyond: float | None = None
    stacks: bool = True

    def along(self, axis: int) -> frozenset[tuple[str, str, int]]:
        return frozenset(edge for edge in self.edges if edge[2] == axis)


NOWHERE = 0  # the axis of an edge that lies along none
PROMPT = ""  # the name of what changes whenever the prompt grows, whatever table it is


def _everything(edges: frozenset[tuple[str, str, int]]) -> frozenset[tuple[str, str, int]]:
    return frozenset((table, ALL, NOWHERE) for table, _, _ in edges)


def _moved(flow: Flow, axes: Callable[[int], int | None]) -> frozenset[tuple[str, str, int]]:
    """Edges along axes of other numbers; along an axis that is gone, they read everything."""
    moved = set()
    for table, how, axis in flow.edges:
        new = axes(axis) if axis else NOWHERE
        moved.add((table, how, new) if new is not None else (table, ALL, NOWHERE))
    return frozenset(moved)


def _grows(symbol: Any, axis: int) -> bool:
    """Whether an axis is as long as the prompt."""
    return len(symbol.axes) >= -axis and symbol.shape[axis] is None


def _over_last(symbol: Symbol, flow: Flow) -> frozenset[tuple[str, str, int]]:
    """The edges of what is summed, or shared out, over a symbol's last axis."""
    last = flow.along(-1)
    edges = (flow.edges - last) | _everything(last)
    if _grows(symbol, -1):
        edges |= {(PROMPT, ALL, NOWHERE)}
    return edges


@dataclass
class _Reading:
    """What is known while one step's trace is walked."""

    book: Book
    found: Mapping[str, Reach]
    flows: dict[int, Flow] = field(default_factory=dict)

    def flow(self, symbol: Any) -> Flow:
        if not isinstance(symbol, Symbol):
            return Flow()
        if id(symbol) not in self.flows:
            made = FLOWS.get(symbol.operation, _unknown)(self, symbol)
            self.flows[id(symbol)] = made
        return self.flows[id(symbol)]

    def depends(self, symbol: Any) -> bool:
        """Whether a symbol's numbers come from the prompt: with several prompts, it has a batch's
        axis."""
        if not isinstance(symbol, Symbol) or symbol.operation == "last_axis":
            return False
        if symbol.operation == "table":
            return symbol.name not in self.book.weights
        return any(map(self.depends, symbol.arguments))


def _traced(book: Book, node: Node, symbol: Symbol, found: Mapping[str, Reach],
            tables: frozenset[str]) -> Reach:
    """A step's reach out of the flow of its trace."""
    flow = _Reading(book, found).flow(symbol)
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


# ---- The flow of each operation. One without an entry here reads everything. -------------------

def _unknown(reading: _Reading, symbol: Symbol) -> Flow:
    edges: frozenset = frozenset({(PROMPT, ALL, NOWHERE)})
    for argument in symbol.arguments:
        edges |= _everything(reading.flow(argument).edges)
    return Flow(edges, stacks=False)


def _table(reading: _Reading, symbol: Symbol) -> Flow:
    name, axes = symbol.name, symbol.axes
    if name in reading.book.weights or not (name in reading.found or name in reading.book.inputs):
        return Flow()
    if "position" in axes:
        beyond = reading.found[name].beyond if name in reading.found else None
        return Flow(frozenset({(name, SAME, axes.index("position") - len(axes))}), beyond)
    varies = name in reading.found and reading.found[name].varies
    return Flow(frozenset({(PROMPT, ALL, NOWHERE)}) if varies else frozenset())


def _number(reading: _Reading, symbol: Symbol) -> Flow:
    return Flow()


def _cell_by_cell(reading: _Reading, symbol: Symbol) -> Flow:
    flows = [reading.flow(one) for one in symbol.arguments]
    edges = frozenset().union(*(flow.edges for flow in flows))
    batched = [len(one.axes) for one in symbol.arguments if reading.depends(one)]
    widest = max((len(one.axes) for one in symbol.arguments if isinstance(one, Symbol)), default=0)
    stacks = all(flow.stacks for flow in flows) and all(count == widest for count in batched)
    return Flow(edges, _beyond_of(symbol, flows), stacks)


def _beyond_of(symbol: Symbol, flows: list[Flow]) -> float | None:
    """What stands beyond the diagonal after + - * / ** of two, or a sign before one."""
    if len(flows) == 1:
        return 0 if flows[0].beyond == 0 else None
    left, right = (flow.beyond for flow in flows)
    one, other = symbol.arguments
    by_more = _positive(other)
    match symbol.operation:
        case "add":
            both = {left, right}
            return -inf if -inf in both else 0 if both == {0} else None
        case "subtract":
            return -inf if left == -inf != right else 0 if left == right == 0 else None
        case "multiply":
            more = by_more or _positive(one)
            kept = right if left is None else left
            return 0 if 0 in (left, right) else kept if more else None
        case "divide":
            return left if by_more else None
        case _:
            return 0 if by_more and left == 0 else None


def _positive(argument: Any) -> bool:
    """Whether this is a plain number above 0: written so, or how wide a table is, or its root."""
    if isinstance(argument, Symbol):
        return argument.operation == "last_axis" or (
            argument.operation == "sqrt" and _positive(argument.arguments[0]))
    return isinstance(argument, int | float) and argument > 0


def _product(reading: _Reading, symbol: Symbol) -> Flow:
    left, right = symbol.arguments
    one, other = reading.flow(left), reading.flow(right)
    triangle = one.beyond == 0
    shift = len(left.axes) < 2  # a single row has no axis of rows: what is left moves to the end
    edges = set()
    for table, how, axis in one.edges:
        if axis == -1:  # summed over; in a triangle, up to the row's own place
            edges.add((table, UP_TO, -2) if triangle else (table, ALL, NOWHERE))
        else:
            edges.add((table, how, axis))
    for table, how, axis in other.edges:
        if axis == -2:  # its rows are summed over
            edges.add((table, UP_TO, -2) if triangle else (table, ALL, NOWHERE))
        elif axis < -2 and shift:
            edges.add((table, ALL, NOWHERE))
        else:
            edges.add((table, how, axis))
    if _grows(left, -1) and not triangle:
        edges.add((PROMPT, ALL, NOWHERE))
    beyond = 0 if triangle and other.beyond == 0 else None
    return Flow(frozenset(edges), beyond, one.stacks and other.stacks
                and _fronts_fit(reading, left, right))


def _fronts_fit(reading: _Reading, left: Symbol, right: Symbol) -> bool:
    """Whether a product of two stacks of prompts is the stack of their products."""
    one, other = reading.depends(left), reading.depends(right)
    fronts = max(len(left.axes) - 2, 0), len(right.axes) - 2
    if one and other:
        return fronts[0] == fronts[1] and len(left.axes) > 1
    if other:
        return fronts[0] <= fronts[1] and len(left.axes) > 1
    return not one or fronts[1] <= (fronts[0] if len(left.axes) > 1 else 0)


def _same_cells(reading: _Reading, symbol: Symbol) -> Flow:
    """A function of each cell by itself, of which f(0) is 0."""
    flow = reading.flow(symbol.arguments[0])
    return replace(flow, beyond=0 if flow.beyond == 0 else None)


def _causal(reading: _Reading, symbol: Symbol) -> Flow:
    scores = symbol.arguments[0]
    if not (_grows(scores, -1) and _grows(scores, -2)):
        return _unknown(reading, symbol)
    return replace(reading.flow(symbol.arguments[0]), beyond=-inf)


def _softmax(reading: _Reading, symbol: Symbol) -> Flow:
    table = symbol.arguments[0]
    flow = reading.flow(table)
    if flow.beyond == -inf:  # a row is shared out among the sources up to its own
        up_to = {(name, UP_TO, -2) for name, _, _ in flow.along(-1)}
        return Flow(flow.edges | up_to, 0, flow.stacks)
    return Flow(_over_last(table, flow), None, flow.stacks)


def _over_row(reading: _Reading, symbol: Symbol) -> Flow:
    """A function of each row as a whole."""
    table = symbol.arguments[0]
    flow = reading.flow(table)
    return Flow(_over_last(table, flow), None, flow.stacks)


def _transpose(reading: _Reading, symbol: Symbol) -> Flow:
    flow = reading.flow(symbol.arguments[0])
    swapped = {-1: -2, -2: -1}
    return Flow(_moved(flow, lambda axis: swapped.get(axis, axis)), None, flow.stacks)


def _look_up(reading: _Reading, symbol: Symbol) -> Flow:
    table, rows = symbol.arguments
    wide = len(table.axes) - 1
    asked = _moved(reading.flow(rows), lambda axis: axis - wide)
    flow = reading.flow(table)
    kept = _moved(flow, lambda axis: axis if axis > -1 - wide else None)
    grown = {(PROMPT, ALL, NOWHERE)} if reading.depends(table) else set()
    return Flow(asked | kept | grown, None, flow.stacks and reading.flow(rows).stacks
                and not reading.depends(table))


def _part(reading: _Reading, symbol: Symbol) -> Flow:
    flow = reading.flow(symbol.arguments[0])
    return Flow(_moved(flow, lambda axis: None if axis == -1 else axis), None, flow.stacks)


def _split_heads(reading: _Reading, symbol: Symbol) -> Flow:
    flow = reading.flow(symbol.arguments[0])
    return Flow(_moved(flow, lambda axis: {-1: None, -2: -2}.get(axis, axis - 1)), None,
                flow.stacks)


def _merge_heads(reading: _Reading, symbol: Symbol) -> Flow:
    flow = reading.flow(symbol.arguments[0])
    return Flow(_moved(flow, lambda axis: {-1: None, -2: -2, -3: None}.get(axis, axis + 1)), None,
                flow.stacks)


def _last_row(reading: _Reading, symbol: Symbol) -> Flow:
    flow = reading.flow(symbol.arguments[0])
    edges = set()
    for table, how, axis in flow.edges:
        if axis == -2:
            edges.add((table, LAST, NOWHERE) if how == SAME else (table, ALL, NOWHERE))
        else:
            edges.add((table, how, axis + 1 if axis < -2 else axis))
    return Flow(frozenset(edges), None, flow.stacks)


FLOWS: dict[str, Callable[[_Reading, Symbol], Flow]] = {
    "table": _table, "number": _number, "last_axis": _number, "sqrt": _same_cells,
    "add": _cell_by_cell, "subtract": _cell_by_cell, "multiply": _cell_by_cell,
    "divide": _cell_by_cell, "power": _cell_by_cell, "negative": _cell_by_cell,
    "product": _product, "causal": _causal, "softmax": _softmax, "normalise": _over_row,
    "gelu": _same_cells, "transpose": _transpose, "look_up": _look_up, "part": _part,
    "split_heads": _split_heads, "merge_heads": _merge_heads, "last_row": _last_row,
}
