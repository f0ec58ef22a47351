"""The tables that a run holds, within a budget."""

from collections.abc import Iterable, Iterator, Mapping
from fnmatch import fnmatchcase
from typing import Any

from cutaway.errors import MemoryBudgetExceeded


class Memory:
    """Calculated tables by name; with those of the runs before it, never more than the budget.

    What does not fit is let go, oldest first, and calculated again when it is read again.

    tables        the rows that this run has calculated, and its edited weights
    wholes        tables that were put together from the rows of several runs
    budget_bytes  the most that is held, tables being calculated included
    let_go        the names of tables that were given up for the budget
    """

    def __init__(self, budget_bytes: int, keep: tuple[str, ...], tables: Mapping[str, Any],
                 before: "Memory | None" = None):
        self.budget_bytes, self._keep, self._before = budget_bytes, keep, before
        self.tables, self.wholes = dict(tables), {}
        self.let_go: set[str] = set()
        self._own_bytes = sum(table.nbytes for table in self.tables.values())
        self._before_bytes = before.held_bytes if before else 0

    @property
    def held_bytes(self) -> int:
        """What is held now, by this run and the runs before it."""
        return self._own_bytes + self._before_bytes

    def make_room(self, name: str, size_bytes: int, needed: Iterable[str]) -> None:
        """Let go of as much as a new table takes, sparing the tables that are needed for others.

        Raises:  MemoryBudgetExceeded when that is not enough
        """
        if self.held_bytes + size_bytes <= self.budget_bytes:
            return
        spared = set(needed)
        for memory in self._oldest_first():
            for held in (memory.wholes, memory.tables):
                for other in [other for other in held if other not in spared]:
                    memory._drop(held, other)
                    self.let_go.add(other)
                    if self._counted_anew() + size_bytes <= self.budget_bytes:
                        return
        excess = self._counted_anew() + size_bytes - self.budget_bytes
        raise MemoryBudgetExceeded(
            f"{name} takes {size_bytes / 2**20:,.2f} MiB; with the tables that it is made from, "
            f"that is {excess / 2**20:,.2f} MiB more than the memory budget of "
            f"{self.budget_bytes / 2**20:,.2f} MiB. Shorten the prompt or raise the budget.")

    def _oldest_first(self) -> "Iterator[Memory]":
        chain, memory = [], self
        while memory is not None:
            chain.append(memory)
            memory = memory._before
        return reversed(chain)

    def _counted_anew(self) -> int:
        """The bytes held, after the runs before may have let go of some."""
        self._before_bytes = sum(memory._own_bytes for memory in self._oldest_first()
                                 if memory is not self)
        return self.held_bytes

    def hold(self, name: str, table: Any) -> None:
        """Keep a table that was calculated."""
        self.tables[name] = table
        self._own_bytes += table.nbytes
        self.let_go.discard(name)

    def hold_whole(self, name: str, table: Any) -> None:
        """Keep a table that was put together from several runs' rows."""
        self.wholes[name] = table
        self._own_bytes += table.nbytes

    def hand_on_whole(self, name: str) -> Any:
        """A table put together before, which the next run will hold instead; None if not here."""
        table = self.wholes.get(name)
        if table is not None:
            self._drop(self.wholes, name)
        return table

    def release(self, name: str) -> None:
        """Forget a table that is not among those to keep."""
        if name in self.tables and not any(fnmatchcase(name, pattern) for pattern in self._keep):
            self._drop(self.tables, name)

    def _drop(self, held: dict[str, Any], name: str) -> None:
        self._own_bytes -= held.pop(name).nbytes
