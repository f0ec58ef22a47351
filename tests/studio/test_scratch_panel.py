"""The scratch sheet in a real browser. The server is played; the cells are really calculated.

Over 400 lines: the played server stands here with all tests that it answers.
"""

import json

import pytest
from playwright.sync_api import expect

import cutaway
from tests.studio.scratch_book import SERVERS, WORKERS, Book

SCRIPT = """
import {html, render} from "./vendor/ui.js";
import * as state from "./state.js";
import {onPush} from "./server.js";
import {ScratchView} from "./panels/scratch.js";
import {Toasts} from "./panels/dialogs.js";
globalThis.state = state;
onPush("state", state.receive);
for (const verb of VERBS) {
  played.answers[verb] = async (fields) => {
    const {ok, error, pushes} = await calculate(verb, fields);
    for (const push of pushes) played.push(push);
    if (error) throw Object.assign(new Error(error.message), error);
    return ok;
  };
}
state.receive(STATE);
const place = document.querySelector("#stage");
place.className = "view";
render(html`<${ScratchView} /><${Toasts} />`, place);
"""
KING = 'wte[" king"] - wte[" man"] + wte[" woman"]'


@pytest.fixture(scope="module")
def model():
    return cutaway.open_model()


@pytest.fixture
def book(model):
    """The open book behind the page."""
    return Book(model)


@pytest.fixture
def sheet(stage, book):
    """A function that opens the scratch sheet with some cells on it: k1, k2, ..."""

    def open_sheet(*cells, **options):
        book.sources = [{"name": "", **one, "cell": f"k{place}"}
                        for place, one in enumerate(cells, 1)]
        script = SCRIPT.replace("VERBS", json.dumps([*WORKERS, *SERVERS]))
        return stage(script.replace("STATE", json.dumps(book.state())),
                     functions={"calculate": book.answer}, **options)

    return open_sheet


def formula(name, source):
    return {"kind": "formula", "name": name, "source": source}


def code(name, source):
    return {"kind": "code", "name": name, "source": source}


def cell(page, place):
    """A cell by the place where it stands, counted from 1."""
    return page.get_by_role("article").nth(place - 1)


def run(page, place):
    cell(page, place).get_by_role("button", name=f"Run Cell {place}").click()


def push(page, *messages):
    page.evaluate("messages => messages.forEach(played.push)", list(messages))


def editor(page, place):
    """A cell's editor, when CodeMirror has loaded."""
    found = cell(page, place).locator(".cm-content")
    expect(found).to_be_visible()
    return found


def until(page, condition):
    """Wait until an expression holds in the page; its policy forbids Playwright's own way."""
    for _ in range(500):
        if page.evaluate(condition):
            return
        page.wait_for_timeout(10)
    pytest.fail(f"never came true: {condition}")


def asked(page, verb):
    """The fields of each time that the page asked for something."""
    return [fields for name, fields in page.evaluate("played.asked") if name == verb]


# ---- The empty sheet -------------------------------------------------------------------------


def test_an_empty_sheet_teaches_with_three_examples(sheet):
    page = sheet()
    expect(page.get_by_role("heading", name="Scratch sheet")).to_be_visible()
    assert page.get_by_role("heading", level=2).all_inner_texts() == [
        "king − man + woman", "Attention shares out 1", "Who looks one back?"]
    expect(page.get_by_role("button", name="Run all")).to_be_disabled()


def test_the_first_example_ranks_the_tokens_nearest_to_king_minus_man_plus_woman(sheet):
    page = sheet()
    page.get_by_role("button", name="Try it: king").click()
    expect(page.get_by_role("article")).to_have_count(2)
    rows = cell(page, 2).locator(".sc-ranking tbody tr")
    expect(rows).to_have_count(10)
    assert any("·queen" in text for text in rows.all_inner_texts()[:4])
    expect(cell(page, 1).get_by_text("192 embed")).to_be_visible()


