"""The tokenizer's place in a real browser, on GPT-2's own vocabulary: prompt, merges, spellings."""

import json

import pytest
from playwright.sync_api import expect

from cutaway.studio.worker.verbs.vocabulary import vocabulary
from cutaway.tokenizer import Tokenizer, gpt2_folder
from tests.studio.asking import ask
from tests.studio.tokens_stage import place, tokens_stage
from tests.tokenizer.conftest import gpt2, small

__all__ = ["gpt2", "place", "small", "tokens_stage"]

MARKUP = "<img src=x onerror=alert(1)><b>x</b>"
TABS = ["Prompt", "Merge by merge", "Spellings", "Vocabulary", "Merges", "Learn"]


# ---- The tabs ------------------------------------------------------------------------------


def test_the_tabs_are_walked_with_arrows(place):
    page = place()
    page.get_by_role("tab", name="Prompt").focus()
    for name in [*TABS[1:], TABS[0]]:
        page.keyboard.press("ArrowRight")
        expect(page.get_by_role("tab", name=name, exact=True)).to_be_focused()
        expect(page.get_by_role("tab", selected=True)).to_have_text(name)
        expect(page.get_by_role("tabpanel", name=name)).to_be_visible()


@pytest.mark.parametrize("width", [512, 560, 830])
def test_nothing_is_wider_than_the_place(place, width):
    page = place(viewport={"width": width, "height": 430})
    drawn = {"Prompt": ".tk-answer", "Merge by merge": ".tk-tree", "Spellings": ".tk-compare",
             "Vocabulary": ".tk-aside dl", "Merges": ".tk-line.tk-chosen", "Learn": ".tk-corpus"}
    for tab, part in drawn.items():
        page.get_by_role("tab", name=tab, exact=True).click()
        if tab == "Learn":
            page.get_by_role("button", name="Learn 10 merges").click()
        expect(page.locator(part).first).to_be_visible()
        panel = page.get_by_role("tabpanel")
        assert panel.evaluate("one => one.scrollWidth <= one.clientWidth"), tab


# ---- The vocabulary ------------------------------------------------------------------------


@pytest.fixture(scope="module")
def gpt2_is_read():
    """GPT-2's tables as the worker keeps them once they have been asked for: a second of work."""
    ask(vocabulary, Tokenizer.from_merges([]), tokenizer="gpt2")


def test_every_tab_follows_the_choice_of_a_vocabulary(tokens_stage, small, gpt2_is_read):
    page = tokens_stage(small, name="storybook").page
    choice = page.get_by_role("group", name="Vocabulary")
    expect(choice.get_by_role("radio", name="storybook 260 tokens")).to_be_checked()
    expect(page.locator(".tk-tick")).to_have_count(len(small.encode("Mike is quick. He moves")))
    page.get_by_role("tab", name="Vocabulary", exact=True).click()
    expect(page.locator(".tk-found")).to_have_text("260 rows")
    choice.get_by_role("radio", name="gpt2 50,257 tokens").check()
    expect(page.locator(".tk-found")).to_have_text("50,257 rows")                    # W52
    page.get_by_role("tab", name="Prompt", exact=True).click()
    expect(page.locator(".tk-tick .tk-id")).to_have_text([
        "16073", "318", "2068", "13", "679", "6100"])                               # W37
    expect(page.get_by_text("GPT-2 reads this text as 6 tokens.")).to_be_visible()
    page.get_by_role("tab", name="Merge by merge").click()
    expect(page.get_by_role("slider", name="merges done")).to_have_attribute("max", "5")  # W54
    page.get_by_role("tab", name="Learn").click()
    page.get_by_role("button", name="a cat and a dog").click()
    page.get_by_role("button", name="Learn 30 merges").click()
    expect(page.locator(".tk-result")).to_contain_text("In the vocabulary chosen above")


def test_a_row_far_down_gpt2s_vocabulary_is_left_when_a_smaller_one_is_chosen(
        tokens_stage, small, gpt2_is_read):
    page = tokens_stage(small, name="storybook").page
    page.get_by_role("radio", name="gpt2").check()
    page.get_by_role("tab", name="Vocabulary", exact=True).click()
    page.get_by_role("searchbox").fill("#50000")
    expect(page.get_by_role("complementary", name="Token 50000")).to_be_visible()
    page.get_by_role("radio", name="storybook").check()
    expect(page.get_by_role("complementary", name="Token 0")).to_be_visible()
    expect(page.get_by_role("searchbox")).to_have_value("")
    assert page.get_by_role("alert").count() == 0


