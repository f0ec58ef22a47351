"""Encoding where one can watch: pieces, bytes, and every merge with the pairs that it beat.

This is the readable path. `fast.py` and `merge_quickly.py` give the same ids without the
records.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from itertools import pairwise

from cutaway.fast_paths import fast_paths
from cutaway.tokenizer.bytes import letters
from cutaway.tokenizer.join import join
from cutaway.tokenizer.merge_quickly import Pair, merge_quickly

SHORT_PIECE = 64  # bytes; in a longer piece the heap is quicker than a look at every pair


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
    tokens     what is in the model's input, and `ids` their numbers
    n_steps    how many merges were made
    ranks      the rank of each merge, from which the steps are made when they are asked for
    """

    text: str
    raw: bytes
    letters: str
    tokens: tuple[bytes, ...]
    ids: tuple[int, ...]
    n_steps: int
    ranks: Mapping[Pair, int] = field(repr=False, compare=False)

    @cached_property
    def steps(self) -> tuple[MergeStep, ...]:
        """The merges in the order in which they were made. Each holds all tokens before and after
        it: of a word of thousands of letters, read them one by one with `walk`."""
        return tuple(self.walk())

    def walk(self) -> Iterator[MergeStep]:
        """The same merges, each made when it is asked for."""
        return merge_steps(split_bytes(self.raw), self.ranks)

    @property
    def rejected(self) -> tuple[Candidate, ...]:
        """The candidates that were left at the end: no merge joins any of them."""
        return candidates(self.tokens, self.ranks)


@dataclass(frozen=True)
class VisibleEncoding:
    """A text's way into ids, piece by piece."""

    text: str
    pretokens: tuple[EncodedPretoken, ...]

    @property
    def tokens(self) -> list[bytes]:
        """The bytes of every token, in order."""
        return [token for pretoken in self.pretokens for token in pretoken.tokens]

    @property
    def ids(self) -> list[int]:
        """The number of every token, in order."""
        return [number for pretoken in self.pretokens for number in pretoken.ids]


def encode_pretoken(text: str, ranks: Mapping[Pair, int],
                    ids: Mapping[bytes, int]) -> EncodedPretoken:
    """One piece with its tokens, from which every merge that is made in it can be had."""
    raw = text.encode("utf-8")
    tokens, n_steps = merge_piece(raw, ranks)
    return EncodedPretoken(text, raw, letters(raw), tokens, tuple(ids[token] for token in tokens),
                           n_steps, ranks)


def whole_token(text: str, id: int) -> EncodedPretoken:
    """A piece that is one token as it is, such as a mark; nothing in it is merged."""
    raw = text.encode("utf-8")
    return EncodedPretoken(text, raw, letters(raw), (raw,), (id,), 0, {})


def merge_piece(raw: bytes, ranks: Mapping[Pair, int]) -> tuple[tuple[bytes, ...], int]:
    """The tokens of a piece and how many merges made them, by the quicker way for its length."""
    merge = merge_quickly if len(raw) > SHORT_PIECE and fast_paths() else merge_plainly
    return merge(split_bytes(raw), ranks)


def merge_steps(tokens: tuple[bytes, ...], ranks: Mapping[Pair, int]) -> Iterator[MergeStep]:
    """Every merge until no two neighbours can be merged any more."""
    while pair := lowest_ranked(tokens, ranks):
        after = join(tokens, pair)
        yield MergeStep(tokens, candidates(tokens, ranks), Candidate(pair, ranks[pair]), after)
        tokens = after


def merge_plainly(tokens: tuple[bytes, ...],
                  ranks: Mapping[Pair, int]) -> tuple[tuple[bytes, ...], int]:
    """What `merge_steps` ends with and after how many merges, without the records."""
    n_merges = 0
    while pair := lowest_ranked(tokens, ranks):
        tokens = join(tokens, pair)
        n_merges += 1
    return tokens, n_merges


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
