"""Weights of a byte each: nearly the same numbers, and how near is held here."""

import numpy as np
import pytest

from cutaway import Config, Model, NumpyEngine, Run, open_model
from cutaway.engines.compiled import CompiledEngine
from cutaway.errors import SettingError
from cutaway.generate import GREEDY, Sampling, generate, generate_text
from tests.engines.compiled.runs import CONFIG, IDS, appended, engine_of, run_of

WIDE = Config(vocab_size=3001, n_positions=32, n_embd=768, n_layer=2, n_head=12)
STORIES = ["Once upon a time", "Tom had a red ball.", "The little dog", "One day, Mia went"]


@pytest.fixture(scope="module")
def storybook() -> Model:
    return open_model()


def cosine(ours: np.ndarray, theirs: np.ndarray) -> np.ndarray:
    """Of every row with the other table's."""
    ours, theirs = ours.astype(np.float64), theirs.astype(np.float64)
    lengths = np.linalg.norm(ours, axis=-1) * np.linalg.norm(theirs, axis=-1)
    return (ours * theirs).sum(axis=-1) / lengths


def loss(run: Run) -> float:
    """The mean of -log p over what follows each token but the last, in nats."""
    logits = run["logits"].array[:-1].astype(np.float64)
    logits -= logits.max(axis=-1, keepdims=True)
    logs = logits - np.log(np.exp(logits).sum(axis=-1, keepdims=True))
    return float(-np.take_along_axis(logs, run.ids[1:, None], axis=-1).mean())


@pytest.mark.parametrize("keep", [("*",), ()], ids=["keeping all", "keeping nothing"])
def test_logits_point_where_float32s_do_at_gpt2s_first_step(keep):
    ids = np.arange(30) * 97
    truth = run_of(NumpyEngine(), ids, config=WIDE, scale=0.02)["logits"].array
    run = run_of(CompiledEngine("int8"), ids, config=WIDE, scale=0.02, keep=keep)
    assert cosine(run["logits"].array, truth).min() > 0.999
    assert not np.array_equal(run["logits"].array, truth)  # bytes it is


def test_the_bundled_models_loss_rises_by_less_than_half_a_percent(storybook):
    losses = {"float32": [], "int8": []}
    for seed, prompt in enumerate(STORIES):
        text = prompt + generate_text(storybook, prompt, Sampling(0.9, top_k=100), max_tokens=120,
                                      seed=seed)
        for weights, found in losses.items():
            found.append(loss(storybook.run(text, engine=CompiledEngine(weights))))
    mean = {weights: np.mean(found) for weights, found in losses.items()}
    assert mean["int8"] < mean["float32"] * 1.005


def test_token_by_token_is_the_whole_prompt_to_the_last_bit():
    engine = CompiledEngine("int8")
    whole = run_of(engine)["logits"].array
    for keep in (("*",), ()):
        run = appended(run_of(engine, IDS[:3], keep=keep), IDS[3:], read="next_logits")
        np.testing.assert_array_equal(run["logits"].array, whole)
        np.testing.assert_array_equal(run_of(engine, keep=keep)["logits"].array, whole)
        np.testing.assert_array_equal(run_of(engine, keep=keep)["next_logits"].array, whole[-1])


@pytest.mark.parametrize("n_threads", [2, 3])
def test_any_number_of_threads_gives_the_same(n_threads):
    ids = np.arange(32)
    for keep in (("*",), ()):
        one, several = (run_of(engine_of(count, "int8"), ids, config=WIDE, keep=keep)
                        for count in (1, n_threads))
        np.testing.assert_array_equal(several["logits"].array, one["logits"].array)


def test_only_products_with_weights_are_in_bytes():
    """The steps between are given the same tables, and give the same."""
    run, plain = run_of(CompiledEngine("int8")), run_of(CompiledEngine())
    for name in ("embeddings", "h0.attention_normalised", "h0.attention_input"):
        np.testing.assert_array_equal(run[name].array, plain[name].array)
    laid_over = plain.edit("h0.qkv", run["h0.qkv"])
    for name in ("h0.queries", "h0.scores", "h0.attention", "h0.mixed", "h0.joined"):
        np.testing.assert_array_equal(run[name].array, laid_over[name].array)


@pytest.mark.parametrize("keep", [("*",), ()], ids=["keeping all", "keeping nothing"])
def test_an_edited_weight_is_taken(keep):
    engine = CompiledEngine("int8")
    run = run_of(engine, keep=keep)
    _ = run["logits"]
    edited = run.edit("h0.c_fc_w", 0).edit("h0.c_fc_b", 0).edit("h1.c_fc_w", 0).edit("h1.c_fc_b", 0)
    truth = run_of(NumpyEngine()).edit("h0.c_fc_w", 0).edit("h0.c_fc_b", 0).edit(
        "h1.c_fc_w", 0).edit("h1.c_fc_b", 0)
    assert cosine(edited["logits"].array, truth["logits"].array).min() > 0.999
    assert cosine(run["logits"].array, truth["logits"].array).min() < 0.99


def test_it_writes_a_text(storybook):
    run = storybook.run("Once upon a time", engine=CompiledEngine("int8"), keep=())
    text = "".join(token.text for token in generate(run, GREEDY, max_tokens=30))
    assert text.startswith(", there was a little")


@pytest.mark.parametrize("weights", ["float16", "INT8", "", None, 8])
def test_other_weights_are_refused(weights):
    with pytest.raises(SettingError) as told:
        CompiledEngine(weights)
    assert str(told.value) == (f'The weights cannot be {weights!r}: "float32" or "int8" is '
                               f'expected.')


def test_small_models_are_calculated_as_well():
    run = run_of(CompiledEngine("int8"), config=CONFIG, keep=())
    truth = run_of(NumpyEngine(), config=CONFIG)
    assert cosine(run["logits"].array, truth["logits"].array).min() > 0.99
