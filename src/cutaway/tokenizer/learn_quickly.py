"""Learning merges without records of the passes: the fast path beside `learn.py`.

Three things make it fast. Every different word is cut into pieces once, however often it stands in
the text. A word is a Python string with one character a token, so that joining a pair is splitting
and joining a string. And the pairs wait in heaps, and are put right when they come up.
"""

import gc
import heapq
import sys
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from itertools import islice, pairwise

from cutaway.tokenizer.bytes import FIRST_TOKENS
from cutaway.tokenizer.encode import Pair
from cutaway.tokenizer.pretokens import ascii_pretokens, pretokens
from cutaway.tokenizer_rule import GPT2_RULE, TokenizerRule

RARE_SPACES = "\t\x0b\x0c\r\x1c\x1d\x1e\x1f"  # with " " and "\n", all of ASCII's white space
MOST_MERGES = sys.maxunicode + 1 - len(FIRST_TOKENS)  # as many as there are characters for


def learn_quickly(texts: Iterable[str], count: int,
                  rule: TokenizerRule = GPT2_RULE) -> list[Pair]:
    """The merges that `learn_merges(texts, count, lowest_ids)` makes, without its records.

    texts    checked texts; no token reaches from one into the next
    count    how many merges, MOST_MERGES or fewer; fewer come when no two neighbours are left
    """
    with _collector_at_rest():
        if rule == GPT2_RULE:
            return _Words(count_pieces(texts)).learn(count)
        return _Words(Counter(piece for text in texts
                              for piece in pretokens(text, rule))).learn(count)


@contextmanager
def _collector_at_rest() -> Iterator[None]:
    """Without Python's search for objects that hold each other in circles.

    It goes through all objects of the process, those of other libraries as well, each time that so
    many more lists have been made; here none holds itself.
    """
    enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if enabled:
            gc.enable()


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
        waiting, merges = _Waiting(self._counts), []
        for pair in islice(waiting, count):
            merges.append((self._tokens[ord(pair[0])], self._tokens[ord(pair[1])]))
            waiting.add(self._merge(pair))
        return merges

    def _merge(self, pair: str) -> list[str]:
        """Joins the pair wherever it stands; gives the pairs that the new token now stands in."""
        (left, right), new, words = pair, self._new_token(pair), self._words
        # The words in which a token stands before the pair, or behind it, and where two pairs meet.
        before: defaultdict[str, list[int]] = defaultdict(list)
        behind: defaultdict[str, list[int]] = defaultdict(list)
        meeting: list[int] = []
        for number in set(self._words_with.pop(pair)):
            parts = words[number].split(pair)
            if len(parts) == 1:
                continue
            words[number] = new.join(parts)
            first, *between, last = parts
            if first:
                before[first[-1]].append(number)
            for part in between:
                if part:
                    behind[part[0]].append(number)
                    before[part[-1]].append(number)
                else:
                    meeting.append(number)
            if last:
                behind[last[0]].append(number)
        around = [(token + left, token + new, numbers) for token, numbers in before.items()]
        around += [(right + token, new + token, numbers) for token, numbers in behind.items()]
        if meeting:
            around.append((right + left, new + new, meeting))
        counts, all_times, words_with = self._counts, self._times, self._words_with
        for gone, made, numbers in around:
            times = sum([all_times[number] for number in numbers])
            counts[gone] -= times
            counts[made] += times
            words_with[made] += numbers
        del counts[pair]  # also what "aaa" holds twice: all are gone with the one joined
        return [made for gone, made, numbers in around]

    def _new_token(self, pair: str) -> str:
        token = self._tokens[ord(pair[0])] + self._tokens[ord(pair[1])]
        id = self._ids.setdefault(token, len(self._tokens))
        if id == len(self._tokens):
            self._tokens.append(token)
        return chr(id)


class _Waiting:
    """The pairs, most frequent first; of equals, the one with the lowest ids.

    For each count there is a heap. Counts change while the pairs wait: one that has become rarer is
    seen to be when it comes up, and one that has become more frequent has to be added again.
    """

    def __init__(self, counts: Mapping[str, int]):
        self._counts = counts
        self._pairs: dict[int, list[str]] = {}
        self._highest: list[int] = []  # the counts that pairs wait with, negative: another heap
        self.add(counts)

    def add(self, pairs: Iterable[str]) -> None:
        for pair in pairs:
            times = self._counts[pair]
            if times not in self._pairs:
                self._pairs[times] = []
                heapq.heappush(self._highest, -times)
            heapq.heappush(self._pairs[times], pair)

    def __iter__(self) -> Iterator[str]:
        while self._highest:
            times = -self._highest[0]
            pairs = self._pairs[times]
            if not pairs:
                del self._pairs[-heapq.heappop(self._highest)]
                continue
            pair = heapq.heappop(pairs)
            now = self._counts.get(pair, 0)
            if now == times:
                yield pair
            elif now:
                self.add([pair])
