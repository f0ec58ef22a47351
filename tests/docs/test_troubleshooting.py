"""docs/troubleshooting.md: each message on it is one that Cutaway says, word for word."""

import ast
import re
from collections.abc import Iterator

import pytest

from tests.docs.pages import DOCS, ROOT

PAGE = DOCS / "troubleshooting.md"
MESSAGES = re.findall(r"^### `(.*)`$", PAGE.read_text(encoding="utf-8"), flags=re.MULTILINE)
SOURCE = ROOT / "src" / "cutaway"
GAP = "\0"  # where a name or a number is put in


def said() -> Iterator[str]:
    """Every text of the Python source, and the texts of the page's code."""
    for file in SOURCE.rglob("*.py"):
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
            if isinstance(node, ast.JoinedStr):
                yield "".join(str(part.value) if isinstance(part, ast.Constant) else GAP
                              for part in node.values)
            elif isinstance(node, ast.Constant) and isinstance(node.value, str):
                yield node.value
    for file in (SOURCE / "studio" / "static").glob("*.js"):
        yield file.read_text(encoding="utf-8")


TEXTS = [*said()]


def is_said(message: str) -> bool:
    """Whether the pieces between the gaps are in one text, in their order."""
    pieces = [re.escape(piece.strip()) for piece in message.split("...") if piece.strip()]
    return any(re.search(".*".join(pieces), text, flags=re.DOTALL) for text in TEXTS)


@pytest.mark.parametrize("message", MESSAGES)
def test_a_message_of_the_page_is_in_the_source(message):
    assert is_said(message)


def test_what_nobody_says_is_found_out():
    assert not is_said("There is no such thing as ... a free lunch")
    assert len(MESSAGES) >= 20
