"""docs/shown.md: every item of the workshop has a line, and every place that a line names is there.

What the items are, 1 to 190, and which of them must be shown by now, is in the plan of the course;
whether a lesson shows what its head says is for a reader to judge.
"""

import re

import pytest

from cutaway.cli.group import SUMMARIES
from cutaway.course.read import lessons
from tests.docs.pages import DOCS, ROOT, table_rows

STATIC = ROOT / "src/cutaway/studio/static"
ALL = [f"W{number}" for number in range(1, 191)]
WANTED = ("W1-W64 W66 W67 W74 W88 W91 W92 W95-W115 W121-W123 W126-W147 W151 W161-W163 W165 "
          "W185-W187")
# Where the words of a place are, for those that are not all in a file or folder of its name.
ELSEWHERE = {
    "table": ["panels/table_view.js", "panels/change_menu.js", "drawings/*.js"],
    "picture": ["drawings/picture/*.js", "panels/products.js"],
    "writing": ["panels/generate.js", "panels/choice.js"],
    "goto": ["panels/palette.js"],
    "claims": ["panels/verified.js"],
}
ROWS = [row for row in table_rows(DOCS / "shown.md") if row[0] != "item"]


def items(words: str) -> list[str]:
    """W1-W3 W7 as W1, W2, W3, W7."""
    found = []
    for word in words.split():
        first, _, last = word.replace("W", "").partition("-")
        found += [f"W{number}" for number in range(int(first), int(last or first) + 1)]
    return found


def entries(file: str, name: str) -> set[str]:
    """The names of what an object of the page's code lists."""
    text = (STATIC / file).read_text(encoding="utf-8")
    body = re.search(rf"const {name} = {{(.*?)\n}};", text, re.DOTALL)
    assert body, f"{file} has no {name}"
    return set(re.findall(r"^  (\w+):", body[1], re.MULTILINE))


PLACES = (entries("app.js", "VIEWS") | entries("panels/table_view.js", "DRAWINGS")
          | entries("panels/tabs.js", "TABS") | entries("panels/dialogs.js", "SHOWN")
          | {"table", "map", "top", "inspector"})


def words_of(place: str) -> str:
    """All that stands in the code of a place of the page, with single spaces."""
    patterns = [f"panels/{place}.js", f"panels/{place}/*.js", *ELSEWHERE.get(place, [])]
    files = [file for pattern in patterns for file in sorted(STATIC.glob(pattern))]
    assert files, f"the page has no code for {place!r}"
    return " ".join(" ".join(file.read_text(encoding="utf-8") for file in files).split())


def is_there(place: str) -> bool:
    """Whether a lesson, a place of the page or a verb exists."""
    if found := re.fullmatch(r"lesson (\d+)", place):
        return any(one.number == int(found[1]) for one in lessons())
    if found := re.fullmatch(r"`cutaway ([a-z-]+)`", place):
        return found[1] in SUMMARIES
    name, _, words = place.removeprefix("page: ").partition(", ")
    return place.startswith("page: ") and name in PLACES and words in words_of(name)


def places(where: str) -> list[str]:
    return [place for place in where.split("; ") if place]


def test_every_item_has_one_line_in_order_and_says_how_far_it_is_shown():
    assert [row[0] for row in ROWS] == ALL
    for item, words, where, how in ROWS:
        assert words and (how in ("shown", "not yet") or how.startswith("partly: ")), item
        assert bool(places(where)) == (how != "not yet"), item


@pytest.mark.parametrize("place", sorted({place for row in ROWS for place in places(row[2])}))
def test_every_place_that_is_named_exists(place):
    assert is_there(place)


def test_a_place_that_does_not_exist_is_found_out():
    assert not any(map(is_there, ["lesson 99", "`cutaway dance`", "page: attic", "overview",
                                  "page: tokens, no such words", "page: tokens/.., Learn"]))


def test_the_lessons_that_a_line_names_are_those_that_say_they_show_it():
    told = {item: [f"lesson {one.number}" for one in lessons() if item in one.shows]
            for item in ALL}
    for item, _, where, how in ROWS:
        assert [one for one in places(where) if one.startswith("lesson")] == told[item], item
        assert how == "shown" or not told[item], f"{item}: a lesson says that it shows it"


def test_what_the_course_is_to_show_is_shown():
    shown = {row[0] for row in ROWS if row[3] == "shown"}
    assert [item for item in items(WANTED) if item not in shown] == []
