"""Learning merges from text, one pass at a time, each pass there to be looked at.

A pass counts how often each two neighbours stand in the text, takes the most frequent pair, and
joins it everywhere. That is all of byte-pair encoding.
Source: Gage, A New Algorithm for Data Compression (1994); Sennrich, Haddow, Birch (2016)
"""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Generic

from cutaway.errors import SettingError
from cutaway.tokenizer.corpus import Corpus, byte_words
from cutaway.tokenizer.join import Symbol
from cutaway.tokenizer.text import check_text

TieRule = Callable[[tuple[tuple[Symbol, Symbol], ...], Corpus[Symbol]], tuple[Symbol, Symbol]]


def first_seen(tied: tuple[tuple[Symbol, Symbol], ...],
               corpus: Corpus[Symbol]) -> tuple[Symbol, Symbol]:
    """Of equally frequent pairs, the one that is met first when the words are read in order.

    Source: the Python of Sennrich et al. (2016): `max` over a dictionary filled in that order
    """
    return min(tied, key=corpus.first_place)


def lowest_ids(tied: tuple[tuple[Symbol, Symbol], ...],
               corpus: Corpus[Symbol]) -> tuple[Symbol, Symbol]:
    """Of equally frequent pairs, the one whose left token is the oldest, then whose right one is.

    Source: Hugging Face `tokenizers`, BpeTrainer
    """
    return min(tied, key=lambda pair: (corpus.ids[pair[0]], corpus.ids[pair[1]]))


@dataclass(frozen=True)
class Merge(Generic[Symbol]):
    """One pass of learning.

    number         the pass, the first is 1
    pair           what was joined, and `count` how often it stood in the text
    tied           every pair that stood there as often, this one among them
    rule           what decided among them
    tokens_before  how many tokens the text was, and `tokens_after` is now
    """

    number: int
    pair: tuple[Symbol, Symbol]
    count: int
    tied: tuple[tuple[Symbol, Symbol], ...]
    rule: TieRule[Symbol]
    tokens_before: int
    tokens_after: int
    _start: Mapping[tuple[Symbol, ...], int] = field(repr=False, compare=False)
    _pairs: list[tuple[Symbol, Symbol]] = field(repr=False, compare=False)

    @property
    def token(self) -> Symbol:
        """The new token."""
        return self.pair[0] + self.pair[1]

    def pair_counts(self) -> list[tuple[tuple[Symbol, Symbol], int]]:
        """Every pair with how often it stood in the text, the most frequent first."""
        return Counter(self._corpus(self.number - 1).pair_counts).most_common()

    def corpus_before(self) -> dict[tuple[Symbol, ...], int]:
        """Every different word as it was cut before this pass, with how often it stands there."""
        return self._corpus(self.number - 1).words

    def corpus_after(self) -> dict[tuple[Symbol, ...], int]:
        """Every different word as it is cut after this pass, with how often it stands there."""
        return self._corpus(self.number).words

    def _corpus(self, passes: int) -> Corpus[Symbol]:
        # Made anew when somebody looks: to keep every pass's corpus would be most of the memory.
        corpus = Corpus(self._start)
        for pair in self._pairs[:passes]:
            corpus.merge(pair)
        return corpus


def learn_merges(texts: str | bytes | Iterable[str | bytes], count: int,
                 ties: TieRule[bytes] = first_seen) -> Iterator[Merge[bytes]]:
    """The merges that a text teaches, starting from its bytes, one record a pass.

    texts    one text, or several; no token reaches from one into the next
    count    how many merges; fewer come when no two neighbours are left in the text
    ties     which of several equally frequent pairs is joined: `first_seen` or `lowest_ids`
    Raises:  SettingError when count is below 0; NotText
    """
    texts = [texts] if isinstance(texts, str | bytes) else texts
    return learn_from_words(byte_words(check_text(text) for text in texts), count, ties)


def learn_from_words(words: Mapping[tuple[Symbol, ...], int], count: int,
                     ties: TieRule[Symbol] = first_seen) -> Iterator[Merge[Symbol]]:
    """The merges that words teach, one record a pass.

    words    each different word, cut into symbols, with how often it stands in the text
    Raises:  SettingError when count is below 0, or a word is said to stand there less than once
    """
    if count < 0:
        raise SettingError(f"{count} merges cannot be learnt; 0 or more are expected.")
    for word, times in words.items():
        if times < 1:
            raise SettingError(f"the word {word!r} is said to stand in the text {times} times; "
                               "1 or more are expected. Leave out words that are not there.")
    return _passes(dict(words), count, ties)


def _passes(words: dict[tuple[Symbol, ...], int], count: int,
            ties: TieRule[Symbol]) -> Iterator[Merge[Symbol]]:
    corpus = Corpus(words)
    pairs: list[tuple[Symbol, Symbol]] = []
    while len(pairs) < count and corpus.pair_counts:
        most = max(corpus.pair_counts.values())
        tied = tuple(pair for pair, times in corpus.pair_counts.items() if times == most)
        pair, before = ties(tied, corpus), corpus.n_tokens
        corpus.merge(pair)
        pairs.append(pair)
        yield Merge(len(pairs), pair, most, tied, ties, before, corpus.n_tokens, words, pairs)
