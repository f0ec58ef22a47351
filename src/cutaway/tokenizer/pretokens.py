"""The first thing that happens to a text: it is cut into pieces, and no token crosses a cut.

The pieces are words with the space in front of them, numbers, punctuation, and runs of spaces.
Without the cuts, learning would waste its vocabulary on "dog.", "dog!" and "dog?".
"""

import re
from collections.abc import Iterator
from functools import cache
from typing import TYPE_CHECKING

from cutaway.tokenizer.classes import with_this_table

if TYPE_CHECKING:
    import regex

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
    if text.isascii():
        yield from ascii_pretokens(text)
        return
    for match in _pattern().finditer(text):
        yield match.group()


@cache
def _pattern() -> "regex.Pattern[str]":
    import regex  # unlike re it knows \p{L}, any script's letters; OpenAI's code uses it too

    return regex.compile(with_this_table(PATTERN))


def ascii_pretokens(text: str) -> list[str]:
    """The same pieces of a text in ASCII, without what other scripts need.  Any other text: no."""
    return _ascii_pattern().findall(text)


@cache
def _ascii_pattern() -> re.Pattern[str]:
    return re.compile(ASCII_PATTERN)
