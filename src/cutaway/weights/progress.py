"""How far a long piece of work has come."""

from collections.abc import Callable
from dataclasses import dataclass


@dataclass(frozen=True)
class Progress:
    """One report: what is being done, and how much of it is done.

    unit  what `done` and `total` count: "files", "bytes" or "numbers"
    """

    doing: str
    done: int
    total: int
    unit: str


ProgressCallback = Callable[[Progress], None]


def unwatched(progress: Progress) -> None:
    """The callback of those who do not watch."""
