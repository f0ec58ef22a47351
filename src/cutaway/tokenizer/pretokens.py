"""The first thing that happens to a text: it is cut into pieces, and no token crosses a cut.

The pieces are words with the space in front of them, numbers, punctuation, and runs of spaces.
Without the cuts, learning would waste its vocabulary on "dog.", "dog!" and "dog?".
"""

import re
from collections.abc import Iterator
from functools import cache
from typing import TYPE_CHECKING

from cutaway.tokenizer.classes import with_this_table
from cutaway.tokenizer_rule import GPT2_RULE, TokenizerRule

if TYPE_CHECKING:
    import regex

PATTERN = GPT2_RULE.pattern


def pretokens(text: str, rule: TokenizerRule = GPT2_RULE) -> Iterator[str]:
    """The pieces of a text, in order; joined, they are the text again.

    What the rule's pattern leaves out is a piece by itself, as Hugging Face's `Split` has it.
    """
    if rule.ascii_pattern and text.isascii():
        yield from _compiled(rule.ascii_pattern).findall(text)
        return
    end = 0
    for match in compiled_pattern(rule.pattern).finditer(text):
        if match.start() > end:
            yield text[end:match.start()]
        if match.end() > match.start():
            yield match.group()
        end = match.end()
    if end < len(text):
        yield text[end:]


@cache
def compiled_pattern(pattern: str) -> "regex.Pattern[str]":
    """A rule's pattern, with this package's table of characters.  Raises:  regex.error"""
    import regex  # unlike re it knows \p{L}, any script's letters; OpenAI's code uses it too

    return regex.compile(with_this_table(pattern))


def ascii_pretokens(text: str) -> list[str]:
    """GPT-2's pieces of a text in ASCII, without what other scripts need.  Any other text: no."""
    return _compiled(GPT2_RULE.ascii_pattern).findall(text)


@cache
def _compiled(pattern: str) -> re.Pattern[str]:
    return re.compile(pattern)
