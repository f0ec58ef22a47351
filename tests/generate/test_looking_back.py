"""The stages that look back at the text, against Hugging Face's processors and `generate`."""

from dataclasses import fields

import numpy as np
import pytest
import torch
from transformers import (
    LogitsProcessorList,
    NoRepeatNGramLogitsProcessor,
    RepetitionPenaltyLogitsProcessor,
    TemperatureLogitsWarper,
    TopKLogitsWarper,
    TopPLogitsWarper,
)

from cutaway.errors import SettingError, ShapeMismatch
from cutaway.generate import GREEDY, STAGES, Sampling, distribution, generate
from cutaway.generate.distribution import Row
from cutaway.models.config import Config
from tests.generate.hugging_face import hugging_face_model
from tests.generate.small import random_weights, run_in_float64


def their_stages(logits: np.ndarray, sampling: Sampling, history: np.ndarray
                 ) -> dict[str, np.ndarray]:
    """Every stage by Hugging Face's processors, in the order of its `generate`, in float64."""
    ids, scores = torch.tensor(history)[None], torch.tensor(logits, dtype=torch.float64)[None]
    processors = {
        "after_penalty": RepetitionPenaltyLogitsProcessor(float(sampling.repetition_penalty or 1)),
        "after_no_repeat": sampling.no_repeat_ngram and NoRepeatNGramLogitsProcessor(
            sampling.no_repeat_ngram),
        "scaled": TemperatureLogitsWarper(float(sampling.temperature)),
        "after_top_k": sampling.top_k and TopKLogitsWarper(sampling.top_k),
        "after_top_p": sampling.top_p and TopPLogitsWarper(sampling.top_p)}
    stages = {}
    for name, processor in processors.items():
        if processor:
            # A processor may write into the ids' scores that it is given.
            scores = LogitsProcessorList([processor])(ids, scores.clone())
        stages[name] = scores[0].numpy()
    return stages


def a_case(random: np.random.Generator) -> tuple[np.ndarray, Sampling, np.ndarray]:
    """float32 logits around 0, settings, and a text of few tokens, so that n-grams come again."""
    n_vocabulary = int(random.integers(8, 300))
    logits = random.normal(scale=random.choice([0.1, 3, 30]), size=n_vocabulary).astype(np.float32)
    logits[1:][random.random(n_vocabulary - 1) < random.choice([0, 0.2])] = -np.inf
    sampling = Sampling(
        float(random.choice([0.1, 0.7, 1.0, 1.3])), random.choice([None, 1, 5, 40]),
        random.choice([None, 0.5, 0.9]), random.choice([None, 0.8, 1.0, 1.2, 5.0]),
        random.choice([None, 1, 2, 3, 4]))
    letters = int(random.integers(1, min(6, n_vocabulary - 1)))  # one token at least stays open
    history = random.integers(1, 1 + letters, size=random.integers(1, 30))
    return logits, sampling, history


def test_every_stage_equals_hugging_faces_processors_on_a_thousand_random_logits():
    random, cut, moved = np.random.default_rng(15), 0, 0
    for _ in range(1000):
        logits, sampling, history = a_case(random)
        choice = distribution(logits, sampling, history=history)
        theirs = their_stages(logits, sampling, history)
        for name, ours in choice.stages():
            np.testing.assert_array_equal(ours, theirs[name], f"{name}: {sampling}")
        moved += (choice.after_penalty != logits).any()
        cut += np.isinf(choice.after_no_repeat).sum() - np.isinf(choice.after_penalty).sum()
        greedy = distribution(logits, Sampling(0, None, None, sampling.repetition_penalty,
                                               sampling.no_repeat_ngram), history=history)
        assert greedy.token == theirs["after_no_repeat"].argmax()
    assert moved > 400 and cut > 500


SHAPES = [Config(vocab_size=50, n_positions=64, n_embd=24, n_layer=2, n_head=3),
          Config(vocab_size=12, n_positions=64, n_embd=16, n_layer=1, n_head=2)]
BACK = [Sampling(0, repetition_penalty=1.4), Sampling(0, no_repeat_ngram=2),
        Sampling(0, repetition_penalty=1.1, no_repeat_ngram=3)]


