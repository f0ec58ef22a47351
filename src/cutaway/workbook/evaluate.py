"""The one loop in which tables are calculated: in order, each let go after its last reader."""

from collections.abc import Callable, Collection, Sequence
from typing import Any, Protocol, TypeVar


class HasReads(Protocol):
    """A table to calculate, and the names of those that it reads."""

    @property
    def name(self) -> str: ...

    @property
    def reads(self) -> tuple[str, ...]: ...


Table = TypeVar("Table", bound=HasReads)


def evaluate(order: Sequence[Table], make: Callable[[Table, Collection[str]], Any],
             release: Callable[[str], Any]) -> Any:
    """Calculate tables one after the other.

    order    what is missing, each after all that it reads; the table wanted is the last
    make     make(table, needed) calculates one, and holds it for those that read it; `needed` are
             the names that this table or a later one reads
    release  release(name) after the last table that reads `name`
    returns  what `make` gave for the last table
    """
    last_reader = {word: table.name for table in order for word in table.reads}
    value = None
    for table in order:
        value = make(table, last_reader.keys())
        for word in set(table.reads):
            if last_reader[word] == table.name:
                release(word)
                del last_reader[word]
    return value
