"""The grid alone on a page, with a model that a test plays: what tests ask of it and do to it."""

import json

import numpy as np
import pytest

from tests.studio.grid_server import grid_server
from tests.studio.picture import pixels

# The mirror for screen readers follows a moment after scrolling has come to rest.
MIRRORED = """(document.querySelector(".cutaway-grid[data-settled=true]")
  && document.querySelector("[role=grid][aria-busy=false]"))"""
TOKENS = ["M", "ike", " is", " quick", ".", " He", " mo", "ves"]


def known_number(row: int, column: int) -> np.float32:
    """The number that the played model has at a cell: see grid_page/model.js."""
    return np.float32(((row * 31 + column * 17) % 1000) / 1000 - 0.5)


class GridOnPage:
    """A page with one grid on it."""

    def __init__(self, page):
        self.page = page
        self.grid = page.get_by_role("grid")

    def show(self, mode="numbers", prepare="", **table):
        """Put up a table and wait until it is seen; `prepare` is a script that has `model`."""
        told = json.dumps({"table": table, "mode": mode})
        self.run(f"show({{...{told}, prepare: (model) => {{ {prepare} }}}})")
        self.settle()
        return self

    def run(self, script):
        """Run statements in the page; give what they return, or what a lone expression is."""
        lone = ";" not in script and "return" not in script
        return self.page.evaluate(f"() => {{ {'return' if lone else ''} {script} }}")

    def wait(self, condition):
        """Wait until a condition, in JavaScript, holds."""
        # A function, for a string alone would be evaluated, which the page's policy refuses.
        self.page.wait_for_function(f"() => {condition}")

    def settle(self):
        """Wait until all that is in view has come, and the mirror has followed."""
        self.wait(MIRRORED)

    def focus(self):
        self.grid.focus()
        return self

    def press(self, *keys):
        for key in keys:
            self.page.keyboard.press(key)

    def cell(self, row, column):
        """The cell's element in the mirror."""
        return self.page.locator(
            f"[aria-rowindex='{row + 2}'] > [role=gridcell][aria-colindex='{column + 2}']"
        )

    def value(self, row, column):
        """The whole number of a cell, once it is in the mirror."""
        cell = self.cell(row, column)
        cell.and_(self.page.locator(":not([data-value=''])")).wait_for(state="attached")
        return np.float32(cell.get_attribute("data-value"))

    def row_header(self, row):
        return self.page.locator(f"[aria-rowindex='{row + 2}'] > [role=rowheader]")

    def column_header(self, column):
        return self.page.locator(f"[role=columnheader][aria-colindex='{column + 2}']")

    def rows_in_view(self):
        """The rows that the mirror holds."""
        return self.run("[...document.querySelectorAll('[role=row]')].slice(1)"
                        ".map((row) => row.ariaRowIndex - 2)")

    def sent(self, kind):
        """The messages of one kind that the grid sent."""
        return self.run(f"model.sent.filter((message) => message.do === '{kind}')")

    def selected(self):
        """What the model says is selected: row, column, last row, last column."""
        told = self.run("model.get('selected')")
        return told and (told["row"], told["column"], told["row_end"], told["column_end"])

    def box(self, row, column):
        """Where a cell is on the page, as the mirror lays it: x, y, width, height."""
        box = self.cell(row, column).bounding_box()
        return box["x"], box["y"], box["width"], box["height"]

    def middle(self, row, column):
        x, y, width, height = self.box(row, column)
        return x + width / 2, y + height / 2

    def picture(self, row, column, beyond=0):
        """The pixels of a cell, and of so many CSS pixels around it."""
        self.run("return new Promise((done) => requestAnimationFrame(() => setTimeout(done)))")
        x, y, width, height = self.box(row, column)
        clip = {"x": x - beyond, "y": y - beyond,
                "width": width + 2 * beyond, "height": height + 2 * beyond}
        return pixels(self.page.screenshot(clip=clip))


@pytest.fixture(scope="session")
def grid_address():
    with grid_server() as address:
        yield address


RESET = """() => {
  globalThis.grid?.destroy();
  for (const name of ["grid", "model"]) delete globalThis[name];
  document.querySelector("#place").replaceChildren();
  document.activeElement.blur();
  scrollTo(0, 0);
  return true;
}"""


def opened(page, address):
    """A page with the grid's modules loaded."""
    page.goto(address)
    page.wait_for_function("() => window.show !== undefined")
    return page


@pytest.fixture
def grid(kept_page, grid_address):
    """The grid on a page of 1440 x 900, which is kept for all tests of a process."""
    return GridOnPage(kept_page("grid", lambda page: opened(page, grid_address), RESET))


@pytest.fixture
def new_grid(new_page, grid_address):
    """A function that opens the grid on a page of its own, with context options."""
    return lambda **options: GridOnPage(opened(new_page(**options), grid_address))
