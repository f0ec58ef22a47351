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
