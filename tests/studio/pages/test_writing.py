"""Writing in view: token by token, every choice stage by stage, and all of it taken back."""

import json
import re
import subprocess
import sys

import numpy as np
import pytest
from playwright.sync_api import expect

from cutaway.generate import Sampling, generate
from tests.studio.pages.visitor import EXAMPLE

SETTINGS = {"Temperature": "0.7", "Top-k": "30", "Top-p": "0.9", "Seed": "5", "Tokens": "12"}


@pytest.fixture
def panel(visit):
    """The Generate tab with SETTINGS."""
    panel = visit.drawer("Generate")
    for label, value in SETTINGS.items():
        panel.get_by_role("spinbutton", name=label).fill(value)
        panel.get_by_role("spinbutton", name=label).press("Tab")
    expect(panel.get_by_role("button", name="Write 12")).to_be_visible()
    return panel


def story(panel):
    """What the model has written so far."""
    return panel.get_by_label("The text so far").locator("b")


def test_writing_gives_the_text_of_the_command_line(visit, panel):
    panel.get_by_role("button", name="Write 12").click()
    visit.has_changes(1)
    written = subprocess.run(
        [sys.executable, "-m", "cutaway", "generate", EXAMPLE, "--temperature", "0.7",
         "--top-k", "30", "--top-p", "0.9", "--seed", "5", "--max-tokens", "12", "--json"],
        capture_output=True, text=True, check=True)
    told = json.loads(written.stdout)
    expect(story(panel)).to_have_text(told["text"].removeprefix(EXAMPLE), use_inner_text=False)
    assert [one["id"] for one in visit.state()["tokens"]][8:] == [
        one["id"] for one in told["tokens"]]


def test_each_token_is_a_row_of_the_table_in_view(visit, panel, run):
    visit.open("h3.residual")
    one = panel.get_by_role("button", name="One token")
    for count in (9, 10, 11):
        one.click()
        expect(visit.grid).to_have_attribute("aria-rowcount", str(count + 1))
        visit.settled("h3.residual")
        expect(one).to_be_enabled()
    longer = run
    for token in visit.state()["tokens"][8:]:
        longer = longer.append(token["id"])
    visit.agrees(longer["h3.residual"].array)
    visit.predicts(longer["next_probabilities"].array)


def test_a_text_is_one_change_that_undo_takes_back_as_a_whole(visit, panel, run):
    panel.get_by_role("button", name="Write 12").click()
    visit.has_changes(1)
    assert len(visit.state()["tokens"]) == 20
    visit.page.get_by_role("button", name="Undo", exact=True).click()
    visit.has_changes(0)
    assert len(visit.state()["tokens"]) == 8
    visit.predicts(run["next_probabilities"].array)
    visit.agrees(run["h0.attention"].array[0])
    visit.page.get_by_role("button", name="Redo", exact=True).click()
    visit.has_changes(1)
    assert len(visit.state()["tokens"]) == 20


def test_a_text_is_stopped_at_any_time_and_keeps_what_was_written(visit, panel):
    panel.get_by_role("spinbutton", name="Tokens").fill("200")
    panel.get_by_role("spinbutton", name="Tokens").press("Tab")
    panel.get_by_role("button", name="Write 200").click()
    visit.until("cutaway.book.value.tokens.length > 10")
    panel.get_by_role("button", name=re.compile("^Stop")).click()
    visit.has_changes(1)
    count = len(visit.state()["tokens"])
    assert 10 < count < 208
    expect(panel.get_by_role("button", name="Write 200")).to_be_visible()
    expect(visit.page.get_by_role("list", name="Changes")).to_have_count(0)
    assert visit.state()["changes"][0]["words"] == f"{count - 8} tokens written"


def test_the_next_token_button_appends_the_token_that_the_stages_mark(visit):
    visit.page.get_by_role("button", name="Next token").first.click()
    visit.has_changes(1)
    token = visit.state()["tokens"][8]
    chosen = visit.page.get_by_role("table", name="The choice, stage by stage").locator(
        "tr[aria-current]")
    expect(chosen.locator("td").nth(1)).to_have_text(str(token["id"]))