def test_the_second_example_shows_that_every_row_of_attention_is_one(sheet):
    page = sheet()
    page.get_by_role("button", name="Try it: Attention").click()
    expect(cell(page, 1).get_by_text("6 head x 14 position")).to_be_visible()
    numbers = cell(page, 1).locator(".sc-numbers td").all_inner_texts()
    assert {float(number) for number in numbers} == {1.0}


def test_the_third_example_names_a_head_that_looks_one_token_back(sheet):
    page = sheet()
    page.get_by_role("button", name="Try it: Who").click()
    expect(cell(page, 1).locator(".sc-printed")).to_contain_text("block ")
    expect(cell(page, 1).locator(".sc-words")).to_contain_text("6 x 6")


# ---- Running ---------------------------------------------------------------------------------


def test_the_button_runs_a_cell_and_shows_value_count_and_time(sheet):
    page = sheet(formula("two", "1 + 1"))
    expect(cell(page, 1).get_by_text("not run")).to_be_visible()
    run(page, 1)
    expect(cell(page, 1).locator(".sc-single")).to_have_text("2")
    expect(cell(page, 1).locator(".sc-count")).to_have_text("[1]")
    expect(cell(page, 1).locator(".sc-time")).to_contain_text("ms")
    expect(cell(page, 1).get_by_text("not run")).to_be_hidden()
    assert asked(page, "cell_run") == [{"cell": "k1"}]


def test_what_is_typed_is_what_runs(sheet, book):
    page = sheet(formula("two", "1"))
    editor(page, 1).click()
    page.keyboard.press("End")
    page.keyboard.type(" + 4")
    page.keyboard.press("Control+Enter")
    expect(cell(page, 1).locator(".sc-single")).to_have_text("5")
    assert book.sources[0]["source"] == "1 + 4"


def test_what_is_typed_is_saved_without_running(sheet, book):
    page = sheet(formula("two", "1"))
    editor(page, 1).click()
    page.keyboard.press("End")
    page.keyboard.type("23")
    until(page, "state.book.value.cells[0].source === '123'")
    assert asked(page, "cell_set")[-1] == {"cell": "k1", "source": "123"}
    assert asked(page, "cell_run") == []
    assert book.sources[0]["source"] == "123"


def test_a_cell_that_was_changed_after_it_ran_says_so(sheet):
    page = sheet(formula("two", "1"))
    run(page, 1)
    expect(cell(page, 1).locator(".sc-single")).to_have_text("1")
    editor(page, 1).click()
    page.keyboard.press("End")
    page.keyboard.type("2")
    expect(cell(page, 1).get_by_text("changed since it ran")).to_be_visible()
    page.keyboard.press("Control+Enter")
    expect(cell(page, 1).locator(".sc-single")).to_have_text("12")
    expect(cell(page, 1).get_by_text("changed since it ran")).to_be_hidden()


def test_shift_enter_runs_a_cell_and_goes_on_to_the_next(sheet):
    page = sheet(code("one", "1 + 1"), formula("two", "one * 2"))
    editor(page, 1).click()
    page.keyboard.press("Shift+Enter")
    expect(cell(page, 1).locator(".sc-single")).to_have_text("2")
    expect(editor(page, 2)).to_be_focused()
    page.keyboard.press("Shift+Enter")
    expect(cell(page, 2).locator(".sc-single")).to_have_text("4")
    expect(page.get_by_role("article")).to_have_count(3)
    expect(editor(page, 3)).to_be_focused()


def test_run_to_here_runs_the_cells_above(sheet):
    page = sheet(code("", "a = 5"), code("", "b = a + 1"), formula("sum", "a + b"),
                 code("", "c = 1"))
    cell(page, 3).get_by_role("button", name="Run all cells from the first").click()
    expect(cell(page, 3).locator(".sc-single")).to_have_text("11")
    expect(cell(page, 2).locator(".sc-count")).to_have_text("[1]")
    expect(cell(page, 4).get_by_text("not run")).to_be_visible()


def test_run_all_runs_all(sheet):
    page = sheet(code("", "a = 5"), formula("twice", "a * 2"))
    page.get_by_role("button", name="Run all", exact=True).click()
    expect(cell(page, 2).locator(".sc-single")).to_have_text("10")


