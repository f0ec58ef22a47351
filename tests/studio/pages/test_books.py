"""Workbooks on the page: what was open before is one click away, and nothing of it is lost."""

import re

from playwright.sync_api import expect

from tests.studio.pages.visitor import EXAMPLE

OTHER = "Once upon a time"


def test_another_workbook_is_begun_and_the_first_comes_back_is_named_and_the_other_deleted(visit):
    """All in one visit, by keyboard where that is what differs."""
    page, dialog = visit.page, visit.dialog
    visit.ask("cell_add", kind="formula", source="1 + 1")
    visit.type_over(7, 2, "1")
    visit.has_changes(1)
    before, predicted = visit.state(), visit.predicted()

    page.get_by_role("button", name="choose a model or a workbook").click()
    model = page.get_by_role("menuitemradio", name=re.compile("^storybook"))
    expect(model).to_have_attribute("aria-checked", "true")
    expect(model).to_be_focused()
    expect(model).to_contain_text("6 blocks, 192 wide, 3,505,152 parameters, a vocabulary of 4,096")
    expect(model).to_contain_text("a small GPT-2 that writes simple stories.")
    page.keyboard.press("ArrowDown")
    expect(page.get_by_role("menuitem", name="Workbooks")).to_contain_text(
        "This one has 1 change and 1 cell.")
    page.keyboard.press("Enter")

    this = dialog.get_by_role("listitem").filter(has_text=f"“{EXAMPLE}”").first
    expect(this).to_have_attribute("aria-current", "true")
    expect(this.get_by_role("button", name=f"“{EXAMPLE}”").first).to_be_focused()
    expect(this.get_by_role("button", name="Delete")).to_be_disabled()
    this.get_by_role("button", name="Name").click()
    page.keyboard.type("all of it 1")
    page.keyboard.press("Enter")
    expect(dialog.get_by_role("button", name="Name all of it 1 …")).to_be_focused()
    assert visit.state()["name"] == "all of it 1"

    dialog.get_by_role("button", name="New workbook").click()
    expect(dialog).to_have_count(0)
    visit.has_changes(0)
    assert visit.state()["book"] != before["book"] and visit.state()["prompt"] == EXAMPLE
    visit.begin_anew(OTHER)

    find_workbooks(visit)
    dialog.get_by_role("button", name=re.compile("^all of it 1")).click()
    expect(dialog).to_have_count(0)
    visit.has_changes(1)
    after = visit.state()
    assert (after["book"], after["cells"]) == (before["book"], before["cells"])
    assert visit.predicted() == predicted and visit.number(7, 2) == 1

    is_deleted_after_a_question(visit, OTHER)
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")


def find_workbooks(visit):
    """Open the list by keyboard."""
    visit.page.keyboard.press("Control+k")
    visit.dialog.get_by_role("combobox").fill("workbooks")
    visit.page.keyboard.press("Enter")


def is_deleted_after_a_question(visit, prompt):
    """Delete the first workbook of a prompt, after thinking better of it once."""
    page, dialog = visit.page, visit.dialog
    find_workbooks(visit)
    delete = dialog.get_by_role("button", name=f"Delete “{prompt}” …")
    expect(delete.first).to_be_enabled()
    others = delete.count() - 1
    delete.first.click()
    expect(dialog.get_by_role("button", name="Keep it")).to_be_focused()
    page.keyboard.press("Escape")
    expect(delete.first).to_be_focused()
    page.keyboard.press("Enter")
    expect(dialog).to_contain_text(f"Delete “{prompt}” for good?")
    page.keyboard.press("Shift+Tab")
    page.keyboard.press("Enter")
    expect(dialog.get_by_role("group", name=f"Delete “{prompt}”?")).to_have_count(0)
    expect(delete).to_have_count(others)
