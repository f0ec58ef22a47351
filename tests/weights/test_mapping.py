"""Weights as a mapping, and what it says of tensors that are absent, misshapen or not finite."""

from pathlib import Path

import numpy as np
import pytest
from safetensors.numpy import load_file, save_file

from cutaway.errors import MissingTensors, NotFinite, WrongShape
from cutaway.models.config import PUBLISHED, Config
from cutaway.models.gpt2 import gpt2
from cutaway.weights import Weights, read_model_files
from cutaway.weights.mapping import Origin, StoredTensor
from cutaway.words import shape_in_words

TINY = Config(vocab_size=11, n_positions=16, n_embd=8, n_layer=2, n_head=2)


def change(folder, **tensors):
    """The folder's file with some of Hugging Face's tensors changed; None takes one out."""
    file = folder / "model.safetensors"
    changed = load_file(file) | {f"transformer.{name}": array for name, array in tensors.items()}
    save_file({name: np.ascontiguousarray(array) for name, array in changed.items()
               if array is not None}, file)


def of_shape(config: Config, file) -> Weights:
    """Weights of a shape, that say so if a number is read."""
    def never():
        raise AssertionError("a number was read")

    book = gpt2(config)
    return Weights(file, {
        name: StoredTensor(
            Origin(file, name, "float32", tuple(book.sizes[axis] for axis in axes)), never)
        for name, axes in book.weights.items()})


def test_names_come_in_the_order_of_the_definition(model_folder):
    assert list(read_model_files(model_folder).weights) == list(gpt2(TINY).weights)


def test_arrays_cannot_be_written_to(model_folder, numbers):
    for weights in (read_model_files(model_folder).weights, Weights.from_arrays(numbers)):
        with pytest.raises(ValueError, match="read-only"):
            weights["wte"][0, 0] = 1
    numbers["wte"][0, 0] += 0  # the caller's own array still can


def test_an_array_is_read_when_it_is_asked_for_and_only_once():
    reads = []

    def read():
        reads.append(1)
        return np.ones(3, np.float32)

    origin = Origin(Path("model.safetensors"), "wte", "float32", (3,))
    weights = Weights(origin.file, {"wte": StoredTensor(origin, read)})
    assert "wte" in weights and len(weights) == 1 and list(weights) == ["wte"] and not reads
    assert weights["wte"] is weights["wte"] and len(reads) == 1


def test_the_origin_says_where_the_numbers_are(model_folder):
    origin = read_model_files(model_folder).weights.origin("h1.c_attn_w")
    assert origin == Origin(model_folder / "model.safetensors",
                            "transformer.h.1.attn.c_attn.weight", "float32", (8, 24))


def test_weights_describe_themselves(model_folder):
    # 11*8 + 16*8 + 2*(12*64 + 13*8) + 2*8 = 1,976
    weights = read_model_files(model_folder).weights
    assert repr(weights) == "Weights(model.safetensors: 28 tensors, 1,976 parameters)"


def test_all_missing_tensors_are_named(model_folder):
    gone = ("h.0.ln_1.bias", "h.1.mlp.c_fc.weight", "ln_f.weight")
    change(model_folder, **dict.fromkeys(gone))
    with pytest.raises(MissingTensors) as caught:
        read_model_files(model_folder)
    assert str(caught.value) == (
        "model.safetensors: 3 of the tensors that the model needs are missing: h0.ln_1_b, "
        "h1.c_fc_w, ln_f_g. Get the file again, or put the config.json that belongs to it beside "
        "it.")


def test_a_file_of_another_architecture_says_what_it_holds(model_folder):
    save_file({"model.layers.0.mlp.up_proj.weight": np.ones(2, np.float32)},
              model_folder / "model.safetensors")
    with pytest.raises(MissingTensors) as caught:
        read_model_files(model_folder)
    assert str(caught.value) == (
        "model.safetensors: none of GPT-2's tensors are in it; it holds "
        "model.layers.0.mlp.up_proj.weight. Cutaway opens GPT-2 models only.")


def test_a_file_without_tensors_says_so(model_folder):
    save_file({}, model_folder / "model.safetensors")
    with pytest.raises(MissingTensors, match="it holds no tensor at all"):
        read_model_files(model_folder)


def test_a_wrong_shape_says_what_was_found_and_expected(model_folder):
    change(model_folder, **{"wpe.weight": np.ones((15, 8), np.float32)})
    with pytest.raises(WrongShape) as caught:
        read_model_files(model_folder)
    assert str(caught.value) == (
        "model.safetensors: 'wpe' is 15 x 8, expected 16 x 8 (position embed). Put the config.json "
        "that belongs to this file beside it.")


def test_a_wrong_shape_names_the_published_size_that_it_looks_like(tmp_path):
    weights = of_shape(PUBLISHED["gpt2-medium"], tmp_path / "model.safetensors")
    with pytest.raises(WrongShape) as caught:
        weights.check(PUBLISHED["gpt2"])
    assert str(caught.value) == (
        "model.safetensors: 'wte' is 50257 x 1024, expected 50257 x 768 (vocabulary embed). This "
        "looks like 'gpt2-medium': put the config.json of 'gpt2-medium' beside it (n_embd 1024, "
        "n_layer 24, n_head 16).")


def test_a_transposed_weight_is_recognised(model_folder):
    change(model_folder, **{"h.0.attn.c_attn.weight": np.ones((24, 8), np.float32)})
    with pytest.raises(WrongShape) as caught:
        read_model_files(model_folder)
    assert str(caught.value) == (
        "model.safetensors: 'h0.c_attn_w' is 24 x 8, expected 8 x 24 (embed qkv). It is "
        "transposed: GPT-2's files have input rows x output columns.")


def test_blocks_that_the_config_does_not_have_are_named(tmp_path):
    weights = of_shape(Config(n_layer=4), tmp_path / "model.safetensors")
    with pytest.raises(WrongShape) as caught:
        weights.check(Config(n_layer=2))
    assert str(caught.value) == (
        "model.safetensors: the model has 2 blocks, but the file also holds h2, h3. Put the "
        "config.json that belongs to this file beside it.")


def test_a_check_of_the_right_shape_reads_no_number(tmp_path):
    of_shape(PUBLISHED["gpt2-xl"], tmp_path).check(PUBLISHED["gpt2-xl"])


def test_a_shape_is_written_as_people_do():
    assert shape_in_words((50257, 768)) == "50257 x 768" and shape_in_words((768,)) == "768"
    assert shape_in_words(()) == "a single number"


def test_numbers_that_are_not_finite_are_named_with_their_place(model_folder):
    wte = np.ones((11, 8), np.float32)
    wte[3, 5], wte[4, 0] = np.nan, np.inf
    change(model_folder, **{"wte.weight": wte, "ln_f.bias": np.full(8, -np.inf, np.float32)})
    with pytest.raises(NotFinite) as caught:
        read_model_files(model_folder).weights.check_finite()
    assert str(caught.value) == (
        "model.safetensors: numbers that are NaN or infinite in wte (2 of 88; the first is nan at "
        "[3, 5]), ln_f_b (8 of 8; the first is -inf at [0]). A model needs finite ones: get the "
        "file again, or train it again with a lower learning rate.")


def test_finite_numbers_pass(model_folder):
    read_model_files(model_folder).weights.check_finite()
