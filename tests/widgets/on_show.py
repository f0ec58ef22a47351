"""A table on show in a page: its elements as a screen reader finds them."""

import re

import numpy as np
from playwright.sync_api import Locator, Page, expect

PATIENCE_MS = 120_000  # a loaded machine takes long to start a kernel


class OnShow:
    """One widget in a page, by the name of its table."""

    def __init__(self, page: Page, table: str):
        named = page.locator(".cutaway-name").get_by_text(table, exact=True)
        self.page = page
        self.widget = page.locator(".cutaway-table").filter(has=named)
        self.grid = self.widget.get_by_role("grid")

    def settled(self) -> Locator:
        """The grid's outermost element, once all that is in view is painted."""
        root = self.widget.locator(".cutaway-grid")
        expect(root).to_have_attribute("data-settled", "true", timeout=PATIENCE_MS)
        return root

    def cell(self, row: int, column: int) -> Locator:
        """A cell by its place, counted from 0 without the headers."""
        line = self.grid.locator(f"[role=row][aria-rowindex='{row + 2}']")
        return line.locator(f"[role=gridcell][aria-colindex='{column + 2}']")

    def header(self, row: int) -> Locator:
        return self.grid.locator(f"[role=row][aria-rowindex='{row + 2}'] [role=rowheader]")

    def select(self, row: int, column: int) -> None:
        """Click on a cell that is in view, where the canvas shows it."""
        self.settled()
        box = self.cell(row, column).bounding_box()
        self.page.mouse.click(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
        expect(self.cell(row, column)).to_have_attribute("aria-selected", "true")

    def has(self, row: int, column: int, value: float, text: str = "") -> None:
        """Expect a cell's number, the very float32, and how it is written."""
        cell = self.cell(row, column)
        expect(cell).to_have_attribute("data-value", re.compile("."), timeout=PATIENCE_MS)
        assert np.float32(cell.get_attribute("data-value")) == np.float32(value)
        if text:
            expect(cell).to_have_text(text)

    def ground(self) -> tuple[int, int, int]:
        """The colour of a painted pixel in the corner of the headers."""
        self.settled()
        return tuple(self.widget.locator("canvas").evaluate(
            "canvas => [...canvas.getContext('2d').getImageData(4, 4, 1, 1).data].slice(0, 3)"))
