"""The save menu in a real browser: files that go to the disk, and files that come from it."""

import numpy as np
import pytest

from cutaway.studio.messages.changes import checked_change
from cutaway.studio.server.documents import new_document
from cutaway.studio.share.table_csv import table_csv
from cutaway.studio.share.workbook_file import Workbook, read_workbook, save_workbook, written
from tests.studio.dropping import served
from tests.studio.share_app import share_app

PROMPT = "Mike is quick. He moves"
HEAD_OFF = checked_change(
    {"kind": "numbers", "table": "h3.attention", "cells": {"head": 1}, "value": 0})
THEIRS = Workbook("storybook", "The cat <b>sat</b>", [HEAD_OFF, {
    "kind": "operation", "name": "gelu", "source": "def gelu(table):\n    return '<img src=x>'"}],
    [{"cell": "c1", "kind": "code", "name": "own", "source": "print('</script>')"}])


@pytest.fixture
def book():
    saved = new_document("storybook", PROMPT)
    saved.changes, saved.cursor = [HEAD_OFF], 1
    return saved


@pytest.fixture
def menu(book, new_page):
    """A page with the menu; `menu.book` is the played book behind it."""
    app = share_app(book)
    with served(app) as address:
        page = new_page()
        page.goto(f"http://{address}/")
        page.wait_for_selector("html[data-drawn]")
        page.book = app.state.document
        yield page


def choose(page, words):
    page.get_by_role("button", name="Save").click()
    page.get_by_role("menuitem", name=words).click()


def saved_file(page, act):
    """The name and the bytes of the file that an act hands to the disk."""
    with page.expect_download() as waiting:
        act()
    return waiting.value.suggested_filename, waiting.value.path().read_bytes()


def drop(page, name, content):
    """What a browser does when a file is dropped on the page."""
    page.evaluate("""([name, content]) => {
      const files = new DataTransfer();
      files.items.add(new File([Uint8Array.from(content)], name));
      const event = new DragEvent("drop", {dataTransfer: files, bubbles: true, cancelable: true});
      document.body.dispatchEvent(event);
    }""", [name, list(content)])


def bring(page, words, path):
    """Choose a file of the disk in the dialog that a menu item opens."""
    with page.expect_file_chooser() as waiting:
        choose(page, words)
    waiting.value.set_files(path)


# ---- Taking away -----------------------------------------------------------------------------


def test_control_s_saves_the_workbook_as_a_python_file(menu):
    name, content = saved_file(menu, lambda: menu.keyboard.press("Control+s"))
    assert name == "mike-is-quick-he-moves.py"
    assert read_workbook(content.decode()) == Workbook("storybook", PROMPT, [HEAD_OFF], [])
    assert "cutaway open mike-is-quick-he-moves.py" in menu.get_by_role("log").inner_text()


def test_a_prompt_without_latin_letters_still_gives_a_file_name(menu):
    menu.book.saved.prompt = "</script> ../日本"
    menu.evaluate("stage.refresh()")
    assert saved_file(menu, lambda: choose(menu, "Save the workbook"))[0] == "script.py"
    menu.book.saved.prompt = "日本"
    menu.evaluate("stage.refresh()")
    assert saved_file(menu, lambda: choose(menu, "Save the workbook"))[0] == "workbook.py"


def test_the_page_to_read_is_saved_as_it_is_seen_and_opens_from_the_disk(menu, new_page, tmp_path):
    menu.evaluate("stage.select.value = {head: 2}")
    name, content = saved_file(menu, lambda: choose(menu, "Save a page to read"))
    assert name == "mike-is-quick-he-moves.html"
    (tmp_path / name).write_bytes(content)
    page = new_page()
    page.goto((tmp_path / name).as_uri())
    page.wait_for_selector(".grid-cell")
    expected = menu.book.workspace.run["h3.attention"].array[2, 3, 3]
    assert np.float32(page.locator("#cell-3-3").get_attribute("title")) == expected


def test_the_shown_table_is_saved_as_csv(menu):
    name, content = saved_file(menu, lambda: choose(menu, "h3.attention as CSV"))
    assert name == "h3.attention.csv"
    table = menu.book.workspace.run["h3.attention"]
    assert content.decode() == "".join(table_csv(table))


def test_where_no_table_is_shown_none_is_offered(menu):
    menu.evaluate("stage.view.value = 'tokens'")
    menu.get_by_role("button", name="Save").click()
    assert [words.split("\n")[0] for words in menu.get_by_role("menuitem").all_inner_texts()] == [
        "Save the workbook", "Save a page to read", "Save a spreadsheet", "Save as SQL",
        "Open a workbook …"]


# ---- Bringing --------------------------------------------------------------------------------


def test_numbers_of_a_csv_go_into_the_shown_head(menu, tmp_path):
    menu.evaluate("stage.select.value = {head: 4}")
    file = tmp_path / "mine.csv"
    file.write_text("\n".join(",".join(["0.125"] * 8) for _ in range(8)))
    bring(menu, "Numbers from a CSV into h3.attention", file)
    told = menu.get_by_role("log")
    told.get_by_text("head 4 of h3.attention: the numbers of mine.csv").wait_for()
    assert (menu.book.workspace.run["h3.attention"].array[4] == 0.125).all()


