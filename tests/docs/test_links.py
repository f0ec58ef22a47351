"""Every link of the documentation leads somewhere, and every page is reached from its door."""

import re

import pytest

from tests.docs.pages import DOCS, PAGES, ROOT, anchors, links, name_of, parsed

INDEX = DOCS / "index.md"
ELSEWHERE = ("https://", "mailto:")
FILES = [file.as_posix() for folder in ("src", "tests", "docs", "bench", "examples")
         for file in (ROOT / folder).rglob("*.*")]
FILES += [file.as_posix() for file in (*ROOT.glob("tools/*.*"), *ROOT.glob("tools/page/*.*"))]


def targets(page):
    """(link, file, fragment) of every link of a page that leads to this repository."""
    for link in links(page):
        if not link.startswith(ELSEWHERE):
            path, _, fragment = link.partition("#")
            yield link, (page.parent / path).resolve() if path else page, fragment


@pytest.mark.parametrize("page", PAGES, ids=name_of)
def test_every_link_leads_to_a_file_and_a_heading_that_are_there(page):
    wrong = [link for link, file, fragment in targets(page)
             if not file.exists() or ROOT not in file.parents
             or (fragment and fragment not in anchors(file))]
    assert not wrong


def test_the_index_leads_to_every_page():
    reached = {file for _, file, _ in targets(INDEX)}
    assert set(PAGES) - reached <= {INDEX, ROOT / "README.md"}


def test_the_readme_leads_to_the_index():
    assert INDEX in {file for _, file, _ in targets(ROOT / "README.md")}


def test_the_index_says_of_each_page_what_it_is_for():
    """A list entry is a link and a sentence behind it."""
    entries = [line for line in INDEX.read_text(encoding="utf-8").splitlines()
               if line.startswith("- ")]
    assert len(entries) >= len(PAGES) - 2
    assert all(line.startswith("- [") and "): " in line and line.endswith(".") for line in entries)


CODE_FILE = re.compile(r"[\w./-]+\.(?:py|js|mjs|css|md|toml|txt)")
MADE = re.compile(r"Make `([^`]+)`:")  # what the reader of a how-to makes


def files_named(page) -> set[str]:
    """The files of this repository that a page names in code: `train/loop.py`."""
    made = set(MADE.findall(page.read_text(encoding="utf-8")))
    inline = [child for token in parsed(page) for child in token.children or ()]
    return {child.content for child in inline if child.type == "code_inline"
            and "/" in child.content and CODE_FILE.fullmatch(child.content)} - made


@pytest.mark.parametrize("page", PAGES, ids=name_of)
def test_every_file_that_is_named_in_code_is_there(page):
    assert not [name for name in files_named(page)
                if not any(path.endswith(f"/{name.removeprefix('./')}") for path in FILES)]


def test_files_are_named_on_these_pages():
    assert len(files_named(DOCS / "architecture.md")) > 5
