"""A book: sheets in order, every step wired to the tables that it reads."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import count, takewhile
from typing import Any

from cutaway.errors import BookError, FormulaError, UnknownTable
from cutaway.words import did_you_mean
from cutaway.workbook.operations import OPERATIONS
from cutaway.workbook.sheet import Sheet
from cutaway.workbook.step import Step, make_step, uses_operation, with_operations


@dataclass(frozen=True)
class Node:
    """One table of a book: its full name, the step that makes it, and what that step reads.

    sheet   "embed", "block" or "head"
    block   which repetition of the sheet this is, 0 for the first; None in a sheet that stands once
    reads   the full name behind each of the step's parameters, in their order
    """

    name: str
    step: Step
    sheet: str
    block: int | None
    reads: tuple[str, ...]


class Book:
    """A model as named tables, each made from others by one short formula.

        book = gpt2(Config(n_layer=2))
        book.nodes["h0.attention"].reads          # ('h0.scores',)

    The tables of a repeated sheet get the prefixes `h0.`, `h1.`, ... in the order of the sheets.
    A book never changes; `replace` gives another one.

    nodes      every calculated table, in an order in which they can be calculated
    weights    the axes of every weight table, by full name
    inputs     what is not calculated and no weight: the ids and their positions
    constants  plain numbers that formulas use
    sizes      how long each axis of a weight is
    replaced   the names of the tables that are not calculated by the model's own formula any more
    operations  operations that were redefined, by name
    """

    def __init__(self, sheets: Sequence[Sheet], *, inputs: tuple[str, ...],
                 constants: Mapping[str, float], sizes: Mapping[str, int]):
        self.inputs, self.constants, self.sizes = inputs, dict(constants), dict(sizes)
        self.replaced: frozenset[str] = frozenset()
        self.operations: dict[str, Callable] = {}
        self.nodes: dict[str, Node] = {}
        self.weights: dict[str, tuple[str, ...]] = {}
        blocks = count()
        for sheet in sheets:
            block = next(blocks) if sheet.repeated else None
            self._enter(sheet, block, before=next(reversed(self.nodes), None))

    def _enter(self, sheet: Sheet, block: int | None, before: str | None) -> None:
        """Wire one sheet's steps; what it receives is the last table so far."""
        prefix = "" if block is None else f"h{block}."
        self.weights |= {prefix + name: axes for name, axes in sheet.weights.items()}
        received = {sheet.receives: before} if sheet.receives and before else {}
        for step in sheet.steps.values():
            reads = tuple(received.get(word) or self._named(word, prefix, step)
                          for word in step.parameters)
            name = prefix + step.name
            self.nodes[name] = Node(name, step, sheet.name, block, reads)

    def _named(self, word: str, prefix: str, step: Step) -> str:
        """The full name of what a step calls `word`: a table of its block, or of the book."""
        for name in (prefix + word, word):
            if name in self:
                return name
        names = [*self.inputs, *self.constants, *self.weights,
                 *takewhile(lambda name: name != prefix + step.name, self.nodes)]
        near = [name.removeprefix(prefix) for name in names
                if "." not in name.removeprefix(prefix)]
        near += OPERATIONS
        raise UnknownTable(
            f"{prefix}{step.name} reads {word!r}, but there is no such table before it."
            f"{did_you_mean(word, near)}")

    def step_named(self, name: str) -> Step:
        """The step that makes a table ("h3.attention"), or that every block has ("attention").

        Raises:  UnknownTable
        """
        for node in self.nodes.values():
            if name in (node.name, node.step.name):
                return node.step
        names = [*self.nodes, *(node.step.name for node in self.nodes.values())]
        raise UnknownTable(f"No step is called {name!r}.{did_you_mean(name, names)}")

    def __contains__(self, name: object) -> bool:
        return (name in self.nodes or name in self.weights
                or name in self.inputs or name in self.constants)

    def names(self) -> list[str]:
        """Every name: inputs, constants, weights, then the calculated tables in their order."""
        return [*self.inputs, *self.constants, *self.weights, *self.nodes]

    def check_name(self, name: str) -> None:
        """Raises:  UnknownTable, saying what was probably meant"""
        if not isinstance(name, str):
            raise UnknownTable(f"{name!r} is no table's name; a text such as 'h0.attention' is.")
        if name not in self:
            raise UnknownTable(f"There is no table {name!r}.{did_you_mean(name, self.names())}"
                               f" `cutaway steps` lists them all.")

    def axes(self, name: str) -> tuple[str, ...]:
        """What the rows and columns of a table are, outer to inner; nothing for a plain number."""
        self.check_name(name)
        if name in self.nodes:
            return self.nodes[name].step.axes
        return self.weights.get(name, ("position",) if name in self.inputs else ())

    def precedents(self, name: str) -> tuple[str, ...]:
        """The tables that a table is made from; nothing for a weight or an input."""
        self.check_name(name)
        return tuple(dict.fromkeys(self.nodes[name].reads)) if name in self.nodes else ()

    def dependents(self, name: str) -> tuple[str, ...]:
        """The tables that read a table themselves."""
        self.check_name(name)
        return tuple(node.name for node in self.nodes.values() if name in node.reads)

    def downstream(self, names: Iterable[str]) -> set[str]:
        """What must be calculated again when these tables change, themselves left out."""
        changed = set(names)
        for node in self.nodes.values():
            if not changed.isdisjoint(node.reads):
                changed.add(node.name)
        return changed - set(names)

    def needed(self, name: str, known: Callable[[str], bool]) -> list[Node]:
        """What must be calculated for a table, in order, when some tables are known already."""
        wanted, waiting = set(), [name]
        while waiting:
            word = waiting.pop()
            if word in self.nodes and word not in wanted and not known(word):
                wanted.add(word)
                waiting.extend(self.nodes[word].reads)
        return [node for node in self.nodes.values() if node.name in wanted]

    def replace(self, function: Callable, at: str | None = None) -> "Book":
        """The same book with another formula for one step, in every block or at one table only.

        function  its name is the step's, its parameters are the tables that it reads
        at        "h3.attention" to change block 3 alone; otherwise every table of that name
        Raises:   UnknownTable when no table has that name, or a parameter names none before it
        """
        step = make_step(function, number="", axes="")
        self.step_named(at or step.name)
        targets = [node for node in self.nodes.values()
                   if (node.name == at if at else node.step.name == step.name)]
        if not targets:
            raise UnknownTable(f"{at!r} is not the full name of one table: write h0.{at}, or leave "
                               f"it out to change every block.")
        return self._with(self._rewired(node, step) for node in targets)

    def redefine(self, function: Callable) -> "Book":
        """The same book with another form of one operation, in every formula that calls it.

        function  its name is the operation's: "softmax", "gelu", ...
        Raises:   FormulaError when there is no such operation, or no formula calls it
        """
        name = getattr(function, "__name__", repr(function))
        if name not in OPERATIONS:
            raise FormulaError(f"There is no operation {name!r}.{did_you_mean(name, OPERATIONS)} "
                               f"The operations are: {', '.join(OPERATIONS)}.")
        targets = [node for node in self.nodes.values() if uses_operation(node.step.function, name)]
        if not targets:
            raise FormulaError(f"No formula of this book calls {name}, so nothing would change.")
        new = {name: function}
        book = self._with(replace(node, step=replace(
            node.step, function=with_operations(node.step.function, new))) for node in targets)
        book.operations = {**self.operations, **new}
        return book

    def _with(self, nodes: Iterable[Node]) -> "Book":
        """The same book with some nodes replaced."""
        book = object.__new__(Book)
        book.__dict__.update(self.__dict__)
        changed = {node.name: node for node in nodes}
        book.nodes = {**self.nodes, **changed}
        book.replaced = self.replaced | changed.keys()
        return book

    def _rewired(self, node: Node, new: Step) -> Node:
        """A node with another formula, reading only what is calculated before it."""
        step = replace(node.step, function=with_operations(new.function, self.operations),
                       formula=new.formula)
        prefix = node.name.removesuffix(node.step.name)
        old = dict(zip(node.step.parameters, node.reads, strict=True))
        reads = tuple(old.get(word) or self._named(word, prefix, step) for word in step.parameters)
        order = list(self.nodes)
        for name in reads:
            if name in self.nodes and order.index(name) >= order.index(node.name):
                raise BookError(
                    f"{node.name} cannot read {name}: it is calculated later, from this table or "
                    f"after it. A step may read what stands above it in `cutaway steps`.")
        return replace(node, step=step, reads=reads)

    def calculate(self, name: str, given: Mapping[str, Any]) -> Any:
        """One table from the inputs and weights alone, keeping nothing else.

        given    arrays or tensors by full name, at least all that the table needs
        returns  what its step returns
        Raises:  UnknownTable when there is no such table, or something that it needs is not given
        """
        self.check_name(name)
        tables: dict[str, Any] = {**self.constants, **given}
        order = self.needed(name, known=tables.__contains__)
        last_reader = {word: node.name for node in order for word in node.reads}
        missing = [word for word in last_reader if word not in tables and word not in self.nodes]
        if missing:
            raise UnknownTable(f"{name} cannot be calculated without {', '.join(missing)}.")
        for node in order:
            tables[node.name] = node.step.function(*[tables[word] for word in node.reads])
            for word in set(node.reads):
                if last_reader[word] == node.name:
                    del tables[word]
        return tables[name]
