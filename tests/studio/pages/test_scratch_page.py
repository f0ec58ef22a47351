"""The scratch sheet on the page: cells that run, and cells that do not want to end.

Whatever a cell does, the edits are there afterwards and the next run works.
"""

import re

import pytest
from playwright.sync_api import expect

LOOP = "print('begun')\nwhile True:\n    pass"
STUBBORN = """while True:
    try:
        print('begun')
        while True: pass
    except KeyboardInterrupt:
        print('no')"""


@pytest.fixture
def sheet(visit):
    """The scratch sheet of a book in which one number was edited."""
    visit.ask("change", change={"kind": "numbers", "table": "h3.attention", "cells": {"head": 1},
                                "value": 0})
    visit.has_changes(1)
    visit.map.get_by_role("button", name="scratch sheet").click()
    return visit


def put(visit, *cells):
    """Cells on the sheet: (kind, name, source)."""
    for kind, name, source in cells:
        visit.ask("cell_add", kind=kind, name=name, source=source)
    expect(visit.page.get_by_role("article")).to_have_count(len(cells))


def cell(visit, place):
    """A cell by the place where it stands, counted from 1."""
    return visit.page.get_by_role("article").nth(place - 1)


def run(visit, place):
    cell(visit, place).get_by_role("button", name=re.compile("^Run Cell")).click()


def gives(visit, place, text):
    expect(cell(visit, place).locator(".sc-single, .sc-text")).to_have_text(text)


def goes_on(visit):
    """The edit is still in force, and a cell that is run gives the edited numbers."""
    visit.until("cutaway.book.value.worker.state === 'ready'")
    assert [one["words"] for one in visit.state()["changes"]] == ["h3.attention[head=1] = 0"]
    assert visit.state()["cursor"] == 1
    sources = [one["source"] for one in visit.state()["cells"]]
    visit.ask("cell_add", kind="formula", name="after", source="h3.attention[1].sum() + 42")
    run(visit, len(sources) + 1)
    gives(visit, len(sources) + 1, "42.0")
    assert [one["source"] for one in visit.state()["cells"]][:-1] == sources


# ---- Cells -----------------------------------------------------------------------------------


def test_cells_are_written_and_run_by_the_keyboard(sheet):
    sheet.page.get_by_role("button", name="Add a formula at the end").click()
    expect(cell(sheet, 1).get_by_role("textbox", name="Cell 1. Enter runs it")).to_be_focused()
    sheet.page.keyboard.type("h3.attention[1].sum()")
    sheet.page.keyboard.press("Control+Enter")
    gives(sheet, 1, "0.0")
    expect(cell(sheet, 1).locator(".sc-count")).to_have_text("[1]")
    assert sheet.state()["cells"][0]["source"] == "h3.attention[1].sum()"


def test_arithmetic_of_embeddings_is_the_librarys(sheet, model):
    put(sheet, ("formula", "queen", 'wte[" king"] - wte[" man"] + wte[" woman"]'))
    run(sheet, 1)
    wte = model.run("a")["wte"].array
    king, man, woman = (model.tokenizer.encode(word)[0] for word in (" king", " man", " woman"))
    cell(sheet, 1).get_by_role("button", name="Open as table").click()
    sheet.settled("scratch.queen")
    sheet.agrees((wte[king] - wte[man] + wte[woman]).reshape(-1, 1))


def test_run_to_here_runs_the_cells_above_and_no_other(sheet):
    put(sheet, ("code", "", "a = 5"), ("code", "", "b = a + 1"), ("formula", "sum", "a + b"),
        ("code", "", "c = 1"))
    cell(sheet, 3).get_by_role("button", name="Run all cells from the first").click()
    gives(sheet, 3, "11")
    expect(cell(sheet, 4).get_by_text("not run")).to_be_visible()


def test_a_change_calculates_formulas_again_and_marks_code_as_stale(sheet):
    put(sheet, ("formula", "head", "h3.attention[2].sum()"), ("code", "", "h3.attention.max()"))
    sheet.page.get_by_role("button", name="Run all", exact=True).click()
    gives(sheet, 1, re.compile(r"^(8|7\.9999)"))
    expect(cell(sheet, 2).locator(".sc-count")).to_have_text("[1]")
    sheet.ask("change", change={"kind": "numbers", "table": "h3.attention", "cells": {"head": 2},
                                "value": 0})
    gives(sheet, 1, "0.0")
    expect(cell(sheet, 2).locator(".sc-state")).to_have_text("stale")
    run(sheet, 2)
    expect(cell(sheet, 2).locator(".sc-state")).to_have_text("")


def test_an_error_marks_its_line_in_the_editor(sheet):
    put(sheet, ("code", "", "a = 1\nb = a / 0\nc = 2"))
    run(sheet, 1)
    expect(cell(sheet, 1).locator(".cm-line.cm-wrong")).to_have_text("b = a / 0")
    expect(cell(sheet, 1)).to_contain_text("ZeroDivisionError: division by zero")
    goes_on(sheet)


def test_what_is_printed_stands_below_the_cell_and_in_the_console(sheet):
    put(sheet, ("code", "talk", "import sys\nprint('to you')\nprint('wrong', file=sys.stderr)"))
    run(sheet, 1)
    expect(cell(sheet, 1).locator(".sc-printed")).to_contain_text("to you")
    log = sheet.drawer("Console").get_by_role("log")
    expect(log.locator("pre").filter(has_text="to you")).to_be_visible()
    expect(log).to_contain_text("talk")
    expect(log.locator(".console-entry.error")).to_contain_text("wrong")


