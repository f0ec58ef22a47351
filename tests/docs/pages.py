"""The pages that a user reads, taken apart: their links, their headings, their code."""

import re
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

from markdown_it import MarkdownIt
from markdown_it.token import Token

ROOT = Path(__file__).parents[2]
DOCS = ROOT / "docs"
PAGES = sorted([*ROOT.glob("*.md"), ROOT / "src/cutaway/bundled/storybook/README.md",
                *DOCS.rglob("*.md")])


@dataclass(frozen=True)
class Block:
    """A block of code.  language: the word behind the fence; line: where it begins, from 1"""

    language: str
    code: str
    line: int


def name_of(page: Path) -> str:
    """A page as the tests call it: "docs/how-to/add-an-engine.md"."""
    return page.relative_to(ROOT).as_posix()


def parsed(page: Path) -> list[Token]:
    """The page's tokens, tables and all."""
    return MarkdownIt("commonmark").enable("table").parse(page.read_text(encoding="utf-8"))


def links(page: Path) -> list[str]:
    """Where the links and the pictures of a page lead, as they are written."""
    inline = [child for token in parsed(page) for child in token.children or ()]
    return [str(child.attrs[name]) for child in inline for name in ("href", "src")
            if name in child.attrs]


def anchors(page: Path) -> set[str]:
    """The names of a page's headings in addresses, as GitHub makes them."""
    tokens = parsed(page)
    headings = [following.content for token, following in pairwise(tokens)
                if token.type == "heading_open"]
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


def blocks(page: Path, language: str = "") -> list[Block]:
    """The fenced blocks of a page, of one language or of all."""
    found = [Block(token.info, token.content, token.map[0] + 1)
             for token in parsed(page) if token.type == "fence" and token.map]
    return [block for block in found if language in ("", block.language)]


def table_rows(page: Path) -> list[list[str]]:
    """Every row of every table of a page, headings among them: the texts of its cells."""
    rows: list[list[str]] = []
    tokens = parsed(page)
    for token, following in pairwise(tokens):
        if token.type == "tr_open":
            rows.append([])
        elif token.type in ("td_open", "th_open"):
            rows[-1].append(following.content)
    return rows
