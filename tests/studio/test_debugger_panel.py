"""The debugger tab in a real browser; the worker's pauses are played."""

import pytest
from playwright.sync_api import expect

SCRIPT = """
import {html, render} from "./vendor/ui.js";
import {book, table, toasts, view} from "./state.js";
import {DebuggerTab} from "./panels/debugger.js";
Object.assign(globalThis, {book, table, toasts, view});
book.value = {version: 1, model: {name: "storybook"}, worker: {state: WORKER, doing: "cell run c1"},
  cells: [{cell: "c1", kind: "code", name: "queen", source: ""}]};
const at = document.querySelector("#stage");
at.className = "drawer-body";
at.style.height = "420px";
render(html`<${DebuggerTab} />`, at);
"""
SOURCE = """def attention(query, key, value):
    scores = query @ key.T
    shares = softmax(causal(scores))
    return shares @ value
"""
SCORES = {"name": "scores", "text": "[[1.0, -2.0], [0.5, inf]]", "shape_words": "2 x 2",
          "lowest": -2.0, "largest": 1.0, "rows": [[1.0, -2.0], [0.5, "inf"]]}
HEAD = {"name": "head", "text": "3"}
PAUSE = {
    "push": "paused", "event": "line", "raised": "", "where": "models/gpt2.py",
    "function": "attention", "line": 3, "source": SOURCE,
    "stack": [{"where": "models/gpt2.py", "function": "attention", "line": 3},
              {"where": "<cell c1>", "function": "<module>", "line": 2}],
    "locals": [SCORES, HEAD], "watch": [],
}


@pytest.fixture
def debugger(stage):
    """The debugger while nothing is paused."""
    return stage(SCRIPT.replace("WORKER", "'ready'"))


def push(page, message):
    page.evaluate("message => played.push(message)", message)


def pause(page, **changed):
    push(page, PAUSE | changed)
    expect(page.locator(".cm-content")).to_be_visible()


def sent(page):
    return page.evaluate("played.asked")


def test_while_nothing_is_paused_it_says_how_to_start_and_starts(debugger):
    expect(debugger.get_by_text("Nothing is paused.")).to_be_visible()
    debugger.evaluate("table.value = 'h3.attention'")
    debugger.get_by_role("button", name="Step into h3.attention").click()
    assert sent(debugger) == [["step_into", {"table": "h3.attention"}]]
    debugger.get_by_role("button", name="Open the scratch sheet").click()
    assert debugger.evaluate("view.value") == "scratch"


def test_while_code_runs_it_can_be_paused_and_interrupted(stage):
    page = stage(SCRIPT.replace("WORKER", "'busy'"))
    expect(page.get_by_role("status")).to_have_text("Running: cell run c1 …")
    page.get_by_role("button", name="Pause at the next line").click()
    page.get_by_role("button", name="Interrupt").click()
    assert sent(page) == [["debug", {"command": "pause", "watch": []}], ["interrupt", {}]]


def test_a_pause_shows_the_place_the_source_and_the_line(debugger):
    pause(debugger)
    expect(debugger.get_by_role("status")).to_have_text(
        "Before line 3 of attention(), models/gpt2.py")
    expect(debugger.locator(".cm-current")).to_have_text("    shares = softmax(causal(scores))")
    expect(debugger.get_by_role("textbox", name="Source of models/gpt2.py")).to_have_attribute(
        "aria-readonly", "true")


def test_the_stack_names_cells_as_the_page_does(debugger):
    pause(debugger)
    frames = debugger.locator(".debugger-stack li")
    expect(frames).to_have_text(["attention() models/gpt2.py, line 3", "cell queen, line 2"])
    expect(frames.first).to_have_attribute("aria-current", "true")


