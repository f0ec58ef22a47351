"""Which rows of two prompts are laid beside each other when their tables are compared."""

from collections.abc import Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from typing import Literal

How = Literal["start", "end", "word"]


@dataclass(frozen=True)
class Alignment:
    """Pairs of positions, in order: each one of `before` is beside the same place of `after`."""

    how: How
    before: tuple[int, ...]
    after: tuple[int, ...]


def align(before: Sequence[str], after: Sequence[str], how: How | None = None) -> Alignment:
    """The rows of two prompts side by side.

        align(["M", "ike", " ran"], ["Old", " M", "ike", " ran"])    # by the word: 3 pairs

    before, after  the texts of the tokens
    how            from the start, from the end, or equal words beside each other; without it what
                   suits: from the start where both are equally long or go on from one beginning,
                   by the word where words are equal, else from the end, which predicts
    """
    if how is not None:
        return _WAYS[how](before, after)
    start, end, word = (way(before, after) for way in _WAYS.values())
    if len(before) == len(after) or word.before == word.after == start.before:
        return start
    same = (word.before, word.after) == (end.before, end.after)
    return word if word.before and not same else end


def _from_start(before: Sequence[str], after: Sequence[str]) -> Alignment:
    both = tuple(range(min(len(before), len(after))))
    return Alignment("start", both, both)


def _from_end(before: Sequence[str], after: Sequence[str]) -> Alignment:
    both = range(min(len(before), len(after)), 0, -1)
    return Alignment("end", tuple(len(before) - place for place in both),
                     tuple(len(after) - place for place in both))


def _by_word(before: Sequence[str], after: Sequence[str]) -> Alignment:
    """Equal words, with or without the space in front, and what is between the same neighbours.

    The tokens of a stretch are paired from its end: a word's last token knows the whole word.
    """
    left, right = _words(before), _words(after)
    pairs: list[tuple[int, int]] = []
    equal = False
    matcher = SequenceMatcher(None, [word for word, _ in left], [word for word, _ in right],
                              autojunk=False)
    for tag, begin, end, other_begin, other_end in matcher.get_opcodes():
        if tag == "equal":
            equal = True
            for (_, mine), (_, theirs) in zip(left[begin:end], right[other_begin:other_end],
                                              strict=True):
                pairs += _paired(mine, theirs)
        elif tag == "replace":
            pairs += _paired([place for _, places in left[begin:end] for place in places],
                             [place for _, places in right[other_begin:other_end]
                              for place in places])
    pairs = pairs if equal else []
    return Alignment("word", tuple(mine for mine, _ in pairs), tuple(other for _, other in pairs))


def _paired(mine: Sequence[int], theirs: Sequence[int]) -> list[tuple[int, int]]:
    count = min(len(mine), len(theirs))
    return list(zip(mine[len(mine) - count:], theirs[len(theirs) - count:], strict=True))


def _words(tokens: Sequence[str]) -> list[tuple[str, list[int]]]:
    """The words of some tokens, each with its places: one begins at a space, and where letters
    become signs."""
    words: list[tuple[str, list[int]]] = []
    for place, text in enumerate(tokens):
        bare = text.strip()
        letters = bare.isalnum()
        if words and words[-1][0] and letters and text[:1] == bare[:1] \
                and words[-1][0][-1].isalnum():
            word, places = words[-1]
            words[-1] = (word + bare, [*places, place])
        else:
            words.append((bare, [place]))
    return words


_WAYS = {"start": _from_start, "end": _from_end, "word": _by_word}
