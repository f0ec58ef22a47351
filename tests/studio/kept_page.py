"""A page that many tests visit one after the other, without loading it anew each time.

Loading a page costs ten times what a test asks of it. So a KeptPage is loaded once a process, and
before each test brought back to what it was at first: its `reset` takes away what was drawn, and
SIGNALS gives every signal of a module its first value. Then the whole document is compared with
that of the first visit; where anything differs, the page is loaded anew. So a test finds the same
page however often it was used.

What is left of earlier tests is what a module keeps to itself outside signals and document, such as
that a lazy part was fetched. A test of that, or one that listens to the page or changes its browser
context, opens a page of its own with `new_page`.
"""

from collections.abc import Callable
from typing import Any

from playwright.sync_api import Page, ViewportSize

# In the place of vendor/ui.js: `keptSignals` has each signal that a module makes, with its value.
SIGNALS = """
export * from "./ui-itself.js";
import {batch, signal as made} from "./ui-itself.js";
const text = (value) => { try { return JSON.stringify(value); } catch { return undefined; } };
const kept = [];
export function signal(value) {
  const one = made(value);
  kept.push([one, value, text(value)]);
  return one;
}
// Each signal has its first value again; false where that value itself was changed.
globalThis.resetSignals = () => {
  batch(() => { for (const [one, value] of kept) one.value = value; });
  return kept.every(([, value, before]) => text(value) === before);
};
"""
OUTLINE = """() => {
  const whole = document.documentElement.cloneNode(true);
  whole.querySelectorAll("script").forEach((script) => script.remove());
  return [whole.outerHTML, {...localStorage}, {...sessionStorage}, location.href,
    document.activeElement === document.body, scrollX, scrollY, innerWidth, innerHeight];
}"""


class KeptPage:
    """One page for many tests.

    page   a page of a browser context of its own
    load   goes to its address, and waits until it is there
    reset  JavaScript that takes away what a test has drawn; gives false where it cannot
    """

    def __init__(self, page: Page, load: Callable[[Page], None], reset: str):
        self.page, self._load, self._reset = page, load, reset
        self._size = page.viewport_size
        self._first: Any = None
        self.loaded = 0
        self._begin()

    def _begin(self) -> None:
        self._load(self.page)
        self._first = self.page.evaluate(OUTLINE)
        self.loaded += 1

    def bring_back(self) -> None:
        """The page as on a first visit."""
        hands_off(self.page, self._size)
        if not self.page.evaluate(self._reset) or self.page.evaluate(OUTLINE) != self._first:
            self._begin()


def hands_off(page: Page, size: ViewportSize | None) -> None:
    """No other page beside it, no key or button held, and the size that it had."""
    for other in page.context.pages:
        if other is not page:
            other.close()
    if size and page.viewport_size != size:
        page.set_viewport_size(size)
    for key in ("Shift", "Control", "Alt", "Meta"):
        page.keyboard.up(key)
    page.mouse.up()
    page.mouse.move(0, 0)
