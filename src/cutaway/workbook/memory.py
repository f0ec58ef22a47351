"""The tables that a run holds, within a budget."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any
from weakref import ref

from cutaway.errors import MemoryBudgetExceeded


@dataclass(frozen=True)
class MemoryRule:
    """What may be held.

    keep          the names of the tables that stay while the budget allows it
    remembered    those that stay whatever else must go: without them nothing can be appended
    budget_bytes  the most that a run and all runs appended to it hold
    """

    keep: frozenset[str]
    remembered: frozenset[str]
    budget_bytes: int

    @property
    def keeps_more(self) -> bool:
        """Whether anything is kept but what a further token needs."""
        return self.keep != self.remembered


class Total:
    """The bytes that a run and all runs appended to it hold together, and who holds them."""

    def __init__(self):
        self.held_bytes = 0
        self.memories: list[ref[Memory]] = []  # the oldest first


class Memory:
    """Calculated tables by name; with those of the runs before it, never more than the budget.

    What does not fit is let go, oldest first, and calculated again when it is read again.

    tables        the rows that this run has calculated, and its edited weights
    wholes        tables that were put together from the rows of several runs
    budget_bytes  the most that is held, tables being calculated included
    needed        the tables of this run that must stay while one of it is being calculated
    let_go        the names of tables that were given up for the budget
    state         what an engine remembers that calculated several steps at once
    """

    def __init__(self, rule: MemoryRule, tables: Mapping[str, Any],
                 before: "Memory | None" = None):
        self._rule, self.budget_bytes = rule, rule.budget_bytes
        self.tables: dict[str, Any] = {}
        self.wholes: dict[str, Any] = {}
        self.let_go: set[str] = set()
        self.needed: Iterable[str] = ()
        self.state: Any = None
        self._own_bytes, self._total = 0, before._total if before else Total()
        self._total.memories.append(ref(self))
        for name, table in tables.items():
            self.hold(name, table)

    def __del__(self):
        self._total.held_bytes -= self._own_bytes  # a run that nobody holds any more

    @property
    def held_bytes(self) -> int:
        """What is held now, by this run, the runs before it and those appended to it."""
        return self._total.held_bytes

    def make_room(self, name: str, size_bytes: int) -> None:
        """Let go of as much as a new table takes, sparing the tables that are needed.

        Raises:  MemoryBudgetExceeded when that is not enough
        """
        if self.held_bytes + size_bytes <= self.budget_bytes:
            return
        for memory in [one() for one in self._total.memories]:
            if memory is not None and self._freed(memory, size_bytes):
                return
        excess = self.held_bytes + size_bytes - self.budget_bytes
        raise MemoryBudgetExceeded(
            f"{name} takes {_size(size_bytes)}; with the tables that it is made from, that is "
            f"{_size(excess)} more than the memory budget of {_size(self.budget_bytes)}. "
            f"Shorten the prompt or raise the budget.")

    def _freed(self, memory: "Memory", size_bytes: int) -> bool:
        """Let go of what another run, or this one, does not need now, until there is room."""
        spared = {*memory.needed, *self._rule.remembered}
        whole = [(memory.wholes, name) for name in memory.wholes]
        rows = [(memory.tables, name) for name in memory.tables if name not in spared]
        for held, name in whole + rows:
            memory._drop(held, name)
            memory.let_go.add(name)
            if self.held_bytes + size_bytes <= self.budget_bytes:
                return True
        return False

    def reserve(self, size_bytes: int) -> bool:
        """Count memory that an engine uses beside the tables, for as long as this run is held.

        returns  False, with nothing counted, where the budget has no room for it
        """
        if self.held_bytes + size_bytes > self.budget_bytes:
            return False
        self._count(size_bytes)
        return True

    def hold(self, name: str, table: Any) -> None:
        """Keep a table that was calculated."""
        self.tables[name] = table
        self._count(table.nbytes)
        self.let_go.discard(name)

    def hold_whole(self, name: str, table: Any) -> None:
        """Keep a table that was put together from several runs' rows."""
        self.wholes[name] = table
        self._count(table.nbytes)

    def hand_on_whole(self, name: str) -> Any:
        """A table put together before, which the next run will hold instead; None if not here."""
        table = self.wholes.get(name)
        if table is not None:
            self._drop(self.wholes, name)
        return table

    def keeps(self, name: str) -> bool:
        """Whether a table is among those to keep."""
        return name in self._rule.keep

    def release(self, name: str) -> None:
        """Forget a table that is not among those to keep."""
        if name in self.tables and not self.keeps(name):
            self._drop(self.tables, name)

    def _drop(self, held: dict[str, Any], name: str) -> None:
        self._count(-held.pop(name).nbytes)

    def _count(self, change_bytes: int) -> None:
        self._own_bytes += change_bytes
        self._total.held_bytes += change_bytes


def _size(count_bytes: int) -> str:
    """12.5 MiB, or 700 bytes."""
    mebibytes = count_bytes / 2**20
    return f"{mebibytes:,.1f} MiB" if mebibytes >= 1 else f"{count_bytes:,} bytes"
