"""What a model's card says of it in one sentence."""

import re
from pathlib import Path

from cutaway.errors import CutawayError
from cutaway.reading import expect_file
from cutaway.words import in_one_line

MOST_READ = 65_536     # bytes of a card
MOST_SAID = 180        # characters of its sentence
HEAD = re.compile(r"\A---\s*$.*?^---\s*$", re.DOTALL | re.MULTILINE)
CODE = re.compile(r"^```.*?(?:^```|\Z)", re.DOTALL | re.MULTILINE)
UNDERLINED = re.compile(r"\n\s*(?:=+|-+)\s*(?:\n|\Z)")
LINK = re.compile(r"\[([^\[\]]*)\]\([^()\s]*\)")
MARKS = re.compile(r"[*`]+")
SENTENCE = re.compile(r"(.+?[.!?])(?:\s|\Z)", re.DOTALL)


def sentence_of_card(card: Path | None) -> str:
    """The first sentence of a card's prose; "" where it has none, or no card.

    Headings, tables, lists, pictures, code and what only leads elsewhere are passed over.
    """
    if card is None:
        return ""
    try:
        expect_file(card)
        with card.open("rb") as file:
            text = file.read(MOST_READ).decode("utf-8", "replace")
    except (OSError, CutawayError):
        return ""
    text = CODE.sub("\n", HEAD.sub("", text.replace("\r\n", "\n")))
    for paragraph in re.split(r"\n\s*\n", text):
        words = MARKS.sub("", LINK.sub(r"\1", paragraph)).strip()
        if not words[:1].isalpha() or UNDERLINED.search(words) or "|" in words:
            continue
        sentence = SENTENCE.match(words)
        said = sentence[1] if sentence else words
        if "://" not in said:
            return in_one_line(said, MOST_SAID)
    return ""
