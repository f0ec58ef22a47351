"""The record of an architecture: GPT-2's, and a made-up one whose files are output x input."""

import json
from dataclasses import replace

import numpy as np
import pytest
from safetensors.numpy import load_file, save_file

from cutaway import Config, gpt2
from cutaway.errors import ConfigError, UnknownModel, WrongShape
from cutaway.models import ARCHITECTURES, GPT2, architecture_of, published
from cutaway.weights import Store, Weights, export_huggingface, find_model, read_model_files
from tests.models.made_up import MADE_UP, book, write_made_up

TINY = Config(vocab_size=11, n_positions=8, n_embd=6, n_layer=2, n_head=2)


@pytest.fixture
def made_up(monkeypatch, tmp_path):
    """A folder of a made-up model, written as its files have it, with the numbers of its book."""
    monkeypatch.setitem(ARCHITECTURES, MADE_UP.model_type, MADE_UP)
    return write_made_up(tmp_path / "made", TINY)


def test_the_record_lists_the_weights_of_the_definition_in_its_order():
    for architecture, defined in ((GPT2, gpt2(TINY)), (MADE_UP, book(TINY))):
        short = dict.fromkeys(name.rpartition(".")[2] for name in defined.weights)
        assert [one.name for one in architecture.parameters if not one.axes] == list(short)
        assert [one.name for one in architecture.parameters if one.axes] == (
            ["lm_head"] if architecture is GPT2 else [])
        for name, axes in defined.weights.items():
            assert architecture.axes(name) == axes
            assert architecture.meaning(name).endswith(".")


def test_what_is_no_weight_has_no_meaning_and_no_parameter():
    assert GPT2.meaning("ids") == ""
    for name in ("c_attn_w", "h0.wte", "ids"):
        with pytest.raises(KeyError):
            GPT2.parameter(name)


def test_an_architecture_is_found_by_its_type():
    assert architecture_of("gpt2") is GPT2
    with pytest.raises(ConfigError, match=r"no architecture 'llama'\. There are: gpt2\."):
        architecture_of("llama")


def test_what_was_published_is_found_by_the_records(monkeypatch):
    assert published()["gpt2-xl"] == "openai-community/gpt2-xl"
    known = replace(MADE_UP, published={"made-small": TINY}, publisher="makers")
    monkeypatch.setitem(ARCHITECTURES, "made_up", known)
    assert published()["made-small"] == "makers/made-small"
    with pytest.raises(UnknownModel, match="`cutaway fetch made-small` downloads it"):
        find_model("made-small")


def test_tensors_stored_as_output_by_input_are_read_as_the_book_has_them(made_up):
    folder, arrays = made_up
    found = read_model_files(folder)
    assert found.architecture is MADE_UP and found.config == TINY
    assert list(found.weights) == list(book(TINY).weights)
    for name, array in arrays.items():
        np.testing.assert_array_equal(found.weights[name], array, err_msg=name)
        assert found.weights.origin(name).shape == array.shape
    assert str(found.weights.origin("answers_w")) == (
        "model.safetensors, tensor lm_head.weight (float32, read transposed)")


def test_what_was_read_transposed_is_written_as_it_was_stored(made_up, tmp_path):
    folder, arrays = made_up
    found = read_model_files(folder)
    export_huggingface(TINY, found.weights, None, tmp_path / "again")
    export_huggingface(TINY, arrays, None, tmp_path / "arrays", architecture=MADE_UP)
    before = load_file(folder / "model.safetensors")
    for name in ("again", "arrays"):
        after = load_file(tmp_path / name / "model.safetensors")
        assert after.keys() == before.keys()
        for tensor, numbers in before.items():
            np.testing.assert_array_equal(after[tensor], numbers, err_msg=tensor)
        written = json.loads((tmp_path / name / "config.json").read_text())
        assert written["model_type"] == "made_up" and not written["tie_word_embeddings"]
        assert written["architectures"] == ["MadeUpForCausalLM"]


def test_the_store_remembers_the_architecture(made_up, tmp_path):
    store = Store(tmp_path / "store")
    added = store.add(made_up[0], "made")
    assert added.architecture == "made_up" and store.models() == [added]
    assert store.open("made").architecture is MADE_UP


def test_a_tensor_the_wrong_way_round_is_named_with_the_layout_of_its_files(made_up):
    folder, _ = made_up
    stored = load_file(folder / "model.safetensors")
    stored["lm_head.weight"] = np.ascontiguousarray(stored["lm_head.weight"].T)
    save_file(stored, folder / "model.safetensors")
    with pytest.raises(WrongShape, match="Made-up's files have output rows x input columns"):
        read_model_files(folder)


def test_what_its_definition_does_not_calculate_is_refused_by_its_name(made_up):
    folder, _ = made_up
    fields = {**TINY.to_dict(), "model_type": "made_up", "hidden_act": "silu"}
    (folder / "config.json").write_text(json.dumps(fields))
    with pytest.raises(ConfigError, match="calculates Made-up with 'none' only"):
        read_model_files(folder)


def test_a_config_of_another_architecture_than_the_tensors_is_refused(made_up):
    from cutaway.weights.config_files import read_config

    with pytest.raises(ConfigError, match="'made_up', but the tensors are taken for a GPT-2's"):
        read_config(made_up[0], Weights.from_arrays({}))
