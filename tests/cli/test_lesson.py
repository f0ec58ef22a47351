"""`cutaway lesson`: the list, a lesson told and asked in the terminal, and on paper."""

import json
import re
from pathlib import Path

import pytest

from cutaway.course.lesson import Ask
from cutaway.course.read import find_lesson, lessons
from cutaway.tokenizer import Tokenizer, learn_merges
from tests.cli.conftest import TEXT, write_model

ATTENTION = "5"


@pytest.fixture(autouse=True)
def home(tmp_path, monkeypatch):
    """A home where no lesson was read yet."""
    monkeypatch.setenv("CUTAWAY_HOME", str(tmp_path / "home"))


@pytest.fixture
def person(monkeypatch):
    """Somebody who answers, though what they type comes from a test."""
    monkeypatch.setattr("cutaway.cli.lesson._is_a_person", lambda: True)


def test_the_list_shows_every_lesson_and_how_far_it_was_read(cutaway):
    page = cutaway("lesson").stdout
    assert all(one.title in page for one in lessons())
    listed = json.loads(cutaway("lesson", "--json").stdout)
    assert [one["number"] for one in listed] == [one.number for one in lessons()]
    assert not any(one["done"] for one in listed)


def test_a_lesson_in_a_pipe_has_its_answers_and_leaves_no_trace(cutaway):
    page = cutaway("lesson", ATTENTION).stdout
    asks = sum(len(piece.asks()) for piece in find_lesson(ATTENTION).pieces)
    assert page.count("Your turn") == asks
    assert len(re.findall("The answer:|One way:", page)) == asks
    assert "{" not in page
    assert not any(one["done"] for one in json.loads(cutaway("lesson", "--json").stdout))


def test_somebody_guesses_wrong_asks_for_the_answers_and_goes_on_later(cutaway, person):
    lesson = find_lesson(ATTENTION)
    first = next(place for place, piece in enumerate(lesson.pieces) if piece.asks())
    typed = "\n" * first + "no such answer\n?\n"
    page = cutaway("lesson", ATTENTION, input=typed).output
    how = lesson.pieces[first].asks()[0].how
    said = {"pick": "Not that one.", "number": "is no number", "choose": "none of the answers",
            "change": "changes nothing"}[how]
    assert said in page and re.search("The answer:|One way:", page)
    place = next(one for one in json.loads(cutaway("lesson", "--json").stdout)
                 if one["name"] == lesson.name)
    assert place["piece"] >= first + 1 and not place["done"]  # the input ended before the lesson


def test_a_lesson_that_is_gone_through_is_done(cutaway, person):
    page = cutaway("lesson", ATTENTION, input="?\n" * 60).output
    assert "Try it" in page
    place = next(one for one in json.loads(cutaway("lesson", "--json").stdout)
                 if one["number"] == int(ATTENTION))
    assert place["done"]


def test_a_handout_has_the_answers_at_its_end_or_not_at_all(cutaway):
    lesson = find_lesson(ATTENTION)
    without = cutaway("lesson", ATTENTION, "--handout").stdout
    with_answers = cutaway("lesson", ATTENTION, "--handout", "--answers").stdout
    assert with_answers.startswith(without.rstrip("\n"))
    assert "## The answers" not in without
    after = without.partition("**1.**")[2].partition("\n## ")[0]  # the rest of the first piece
    shown = [line for line in after.splitlines() if line.startswith("- Look at")]
    assert shown == ["- Look at `h4.attention`"]  # and not at the cell that is asked for
    n_asked = sum(isinstance(part, Ask) for piece in lesson.pieces for part in piece.parts)
    assert len(re.findall(r"^\d+\. ", with_answers.partition("## The answers")[2],
                          re.MULTILINE)) >= n_asked


def test_a_handout_in_a_file_is_html_where_its_name_says_so(cutaway, tmp_path):
    cutaway("lesson", ATTENTION, "--handout", "-o", "page.html")
    page = (tmp_path / "page.html").read_text(encoding="utf-8")
    assert page.startswith("<!doctype html>") and "<h1>" in page and "<script" not in page
    assert not re.search(r"(src|href)=", page)


@pytest.mark.parametrize(("arguments", "words"), [
    (["99"], "There is no lesson '99'. The lessons are: "),
    (["--handout"], "Which lesson?"),
    ([ATTENTION, "--answers"], "belong to --handout"),
    ([ATTENTION, "--piece", "50"], "pieces."),
])
def test_what_cannot_be_told_is_said(cutaway, arguments, words):
    result = cutaway("lesson", *arguments)
    assert result.exit_code in (1, 2)
    assert words in " ".join(result.output.split())


@pytest.fixture
def another(tmp_path) -> Path:
    """A model with fewer blocks and heads than the lessons speak of."""
    folder = tmp_path / "another"
    tokenizer = Tokenizer.from_merges([merge.pair for merge in learn_merges(TEXT, 60)])
    tokenizer.save(folder)
    write_model(folder, len(tokenizer), seed=2, n_positions=256)
    return folder


@pytest.mark.parametrize("lesson", lessons(), ids=lambda one: one.name)
def test_another_model_has_numbers_of_its_own_or_none(cutaway, another, lesson):
    told = cutaway("lesson", lesson.number, "--model", another)
    assert told.exit_code == 0, told.output
    assert ("told of the model storybook" in " ".join(told.output.split())) == bool(lesson.told_of)
    paper = cutaway("lesson", lesson.number, "--handout", "--answers", "--model", another)
    assert paper.exit_code == 0, paper.output


def test_a_model_with_too_few_positions_says_so(cutaway, tiny):
    result = cutaway("lesson", ATTENTION, "--model", tiny)
    assert result.exit_code == 1
    assert "this model has 24 positions" in result.output