def test_a_running_cell_can_be_interrupted(sheet):
    page = sheet(code("", "while True: pass"))
    page.evaluate("void (played.answers.cell_run = () => new Promise((done, fail) => { "
                  "played.push({push: 'cell', cell: 'k1', result: {state: 'running'}}); "
                  "played.answers.interrupt = () => fail(Object.assign(new Error('Interrupted'), "
                  "{kind: 'Interrupted'})) }))")
    run(page, 1)
    expect(cell(page, 1).get_by_text("running")).to_be_visible()
    cell(page, 1).get_by_role("button", name="Interrupt Cell 1").click()
    expect(cell(page, 1).get_by_role("button", name="Run Cell 1")).to_be_visible()
    assert page.evaluate("state.toasts.value.length") == 0


def test_a_cell_that_waits_for_another_goes_on_waiting(sheet):
    page = sheet(code("", "1"), code("", "2"))
    page.evaluate("""void (played.answers.cell_run = ({cell}) => {
      if (cell === "k2") return new Promise((done) => { globalThis.second = done; });
      played.push({push: "cell", cell, result: {state: "done", count: 1, seconds: 0, message: ""}});
    })""")
    run(page, 2)
    run(page, 1)
    expect(cell(page, 1).get_by_role("button", name="Run Cell 1")).to_be_visible()
    expect(cell(page, 2).get_by_text("waiting")).to_be_visible()
    page.evaluate("second({})")
    expect(cell(page, 2).get_by_text("not run")).to_be_visible()


def test_a_worker_that_ends_leaves_no_cell_running(sheet):
    page = sheet(code("", "while True: pass"))
    page.evaluate("void (played.answers.cell_run = () => new Promise((done, fail) => { "
                  "played.push({push: 'cell', cell: 'k1', result: {state: 'running'}}); "
                  "fail(Object.assign(new Error('It has ended.'), {kind: 'WorkerStopped'})) }))")
    run(page, 1)
    expect(page.get_by_role("alert").filter(has_text="It has ended.")).to_be_visible()
    expect(cell(page, 1).get_by_text("not run")).to_be_visible()


def test_nothing_of_a_strangers_workbook_can_be_run(sheet, book):
    book.trusted = False
    page = sheet(code("", "1"))
    expect(cell(page, 1).get_by_role("button", name="Run Cell 1")).to_be_disabled()
    expect(page.get_by_role("button", name="Run all", exact=True)).to_be_disabled()
    expect(page.get_by_text("nothing of this workbook runs before you say so")).to_be_visible()


# ---- What came of it -------------------------------------------------------------------------


def test_a_table_is_numbers_on_the_colour_of_their_sign(sheet, book):
    page = sheet(formula("queen", KING))
    run(page, 1)
    numbers = cell(page, 1).locator(".sc-numbers td")
    expect(numbers).to_have_count(12)
    wte = book.run["wte"].array
    expected = wte[884] - wte[456] + wte[1093]
    texts = [text.replace("−", "-") for text in numbers.all_inner_texts()]
    assert [float(text) for text in texts] == pytest.approx(expected[:12], abs=6e-5)
    signs = [classes == "sc-cold" for classes in
             numbers.evaluate_all("cells => cells.map(cell => cell.className)")]
    assert signs == [bool(number < 0) for number in expected[:12]]


def test_a_table_bears_the_tokens_on_both_axes(sheet):
    page = sheet(formula("mine", "h3.attention[1]"))
    run(page, 1)
    rows = cell(page, 1).locator("th[scope=row]")
    expect(rows.first).to_have_text("Once")
    assert rows.nth(5).inner_text() == "·king"
    assert cell(page, 1).locator("th[scope=col]").nth(5).inner_text() == "·king"
    expect(cell(page, 1).get_by_text("14 position x 14 source")).to_be_visible()


def test_a_value_is_opened_as_a_table_of_the_grid(sheet):
    page = sheet(formula("queen", KING))
    run(page, 1)
    cell(page, 1).get_by_role("button", name="Open as table").click()
    assert page.evaluate("[state.view.value, state.table.value]") == ["table", "scratch.queen"]


