"""The code editor in a real browser under the page's content policy."""

import pytest
from playwright.sync_api import expect

BUNDLE = "**/vendor/codemirror.js"
SOURCE = """def softmax(table):
    raised = exp(table - largest(table))
    if raised > 3:
        print("large", 1.5)
    return raised / total(raised)"""
SCRIPT = """
import {html, render, signal} from "./vendor/ui.js";
import {CodeEditor} from "./editor.js";
globalThis.props = signal(PROPS);
globalThis.told = {changed: [], ran: [], toggled: []};
const tell = (name) => (value) => told[name].push(value);
function Page() {
  return html`
    <button id="before">before</button>
    <${CodeEditor} label="Cell queen" onChange=${tell("changed")} onRun=${tell("ran")}
      onToggleBreakpoint=${props.value.withBreakpoints && tell("toggled")} ...${props.value} />
    <button id="after">after</button>`;
}
render(html`<${Page} />`, document.querySelector("#stage"));
"""


def show(stage, props, **options):
    """A page with one editor between two buttons, when CodeMirror has loaded."""
    page = stage(SCRIPT.replace("PROPS", props), **options)
    expect(page.locator(".code-host")).to_be_visible()
    return page


def quoted(text):
    return "`" + text.replace("`", "\\`") + "`"


def change(page, props):
    page.evaluate(f"props.value = {{...props.value, ...{props}}}")


def text_of(page):
    return page.locator(".cm-line").all_inner_texts()


def test_python_is_shown_with_line_numbers_and_coloured(stage):
    page = show(stage, f"{{source: {quoted(SOURCE)}}}")
    assert text_of(page) == SOURCE.split("\n")
    numbers = page.locator(".cm-lineNumbers .cm-gutterElement:visible").all_inner_texts()
    assert numbers == ["1", "2", "3", "4", "5"]
    colour = "element => getComputedStyle(element).color"
    keyword = page.get_by_text("def", exact=True).evaluate(colour)
    name = page.locator(".cm-line").first.evaluate(colour)
    assert keyword != name


def test_typing_tells_the_new_text(stage):
    page = show(stage, "{source: 'a = 1'}")
    page.locator(".cm-content").click()
    page.keyboard.press("End")
    page.keyboard.type("2")
    assert page.evaluate("told.changed") == ["a = 12"]


@pytest.mark.parametrize("language", ["python", "formula"])
def test_control_enter_runs_the_text(stage, language):
    page = show(stage, f"{{source: 'wte + 1', language: '{language}'}}")
    page.locator(".cm-content").click()
    page.keyboard.press("Control+Enter")
    assert page.evaluate("told.ran") == ["wte + 1"]
    assert text_of(page) == ["wte + 1"]


def test_enter_runs_a_formula_and_shift_enter_starts_a_line(stage):
    page = show(stage, "{source: 'wte', language: 'formula'}")
    page.locator(".cm-content").click()
    page.keyboard.press("End")
    page.keyboard.press("Shift+Enter")
    page.keyboard.press("Enter")
    assert page.evaluate("told.ran") == ["wte\n"]


def test_enter_in_python_starts_an_indented_line(stage):
    page = show(stage, "{source: 'if True:'}")
    page.locator(".cm-content").click()
    page.keyboard.press("End")
    page.keyboard.press("Enter")
    page.keyboard.type("pass")
    assert text_of(page) == ["if True:", "    pass"]
    assert page.evaluate("told.ran") == []


def test_tab_is_not_trapped(stage):
    page = show(stage, "{source: 'a = 1'}")
    page.locator("#before").focus()
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.className") == "code-host"
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.id") == "after"
    page.keyboard.press("Shift+Tab")
    page.keyboard.press("Shift+Tab")
    assert page.evaluate("document.activeElement.id") == "before"
    assert text_of(page) == ["a = 1"]


def test_the_label_tells_the_keys(stage):
    page = show(stage, "{source: 'a = 1'}")
    expect(page.get_by_role("textbox")).to_have_accessible_name(
        "Cell queen. Control Enter runs it, Control ] indents, Tab leaves it.")


def test_table_names_are_offered_and_taken(stage):
    page = show(stage, "{source: '', completions: ['h3.attention', 'h3.scores', {label: 'queen'}]}")
    page.locator(".cm-content").click()
    page.keyboard.type("x = h3.s")
    offered = page.get_by_role("option", name="h3.scores")
    expect(offered).to_be_visible()
    expect(offered).to_have_attribute("aria-selected", "true")
    page.wait_for_timeout(100)  # CodeMirror takes no Enter in the first 75 ms of a list
    page.keyboard.press("Enter")
    assert text_of(page) == ["x = h3.scores"]


