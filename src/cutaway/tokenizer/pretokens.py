"""The first thing that happens to a text: it is cut into pieces, and no token crosses a cut.

The pieces are words with the space in front of them, numbers, punctuation, and runs of spaces.
Without the cuts, learning would waste its vocabulary on "dog.", "dog!" and "dog?".
"""

import re
import sys
from collections.abc import Iterator
from functools import cache

# Source: openai/gpt-2, src/encoder.py (2019). Contractions are matched in lower case only.
PATTERN = (r"'(?:[sdmt]|ll|ve|re)"    # 's 't 're 've 'm 'll 'd
           r"| ?\p{L}+"               # letters of any script, with one space before them
           r"| ?\p{N}+"               # digits and other numbers
           r"| ?[^\s\p{L}\p{N}]+"     # everything else that is no space
           r"|\s+(?!\S)"              # spaces, but the last stays for the word that follows
           r"|\s+")
# The same for ASCII, where `re` knows all classes: it is at hand, while `regex` has to be imported.
ASCII_PATTERN = (r"(?a:'(?:[sdmt]|ll|ve|re)"
                 r"| ?[A-Za-z]+"
                 r"| ?[0-9]+"
                 r"| ?[^\sA-Za-z0-9]+"
                 r"|\s+(?!\S)"
                 r"|\s+)")


def pretokens(text: str) -> Iterator[str]:
    """The pieces of a text, in order; joined, they are the text again."""
    import regex  # unlike re it knows \p{L}, any script's letters; OpenAI's code uses it too

    for match in regex.finditer(PATTERN, text):
        yield match.group()


def ascii_pretokens(text: str) -> list[str]:
    """The same pieces of a text in ASCII, without what other scripts need.  Any other text: no."""
    return _ascii_pattern().findall(text)


@cache
def _ascii_pattern() -> re.Pattern[str]:
    return re.compile(ASCII_PATTERN)


SURROGATES = range(0xD800, 0xE000)  # code points that are no characters


def character_classes() -> Iterator[tuple[int, int, str]]:
    """The ranges of Unicode's characters that the pattern tells apart: first, last, class.

    A class is "letter", "number", "space" or "other". Who cannot match the pattern can look the
    characters up, and decide from a character's class and its neighbours' where a piece begins.
    """
    import regex

    kinds = regex.compile(r"(?P<letter>\p{L}+)|(?P<number>\p{N}+)|(?P<space>\s+)"
                          r"|(?P<other>[^\s\p{L}\p{N}]+)")
    for points in (range(SURROGATES.start), range(SURROGATES.stop, sys.maxunicode + 1)):
        for run in kinds.finditer("".join(map(chr, points))):
            yield points.start + run.start(), points.start + run.end() - 1, str(run.lastgroup)