def test_the_names_that_code_made_open_as_tables_too(sheet):
    page = sheet(code("", "total = h3.attention.sum(axis=-1)\nsize = 3"))
    run(page, 1)
    expect(cell(page, 1).locator(".sc-made")).to_contain_text("size a number")
    cell(page, 1).get_by_role("button", name="total").click()
    assert page.evaluate("state.table.value") == "scratch.total"


def test_what_a_cell_prints_stands_below_it(sheet):
    page = sheet(code("", "for n in range(3):\n    print('line', n)"))
    run(page, 1)
    expect(cell(page, 1).locator(".sc-printed")).to_have_text("line 0\nline 1\nline 2\n")
    run(page, 1)
    expect(cell(page, 1).locator(".sc-count")).to_have_text("[2]")
    expect(cell(page, 1).locator(".sc-printed")).to_have_text("line 0\nline 1\nline 2\n")


def test_an_error_is_marked_at_its_line_in_the_editor(sheet):
    page = sheet(code("", "a = 1\nb = a / 0"))
    run(page, 1)
    expect(cell(page, 1).locator(".sc-state")).to_have_text("error")
    expect(cell(page, 1).locator(".cm-line.cm-wrong")).to_have_text("b = a / 0")
    expect(cell(page, 1).get_by_role("alert")).to_have_text(
        "Line 2: ZeroDivisionError: division by zero")


def test_an_error_without_a_line_is_told_below(sheet):
    page = sheet(formula("wte", "1"))
    run(page, 1)
    expect(cell(page, 1).locator(".sc-mistake")).to_contain_text("'wte' is the name of a table")


def test_a_misspelt_table_is_told_with_what_was_meant(sheet):
    page = sheet(formula("one", "lgits.max()"))
    run(page, 1)
    expect(cell(page, 1).locator(".cm-content")).to_contain_text("Did you mean 'logits'")


def test_markup_in_a_source_a_name_a_value_and_a_print_stays_text(sheet):
    evil = "<img src=x onerror=alert(1)>"
    page = sheet(code("", f"print('{evil}')\n'{evil}'"), formula("two", "1"))
    run(page, 1)
    expect(cell(page, 1).locator(".sc-printed")).to_have_text(evil + "\n")
    expect(cell(page, 1).locator(".sc-text, .sc-single")).to_have_text(f"'{evil}'")
    push(page, {"push": "cell", "cell": "k2", "result": {
        "state": "done", "count": 1, "seconds": 0, "message": evil, "shape_words": evil,
        "made": [{"name": evil, "words": evil, "table": None}],
        "ranking": [{"token": evil, "id": 1, "cosine": 1}]}})
    expect(cell(page, 2).locator(".sc-message")).to_have_text(evil)
    assert page.locator("img").count() == 0


# ---- After a change of the run ---------------------------------------------------------------


def test_a_change_of_the_run_reaches_formulas_and_marks_code(sheet, book):
    page = sheet(formula("head", "h3.attention[1].sum()"), code("", "h3.attention.max()"))
    run(page, 1)
    run(page, 2)
    expect(cell(page, 2).locator(".sc-count")).to_have_text("[1]")
    push(page, *book.edit("h3.attention", 0, head=1))
    expect(cell(page, 1).locator(".sc-single")).to_have_text("0.0")
    expect(cell(page, 1).locator(".sc-count")).to_have_text("[2]")
    expect(cell(page, 2).locator(".sc-state")).to_have_text("stale")
    expect(cell(page, 2).get_by_text("changed since it ran: h3.attention.")).to_be_visible()
    expect(page.get_by_text("2 cells, 1 to be run")).to_be_visible()


def test_a_page_that_comes_later_shows_what_came_before(sheet, book):
    book.sources = [{"cell": "k1", **formula("two", "1 + 1")}]
    book.answer("cell_run", {"cell": "k1"})
    page = sheet(formula("two", "1 + 1"))
    expect(cell(page, 1).locator(".sc-single")).to_have_text("2")


