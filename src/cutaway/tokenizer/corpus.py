"""A text while merges are being learnt from it: its words, and how often each stands there."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from itertools import pairwise
from typing import Generic

from cutaway.tokenizer.bytes import letters
from cutaway.tokenizer.join import Symbol, join
from cutaway.tokenizer.pretokens import pretokens
from cutaway.tokenizer_rule import GPT2_RULE, TokenizerRule


def byte_words(texts: Iterable[str],
               rule: TokenizerRule = GPT2_RULE) -> dict[tuple[bytes, ...], int]:
    """Every different piece of the texts as single bytes, with how often it stands there."""
    counts = Counter(piece for text in texts for piece in pretokens(text, rule))
    return {tuple(bytes([byte]) for byte in piece.encode("utf-8")): count
            for piece, count in counts.items()}


def character_words(counts: Mapping[str, int], end: str = "_") -> dict[tuple[str, ...], int]:
    """Words as single letters with a mark at the end, the way the paper writes its example.

        character_words({"low": 5})     # {("l", "o", "w", "_"): 5}

    Source: Sennrich, Haddow, Birch: Neural Machine Translation of Rare Words with Subword Units
            (2016), figure 1
    """
    return {(*word, end): count for word, count in counts.items()}


class Corpus(Generic[Symbol]):
    """The words, and how often each two neighbours stand in them, kept true from merge to merge.

    Only words that hold the pair are touched by a merge, which is what makes learning fast.

    pair_counts  how often each two neighbours stand in the text
    ids          the symbols' numbers: first the single ones in GPT-2's order, then as they are made
    n_tokens     how many tokens the text is now
    """

    def __init__(self, words: Mapping[tuple[Symbol, ...], int]):
        self._words = list(words)
        self._counts = list(words.values())
        self._words_with: defaultdict[tuple[Symbol, Symbol], set[int]] = defaultdict(set)
        self.pair_counts: dict[tuple[Symbol, Symbol], int] = {}
        for number, word in enumerate(self._words):
            self._add_pairs(number, word)
        self.n_tokens = sum(len(word) * count for word, count in words.items())
        singles = sorted({symbol for word in words for symbol in word}, key=_place_in_alphabet)
        self.ids = {symbol: id for id, symbol in enumerate(singles)}

    @property
    def words(self) -> dict[tuple[Symbol, ...], int]:
        """Every different word as it is now cut, with how often it stands in the text."""
        counts: Counter[tuple[Symbol, ...]] = Counter()
        for word, count in zip(self._words, self._counts, strict=True):
            counts[word] += count
        return dict(counts)

    def merge(self, pair: tuple[Symbol, Symbol]) -> None:
        """Joins the pair wherever it stands."""
        for number in self._words_with.pop(pair):
            word = self._words[number]
            joined = join(word, pair)
            self._remove_pairs(number, word)
            self._add_pairs(number, joined)
            self._words[number] = joined
            self.n_tokens -= (len(word) - len(joined)) * self._counts[number]
        self.ids.setdefault(pair[0] + pair[1], len(self.ids))

    def first_place(self, pair: tuple[Symbol, Symbol]) -> tuple[int, int]:
        """Where the pair is met first: the word's number, and the place in the word."""
        number = min(self._words_with[pair])
        return number, list(pairwise(self._words[number])).index(pair)

    def _add_pairs(self, number: int, word: tuple[Symbol, ...]) -> None:
        for pair in pairwise(word):
            self.pair_counts[pair] = self.pair_counts.get(pair, 0) + self._counts[number]
            self._words_with[pair].add(number)

    def _remove_pairs(self, number: int, word: tuple[Symbol, ...]) -> None:
        for pair in pairwise(word):
            self.pair_counts[pair] -= self._counts[number]
            self._words_with[pair].discard(number)
            if not self.pair_counts[pair]:
                del self.pair_counts[pair], self._words_with[pair]


def _place_in_alphabet(symbol: str | bytes) -> str:
    return letters(symbol) if isinstance(symbol, bytes) else symbol
