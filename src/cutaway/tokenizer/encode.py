"""Encoding where one can watch: pieces, bytes, and every merge with the pairs that it beat.

This is the readable path. `fast.py` gives the same ids without the records.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import pairwise

from cutaway.tokenizer.bytes import letters
from cutaway.tokenizer.join import join

Pair = tuple[bytes, bytes]


@dataclass(frozen=True)
class Candidate:
    """Two neighbours that might be merged. `rank` is the merge's place in the list of merges,
    the first is 0; None when no merge joins them."""

    pair: Pair
    rank: int | None


@dataclass(frozen=True)
class MergeStep:
    """One merge: of all candidates the one with the lowest rank is joined, wherever it stands."""

    before: tuple[bytes, ...]
    candidates: tuple[Candidate, ...]
    chosen: Candidate
    after: tuple[bytes, ...]


@dataclass(frozen=True)
class EncodedPretoken:
    """One piece of the text on its way from bytes to tokens.

    text       as it stands in the prompt, with the space in front of it
    raw        its bytes, each a starting token
    letters    the same bytes as GPT-2's files write them: Ġ is the space
    steps      the merges in the order in which they were made
    rejected   the candidates that were left at the end: no merge joins any of them
    tokens     what is in the model's input, and `ids` their numbers
    """

    text: str
    raw: bytes
    letters: str
    steps: tuple[MergeStep, ...]
    rejected: tuple[Candidate, ...]
    tokens: tuple[bytes, ...]
    ids: tuple[int, ...]


@dataclass(frozen=True)
class VisibleEncoding:
    """A text's way into ids, piece by piece."""

    text: str
    pretokens: tuple[EncodedPretoken, ...]

    @property
    def tokens(self) -> list[bytes]:
        return [token for pretoken in self.pretokens for token in pretoken.tokens]

    @property
    def ids(self) -> list[int]:
        return [number for pretoken in self.pretokens for number in pretoken.ids]


def encode_pretoken(text: str, ranks: Mapping[Pair, int],
                    ids: Mapping[bytes, int]) -> EncodedPretoken:
    """One piece with every merge that is made in it."""
    raw = text.encode("utf-8")
    steps = tuple(merge_steps(split_bytes(raw), ranks))
    tokens = steps[-1].after if steps else split_bytes(raw)
    return EncodedPretoken(text, raw, letters(raw), steps, candidates(tokens, ranks), tokens,
                           tuple(ids[token] for token in tokens))


def merge_steps(tokens: tuple[bytes, ...], ranks: Mapping[Pair, int]) -> Iterator[MergeStep]:
    """Every merge until no two neighbours can be merged any more."""
    while pair := lowest_ranked(tokens, ranks):
        after = join(tokens, pair)
        yield MergeStep(tokens, candidates(tokens, ranks), Candidate(pair, ranks[pair]), after)
        tokens = after


def merge_all(tokens: tuple[bytes, ...], ranks: Mapping[Pair, int]) -> tuple[bytes, ...]:
    """What `merge_steps` ends with, without the records."""
    while pair := lowest_ranked(tokens, ranks):
        tokens = join(tokens, pair)
    return tokens


def split_bytes(raw: bytes) -> tuple[bytes, ...]:
    """The starting tokens: one a byte."""
    return tuple(raw[place:place + 1] for place in range(len(raw)))


def candidates(tokens: tuple[bytes, ...], ranks: Mapping[Pair, int]) -> tuple[Candidate, ...]:
    """Every two neighbours, with the rank of the merge that joins them."""
    return tuple(Candidate(pair, ranks.get(pair)) for pair in pairwise(tokens))


def lowest_ranked(tokens: tuple[bytes, ...], ranks: Mapping[Pair, int]) -> Pair | None:
    """The neighbours whose merge was learnt first; None when no merge joins any two."""
    known = [pair for pair in pairwise(tokens) if pair in ranks]
    return min(known, key=ranks.__getitem__) if known else None
