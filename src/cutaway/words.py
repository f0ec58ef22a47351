"""How things are said in messages, the same everywhere, and how a stranger's words are said.

Names of files and folders, tokens, tensors and whatever a file holds may be commands to a terminal.
They pass one of these on their way out:

    harmless(text)          any text for a terminal: \\x1b in place of the escape character
    message(text)           the same for an error, cut in the middle where it is very long
    quoted(token)           a token between quotation marks, in which every space is seen
    in_one_line(name, 100)  a name inside of a message

CSV has its own rules: `studio/share/labels.py`.
"""

import re
from collections.abc import Iterable, Sequence
from difflib import get_close_matches

LONGEST_MESSAGE = 8_000  # characters: a hundred lines of a terminal
LONGEST_WORD = 1_000  # characters without a space: a number, a name; the longest paths pass
LONG_WORD = re.compile(rf"\S{{{LONGEST_WORD + 1},}}")
# Control characters but tab and line feed, halves of pairs, and what turns the direction of text:
# what a terminal obeys, and what shows a text in another order than it has.
STEERING = re.compile("[\0-\x08\x0b-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069"
                      "\ud800-\udfff]")


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


def harmless(text: str) -> str:
    """Running text in which no character can steer a terminal; line breaks and tabs stay.

    harmless("one\\n\\x1b[31m")     "one\\n\\\\x1b[31m"
    """
    return STEERING.sub(lambda found: _escaped(found[0]), text)


def message(text: str) -> str:
    """A message for people: harmless, and without its middle where it is longer than anybody reads.
    The same holds for every word of it.

    The beginning says what was found, and the end what to do.
    """
    text = LONG_WORD.sub(_shortened, harmless(text))
    left_out = len(text) - LONGEST_MESSAGE
    if left_out <= 0:
        return text
    end = LONGEST_MESSAGE // 4
    return (f"{text[:LONGEST_MESSAGE - end]} [... {left_out:,} characters are left out ...] "
            f"{text[-end:]}")


def _shortened(word: re.Match[str]) -> str:
    left_out = len(word[0]) - LONGEST_WORD // 2
    return f"{word[0][:LONGEST_WORD // 4]}[... {left_out:,} ...]{word[0][-LONGEST_WORD // 4:]}"


def quoted(text: str) -> str:
    """A token between quotation marks, so that its spaces are seen; nothing in it is invisible."""
    mark = "'" if '"' in text else '"'
    return mark + "".join(c if c.isprintable() else _escaped(c) for c in text) + mark


def _escaped(character: str) -> str:
    return character.encode("unicode_escape").decode("ascii")