def test_a_model_with_gpt2s_vocabulary_leaves_nothing_to_choose(place):
    expect(place().get_by_role("group", name="Vocabulary").get_by_role("radio")).to_have_count(1)


# ---- The prompt ----------------------------------------------------------------------------


def test_the_prompt_stands_on_its_line_with_ids(place):
    page = place()
    tokens = page.get_by_role("group", name="Tokens of the prompt").get_by_role("button")
    expect(tokens).to_have_count(6)                                                 # W37
    expect(tokens.nth(2)).to_have_accessible_name("Token 3, space quick, id 2068")
    expect(page.locator(".tk-tick .tk-id")).to_have_text([
        "16073", "318", "2068", "13", "679", "6100"])
    heads = [token.bounding_box()["y"] for token in tokens.all()]
    assert max(heads) - min(heads) < 1


def test_arrows_walk_along_the_tokens_and_bytes_are_shown_without_a_shift(place):
    page = place()
    below = page.locator(".tk-measures")
    page.get_by_role("button", name="Token 1,").focus()
    before = below.bounding_box()
    page.keyboard.press("ArrowRight")
    expect(page.get_by_role("button", name="Token 2,")).to_be_focused()
    detail = page.get_by_role("region", name="The chosen token")
    expect(detail.locator(".tk-byte")).to_have_text(["20", "69", "73"])
    expect(detail).to_contain_text("319")  # W65: the 319th row, counted from 1
    page.keyboard.press("End")
    expect(page.get_by_role("button", name="Token 6,")).to_be_focused()
    assert below.bounding_box() == before


def test_half_characters_are_shown_as_bytes_and_generated_tokens_are_named(place):
    page = place("Prompt", "a 本", n_generated=1)
    tokens = page.get_by_role("group", name="Tokens of the prompt").get_by_role("button")
    names = json.loads((gpt2_folder() / "encoder.json").read_text(encoding="utf-8"))
    half = f"Token 2, space byte E6 byte 9C, id {names['Ġæľ']}"
    expect(tokens.nth(1)).to_have_accessible_name(half)
    expect(tokens.last).to_have_accessible_name("Token 3, byte AC, id 105, written by the model")


def test_markup_in_a_prompt_stays_text(place):
    page = place("Prompt", MARKUP)
    expect(page.locator(".tk-answer")).to_have_text(MARKUP)
    assert page.locator(".tk img, .tk-strip b").count() == 0


def test_ids_become_text_again_and_a_wrong_one_is_named(place):
    page = place()
    field = page.get_by_role("textbox", name="Ids")
    field.fill("679 6100, 2952")
    expect(page.locator(".tk-answer")).to_have_text(" He moves quickly", use_inner_text=False)
    field.fill("679 x")
    expect(page.get_by_role("alert")).to_have_text(
        "“x” is no id: whole numbers are expected, with spaces between them.")
    field.fill("50257")
    expect(page.get_by_role("alert")).to_contain_text("from 0 to 50256")


def test_a_token_opens_its_merges_and_its_row(place):
    page = place()
    page.get_by_role("button", name="Token 3,").click()
    page.get_by_role("button", name="Merge by merge").click()
    expect(page.get_by_role("textbox", name="Any text")).to_have_value(" quick")
    page.get_by_role("tab", name="Prompt").click()
    page.get_by_role("button", name="In the vocabulary").click()
    expect(page.get_by_role("complementary", name="Token 2068")).to_be_visible()


# ---- Merge by merge ------------------------------------------------------------------------


def test_the_merges_of_quick_are_drawn_with_their_ranks(place):
    page = place("Merge by merge")
    drawing = page.locator(".tk-tree")
    expect(drawing.locator(".tk-join")).to_have_count(5)                            # W54
    ranks = page.locator(".tk-rank").evaluate_all("all => all.map((one) => one.textContent)")
    assert ranks == ["35", "165", "368", "371", "1,812"]
    words = "How space quick is merged: 5 merges, 0 of them done."
    expect(page.get_by_role("img", name=words)).to_be_visible()


