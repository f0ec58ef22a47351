"""Every step of the compiled engine against Hugging Face's GPT-2, and what it writes in one go."""

import pytest
import torch

from cutaway import gpt2, start_run
from cutaway.engines.compiled import CompiledEngine
from tests.models.test_parity import CASES, SHAPES, distance, prompt
from tests.oracles import hugging_face_gpt2, our_arrays, peer_tables

LIMIT = 2e-4  # float32's, as for the NumPy engine
ASKED = ["logits", "next_logits", "h0.keys", "h0.values"]


@pytest.mark.parametrize("case", CASES, ids=str)
def test_every_step_agrees_with_hugging_face(case):
    shape, scale, n_token, batch = case
    config = SHAPES[shape]
    peer = hugging_face_gpt2(config, scale=scale, dtype=torch.float32)
    book, arrays, ids = gpt2(config), our_arrays(peer), prompt(config, n_token, batch)
    theirs = peer_tables(peer, ids)
    run = start_run(book, arrays, ids, engine=CompiledEngine())
    at_once = start_run(book, arrays, ids, engine=CompiledEngine(), keep=())

    assert set(theirs) == set(run.book.nodes)
    for name, table in theirs.items():
        assert run[name].shape == table.shape, name
        assert distance(run[name].array, table) <= LIMIT, name
    for name in ASKED:
        assert at_once[name].shape == theirs[name].shape
        assert distance(at_once[name].array, theirs[name]) <= LIMIT, name


@pytest.mark.parametrize("keep", [("*",), ()], ids=["keeping all", "keeping nothing"])
def test_one_engine_calculates_models_of_several_shapes(keep):
    """Formulas are the same for all of them; head widths, epsilons and counts are not."""
    engine = CompiledEngine()
    for shape in ("odd heads", "another epsilon", "heads of one number", "three blocks"):
        config = SHAPES[shape]
        peer = hugging_face_gpt2(config, scale=0.5, dtype=torch.float32)
        ids = prompt(config, 9, None)
        run = start_run(gpt2(config), our_arrays(peer), ids, engine=engine, keep=keep)
        assert distance(run["logits"].array, peer_tables(peer, ids)["logits"]) <= LIMIT, shape


@pytest.mark.parametrize("keep", [("*",), ()], ids=["keeping all", "keeping nothing"])
def test_weights_of_any_precision_and_order_are_taken(keep):
    engine = CompiledEngine()
    config = SHAPES["odd heads"]
    arrays = our_arrays(hugging_face_gpt2(config, scale=0.5, dtype=torch.float32))
    ids = prompt(config, 9, None)
    plain = start_run(gpt2(config), arrays, ids, engine=engine, keep=keep)["logits"].array
    turned = {name: array.astype("f8", order="F") for name, array in arrays.items()}
    run = start_run(gpt2(config), turned, ids, engine=engine, keep=keep)
    assert (run["logits"].array == plain).all()
    assert run["logits"].array.dtype == "f4"
