"""The certificate: every table the same as Hugging Face's, and a broken formula named."""

import json
import sys
from dataclasses import replace

import numpy as np
import pytest

from cutaway import Config, NumpyEngine, gpt2
from cutaway.errors import MissingExtra, SettingError
from cutaway.model import Model
from cutaway.tokenizer import Tokenizer
from cutaway.verify import LIMITS, difference, verified
from cutaway.weights import Weights, export_huggingface
from tests.oracles import hugging_face_gpt2, our_arrays

N_TOKENS = 257
VARIANTS = {
    "GPT-2": Config(N_TOKENS, n_positions=16, n_embd=16, n_layer=2, n_head=2),
    "a relative": Config(N_TOKENS, n_positions=16, n_embd=16, n_layer=2, n_head=2,
                         activation_function="relu", tie_word_embeddings=False, n_inner=24,
                         missing_biases=("ln_1_b", "c_fc_b")),
}


def model_of(config):
    arrays = our_arrays(hugging_face_gpt2(config, scale=0.5))
    arrays = {name: array.astype(np.float32) for name, array in arrays.items()}
    return Model("tiny", config, gpt2(config), Weights.from_arrays(arrays),
                 Tokenizer.from_merges([]))


@pytest.fixture(scope="module")
def model():
    return model_of(VARIANTS["GPT-2"])


@pytest.mark.parametrize("kind", VARIANTS)
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_every_table_is_compared_in_the_order_of_the_book_and_is_the_same(kind, dtype):
    model = model_of(VARIANTS[kind])
    run = model.run("He moves", engine=NumpyEngine(dtype))
    found = list(verified(model, run))
    assert [one.table for one in found] == list(run.book.nodes)
    assert {one.outcome for one in found} == {"same"}
    assert {one.limit for one in found} == {LIMITS[np.dtype(dtype).name]}
    assert max(one.difference for one in found) > 0  # else two copies of one thing were compared


def test_a_broken_formula_is_named_and_what_is_before_it_stays_the_same(model):
    run = model.run("He moves").rewrite("h1.mlp_active", "mlp_up * 1.01")
    found = list(verified(model, run))
    outcomes = {one.table: one.outcome for one in found}
    first = next(one for one in found if one.outcome == "differs")
    assert first.table == "h1.mlp_active" and first.difference > 0.01
    assert outcomes["h1.mlp_up"] == outcomes["h0.residual_after_mlp"] == "same"
    assert outcomes["next_logits"] == "differs"


def test_a_changed_number_is_named_too(model):
    run = model.run("He moves").edit("h0.attention", 0.0, head=1)
    first = next(one for one in verified(model, run) if one.outcome == "differs")
    assert first.table == "h0.attention"


INF, NAN = float("inf"), float("nan")


@pytest.mark.parametrize(("ours", "theirs", "expected"), [
    ([1.0, 4.0], [1.0, 5.0], 0.2), ([0.0, 0.0], [0.0, 0.0], 0.0), ([INF, 1.0], [INF, 1.0], 0.0),
    ([-INF, 1.0], [INF, 1.0], INF), ([NAN, 1.0], [NAN, 2.0], 0.5), ([NAN, 1.0], [1.0, 1.0], INF),
    ([1.0], [1.0, 1.0], INF), ([1e-30, 0.0], [0.0, 0.0], INF)])
def test_the_difference_is_a_share_of_the_largest_number(ours, theirs, expected):
    assert difference(np.array(ours), np.array(theirs)) == expected


@pytest.mark.parametrize("library", ["torch", "transformers"])
def test_a_missing_library_is_named_with_what_installs_it(model, monkeypatch, library):
    monkeypatch.setitem(sys.modules, library, None)
    with pytest.raises(MissingExtra, match=rf'needs {library}.*--editable "\.\[verify\]"'):
        next(verified(model, model.run("He")))


def test_a_kind_of_model_that_states_no_peer_says_so(model):
    other = replace(model, architecture=replace(model.architecture, peer_tables=None))
    with pytest.raises(SettingError, match="nothing can be compared"):
        next(verified(other, other.run("He")))


def test_the_command_prints_a_line_a_table_and_its_exit_status_tells(
        model, tmp_path, monkeypatch):
    from click.testing import CliRunner

    from cutaway.cli import main

    folder = tmp_path / "tiny"
    folder.mkdir()
    model.tokenizer.save(folder)
    export_huggingface(model.config, model.weights, folder, folder)
    command = ["verify", "--model", str(folder), "--prompt", "He moves"]
    told = CliRunner().invoke(main, [*command, "--json"])
    assert told.exit_code == 0 and json.loads(told.stdout)["same"] is True
    assert [one["table"] for one in json.loads(told.stdout)["tables"]] == list(model.book.nodes)
    monkeypatch.setitem(LIMITS, "float32", 0.0)
    differs = CliRunner().invoke(main, command)
    assert differs.exit_code == 1 and "DIFFERS" in differs.stdout
    assert "The first that differs is h0.attention_normalised." in differs.stdout
