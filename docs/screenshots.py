"""Draw the pictures of the studio in docs/screenshots again, with a real browser.

    python -m docs.screenshots [FOLDER]

Views of one workbook, each in light and dark, on a page of 1440 x 900 and of 1024 x 768; the overview
on one of 1920 x 1080 as well, and that of a machine of 30 blocks; the pictures of operations in
light on the large one and in dark on the small one, lessons in light. It needs
Chromium and the development requirements; the workbook lies in a temporary home and is thrown away.
"""

import re
import shutil
import sys
import tempfile
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
from docs.small_png import small_png
from playwright.sync_api import Page, ViewportSize, expect, sync_playwright
from tests.studio.browser import CHROMIUM_NAMES, QUIET
from tests.studio.running import RunningStudio

from cutaway.models import GPT2
from cutaway.models.config import Config
from cutaway.weights import export_huggingface, find_model

PROMPT = "Mike is quick. He moves"
SIZES: dict[str, ViewportSize] = {
    "1440": {"width": 1440, "height": 900}, "1024": {"width": 1024, "height": 768},
    "1920": {"width": 1920, "height": 1080}}
WIDEST = {"overview", "deep"}  # what is drawn on the widest page too
DEEP = Config(vocab_size=4_096, n_positions=64, n_embd=64, n_layer=30, n_head=4)
SCHEMES = ("light", "dark")
WAIT_MILLISECONDS = 60_000
FLAGS = [*QUIET, "--disable-lcd-text", "--force-color-profile=srgb", "--hide-scrollbars"]
UNSETTLED = ".busy, .grid-host:not([hidden]) .cutaway-grid[data-settled=false]"


def overview(page: Page) -> None:
    """What a first visit opens: the whole machine, with what a block's attention reads said below."""
    page.get_by_role("button", name=re.compile("^Block 4, attention")).hover()
    expect(page.locator(".machine-caption")).to_contain_text("reads most from")


def deep(page: Page) -> None:
    """The overview of a machine of 30 blocks."""
    page.get_by_role("button", name=re.compile("^Block 17, attention")).hover()
    expect(page.locator(".machine-caption")).to_contain_text("reads most from")


def drawn(page: Page, table: str, row: int, column: int, **pages: int) -> None:
    """The picture of how a number was made."""
    page.evaluate("""([table, pages, row, column]) => {
      cutaway.showPlace({table, select: pages, drawing: "picture"});
      cutaway.cell.value = {row, column, row_end: row, column_end: column};
    }""", [table, pages, row, column])
    page.wait_for_function(
        "([place]) => document.querySelector('.picture')?.dataset.place?.startsWith(place)",
        arg=[f"{table} "])


def picture_product(page: Page) -> None:
    """A row times a column, term by term."""
    drawn(page, "h1.qkv", 5, 12)


def picture_attention(page: Page) -> None:
    """The mask's staircase, and the row as shares."""
    drawn(page, "h3.attention", 5, 2, head=2)


def picture_normalise(page: Page) -> None:
    """A row before and after it is brought to mean 0 and spread 1."""
    drawn(page, "h2.attention_normalised", 5, 7)


def picture_gelu(page: Page) -> None:
    """The curve, and where this number meets it."""
    drawn(page, "h2.mlp_active", 7, 5)


def picture_next(page: Page) -> None:
    """From probabilities to the token that a draw chooses."""
    drawn(page, "next_probabilities", 261, 0)
    page.get_by_role("table", name="Every segment").scroll_into_view_if_needed()


def first(page: Page) -> None:
    """The example's first table, with the hint of what to change."""
    page.evaluate("cutaway.openTable('h0.attention'); cutaway.drawing.value = 'numbers'")
    expect(page.get_by_role("complementary", name="Hint")).to_be_visible()


def edit(page: Page) -> None:
    """The number that the hint points at is changed: stars, outlines, the next token now and before."""
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
    """Formulas of one's own, with what came of them."""
    page.get_by_role("button", name="scratch sheet").click()
    page.get_by_role("button", name="Try it: king").click()
    expect(page.get_by_role("columnheader", name="cosine")).to_be_visible()
    page.evaluate("document.activeElement.blur()")


def generate(page: Page) -> None:
    """Tokens that the model wrote, and how it chose the last of them."""
    page.evaluate("cutaway.openTable('h5.attention')")
    page.get_by_role("button", name="Numbers", exact=True).click()
    page.get_by_role("tab", name="Generate").click()
    page.get_by_label("Tokens", exact=True).fill("5")
    page.get_by_label("Tokens", exact=True).press("Tab")
    page.get_by_role("button", name="Write 5").click()
    expect(page.get_by_role("button", name="Write 5")).to_be_visible()
    expect(page.get_by_text("Chosen:")).to_be_visible()
    edge = page.get_by_role("separator", name="Height of the drawer")
    for _ in range(4):
        edge.press("ArrowUp")
    page.evaluate("document.activeElement.blur()")


