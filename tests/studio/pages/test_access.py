"""The page is fit for everyone: axe finds nothing, nothing is cut off, nothing jumps, nothing must move."""

import re
from pathlib import Path

import pytest
from playwright.sync_api import expect

from tests.studio.pages.visitor import Visitor

AXE = Path(__file__).parents[3] / "tools/page/node_modules/axe-core/axe.min.js"
RULES = {"runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"],
         "resultTypes": ["violations"]}  # what is in order is counted, not described
COLOURS = {"runOnly": {"type": "rule", "values": ["color-contrast", "link-in-text-block"]}}
FINDINGS = """async ([rules]) => (await axe.run(document, rules)).violations.flatMap(
  ({id, help, nodes}) => nodes.map((node) => `${id}: ${help}: ${node.target.join(" ")}`))"""

# What is wider or higher than the box that cuts it off, and no dots say so; and what lies beyond the
# edge of the page.
CUT_OFF = """() => [...document.querySelectorAll(".studio *:not(.hidden-text, .skip)")].flatMap((element) => {
  const style = getComputedStyle(element);
  const box = element.getBoundingClientRect();
  if (!element.checkVisibility() || !box.width || element.closest(".cutaway-grid, svg, .hidden-text, .skip, .code-alert")) return [];
  const name = `${element.tagName}.${element.className} ${element.textContent.slice(0, 30)}`;
  const cuts = (how) => ["hidden", "clip"].includes(how);
  const wide = cuts(style.overflowX) && element.scrollWidth > element.clientWidth + 1 && style.textOverflow !== "ellipsis";
  const high = cuts(style.overflowY) && element.scrollHeight > element.clientHeight + 3;
  let scroller = element.parentElement;
  while (scroller && !["auto", "scroll"].includes(getComputedStyle(scroller).overflowX)) scroller = scroller.parentElement;
  const beyond = !scroller && box.right > innerWidth + 1;
  return [wide && `cut in width: ${name}`, high && `cut in height: ${name}`, beyond && `beyond the edge: ${name}`].filter(Boolean);
})"""
NO_SIDEWAYS = "document.documentElement.scrollWidth <= innerWidth"


# ---- The states of the page: each a function that goes there from the first page --------------------


def first_page(visit):
    """The example."""


def edited(visit):
    visit.open("h2.attention", head=1)
    visit.grid.focus()
    visit.page.keyboard.press("Control+Home")
    visit.page.keyboard.type("0.5")
    visit.page.keyboard.press("Enter")
    visit.has_changes(1)


def drawn(words, table="h2.attention"):
    def go(visit):
        visit.choose(table)
        visit.page.get_by_role("button", name=words, exact=True).click()
        expect(visit.page.locator(".drawing svg, .drawing table, .cutaway-grid").last).to_be_visible()
    return go


def overview(visit):
    visit.choose("overview")
    expect(visit.page.locator(".machine-drawing")).to_be_visible()


def writing(visit):
    visit.choose("writing")
    expect(visit.page.get_by_role("table", name="The choice, stage by stage")).to_be_visible()


def surprise(visit):
    visit.choose("surprise: how unexpected each token is")
    expect(visit.page.get_by_role("table", name="The likeliest tokens")).to_be_visible()


def tokens(tab):
    def go(visit):
        visit.choose("tokens")
        visit.page.get_by_role("tab", name=tab, exact=True).click()
        expect(visit.page.locator(".tk-wait")).to_have_count(0)
    return go


def scratch(visit):
    visit.choose("scratch sheet")
    visit.page.get_by_role("button", name="Try it: king").click()
    expect(visit.page.get_by_role("columnheader", name="cosine")).to_be_visible()


def scratch_empty(visit):
    visit.choose("scratch sheet")
    expect(visit.page.get_by_role("button", name="Try it: king")).to_be_visible()


def weights(visit):
    visit.choose("weights and models")
    expect(visit.page.get_by_role("table").first).to_be_visible()


def drawer(tab):
    def go(visit):
        visit.drawer(tab)
        if tab == "Compare":
            visit.page.get_by_role("button", name="Compare", exact=True).click()
            expect(visit.page.get_by_text("tables differ")).to_be_visible()
    return go


def paused(visit):
    visit.code()
    visit.page.get_by_role("button", name="Step into", exact=True).click()
    expect(visit.page.get_by_text("Before line")).to_be_visible()


def dialog(key):
    def go(visit):
        visit.page.keyboard.press(key)
        expect(visit.dialog).to_be_visible()
    return go


def picture(visit):
    """A picture of several operations, and what a word of the formula means."""
    visit.open("h3.attention", head=2)
    visit.page.get_by_role("button", name="Picture", exact=True).click()
    expect(visit.page.locator(".pic-head")).to_have_count(6)
    visit.page.locator(".formula").get_by_role("button", name="What is softmax?").click()
    expect(visit.page.get_by_text("EXP(x)/SUM(EXP(row))")).to_be_visible()


def glossary(visit):
    visit.page.locator(".formula").get_by_role("button", name="What is causal?").click()
    visit.page.get_by_role("button", name="The whole glossary").click()
    expect(visit.dialog.get_by_role("heading", name="Glossary")).to_be_visible()


def lessons(visit):
    visit.choose("lessons")
    expect(visit.page.locator(".course-entry").first).to_be_visible()


