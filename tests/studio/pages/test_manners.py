"""The page's manners: what everybody expects of a table, a field, a message and a key."""

import numpy as np
import pytest
from playwright.sync_api import expect


def test_a_sorted_vocabulary_is_edited_in_the_row_that_its_label_names(visit, run):
    visit.open("next_logits")
    visit.select(0, 0)
    visit.page.keyboard.press("s")
    visit.page.keyboard.press("s")
    expect(visit.grid.locator("[aria-sort=descending]")).to_have_count(1)
    visit.settled("next_logits")
    logits = run["next_logits"].array
    likeliest = np.argsort(-logits)
    assert visit.number(0, 0) == pytest.approx(logits[likeliest[0]], rel=1e-5)
    header = visit.grid.locator("[role=row][aria-rowindex='2'] [role=rowheader]")
    expect(header).to_contain_text("the, row ")
    visit.page.keyboard.press("Control+Home")
    assert visit.page.evaluate("cutaway.cell.value.row") == likeliest[0]
    visit.page.keyboard.type("-1")
    visit.page.keyboard.press("Enter")
    visit.has_changes(1)
    expect(visit.page.get_by_text(f"next_logits[vocabulary={likeliest[0]}] = -1")).to_be_visible()
    visit.page.keyboard.press("Control+Home")  # it is sorted again, and the next one is the first
    assert visit.number(0, 0) == pytest.approx(logits[likeliest[1]], rel=1e-5)


SLOW = """def gelu(x):
    import time
    from math import pi
    import numpy as np
    time.sleep(0.4)
    return 0.5 * x * (1 + np.tanh((2 / pi) ** 0.5 * (x + 0.044715 * x ** 3)))"""


def test_what_is_typed_is_pending_at_once_and_what_follows_is_dim_until_all_of_it_is_new(visit):
    visit.ask("change", change={"kind": "operation", "name": "gelu", "source": SLOW})
    visit.open("h0.mlp_input")
    visit.select(2, 1)
    before = visit.bars.first.inner_text()
    visit.page.keyboard.type("-90")
    visit.page.keyboard.press("Enter")
    expect(visit.cell(2, 1)).to_have_text("−90, pending")
    page = visit.page.locator(".studio")
    expect(page).to_have_attribute("data-pending", "cells")
    bars = visit.page.locator(".bars")
    visit.until("getComputedStyle(document.querySelector('.bars')).opacity < 0.5")
    assert visit.bars.first.inner_text() == before
    # The moment in which it is pending no more: bars, map and table are all of the new version.
    visit.until("""() => {
      if (document.querySelector(".studio").dataset.pending) return false;
      const {version, settled} = document.querySelector(".cutaway-grid").dataset;
      globalThis.atOnce = [Number(version) === cutaway.book.value.version, settled,
        cutaway.book.value.cursor];
      return true;
    }""")
    assert visit.page.evaluate("globalThis.atOnce") == [True, "true", 2]
    expect(visit.cell(2, 1)).to_contain_text("−90.00")
    expect(bars).to_have_css("opacity", "1")
    # What is refused is pending no more either, and the number is as it was.
    visit.type_over(3, 1, "much")
    expect(visit.mistake.filter(has_text="“much” is no number")).to_be_visible()
    expect(page).not_to_have_attribute("data-pending", "cells")


def test_a_formula_survives_one_escape_ctrl_k_knows_the_glossary_and_scrollbars_are_one_kind(visit):
    visit.open("h3.attention")
    visit.code()
    visit.page.get_by_role("main").get_by_role("button", name="Edit", exact=True).click()
    field = visit.page.get_by_role("textbox", name="Formula of h3.attention")
    field.fill("softmax(scores)")
    visit.page.keyboard.press("Escape")
    expect(visit.mistake.filter(has_text="It is not applied.")).to_be_visible()
    expect(field).to_have_value("softmax(scores)")
    visit.page.keyboard.press("Escape")
    expect(field).to_have_count(0)
    assert visit.state()["cursor"] == 0
    kinds = visit.page.evaluate("""() => [...new Set([...document.querySelectorAll("*")].map((one) => {
      const {overflow, scrollbarWidth, scrollbarColor} = getComputedStyle(one);
      return /auto|scroll/.test(overflow) && scrollbarWidth !== "none" &&
        `${scrollbarWidth} ${scrollbarColor}`;
    }).filter(Boolean))]""")
    assert len(kinds) == 1 and kinds[0].startswith("thin rgb"), kinds
    visit.page.keyboard.press("Control+k")
    visit.dialog.get_by_role("combobox").fill("tie rule")
    visit.dialog.get_by_role("option").first.click()
    expect(visit.dialog.get_by_role("article", name="tie rule")).to_be_visible()


def test_what_moved_is_drawn_block_by_step_and_counted_once(visit, run):
    visit.open("h4.mlp_active")
    visit.type_over(2, 1, "9")
    visit.has_changes(1)
    after = run.edit("h4.mlp_active", 9, position=2, hidden=1)
    found = [one for one in run.diff(after) if one.name != "logits"]  # drawn as not measured
    panel = visit.drawer("Changes")
    tables = len(run.book.nodes)
    expect(panel.get_by_role("heading")).to_have_text(
        f"{len(found) + 1} of {tables} tables are different now")
    fresh = run.edit("h4.mlp_active", 9, position=2, hidden=1)
    _ = fresh["next_probabilities"]
    calculated = sum(fresh.calculations.values())
    expect(panel.get_by_role("listitem").nth(1)).to_contain_text(
        f"{calculated} tables calculated for the next token")
    # Why they differ: the next token needs no logits, and what was typed over is not calculated.
    assert len(found) + 1 == calculated + 2
    expect(panel.get_by_text("A table that was typed over is not calculated")).to_have_count(1)
    drawn = panel.get_by_role("group", name="What moved, block by step")
    boxes = drawn.get_by_role("button")
    expect(boxes).to_have_count(tables)
    labels = boxes.evaluate_all("(all) => all.map((one) => one.ariaLabel)")
    assert sum("moved" in words for words in labels) == len(found) + 1
    worst = max(found, key=lambda one: one.relative)
    expect(panel.get_by_text("Most:").get_by_role("button").first).to_have_text(worst.name)
    heads = drawn.get_by_role("table").locator("thead th")
    assert heads.all_inner_texts()[:2] == ["look around: attention", "think: MLP"]
    # One stop for Tab; the arrows go along the block and down the step, Enter opens the table.
    expect(drawn.locator("button[tabindex='0']")).to_have_count(1)
    drawn.locator("[data-table='h4.mlp_active']").focus()
    visit.page.keyboard.press("ArrowRight")
    visit.page.keyboard.press("ArrowDown")
    share = next(one.relative for one in found if one.name == "h5.mlp_output")
    at = drawn.locator("[data-table='h5.mlp_output']")
    expect(at).to_be_focused()
    said = f"h5.mlp_output moved by {share * 100:.1f} %"
    expect(at).to_have_attribute("aria-label", said)
    expect(at).to_have_attribute("title", said)
    box = at.bounding_box()
    assert box and min(box["width"], box["height"]) >= 24
    visit.page.keyboard.press("Enter")
    visit.settled("h5.mlp_output")
