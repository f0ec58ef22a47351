"""All merges of a long piece in the order of their ranks, without a look at every pair each time.

The plain way, `encode.merge_plainly`, looks at every two neighbours before each merge: its work
grows with the square of the piece. Here a pair is looked up once, when its tokens come together.
"""

from collections.abc import Mapping, Sequence
from heapq import heapify, heappop, heappush

Pair = tuple[bytes, bytes]
Entry = tuple[int, int, bytes, bytes]
NONE = -1     # the neighbour of the first and of the last token
GONE = b""    # a token that has become the end of the one before it


def merge_quickly(tokens: Sequence[bytes],
                  ranks: Mapping[Pair, int]) -> tuple[tuple[bytes, ...], int]:
    """The tokens that are left when no merge joins any two neighbours, and how many merges were
    made. A merge joins its pair at every place, from left to right, as in `merge_steps`.
    """
    line, n_merges = _Line(tokens, ranks), 0
    while entries := line.lowest():
        line.join(entries)
        n_merges += 1
    return line.tokens(), n_merges


class _Line:
    """Tokens that know their neighbours, and a heap of the pairs that a merge joins.

    A token's place is that of its first byte. An entry of the heap is the rank, the place of the
    left token, and both tokens; it is true as long as these are the tokens there.
    """

    def __init__(self, tokens: Sequence[bytes], ranks: Mapping[Pair, int]):
        self._ranks = ranks
        self._token = list(tokens)
        self._next = [*range(1, len(tokens)), NONE]
        self._previous = [NONE, *range(len(tokens) - 1)]
        self._heap: list[Entry] = []
        for place in range(len(tokens)):
            self._heap += self._entries(place)
        heapify(self._heap)

    def lowest(self) -> list[Entry]:
        """Every true entry of the lowest rank, from left to right; they leave the heap."""
        found: list[Entry] = []
        while self._heap and (not found or self._heap[0][0] == found[0][0]):
            entry = heappop(self._heap)
            found += [entry] if self._is_true(entry) else []
        return found

    def join(self, entries: Sequence[Entry]) -> None:
        """Make each pair one token, unless the pair before it has taken its left token."""
        for entry in entries:
            if self._is_true(entry):
                self._join_at(entry[1])

    def tokens(self) -> tuple[bytes, ...]:
        return tuple(token for token in self._token if token != GONE)

    def _join_at(self, place: int) -> None:
        taken = self._next[place]
        after = self._next[taken]
        self._token[place] += self._token[taken]
        self._token[taken], self._next[place] = GONE, after
        if after != NONE:
            self._previous[after] = place
        for left in (self._previous[place], place):
            for entry in self._entries(left):
                heappush(self._heap, entry)

    def _entries(self, place: int) -> list[Entry]:
        """The entry of the pair that begins at a place; none where no merge joins it."""
        after = self._next[place] if place != NONE else NONE
        if after == NONE:
            return []
        left, right = self._token[place], self._token[after]
        rank = self._ranks.get((left, right))
        return [] if rank is None else [(rank, place, left, right)]

    def _is_true(self, entry: Entry) -> bool:
        _, place, left, right = entry
        after = self._next[place]
        return after != NONE and (self._token[place], self._token[after]) == (left, right)