def test_another_worker_knows_no_results(sheet):
    page = sheet(formula("two", "1 + 1"))
    run(page, 1)
    expect(cell(page, 1).locator(".sc-single")).to_have_text("2")
    push(page, {"push": "worker", "state": "starting", "doing": ""})
    expect(cell(page, 1).get_by_text("not run")).to_be_visible()


# ---- Writing ---------------------------------------------------------------------------------


def test_a_cell_is_added_between_two_others_and_has_the_cursor(sheet, book):
    page = sheet(formula("one", "1"), formula("two", "2"))
    page.get_by_role("button", name="Add a formula above cell 2").click()
    expect(page.get_by_role("article")).to_have_count(3)
    expect(editor(page, 2)).to_be_focused()
    assert [one["name"] for one in book.sources] == ["one", "", "two"]
    page.get_by_role("button", name="Add code above cell 1").click()
    expect(page.get_by_role("article")).to_have_count(4)
    expect(cell(page, 2).get_by_label("Name of")).to_have_value("one")
    assert [one["kind"] for one in book.sources] == ["code", "formula", "formula", "formula"]


def test_a_cell_gets_another_name_and_another_kind(sheet, book):
    page = sheet(formula("one", "1"))
    cell(page, 1).get_by_label("Name of").fill("other")
    cell(page, 1).get_by_label("Kind of").select_option("code")
    run(page, 1)
    expect(cell(page, 1).locator(".sc-single")).to_have_text("1")
    assert (book.sources[0]["name"], book.sources[0]["kind"]) == ("other", "code")


def test_moving_a_cell_keeps_its_editor_as_it_is(sheet):
    page = sheet(formula("one", "1"), formula("two", "2"))
    editor(page, 1).click()
    page.keyboard.press("End")
    page.keyboard.type("23")
    cell(page, 1).get_by_role("button", name="Move down").click()
    expect(cell(page, 2).get_by_label("Name of")).to_have_value("one")
    editor(page, 2).click()
    page.keyboard.press("Control+z")
    expect(editor(page, 2)).to_have_text("1")


def test_cells_are_moved_and_the_button_keeps_the_keyboard(sheet, book):
    page = sheet(formula("one", "1"), formula("two", "2"), formula("three", "3"))
    cell(page, 1).get_by_role("button", name="Move down").click()
    expect(cell(page, 2).get_by_label("Name of")).to_have_value("one")
    assert [one["name"] for one in book.sources] == ["two", "one", "three"]
    expect(cell(page, 2).get_by_role("button", name="Move down")).to_be_focused()
    page.keyboard.press("Enter")
    expect(cell(page, 3).get_by_label("Name of")).to_have_value("one")
    expect(cell(page, 3).get_by_role("button", name="Move down")).to_be_disabled()
    expect(cell(page, 1).get_by_role("button", name="Move up")).to_be_disabled()


@pytest.mark.parametrize("place", [1, 2, 3])
def test_a_deleted_cell_can_be_put_back_where_it_was(sheet, book, place):
    page = sheet(formula("one", "1"), formula("two", "2"), formula("three", "3"))
    cell(page, place).get_by_role("button", name="Delete").click()
    expect(page.get_by_role("article")).to_have_count(2)
    page.get_by_role("button", name="Put it back").click()
    expect(page.get_by_role("article")).to_have_count(3)
    expect(page.get_by_role("button", name="Put it back")).to_be_hidden()
    assert [one["name"] for one in book.sources] == ["one", "two", "three"]
    assert book.sources[place - 1]["source"] == str(place)


def test_a_cell_is_folded_to_a_line(sheet):
    page = sheet(code("one", "# first\nwte.shape"))
    run(page, 1)
    cell(page, 1).get_by_role("button", name="Fold").click()
    expect(cell(page, 1).locator(".code")).to_have_count(0)
    expect(cell(page, 1).get_by_text("# first")).to_be_visible()
    cell(page, 1).get_by_role("button", name="Unfold").click()
    expect(cell(page, 1).locator(".code")).to_be_visible()


