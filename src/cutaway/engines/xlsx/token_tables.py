"""What tokenizing by formulas looks up: classes of characters, bytes, merges.

Everything is looked up by number. Looking up texts would ignore upper case and know wildcards.
"""

from dataclasses import dataclass
from functools import cache
from typing import Protocol

from cutaway.tokenizer import label
from cutaway.tokenizer.classes import character_classes
from cutaway.tokenizer_rule import TokenizerRule

NOTHING, LETTER, NUMBER, SPACE, OTHER = range(5)
CLASS_NAMES = ("nothing", "letter", "number", "space", "other")
MOST_ROUNDS = 20


class Vocabulary(Protocol):
    """What is needed of a tokenizer: `cutaway.tokenizer.Tokenizer`."""

    @property
    def vocabulary(self) -> tuple[bytes, ...]: ...
    @property
    def merges(self) -> tuple[tuple[bytes, bytes], ...]: ...
    @property
    def rule(self) -> TokenizerRule: ...
    def encode(self, text: str) -> list[int]: ...
    def __len__(self) -> int: ...


@cache
def class_ranges() -> tuple[tuple[int, int], ...]:
    """The first code point of every range of characters of one class, and the class."""
    return tuple((first, CLASS_NAMES.index(name)) for first, _, name in character_classes())


@dataclass(frozen=True)
class TokenTables:
    """A tokenizer as tables of numbers.

    texts     every token for people to read, by id
    byte_ids  the id of each byte's token
    merges    for each rank: the ids of left, right and what they become
    keys      (left * vocabulary + right, rank), sorted, below them one that no pair has
    """

    texts: tuple[str, ...]
    byte_ids: tuple[int, ...]
    merges: tuple[tuple[int, int, int], ...]
    keys: tuple[tuple[int, int], ...]

    @property
    def n_vocabulary(self) -> int:
        return len(self.texts)

    @classmethod
    def of(cls, tokenizer: Vocabulary) -> "TokenTables":
        ids = {token: id for id, token in enumerate(tokenizer.vocabulary)}
        merges = tuple((ids[left], ids[right], ids[left + right])
                       for left, right in tokenizer.merges)
        n_vocabulary = len(tokenizer)
        keys = sorted((left * n_vocabulary + right, rank)
                      for rank, (left, right, _) in enumerate(merges))
        return cls(tuple(map(token_text, tokenizer.vocabulary)),
                   tuple(ids[bytes([byte])] for byte in range(256)), merges, ((-1, 0), *keys))


@dataclass(frozen=True)
class Capacity:
    """How much text the page Tokens has room for.

    characters  of the prompt, and as many bytes of UTF-8
    rounds      of merging; each makes the best merge of every piece
    """

    positions: int
    characters: int
    rounds: int

    @classmethod
    def of(cls, n_positions: int, n_merges: int) -> "Capacity":
        return cls(n_positions, max(32, 8 * n_positions), min(MOST_ROUNDS, n_merges))


def token_text(token: bytes) -> str:
    """A token as a cell can hold it: XML has no control characters but tab and line breaks, and no
    U+FFFE and U+FFFF."""
    return "".join(letter if letter in "\n\t" or " " <= letter not in "\ufffe\uffff"
                   else f"<0x{ord(letter):02X}>" for letter in label(token))
