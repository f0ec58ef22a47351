"""What a model's database holds before anything is calculated: weights, vocabulary, merges."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from hashlib import blake2b
from typing import TYPE_CHECKING, Any

import numpy as np

from cutaway.engines.sql.packing import packed_axes
from cutaway.tokenizer.bytes import letters
from cutaway.tokenizer.classes import character_classes

if TYPE_CHECKING:
    from cutaway.model import Model

INTEGER, REAL, TEXT = "INTEGER", "REAL", "TEXT"
LAYOUT = 2  # which tables are loaded, and how: another number makes every database anew


@dataclass(frozen=True)
class Column:
    """One column: its name, its type, and its numbers or texts.

    values  (rows), or (rows length) where each row holds several numbers in one cell
    """

    name: str
    type: str
    values: np.ndarray | Sequence[Any]

    @property
    def length(self) -> int | None:
        """How many numbers a cell holds; None for a plain one."""
        several = isinstance(self.values, np.ndarray) and self.values.ndim == 2
        return np.shape(self.values)[1] if several else None


@dataclass(frozen=True)
class Contents:
    """One table that is loaded, with the columns that tell its rows apart."""

    name: str
    explanation: str
    columns: tuple[Column, ...]

    @property
    def rows(self) -> int:
        return len(self.columns[0].values)

    @property
    def numbers(self) -> int:
        """How many numbers of the model it holds."""
        return sum(column.values.size for column in self.columns
                   if column.type == REAL and isinstance(column.values, np.ndarray))


def contents(model: "Model") -> Iterator[Contents]:
    """Every table that is loaded: the small ones first, then the weights in the book's order."""
    yield from _words(model)
    packed = packed_axes(model.book)
    for name, axes in model.book.weights.items():
        yield _weight(name, axes, np.asarray(model.weights[name], np.float32), packed.get(name))


def _weight(name: str, axes: tuple[str, ...], array: np.ndarray, packed: str | None) -> Contents:
    """A weight table: one row a number, or one row for all numbers along the packed axis."""
    if packed is None:
        number = Column(axes[0], INTEGER, np.arange(len(array), dtype=np.int32))
        return Contents(name, f"A weight: one number for each {axes[0]}.",
                        (number, Column("value", REAL, array)))
    outer, = (axis for axis in axes if axis != packed)
    rows = np.ascontiguousarray(array if axes[1] == packed else array.T)
    number = Column(outer, INTEGER, np.arange(len(rows), dtype=np.int32))
    return Contents(name, f"A weight: for each {outer} its {rows.shape[1]:,} numbers along "
                          f"{packed}.", (number, Column(packed, REAL, rows)))


def _words(model: "Model") -> Iterator[Contents]:
    """What the tokenizer knows."""
    tokenizer = model.tokenizer
    ids = range(len(tokenizer))
    yield Contents("vocabulary", "Every token: its id, its letters as GPT-2's files write them, "
                                 "its text.", (
        Column("id", INTEGER, np.arange(len(tokenizer), dtype=np.int32)),
        Column("token", TEXT, [letters(tokenizer.bytes_of(id)) for id in ids]),
        Column("text", TEXT, [tokenizer.text_of(id).replace("\0", "<0x00>") for id in ids])))
    yield Contents("merges", "Which two tokens become one, those learnt first in front.", (
        Column("rank", INTEGER, np.arange(len(tokenizer.merges), dtype=np.int32)),
        Column("first_token", TEXT, [letters(first) for first, _ in tokenizer.merges]),
        Column("second_token", TEXT, [letters(second) for _, second in tokenizer.merges])))
    yield Contents("byte_letters", "The letter that stands for each byte.", (
        Column("byte", TEXT, [f"{byte:02X}" for byte in range(256)]),
        Column("letter", TEXT, [letters(bytes([byte])) for byte in range(256)])))
    known = (one for one in character_classes() if one[2] != "other")
    first, last, kind = zip(*known, strict=True)
    yield Contents("character_classes", "Which characters of Unicode are letters, numbers, "
                                        "spaces.", (
        Column("first", INTEGER, np.array(first, np.int32)),
        Column("last", INTEGER, np.array(last, np.int32)), Column("class", TEXT, kind)))


def fingerprint(model: "Model") -> str:
    """What tells the tables that are loaded from others: of another model, or packed otherwise, or
    made with other classes of characters, or by an earlier Cutaway."""
    packed = sorted(packed_axes(model.book).items())
    tokens = model.tokenizer.vocabulary, model.tokenizer.merges, character_classes()
    found = blake2b(repr((LAYOUT, model.config, packed, tokens)).encode(), digest_size=16)
    for name in model.book.weights:
        found.update(np.ascontiguousarray(model.weights[name]).tobytes())
    return found.hexdigest()
