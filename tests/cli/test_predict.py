"""The main job: what it prints, and that its numbers are Hugging Face's."""

import json

import numpy as np
import pytest

from tests.cli.conftest import PROMPT


def test_the_page_has_tokens_model_next_token_and_text_in_this_order(cutaway, tiny):
    page = cutaway(PROMPT, "--model", tiny).stdout
    titles = ["Tokens", "The model", "The next token", "The text that follows"]
    assert sorted(titles, key=page.index) == titles


def test_the_verb_may_be_left_out(cutaway, tiny):
    assert (cutaway(PROMPT, "--model", tiny).stdout
            == cutaway("predict", PROMPT, "--model", tiny).stdout)


def test_options_may_come_before_the_prompt(cutaway, tiny):
    assert (cutaway("--model", tiny, "--max-tokens", "2", PROMPT).stdout
            == cutaway(PROMPT, "--model", tiny, "--max-tokens", "2").stdout)


def test_every_stage_of_the_model_has_a_line_named_as_in_the_api(cutaway, tiny):
    lines = cutaway(PROMPT, "--model", tiny).stdout.splitlines()
    first_words = [line.split()[0] for line in lines if line.strip()]
    assert [word for word in first_words if word in ("embed", "h0", "h1", "head")] == [
        "embed", "h0", "h1", "head"]


def test_token_ids_are_those_of_the_tokenizers_library(cutaway, tiny):
    tokenizers = pytest.importorskip("tokenizers")
    expected = tokenizers.Tokenizer.from_file(str(tiny / "tokenizer.json")).encode(PROMPT).ids
    answer = json.loads(cutaway(PROMPT, "--model", tiny, "--json").stdout)
    assert [token["id"] for token in answer["tokens"]] == expected


def test_next_token_probabilities_are_hugging_faces(cutaway, tiny, peer):
    torch = pytest.importorskip("torch")
    answer = json.loads(cutaway(PROMPT, "--model", tiny, "--json", "--top", "5").stdout)
    ids = [token["id"] for token in answer["tokens"]]
    with torch.no_grad():
        expected = torch.softmax(peer(torch.tensor([ids])).logits[0, -1].double(), -1)
    best = torch.topk(expected, 5)
    assert [guess["id"] for guess in answer["next"]] == best.indices.tolist()
    np.testing.assert_allclose([guess["probability"] for guess in answer["next"]],
                               best.values.numpy(), rtol=1e-4)


def test_the_guess_after_each_block_is_hugging_faces_hidden_state_through_its_head(
        cutaway, tiny, peer):
    torch = pytest.importorskip("torch")
    answer = json.loads(cutaway(PROMPT, "--model", tiny, "--json", "--float64").stdout)
    ids = torch.tensor([[token["id"] for token in answer["tokens"]]])
    peer = peer.double()
    with torch.no_grad():
        states = peer(ids, output_hidden_states=True).hidden_states
        before_head = [peer.transformer.ln_f(state) for state in states[:-1]] + [states[-1]]
        expected = [torch.softmax(peer.lm_head(state)[0, -1], -1).max().item()
                    for state in before_head]
    found = [stage["guess"]["probability"] for stage in answer["stages"]]
    np.testing.assert_allclose(found[:-1], expected, rtol=1e-9)
    assert found[-1] == found[-2]  # the head's own guess is the one after the last block


def test_the_greedy_text_is_hugging_faces(cutaway, tiny, peer):
    torch = pytest.importorskip("torch")
    answer = json.loads(cutaway(PROMPT, "--model", tiny, "--json", "--max-tokens", "5").stdout)
    ids = [token["id"] for token in answer["tokens"]]
    written = peer.generate(torch.tensor([ids]), max_new_tokens=5, do_sample=False,
                            pad_token_id=0)[0, len(ids):].tolist()
    tokenizers = pytest.importorskip("tokenizers")
    decoded = tokenizers.Tokenizer.from_file(str(tiny / "tokenizer.json")).decode(written)
    assert answer["following"] == decoded


def test_no_text_follows_when_none_is_wanted(cutaway, tiny):
    page = cutaway(PROMPT, "--model", tiny, "--max-tokens", "0").stdout
    assert "The text that follows" not in page


def test_a_dash_reads_standard_input_without_its_last_line_break(cutaway, tiny):
    piped = cutaway("-", "--model", tiny, "--json", input=PROMPT + "\n").stdout
    assert json.loads(piped) == json.loads(cutaway(PROMPT, "--model", tiny, "--json").stdout)


def test_markup_in_a_prompt_is_shown_as_it_stands(cutaway, tiny):
    page = cutaway("[bold]Mike[/bold] :cat:", "--model", tiny, "--max-tokens", "1").stdout
    assert "[bold]Mike[/bold] :cat:" in page


def test_a_prompt_cannot_steer_the_terminal(cutaway, tiny):
    page = cutaway("Mike\x1b[31m\a", "--model", tiny).stdout
    assert "\x1b" not in page and "\a" not in page


def test_the_bundled_model_opens_without_a_name(cutaway):
    from cutaway.weights import bundled_names

    if "storybook" not in bundled_names():
        pytest.skip("the bundled model is not in this checkout")
    result = cutaway(PROMPT, "--max-tokens", "3")
    assert result.exit_code == 0 and "storybook" in result.stdout
