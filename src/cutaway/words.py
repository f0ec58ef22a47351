"""How things are said in messages, the same everywhere."""

from collections.abc import Iterable, Sequence
from difflib import get_close_matches


def did_you_mean(wrong: str, names: Iterable[str]) -> str:
    """" Did you mean 'h3.attention'?", or nothing when no name is near."""
    near = get_close_matches(wrong, dict.fromkeys(names), n=3, cutoff=0.6)
    return f" Did you mean {' or '.join(map(repr, near))}?" if near else ""


def in_one_line(text: str, most: int) -> str:
    """A text as one line of at most so many characters, each of which can be seen."""
    line = " ".join("".join(one if one.isprintable() else " " for one in text).split())
    return line if len(line) <= most else f"{line[:most - 3]}..."


def shape_in_words(shape: Sequence[int]) -> str:
    """A shape as people write it: 50257 x 768, or "a single number"."""
    return " x ".join(map(str, shape)) or "a single number"