def test_names_that_appear_later_are_offered_too(stage):
    page = show(stage, "{source: '', language: 'formula', completions: []}")
    change(page, "{completions: ['king']}")
    page.locator(".cm-content").click()
    page.keyboard.type("ki")
    expect(page.get_by_role("option", name="king")).to_be_visible()


def test_nothing_is_offered_in_a_comment(stage):
    page = show(stage, "{source: '', completions: ['h3.attention']}")
    page.locator(".cm-content").click()
    page.keyboard.type("# h3")
    page.keyboard.press("Control+Space")
    page.keyboard.type(" b")
    expect(page.get_by_role("option")).to_have_count(0)


def test_the_line_of_an_error_is_marked_with_the_message_under_it(stage):
    page = show(stage, f"{{source: {quoted(SOURCE)}}}")
    change(page, "{errorLine: 2, errorMessage: \"'largest' is no name <b>here</b>.\"}")
    wrong = page.locator(".cm-wrong")
    expect(wrong).to_have_text("    raised = exp(table - largest(table))")
    message = page.locator(".cm-message")
    expect(message).to_have_text("'largest' is no name <b>here</b>.")
    below = wrong.bounding_box()
    assert message.bounding_box()["y"] == pytest.approx(below["y"] + below["height"], abs=1)
    expect(page.get_by_role("alert")).to_have_text("Line 2: 'largest' is no name <b>here</b>.")
    expect(page.get_by_role("textbox")).to_have_attribute("aria-invalid", "true")
    change(page, "{errorLine: null, errorMessage: null}")
    expect(message).to_have_count(0)
    expect(page.get_by_role("alert")).to_have_text("")


def test_a_mark_beyond_the_last_line_falls_on_the_last_line(stage):
    page = show(stage, "{source: 'a = (', errorLine: 9, errorMessage: 'never closed'}")
    expect(page.locator(".cm-wrong")).to_have_text("a = (")


def test_the_line_where_a_program_stands_is_marked_and_scrolled_to(stage):
    lines = "\n".join(f"x{n} = {n}" for n in range(1, 301))
    page = show(stage, f"{{source: {quoted(lines)}, readOnly: true, maxLines: 10}}")
    change(page, "{currentLine: 250}")
    current = page.locator(".cm-current")
    expect(current).to_have_text("x250 = 250")
    expect(current).to_be_in_viewport()


def test_breakpoints_are_set_by_click_and_by_key_and_shown_where_they_are(stage):
    page = show(stage, f"{{source: {quoted(SOURCE)}, withBreakpoints: true}}")
    numbers = page.locator(".cm-lineNumbers .cm-gutterElement:visible")
    third = numbers.nth(2).bounding_box()
    page.mouse.click(third["x"] - 8, third["y"] + 8)
    numbers.nth(4).click()
    page.locator(".cm-content").click()
    page.keyboard.press("Control+Home")
    page.keyboard.press("F9")
    assert page.evaluate("told.toggled") == [3, 5, 1]
    change(page, "{breakpoints: [3]}")
    sign = page.locator(".cm-breakpoint")
    expect(sign).to_have_text("●")
    assert sign.bounding_box()["y"] == pytest.approx(third["y"], abs=1)


def test_a_read_only_editor_takes_no_typing_and_does_not_run(stage):
    page = show(stage, "{source: 'a = 1', readOnly: true}")
    page.locator(".cm-content").click()
    page.keyboard.type("b")
    page.keyboard.press("Control+Enter")
    assert page.evaluate("[told.changed, told.ran]") == [[], []]
    expect(page.get_by_role("textbox")).to_have_attribute("aria-readonly", "true")


def test_a_new_source_replaces_the_text_and_keeps_the_place(stage):
    page = show(stage, "{source: 'a = 1\\nb = 2'}")
    page.locator(".cm-content").click()
    page.keyboard.press("Control+End")
    change(page, "{source: 'aaa = 1\\nb = 2'}")
    expect(page.locator(".cm-line").first).to_have_text("aaa = 1")
    page.keyboard.type("0")
    assert text_of(page) == ["aaa = 1", "b = 20"]
    assert page.evaluate("told.changed") == ["aaa = 1\nb = 20"]