def test_the_console_answers_any_expression(sheet):
    panel = sheet.drawer("Console")
    field = panel.get_by_role("textbox", name="Expression to ask for")
    field.fill("h3.attention[1].sum() + 7")
    field.press("Enter")
    expect(panel.get_by_role("log").locator("pre").filter(has_text="7.0")).to_be_visible()


# ---- Cells that do not end -------------------------------------------------------------------


def prints(visit, words):
    expect(visit.drawer("Console").get_by_role("log")).to_contain_text(words)


def test_an_endless_loop_leaves_the_page_alive_and_ends_at_interrupt(sheet):
    put(sheet, ("code", "", LOOP))
    run(sheet, 1)
    prints(sheet, "begun")
    sheet.open("h3.mixed", head=1)  # views come while the loop runs
    expect(sheet.page.get_by_role("status").get_by_text(re.compile("cell"))).to_be_visible()
    sheet.map.get_by_role("button", name="scratch sheet").click()
    cell(sheet, 1).get_by_role("button", name="Interrupt Cell 1").click()
    expect(cell(sheet, 1).get_by_role("button", name="Run Cell 1")).to_be_visible()
    goes_on(sheet)


def test_a_loop_that_takes_no_interrupt_ends_at_kill(sheet):
    put(sheet, ("code", "", STUBBORN))
    run(sheet, 1)
    prints(sheet, "begun")
    cell(sheet, 1).get_by_role("button", name="Interrupt Cell 1").click()
    prints(sheet, "no")
    sheet.page.get_by_role("button", name="Kill", exact=True).click()
    expect(sheet.page.get_by_text("your changes are kept").first).to_be_visible()
    goes_on(sheet)


def test_code_without_end_on_the_console_ends_at_interrupt(sheet):
    panel = sheet.drawer("Console")
    field = panel.get_by_role("textbox", name="Expression to ask for")
    field.fill("any(False for _ in iter(int, 1))")
    field.press("Enter")
    sheet.until("cutaway.book.value.worker.state === 'busy'")
    panel.get_by_role("button", name="Interrupt").click()
    expect(panel.get_by_role("button", name="Ask")).to_be_visible()
    goes_on(sheet)


def test_compiled_code_without_end_that_answers_nothing_can_be_killed(sheet):
    panel = sheet.drawer("Console")
    field = panel.get_by_role("textbox", name="Expression to ask for")
    field.fill("sum(iter(int, 1))")  # no line of Python in it, where an interrupt would be seen
    field.press("Enter")
    expect(sheet.page.get_by_role("status").get_by_text("not answering")).to_be_visible()
    sheet.page.get_by_role("button", name="Kill", exact=True).click()
    expect(sheet.page.get_by_text("your changes are kept").first).to_be_visible()
    goes_on(sheet)


def test_memory_that_is_not_there_is_told_with_its_line(sheet):
    put(sheet, ("code", "", "import numpy\nheld = numpy.ones(10 ** 13)"))
    run(sheet, 1)
    expect(cell(sheet, 1)).to_contain_text("MemoryError: Unable to allocate 72.8 TiB")
    goes_on(sheet)


def test_a_gigabyte_of_print_is_cut_and_the_page_stays_quick(sheet):
    put(sheet, ("code", "", "line = 'x' * 999_999\nfor _ in range(1000): print(line)\n6 * 7"))
    run(sheet, 1)
    gives(sheet, 1, "42")
    log = sheet.drawer("Console").get_by_role("log")
    expect(log).to_contain_text("output cut here: more than 100,000 characters")
    expect(log).to_contain_text("999,900,000 characters were left out")
    assert len(log.inner_text()) < 150_000
    assert len(cell(sheet, 1).locator(".sc-printed").inner_text()) <= 4000
    goes_on(sheet)


@pytest.mark.parametrize(("source", "words"), [
    ("import os\nos._exit(3)", "ended with exit status 3"),
    ("import os\nos.kill(os.getpid(), 9)", "SIGKILL"),
    ("import os\nos.closerange(3, 100_000)", "Another one starts"),
], ids=["exits", "kills itself", "closes its pipes"])
def test_a_cell_that_ends_its_process_is_told_and_another_one_starts(sheet, source, words):
    put(sheet, ("code", "", source))
    run(sheet, 1)
    expect(sheet.page.get_by_role("region", name="Messages").get_by_text(words).first
           ).to_be_visible()
    goes_on(sheet)


def test_a_cell_that_forks_answers_once_and_loses_no_print(sheet):
    put(sheet, ("code", "", "import os\nfor _ in range(20):\n"
                            "    child = os.fork()\n    if not child: break\n"
                            "    os.waitpid(child, 0)\nprint('here')\n6 * 7"))
    run(sheet, 1)
    gives(sheet, 1, "42")
    expect(cell(sheet, 1).locator(".sc-printed")).to_have_text("here\n" * 21)
    goes_on(sheet)


def test_a_cell_that_closes_what_it_prints_to_finds_it_put_right(sheet):
    put(sheet, ("code", "", "import os\nos.closerange(0, 3)"), ("code", "", "print('again')"))
    run(sheet, 1)
    expect(cell(sheet, 1).locator(".sc-count")).to_have_text("[1]")
    run(sheet, 2)
    expect(cell(sheet, 2).locator(".sc-printed")).to_have_text("again\n")
    goes_on(sheet)
