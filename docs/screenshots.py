"""Draw the pictures of the studio in docs/screenshots again, with a real browser.

    python docs/screenshots.py [FOLDER]

Six views of one workbook, each in light and dark, on a page of 1440 x 900 and of 1024 x 768. It needs
Chromium and the development requirements; the workbook lies in a temporary home and is thrown away.
"""

import os
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from playwright.sync_api import Page, expect, sync_playwright

PROMPT = "Mike is quick. He moves"
SIZES = {"1440": (1440, 900), "1024": (1024, 768)}
SCHEMES = ("light", "dark")
WAIT_MILLISECONDS = 30_000
PROGRAMS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-lcd-text", "--force-color-profile=srgb",
         "--hide-scrollbars"]
ADDRESS = re.compile(r"http://127\.0\.0\.1:\d+/\?token=[\w-]+")
UNSETTLED = ".busy, .grid-host:not([hidden]) .cutaway-grid[data-settled=false]"


@contextmanager
def studio(home: str) -> Iterator[str]:
    """A studio of its own, given as its address."""
    environment = {**os.environ, "CUTAWAY_HOME": home, "OMP_NUM_THREADS": "1"}
    process = subprocess.Popen(
        [sys.executable, "-u", "-m", "cutaway", "open", "--no-browser", "--port", "0", PROMPT],
        env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    try:
        printed = ""
        for line in process.stdout or []:
            printed += line
            if found := ADDRESS.search(line):
                yield found[0]
                return
        raise SystemExit(f"The studio did not start:\n{printed}")
    finally:
        process.terminate()
        process.communicate()


def first(page: Page) -> None:
    """The example, calculated, with the hint of what to change."""
    expect(page.get_by_role("complementary", name="Hint")).to_be_visible()


def edit(page: Page) -> None:
    """The number that the hint points at is changed: stars, outlines, the prediction now and before."""
    page.get_by_role("button", name="Show that cell").click()
    grid = page.get_by_role("grid")
    expect(grid).to_have_attribute("aria-activedescendant", re.compile(r".+"))
    grid.focus()
    page.keyboard.type("1")
    page.keyboard.press("Enter")
    expect(page.get_by_role("tab", name="Changes (1)")).to_be_visible()
    expect(page.get_by_role("complementary", name="Cell")).to_contain_text("was")
    expect(page.get_by_role("region", name="The next token")).to_contain_text("now / was")


def attention(page: Page) -> None:
    """Who reads whom, as arcs."""
    page.get_by_role("button", name="Undo").click()
    page.evaluate("cutaway.openTable('h3.attention', {head: 2})")
    page.get_by_role("button", name="Arcs").click()
    page.get_by_role("img", name=re.compile("^ves reads")).focus()


def tokens(page: Page) -> None:
    """A word put together merge by merge."""
    page.get_by_role("button", name="Fold the drawer").click()
    page.get_by_role("button", name="tokens", exact=True).click()
    page.get_by_role("tab", name="Merge by merge").click()
    page.get_by_label("Any text").fill(" strawberry")
    for _ in range(3):
        page.get_by_role("button", name="One merge on").click()


def scratch(page: Page) -> None:
    """Formulas and code of one's own, with what came of them."""
    page.get_by_role("button", name="scratch sheet").click()
    page.get_by_role("button", name="Try it: king").click()
    expect(page.get_by_text("cosine")).to_be_visible()


def generate(page: Page) -> None:
    """Tokens that the model wrote, and how it chose the last of them."""
    page.evaluate("cutaway.openTable('h5.attention')")
    page.get_by_role("button", name="Numbers", exact=True).click()
    page.get_by_role("tab", name="Generate").click()
    page.get_by_label("Tokens", exact=True).fill("6")
    page.get_by_label("Tokens", exact=True).press("Tab")
    page.get_by_role("button", name="Write 6").click()
    expect(page.get_by_role("button", name="Write 6")).to_be_visible()
    expect(page.get_by_text("Chosen:")).to_be_visible()


VIEWS = (first, edit, attention, tokens, scratch, generate)


def at_rest(page: Page) -> None:
    """Wait until nothing is calculated, every number in view has come, and two frames are painted."""
    expect(page.locator(UNSETTLED)).to_have_count(0)
    page.evaluate("new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))")


def photograph(page: Page, name: str, folder: Path) -> None:
    """One view in both colour schemes and both sizes."""
    for size, (width, height) in SIZES.items():
        page.set_viewport_size({"width": width, "height": height})
        for scheme in SCHEMES:
            page.emulate_media(color_scheme=scheme, reduced_motion="reduce")
            at_rest(page)
            page.screenshot(path=folder / f"{name}-{scheme}-{size}.png", animations="disabled")


def main(folder: Path) -> None:
    """All views, in order: each goes on from the one before."""
    program = next(filter(None, map(shutil.which, PROGRAMS)), None)
    if program is None:
        raise SystemExit("Chromium is missing: apt-get install chromium")
    folder.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory() as home, studio(home) as address, sync_playwright() as play:
        page = play.chromium.launch(executable_path=program, args=FLAGS).new_page()
        page.set_default_timeout(WAIT_MILLISECONDS)
        expect.set_options(timeout=WAIT_MILLISECONDS)
        page.goto(address)
        for view in VIEWS:
            page.set_viewport_size({"width": 1440, "height": 900})
            view(page)
            photograph(page, view.__name__, folder)


if __name__ == "__main__":
    main(Path(sys.argv[1]) if sys.argv[1:] else Path(__file__).parent / "screenshots")
