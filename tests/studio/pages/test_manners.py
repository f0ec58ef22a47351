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
