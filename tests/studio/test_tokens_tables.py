"""The tokenizer's place in a real browser: the two long tables, and learning pass by pass."""

import re

from playwright.sync_api import expect

from tests.studio.tokens_stage import place, tokens_stage
from tests.tokenizer.conftest import gpt2

__all__ = ["gpt2", "place", "tokens_stage"]


def cells(row):
    """The texts of a row's cells."""
    return [text.strip() for text in row.get_by_role("gridcell").all_inner_texts()]


def total(page):
    """The line above a table that says how many rows were found."""
    return page.locator(".tk-found")


# ---- The two tables ------------------------------------------------------------------------


def test_the_vocabulary_scrolls_to_its_last_row_and_holds_few_rows(place):
    page = place("Vocabulary")
    expect(total(page)).to_have_text("50,257 rows")                                 # W52
    grid = page.get_by_role("grid", name="Vocabulary")
    grid.focus()
    page.keyboard.press("End")
    last = page.get_by_role("row", selected=True)
    expect(last).to_contain_text("<|endoftext|>")
    assert cells(last)[:2] == ["50,257", "50256"]
    expect(last).to_have_attribute("aria-rowindex", "50258")
    expect(last).to_be_in_viewport(ratio=0.95)
    assert grid.get_attribute("aria-activedescendant") == last.get_attribute("id")
    assert page.locator(".tk-line").count() < 80
    page.keyboard.press("Home")
    expect(page.get_by_role("row", selected=True)).to_contain_text("!")


def test_rows_that_are_scrolled_into_sight_are_fetched(place):
    page = place("Vocabulary")
    expect(total(page)).to_have_text("50,257 rows")
    page.locator(".tk-long").evaluate("one => { one.scrollTop = 28 * 2068; }")
    row = page.locator(".tk-line[aria-rowindex='2070']")
    expect(row).to_contain_text("quick")
    assert cells(row)[1] == "2068"


def test_a_token_is_found_by_id_text_and_bytes_and_leads_to_its_merges(place):
    page = place("Vocabulary")
    search = page.get_by_role("searchbox", name="Search the vocabulary")
    search.fill("318")
    expect(total(page)).to_have_text("3 rows for id 318, then text with '318'")
    detail = page.get_by_role("complementary", name="Token 318")
    expect(detail).to_contain_text("Ġis")
    detail.get_by_role("button", name="Token space island", exact=True).click()
    expect(page.get_by_role("complementary", name="Token 7022")).to_be_visible()
    expect(search).to_have_value("#7022")
    search.fill("0xE6 9C")
    expect(total(page)).to_contain_text("rows for bytes E6 9C")
    search.fill("0xE6 9")
    expect(total(page)).to_contain_text("'0xE6 9' is no bytes")
    search.fill("no such token")
    expect(total(page)).to_have_text("0 rows for text with 'no such token'")


def test_the_merges_stand_in_the_order_of_their_ranks(place):
    page = place("Merges")
    expect(total(page)).to_have_text("50,000 rows")
    rows = page.get_by_role("rowgroup").get_by_role("row")
    expect(rows.nth(2)).to_contain_text("he")                                       # W51
    assert cells(rows.nth(0))[:2] == ["1", "0"]
    page.get_by_role("searchbox", name="Search the merges").fill("#35")
    expect(total(page)).to_have_text("1 row for rank 35")
    page.get_by_role("grid").focus()
    page.keyboard.press("Enter")
    expect(page.get_by_role("tab", name="Vocabulary")).to_have_attribute("aria-selected", "true")
    expect(page.get_by_role("complementary", name="Token 291")).to_be_visible()  # 256 + 35


# ---- Learning ------------------------------------------------------------------------------


def test_the_papers_example_is_learned_with_the_workshops_numbers(place):
    page = place("Learn")
    page.get_by_role("button", name="Learn 10 merges").click()
    expect(page.get_by_text("10 merges learned.")).to_be_visible()
    learned = page.locator(".tk-learned li")
    assert learned.all_inner_texts() == [                                           # W45
        "es", "est", "est_", "lo", "low", "ne", "new", "newest_", "low_", "wi"]
    assert page.locator(".tk-cut").all_inner_texts() == [                           # W46
        "low_×5", "low·e·r·_×2", "newest_×6", "wi·d·est_×3"]
    expect(page.locator(".tk-result")).to_contain_text("31 tokens become 28")
    expect(page.locator(".tk-result")).to_contain_text("A tie: 3 pairs stand there 3 times.")
    taken = page.locator(".tk-counted tr.tk-lowest")
    expect(taken).to_contain_text("taken: word 4 widest_, place 1")
    slider = page.get_by_role("slider", name="passes")
    curve = page.locator(".tk-curve svg")
    for number, count in reversed(list(enumerate([95, 86, 77, 68, 61, 54, 48, 42, 36, 31, 28]))):
        words = re.compile(f"^After pass {number} the text has {count} tokens")     # W46
        expect(curve).to_have_attribute("aria-label", words)
        slider.press("ArrowLeft")


def test_learning_goes_step_by_step(place):
    page = place("Learn")
    step = page.get_by_role("button", name="Step: one pass")
    step.click()
    expect(page.locator(".tk-learned li")).to_have_text(["es"])
    step.click()
    expect(page.locator(".tk-learned li")).to_have_text(["es", "est"])
    expect(page.get_by_role("slider")).to_have_value("2")
    page.get_by_role("button", name="One pass back").click()
    expect(page.locator(".tk-learned li")).to_have_text(["es"])
    step.click()
    expect(page.get_by_role("slider")).to_have_value("2")


def test_learning_is_stopped_and_goes_on_from_there(tokens_stage, gpt2):
    stage = tokens_stage(gpt2)
    page, stage.server.hold_after = stage.page, 4
    page.get_by_role("tab", name="Learn").click()
    page.get_by_role("button", name="Learn 10 merges").click()
    expect(page.get_by_text("Pass 3 of 10…")).to_be_visible()
    page.get_by_role("button", name="Stop").click()
    expect(page.get_by_text("3 merges learned.")).to_be_visible()
    assert "interrupt" in stage.server.verbs
    stage.server.hold_after = None
    page.get_by_role("button", name="Learn 10 merges").click()
    expect(page.get_by_text("10 merges learned.")).to_be_visible()
    expect(page.locator(".tk-learned li")).to_have_count(10)


def test_a_pasted_text_is_learned_gpt2s_way_until_every_word_is_one_token(place):
    page = place("Learn")
    page.get_by_role("textbox", name="Learn from this text").fill("aa aa <b>")
    page.get_by_role("combobox", name="A word is marked").select_option("front")
    page.get_by_role("spinbutton", name="Merges").fill("50")
    page.get_by_role("button", name="Learn 50 merges").click()
    expect(page.get_by_text("Every word is one token after")).to_be_visible()
    assert [cut.strip() for cut in page.locator(".tk-cut").all_text_contents()] == [
        "aa", "aa", "<", "b", ">"]
    page.get_by_role("combobox", name="Of equal pairs").select_option("lowest-ids")
    expect(page.get_by_text("The passes below belong to other settings.")).to_be_visible()


def test_a_text_without_words_is_refused_in_words(place):
    page = place("Learn")
    page.get_by_role("textbox", name="Learn from this text").fill(" ")
    page.get_by_role("button", name="Learn 10 merges").click()
    page.wait_for_function("() => toasts.value.length > 0")
    assert page.evaluate("toasts.value.at(-1).text") == \
        "The text has no word to learn from. Paste a few sentences."
    expect(page.get_by_role("button", name="Learn 10 merges")).to_be_enabled()
