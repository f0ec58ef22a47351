"""Changing things on the page: numbers, heads, formulas, code, the prompt; and taking it back."""

import re

import numpy as np
import pytest
from playwright.sync_api import expect

from cutaway.workbook import from_prompt, mean_of

OTHER = "Sally is slow. She moves"


def star(visit, table):
    """What the map shows beside a table's name, for eyes and for screen readers."""
    return visit.map.get_by_title(table, exact=True).locator(".star")


def changes(visit):
    return visit.page.get_by_role("list", name="Changes, the oldest first").get_by_role("listitem")


# ---- A number --------------------------------------------------------------------------------


def test_a_number_that_is_typed_over_moves_its_dependents_and_the_prediction(visit, run):
    visit.open("h3.attention", head=1)
    visit.type_over(7, 5, "4")
    visit.has_changes(1)
    edited = run.edit("h3.attention", 4, head=1, position=7, source=5)
    visit.predicts(edited["next_probabilities"].array)
    assert visit.number(7, 5) == 4
    was = visit.bars.locator("s").all_inner_texts()
    before = run["next_probabilities"].array
    assert was[0] == f"{before[visit.predicted()[0][0]] * 100:.1f} %"
    expect(visit.page.get_by_text("now / was")).to_be_visible()


def test_only_what_an_edit_moved_has_a_star(visit, run):
    visit.open("h3.attention", head=1)
    visit.type_over(7, 5, "4")
    visit.has_changes(1)
    expect(star(visit, "h3.attention")).to_contain_text("edited")
    expect(star(visit, "h3.mixed")).to_contain_text("moved")
    expect(star(visit, "h3.scores")).to_have_count(0)
    starred = set(visit.state()["moved"])
    assert starred == run.book.downstream({"h3.attention"}) | {"h3.attention"}
    expect(visit.map.get_by_role("button", name="block 4")).to_contain_text("moved")
    expect(visit.map.get_by_role("button", name="block 2")).not_to_contain_text("moved")


def test_a_changed_number_says_what_it_was(visit, run):
    visit.open("h3.attention", head=1)
    visit.type_over(7, 5, "0.5")
    visit.has_changes(1)
    before = float(run["h3.attention"].array[1, 7, 5])
    expect(visit.cell(7, 5)).to_have_text(f"0.5000, was {before:.4f}".replace("-", "−"))
    expect(visit.inspector.get_by_text(re.compile(f"^was {before:.4f}".replace("-", "−")))).to_be_visible()
    expect(visit.page.get_by_role("list", name="Checks")).to_contain_text("✗ rows sum to 1")


def test_a_double_click_opens_a_number_and_escape_leaves_it(visit):
    visit.open("h3.attention", head=1)
    for key in ("Escape", "Enter"):
        visit.page.mouse.dblclick(*visit.point(6, 2))
        field = visit.page.get_by_role("textbox", name="New value of row 6, column 2")
        expect(field).to_be_focused()
        field.fill("0.125")
        visit.page.keyboard.press(key)
        expect(field).to_have_count(0)
        if key == "Escape":
            assert visit.state()["cursor"] == 0
    visit.has_changes(1)
    assert visit.number(6, 2) == 0.125


def test_a_range_is_set_to_a_number_at_once(visit, run):
    visit.open("h3.residual")
    visit.select(2, 1)
    visit.page.keyboard.press("Shift+ArrowDown")
    visit.page.keyboard.press("Shift+ArrowRight")
    visit.page.keyboard.press("Delete")
    visit.has_changes(1)
    edited = run.edit("h3.residual", 0, position=slice(2, 4), embed=slice(1, 3))
    visit.agrees(edited["h3.residual"].array)
    visit.predicts(edited["next_probabilities"].array)


def test_what_is_no_number_is_refused_and_changes_nothing(visit):
    visit.open("h3.residual")
    visit.type_over(2, 1, "much")
    expect(visit.mistake.filter(has_text="“much” is no number")).to_be_visible()
    assert visit.state()["cursor"] == 0


