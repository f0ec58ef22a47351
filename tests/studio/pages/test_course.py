"""A lesson beside the workbook, as somebody goes through it; its numbers are the library's own."""

import pytest
from playwright.sync_api import expect

from cutaway.course.lesson import Ask
from cutaway.course.read import find_lesson
from tests.studio.pages.visitor import Visitor

SHE = "Tom and Lily went to the park. She was happy because"
BOY = "The girl saw the boy. The boy was sad because"


@pytest.fixture
def lesson(visit):
    """The lesson on attention, opened from the map after a change of one's own."""
    visit.ask("change", change={"kind": "numbers", "table": "h3.attention", "cells": {"head": 1},
                                "value": 0})
    visit.until("cutaway.book.value.moved.length > 0")
    visit.map.get_by_role("button", name="lessons", exact=True).click()
    visit.page.get_by_role("button", name="Attention: tokens talk").last.click()
    visit.page.locator(".lesson-progress button").first.click()  # another test may have read on
    visit.until("cutaway.book.value.prompt === arguments[0]".replace("arguments[0]", repr(SHE)))
    return visit


def column(visit: Visitor):
    return visit.page.get_by_role("complementary", name="Lesson")


def waiting(visit: Visitor):
    """The question that has no answer yet."""
    return column(visit).locator(".lesson-ask:not(.over)")


def go_on(visit: Visitor, heading: str) -> None:
    column(visit).get_by_role("button", name="Go on").click()
    expect(column(visit).get_by_role("heading", name=heading)).to_be_focused()


def read_to_the_end(visit: Visitor, right: int) -> None:
    """On to the end, which says how it went, and back; nothing makes the page itself scroll."""
    told = column(visit)
    while not told.get_by_role("heading", name="Lesson 5 is read").is_visible():
        assert visit.page.evaluate("document.documentElement.scrollHeight <= innerHeight")
        heading = told.locator("h3").text_content()
        told.locator(".lesson-steps button").nth(1).click()
        expect(told.locator("h3")).not_to_have_text(heading)
    questions = sum(isinstance(part, Ask) for piece in find_lesson("5").pieces
                    for part in piece.parts)
    expect(told).to_contain_text(f"You have answered {right} of its {questions} questions")
    expect(told.get_by_role("button", name=f"Next: {find_lesson('6').title}")).to_be_visible()
    expect(told.locator(".lesson-list li")).not_to_have_count(0)  # where the others wait
    told.get_by_role("button", name="Close the lesson").click()
    expect(visit.map).to_be_visible()


def test_a_lesson_is_guessed_shown_changed_and_gone_on_with(lesson, model):
    share = model.run(SHE)["h4.attention"].select(head=4, position=" She")
    pieces, told = [piece.title for piece in find_lesson("5").pieces], column(lesson)
    expect(lesson.page.get_by_text("Yours is kept as it was")).to_be_visible()
    assert lesson.state()["cursor"] <= 1 and not lesson.state()["moved"]  # a workbook of its own

    # A wrong guess gets its reason, and not what comes after.
    tom = f"{share.select(source='Tom').array * 100:.0f} %"
    waiting(lesson).get_by_role("button", name="Tom").click()
    expect(waiting(lesson)).to_contain_text(tom)
    expect(told.get_by_text("Each row is a token that listens")).to_have_count(0)
    waiting(lesson).get_by_role("button", name="Lily").click()
    lily = f"{share.select(source=' Lily').array * 100:.0f} %"
    expect(told.locator(".lesson-ask.over")).to_contain_text(lily)
    expect(told.locator(".lesson-ask")).to_have_count(2)

    # A number, with the keyboard alone; a word instead of a number is told so.
    guess = told.get_by_role("textbox", name="Your guess")
    guess.fill("one")
    guess.press("Enter")
    expect(waiting(lesson).get_by_role("alert")).to_contain_text("is no number")
    expect(waiting(lesson)).not_to_contain_text("Not yet")
    guess.fill("-1000")
    guess.press("Enter")
    expect(waiting(lesson)).to_contain_text("Too low.")
    guess.fill("100 %")
    guess.press("Enter")
    expect(told.locator(".lesson-ask.over")).to_have_count(2)
    expect(told.get_by_text("Each row is a token that listens")).to_have_count(1)
    lesson.settled("h4.attention", head=4)
    assert lesson.page.evaluate("cutaway.cell.value.row") == 8
    assert lesson.page.evaluate("cutaway.drawing.value") == "heat"
    told.get_by_role("button", name="What is attention?").click()
    expect(lesson.page.get_by_role("group", name="What attention is")).to_contain_text("step 7")
    lesson.page.keyboard.press("Escape")

    # A picture of one cell, which is selected though the grid lies below the drawing.
    go_on(lesson, pieces[1])
    expect(lesson.page.locator(".pic-stage").first).to_contain_text("attention @ values")
    assert lesson.page.evaluate("cutaway.cell.value.row") == 8

    # A reload goes on where one was, with what was answered.
    lesson.page.reload()
    expect(column(lesson).get_by_role("heading", name=pieces[1])).to_be_visible()
    assert len(lesson.page.evaluate(
        "() => Object.keys(JSON.parse(sessionStorage['cutaway-lesson-answers']).verdicts)")) == 2
    go_on(lesson, pieces[2])
    go_on(lesson, pieces[3])
    go_on(lesson, pieces[4])

    # A change that the workbook itself finds right; and closing puts the map back.
    lesson.until(f"cutaway.book.value.prompt === {BOY!r}")
    expect(waiting(lesson)).to_have_count(1)
    lesson.settled("h4.attention", head=2)
    expect(waiting(lesson)).not_to_contain_text("Not yet")  # nothing was tried
    lesson.ask("change", change={"kind": "numbers", "table": "h4.attention", "value": 0,
                                 "cells": {"head": 2, "position": 10, "source": 7}})
    expect(told.locator(".lesson-ask.over")).to_contain_text("✓ Right")
    she = model.run(BOY).edit("h4.attention", 0, head=2, position=10, source=7)
    words = f"{she['next_probabilities'].select(vocabulary=' she').array * 100:.0f} %"
    expect(told.locator(".lesson-ask.over")).to_contain_text(words)

    read_to_the_end(lesson, right=3)
