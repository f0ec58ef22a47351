"""The console tab in a real browser; the server is played."""

import pytest
from playwright.sync_api import expect

SCRIPT = """
import {html, render} from "./vendor/ui.js";
import {book, toasts} from "./state.js";
import {ConsoleTab} from "./panels/console.js";
globalThis.toasts = toasts;
book.value = {version: 1, model: {name: "storybook", roles: {attention: "h0.attention"}},
  cells: [
  {cell: "c1", kind: "code", name: "queen", source: ""},
  {cell: "c2", kind: "code", name: "", source: ""}]};
globalThis.print = (text, cell = null, stream = "out") =>
  played.push({push: "print", text, stream, cell});
const place = document.querySelector("#stage");
place.style.height = "300px";
render(html`<${ConsoleTab} />`, place);
"""


@pytest.fixture
def console(stage):
    """The console of a book with the cells c1, named queen, and c2."""
    return stage(SCRIPT)


def lines(page):
    return page.locator(".console-entry pre").all_inner_texts()


def at_the_end(page):
    return page.get_by_role("log").evaluate(
        "log => log.scrollHeight - log.scrollTop - log.clientHeight < 2")


def ask(page, expression):
    line = page.get_by_role("textbox", name="Expression to ask for")
    line.fill(expression)
    line.press("Enter")


def answer(page, verb, value):
    page.evaluate(f"void (played.answers['{verb}'] = {value})")


def test_an_empty_console_says_what_it_is_for(console):
    expect(console.get_by_text("What a code cell prints appears here.")).to_be_visible()
    expect(console.get_by_role("button", name="Copy")).to_be_disabled()
    expect(console.get_by_role("button", name="Clear")).to_be_disabled()


def test_what_is_printed_stands_under_the_cell_that_printed_it(console):
    console.evaluate("print('one\\ntwo\\n', 'c1'); print('three\\n', 'c2'); print('four\\n')")
    expect(console.locator(".console-entry")).to_have_count(3)
    assert lines(console) == ["one\ntwo", "three", "four"]
    assert console.locator(".console-cell").all_inner_texts() == ["queen", "c2", "workbook"]
    expect(console.get_by_text("4 lines")).to_be_visible()


def test_pieces_of_a_line_are_joined_and_a_return_writes_over_it(console):
    console.evaluate("print('10 %', 'c1'); print('\\r20 %', 'c1')")
    expect(console.locator("pre")).to_have_text("20 %")
    console.evaluate("print('\\r30 %\\nready', 'c1')")
    expect(console.locator("pre")).to_have_text("30 %\nready")


def test_colour_codes_of_a_terminal_are_left_out(console):
    console.evaluate("print('\\x1b[31mred\\x1b[0m words\\n')")
    expect(console.locator("pre")).to_have_text("red words")


def test_markup_stays_text(console):
    console.evaluate("print('<img src=x onerror=alert(1)><b>bold</b>\\n', 'c1')")
    expect(console.locator("pre")).to_have_text("<img src=x onerror=alert(1)><b>bold</b>")
    assert console.locator("pre *").count() == 0


def test_an_error_has_another_colour_and_a_word(console):
    console.evaluate("print('fine\\n', 'c1'); print('bad\\n', 'c1', 'error')")
    entry = console.locator(".console-entry.error")
    expect(entry.get_by_text("error", exact=True)).to_be_visible()
    colours = [pre.evaluate("pre => getComputedStyle(pre).color")
               for pre in console.locator("pre").all()]
    assert len(set(colours)) == 2


def test_a_cell_that_fails_is_told_with_its_line(console):
    console.evaluate("played.push({push: 'cell', cell: 'c1', result: "
                     "{state: 'error', message: 'no such table', line: 3}})")
    expect(console.locator(".console-entry.error pre")).to_have_text("Line 3: no such table")
    expect(console.locator(".console-cell")).to_have_text("queen")


def test_a_cell_that_is_done_prints_nothing_of_itself(console):
    console.evaluate("played.push({push: 'cell', cell: 'c1', result: {state: 'done'}}); "
                     "print('after\\n')")
    expect(console.locator("pre")).to_have_text(["after"])


