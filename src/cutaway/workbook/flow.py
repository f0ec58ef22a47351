"""Flow: where the numbers of a symbol come from, row by row.

For each table that a formula reads, a flow tells along which axis of the result its rows lie. Axes
are counted from the last, -1, as a batch's axis in front shifts none. Reach (`reach.py`) is read
off the flow of a step's whole formula.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from math import inf
from typing import Any, Protocol

from cutaway.workbook.book import Book
from cutaway.workbook.symbol import Symbol


class TableReach(Protocol):
    """What is known of a table that was calculated before: two fields of its `Reach`."""

    @property
    def beyond(self) -> float | None: ...

    @property
    def varies(self) -> bool: ...


SAME, UP_TO, LAST, ALL = "same", "up to", "last", "all"


@dataclass(frozen=True)
class Flow:
    """Where the numbers of a symbol come from.

    edges   (table, how, axis): a cell at place i of that axis reads row i of the table ("same"),
            or the rows up to i ("up to"); its newest row ("last") or any ("all"), with no axis
    beyond  what the cells hold whose last index comes after the one before it: 0 or minus
            infinity; None for anything
    stacks  whether several prompts can be calculated side by side, as one array
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
class Reading:
    """What is known while one step's trace is walked."""

    book: Book
    found: Mapping[str, TableReach]
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


# ---- The flow of each operation. One without an entry here reads everything. -------------------

def _unknown(reading: Reading, symbol: Symbol) -> Flow:
    edges: frozenset = frozenset({(PROMPT, ALL, NOWHERE)})
    for argument in symbol.arguments:
        edges |= _everything(reading.flow(argument).edges)
    return Flow(edges, stacks=False)


def _table(reading: Reading, symbol: Symbol) -> Flow:
    name, axes = symbol.name, symbol.axes
    if name in reading.book.weights or not (name in reading.found or name in reading.book.inputs):
        return Flow()
    if "position" in axes:
        beyond = reading.found[name].beyond if name in reading.found else None
        return Flow(frozenset({(name, SAME, axes.index("position") - len(axes))}), beyond)
    varies = name in reading.found and reading.found[name].varies
    return Flow(frozenset({(PROMPT, ALL, NOWHERE)}) if varies else frozenset())


def _number(reading: Reading, symbol: Symbol) -> Flow:
    return Flow()


def _cell_by_cell(reading: Reading, symbol: Symbol) -> Flow:
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


def _product(reading: Reading, symbol: Symbol) -> Flow:
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


def _fronts_fit(reading: Reading, left: Symbol, right: Symbol) -> bool:
    """Whether a product of two stacks of prompts is the stack of their products."""
    one, other = reading.depends(left), reading.depends(right)
    fronts = max(len(left.axes) - 2, 0), len(right.axes) - 2
    if one and other:
        return fronts[0] == fronts[1] and len(left.axes) > 1
    if other:
        return fronts[0] <= fronts[1] and len(left.axes) > 1
    return not one or fronts[1] <= (fronts[0] if len(left.axes) > 1 else 0)


def _same_cells(reading: Reading, symbol: Symbol) -> Flow:
    """A function of each cell by itself, of which f(0) is 0."""
    flow = reading.flow(symbol.arguments[0])
    return replace(flow, beyond=0 if flow.beyond == 0 else None)


def _causal(reading: Reading, symbol: Symbol) -> Flow:
    scores = symbol.arguments[0]
    if not (_grows(scores, -1) and _grows(scores, -2)):
        return _unknown(reading, symbol)
    return replace(reading.flow(symbol.arguments[0]), beyond=-inf)


def _softmax(reading: Reading, symbol: Symbol) -> Flow:
    table = symbol.arguments[0]
    flow = reading.flow(table)
    if flow.beyond == -inf:  # a row is shared out among the sources up to its own
        up_to = {(name, UP_TO, -2) for name, _, _ in flow.along(-1)}
        return Flow(flow.edges | up_to, 0, flow.stacks)
    return Flow(_over_last(table, flow), None, flow.stacks)