@pytest.mark.parametrize("encoding", ["utf-16", "cp1252"])
def test_numbers_come_from_whatever_encoding_a_spreadsheet_writes(menu, tmp_path, encoding):
    menu.evaluate("stage.select.value = {head: 4}")
    file = tmp_path / "mine.csv"
    file.write_text("\n".join("\t".join(["é", *["0,25"] * 8]) for _ in range(8)), encoding=encoding)
    bring(menu, "Numbers from a CSV into h3.attention", file)
    menu.get_by_role("log").get_by_text("the numbers of mine.csv").wait_for()
    assert (menu.book.workspace.run["h3.attention"].array[4] == 0.25).all()


def test_a_csv_that_does_not_fit_is_told_and_nothing_changes(menu, faults, tmp_path):
    faults.expect("400")
    before = menu.book.workspace.run
    file = tmp_path / "mine.csv"
    file.write_text("1,2\n3,x\n")
    bring(menu, "Numbers from a CSV into h3.attention", file)
    menu.get_by_role("log").get_by_text("and h3.attention has 48").wait_for()
    assert menu.book.workspace.run is before


def test_a_table_that_cannot_be_changed_takes_no_csv(menu):
    menu.evaluate("stage.tableInfo.value = {editable: false}")
    menu.get_by_role("button", name="Save").click()
    assert menu.get_by_role("menuitem", name="Numbers from a CSV").is_disabled()


def test_a_workbook_is_shown_as_text_before_anything_of_it_could_run(menu, tmp_path):
    save_workbook(THEIRS, tmp_path / "theirs.py")
    bring(menu, "Open a workbook", tmp_path / "theirs.py")
    dialog = menu.get_by_role("dialog", name="What is in theirs.py")
    dialog.wait_for()
    text = dialog.inner_text()
    for words in ("Nothing of it has run.", "The cat <b>sat</b>", "h3.attention[head=1] = 0",
                  "return '<img src=x>'", "print('</script>')"):
        assert words in text
    assert dialog.locator("img, script, b b").count() == 0
    assert menu.book.saved.prompt == PROMPT


def test_a_workbook_that_was_read_is_opened_at_a_click_and_still_nothing_runs(menu):
    drop(menu, "theirs.py", written(THEIRS).encode())
    menu.get_by_role("button", name="Open it, run nothing").click()
    menu.get_by_role("log").get_by_text("theirs.py is open. Nothing of it has run yet.").wait_for()
    assert (menu.book.saved.prompt, menu.book.saved.trusted) == ("The cat <b>sat</b>", False)
    assert not menu.book.workspace.edited
    assert menu.get_by_role("dialog").count() == 0


@pytest.mark.parametrize("leave", ["Escape", "Cancel"])
def test_a_workbook_that_was_looked_into_is_left_alone(menu, leave):
    drop(menu, "theirs.py", written(THEIRS).encode())
    menu.get_by_role("dialog").wait_for()
    if leave == "Escape":
        menu.keyboard.press("Escape")
    else:
        menu.get_by_role("button", name="Cancel").click()
    menu.get_by_role("dialog").wait_for(state="detached")
    assert menu.book.saved.prompt == PROMPT


def test_the_open_workbook_can_be_saved_first(menu):
    drop(menu, "theirs.py", written(THEIRS).encode())
    first = menu.get_by_role("button", name="Save that one first")
    _, content = saved_file(menu, first.click)
    assert read_workbook(content.decode()).prompt == PROMPT
    assert menu.get_by_role("dialog").is_visible()


REFUSED = {
    "theirs.py": (b"import os\n", "theirs.py, line 1: 'import os' cannot stand here"),
    "latin.py": (b'"""caf\xe9"""', "latin.py is not UTF-8, as a workbook is."),
    "zip.py": (b"PK\x03\x04" + bytes(100), "cannot be read as Python"),
    "model.safetensors": (b"x", "model.safetensors was dropped. A workbook (.py) may be dropped"),
}


@pytest.mark.parametrize("name", REFUSED)
def test_a_dropped_file_that_is_no_workbook_is_told(menu, faults, name):
    faults.expect("400")
    content, words = REFUSED[name]
    drop(menu, name, content)
    menu.get_by_role("log").get_by_text(words).wait_for()
    assert menu.get_by_role("dialog").count() == 0


# ---- The menu itself -------------------------------------------------------------------------


def test_the_menu_works_with_the_keyboard_alone(menu):
    button = menu.get_by_role("button", name="Save")
    button.focus()
    menu.keyboard.press("Enter")
    assert button.get_attribute("aria-expanded") == "true"
    focused = menu.locator("[role=menuitem]:focus")
    assert focused.inner_text().startswith("Save the workbook")
    for key, words in (("ArrowDown", "Save a page"), ("ArrowUp", "Save the"), ("End", "Numbers"),
                       ("ArrowDown", "Save the"), ("o", "Open a"), ("Home", "Save the")):
        menu.keyboard.press(key)
        assert focused.inner_text().startswith(words)
    menu.keyboard.press("Escape")
    assert menu.get_by_role("menu").count() == 0
    assert button.evaluate("button => button === document.activeElement")


def test_a_click_elsewhere_closes_the_menu(menu):
    menu.get_by_role("button", name="Save").click()
    menu.get_by_role("menu").wait_for()
    menu.mouse.click(10, 400)
    menu.get_by_role("menu").wait_for(state="detached")


def test_a_refusal_is_told_in_the_servers_words(menu, faults):
    faults.expect("400")
    menu.evaluate("stage.table.value = 'h9.nothing'")
    choose(menu, "h9.nothing as CSV")
    menu.get_by_role("log").get_by_text("There is no table 'h9.nothing'.").wait_for()
    assert menu.get_by_role("button", name="Save").inner_text().startswith("Save")