def test_a_cell_takes_arithmetic_and_asks_about_thousands_and_shows_what_was_typed(visit, run):
    visit.open("h3.residual")
    visit.select(2, 1)
    visit.page.keyboard.type("=SUM(h3.attention[1, 7]) - 10%")
    visit.page.keyboard.press("Enter")
    visit.has_changes(1)
    assert visit.number(2, 1) == pytest.approx(run["h3.attention"].array[1, 7].sum() - 0.1)
    expect(visit.inspector.locator(".value")).to_have_text(re.compile(r"^0\.(9|8999999|90000)"))
    visit.type_over(2, 1, "1,000")
    expect(visit.mistake.filter(has_text="Is “1,000” 1000 or 1.000?")).to_be_visible()
    visit.type_over(2, 1, "much(3)")
    expect(visit.mistake.filter(has_text="“much(3)” is no number")).to_be_visible()
    assert visit.state()["cursor"] == 1
    visit.type_over(2, 1, "0.9")
    expect(visit.inspector.locator(".value")).to_have_text("0.9")
    visit.page.keyboard.press("Shift+ArrowDown")
    below = float(run["h3.residual"].array[3, 1])
    expect(visit.page.locator(".range-sum")).to_have_text(
        f"sum {0.9 + below:.4f} · mean {(0.9 + below) / 2:.4f} · count 2".replace("-", "−"))


def test_a_weight_is_edited_by_the_keyboard_alone(visit, run):
    visit.page.keyboard.press("Control+k")
    expect(visit.dialog.get_by_role("combobox")).to_be_focused()
    visit.page.keyboard.type("wpe")
    expect(visit.dialog.get_by_role("option").first).to_contain_text("wpe")
    visit.page.keyboard.press("Enter")
    visit.settled("wpe")
    visit.page.keyboard.press("Control+g")
    visit.page.keyboard.type("3")
    expect(visit.dialog.get_by_role("option").first).to_contain_text("position 3")
    visit.page.keyboard.press("Enter")
    expect(visit.cell(3, 0)).to_have_attribute("aria-selected", "true")
    visit.page.keyboard.type("-2")
    visit.page.keyboard.press("Enter")
    visit.has_changes(1)
    edited = run.edit("wpe", -2, position=3, embed=0)
    visit.predicts(edited["next_probabilities"].array)
    visit.page.keyboard.press("Control+z")
    visit.has_changes(0)
    visit.predicts(run["next_probabilities"].array)


# ---- Taking it back --------------------------------------------------------------------------


def test_undo_redo_and_reset_bring_back_the_same_digits(visit, run):
    visit.open("h3.attention", head=1)
    visit.type_over(7, 5, "4")
    visit.has_changes(1)
    visit.type_over(7, 6, "2")
    visit.has_changes(2)
    one = run.edit("h3.attention", 4, head=1, position=7, source=5)
    two = one.edit("h3.attention", 2, head=1, position=7, source=6)
    for button, count, expected in [("Undo", 1, one), ("Redo", 2, two), ("Reset", 0, run)]:
        visit.page.get_by_role("button", name=button, exact=True).click()
        visit.has_changes(count)
        visit.predicts(expected["next_probabilities"].array)
        visit.agrees(expected["h3.attention"].array[1])
    expect(visit.map.locator(".star")).to_have_count(0)
    expect(visit.page.get_by_role("button", name="Undo", exact=True)).to_be_disabled()


def test_a_click_on_a_change_goes_back_to_it_and_forward_again(visit, run):
    visit.open("h3.attention", head=1)
    for text in ("4", "3", "2"):
        visit.type_over(7, 5, text)
        visit.until("([text]) => cutaway.book.value.changes.at(-1)?.words.endsWith(`= ${text}`)",
                    text)
    expect(changes(visit)).to_have_count(4)
    changes(visit).nth(1).get_by_role("button").click()
    visit.has_changes(1)
    assert visit.number(7, 5) == 4
    expect(changes(visit).nth(3)).to_contain_text("undone")
    changes(visit).nth(3).get_by_role("button").click()
    visit.has_changes(3)
    assert visit.number(7, 5) == 2