def lesson(visit):
    """A lesson with a table, a question that is answered, and one that waits; then for a room."""
    lessons(visit)
    visit.page.locator(".course-entry").nth(4).click()
    visit.page.locator(".lesson-progress button").first.click()  # another test may have read on
    visit.page.locator(".lesson-option").first.click()
    expect(visit.page.locator(".lesson-verdict").first).not_to_be_empty()
    visit.page.get_by_role("button", name="Teach").click()
    visit.page.get_by_role("button", name="Show the answer").first.click()
    expect(visit.page.locator(".lesson-guess")).to_be_visible()
    visit.page.get_by_role("button", name="Teach").click()


def operation(visit):
    visit.page.locator(".formula").get_by_role("button", name="What is softmax?").click()
    visit.page.get_by_role("button", name="Edit its code").click()
    expect(visit.dialog.locator(".code-host")).to_be_visible()


def menu(name):
    def go(visit):
        visit.page.get_by_role("button", name=name, exact=True).click()
    return go


STATES = {
    "first page": first_page, "overview": overview, "writing": writing, "surprise": surprise,
    "an edit": edited, "heat": drawn("Heat"), "arcs": drawn("Arcs"),
    "histogram": drawn("Histogram"), "bars": drawn("Bars", "next_probabilities"),
    **{f"tokens, {tab}": tokens(tab) for tab in
       ("Prompt", "Merge by merge", "Spellings", "Vocabulary", "Merges", "Learn")},
    "an empty scratch sheet": scratch_empty, "a scratch sheet": scratch, "weights": weights,
    **{f"drawer, {tab}": drawer(tab) for tab in ("Compare", "Generate", "Console", "Debugger")},
    "paused": paused, "palette": dialog("Control+k"), "go to": dialog("Control+g"),
    "help": dialog("?"), "an operation": operation, "a picture": picture, "lessons": lessons, "a lesson": lesson, "the glossary": glossary,
    "the Change menu": menu("Change"),
    "the Save menu": menu("Save"),
}


@pytest.fixture(params=STATES)
def in_state(request):
    """How to get from the first page to one of its states."""
    return STATES[request.param]


@pytest.fixture
def arrive(studio, kept_tab):
    """A function that opens the page of a new book where no motion is welcome."""

    opened = []

    def open_page(script=""):
        page = kept_tab(f"without motion {len(script)}", script, reduced_motion="reduce")
        opened.append(page)
        visitor = Visitor(page)
        visitor.arrive(studio.address)
        visitor.begin_anew()
        visitor.page.evaluate("document.fonts.ready")
        return visitor

    yield open_page
    for page in opened:  # what is paused in the debugger would keep the next test waiting
        stop = page.get_by_role("toolbar", name="Go on").get_by_role("button", name="Stop")
        if stop.is_visible():
            stop.click()
            expect(stop).to_have_count(0)


SIZES = [(1024, 768), (720, 450)]  # the smallest, and 1440 x 900 at 200 % as zoom makes it


def test_axe_finds_no_violation_and_nothing_is_cut_off(arrive, in_state):
    if not AXE.is_file():
        pytest.skip("axe-core is missing: npm ci --prefix tools/page")
    visit = arrive(AXE.read_text(encoding="utf-8"))
    in_state(visit)
    assert visit.page.evaluate("document.documentElement.scrollHeight <= innerHeight")
    for scheme, rules in (("light", RULES), ("dark", COLOURS)):  # only colours differ in the dark
        visit.page.emulate_media(color_scheme=scheme)
        assert visit.page.evaluate(FINDINGS, [rules]) == [], scheme
    for width, height in SIZES:
        visit.page.set_viewport_size({"width": width, "height": height})
        assert visit.page.evaluate(CUT_OFF) == [], width
        assert visit.page.evaluate(NO_SIDEWAYS), width


def test_nothing_moves_while_the_numbers_arrive(studio, new_page):
    page = new_page()
    page.context.add_init_script("""
      globalThis.shifts = [];
      new PerformanceObserver((list) => shifts.push(...list.getEntries().map(({value, sources}) =>
        [value, ...sources.map(({node}) => node?.className ?? "")])))
        .observe({type: "layout-shift", buffered: true});""")
    page.goto(studio.address)
    expect(page.locator(".machine-drawing")).to_be_visible()
    expect(page.locator(".strip i").first).to_be_attached()
    shifts = page.evaluate("shifts")
    assert sum(shift[0] for shift in shifts) < 0.02, shifts


def test_what_is_chosen_and_what_has_the_focus_is_seen_in_forced_colours(arrive):
    visit = arrive()
    visit.page.emulate_media(forced_colors="active")
    colour = "(element) => getComputedStyle(element).backgroundColor"
    chosen = visit.page.get_by_role("button", name="Numbers", exact=True).evaluate(colour)
    assert chosen != visit.page.get_by_role("button", name="Heat", exact=True).evaluate(colour)
    line = "(element) => getComputedStyle(element).borderBottomColor"
    tab = visit.page.get_by_role("tab", name="Changes")
    assert tab.evaluate(line) != visit.page.get_by_role("tab", name="Compare").evaluate(line)
    visit.page.keyboard.press("Tab")
    assert visit.page.evaluate("getComputedStyle(document.activeElement).outlineStyle") == "solid"


def test_nothing_moves_for_whoever_wants_no_motion(arrive):
    visit = arrive()
    visit.open("h2.attention")
    visit.page.get_by_role("button", name="Arcs", exact=True).click()
    visit.page.get_by_role("img", name=re.compile("reads")).last.focus()
    assert visit.page.evaluate("document.getAnimations().length") == 0