def test_steps_are_walked_by_keyboard_and_the_lowest_rank_is_outlined(place):
    page = place("Merge by merge")
    slider = page.get_by_role("slider", name="merges done")
    choice = page.get_by_role("region", name="Choice of the next merge")
    lowest = choice.locator(".tk-lowest")
    slider.focus()
    for rank in ("35", "165", "368", "371", "1,812"):                               # W53, W54
        expect(lowest.locator("td").nth(1)).to_have_text(rank)
        page.keyboard.press("ArrowRight")
    expect(choice).to_contain_text("One token: nothing is left to join.")
    expect(page.locator(".tk-final.tk-is-done")).to_have_count(1)
    expect(page.get_by_role("button", name="One merge on")).to_be_disabled()
    page.get_by_role("button", name="To the beginning").click()
    rows = choice.get_by_role("row")
    expect(rows).to_have_count(6)
    assert lowest.evaluate("row => getComputedStyle(row.firstElementChild).borderTopColor") == \
        page.evaluate("(() => { const one = document.body.appendChild(document.createElement('i'));"
                      " one.style.color = 'var(--warm)'; return getComputedStyle(one).color; })()")


def test_a_click_on_a_rung_goes_there(place):
    page = place("Merge by merge")
    page.locator(".tk-level").nth(3).click(position={"x": 16, "y": 20})
    expect(page.get_by_role("slider")).to_have_value("4")
    expect(page.locator(".tk-join.tk-is-done")).to_have_count(4)
    expect(page.locator(".tk-join.tk-is-next")).to_have_count(1)


def test_a_longer_text_is_cut_into_pieces_first(place):
    page = place("Merge by merge")
    page.get_by_role("textbox", name="Any text").fill("Mike's quick!")
    cut = page.get_by_role("group", name="First the text is cut into 4 pieces")
    pieces = cut.get_by_role("radio")
    expect(pieces).to_have_count(4)                                                 # W50
    pieces.nth(2).check()
    expect(page.get_by_role("img", name="How space quick is merged")).to_be_visible()
    page.get_by_text("by this rule").click()
    expect(page.get_by_text(r"'(?:[sdmt]|ll|ve|re)| ?\p{L}+")).to_be_visible()


def test_the_next_merge_of_a_long_word_comes_into_sight(place):
    page = place("Merge by merge", viewport={"width": 560, "height": 700})
    page.get_by_role("textbox", name="Any text").fill(" antidisestablishmentarianism")
    expect(page.get_by_role("slider")).to_have_attribute("max", "22")
    page.get_by_role("slider").press("End")
    page.get_by_role("slider").press("ArrowLeft")
    frame = page.locator(".tk-tree").bounding_box()
    box = page.locator(".tk-join.tk-is-next rect").bounding_box()
    assert frame["x"] <= box["x"] and box["x"] + box["width"] <= frame["x"] + frame["width"]
    assert frame["y"] <= box["y"] and box["y"] + box["height"] <= frame["y"] + frame["height"]


def test_a_piece_that_is_too_long_is_refused_in_words(place):
    page = place("Merge by merge")
    page.get_by_role("textbox", name="Any text").fill("x" * 201)
    expect(page.get_by_role("alert")).to_contain_text("merges are shown for pieces of at most 200")
    page.get_by_role("textbox", name="Any text").fill("")
    expect(page.get_by_text("An empty text has no token.")).to_be_visible()


# ---- Spellings -----------------------------------------------------------------------------


def test_twelve_spellings_stand_side_by_side(place):
    page = place("Spellings")
    table = page.get_by_role("group", name="Twelve spellings").get_by_role("table")
    row = table.get_by_role("row", name="as it is")
    expect(row.locator(".tk-id")).to_have_text([                                    # W56
        "301", "1831", "8396", "1273", "1831", "8396", "2257", "20530", "13246", "18276"])
    spaced = table.get_by_role("row", name="space in front").get_by_role("cell")
    assert spaced.locator(".tk-id").all_inner_texts()[:2] == ["41236", "42611"]
    expect(table.locator(".tk-fewest")).to_have_count(2)


def test_texts_stand_side_by_side_with_their_counts(place):
    page = place("Spellings")
    table = page.get_by_role("group", name="Texts and their tokens").get_by_role("table")
    rows = table.get_by_role("row")
    expect(rows.nth(1).locator(".tk-id")).to_have_text(["6865", "21871"])           # W38
    expect(rows.nth(2).locator(".tk-id")).to_have_text(["302", "521", "28153"])     # W39
    page.get_by_role("button", name="abbreviations").click()
    expect(rows.nth(1).locator(".tk-id")).to_have_text(["14990", "26", "7707"])     # W40
    page.get_by_role("textbox", name="Texts, one a line").fill(MARKUP)
    expect(rows.nth(1).get_by_role("rowheader")).to_have_text(MARKUP)