# ---- Whole heads -----------------------------------------------------------------------------


def test_a_head_is_switched_off_in_two_clicks(visit, run):
    visit.open("h3.attention", head=1)
    visit.change_menu("Set to 0", "head 1")
    visit.has_changes(1)
    edited = run.edit("h3.attention", 0, head=1)
    visit.predicts(edited["next_probabilities"].array)
    visit.agrees(edited["h3.attention"].array[1])
    expect(changes(visit).nth(1)).to_contain_text("h3.attention[head=1] = 0")


def test_a_head_is_set_to_its_mean(visit, run):
    visit.open("h3.mixed", head=1)
    visit.change_menu("Set to its mean over positions", "head 1")
    visit.has_changes(1)
    edited = mean_of(run, "h3.mixed", head=1)
    visit.predicts(edited["next_probabilities"].array)
    visit.agrees(edited["h3.mixed"].array[1])


def test_a_table_is_taken_from_another_prompt(visit, run, model):
    visit.open("h3.residual")
    visit.change_menu("As it is for another prompt", "the whole table")
    visit.page.get_by_label("come from this prompt").fill("Jane is tall. She likes")
    visit.page.get_by_role("button", name="Apply").click()
    visit.has_changes(1)
    edited = from_prompt(run, "h3.residual", "Jane is tall. She likes")
    visit.agrees(edited["h3.residual"].array)
    visit.predicts(edited["next_probabilities"].array)


# ---- Formulas and code -----------------------------------------------------------------------


def rewrite(visit, formula, button="This block"):
    visit.page.get_by_role("main").get_by_role("button", name="Edit", exact=True).click()
    visit.page.get_by_role("textbox", name=re.compile("^Formula of")).fill(formula)
    visit.page.get_by_role("button", name=button).click()


def test_a_formula_is_rewritten_in_one_block(visit, run):
    visit.open("h3.attention")
    rewrite(visit, "softmax(causal(scores * 2))")
    visit.has_changes(1)
    edited = run.rewrite("h3.attention", "softmax(causal(scores * 2))")
    visit.agrees(edited["h3.attention"].array[0])
    visit.predicts(edited["next_probabilities"].array)
    expect(visit.page.get_by_role("main").get_by_text("rewritten")).to_be_visible()


def test_a_formula_is_rewritten_in_every_block_and_given_back(visit, run):
    visit.open("h3.attention")
    rewrite(visit, "softmax(causal(scores / 2))", "Every block")
    visit.has_changes(1)
    edited = run.rewrite("attention", "softmax(causal(scores / 2))")
    visit.predicts(edited["next_probabilities"].array)
    visit.open("h5.attention")
    visit.agrees(edited["h5.attention"].array[0])


def test_a_rewritten_formula_is_given_back_by_a_click(visit, run):
    visit.open("h3.attention")
    rewrite(visit, "softmax(causal(scores * 2))")
    visit.has_changes(1)
    rewrite(visit, "softmax(causal(scores * 2))", "The model's own")
    visit.has_changes(2)
    visit.predicts(run["next_probabilities"].array)


@pytest.mark.parametrize(("formula", "words"), [
    ("softmax(causal(scores)", "was never closed"),
    ("scores + nothing", "nothing"),
    ("scores[0]", "6 x 8 x 8"),
    ("scores / 0", "NaN"),
])
def test_a_formula_that_does_not_hold_says_why_and_changes_nothing(visit, run, formula, words):
    visit.open("h3.attention")
    rewrite(visit, formula)
    expect(visit.mistake.filter(has_text=words)).to_be_visible()
    expect(visit.page.get_by_role("textbox", name="Formula of h3.attention")).to_have_attribute(
        "aria-invalid", "true")
    assert visit.state()["cursor"] == 0
    visit.page.get_by_role("button", name="Cancel").click()
    visit.predicts(run["next_probabilities"].array)
    visit.agrees(run["h3.attention"].array[0])


