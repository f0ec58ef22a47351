"""The loop: what it writes, when it stops, and that it writes the same again."""

import os
import subprocess
import sys
from itertools import islice

import numpy as np
import pytest
import torch

from cutaway.engines.numpy import NumpyEngine
from cutaway.errors import NotFinite, PromptError, SettingError
from cutaway.generate import GREEDY, Sampling, generate, generate_text
from cutaway.models.config import Config
from tests.generate.hugging_face import hugging_face_model
from tests.generate.small import (
    BYTES,
    TINY,
    model_that_writes,
    random_weights,
    run_in_float64,
    tiny_run,
)

SHAPES = [
    Config(vocab_size=50, n_positions=64, n_embd=24, n_layer=2, n_head=3),
    Config(vocab_size=97, n_positions=128, n_embd=32, n_layer=3, n_head=4),
    Config(vocab_size=257, n_positions=48, n_embd=16, n_layer=1, n_head=1),
    Config(vocab_size=300, n_positions=100, n_embd=48, n_layer=5, n_head=6),
]


# ---- Against Hugging Face --------------------------------------------------------------------

@pytest.mark.parametrize("config", SHAPES, ids=str)
@pytest.mark.parametrize("seed", [0, 1])
def test_greedy_text_equals_hugging_faces(config, seed):
    weights, prompt = random_weights(config, seed), [5, 1, 4, 1, 3]
    theirs = hugging_face_model(config, weights).generate(
        torch.tensor([prompt]), do_sample=False, max_new_tokens=40, pad_token_id=0)
    ours = [token.id for token in generate(run_in_float64(config, weights, prompt), max_tokens=40)]
    assert ours == theirs[0, len(prompt):].tolist()
    assert len(set(ours)) > 5  # one token over and over would prove little


def test_the_stages_are_in_the_order_of_hugging_faces_generate():
    config, sampling = SHAPES[1], Sampling(0.7, top_k=30, top_p=0.8)
    weights, prompt = random_weights(config, 3), [9, 8, 7]
    theirs = hugging_face_model(config, weights).generate(
        torch.tensor([prompt]), do_sample=True, temperature=0.7, top_k=30, top_p=0.8,
        max_new_tokens=1, pad_token_id=0, output_scores=True, return_dict_in_generate=True)
    ours = next(generate(run_in_float64(config, weights, prompt), sampling, seed=0))
    scores = theirs.scores[0][0].numpy()  # float32: their generate casts the logits
    assert np.isfinite(scores).sum() < 30
    np.testing.assert_allclose(ours.distribution.after_top_p, scores, rtol=1e-6)


def test_past_the_context_the_newest_half_of_the_tokens_goes_on():
    config = Config(vocab_size=90, n_positions=12, n_embd=24, n_layer=2, n_head=2)
    weights, context = random_weights(config, 5), [3, 1, 4]
    theirs = hugging_face_model(config, weights)
    for token in generate(run_in_float64(config, weights, context), max_tokens=40):
        with torch.no_grad():
            assert token.id == int(theirs(torch.tensor([context])).logits[0, -1].argmax())
        full = len(context) == 12
        context = [*context, token.id][-6:] if full else [*context, token.id]
        assert token.restarted == full
        assert token.run.ids.tolist() == context


def test_a_model_of_one_position_goes_on_from_each_token_alone():
    config = Config(vocab_size=20, n_positions=1, n_embd=8, n_layer=1, n_head=1)
    weights, context = random_weights(config, 0), [3]
    theirs = hugging_face_model(config, weights)
    for token in generate(run_in_float64(config, weights, context), max_tokens=5):
        with torch.no_grad():
            context = [int(theirs(torch.tensor([context])).logits[0, -1].argmax())]
        assert token.run.ids.tolist() == context
        assert token.restarted


# ---- The same again --------------------------------------------------------------------------

WRITE_IDS = """
from cutaway.generate import Sampling, generate
from tests.generate.small import tiny_run
print([token.id for token in generate(tiny_run(), Sampling(1.2), max_tokens=30, seed=11)])
"""


