"""How a text's new rows are calculated in one go, where nobody looks at what lies between.

The steps of a book in order, with attention's three steps as one, and the keys and values written
to where they are remembered. Native code and GPUs follow the same plan.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any, Protocol
from weakref import WeakKeyDictionary

from cutaway.engines.forms import Form, form_of
from cutaway.workbook.book import Book, Node
from cutaway.workbook.calculation import Calculation
from cutaway.workbook.reach import reaches

FormOf = Callable[[Book, Node], Form | None]


@dataclass(frozen=True)
class Action:
    """What is done for one table.

    kind   "plain": NumPy calculates it; "form": an instruction, or a view of another table; "keys"
           or "values": rows are remembered; "attend": attention's three steps in one
    reads  the tables that it takes, in the instruction's order
    last   whether nobody reads any new row of it but the last
    """

    node: Node
    kind: str
    form: Form | None
    reads: tuple[str, ...]
    last: bool = False


def plan(book: Book, name: str, form_of: FormOf) -> list[Action] | None:
    """How a table is made in one go; None where a formula asks for something in between."""
    nodes = book.needed(name, known=lambda _: False)
    forms = {node.name: form_of(book, node) for node in nodes}
    readers: dict[str, set[str]] = {}
    for node in nodes:
        for word in node.reads:
            readers.setdefault(word, set()).add(node.name)
    fused, roles, attends = set(), {}, {}
    for node in nodes:
        found = _attention_of(node, forms, readers)
        if found:
            scores, attention, queries, keys, values = found
            fused |= {scores, attention}
            roles |= {keys: "keys", values: "values"}
            attends[node.name] = (queries, keys, values, scores)
    remembered = {node.name for node in book.nodes.values() if node.step.remembered}
    if remembered != set(roles) or not all(_is_split(forms[word]) and len(readers[word]) == 1
                                           for word in roles):
        return None
    actions, reach = [], reaches(book)
    for node in nodes:
        form = forms[node.name]
        if node.name in fused:
            continue
        if node.name not in attends and not reach[node.name].by_row:
            return None
        if node.name in attends:
            queries, keys, values, scores = attends[node.name]
            actions.append(Action(node, "attend", forms[scores], (queries, keys, values)))
        elif form is not None:
            actions.append(Action(node, roles.get(node.name, "form"), form, form.reads))
        else:
            if node.name in book.replaced:  # only step by step is it checked what it gives
                return None
            actions.append(Action(node, "plain", None, node.reads))
    return _spared(actions)


# Forms that make a row from the rows of its own position, so that it is the same beside others or
# alone.
_ROW_BY_ROW = ("view", "look_up", "normalise", "scale", "product", "split", "merge", "add", "gelu")


def _spared(actions: list[Action]) -> list[Action]:
    """The same actions, each knowing whether its last row is enough.

    Where only the last row is asked for at the end, the last block's keys and values need every
    row; what follows them needs one.
    """
    whole = {actions[-1].node.name}  # tables of which somebody reads every row
    last: dict[str, bool] = {}
    for action in reversed(actions):
        kind, has_rows = _kind(action), "position" in action.node.step.axes
        enough = action.node.name not in whole and kind in (*_ROW_BY_ROW, "attend")
        last[action.node.name] = has_rows and enough
        if not enough and (has_rows or kind != "view"):
            whole |= set(action.reads)
    found = []
    for action in actions:
        if _kind(action) in ("view", "merge", "attend"):  # a row is cut out of rows, not of heads
            last[action.node.name] &= last.get(action.reads[0], False)
        found.append(replace(action, last=last[action.node.name]))
    return found


def _kind(action: Action) -> str:
    """The form's kind, or what else is done with the step."""
    return action.form.kind if action.form and action.kind == "form" else action.kind


def _is_split(form: Form | None) -> bool:
    return form is not None and form.kind == "split"


def _attention_of(node: Node, forms: Mapping[str, Form | None],
                  readers: Mapping[str, set[str]]) -> tuple[str, ...] | None:
    """(scores, attention, queries, keys, values) behind a step that mixes values; or None."""
    mixed = forms[node.name]
    if mixed is None or mixed.kind != "mixed":
        return None
    attention, values = mixed.reads
    shares = forms.get(attention)
    if shares is None or shares.kind != "attention" or readers[attention] != {node.name}:
        return None
    scores = shares.reads[0]
    asked = forms.get(scores)
    if asked is None or asked.kind != "scores" or readers[scores] != {attention}:
        return None
    queries, keys = asked.reads
    return scores, attention, queries, keys, values


