"""Tokens as the page is told them: their text, and their bytes where they are no whole text."""

import re
from collections.abc import Iterable
from typing import Any

from cutaway.tokenizer import Tokenizer

# What `surrogateescape` makes of bytes that are no whole character.
_RUNS = re.compile("[\udc80-\udcff]|[^\udc80-\udcff]+")

Shown = str | list[str | int]


def shown(token: bytes | str) -> Shown:
    """The token's text; where that is not whole, its parts in order, a number for each lone byte.

        shown(b" the")       # " the"
        shown(b" \\xe6")     # [" ", 230]
    """
    if isinstance(token, str):
        return token
    text = token.decode("utf-8", "surrogateescape")
    parts = [ord(run) - 0xDC00 if "\udc80" <= run <= "\udcff" else run
             for run in _RUNS.findall(text)]
    return text if all(isinstance(part, str) for part in parts) else parts


def hexadecimal(token: bytes) -> str:
    """The token's bytes, two digits each: b" a" is 20 61."""
    return token.hex(" ").upper()


def shown_token(tokenizer: Tokenizer, id: int) -> dict[str, Any]:
    """One token of the vocabulary: its id, its text and its bytes."""
    token = tokenizer.bytes_of(id)
    return {"id": id, "text": shown(token), "hex": hexadecimal(token)}


def shown_tokens(tokenizer: Tokenizer, ids: Iterable[int]) -> list[dict[str, Any]]:
    """Several tokens of the vocabulary."""
    return [shown_token(tokenizer, id) for id in ids]
