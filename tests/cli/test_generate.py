"""`cutaway generate`."""

import json

import pytest

from tests.cli.conftest import PROMPT


def test_the_text_is_the_prompt_and_what_follows_and_nothing_else(cutaway, tiny):
    answer = json.loads(cutaway("generate", PROMPT, "--model", tiny, "--max-tokens", "6",
                                "--json").stdout)
    text = cutaway("generate", PROMPT, "--model", tiny, "--max-tokens", "6").stdout
    assert text == PROMPT + answer["text"] + "\n"
    assert len(answer["tokens"]) == 6


def test_greedy_text_is_hugging_faces(cutaway, tiny, peer):
    torch = pytest.importorskip("torch")
    answer = json.loads(cutaway("generate", PROMPT, "--model", tiny, "--max-tokens", "8",
                                "--json").stdout)
    ids = json.loads(cutaway("tokens", PROMPT, "--model", tiny, "--json").stdout)[0]["ids"]
    expected = peer.generate(torch.tensor([ids]), max_new_tokens=8, do_sample=False, pad_token_id=0)
    assert [token["id"] for token in answer["tokens"]] == expected[0, len(ids):].tolist()


def test_the_same_seed_writes_the_same_text_and_another_one_another(cutaway, tiny):
    texts = [cutaway("generate", PROMPT, "--model", tiny, "--seed", seed, "--max-tokens",
                     "12").stdout for seed in (1, 1, 2)]
    assert texts[0] == texts[1] != texts[2]


def test_temperature_zero_is_greedy(cutaway, tiny):
    settings = ("generate", PROMPT, "--model", tiny, "--max-tokens", "5")
    assert cutaway(*settings, "--temperature", "0").stdout == cutaway(*settings).stdout


def test_a_stop_token_ends_the_text(cutaway, tiny):
    settings = ("generate", PROMPT, "--model", tiny, "--max-tokens", "12", "--json")
    whole = json.loads(cutaway(*settings).stdout)["tokens"]
    stop = whole[3]["text"]
    first = next(place for place, token in enumerate(whole) if token["text"] == stop)
    answer = json.loads(cutaway(*settings, "--stop", stop).stdout)
    assert len(answer["tokens"]) == first + 1


def test_a_stop_of_several_tokens_is_told_with_its_pieces(cutaway, tiny):
    result = cutaway("generate", PROMPT, "--model", tiny, "--stop", "strawxyz")
    assert result.exit_code == 1 and "tokens in this vocabulary" in result.stderr


def test_the_stages_show_what_was_cut_and_what_was_drawn(cutaway, tiny):
    page = cutaway("generate", PROMPT, "--model", tiny, "--temperature", "0.8", "--top-k", "3",
                   "--top-p", "0.9", "--seed", "1", "--max-tokens", "1", "--stages").stdout
    assert "temperature 0.8, top-k 3, top-p 0.9; the draw was 0." in page
    assert page.count("cut") >= 7  # of the ten best, seven are below the third
    assert "  >  " in page


def test_text_past_the_models_positions_goes_on_and_says_so(cutaway, tiny):
    result = cutaway("generate", PROMPT, "--model", tiny, "--max-tokens", "40", "--seed", "1")
    assert result.exit_code == 0
    assert "All positions of the model were taken" in result.stderr
    assert "positions" not in result.stdout
