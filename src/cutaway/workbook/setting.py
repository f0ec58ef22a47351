"""What a calculation is done with: the engine, the weights, the vocabulary, the memory's rule."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Protocol

import numpy as np

from cutaway.workbook.book import Book, Node
from cutaway.workbook.memory import MemoryRule

if TYPE_CHECKING:
    from cutaway.workbook.calculation import Calculation


class Engine(Protocol):
    """What calculates the steps. Its arrays are its own; tables are shown as NumPy."""

    itemsize: int  # bytes a number
    rows_stand_alone: bool  # whether a row's numbers are the same to the last bit beside any others

    def calculate(self, book: Book, node: Node, arguments: Sequence[Any]) -> Any:
        """The table that a step makes of the tables that it reads."""
        ...

    def at_once(self, calculation: "Calculation", name: str) -> Any:
        """A table's new rows calculated with all that they need, or None for step by step."""
        ...

    def leaf(self, array: np.ndarray) -> Any:
        """A weight, an edited table or the ids as the engine's own array."""
        ...

    def own(self, table: Any) -> Any:
        """The table in memory of its own, not as a part of a larger one."""
        ...

    def has_nan(self, table: Any) -> bool:
        """Whether any cell holds NaN."""
        ...

    def join(self, pieces: Sequence[Any], axis: int) -> Any:
        """Tables one below the other."""
        ...

    def to_numpy(self, table: Any) -> np.ndarray:
        """A table of the engine's as NumPy."""
        ...


class HasNode(Protocol):
    """A step as an engine knows it."""

    @property
    def node(self) -> Node: ...


class Vocabulary(Protocol):
    """What names the tokens: a tokenizer."""

    def encode(self, text: str) -> list[int]: ...

    def text_of(self, id: int) -> str: ...


@dataclass(frozen=True)
class Setting:
    """What every run of one model has in common.

    leaves  the weights as the engine's own arrays, each entered when it is first read
    """

    weights: Mapping[str, np.ndarray]
    engine: Engine
    vocabulary: Vocabulary | None
    memory_rule: MemoryRule
    leaves: dict[str, Any] = field(default_factory=dict)
