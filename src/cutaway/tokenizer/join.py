"""The one operation of byte-pair encoding, shared by learning and encoding: two become one."""

from typing import TypeVar

# A symbol is a piece of a word: bytes where text is encoded, letters in the textbook examples.
Symbol = TypeVar("Symbol", str, bytes)


def join(symbols: tuple[Symbol, ...], pair: tuple[Symbol, Symbol]) -> tuple[Symbol, ...]:
    """The symbols with the pair put together wherever it stands, from left to right.

        join(("l", "o", "w", "l", "o"), ("l", "o"))     # ("lo", "w", "lo")
    """
    left, right = pair
    joined: list[Symbol] = []
    place, last = 0, len(symbols) - 1
    while place <= last:
        if place < last and symbols[place] == left and symbols[place + 1] == right:
            joined.append(left + right)
            place += 2
        else:
            joined.append(symbols[place])
            place += 1
    return tuple(joined)