def open_lesson(page: Page, number: int, piece: int) -> None:
    """A piece of a lesson, beside the workbook."""
    close = page.get_by_role("button", name="Close the lesson")
    if close.is_visible():
        close.click()
    page.get_by_role("button", name="lessons", exact=True).click()
    page.locator(".course-entry").nth(number - 1).click()
    page.locator(".lesson-progress button").nth(piece - 1).click()
    expect(page.locator(".lesson-progress [aria-current]")).to_have_text(re.compile(f"^{piece}:"))


def lesson_tokens(page: Page) -> None:
    """GPT-2's own vocabulary, merge by merge: a question is answered."""
    open_lesson(page, 2, 3)
    page.locator(".lesson-option").nth(1).click()
    expect(page.get_by_text("✓ Right")).to_be_visible()


def lesson_attention(page: Page) -> None:
    """A guess, its reason, and the row that was asked about."""
    open_lesson(page, 5, 1)
    page.locator(".lesson-option").nth(1).click()
    page.get_by_role("textbox", name="Your guess").fill("1")
    page.get_by_role("button", name="Answer", exact=True).click()
    expect(page.get_by_text("✓ Right")).to_have_count(2)


def lesson_dice(page: Page) -> None:
    """What temperature makes of the shares."""
    open_lesson(page, 8, 4)
    page.locator(".lesson-option").nth(1).click()
    expect(page.get_by_text("✓ Right").first).to_be_visible()


PICTURES = (picture_product, picture_attention, picture_normalise, picture_gelu, picture_next)
LESSONS = (lesson_tokens, lesson_attention, lesson_dice)
VIEWS = (overview, *PICTURES, first, edit, attention, tokens, scratch, generate, *LESSONS)
DEEP_VIEWS = (deep,)
ONLY = {"deep": {("light", "1440"), ("dark", "1920")}, "picture": {("light", "1440"), ("dark", "1024")}, "lesson": {("light", "1440")}}


def at_rest(page: Page) -> None:
    """Wait until nothing is calculated, every number in view has come, and two frames are painted."""
    expect(page.locator(UNSETTLED)).to_have_count(0)
    page.evaluate("new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))")


def follow(page: Page) -> None:
    """Bring the selected cell back into view, where a smaller page has moved it out."""
    if page.evaluate("document.activeElement.role === 'grid'"):
        page.keyboard.press("ArrowLeft")
        page.keyboard.press("ArrowRight")


def photograph(page: Page, name: str, folder: Path) -> None:
    """One view in both colour schemes and both sizes; of some kinds, fewer."""
    for size, viewport in SIZES.items():
        page.set_viewport_size(viewport)
        follow(page)
        for scheme in SCHEMES:
            kind = name.partition("_")[0]
            if size == "1920" and kind not in WIDEST:
                continue
            if kind in ONLY and (scheme, size) not in ONLY[kind]:
                continue
            page.emulate_media(color_scheme=scheme, reduced_motion="reduce")
            at_rest(page)
            picture = small_png(page.screenshot(animations="disabled"))
            (folder / f"{name}-{scheme}-{size}.png").write_bytes(picture)


def main(folder: Path) -> None:
    """All views, in order: each goes on from the one before."""
    program = next(filter(None, map(shutil.which, CHROMIUM_NAMES)), None)
    if program is None:
        raise SystemExit("Chromium is missing: apt-get install chromium")
    folder.mkdir(parents=True, exist_ok=True)
    expect.set_options(timeout=WAIT_MILLISECONDS)
    with tempfile.TemporaryDirectory() as home, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=program, args=FLAGS)
        with RunningStudio(Path(home) / "storybook", PROMPT) as studio:
            draw(browser.new_page(), studio.address, VIEWS, folder)
        model = random_model(Path(home) / "random")
        with RunningStudio(Path(home) / "deep", "--model", str(model), PROMPT) as studio:
            draw(browser.new_page(), studio.address, DEEP_VIEWS, folder)


def draw(page: Page, address: str, views: Sequence[Callable[[Page], None]], folder: Path) -> None:
    """Some views of one workbook, in their order."""
    page.set_default_timeout(WAIT_MILLISECONDS)
    for view in views:
        page.set_viewport_size(SIZES["1440"])
        if page.url == "about:blank":
            page.goto(address)
        view(page)
        if view not in (overview, deep):  # which show what is pointed at
            page.mouse.move(0, 0)
        photograph(page, view.__name__, folder)


def random_model(folder: Path) -> Path:
    """A GPT-2 of 30 blocks with the first numbers of a seed, large enough that heads differ."""
    bundled = find_model("storybook")
    random = np.random.default_rng(30)
    arrays = {name: numbers + random.normal(0, 0.13, numbers.shape).astype(np.float32)
              for name, numbers in GPT2.fresh(DEEP, random).items()}
    export_huggingface(DEEP, arrays, bundled.tokenizer_folder, folder)
    return folder


if __name__ == "__main__":
    main(Path(sys.argv[1]) if sys.argv[1:] else Path(__file__).parent / "screenshots")