def test_the_same_seed_gives_the_same_text_in_two_processes():
    path = os.pathsep.join(sys.path)
    texts = [subprocess.run([sys.executable, "-c", WRITE_IDS], capture_output=True, text=True,
                            check=True, env={**os.environ, "PYTHONPATH": path,
                                             "PYTHONHASHSEED": hash_seed}).stdout
             for hash_seed in ("1", "2")]
    assert texts[0] == texts[1]
    here = [token.id for token in generate(tiny_run(), Sampling(1.2), max_tokens=30, seed=11)]
    assert texts[0].strip() == str(here)
    assert len(set(here)) > 10


def test_another_seed_gives_another_text():
    texts = {tuple(token.id for token in generate(tiny_run(), Sampling(), max_tokens=20, seed=seed))
             for seed in range(5)}
    assert len(texts) == 5


def test_without_a_seed_every_text_is_another():
    texts = {tuple(token.id for token in generate(tiny_run(), Sampling(), max_tokens=20))
             for _ in range(3)}
    assert len(texts) == 3


def test_one_number_is_drawn_for_each_token_from_numpys_pcg64():
    draws = [token.distribution.draw
             for token in generate(tiny_run(), Sampling(), max_tokens=5, seed=42)]
    assert draws == np.random.Generator(np.random.PCG64(42)).random(5).tolist()


def test_a_generator_is_drawn_from_where_it_stands():
    random = np.random.default_rng(42)
    list(generate(tiny_run(), Sampling(), max_tokens=3, seed=random))
    assert random.random() == np.random.default_rng(42).random(4)[3]


def test_greedy_draws_nothing():
    random = np.random.default_rng(42)
    assert [token.distribution.draw
            for token in generate(tiny_run(), GREEDY, max_tokens=3, seed=random)] == [None] * 3
    assert random.random() == np.random.default_rng(42).random()


def test_a_text_continued_from_one_of_its_tokens_is_the_same_text():
    whole = list(generate(tiny_run(), max_tokens=20))
    rest = generate(whole[7].run, max_tokens=12)
    assert [token.id for token in rest] == [token.id for token in whole[8:]]


# ---- When it ends ----------------------------------------------------------------------------

def test_a_stop_token_is_the_last_and_adds_no_text():
    model = model_that_writes(b"The end.\n\nMore", prompt_length=2)
    stop = BYTES.id_of("\n")
    tokens = list(generate(model.run("ab"), stop_tokens={stop}, max_tokens=14))
    assert "".join(token.text for token in tokens) == "The end."
    assert tokens[-1].id == stop
    assert tokens[-1].run.ids[-1] == stop


def test_no_more_tokens_are_written_than_asked_for():
    assert len(list(generate(tiny_run(), max_tokens=7))) == 7
    assert list(generate(tiny_run(), max_tokens=0)) == []


def test_nothing_is_calculated_before_a_token_is_asked_for():
    run = tiny_run()
    tokens = generate(run, max_tokens=5)
    assert not run.calculations
    next(tokens)
    assert run.calculations["next_logits"] == 1


def test_each_token_calculates_one_new_row():
    for token in islice(generate(tiny_run(), max_tokens=4), 3):
        assert token.run["h1.qkv"].shape == (len(token.run.ids), 72)
        assert token.run.calculations["h1.qkv"] == 1


def test_what_a_run_keeps_does_not_change_the_text():
    model = model_that_writes(b"the same text", prompt_length=2)
    sparing = list(generate(model.run("ab", keep=()), Sampling(0.5), max_tokens=90, seed=1))
    lavish = list(generate(model.run("ab"), Sampling(0.5), max_tokens=90, seed=1))
    assert [token.id for token in sparing] == [token.id for token in lavish]
    assert "h0.attention" not in sparing[50].run.memory.tables
    assert "h0.attention" in lavish[50].run.memory.tables


def test_a_token_that_an_edit_rules_out_is_never_written():
    favourite = next(generate(tiny_run(), max_tokens=1)).id
    run = tiny_run().edit("next_logits", -np.inf, vocabulary=favourite)
    tokens = list(generate(run, Sampling(1.5), max_tokens=30, seed=0))
    assert favourite not in [token.id for token in tokens]


