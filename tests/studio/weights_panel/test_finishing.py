"""A whole model gets its name and its tokenizer, and goes to the store."""

import numpy as np
from playwright.sync_api import expect

from tests.studio.weights_app import choose, line, store_of


def test_without_a_config_the_page_asks_for_the_heads(weights, app, csvs):
    choose(weights, *csvs.values())
    heads = weights.get_by_label("Heads of each block")
    heads.fill("2")
    weights.get_by_role("button", name="Use this number").click()
    expect(weights.get_by_text("Ready: all 28 tensors loaded")).to_be_visible()
    weights.get_by_role("button", name="Keep in the store").click()
    expect(line(weights, "my-csvs").or_(line(weights, "my-model"))).to_be_visible()
    [name] = store_of(app).names()
    assert store_of(app).open(name).config.n_head == 2


def test_a_model_without_a_tokenizer_says_what_it_lacks(weights, csvs, tokenizer):
    choose(weights, *csvs.values(), tokenizer / "hparams.json")
    expect(weights.get_by_text("No tokenizer has come: without one, the model cannot read a text.")
           ).to_be_visible()
    weights.get_by_label("Keep it as").fill("mute")
    weights.get_by_role("button", name="Keep in the store", exact=True).click()
    expect(line(weights, "mute").get_by_role("button", name="mute cannot be opened")
           ).to_be_disabled()


def test_a_tokenizer_can_be_lent_by_another_model(weights, csvs, tokenizer):
    choose(weights, *csvs.values(), tokenizer / "hparams.json", tokenizer / "tokenizer.json")
    weights.get_by_label("Keep it as").fill("lender")
    weights.get_by_role("button", name="Keep in the store and open").click()
    expect(line(weights, "lender")).to_be_visible()
    choose(weights, *csvs.values(), tokenizer / "hparams.json")
    weights.get_by_label("with the tokenizer of").select_option("lender")
    weights.get_by_label("Keep it as").fill("borrower")
    weights.get_by_role("button", name="Keep in the store and open").click()
    expect(line(weights, "borrower")).to_have_attribute("aria-current", "true")


def test_a_name_that_is_taken_is_replaced_only_when_that_is_said(weights, app, csvs, tokenizer,
                                                                 numbers):
    for replace in (False, True):
        choose(weights, *csvs.values(), tokenizer / "hparams.json", tokenizer / "tokenizer.json")
        weights.get_by_label("Keep it as").fill("mine")
        button = weights.get_by_role("button", name="Keep in the store and open")
        if replace:
            expect(weights.get_by_text("There is a model mine already.")).to_be_visible()
            expect(button).to_be_disabled()
            weights.get_by_label("replace the one that is there").check()
        button.click()
        expect(button).to_have_count(0)
        expect(line(weights, "mine")).to_have_attribute("aria-current", "true")
        np.savetxt(csvs["wpe"], 2 * numbers["wpe"], delimiter=",")
    np.testing.assert_array_equal(store_of(app).open("mine").weights["wpe"], 2 * numbers["wpe"])


def test_the_bundled_models_name_cannot_be_taken(weights, csvs, tokenizer):
    choose(weights, *csvs.values(), tokenizer / "hparams.json")
    weights.get_by_label("Keep it as").fill("storybook")
    expect(weights.get_by_text("storybook comes with Cutaway.")).to_be_visible()
    expect(weights.get_by_role("button", name="Keep in the store")).to_be_disabled()
