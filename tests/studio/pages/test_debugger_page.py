"""The debugger on the page: a cell that stops, a step of the model line by line."""

import re

import pytest
from playwright.sync_api import expect

CODE = "import numpy as np\nnumbers = np.arange(6.0).reshape(2, 3)\nbreakpoint()\ntotal = numbers.sum()\ntotal + 1"


@pytest.fixture
def paused(visit):
    """The page, stopped in a cell at its `breakpoint()`."""
    visit.ask("cell_add", kind="code", name="sums", source=CODE)
    visit.map.get_by_role("button", name="scratch sheet").click()
    visit.page.get_by_role("button", name="Run Cell 1, sums").click()
    expect(line(visit)).to_have_text("breakpoint()")
    return visit


def debugger(visit):
    return visit.page.get_by_role("region", name="Debugger")


def line(visit):
    """The line that is marked in the debugger's source."""
    return debugger(visit).locator(".cm-line.cm-current")


def value(visit, name):
    """A value in reach, by its name."""
    return debugger(visit).locator(".value-shown").filter(
        has=visit.page.locator("code", has_text=re.compile(f"^{name}$")))


def test_a_breakpoint_opens_the_debugger_with_the_locals_as_tables(paused):
    expect(paused.page.get_by_role("tab", name="Debugger")).to_have_attribute(
        "aria-selected", "true")
    expect(debugger(paused).get_by_role("status")).to_contain_text("line 3 of cell sums")
    expect(debugger(paused).get_by_role("table", name="numbers").locator("td")).to_have_text(
        ["0", "1", "2", "3", "4", "5"])
    expect(value(paused, "total")).to_have_count(0)


def test_a_step_does_one_line_and_shows_its_value(paused):
    for text in ("total = numbers.sum()", "total + 1"):
        paused.page.keyboard.press("F10")
        expect(line(paused)).to_have_text(text)
    expect(value(paused, "total")).to_contain_text("15")


def test_continue_lets_the_cell_end(paused):
    debugger(paused).get_by_role("button", name=re.compile("^Continue")).click()
    expect(paused.page.get_by_role("article").locator(".sc-single")).to_have_text("16.0")
    expect(paused.page.get_by_role("tabpanel").get_by_text("Nothing is paused.")).to_be_visible()


def test_a_watched_expression_is_told_at_every_stop(paused):
    field = debugger(paused).get_by_role("textbox", name="Expression to watch")
    field.fill("numbers.max() * 2")
    field.press("Enter")
    expect(value(paused, r"numbers\.max\(\) \* 2")).to_contain_text("10")


def test_stop_ends_the_cell_and_the_next_run_works(paused):
    debugger(paused).get_by_role("button", name="Stop").click()
    paused.until("cutaway.book.value.worker.state === 'ready'")
    assert paused.ask("cell_eval", source="6 * 7") == {"text": "42"}


def test_a_paused_page_still_shows_every_table(paused, run):
    paused.open("h3.attention", head=2)
    paused.agrees(run["h3.attention"].array[2])
    expect(line(paused)).to_have_text("breakpoint()")


def test_a_step_of_the_model_is_gone_through_line_by_line(visit, run):
    visit.open("h3.attention")
    visit.code()
    visit.page.get_by_role("main").get_by_role("button", name="Step into").click()
    expect(debugger(visit).get_by_role("status")).to_contain_text(re.compile(r"gpt2\.py"))
    expect(line(visit)).to_contain_text("softmax(causal(scores))")
    scores = debugger(visit).get_by_role("table", name="scores")
    expect(scores).to_be_visible()
    for _ in range(2):
        debugger(visit).get_by_role("button", name=re.compile("^Step into")).click()
        expect(debugger(visit)).to_have_attribute("aria-busy", "false")
    expect(debugger(visit).get_by_role("status")).to_contain_text("causal()")
    debugger(visit).get_by_role("button", name=re.compile("^Continue")).click()
    visit.until("cutaway.book.value.worker.state === 'ready'")
    visit.predicts(run["next_probabilities"].array)
