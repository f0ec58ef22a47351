"""Special tokens: marks such as <|endoftext|> that stand between texts, never inside one."""

import re
from collections.abc import Iterable, Iterator

END_OF_TEXT = "<|endoftext|>"


def split_at_special(text: str, special: Iterable[str]) -> Iterator[str]:
    """The text in pieces, each either one of the special tokens or free of them."""
    longest_first = sorted(special, key=len, reverse=True)
    pattern = "|".join(re.escape(mark) for mark in longest_first)
    if not pattern:
        yield text
        return
    yield from (piece for piece in re.split(f"({pattern})", text) if piece)


def marks_in(text: str, special: Iterable[str]) -> tuple[str, ...]:
    """The special tokens that are written in a text, each once, the first one first."""
    special = set(special)
    pieces = split_at_special(text, special) if any(mark in text for mark in special) else ()
    return tuple(dict.fromkeys(piece for piece in pieces if piece in special))


def looks_special(text: str) -> bool:
    """Whether a token is written like a mark: `<s>`, `<|endoftext|>`, `[PAD]`."""
    return len(text) > 2 and text[0] + text[-1] in ("<>", "[]")
