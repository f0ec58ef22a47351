"""Which characters are letters, numbers and spaces: one table for every way from text to ids.

Unicode gains letters every year, and each library brings the table of another year. The table here
is that of tiktoken, by which the fast path cuts. The plain way, the databases and the spreadsheets
take it from here, so that a text has the same ids everywhere.
"""

import sys
from functools import cache

import numpy as np

SIGNS = {"letter": r"\p{L}", "number": r"\p{N}", "space": r"\s"}
SURROGATES = range(0xD800, 0xE000)  # code points that are no characters


@cache
def character_classes() -> tuple[tuple[int, int, str], ...]:
    """The ranges of Unicode's characters that the pattern tells apart: first, last, class.

    A class is "letter", "number", "space" or "other". Who cannot match the pattern can look the
    characters up, and decide from a character's class and its neighbours' where a piece begins.
    """
    kinds = np.zeros(sys.maxunicode + 1, np.uint8)
    for number, sign in enumerate(SIGNS.values(), 1):
        kinds[_by_tiktoken(sign)] = number
    names, found = ("other", *SIGNS), []
    for points in (range(SURROGATES.start), range(SURROGATES.stop, sys.maxunicode + 1)):
        here = kinds[points.start:points.stop]
        firsts = [0, *(np.flatnonzero(here[1:] != here[:-1]) + 1).tolist()]
        for first, end in zip(firsts, [*firsts[1:], len(here)], strict=True):
            found.append((points.start + first, points.start + end - 1, names[here[first]]))
    return tuple(found)


def with_this_table(pattern: str) -> str:
    r"""The same pattern for the module `regex`, which knows another year's \p{L}, \p{N} and \s."""
    for sign in SIGNS.values():
        ours, theirs = _by_tiktoken(sign), _by_regex(sign)
        less, more = np.setdiff1d(theirs, ours), np.setdiff1d(ours, theirs)
        if less.size:
            pattern = pattern.replace(sign, f"[{sign}--[{_set_of(less)}]]")
        if more.size:
            pattern = pattern.replace(sign, f"[{sign}[{_set_of(more)}]]")
    return f"(?V1){pattern}"  # version 1 of the module's patterns: sets within sets


@cache
def _by_tiktoken(sign: str) -> np.ndarray:
    """The code points of a class. What a pattern does not match, tiktoken leaves out."""
    import tiktoken

    alone = tiktoken.Encoding("one class", pat_str=sign, special_tokens={},
                              mergeable_ranks={bytes([byte]): byte for byte in range(256)})
    return _code_points(bytes(alone.encode_ordinary(_all_characters())).decode())


def _by_regex(sign: str) -> np.ndarray:
    import regex

    return _code_points("".join(regex.findall(f"{sign}+", _all_characters())))


@cache
def _all_characters() -> str:
    points = np.arange(sys.maxunicode + 1, dtype="<u4")
    return np.delete(points, SURROGATES).tobytes().decode("utf-32-le")


def _code_points(text: str) -> np.ndarray:
    return np.frombuffer(text.encode("utf-32-le"), "<u4")


def _set_of(points: np.ndarray) -> str:
    r"""Code points in the brackets of a pattern: \U0000A7D2-\U0000A7D4"""
    runs = np.split(points, np.flatnonzero(np.diff(points) > 1) + 1)
    return "".join(f"\\U{run[0]:08X}-\\U{run[-1]:08X}" for run in runs)
