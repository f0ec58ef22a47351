"""An architecture of another kind, stated in one file of the tests, through every engine."""

import numpy as np
import pytest
import torch

from cutaway import NumpyEngine, start_run
from cutaway.engines.sql import DuckDB, SqlRun, load
from cutaway.engines.torch import TorchEngine
from cutaway.model import Model
from cutaway.models import ARCHITECTURES
from cutaway.tokenizer import Tokenizer
from cutaway.weights import export_huggingface, read_model_files
from cutaway.workbook.reach import reaches
from tests.models.llama_like import LLAMA, LlamaConfig, llama
from tests.models.llama_peer import llama_files, llama_peer, llama_tables, weights_of

SHAPES = {"shared keys": LlamaConfig(),
          "one key head, odd counts": LlamaConfig(vocab_size=53, n_positions=9, n_embd=30,
                                                  n_layer=3, n_head=3, n_key_head=1, n_hidden=7),
          "a key head each, another theta": LlamaConfig(n_key_head=4, theta=50.0, eps=1e-2)}
SMALL = SHAPES["shared keys"]
IDS = np.array([5, 1, 44, 44, 299, 0, 7])
OURS_ALONE = ("scores",)  # which the peer never has before its mask


@pytest.fixture(autouse=True)
def known(monkeypatch):
    monkeypatch.setitem(ARCHITECTURES, LLAMA.model_type, LLAMA)


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """The files of a small model, as `transformers` writes them."""
    return llama_files(tmp_path_factory.mktemp("llama"), SMALL)


def distance(ours: np.ndarray, theirs: np.ndarray) -> float:
    """The largest difference as a share of the table's largest number."""
    return float(np.abs(ours.astype(np.float64) - theirs).max() / np.abs(theirs).max())


@pytest.mark.parametrize(("torch_type", "numpy_type", "limit"), [
    (torch.float32, np.float32, 2e-4), (torch.float64, np.float64, 1e-10)], ids=["32", "64"])
@pytest.mark.parametrize("batch", [None, 3])
@pytest.mark.parametrize("shape", SHAPES)
def test_every_step_agrees_with_hugging_face(shape, batch, torch_type, numpy_type, limit):
    config = SHAPES[shape]
    peer = llama_peer(config, torch_type)
    size = (7,) if batch is None else (batch, 7)
    ids = np.random.default_rng(1).integers(0, config.vocab_size, size)
    theirs = llama_tables(peer, ids)
    run = start_run(llama(config), weights_of(peer), ids, engine=NumpyEngine(numpy_type))
    alone = {f"h{block}.{name}" for block in range(config.n_layer) for name in OURS_ALONE}
    assert set(theirs) == set(run.book.nodes) - alone
    assert {name: run[name].shape for name in theirs} == {n: t.shape for n, t in theirs.items()}
    found = {name: distance(run[name].array, table) for name, table in theirs.items()}
    worst = max(found, key=found.__getitem__)
    assert found[worst] <= limit, worst


def test_hugging_faces_own_float32_within_float64_is_ours_to_float32():
    """The comparison above takes the peer's casts away: here it has them."""
    peer = llama_peer(SMALL)
    with torch.no_grad():
        theirs = peer(torch.from_numpy(IDS)[None]).logits[0].numpy()
    run = start_run(llama(SMALL), weights_of(peer), IDS, engine=NumpyEngine(np.float64))
    assert 1e-10 < distance(run["logits"].array, theirs) <= 1e-5


def test_every_weight_matters():
    """A weight that no step reads would pass every comparison above."""
    run = start_run(llama(SMALL), weights_of(llama_peer(SMALL)), IDS,
                    engine=NumpyEngine(np.float64))
    for name in run.book.weights:
        after = run.edit(name, lambda numbers: numbers * 1.5 + 0.1)["logits"].array
        assert distance(after, run["logits"].array) > 1e-6, name


def test_the_files_of_transformers_open_with_every_weight_the_right_way_round(folder):
    found = read_model_files(folder)
    assert found.architecture is LLAMA and found.config == SMALL
    assert list(found.weights) == list(llama(SMALL).weights)
    for name, array in weights_of(llama_peer(SMALL, torch.float32)).items():
        np.testing.assert_array_equal(found.weights[name], array, err_msg=name)


def test_what_is_exported_opens_in_transformers(folder, tmp_path):
    from transformers import LlamaForCausalLM

    found = read_model_files(folder)
    export_huggingface(found.config, found.weights, None, tmp_path / "again")
    peer = LlamaForCausalLM.from_pretrained(tmp_path / "again")
    first = llama_peer(SMALL, torch.float32)
    assert peer.config.rope_parameters == first.config.rope_parameters
    for name, tensor in first.state_dict().items():
        assert torch.equal(peer.state_dict()[name], tensor), name
    assert read_model_files(tmp_path / "again").config == SMALL


