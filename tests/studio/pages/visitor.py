"""What a visitor does on the page, and what there is to see, each in a line."""

import json
import re

import numpy as np
from playwright.sync_api import Locator, Page, expect

from tests.studio.browser import PATIENCE_MS

EXAMPLE = "Mike is quick. He moves"
# What floats rounded to float32 on the way, and products that two processes add up in another
# order, may differ by; a wrong number is far off.
RELATIVE, ABSOLUTE = 1e-4, 2e-6


class Visitor:
    """Somebody at the page."""

    def __init__(self, page: Page):
        self.page = page
        self.prompt = page.get_by_role("textbox", name="Prompt")
        self.grid = page.get_by_role("grid")
        self.bars = page.get_by_role("region", name="The next token").get_by_role("listitem")
        self.inspector = page.get_by_role("complementary", name="Cell")
        self.dialog = page.get_by_role("dialog")
        self.map = page.get_by_role("navigation", name="Model map")
        self.mistake = page.get_by_role("alert")

    # ---- Coming ------------------------------------------------------------------------------

    def arrive(self, address: str) -> None:
        """Open the page at its first table, and wait until its numbers stand there."""
        self.page.goto(address)
        self.until("globalThis.cutaway?.book.value")
        self.leave_the_overview()
        self.settled()

    def leave_the_overview(self) -> None:
        """Go on to how the tokens read each other, or to the model's first table."""
        self.page.evaluate("""() => {
          const {roles, map} = cutaway.book.value.model;
          cutaway.openTable(roles.attention ?? map[0].steps[0].name);
        }""")

    def arrive_at_a_new_book(self, address: str) -> None:
        """Open the page on the example, whatever the test before has left."""
        self.page.goto(address)
        self.until("globalThis.cutaway?.book.value")
        self.leave_the_overview()
        self.begin_anew()
        self.settled()

    def begin_anew(self, prompt: str = EXAMPLE, *, at_a_table: bool = True) -> None:
        """A new book, unless nothing was changed in this one: tests share a server."""
        state = self.state()
        if state["worker"]["state"] != "ready":  # the test before has left a cell running
            self.ask("kill")
            self.until("cutaway.book.value.worker.state === 'ready'")
        if state["prompt"] == prompt and not state["changes"] and not state["cells"]:
            return
        before = state["book"]
        self.ask("new", prompt=prompt)
        self.until(f"cutaway.book.value.book !== '{before}'")
        if at_a_table:
            self.settled()

    def ask(self, verb: str, **fields):
        """What the server answers to the page; raises what it refuses."""
        return self.page.evaluate(
            "([verb, fields, patience]) => Promise.race([cutaway.ask(verb, fields), "
            "new Promise((done, fail) => setTimeout(() => fail(new Error(`${verb}: no answer`)), "
            "patience))])", [verb, fields, PATIENCE_MS])

    def refusal(self, verb: str, **fields) -> str:
        """The words in which the server refuses a question of the page."""
        return self.page.evaluate(
            "([verb, fields]) => cutaway.ask(verb, fields).then("
            "() => 'nothing was refused', (error) => `${error.kind}: ${error.message}`)",
            [verb, fields])

    def state(self) -> dict:
        """The book as the page has it."""
        return self.page.evaluate("cutaway.book.value")

    def until(self, condition: str, *arguments) -> None:
        """Wait for something of the page to become true."""
        if "=>" not in condition:  # an expression would be eval'ed, which the page's policy forbids
            condition = f"() => {condition}"
        self.page.wait_for_function(condition, arg=list(arguments) or None, timeout=PATIENCE_MS)

    # ---- Going about -------------------------------------------------------------------------

    def choose(self, words: str) -> None:
        """Find a table or an action in the palette, by its whole name."""
        self.page.keyboard.press("Control+k")
        self.dialog.get_by_role("combobox").fill(words)
        self.dialog.get_by_role("option").filter(
            has=self.page.get_by_text(words, exact=True)).first.click()
        expect(self.dialog).to_have_count(0)

    def open(self, table: str, **pages: int) -> None:
        """Show a table, and a page of it, as numbers."""
        self.choose(table)
        if table == self.state()["model"]["roles"].get("next_probabilities"):  # it opens as bars
            bars = self.page.get_by_role("button", name="Bars", exact=True)
            expect(bars).to_have_attribute("aria-pressed", "true")
            self.page.get_by_role("button", name="Numbers", exact=True).click()
        self.settled(table)
        for axis, index in pages.items():
            self.page.get_by_role("button", name=f"{axis} {index}", exact=True).click()
            self.settled(table, **pages)

    def settled(self, table: str | None = None, **pages: int) -> None:
        """Wait until the newest numbers of a table are painted, and its elements are up to date."""
        self.until("""([table, pages]) => {
          const grid = document.querySelector(".cutaway-grid");
          if (grid?.dataset.settled !== "true" || Number(grid.dataset.version) !== cutaway.book.value.version) return false;
          if (grid.querySelector("[role=grid]").ariaBusy !== "false") return false;
          const key = JSON.parse(grid.dataset.key);
          return (!table || key.table === table) && Object.entries(pages).every(([axis, index]) => key.select[axis] === index);
        }""", table, pages)

    def go_to(self, query: str, *, column: bool = False, choose: str = "") -> None:
        """Ctrl+G: the first of what is found, or the one with some words."""
        self.page.keyboard.press("Control+g")
        if column:
            self.dialog.get_by_role("button", name=re.compile("^column")).click()
        self.dialog.get_by_role("combobox").fill(query)
        self.dialog.get_by_role("option").filter(has_text=choose or None).first.click()
        expect(self.dialog).to_have_count(0)

    def drawer(self, tab: str) -> Locator:
        """A tab of the drawer, opened."""
        if tab in ("Console", "Debugger"):
            self.code()
        self.page.get_by_role("tab", name=tab).click()
        return self.page.get_by_role("tabpanel")

    def edit_operation(self, name: str) -> None:
        """Open the code of an operation, from its word in the formula."""
        self.page.get_by_role("main").get_by_role("button", name=f"What is {name}?").click()
        self.page.get_by_role("button", name="Edit its code").click()

    def code(self) -> None:
        """Switch on what only programmers need."""
        switch = self.page.get_by_role("button", name="Code", exact=True)
        if switch.get_attribute("aria-pressed") != "true":
            switch.click()

    # ---- Reading -----------------------------------------------------------------------------

    def cell(self, row: int, column: int) -> Locator:
        """A cell as screen readers have it."""
        return self.grid.locator(f"[role=row][aria-rowindex='{row + 2}'] "
                                 f"[role=gridcell][aria-colindex='{column + 2}']")

    def number(self, row: int, column: int) -> float:
        """The whole number that a cell says to show."""
        expect(self.cell(row, column)).to_have_attribute("data-value", re.compile("."))
        return float(self.cell(row, column).get_attribute("data-value") or "nan")

    def boxes(self) -> dict[tuple[int, int], tuple[float, float]]:
        """The upper left corner of every cell in view, by row and column."""
        told = self.grid.evaluate("""(grid) => [...grid.querySelectorAll("[role=gridcell]")].map((cell) =>
          [Number(cell.parentElement.ariaRowIndex) - 2, Number(cell.ariaColIndex) - 2,
           cell.getBoundingClientRect().left, cell.getBoundingClientRect().top])""")
        return {(row, column): (left, top) for row, column, left, top in told}

    def numbers(self) -> dict[tuple[int, int], float]:
        """Every number in view, by row and column."""
        told = self.grid.evaluate("""(grid) => [...grid.querySelectorAll("[role=gridcell]")].map((cell) =>
          [Number(cell.parentElement.ariaRowIndex) - 2, Number(cell.ariaColIndex) - 2, cell.dataset.value])""")
        return {(row, column): float(value) for row, column, value in told}

    def agrees(self, array: np.ndarray) -> None:
        """Every number in view is the library's."""
        seen = self.numbers()
        assert seen
        rows, columns = zip(*seen, strict=True)
        np.testing.assert_allclose(list(seen.values()), array[rows, columns],
                                   rtol=RELATIVE, atol=ABSOLUTE)

    def point(self, row: int, column: int) -> tuple[float, float]:
        """The middle of a cell, in the page's pixels."""
        box = self.cell(row, column).bounding_box()
        assert box
        return box["x"] + box["width"] / 2, box["y"] + box["height"] / 2

    def select(self, row: int, column: int) -> None:
        """Click a cell."""
        self.page.mouse.click(*self.point(row, column))
        expect(self.cell(row, column)).to_have_attribute("aria-selected", "true")

    def predicted(self) -> list[tuple[int, float]]:
        """The next tokens with their probabilities, as the page has them."""
        return [(one["id"], one["probability"]) for one in self.state()["prediction"]]

    def predicts(self, probabilities: np.ndarray) -> None:
        """The bars and the page's numbers are those of the library's distribution."""
        best = np.argsort(-probabilities, kind="stable")[:6]
        for place, token in enumerate(best[:5]):
            expect(self.bars.nth(place).locator("small > span")).to_have_text(
                f"{probabilities[token] * 100:.1f} %")
        np.testing.assert_allclose([share for _, share in self.predicted()[:6]],
                                   probabilities[best], rtol=1e-3)

    # ---- Changing ----------------------------------------------------------------------------

    def type_over(self, row: int, column: int, text: str) -> None:
        """Type a number over a cell."""
        self.select(row, column)
        self.page.keyboard.press("F2")
        self.page.get_by_role("textbox", name=f"New value of row {row}, column {column}").fill(text)
        self.page.keyboard.press("Enter")

    def change_menu(self, words: str, part: str = "") -> None:
        """Do something to the selection, the shown head or the whole table."""
        self.page.get_by_role("button", name="Change", exact=True).click()
        menu = self.page.get_by_role("group", name="Change", exact=True)
        title = menu.locator(".menu-title").filter(has_text=part or None).first
        title.locator(f"xpath=following-sibling::button[starts-with(., '{words}')][1]").click()

    def has_changes(self, count: int) -> None:
        """Wait until so many changes are in force and everything in view follows them."""
        self.until("([count]) => cutaway.book.value.cursor === count", count)
        self.settled()


def labelled(text: str) -> str:
    """A token's text as the page shows it."""
    return json.dumps(text)[1:-1].replace(" ", "·")