def test_locals_are_tables_tinted_by_sign(debugger):
    pause(debugger)
    table = debugger.get_by_role("table", name="scores")
    cells = table.get_by_role("cell")
    expect(cells).to_have_text(["1", "−2", "0.500", "inf"])
    tints = [cell.evaluate("cell => cell.style.backgroundColor") for cell in cells.all()]
    assert "var(--warm)" in tints[0] and "var(--cold)" in tints[1] and "var(--warm)" in tints[2]
    assert tints[3] == ""
    shares = [float(tint.split("%")[0].split()[-1]) for tint in tints[:3]]
    assert shares[1] > shares[0] > shares[2]
    expect(debugger.get_by_text("2 x 2")).to_be_visible()
    expect(debugger.get_by_text("3", exact=True).last).to_be_visible()


def test_a_table_can_be_folded_and_stays_so_at_the_next_pause(debugger):
    pause(debugger)
    debugger.get_by_role("button", name="scores").click()
    expect(debugger.get_by_role("table", name="scores")).to_be_hidden()
    pause(debugger, line=4)
    expect(debugger.get_by_role("button", name="scores")).to_have_attribute(
        "aria-expanded", "false")


def test_what_changed_since_the_pause_before_is_marked_with_a_word(debugger):
    pause(debugger)
    expect(debugger.get_by_text("changed", exact=True)).to_have_count(0)
    pause(debugger, line=4, locals=[SCORES, {"name": "head", "text": "4"}])
    expect(debugger.locator(".changed-value")).to_have_count(1)
    expect(debugger.locator(".changed-value")).to_contain_text("head")
    expect(debugger.locator(".changed-value")).to_contain_text("changed")


def test_in_another_function_nothing_counts_as_changed(debugger):
    pause(debugger)
    pause(debugger, function="softmax", locals=[{"name": "head", "text": "4"}])
    expect(debugger.get_by_text("changed", exact=True)).to_have_count(0)


@pytest.mark.parametrize(("name", "key", "command"), [
    ("Continue", "F5", "continue"), ("Step over", "F10", "next"), ("Step into", "F11", "step"),
    ("Return", "Shift+F11", "return"), ("Stop", None, "stop")])
def test_every_way_to_go_on_has_a_button_and_most_a_key(debugger, name, key, command):
    pause(debugger)
    debugger.get_by_role("button", name=name).click()
    told = [["debug", {"command": command, "watch": []}]]
    assert sent(debugger) == told
    if key:
        pause(debugger, line=4)
        debugger.keyboard.press(key)
        assert sent(debugger) == told * 2


def test_keys_work_while_the_source_has_the_focus(debugger):
    pause(debugger)
    debugger.locator(".cm-content").click()
    debugger.keyboard.press("F10")
    assert sent(debugger)[0][1]["command"] == "next"


def test_a_second_press_waits_for_the_next_pause(debugger):
    pause(debugger)
    for _ in range(3):
        debugger.keyboard.press("F10")
    assert len(sent(debugger)) == 1
    pause(debugger, line=4)
    debugger.keyboard.press("F10")
    assert len(sent(debugger)) == 2


def test_f5_reloads_the_page_only_while_nothing_is_paused(debugger):
    debugger.evaluate("globalThis.kept = []; addEventListener('keydown', "
                      "(event) => kept.push(event.defaultPrevented))")
    debugger.keyboard.press("F10")
    pause(debugger)
    debugger.keyboard.press("F10")
    assert debugger.evaluate("kept") == [False, True]
    assert len(sent(debugger)) == 1


def test_when_the_code_goes_on_the_pause_is_gone(debugger):
    pause(debugger)
    push(debugger, {"push": "resumed"})
    expect(debugger.get_by_text("Nothing is paused.")).to_be_visible()


def test_when_the_worker_is_killed_the_pause_is_gone(debugger):
    pause(debugger)
    push(debugger, {"push": "worker", "state": "starting", "doing": ""})
    expect(debugger.get_by_text("Nothing is paused.")).to_be_visible()


def test_an_error_is_told_at_its_line(debugger):
    pause(debugger, event="raised", raised="ShapeMismatch: 8 x 64 and 8 x 12")
    expect(debugger.get_by_role("status")).to_contain_text("An error was raised in line 3")
    expect(debugger.locator(".cm-wrong")).to_contain_text("softmax(causal(scores))")
    expect(debugger.locator(".cm-message")).to_have_text("ShapeMismatch: 8 x 64 and 8 x 12")