# ---- Text ------------------------------------------------------------------------------------

def test_a_character_of_four_tokens_streams_whole():
    model = model_that_writes("a🙂é.".encode(), prompt_length=3)
    texts = [token.text for token in generate(model.run("abc"), max_tokens=8)]
    assert texts == ["a", "", "", "", "🙂", "", "é", "."]


def test_a_character_that_the_prompt_began_is_completed():
    smile = BYTES.encode("🙂")
    model = model_that_writes("🙂".encode()[2:] + b"!", prompt_length=4)
    run = model.run([*BYTES.encode("ab"), *smile[:2]])
    assert [token.text for token in generate(run, max_tokens=3)] == ["", "🙂", "!"]


def test_a_character_that_is_never_completed_ends_as_a_replacement_character():
    model = model_that_writes("a🙂".encode(), prompt_length=1)
    texts = [token.text for token in generate(model.run("x"), max_tokens=3)]
    assert texts == ["a", "", "\ufffd"]


def test_a_stop_token_in_the_middle_of_a_character_shows_that_it_broke_off():
    model = model_that_writes("🙂".encode()[:2] + b"\n", prompt_length=1)
    tokens = generate(model.run("x"), max_tokens=9, stop_tokens={BYTES.id_of("\n")})
    assert [token.text for token in tokens] == ["", "", "\ufffd"]


def test_a_run_without_a_tokenizer_gives_ids_and_no_text():
    run = run_in_float64(TINY, random_weights(TINY, 0), [1, 2, 3])
    assert [token.text for token in generate(run, max_tokens=3)] == ["", "", ""]


def test_generate_text_is_what_follows_the_prompt():
    model = model_that_writes("Grüße, 🙂!".encode(), prompt_length=5)
    assert generate_text(model, "Hallo", max_tokens=14) == "Grüße, 🙂!"
    assert generate_text(model, "Hallo", stop_tokens={BYTES.id_of(",")}) == "Grüße"


# ---- Mistakes --------------------------------------------------------------------------------

@pytest.mark.parametrize("max_tokens", [-1, 2.5, "9", None, True])
def test_a_number_of_tokens_that_is_no_count_says_what_is_expected(max_tokens):
    with pytest.raises(SettingError) as error:
        generate(tiny_run(), max_tokens=max_tokens)
    assert str(error.value) == (
        f"max_tokens is {max_tokens!r}; a whole number of at least 0 is expected: how many tokens "
        "to write at most. Try 100.")


@pytest.mark.parametrize("seed", [-1, 1.5, "lucky", False])
def test_a_seed_that_is_no_whole_number_says_what_is_expected(seed):
    with pytest.raises(SettingError) as error:
        generate(tiny_run(), seed=seed)
    assert str(error.value) == (
        f"The seed is {seed!r}; a whole number of at least 0 is expected. The same seed gives the "
        "same text; leave it out for another text.")


def test_a_run_of_several_prompts_says_to_start_one_for_each():
    run = run_in_float64(TINY, random_weights(TINY, 0), [[1, 2], [3, 4], [5, 6]])
    with pytest.raises(PromptError) as error:
        generate(run)
    assert str(error.value) == ("The run holds 3 prompts, and one is expected. Start a run for "
                                "each, and write a text with each.")


def test_weights_that_hold_nan_stop_the_text_with_a_message():
    weights = random_weights(TINY, 0)
    weights["ln_f_b"][3] = np.nan
    with pytest.raises(NotFinite, match=r"ln_f_b \(embed\) holds nan at \[3\]"):
        next(generate(run_in_float64(TINY, weights, [1, 2])))


def test_float32_writes_the_same_greedy_text_as_float64():
    model = model_that_writes(b"same text", prompt_length=2)
    truth = model.run("ab", engine=NumpyEngine(np.float64))
    assert ([token.id for token in generate(model.run("ab"), max_tokens=9)]
            == [token.id for token in generate(truth, max_tokens=9)])