class Planner:
    """The plans and forms of books, each made once."""

    def __init__(self):
        self._plans: WeakKeyDictionary[Book, dict[str, list[Action] | None]] = WeakKeyDictionary()
        self._forms: WeakKeyDictionary[Book, dict[str, Form | None]] = WeakKeyDictionary()
        self._traces: dict[Any, tuple[Form | None, list[int]]] = {}

    def actions(self, calculation: Calculation, name: str) -> list[Action] | None:
        """How a run's table is made in one go; None where somebody looks inside or has typed."""
        book = calculation.book
        if (calculation.ids.ndim > 1 or calculation.setting.memory_rule.keeps_more
                or any(edited in book.nodes for edited in calculation.edits)):
            return None
        plans = self._plans.setdefault(book, {})
        if name not in plans:
            plans[name] = plan(book, name, self.form)
        return plans[name]

    def form(self, book: Book, node: Node) -> Form | None:
        """What a step is, with the names that it reads in this node; None for any other formula."""
        forms = self._forms.setdefault(book, {})
        if node.name not in forms:
            forms[node.name] = self._traced(book, node)
        return forms[node.name]

    def _traced(self, book: Book, node: Node) -> Form | None:
        """A formula is traced once for all blocks where it means the same."""
        reads = tuple((node.reads.index(word), word in book.weights, book.axes(word),
                       book.constants.get(word)) for word in node.reads)
        key = (node.step.function, node.step.axes, reads,
               *book.sizes.items(), *book.constants.items())
        if key not in self._traces:
            found = form_of(book, node.name)
            places = [node.reads.index(word) for word in found.reads] if found else []
            self._traces[key] = found, places
        form, places = self._traces[key]
        return form and replace(form, reads=tuple(node.reads[place] for place in places))


class Remembered(Protocol):
    """Room for the keys and values of all positions.  filled: how many have been written"""

    filled: int

    @property
    def nbytes(self) -> int: ...

    def copy(self, count: int) -> Any:
        """The first `count` positions in memory of their own."""
        ...

    def table(self, name: str, count: int) -> Any:
        """The first `count` rows as the book has them.  (head position head_embed)"""
        ...


@dataclass(frozen=True, eq=False)
class State:
    """What a run of a text has written: the first `count` positions of what is remembered."""

    remembered: Any
    count: int

    def table(self, name: str) -> Any:
        return self.remembered.table(name, self.count)

    def to_go_on(self) -> Any:
        """Where the next rows can be written without touching another text's."""
        if self.remembered.filled == self.count:
            return self.remembered
        return self.remembered.copy(self.count)


def write_rows(calculation: Calculation, name: str, actions: list[Action],
               begin: Callable[[], Remembered], calculate: Callable[[Any, int], Any]) -> Any:
    """A table's new rows, and the keys and values of all rows that were not written yet.

    begin      room for a new text's keys and values
    calculate  the table, from where keys and values are remembered and the first row's position
    returns    None where the memory budget has no room for all positions, and where an edit has
               made NaN or cannot be calculated: step by step, the table to blame is named
    """
    before = calculation.before
    while before is not None and before.memory.state is None:
        before = before.before
    first = 0 if before is None else before.ids.shape[-1]
    if calculation.memory.state is not None:  # read again: the same rows, the same numbers
        remembered = calculation.memory.state.remembered
    else:
        remembered = begin() if before is None else before.memory.state.to_go_on()
        new = before is None or remembered is not before.memory.state.remembered
        if new and not calculation.start.memory.reserve(remembered.nbytes):
            return None
    changed = calculation.edits or calculation.book.replaced
    try:
        table = calculate(remembered, first)
    except Exception:
        if changed:
            return None
        raise
    if changed and calculation.setting.engine.has_nan(table):
        return None
    count = calculation.ids.shape[-1]
    remembered.filled = max(remembered.filled, count)
    calculation.memory.state = State(remembered, count)
    calculation.at_once.append(actions)
    if "position" not in calculation.book.axes(name):
        return table
    return table[calculation.first - first:]


def remembered_shapes(book: Book, actions: list[Action], kind: str) -> dict[str, tuple[int, int]]:
    """How many heads, and how wide each, the tables are that hold "keys" or "values"; by name."""
    return {action.node.name: (int(action.form.numbers[2]), book.sizes["head_embed"])
            for action in actions if action.kind == kind and action.form}