def test_the_stages_show_what_each_cut_leaves(visit, panel, run):
    logits = run["next_logits"].array.astype(np.float64)
    order = np.argsort(-logits)[:30]
    scaled = logits[order] / 0.7
    shares = np.exp(scaled - scaled.max())
    shares /= shares.sum()
    kept = int(np.searchsorted(np.cumsum(shares), 0.9)) + 1
    expect(panel.get_by_text(f"4,096 tokens, 30 after top-k, {kept} after top-p")).to_be_visible()
    says = np.exp(logits - logits.max())
    says /= says.sum()
    table = panel.get_by_role("table", name="The choice, stage by stage")
    expect(table.locator("th")).to_have_text(
        ["token", "id", "model says", "→ after temperature", "→ after cuts"])
    unscaled = np.exp(logits / 0.7 - logits.max() / 0.7)
    for place in (0, kept - 1):
        expect(table.locator("tbody tr").nth(place).locator("td").locator(".number")).to_have_text([
            f"{100 * says[order[place]]:.1f} %",
            f"{100 * unscaled[order[place]] / unscaled.sum():.1f} %",
            f"{100 * shares[place] / shares[:kept].sum():.1f} %"])
    expect(table.locator("tbody tr").nth(kept).locator("td").last).to_have_text("cut: top-p")
    expect(table.locator("tbody tr").nth(30).locator("td").last).to_have_text("cut: top-k")
    panel.get_by_role("button", name="Logits and cuts").click()
    rows = panel.get_by_role("table", name="The choice, stage by stage").locator("tbody tr")
    best = rows.first.locator("td")
    expect(best.nth(1)).to_have_text(str(order[0]))
    expect(best.nth(2)).to_have_text(f"{logits[order[0]]:.3f}")
    expect(best.nth(3)).to_have_text(f"{scaled[0]:.3f}")
    expect(best.nth(6)).to_have_text(f"{100 * shares[0] / shares[:kept].sum():.1f} %")
    expect(rows.nth(kept - 1).locator("td").nth(5)).to_have_text("stays")
    expect(rows.nth(kept).locator("td").nth(5)).to_have_text("cut")


def test_looking_back_has_its_columns_and_cuts_what_would_repeat(visit, panel, run):
    expect(panel.get_by_role("columnheader", name="penalty")).to_have_count(0)
    panel.get_by_role("checkbox", name="greedy").check()
    for label, value in {"Penalty": "2", "N-gram": "1", "Tokens": "3"}.items():
        panel.get_by_role("spinbutton", name=label).fill(value)
        panel.get_by_role("spinbutton", name=label).press("Tab")
    expect(panel.get_by_text("4,096 tokens, 4,088 without repeated n-grams")).to_be_visible()
    headers = panel.get_by_role("table", name="The choice, stage by stage").locator("th")
    expect(headers).to_have_text(["token", "id", "model says", "→ after penalty",
                                  "→ without repeats", "→ after temperature", "→ after cuts"])
    panel.get_by_role("button", name="Logits and cuts").click()
    expect(headers.nth(3)).to_have_text("penalty")
    expect(headers.nth(4)).to_have_text("n-gram")
    panel.get_by_role("button", name="Write 3").click()
    visit.has_changes(1)
    ids = [token["id"] for token in visit.state()["tokens"]]
    assert ids == [*run.ids, *(token.id for token in generate(
        run, Sampling(0, repetition_penalty=2, no_repeat_ngram=1), max_tokens=3))]


@pytest.mark.parametrize("way", ["checkbox", "temperature 0"])
def test_greedy_writes_the_likeliest_each_time(visit, panel, model, way):
    if way == "checkbox":
        panel.get_by_role("checkbox", name="greedy").check()
    else:
        panel.get_by_role("spinbutton", name="Temperature").fill("0")
        panel.get_by_role("spinbutton", name="Temperature").press("Tab")
        expect(panel.get_by_role("checkbox", name="greedy")).to_be_checked()
        best = panel.get_by_role("table", name="The choice, stage by stage").locator("tbody tr")
        expect(best.first.locator("td").last).to_have_text("100 %")
    panel.get_by_role("spinbutton", name="Tokens").fill("6")
    panel.get_by_role("spinbutton", name="Tokens").press("Tab")
    panel.get_by_role("button", name="Write 6").click()
    visit.has_changes(1)
    run = model.run(EXAMPLE)
    for token in visit.state()["tokens"][8:]:
        assert token["id"] == int(np.argmax(run["next_logits"].array))
        run = run.append(token["id"])
    assert len(visit.state()["tokens"]) == 14


def test_a_token_that_is_half_of_a_character_waits_for_the_next(visit, model):
    """The four bytes of a fox are four tokens of this vocabulary."""
    first, second, *others = model.tokenizer.encode("🦊")
    visit.ask("change", change={"kind": "append", "ids": [first, second]})
    visit.has_changes(1)
    visit.page.get_by_role("navigation", name="Model map").get_by_role(
        "button", name="writing").click()
    told = visit.page.get_by_label("The text so far")
    expect(told.locator(".held")).to_have_text("F0 9F part of a character; the next token may "
                                               "complete it")
    visit.ask("change", change={"kind": "append", "ids": others})
    expect(told.locator("b")).to_have_text("🦊")
    expect(told.locator(".held")).to_have_count(0)
