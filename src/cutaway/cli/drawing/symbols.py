"""Tokens while they are being made: short, with every space to be seen."""

from collections.abc import Iterable

from cutaway.tokenizer import label
from cutaway.words import quoted

SPACE = "␣"


def symbol(token: str | bytes) -> str:
    """A token without quotation marks; a space is ␣, a byte that is no character <0xE3>."""
    text = token if isinstance(token, str) else label(token)
    return quoted(text)[1:-1].replace(" ", SPACE)


def cut_word(tokens: Iterable[str | bytes]) -> str:
    """A word as it is cut: a dot between its tokens."""
    return "·".join(map(symbol, tokens))