@pytest.mark.parametrize("config", SHAPES, ids=str)
@pytest.mark.parametrize("sampling", BACK, ids=str)
def test_greedy_text_equals_hugging_faces(config, sampling):
    weights, prompt = random_weights(config, 1), [5, 1, 4, 1, 3]
    theirs = hugging_face_model(config, weights).generate(
        torch.tensor([prompt]), do_sample=False, max_new_tokens=50, pad_token_id=0,
        repetition_penalty=sampling.repetition_penalty or 1.0,
        no_repeat_ngram_size=sampling.no_repeat_ngram or 0)
    run = run_in_float64(config, weights, prompt)
    ours = [token.id for token in generate(run, sampling, max_tokens=50)]
    assert ours == theirs[0, len(prompt):].tolist()
    assert ours != [token.id for token in generate(run, max_tokens=50)]


def test_tokens_before_a_restart_still_count():
    """Twelve tokens and eight positions: with no token twice, the text is every token once."""
    config = Config(vocab_size=12, n_positions=8, n_embd=16, n_layer=1, n_head=2)
    run = run_in_float64(config, random_weights(config, 2), [3])
    written = list(generate(run, Sampling(0, no_repeat_ngram=1), max_tokens=11))
    assert any(token.restarted for token in written)
    assert sorted([3, *(token.id for token in written)]) == list(range(12))


def test_a_text_goes_on_after_a_restart_with_its_whole_history():
    config, sampling = Config(vocab_size=12, n_positions=8, n_embd=16, n_layer=1, n_head=2), \
        Sampling(0, repetition_penalty=1.3, no_repeat_ngram=2)
    run = run_in_float64(config, random_weights(config, 2), [3])
    whole = list(generate(run, sampling, max_tokens=20))
    part = whole[11]
    further = generate(part.run, sampling, max_tokens=8,
                       history=[*part.distribution.history, part.id])
    assert [token.id for token in further] == [token.id for token in whole[12:]]


def test_without_a_setting_that_looks_back_a_choice_keeps_no_history():
    assert distribution([1.0, 2], GREEDY, history=[0, 1, 0]).history.tolist() == []


def test_a_stage_is_a_name_a_title_and_a_sentence():
    assert [one.name for one in fields(Row)][2:-1] == [stage.name for stage in STAGES]
    assert all(stage.title and stage.sentence.endswith(".") for stage in STAGES)


def test_when_every_token_is_ruled_out_the_message_says_by_what():
    with pytest.raises(SettingError) as error:
        distribution([1.0, 2], Sampling(no_repeat_ngram=1), 0.5, [0, 1])
    assert str(error.value) == (
        "No token is left: each that the logits leave open would repeat 1 tokens in a row. Raise "
        "no_repeat_ngram, or leave it out.")


@pytest.mark.parametrize(("history", "words"), [
    ([0.5], "The history has the shape (1,) of float64; a row of token ids is expected, the oldest "
            "first: run.ids."),
    ([[0]], "The history has the shape (1, 1) of int64; a row of token ids is expected, the oldest "
            "first: run.ids.")])
def test_a_history_that_is_no_row_of_ids_says_what_is_expected(history, words):
    with pytest.raises(ShapeMismatch) as error:
        distribution([1.0, 2], Sampling(repetition_penalty=2), 0.5, history)
    assert str(error.value) == words


@pytest.mark.parametrize("history", [[-1], [0, 2]])
def test_a_history_of_other_ids_says_how_many_there_are(history):
    with pytest.raises(SettingError) as error:
        distribution([1.0, 2], Sampling(repetition_penalty=2), 0.5, history)
    assert str(error.value) == (
        f"The history has ids from {min(history)} to {max(history)}; the logits are of 2 tokens. "
        "Give the ids of the same model.")


@pytest.mark.parametrize("penalty", [0, -1.2, 1e-7, 1e7, float("nan"), "1.2", True])
def test_a_penalty_outside_its_range_says_what_is_expected(penalty):
    with pytest.raises(SettingError) as error:
        Sampling(repetition_penalty=penalty)
    assert str(error.value) == (
        f"The repetition penalty is {penalty!r}; a number from 1e-06 to 1,000,000 is expected: "
        "what the logits of all tokens so far are divided by. 1 changes nothing; try 1.2.")


@pytest.mark.parametrize("n", [0, -1, 2.5, "3", True])
def test_an_n_gram_that_is_no_count_says_what_is_expected(n):
    with pytest.raises(SettingError) as error:
        Sampling(no_repeat_ngram=n)
    assert str(error.value) == (
        f"no_repeat_ngram is {n!r}; a whole number of at least 1 is expected: how many tokens in a "
        "row never come twice. Try 3, or leave it out to let them.")