def test_the_names_of_tables_are_offered_while_typing(sheet):
    page = sheet(formula("one", ""))
    expect(page.get_by_text("What a cell can name")).to_be_visible()
    editor(page, 1).click()
    page.keyboard.type("h3.atten")
    offered = cell(page, 1).locator(".cm-tooltip-autocomplete li")
    expect(offered.first).to_contain_text("h3.attention")
    expect(offered.first).to_contain_text("table")


def test_what_was_typed_survives_a_lost_connection(sheet, book):
    page = sheet(formula("one", "1"))
    page.evaluate("""() => {
      const set = played.answers.cell_set;
      played.answers.cell_set = () => { throw Object.assign(new Error("lost"), {kind: "Lost"}); };
      globalThis.comeBack = async () => {
        const {connection} = await import("./server.js");
        connection.value = "lost";
        played.answers.cell_set = set;
        connection.value = "open";
      };
    }""")
    editor(page, 1).click()
    page.keyboard.press("End")
    page.keyboard.type("7")
    until(page, "played.asked.some(([verb]) => verb === 'cell_set')")
    page.evaluate("comeBack()")
    until(page, "state.book.value.cells[0].source === '17'")
    assert book.sources[0]["source"] == "17"
    assert page.evaluate("state.toasts.value.length") == 0


def test_a_cell_that_another_tab_deleted_is_told(sheet):
    page = sheet(formula("one", "1"))
    page.evaluate("void (played.answers.cell_set = () => { throw Object.assign("
                  "new Error('There is no cell any more.'), {kind: 'MessageError'}); })")
    editor(page, 1).click()
    page.keyboard.type("2")
    expect(page.get_by_role("alert").filter(has_text="no cell any more")).to_be_visible()


def test_another_tabs_source_appears(sheet, book):
    page = sheet(formula("one", "1"))
    expect(editor(page, 1)).to_have_text("1")
    book.sources[0]["source"] = "wte.mean()"
    push(page, book.state())
    expect(editor(page, 1)).to_have_text("wte.mean()")


def test_the_line_where_the_debugger_stands_is_marked(sheet):
    page = sheet(code("", "a = 1\nbreakpoint()\nb = 2"))
    editor(page, 1)
    push(page, {"push": "cell", "cell": "k1", "result": {"state": "running"}},
         {"push": "paused", "where": "<cell k1>", "line": 3, "locals": [], "watch": []})
    expect(cell(page, 1).get_by_text("paused before line 3")).to_be_visible()
    expect(cell(page, 1).locator(".cm-line.cm-current")).to_have_text("b = 2")
    push(page, {"push": "resumed"})
    expect(cell(page, 1).locator(".cm-line.cm-current")).to_have_count(0)


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_text_on_the_strongest_colours_can_be_read(sheet, scheme):
    """WCAG 2.2, 1.4.3: text has a contrast of at least 4.5 to 1 with what is behind it."""
    page = sheet(formula("one", "np.array([1.0, -1.0, 0.5])"), formula("two", "np.array([1.0])"),
                 scheme=scheme)
    run(page, 1)
    run(page, 2)
    expect(page.locator(".sc-numbers td")).to_have_count(4)
    ratios = page.locator(".sc-numbers td").evaluate_all("""cells => {
      const canvas = new OffscreenCanvas(1, 1).getContext("2d", {willReadFrequently: true});
      const light = (colour) => {
        canvas.fillStyle = colour;
        canvas.fillRect(0, 0, 1, 1);
        const [r, g, b] = [...canvas.getImageData(0, 0, 1, 1).data].map((part) => {
          const share = part / 255;
          return share <= 0.04045 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4;
        });
        return 0.2126 * r + 0.7152 * g + 0.0722 * b;
      };
      return cells.map((cell) => {
        const style = getComputedStyle(cell);
        const both = [light(style.color), light(style.backgroundColor)];
        return (Math.max(...both) + 0.05) / (Math.min(...both) + 0.05);
      });
    }""")
    assert min(ratios) >= 4.5
