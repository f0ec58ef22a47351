"""The first thing that happens to a text: it is cut into pieces, and no token crosses a cut.

The pieces are words with the space in front of them, numbers, punctuation, and runs of spaces.
Without the cuts, learning would waste its vocabulary on "dog.", "dog!" and "dog?".
"""

from collections.abc import Iterator

# Source: openai/gpt-2, src/encoder.py (2019). Contractions are matched in lower case only.
PATTERN = (r"'(?:[sdmt]|ll|ve|re)"    # 's 't 're 've 'm 'll 'd
           r"| ?\p{L}+"               # letters of any script, with one space before them
           r"| ?\p{N}+"               # digits and other numbers
           r"| ?[^\s\p{L}\p{N}]+"     # everything else that is no space
           r"|\s+(?!\S)"              # spaces, but the last stays for the word that follows
           r"|\s+")


def pretokens(text: str) -> Iterator[str]:
    """The pieces of a text, in order; joined, they are the text again."""
    import regex  # unlike re it knows \p{L}, any script's letters; OpenAI's code uses it too

    for match in regex.finditer(PATTERN, text):
        yield match.group()
