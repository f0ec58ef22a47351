"""Learning merges without records of the passes: the fast path beside `learn.py`.

Three things make it fast. Every different word is cut into pieces once, however often it stands in
the text. A word is a Python string with one character a token, so that joining a pair is splitting
and joining a string. And the pairs wait in a heap, whose counts are put right when they come up.
"""

import heapq
import sys
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping
from itertools import pairwise

from cutaway.tokenizer.bytes import FIRST_TOKENS
from cutaway.tokenizer.encode import Pair
from cutaway.tokenizer.pretokens import ascii_pretokens, pretokens

RARE_SPACES = "\t\x0b\x0c\r\x1c\x1d\x1e\x1f"  # with " " and "\n", all of ASCII's white space
MOST_MERGES = sys.maxunicode + 1 - len(FIRST_TOKENS)  # as many as there are characters for


def learn_quickly(texts: Iterable[str], count: int) -> list[Pair]:
    """The merges that `learn_merges(texts, count, lowest_ids)` makes, without its records.

    texts    checked texts; no token reaches from one into the next
    count    how many merges, MOST_MERGES or fewer; fewer come when no two neighbours are left
    """
    return _Words(count_pieces(texts)).learn(count)


def count_pieces(texts: Iterable[str]) -> dict[str, int]:
    """How often each piece of GPT-2's pattern stands in the texts."""
    words: Counter[str] = Counter()
    after_space: Counter[str] = Counter()
    for text in texts:
        if _has_lone_spaces_only(text):
            word, *others = text.split(" ")
            words[word] += 1
            after_space.update(others)
        else:
            words.update(_words(text))
    pieces: dict[str, int] = {}
    for word, times in after_space.items():
        if word.isalpha() and word.isascii():  # one piece, as it is
            pieces[" " + word] = times
        else:
            words[" " + word] += times
    for word, times in words.items():
        for piece in ascii_pretokens(word) if word.isascii() else pretokens(word):
            pieces[piece] = pieces.get(piece, 0) + times
    return pieces


def _has_lone_spaces_only(text: str) -> bool:
    """Whether every space of an ASCII text follows something else: then each begins a word."""
    return (text.isascii() and "  " not in text and "\n " not in text
            and not any(one in text and one + " " in text for one in RARE_SPACES))


def _words(text: str) -> Iterator[str]:
    """The text cut before each space that follows something else, where every piece ends as well.

    The pattern looks no further than from spaces to the word behind them, so that a word is cut
    into the same pieces wherever it stands.
    """
    word, *others = text.split(" ")
    for part in others:
        if word and not word[-1].isspace():
            yield word
            word = " " + part
        else:
            word += " " + part
    yield word


class _Words:
    """The different pieces of a text while merges are learnt from them.

    A token is the character whose code point is its id, so that of two pairs the one with the
    lower ids is the lower string, which is how ties are decided.
    """

    def __init__(self, pieces: Mapping[str, int]):
        self._tokens = list(FIRST_TOKENS)
        self._ids = {token: id for id, token in enumerate(FIRST_TOKENS)}
        letters = {byte: self._ids[bytes([byte])] for byte in range(256)}
        self._words = [piece.encode("utf-8").decode("latin-1").translate(letters)
                       for piece in pieces]
        self._times = list(pieces.values())
        self._counts: defaultdict[str, int] = defaultdict(int)
        self._words_with: defaultdict[str, list[int]] = defaultdict(list)
        for number, word in enumerate(self._words):
            for left, right in pairwise(word):
                self._counts[left + right] += self._times[number]
                self._words_with[left + right].append(number)

    def learn(self, count: int) -> list[Pair]:
        """The merges, most frequent pair first; of equals, the one with the lowest ids."""
        waiting = [(-times, pair) for pair, times in self._counts.items()]
        heapq.heapify(waiting)
        merges: list[Pair] = []
        while waiting and len(merges) < count:
            seen, pair = heapq.heappop(waiting)
            times = self._counts.get(pair, 0)
            if times != -seen:  # it has changed since: it waits anew with what is true now
                if times:
                    heapq.heappush(waiting, (-times, pair))
                continue
            merges.append((self._tokens[ord(pair[0])], self._tokens[ord(pair[1])]))
            for other, change in self._merge(pair).items():
                self._counts[other] += change
                if change > 0:
                    heapq.heappush(waiting, (-self._counts[other], other))
        return merges

    def _merge(self, pair: str) -> dict[str, int]:
        """Joins the pair wherever it stands; gives what that changes in other pairs' counts."""
        changes: defaultdict[str, int] = defaultdict(int)
        new, words = self._new_token(pair), self._words
        for number in set(self._words_with.pop(pair)):
            parts = words[number].split(pair)
            if len(parts) > 1:
                self._count_changes(number, parts, pair, new, changes)
                words[number] = new.join(parts)
        del self._counts[pair]
        changes.pop(pair, None)  # which "aaa" holds twice: all are gone with the one joined
        return changes

    def _new_token(self, pair: str) -> str:
        token = self._tokens[ord(pair[0])] + self._tokens[ord(pair[1])]
        id = self._ids.setdefault(token, len(self._tokens))
        if id == len(self._tokens):
            self._tokens.append(token)
        return chr(id)

    def _count_changes(self, number: int, parts: list[str], pair: str, new: str,
                       changes: dict[str, int]) -> None:
        """Counts the pairs that a word loses and gains on both sides of each joined pair.

        parts  what stands before, between and behind the pairs that are joined in it
        """
        (left, right), times, words_with = pair, self._times[number], self._words_with
        neighbour = ""  # what stands before the pair: a token, or another joined pair
        for before, behind in pairwise(parts):
            if before:
                neighbour = before[-1]
                changes[neighbour + left] -= times
            elif neighbour:
                changes[right + left] -= times
            if neighbour:
                changes[neighbour + new] += times
                words_with[neighbour + new].append(number)
            if behind:
                changes[right + behind[0]] -= times
                changes[new + behind[0]] += times
                words_with[new + behind[0]].append(number)
            neighbour = new