def test_the_view_follows_the_newest_line_until_the_visitor_scrolls_up(console):
    console.evaluate("for (let n = 0; n < 100; n++) print(`line ${n}\\n`, 'c1')")
    expect(console.get_by_text("100 lines")).to_be_visible()
    assert at_the_end(console)
    console.get_by_role("log").evaluate("log => { log.scrollTop = 0; }")
    console.evaluate("new Promise(requestAnimationFrame).then(() => new Promise(setTimeout))")
    console.evaluate("print('one more\\n', 'c1')")
    newer = console.get_by_role("button", name="New lines")
    expect(newer).to_be_visible()
    assert console.get_by_role("log").evaluate("log => log.scrollTop") == 0
    newer.click()
    expect(newer).to_be_hidden()
    console.evaluate("print('and another\\n', 'c1')")
    expect(console.get_by_text("102 lines")).to_be_visible()
    assert at_the_end(console)


def test_some_thousand_lines_are_kept_and_it_says_how_many_are_not(console):
    console.evaluate("for (let n = 0; n < 20000; n++) print(`line ${n}\\n`, 'c1')")
    expect(console.locator("pre").last).to_contain_text("line 19999")
    kept = sum(text.count("\n") + 1 for text in lines(console))
    assert 3000 <= kept < 3400
    gone = console.locator(".console-forgotten")
    expect(gone).to_have_text(f"{20000 - kept:,} lines before this are no longer kept.")
    expect(console.get_by_text(f"{kept:,} lines", exact=True)).to_be_visible()


def test_a_line_without_end_is_cut(console):
    console.evaluate("for (let n = 0; n < 200; n++) print('x'.repeat(1000), 'c1')")
    expect(console.locator("pre")).to_have_text("x" * 2000 + "…")


def test_clear_forgets_all(console):
    console.evaluate("print('one\\n', 'c1')")
    console.get_by_role("button", name="Clear").click()
    expect(console.locator("pre")).to_have_count(0)
    console.evaluate("print('two\\n', 'c1')")
    expect(console.locator("pre")).to_have_text(["two"])


def test_copy_takes_all_lines(stage):
    console = stage(SCRIPT, first=True)
    console.context.grant_permissions(["clipboard-read", "clipboard-write"])
    console.evaluate("print('one\\n', 'c1'); print('two\\n', 'c2', 'error')")
    console.get_by_role("button", name="Copy").click()
    said = "new Promise(done => toasts.subscribe(([first]) => first && done(first.text)))"
    assert console.evaluate(said) == "Copied 2 lines."
    assert console.evaluate("navigator.clipboard.readText()") == "one\ntwo"


def test_an_expression_is_answered(console):
    answer(console, "cell_eval", "({source}) => ({text: `<${source}>`})")
    ask(console, "wte['king']")
    expect(console.locator(".console-entry.value pre")).to_have_text("<wte['king']>")
    expect(console.locator(".console-entry.asked pre")).to_have_text("wte['king']")
    assert console.evaluate("played.asked") == [["cell_eval", {"source": "wte['king']"}]]
    expect(console.get_by_role("textbox")).to_have_value("")


def test_a_refused_expression_is_told_as_an_error(console):
    answer(console, "cell_eval", "() => { throw new Error('no such name'); }")
    ask(console, "quenn")
    expect(console.locator(".console-entry.error pre")).to_have_text("no such name")


def test_a_long_calculation_shows_that_it_runs_and_can_be_interrupted(console):
    answer(console, "cell_eval", "() => new Promise((_, refuse) => { refuseAnswer = refuse; })")
    answer(console, "interrupt", "() => refuseAnswer(new Error('interrupted'))")
    ask(console, "forever()")
    expect(console.get_by_placeholder("calculating…")).to_be_visible()
    console.get_by_role("button", name="Interrupt").click()
    expect(console.locator(".console-entry.error pre")).to_have_text("interrupted")
    expect(console.get_by_role("textbox")).to_be_focused()
    expect(console.get_by_role("button", name="Ask")).to_be_visible()


def test_the_arrows_bring_back_what_was_asked(console):
    answer(console, "cell_eval", "{text: ''}")
    line = console.get_by_role("textbox")
    for expression in ("first", "second"):
        ask(console, expression)
        expect(console.get_by_role("button", name="Ask")).to_be_visible()
    shown = []
    for key in ("ArrowUp", "ArrowUp", "ArrowUp", "ArrowDown", "ArrowDown"):
        line.press(key)
        shown.append(line.input_value())
    assert shown == ["second", "first", "first", "second", ""]


def test_what_was_printed_before_the_tab_was_opened_is_there(stage):
    page = stage(SCRIPT.replace("render(html", "globalThis.open = () => render(html"))
    page.evaluate("print('early\\n', 'c1')")
    page.evaluate("open()")
    expect(page.locator("pre")).to_have_text("early")
