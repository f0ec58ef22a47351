"""Every step of every block against Hugging Face's GPT-2, in float32 and float64.

The measure is the largest difference in a table, as a share of the table's largest number. A cell
that is nearly 0 is often the difference of two large numbers: what counts for all that reads the
table is how wrong it is beside the numbers that stand around it.
"""

import numpy as np
import pytest
import torch

from cutaway import Config, NumpyEngine, gpt2, start_run
from tests.oracles import hugging_face_gpt2, our_arrays, peer_tables

SHAPES = {
    "one head": Config(vocab_size=7, n_positions=2, n_embd=4, n_layer=1, n_head=1),
    "heads of one number": Config(vocab_size=53, n_positions=17, n_embd=6, n_layer=2, n_head=6),
    "odd heads": Config(vocab_size=101, n_positions=40, n_embd=35, n_layer=3, n_head=7),
    "three blocks": Config(vocab_size=257, n_positions=32, n_embd=64, n_layer=3, n_head=4),
    "1,024 positions": Config(vocab_size=301, n_positions=1024, n_embd=48, n_layer=1, n_head=3),
    "GPT-2 small's width": Config(vocab_size=1009, n_positions=64, n_embd=768, n_layer=2,
                                  n_head=12),
    "another epsilon": Config(vocab_size=31, n_positions=9, n_embd=10, n_layer=2, n_head=2,
                              layer_norm_epsilon=1e-2),
}
SMALL, LARGE = 0.02, 0.5  # GPT-2's own at its first step; one that saturates softmax and GELU
CASES = [
    ("one head", SMALL, 1, None), ("one head", LARGE, 2, None), ("one head", LARGE, 1, 3),
    ("heads of one number", SMALL, 17, 3), ("heads of one number", LARGE, 17, None),
    ("odd heads", SMALL, 2, 1), ("odd heads", LARGE, 17, 3), ("odd heads", LARGE, 40, None),
    ("three blocks", SMALL, 32, None), ("three blocks", LARGE, 17, 3), ("three blocks", 1.0, 1, 1),
    ("1,024 positions", SMALL, 1024, None), ("1,024 positions", LARGE, 1024, None),
    ("1,024 positions", SMALL, 17, 3),
    ("GPT-2 small's width", SMALL, 17, None), ("GPT-2 small's width", SMALL, 2, 3),
    ("GPT-2 small's width", 0.2, 17, None),  # rows of 768 add up: this saturates as LARGE does
    ("another epsilon", SMALL, 9, None), ("another epsilon", 1.0, 9, 3),
]
TYPES = [pytest.param((torch.float32, np.float32, 2e-4), id="float32"),
         pytest.param((torch.float64, np.float64, 1e-9), id="float64")]


def prompt(config: Config, n_token: int, batch: int | None) -> np.ndarray:
    shape = (n_token,) if batch is None else (batch, n_token)
    return np.random.default_rng(n_token).integers(0, config.vocab_size, shape)


def distance(ours: np.ndarray, theirs: np.ndarray) -> float:
    """The largest difference as a share of the table's largest number."""
    return float(np.abs(ours.astype(np.float64) - theirs).max() / np.abs(theirs).max())


@pytest.mark.parametrize("precision", TYPES)
@pytest.mark.parametrize("case", CASES, ids=str)
def test_every_step_agrees_with_hugging_face(case, precision, capsys):
    (shape, scale, n_token, batch), (torch_type, numpy_type, limit) = case, precision
    config = SHAPES[shape]
    peer = hugging_face_gpt2(config, scale=scale, dtype=torch_type)
    ids = prompt(config, n_token, batch)
    theirs = peer_tables(peer, ids)
    run = start_run(gpt2(config), our_arrays(peer), ids, engine=NumpyEngine(numpy_type))

    assert set(theirs) == set(run.book.nodes)
    assert {name: run[name].shape for name in theirs} == {n: t.shape for n, t in theirs.items()}
    assert all(run[name].array.dtype == numpy_type for name in theirs)
    found = {name: distance(run[name].array, table) for name, table in theirs.items()}
    worst = max(found, key=found.__getitem__)
    with capsys.disabled():
        print(f"\nworst step: {worst} {found[worst]:.1e} ({np.dtype(numpy_type)}, {shape}, "
              f"weights of {scale}, {n_token} tokens, batch {batch or 'none'})", end="")
    assert found[worst] <= limit


def test_where_float32_is_too_coarse_we_are_as_near_to_the_truth_as_the_peer():
    """Scores in the thousands: float32 knows them to 1e-4 only, and exp() passes that on whole."""
    config = SHAPES["GPT-2 small's width"]
    ids = prompt(config, 17, None)
    rounded = hugging_face_gpt2(config, scale=0.6, dtype=torch.float32)
    theirs = peer_tables(rounded, ids)
    run = start_run(gpt2(config), our_arrays(rounded), ids, engine=NumpyEngine())
    truth = peer_tables(rounded.double(), ids)
    our_error = max(distance(run[name].array, table) for name, table in truth.items())
    peer_error = max(distance(theirs[name], table) for name, table in truth.items())
    assert peer_error > 2e-4
    assert our_error <= 3 * peer_error


def test_large_weights_saturate_softmax_and_gelu():
    """Otherwise the cases called LARGE would not be hard ones."""
    config = SHAPES["three blocks"]
    theirs = peer_tables(hugging_face_gpt2(config, scale=LARGE), prompt(config, 17, None))
    assert theirs["h2.attention"].max(axis=-1).mean() > 0.75  # alike, they would give 0.2
    assert np.abs(theirs["h2.mlp_up"]).mean() > 3


def test_every_weight_matters_to_the_peer_and_to_us():
    """A weight that no step reads would pass every comparison above."""
    config = SHAPES["odd heads"]
    peer = hugging_face_gpt2(config, scale=LARGE)
    run = start_run(gpt2(config), our_arrays(peer), prompt(config, 5, None),
                    engine=NumpyEngine(np.float64))
    before = run["logits"].array
    for name in run.book.weights:
        after = run.edit(name, lambda numbers: numbers * 1.5 + 0.1)["logits"].array
        if name.endswith(".c_attn_b"):  # the keys' part shifts all scores of a row alike
            assert not np.array_equal(before, after)
        else:
            assert distance(after, before) > 1e-6, name