def write_code(visit, name, source):
    """Put other code into the dialog of an operation."""
    visit.edit_operation(name)
    editor = visit.dialog.get_by_role("textbox", name=f"Code of {name}")
    expect(editor).to_contain_text(f"def {name}(")
    editor.click()
    visit.page.keyboard.press("Control+a")
    visit.page.keyboard.press("Delete")
    visit.page.keyboard.insert_text(source)


def test_an_operation_gets_other_code_by_control_and_enter(visit, run):
    visit.open("h3.mlp_active")
    write_code(visit, "gelu", "def gelu(table):\n    return np.maximum(table, 0)\n")
    visit.page.keyboard.press("Control+Enter")
    visit.has_changes(1)
    expect(visit.dialog).to_have_count(0)

    def gelu(table):
        return np.maximum(table, 0)

    edited = run.redefine(gelu)
    visit.agrees(edited["h3.mlp_active"].array)
    visit.predicts(edited["next_probabilities"].array)
    expect(visit.page.get_by_role("main").get_by_text("gelu*")).to_be_visible()
    visit.page.get_by_role("button", name="Undo", exact=True).click()
    visit.has_changes(0)
    visit.predicts(run["next_probabilities"].array)


def test_code_that_fails_shows_its_line_in_the_dialog_and_changes_nothing(visit, run):
    visit.open("h3.mlp_active")
    write_code(visit, "gelu", "def gelu(table):\n    return table.nothing\n")
    visit.dialog.get_by_role("button", name="Apply").click()
    expect(visit.dialog.locator(".cm-line.cm-wrong")).to_have_text("    return table.nothing")
    expect(visit.dialog).to_contain_text("nothing")
    visit.page.keyboard.press("Escape")
    expect(visit.dialog.get_by_text("Your code is not applied")).to_be_visible()
    visit.dialog.get_by_role("button", name="Cancel").click()
    assert visit.state()["cursor"] == 0
    visit.predicts(run["next_probabilities"].array)


# ---- The prompt ------------------------------------------------------------------------------


def say(visit, prompt):
    visit.prompt.fill(prompt)
    visit.prompt.press("Enter")


def test_another_prompt_is_calculated_and_can_be_undone(visit, run, model):
    say(visit, OTHER)
    visit.has_changes(1)
    visit.predicts(model.run(OTHER)["next_probabilities"].array)
    visit.page.get_by_role("button", name="Undo", exact=True).click()
    visit.has_changes(0)
    expect(visit.prompt).to_have_value("Mike is quick. He moves")
    visit.predicts(run["next_probabilities"].array)


def test_an_edit_stays_in_force_for_another_prompt(visit, model):
    visit.open("h3.attention", head=1)
    visit.change_menu("Set to 0", "head 1")
    visit.has_changes(1)
    say(visit, OTHER)
    visit.has_changes(2)
    expected = model.run(OTHER).edit("h3.attention", 0, head=1)
    visit.predicts(expected["next_probabilities"].array)
    visit.agrees(expected["h3.attention"].array[1])


def test_an_empty_prompt_is_refused_and_the_old_one_stays(visit, run):
    say(visit, "")
    expect(visit.mistake.filter(has_text=re.compile("empty|at least one", re.I))).to_be_visible()
    assert visit.state()["cursor"] == 0
    visit.predicts(run["next_probabilities"].array)


def test_a_prompt_that_is_too_long_says_how_long_it_may_be(visit, run):
    say(visit, "Once upon a time " * 200)
    expect(visit.mistake.filter(has_text="256")).to_be_visible()
    assert visit.state()["cursor"] == 0
    visit.predicts(run["next_probabilities"].array)


def test_a_letter_over_a_cell_says_what_a_cell_takes(visit):
    visit.open("h3.attention", head=1)
    visit.select(3, 1)
    visit.page.keyboard.press("x")
    expect(visit.page.get_by_text("“x” begins no number. Type one, such as 0.25 or -3.").first).to_be_visible()