def _over_row(reading: Reading, symbol: Symbol) -> Flow:
    """A function of each row as a whole."""
    table = symbol.arguments[0]
    flow = reading.flow(table)
    return Flow(_over_last(table, flow), None, flow.stacks)


def _transpose(reading: Reading, symbol: Symbol) -> Flow:
    flow = reading.flow(symbol.arguments[0])
    swapped = {-1: -2, -2: -1}
    return Flow(_moved(flow, lambda axis: swapped.get(axis, axis)), None, flow.stacks)


def _look_up(reading: Reading, symbol: Symbol) -> Flow:
    table, rows = symbol.arguments
    wide = len(table.axes) - 1
    asked = _moved(reading.flow(rows), lambda axis: axis - wide)
    flow = reading.flow(table)
    kept = _moved(flow, lambda axis: axis if axis > -1 - wide else None)
    grown = {(PROMPT, ALL, NOWHERE)} if reading.depends(table) else set()
    return Flow(asked | kept | grown, None, flow.stacks and reading.flow(rows).stacks
                and not reading.depends(table))


def _part(reading: Reading, symbol: Symbol) -> Flow:
    flow = reading.flow(symbol.arguments[0])
    return Flow(_moved(flow, lambda axis: None if axis == -1 else axis), None, flow.stacks)


def _split_heads(reading: Reading, symbol: Symbol) -> Flow:
    flow = reading.flow(symbol.arguments[0])
    return Flow(_moved(flow, lambda axis: {-1: None, -2: -2}.get(axis, axis - 1)), None,
                flow.stacks)


def _merge_heads(reading: Reading, symbol: Symbol) -> Flow:
    flow = reading.flow(symbol.arguments[0])
    return Flow(_moved(flow, lambda axis: {-1: None, -2: -2, -3: None}.get(axis, axis + 1)), None,
                flow.stacks)


def _repeat_heads(reading: Reading, symbol: Symbol) -> Flow:
    flow = reading.flow(symbol.arguments[0])
    return Flow(_moved(flow, lambda axis: None if axis == -3 else axis), None, flow.stacks)


def _rotate(reading: Reading, symbol: Symbol) -> Flow:
    """A function of each row and of the number of its position."""
    table, positions, _ = symbol.arguments
    flow, numbers = reading.flow(table), reading.flow(positions)
    asked = _moved(numbers, lambda axis: axis - 1)
    return Flow(_over_last(table, flow) | asked, None, flow.stacks and numbers.stacks)


def _last_row(reading: Reading, symbol: Symbol) -> Flow:
    flow = reading.flow(symbol.arguments[0])
    edges = set()
    for table, how, axis in flow.edges:
        if axis == -2:
            edges.add((table, LAST, NOWHERE) if how == SAME else (table, ALL, NOWHERE))
        else:
            edges.add((table, how, axis + 1 if axis < -2 else axis))
    return Flow(frozenset(edges), None, flow.stacks)


FLOWS: dict[str, Callable[[Reading, Symbol], Flow]] = {
    "table": _table, "number": _number, "last_axis": _number, "sqrt": _same_cells,
    "add": _cell_by_cell, "subtract": _cell_by_cell, "multiply": _cell_by_cell,
    "divide": _cell_by_cell, "power": _cell_by_cell, "negative": _cell_by_cell,
    "product": _product, "causal": _causal, "softmax": _softmax, "normalise": _over_row,
    "rms_normalise": _over_row, "rotate": _rotate, "repeat_heads": _repeat_heads,
    "gelu": _same_cells, "silu": _same_cells, "exact_gelu": _same_cells,
    "quick_gelu": _same_cells, "relu": _same_cells, "transpose": _transpose,
    "look_up": _look_up, "part": _part, "split_heads": _split_heads, "merge_heads": _merge_heads,
    "last_row": _last_row,
}
