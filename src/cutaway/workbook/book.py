"""A book: sheets in order, every step wired to the tables that it reads."""

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import takewhile
from typing import Any

from cutaway.errors import BookError, FormulaError, NoSuchRole, UnknownTable
from cutaway.words import did_you_mean
from cutaway.workbook.evaluate import evaluate
from cutaway.workbook.inputs import PROMPT, Input
from cutaway.workbook.operations import OPERATIONS
from cutaway.workbook.roles import BLOCK_ROLES, ROLES
from cutaway.workbook.sheet import PlacedSheet, Sheet
from cutaway.workbook.step import Reach, Step, make_step, uses_operation, with_operations


@dataclass(frozen=True)
class Node:
    """One table of a book: its full name, the step that makes it, and what that step reads.

    sheet   the name of its sheet: "embed", "block", "head"
    block   the block that it belongs to, 0 for the first; None outside the blocks
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
        book.role("attention", block=0)           # 'h0.attention'

    Sheets stand in the order in which they are calculated; the tables of one that belongs to block
    3 have the prefix `h3.`. Several sheets may belong to one block, and blocks may come in any
    order. A book never changes; `replace` gives another one.

    sheets     each sheet once, by its name
    nodes      every calculated table, in an order in which they can be calculated
    weights    the axes of every weight table, by full name
    inputs     what a run is given: the ids, their positions, and whatever else was stated
    constants  plain numbers that formulas use
    sizes      how long each axis of a weight is
    roles      what tables are for: the name behind each word of `roles.py`
    headings   what a part of a block does, in plain words, by the name of its first step
    replaced   the names of the tables that are not calculated by the model's own formula any more
    operations  operations that were redefined, by name
    traces     formulas as symbols, each traced once (`symbol.py`)
    """

    def __init__(self, sheets: Sequence[Sheet | PlacedSheet], *, constants: Mapping[str, float],
                 sizes: Mapping[str, int], inputs: Mapping[str, Input] | None = None,
                 roles: Mapping[str, str] | None = None,
                 headings: Mapping[str, str] | None = None):
        self.inputs = {**PROMPT, **(inputs or {})}
        self.constants, self.sizes = dict(constants), dict(sizes)
        self.replaced: frozenset[str] = frozenset()
        self.operations: dict[str, Callable] = {}
        self.sheets: dict[str, Sheet] = {}
        self.nodes: dict[str, Node] = {}
        self.weights: dict[str, tuple[str, ...]] = {}
        self.traces: dict[Any, Any] = {}
        for sheet in sheets:
            self._enter(sheet.at() if isinstance(sheet, Sheet) else sheet)
        self.blocks = tuple(sorted({node.block for node in self.nodes.values()
                                    if node.block is not None}))
        self.roles = self._checked_roles(roles or {})
        self.headings = dict(headings or {})
        for name in self.headings:
            self.step_named(name)
        self.reaches: dict[Any, Any] = {}

    def _enter(self, placed: PlacedSheet) -> None:
        """Wire one sheet's steps, and enter its weights."""
        sheet, block = placed.sheet, placed.block
        self.sheets.setdefault(sheet.name, sheet)
        prefix = "" if block is None else f"h{block}."
        for name, axes in sheet.weights.items():
            if self.weights.setdefault(prefix + name, axes) != axes:
                raise BookError(f"{prefix}{name} is {' '.join(axes)} in the sheet {sheet.name}, "
                                f"and {' '.join(self.weights[prefix + name])} in one before it.")
        before = placed.receives or next(reversed(self.nodes), None)
        if placed.receives and placed.receives not in self:
            raise UnknownTable(f"The sheet {sheet.name} receives {placed.receives!r}, but there is "
                               f"no such table before it."
                               f"{did_you_mean(placed.receives, self.names())}")
        received = {sheet.receives: before} if sheet.receives and before else {}
        for step in sheet.steps.values():
            reads = tuple(received.get(word) or self._named(word, prefix, step)
                          for word in step.parameters)
            name = prefix + step.name
            if name in self:
                raise BookError(f"There are two tables {name}: a sheet that stands in a book "
                                f"several times belongs to a block each time, sheet.at(block).")
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

    def _checked_roles(self, roles: Mapping[str, str]) -> dict[str, str]:
        """The name behind each role: as stated, or of the table that is called like the role.

        Raises:  BookError, UnknownTable when a role is none, or names no table
        """
        in_blocks = {node.step.name for node in self.nodes.values() if node.block is not None}
        known = {**{role: role for role in ROLES if role in self},
                 **{role: role for role in BLOCK_ROLES if role in in_blocks}}
        for role, name in roles.items():
            if role not in ROLES and role not in BLOCK_ROLES:
                raise BookError(f"{role!r} is no role.{did_you_mean(role, [*ROLES, *BLOCK_ROLES])}")
            if name not in (in_blocks if role in BLOCK_ROLES else self):
                raise UnknownTable(f"The role {role} names {name}, but there is no such table."
                                   f"{did_you_mean(name, [*in_blocks, *self.names()])}")
        return {**known, **roles}

    def role(self, role: str, block: int | None = None) -> str:
        """The full name of the table that has a role, in one block for a role that blocks have.

        Raises:  NoSuchRole, in words, when this kind of model has no such table
        """
        name = self.find_role(role, block)
        if name is None:
            raise NoSuchRole(f"This model has no {ROLES.get(role) or BLOCK_ROLES[role]}.")
        return name

    def find_role(self, role: str, block: int | None = None) -> str | None:
        """The same, or None when this kind of model has no such table."""
        name = self.roles.get(role)
        if name is None or role not in BLOCK_ROLES:
            return name
        full = f"h{block}.{name}"
        return full if full in self else None

    def role_of(self, name: str) -> str | None:
        """The role that a table has: "attention" for "h3.attention"; None for most tables."""
        node = self.nodes.get(name)
        short = node.step.name if node and node.block is not None else name
        return next((role for role, named in self.roles.items() if named == short
                     and (role in BLOCK_ROLES) == (node is not None and node.block is not None)),
                    None)

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
        if name in self.inputs:
            return self.inputs[name].axes
        return self.weights.get(name, ())

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

    def replace(self, function: Callable, at: str | None = None,
                reach: Reach | None = None) -> "Book":
        """The same book with another formula for one step, in every block or at one table only.

        function  its name is the step's, its parameters are the tables that it reads
        at        "h3.attention" to change block 3 alone; otherwise every table of that name
        reach     which rows it reads, where it cannot be traced; all of them if nothing is said
        Raises:   UnknownTable when no table has that name, or a parameter names none before it
        """
        step = make_step(function, number="", axes="", reach=reach)
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
        book.reaches = {}
        return book

    def _rewired(self, node: Node, new: Step) -> Node:
        """A node with another formula, reading only what is calculated before it."""
        step = replace(node.step, function=with_operations(new.function, self.operations),
                       formula=new.formula, reach=new.reach)
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
        missing = [word for word in dict.fromkeys(word for node in order for word in node.reads)
                   if word not in tables and word not in self.nodes]
        if missing:
            raise UnknownTable(f"{name} cannot be calculated without {', '.join(missing)}.")

        def make(node: Node, needed: Collection[str]) -> Any:
            tables[node.name] = node.step.function(*[tables[word] for word in node.reads])
            return tables[node.name]

        return evaluate(order, make, release=tables.pop) if order else tables[name]
