"""The whole page by keyboard alone: no test here has a mouse."""

import re

import numpy as np
import pytest
from playwright.sync_api import Locator, Page, expect

from tests.studio.pages.visitor import Visitor

MOST_STOPS = 160
FOCUSED = """(element) => {
  let active = document.activeElement;
  while (active?.shadowRoot?.activeElement) active = active.shadowRoot.activeElement;
  return active === element;
}"""
# What has the focus, in words, and whether anything round it shows that: an outline, of itself, of the
# editor's or grid's frame, or the edge of a mark in a drawing.
STOP = """() => {
  let active = document.activeElement;
  while (active?.shadowRoot?.activeElement) active = active.shadowRoot.activeElement;
  const host = active.getRootNode().host ?? active;
  const round = [active, host.closest(".code"), host.closest(".cutaway-grid")?.querySelector("canvas"), host.querySelector("rect")];
  const shown = round.some((one) => one && (({outlineStyle, outlineWidth, stroke}) =>
    (outlineStyle !== "none" && parseFloat(outlineWidth) >= 1) || (one.tagName === "rect" && stroke !== "none"))(getComputedStyle(one)));
  return [active === document.body ? "body" : `${active.tagName} ${active.id || active.ariaLabel || active.textContent.slice(0, 40)}`, shown];
}"""


class Keys:
    """Somebody with a keyboard."""

    def __init__(self, page: Page):
        self.page = page
        self.visit = Visitor(page)

    def press(self, *keys: str) -> None:
        """Keys, one after the other; afterwards the focus is somewhere."""
        for key in keys:
            self.page.keyboard.press(key)
        self.is_somewhere()

    def is_somewhere(self) -> None:
        """The focus is on no mere page."""
        expect(self.page.locator("body:focus")).to_have_count(0)
        expect(self.page.locator(":focus")).not_to_have_count(0)

    def stop(self) -> tuple[str, bool]:
        """What has the focus, and whether one sees it."""
        return tuple(self.page.evaluate(STOP))

    def to(self, target: Locator, back: bool = False) -> None:
        """Tab until a control has the focus."""
        expect(target).to_be_visible()
        for _ in range(MOST_STOPS):
            if target.evaluate(FOCUSED):
                return
            self.page.keyboard.press("Shift+Tab" if back else "Tab")
        raise AssertionError(f"{target} cannot be reached with Tab")

    def use(self, target: Locator, back: bool = False) -> None:
        """Tab to a control and press Enter on it."""
        self.to(target, back)
        self.press("Enter")

    def button(self, name: str) -> Locator:
        """A button by its whole name."""
        return self.page.get_by_role("button", name=name, exact=True)

    def choose(self, words: str) -> None:
        """Ctrl+K, some words, Enter."""
        self.page.keyboard.press("Control+k")
        expect(self.visit.dialog).to_be_visible()
        self.page.keyboard.type(words)
        expect(self.visit.dialog.locator("code").first).to_have_text(words)
        self.press("Enter")
        expect(self.visit.dialog).to_have_count(0)
        self.is_somewhere()

    def open(self, table: str) -> None:
        """A table by its name."""
        self.choose(table)
        self.visit.settled(table)


@pytest.fixture
def keys(visit):
    """A keyboard at the page of a new book."""
    return Keys(visit.page)


def test_the_focus_is_seen_at_every_stop_of_the_first_page(keys):
    seen = []
    for _ in range(MOST_STOPS):
        keys.page.keyboard.press("Tab")
        name, shown = keys.stop()
        if name == "body":  # past the last, in the browser's own controls
            break
        seen.append((name, shown))
    assert [name for name, shown in seen if not shown] == []
    assert 40 < len(seen) < MOST_STOPS


def test_the_first_stop_leads_past_everything_into_the_table(keys):
    keys.use(keys.page.get_by_role("link", name="Skip to the table"))
    assert keys.visit.grid.evaluate(FOCUSED)


def test_tables_open_from_the_map_and_by_ctrl_k_and_heads_and_blocks_change(keys):
    page, visit = keys.page, keys.visit
    keys.use(visit.map.get_by_role("button", name=re.compile("block 2")))
    visit.settled("h2.attention")
    keys.use(visit.map.get_by_role("button", name=re.compile("scores$")))
    visit.settled("h2.scores")
    keys.open("h3.attention")
    keys.use(keys.button("head 4"))
    visit.settled("h3.attention", head=4)
    keys.use(keys.button("The next block"))
    visit.settled("h4.attention", head=4)
    keys.press("Enter")
    visit.settled("h5.attention", head=4)  # the last block: its button is off, the focus is not lost
    keys.is_somewhere()
    keys.to(page.get_by_role("combobox", name="Block"), back=True)
    keys.press("ArrowUp")
    visit.settled("h4.attention", head=4)


def test_a_number_is_changed_and_taken_back(keys, run):
    visit = keys.visit
    keys.open("h5.attention")
    keys.to(visit.grid)
    keys.press("Control+End", "ArrowLeft")
    keys.page.keyboard.type("1")
    keys.press("Enter")
    visit.has_changes(1)
    shares = run.edit("h5.attention", 1, head=0, position=7, source=6)["next_probabilities"].array
    visit.predicts(shares)
    expect(visit.map.get_by_role("button", name=re.compile("attention.*edited"))).to_be_visible()
    expect(visit.map.get_by_role("button", name=re.compile("mixed.*moved"))).to_be_visible()
    keys.press("Control+z")
    visit.has_changes(0)
    visit.predicts(run["next_probabilities"].array)


