"""What the formulas of the page Tokens give for a prompt: the values that stand in its cells.

Each list is one row of the page, from left to right. A spreadsheet calculates the same from its
formulas (token_page.py); viewers that cannot calculate show these.
"""

from bisect import bisect_right
from dataclasses import dataclass

from cutaway.engines.xlsx.token_tables import (
    NOTHING,
    OTHER,
    TokenTables,
    class_ranges,
)
from cutaway.tokenizer import pretokens

NO_RANK = 1_000_000_000


@dataclass(frozen=True)
class Characters:
    """The rows about characters."""

    code: list[int]
    kind: list[int]
    contraction: list[int]
    start: list[int]
    n_bytes: list[int]
    before: list[int]


@dataclass(frozen=True)
class Bytes:
    """The rows about bytes."""

    character: list[int]
    byte: list[int]
    piece: list[int]
    id: list[int]


@dataclass(frozen=True)
class Round:
    """The rows of one round of merging."""

    next: list[int]
    rank: list[int]
    lowest_so_far: list[int]
    lowest: list[int]
    merges: list[int]
    id: list[int]


def characters_of(text: str, capacity: int) -> Characters:
    """Class, length and place of every character, and where pieces start."""
    starts, place = set(), 0
    for piece in pretokens(text):
        starts.add(place)
        place += len(piece)
    code = [ord(letter) for letter in text]
    kind = [_kind(one) for one in code]
    n_bytes = [len(letter.encode()) for letter in text]
    contraction = [_contraction(text, kind, place) for place in range(len(text))]
    start = [int(place in starts) for place in range(len(text))]
    empty = capacity - len(text)
    before = [sum(n_bytes[:place]) for place in range(len(text))] + [sum(n_bytes)] * empty
    return Characters(code + [-1] * empty, kind + [NOTHING] * empty, contraction + [0] * empty,
                      start + [0] * empty, n_bytes + [0] * empty, before)


def _kind(code: int) -> int:
    ranges = class_ranges()
    return ranges[bisect_right(ranges, code, key=lambda one: one[0]) - 1][1]


def _contraction(text: str, kind: list[int], place: int) -> int:
    """How many characters of a contraction begin here: 's has 2, 'll has 3."""
    if text[place] != "'" or (place and (kind[place - 1] == OTHER or text[place - 1] == " ")):
        return 0
    if text[place + 1:place + 2] in ("s", "d", "m", "t"):
        return 2
    return 3 if text[place + 1:place + 3] in ("ll", "ve", "re") else 0


def bytes_of(text: str, characters: Characters, tables: TokenTables, capacity: int) -> Bytes:
    """Every byte with its character, its piece and the id of its token."""
    character = [place + 1 for place, count in enumerate(characters.n_bytes)
                 for _ in range(count)]
    byte = list(text.encode())
    starting = [characters.start[place - 1] and characters.before[place - 1] == number
                for number, place in enumerate(character)]
    piece = [sum(map(bool, starting[:number + 1])) for number in range(len(byte))]
    empty = capacity - len(byte)
    return Bytes(character + [0] * empty, byte + [-1] * empty, piece + [0] * empty,
                 [tables.byte_ids[one] for one in byte] + [-1] * empty)


def round_of(ids: list[int], pieces: list[int], tables: TokenTables) -> Round:
    """One round: the pair of the lowest rank in every piece becomes one token."""
    count, ranks = len(ids), dict(tables.keys[1:])
    following, lowest = [-1] * (count + 1), [NO_RANK] * count + [0]
    pieces = [*pieces, 0]
    for place in reversed(range(count)):
        if pieces[place] and pieces[place + 1] == pieces[place]:
            after = ids[place + 1]
            following[place] = after if after >= 0 else following[place + 1]
    rank = [ranks.get(one * tables.n_vocabulary + following[place], NO_RANK)
            if one >= 0 and following[place] >= 0 else NO_RANK for place, one in enumerate(ids)]
    so_far = list(rank)
    for place in range(1, count):
        if pieces[place] == pieces[place - 1]:
            so_far[place] = min(rank[place], so_far[place - 1])
    for place in reversed(range(count)):
        lowest[place] = (lowest[place + 1] if pieces[place] == pieces[place + 1]
                         else so_far[place])
    merges, made = _merged(ids, rank, lowest, tables)
    return Round(following[:-1], rank, so_far, lowest[:-1], merges, made)


def _merged(ids: list[int], rank: list[int], lowest: list[int],
            tables: TokenTables) -> tuple[list[int], list[int]]:
    """Which tokens take in their neighbour, and all tokens after that; -1 for what is gone."""
    merges, made, before = [], [], 0
    for place, one in enumerate(ids):
        merge = before
        if one >= 0:
            merge = int(rank[place] < NO_RANK and rank[place] == lowest[place] and not before)
            made.append(tables.merges[rank[place]][2] if merge else -1 if before else one)
        else:
            made.append(-1)
        merges.append(merge)
        before = merge
    return merges, made