def test_what_a_function_is_about_to_return_comes_first(debugger):
    pause(debugger, event="gives", locals=[SCORES | {"name": "gives"}, HEAD])
    expect(debugger.get_by_role("status")).to_contain_text("About to return from line 3")
    expect(debugger.locator(".debugger-values li").first).to_contain_text("→ returns")


def test_stepping_into_another_file_shows_that_file_at_its_line(debugger):
    pause(debugger)
    other = "\n".join(f"line_{number} = {number}" for number in range(1, 200))
    pause(debugger, where="workbook/operations.py", function="softmax", source=other, line=150)
    current = debugger.locator(".cm-current")
    expect(current).to_have_text("line_150 = 150")
    expect(current).to_be_in_viewport()
    pause(debugger, where="<operation softmax>", function="softmax", line=3)
    expect(current).to_have_text("    shares = softmax(causal(scores))")


def test_an_expression_is_watched_and_watched_no_more(debugger):
    pause(debugger)
    field = debugger.get_by_role("textbox", name="Expression to watch")
    field.fill("scores.max()")
    field.press("Enter")
    assert sent(debugger) == [["debug", {"command": "watch", "watch": ["scores.max()"]}]]
    pause(debugger, watch=[{"name": "scores.max()", "text": "1.0", "error": False}])
    expect(debugger.locator(".debugger-side li").first).to_contain_text("scores.max() 1.0")
    debugger.keyboard.press("F10")
    assert sent(debugger)[-1] == ["debug", {"command": "next", "watch": ["scores.max()"]}]
    debugger.get_by_role("button", name="Watch scores.max() no more").click()
    assert sent(debugger)[-1] == ["debug", {"command": "watch", "watch": []}]


def test_an_expression_that_fails_is_told_beside_it(debugger):
    pause(debugger)
    debugger.get_by_role("textbox", name="Expression to watch").fill("quenn")
    debugger.keyboard.press("Enter")
    pause(debugger, watch=[{"name": "quenn", "text": "NameError: name 'quenn' is not defined",
                            "error": True}])
    expect(debugger.locator(".value-wrong")).to_contain_text("NameError")


def test_a_new_worker_is_told_once_a_pause_what_is_watched(debugger):
    pause(debugger)
    debugger.get_by_role("textbox", name="Expression to watch").fill("head")
    debugger.keyboard.press("Enter")
    push(debugger, {"push": "resumed"})
    for _ in range(3):
        pause(debugger, watch=[{"name": "of another tab", "text": "1", "error": False}])
    assert sent(debugger) == [["debug", {"command": "watch", "watch": ["head"]}]] * 2


def test_a_page_opened_during_a_pause_asks_for_it(stage):
    page = stage(SCRIPT.replace("WORKER", "'paused'"), first=True)
    assert sent(page) == [["debug", {"command": "watch", "watch": []}]]


def test_names_and_values_with_markup_stay_text(debugger):
    evil = "<img src=x onerror=alert(1)>"
    pause(debugger, function=evil, where=f"<cell {evil}>", source=evil,
          locals=[{"name": evil, "text": evil}])
    assert debugger.locator("img").count() == 0
    expect(debugger.locator(".debugger-values")).to_contain_text(evil)


def test_a_refused_command_is_told_and_can_be_tried_again(debugger):
    pause(debugger)
    debugger.evaluate("void (played.answers.debug = () => { throw new Error('not paused'); })")
    debugger.keyboard.press("F10")
    said = "new Promise(done => toasts.subscribe(([first]) => first && done(first.text)))"
    assert debugger.evaluate(said) == "not paused"
    debugger.keyboard.press("F10")
    assert len(sent(debugger)) == 2


def test_the_pause_is_shown_whole_at_1024_pixels(stage):
    page = stage(SCRIPT.replace("WORKER", "'ready'"), viewport={"width": 1024, "height": 768})
    pause(page)
    for part in (".debugger-source", ".debugger-values", ".debugger-side"):
        box = page.locator(part).bounding_box()
        assert box["width"] >= 180 and box["height"] >= 150
    assert page.evaluate("document.documentElement.scrollWidth") <= 1024
