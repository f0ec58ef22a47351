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


def test_a_stop_phrase_may_run_over_several_tokens(cutaway, tiny):
    settings = ("generate", PROMPT, "--model", tiny, "--max-tokens", "12", "--json")
    text = json.loads(cutaway(*settings).stdout)["text"]
    phrase = text[4:9]
    answer = json.loads(cutaway(*settings, "--stop", "nowhere at all", "--stop", phrase).stdout)
    assert answer["text"] == text[:text.index(phrase)] and answer["stopped_by"] == phrase
    plain = cutaway(*settings[:-1], "--stop", phrase).stdout
    assert plain == PROMPT + answer["text"] + "\n"


def test_a_stop_that_is_a_special_tokens_name_is_that_token(cutaway, tiny):
    settings = ("generate", PROMPT, "--model", tiny, "--max-tokens", "12")
    assert (cutaway(*settings, "--stop", "<|endoftext|>").stdout == cutaway(*settings).stdout)


def test_an_empty_stop_phrase_is_refused(cutaway, tiny):
    result = cutaway("generate", PROMPT, "--model", tiny, "--stop", "")
    assert result.exit_code == 1 and "A stop phrase is empty" in result.stderr


def test_every_sample_has_a_seed_that_writes_it_again(cutaway, tiny):
    settings = ("generate", PROMPT, "--model", tiny, "--max-tokens", "6", "--temperature", "0.9")
    samples = json.loads(cutaway(*settings, "--samples", "3", "--json").stdout)["samples"]
    assert len({sample["seed"] for sample in samples}) == 3
    assert len({sample["text"] for sample in samples}) == 3
    for sample in samples:
        again = json.loads(cutaway(*settings, "--seed", str(sample["seed"]), "--json").stdout)
        assert again["tokens"] == sample["tokens"]


def test_samples_begin_with_the_seed_that_is_given_and_show_each(cutaway, tiny):
    settings = ("generate", PROMPT, "--model", tiny, "--max-tokens", "6")
    page = cutaway(*settings, "--samples", "2", "--seed", "7").stdout
    assert "Sample 1 of 2   --seed 7\n" in page and "Sample 2 of 2   --seed 8\n" in page
    for seed in ("7", "8"):
        assert cutaway(*settings, "--seed", seed).stdout in page


def test_samples_that_would_all_be_the_same_are_refused(cutaway, tiny):
    result = cutaway("generate", PROMPT, "--model", tiny, "--samples", "2", "--temperature", "0")
    assert result.exit_code == 1
    assert "At temperature 0 every sample is the same text." in result.stderr


def test_the_penalty_and_the_n_grams_are_hugging_faces(cutaway, tiny, peer):
    torch = pytest.importorskip("torch")
    answer = json.loads(cutaway("generate", PROMPT, "--model", tiny, "--max-tokens", "8", "--json",
                                "--repetition-penalty", "1.3", "--no-repeat-ngram", "2").stdout)
    ids = json.loads(cutaway("tokens", PROMPT, "--model", tiny, "--json").stdout)[0]["ids"]
    expected = peer.generate(torch.tensor([ids]), max_new_tokens=8, do_sample=False, pad_token_id=0,
                             repetition_penalty=1.3, no_repeat_ngram_size=2)
    assert [token["id"] for token in answer["tokens"]] == expected[0, len(ids):].tolist()


def test_the_stages_that_look_back_have_columns_where_they_are_asked_for(cutaway, tiny):
    settings = ("generate", PROMPT, "--model", tiny, "--max-tokens", "2", "--stages")
    page = cutaway(*settings, "--repetition-penalty", "1.3", "--no-repeat-ngram", "1").stdout
    assert "greedy: the highest logit, repetition penalty 1.3, no 1-gram twice" in page
    assert "logit  penalty  n-gram  scaled  top-k  top-p" in " ".join(page.split("\n")[:3])
    assert "penalty" not in cutaway(*settings).stdout


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