@pytest.fixture(scope="module")
def model(folder) -> Model:
    """The small model with a vocabulary of its own, opened from the files."""
    with pytest.MonkeyPatch.context() as patched:
        patched.setitem(ARCHITECTURES, LLAMA.model_type, LLAMA)
        found = read_model_files(folder)
    merges = [(b"a", b"b"), (b" ", b"ab"), (b"h", b"e"), (b" ", b"he")]
    tokens = Tokenizer.from_merges(merges, [f"<{number}>" for number in range(40)])
    return Model("llama", found.config, llama(SMALL), found.weights, tokens, architecture=LLAMA)


def truth(model: Model, ids=IDS):
    return model.run(ids, engine=NumpyEngine(np.float64))


@pytest.mark.parametrize("ids", [IDS, np.array([IDS, IDS[::-1]])], ids=["one", "batch"])
def test_every_table_in_torch_is_that_of_numpy(model, ids):
    ours, theirs = model.run(ids, engine=TorchEngine(dtype=torch.float64)), truth(model, ids)
    for name in model.book.nodes:
        np.testing.assert_allclose(ours[name].array, theirs[name].array, rtol=1e-9, atol=1e-11,
                                   err_msg=name)


@pytest.mark.parametrize("weights", ["float32", "int8"])
def test_the_compiled_engine_calculates_what_it_knows_and_numpy_the_rest(model, weights):
    from cutaway.engines.compiled import CompiledEngine

    engine = CompiledEngine(weights)
    forms = {name.partition(".")[2] for name, node in model.book.nodes.items()
             if engine.planner.form(model.book, node)}
    assert {"asking", "attention", "joined", "mlp_output"} <= forms
    assert forms.isdisjoint({"queries", "scores", "mixed", "mlp_active", "mlp_normalised"})
    run, reference = model.run(IDS, engine=engine), truth(model)
    limit = 2e-5 if weights == "float32" else 0.1
    for name in model.book.nodes:
        assert distance(run[name].array, reference[name].array) < limit, name
    grown = model.run(IDS[:4], engine=engine, keep=())
    for id in IDS[4:]:
        grown = grown.append(int(id))
    assert distance(grown["next_logits"].array, reference["next_logits"].array) < limit


def test_every_table_in_sql_is_that_of_numpy_also_after_an_append(model):
    with DuckDB(":memory:") as database:
        load(model, database)
        run = SqlRun(model, database)
        run.predict_ids(list(IDS))
        reference = truth(model)
        for name in model.book.nodes:
            assert distance(run.array(name), reference[name].array) < 2e-5, name
        chosen = run.choose()
        assert chosen == int(reference["next_logits"].array.argmax())
        run.append()
        longer = reference.append(chosen)
        for name in ("h1.keys", "h1.values"):
            assert distance(run.array(name), longer[name].array) < 2e-5, name
        assert distance(run.array("next_logits"), longer["next_logits"].array) < 2e-5


@pytest.mark.parametrize("engine", [NumpyEngine(np.float64), TorchEngine(dtype=torch.float64)],
                         ids=["numpy", "torch"])
def test_appending_and_editing_rows_equal_a_calculation_afresh(model, engine):
    run = model.run(IDS[:3], engine=engine)
    _ = run["logits"]
    for id in IDS[3:]:
        run = run.append(int(id))
        _ = run["next_logits"]
    fresh = truth(model)
    for name in model.book.nodes:
        np.testing.assert_allclose(run[name].array, fresh[name].array, rtol=1e-9, atol=1e-11,
                                   err_msg=name)
    edit = ("h0.keys", 0.5), {"key_head": 1, "position": 4}
    before = run.edit(*edit[0], **edit[1])
    after = fresh.edit(*edit[0], **edit[1])
    assert not np.array_equal(before["logits"].array[4:], run["logits"].array[4:])
    np.testing.assert_allclose(before["logits"].array, after["logits"].array, rtol=1e-9)


def test_a_row_is_made_from_its_own_row_and_attention_from_those_before_it(model):
    found = reaches(model.book)
    assert found["h0.queries"].by_row and found["h0.keys"].by_row and found["h0.mlp_active"].by_row
    assert found["h0.scores"].whole == {"h0.keys"} and found["h0.mixed"].whole == {"h0.values"}
    assert not found.ahead and all(reach.stacks for reach in found.values())


def test_text_is_generated_as_hugging_face_does_greedily(model):
    from cutaway.generate import generate

    peer = llama_peer(SMALL, torch.float32)
    with torch.no_grad():
        rows = torch.from_numpy(IDS)[None]
        theirs = peer.generate(rows, attention_mask=torch.ones_like(rows), max_new_tokens=8,
                               do_sample=False, eos_token_id=None, pad_token_id=0)[0].tolist()
    written = generate(model.run(IDS, keep=()), max_tokens=8)
    assert [token.id for token in written] == theirs[len(IDS):]
