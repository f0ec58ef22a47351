"""The prompt's field: marks of the model, hints to its writer, and how unexpected each token was."""

import re

from playwright.sync_api import expect

from cutaway.look import loss, surprises
from tests.studio.pages.visitor import EXAMPLE, labelled

MARK = "<|endoftext|>"
# What the command line says: tests/cli/test_prompts.py.
AT_SPACE = ("The prompt ends with a space. This model's words begin with theirs, so that it has "
            "hardly seen one alone: leave the space out for a likelier text.")


def test_a_mark_is_put_in_read_as_letters_and_taken_back(visit, model):
    page, hints = visit.page, visit.page.locator(".prompt-hints")
    visit.prompt.fill("The end.")
    page.get_by_role("button", name=f"Insert {MARK}").click()
    expect(visit.prompt).to_be_focused()
    page.keyboard.type("Once ")
    page.keyboard.press("Enter")
    visit.has_changes(1)
    ids = model.tokenizer.encode_with_special(f"The end.{MARK}Once ")
    assert [one["id"] for one in visit.state()["tokens"]] == ids
    assert model.tokenizer.end_of_text in ids
    expect(page.get_by_role("button", name=f"special token {MARK}")).to_be_visible()
    expect(hints).to_contain_text(AT_SPACE)
    hints.get_by_role("button", name="Read as letters").click()
    visit.has_changes(2)
    letters = model.tokenizer.encode(f"The end.{MARK}Once ")
    assert [one["id"] for one in visit.state()["tokens"]] == letters
    expect(hints).to_contain_text(f"{MARK} in the prompt was read as letters, "
                                  f"{len(model.tokenizer.encode(MARK))} tokens.")
    hints.get_by_role("button", name="Read as the model’s own").click()
    visit.has_changes(3)
    assert [one["id"] for one in visit.state()["tokens"]] == ids
    visit.prompt.fill("The end.")
    page.keyboard.press("Enter")
    visit.has_changes(4)
    expect(hints).to_have_count(0)


def test_surprise_shows_each_tokens_bits_rank_and_likelier_ones(visit, model, run):
    """The numbers are the library's, which tests/look compares with transformers'."""
    page = visit.page
    visit.map.get_by_role("button", name="surprise").click()
    expect(page).to_have_url(re.compile("#surprise"))
    found = list(surprises(lambda ids: run, run.ids, model.config.n_positions))
    buttons = page.get_by_role("group", name="The text, token by token").get_by_role("button")
    expect(buttons).to_have_count(len(found))
    expect(buttons.locator("small")).to_have_text(
        ["", *(f"{one.bits:.1f}" for one in found[1:])])
    for one, button in zip(found, buttons.all(), strict=True):
        expect(button).to_have_class(re.compile(f"level-{one.level}"))
    worst = max(found, key=lambda one: one.bits or -1)
    expect(buttons.nth(worst.place)).to_have_attribute("aria-pressed", "true")
    buttons.nth(worst.place).focus()
    page.keyboard.press("Home")
    expect(page.get_by_text("is the first token: nothing comes before it.")).to_be_visible()
    page.keyboard.press("ArrowRight")
    second = found[1]
    expect(page.get_by_role("status").filter(has_text="rank")).to_contain_text(
        f"rank {second.rank:,} of 4,096: {second.bits:.2f} bits")
    rows = page.get_by_role("table", name="The likeliest tokens in its place").locator("tbody tr")
    expect(rows.locator("td .token")).to_contain_text(
        [labelled(guess.text) for guess in second.likelier])
    expect(rows.locator("[aria-current]").or_(page.locator("tr[aria-current]"))).to_have_count(1)


def test_surprise_reads_another_text_as_the_library_does(visit, model):
    text = "The king was a very happy fox"
    page = visit.page
    visit.map.get_by_role("button", name="surprise").click()
    page.get_by_role("button", name="Another text").click()
    page.get_by_role("textbox", name="The text to read").fill(text)
    page.get_by_role("button", name="Read it").click()
    whole = loss(surprises(model.run, model.tokenizer.encode(text), model.config.n_positions))
    expect(page.get_by_text(f"a mean loss of {whole.mean:.4f} nats a token")).to_be_visible()
    assert visit.state()["prompt"] == EXAMPLE
