"""The glossary: what each word means, from docs/glossary.md, its one source.

    find("softmax").spreadsheet      # 'EXP(x)/SUM(EXP(row))'

The file is read as it is: tables of two columns (word, meaning), or of four (word, meaning, a small
example, what a spreadsheet has for it), under headings. An installed package has it beside this
module.
"""

import re
from dataclasses import dataclass
from functools import cache
from pathlib import Path

KINDS = {"Operations": "operation", "Signs": "sign", "Axes": "axis", "Constants": "constant",
         "On the page": "page"}
WORD = "word"  # the kind of what stands under no heading
ROW = re.compile(r"^\| \*\*(?P<words>.+?)\*\* \| (?P<cells>.+) \|$")


@dataclass(frozen=True)
class Entry:
    """A word, and what it means.

    kind         "operation", "sign", "axis", "constant", "page" or "word"
    meaning      one sentence or a few, with Markdown's `code` and **strong** in it
    example      a small one; "" where the glossary has none
    spreadsheet  what a spreadsheet has for it; "" where it has nothing
    """

    word: str
    kind: str
    meaning: str
    example: str = ""
    spreadsheet: str = ""


@cache
def entries() -> tuple[Entry, ...]:
    """All entries, in the order of the file; a row that explains several words, once for each."""
    found, kind = [], WORD
    for line in _text().splitlines():
        if line.startswith("## "):
            kind = KINDS.get(line[3:].strip(), WORD)
        elif row := ROW.match(line):
            cells = [cell.strip() for cell in row["cells"].split(" | ")]
            words = row["words"].replace("\\", "")
            found += [Entry(word, kind, *cells) for word in words.split(", ")]
    return tuple(found)


def find(word: str) -> Entry | None:
    """The entry of a word: an operation's before a sign's, an axis's, and so on."""
    of_word = [entry for entry in entries() if entry.word.lower() == word.lower()]
    order = [*KINDS.values(), WORD]
    return min(of_word, key=lambda entry: order.index(entry.kind), default=None)


def _text() -> str:
    beside = Path(__file__).with_name("glossary.md")
    source = Path(__file__).parents[2] / "docs" / "glossary.md"  # where the package is edited
    return (beside if beside.exists() else source).read_text(encoding="utf-8")