def test_a_head_is_silenced_through_the_change_menu(keys, run):
    visit = keys.visit
    keys.open("h3.attention")
    keys.use(keys.button("head 1"))
    keys.use(keys.button("Change"))
    menu = keys.page.get_by_role("group", name="Change", exact=True)
    part = menu.locator(".menu-title").filter(has_text="head 1").last
    keys.use(part.locator("xpath=following-sibling::button[1]"))
    visit.has_changes(1)
    keys.is_somewhere()
    visit.predicts(run.edit("h3.attention", 0, head=1)["next_probabilities"].array)
    keys.use(keys.button("Undo"))
    visit.has_changes(0)
    keys.is_somewhere()  # Undo is off now


def test_a_formula_is_rewritten(keys):
    keys.open("h3.attention")
    keys.use(keys.button("Edit"))
    field = keys.page.get_by_role("textbox", name="Formula of h3.attention")
    assert field.evaluate(FOCUSED)
    keys.page.keyboard.type("softmax(scores)")
    keys.press("Enter")
    keys.visit.has_changes(1)
    expect(keys.page.get_by_text("rewritten")).to_be_visible()
    keys.is_somewhere()
    keys.use(keys.button("Edit"))
    keys.press("Escape")
    expect(field).to_have_count(0)
    keys.is_somewhere()


def test_an_operation_is_rewritten_and_the_dialog_gives_the_focus_back(keys):
    keys.open("h3.attention")
    name = keys.page.locator(".formula").get_by_role("button", name="What is softmax?")
    keys.use(name)
    keys.use(keys.button("Edit its code"))
    editor = keys.visit.dialog.locator(".cm-content")
    expect(editor).to_be_visible()
    keys.to(editor)
    keys.press("Control+End")
    keys.page.keyboard.type("  # as it was")
    keys.press("Control+Enter")
    expect(keys.visit.dialog).to_have_count(0)
    keys.visit.has_changes(1)
    assert name.evaluate(FOCUSED)


def test_the_keyboard_goes_round_in_a_dialog_and_through_its_editor(keys):
    keys.open("h3.attention")
    keys.use(keys.page.locator(".formula").get_by_role("button", name="What is softmax?"))
    keys.use(keys.button("Edit its code"))
    expect(keys.visit.dialog.locator(".cm-content")).to_be_visible()
    for back in (False, True):
        for target in (keys.button("Apply"), keys.button("Cancel"),
                       keys.visit.dialog.locator(".cm-content")):
            keys.to(target, back)
    keys.press("Escape")
    expect(keys.visit.dialog).to_have_count(0)


def test_scratch_cells_run_run_to_here_and_are_interrupted(keys, run):
    page = keys.page
    keys.choose("scratch sheet")
    keys.use(keys.button("Add a formula at the end"))
    first = page.get_by_role("textbox", name=re.compile("^Cell 1[.,]"))
    expect(first).to_be_visible()
    keys.to(first)
    page.keyboard.type("h0.attention.sum()")
    keys.press("Control+Enter")
    expect(page.get_by_role("article").first).to_contain_text(f"{run['h0.attention'].array.sum():.0f}")
    keys.use(keys.button("Add code at the end"))
    second = page.get_by_role("textbox", name=re.compile("^Cell 2[.,]"))
    expect(second).to_be_visible()
    keys.to(second)
    page.keyboard.type("while True: pass")
    keys.use(page.get_by_role("button", name=re.compile("first down to this one: Cell 2")), back=True)
    interrupt = page.get_by_role("button", name=re.compile("^Interrupt Cell 2"))
    keys.use(interrupt, back=True)
    expect(interrupt).to_have_count(0)
    expect(page.get_by_role("article").last).to_contain_text("stopped before its end")
    keys.is_somewhere()


def test_ctrl_g_goes_to_a_row_and_leaves_the_focus_in_the_grid(keys, run):
    keys.open("next_logits")
    keys.press("Control+g")
    keys.page.keyboard.type("2952")
    expect(keys.visit.dialog.get_by_role("option").first).to_contain_text("2952")
    keys.press("Enter")
    keys.visit.settled("next_logits")
    expect(keys.visit.cell(2952, 0)).to_have_attribute("aria-selected", "true")
    np.testing.assert_allclose(
        keys.visit.number(2952, 0), run["next_logits"].array[2952], rtol=1e-5)
    assert keys.visit.grid.evaluate(FOCUSED)


def test_the_debugger_steps_and_goes_on(keys):
    keys.open("h0.attention")
    keys.use(keys.button("Code"))
    keys.use(keys.button("Step into"), back=True)
    place = keys.page.locator(".debugger-place")
    expect(place).to_contain_text("Before line")
    before = place.text_content()
    keys.press("F10")
    expect(place).not_to_have_text(before or "")
    keys.press("F5")
    expect(place).to_have_count(0)
    keys.is_somewhere()


def test_a_token_is_written(keys):
    tab = keys.page.get_by_role("tab", name="Changes")
    keys.to(tab)
    keys.press("ArrowRight", "ArrowRight")
    keys.use(keys.button("One token"))
    keys.visit.has_changes(1)
    expect(keys.page.get_by_role("list", name="The tokens of the prompt").get_by_role(
        "listitem")).to_have_count(9)
    keys.is_somewhere()


def test_neither_the_grid_nor_an_editor_keeps_the_keyboard(keys):
    keys.to(keys.visit.grid)
    keys.press("Tab")
    assert not keys.visit.grid.evaluate(FOCUSED)
    keys.choose("scratch sheet")
    keys.use(keys.button("Add code at the end"))
    editor = keys.page.locator(".cm-content")
    expect(editor).to_be_visible()
    keys.to(editor)
    keys.press("Tab")
    assert not editor.evaluate(FOCUSED)