def test_an_echo_of_what_was_typed_does_not_undo_what_followed(stage):
    page = show(stage, "{source: ''}")
    page.locator(".cm-content").click()
    page.keyboard.type("abc")
    assert page.evaluate("told.changed") == ["a", "ab", "abc"]
    change(page, "{source: 'a'}")
    assert text_of(page) == ["abc"]


def test_a_cell_can_turn_from_formula_to_python(stage):
    page = show(stage, "{source: 'wte + 1', language: 'formula'}")
    expect(page.locator(".cm-lineNumbers")).to_have_count(0)
    change(page, "{language: 'python'}")
    expect(page.locator(".cm-lineNumbers")).to_be_visible()
    assert text_of(page) == ["wte + 1"]


def test_an_editor_that_is_taken_away_while_it_loads_does_no_harm(stage, faults):
    page = stage(SCRIPT.replace("PROPS", "{source: 'a'}"), first=True)
    page.evaluate("document.querySelector('#stage').replaceChildren()")
    page.evaluate("import('/editor/view.js').then(() => new Promise(requestAnimationFrame))")
    assert faults.found == []


def test_keys_of_the_page_do_not_see_what_is_typed(stage):
    page = show(stage, "{source: ''}")
    page.evaluate("globalThis.seen = []; addEventListener('keydown', (e) => seen.push(e.key))")
    page.locator(".cm-content").click()
    page.keyboard.type("?/a")
    for key in ("ArrowUp", "Control+z", "Control+]", "Control+Enter", "F10", "Control+k"):
        page.keyboard.press(key)
    assert [key for key in page.evaluate("seen") if key != "Control"] == ["F10", "k"]


@pytest.mark.parametrize("language", ["python", "formula"])
def test_a_plain_field_takes_typing_until_the_editor_loads_and_nothing_shifts(stage, language):
    held = []

    def hold(route):
        held.append(route)

    source = quoted(SOURCE) if language == "python" else "'softmax(causal(scores))'"
    page = stage(SCRIPT.replace("PROPS", f"{{source: {source}, language: '{language}'}}"),
                 before=lambda page: page.route(BUNDLE, hold))
    field = page.get_by_role("textbox")
    field.press("Control+Home")
    page.keyboard.type("xy")
    expect(field).to_have_js_property("tagName", "TEXTAREA")
    page.keyboard.press("Control+Enter")
    assert page.evaluate("told.ran") == [field.input_value()]
    assert field.input_value().startswith("xy")
    after = page.locator("#after").bounding_box()
    text_left = field.evaluate("field => field.getBoundingClientRect().left + "
                               "parseFloat(getComputedStyle(field).paddingLeft)")
    held[0].continue_()
    line = page.locator(".cm-line").first
    expect(line).to_be_visible()
    assert page.locator("#after").bounding_box() == after
    left = line.evaluate("line => line.getBoundingClientRect().left + "
                         "parseFloat(getComputedStyle(line).paddingLeft)")
    assert left == pytest.approx(text_left, abs=0.6)
    expect(page.locator(".cm-editor.cm-focused")).to_be_visible()
    page.keyboard.type("z")
    assert text_of(page)[0].startswith("xyz")


def test_the_editor_is_not_loaded_before_it_is_on_screen(stage):
    asked = []
    page = stage(SCRIPT.replace("PROPS", "{source: 'a'}"), viewport={"width": 900, "height": 400},
                 before=lambda page: (
                     page.on("request", lambda request: asked.append(request.url)),
                     page.add_init_script("addEventListener('DOMContentLoaded', () => "
                                          "document.body.style.paddingTop = '3000px')")))
    assert not any("codemirror" in address for address in asked)
    page.locator("#after").scroll_into_view_if_needed()
    expect(page.locator(".code-host")).to_be_visible()
    assert any("codemirror" in address for address in asked)


def test_without_codemirror_the_plain_field_still_works(stage, faults):
    faults.expect("codemirror.js")
    faults.expect("Failed to fetch dynamically imported module")
    page = stage(SCRIPT.replace("PROPS", "{source: 'a'}"),
                 before=lambda page: page.route(BUNDLE, lambda route: route.abort()))
    field = page.get_by_role("textbox")
    field.fill("a + 1")
    field.press("Control+Enter")
    assert page.evaluate("told.ran") == ["a + 1"]
