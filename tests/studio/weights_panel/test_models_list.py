"""Models on the page: listed, opened, deleted, fetched by a click alone."""

import re

import pytest
from playwright.sync_api import expect

from tests.studio.dropping import local_hub, served
from tests.studio.weights_app import choose, line, store_of, weights_app


def test_the_models_are_listed_with_what_they_consist_of(weights):
    cells = line(weights, "storybook").get_by_role("cell")
    assert cells.all_inner_texts()[:8] == [
        "3,505,152", "6", "6", "192", "256", "4,096", "7.0 MB", "Cutaway"]
    expect(line(weights, "storybook")).to_have_attribute("aria-current", "true")


def test_every_weight_of_the_open_model_can_be_opened_as_a_table(weights):
    boxes = weights.get_by_role("list", name="The weights of storybook").get_by_role("button")
    expect(boxes).to_have_count(76)
    expect(weights.get_by_text("76 tensors, 3,505,152 numbers, float16")).to_be_visible()
    weights.get_by_role("button", name=re.compile(r"Open h3\. ?c_fc_w 192 × 768")).click()
    assert weights.evaluate("[stage.view.value, stage.table.value]") == ["table", "h3.c_fc_w"]


def test_a_kept_model_is_there_after_a_restart(page, faults, csvs, tokenizer, tmp_path):
    faults.expect("ERR_CONNECTION_REFUSED")  # the page asks for its server once more as it goes
    home = tmp_path / "store" / "models"
    with served(weights_app(home)) as address:
        page.goto(f"http://{address}/#page=secret")
        choose(page, *csvs.values(), tokenizer / "hparams.json", tokenizer / "tokenizer.json")
        page.get_by_label("Keep it as").fill("mine")
        page.get_by_role("button", name="Keep in the store and open").click()
        expect(line(page, "mine")).to_have_attribute("aria-current", "true")
        page.goto("about:blank")
    with served(weights_app(home)) as address:
        page.goto(f"http://{address}/#page=another")
        page.get_by_role("button", name="Open mine").click()
        expect(line(page, "mine")).to_have_attribute("aria-current", "true")


def test_a_model_is_deleted_after_a_question_by_keyboard_alone(weights, app, csvs, tokenizer):
    choose(weights, *csvs.values(), tokenizer / "hparams.json")
    weights.get_by_label("Keep it as").fill("mine")
    weights.keyboard.press("Enter")
    expect(line(weights, "mine")).to_be_visible()
    ask = weights.get_by_role("button", name="Delete mine …")
    ask.focus()
    weights.keyboard.press("Enter")
    expect(weights.get_by_role("button", name="Keep it")).to_be_focused()
    weights.keyboard.press("Escape")
    expect(ask).to_be_focused()
    assert store_of(app).names() == ["mine"]
    weights.keyboard.press("Enter")
    expect(weights.get_by_role("button", name="Keep it")).to_be_focused()
    weights.keyboard.press("Shift+Tab")
    weights.keyboard.press("Enter")
    expect(line(weights, "mine")).to_have_count(0)
    assert store_of(app).names() == []


def test_nothing_is_fetched_before_the_button_is_pressed(weights, tmp_path, monkeypatch):
    with local_hub(tmp_path / "hub", monkeypatch) as hub:
        expect(weights.get_by_text("The one thing here that leaves this machine")).to_be_visible()
        weights.get_by_label("Model of the hub").select_option("gpt2")
        assert hub.requests == []
        weights.get_by_role("button", name="Fetch", exact=True).click()
        expect(weights.get_by_text("gpt2 is in the store.")).to_be_visible()
        expect(line(weights, "gpt2")).to_be_visible()
        expect(weights.get_by_role("button", name="It is here already")).to_be_disabled()
        assert hub.requests


def test_without_a_network_fetching_says_so(weights):
    weights.get_by_role("button", name="Fetch", exact=True).click()
    expect(weights.get_by_text("openai-community/gpt2 was not downloaded")).to_be_visible()


@pytest.mark.parametrize("width", [1192, 828, 560])
def test_nothing_sticks_out_of_the_page(app, new_page, width, csvs):
    page = new_page(viewport={"width": width, "height": 800})
    with served(app) as address:
        page.goto(f"http://{address}/#page=secret")
        choose(page, *csvs.values())
        page.get_by_label("Heads of each block").wait_for()
        assert page.evaluate("document.documentElement.scrollWidth") == width
        page.goto("about:blank")
