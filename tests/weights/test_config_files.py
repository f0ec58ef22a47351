"""config.json as transformers writes it, hparams.json as OpenAI published it, or neither."""

import json
from pathlib import Path

import numpy as np
import pytest
import torch
from huggingface_hub.errors import StrictDataclassFieldValidationError
from safetensors.numpy import load_file, save_file
from transformers import CodeGenConfig, GPT2Config, GPTJConfig, ImageGPTConfig, LlamaConfig
from transformers.activations import ACT2FN

from cutaway.errors import ConfigError, WrongShape
from cutaway.models.config import PUBLISHED, Config
from cutaway.weights import Weights, read_model_files
from cutaway.weights.config_files import infer_config, read_config
from cutaway.weights.mapping import Origin, StoredTensor
from tests.weights.peers import spellings

TINY = Config(vocab_size=11, n_positions=16, n_embd=8, n_layer=2, n_head=2)


def change_config(folder, **fields):
    file = folder / "config.json"
    file.write_text(json.dumps(json.loads(file.read_text()) | fields))


def test_the_shape_comes_from_transformers_config(model_folder):
    assert read_model_files(model_folder).config == TINY


def test_the_layer_norms_epsilon_comes_from_transformers_config(model_folder):
    change_config(model_folder, layer_norm_epsilon=1e-6)
    assert read_model_files(model_folder).config.layer_norm_epsilon == 1e-6


@pytest.mark.parametrize(("field", "value", "only"), [
    ("reorder_and_upcast_attn", "yes", "False"),
    ("add_cross_attention", True, "False"),
    ("add_cross_attention", 0, "False"),
])
def test_what_would_change_the_numbers_is_refused_by_name(model_folder, field, value, only):
    change_config(model_folder, **{field: value})
    with pytest.raises(ConfigError) as caught:
        read_model_files(model_folder)
    assert str(caught.value) == (
        f"config.json: {field} is {value!r}, but Cutaway calculates GPT-2 with {only} only: this "
        "model's numbers would come out wrong.")


@pytest.mark.parametrize(("fields", "message"), [
    ({"activation_function": "mish"}, "activation_function is 'mish'; one of gelu_new, gelu, relu,"
                                      " quick_gelu, silu is expected."),
    ({"activation_function": None}, "activation_function is None; one of gelu_new, gelu, relu, "
                                    "quick_gelu, silu is expected."),
    ({"scale_attn_weights": 1}, "scale_attn_weights is 1; true or false is expected."),
    ({"missing_biases": ["wte"]}, "missing_biases is ['wte']; some of ln_1_b, c_attn_b, "
                                  "attn_c_proj_b, ln_2_b, c_fc_b, mlp_c_proj_b, ln_f_b are "
                                  "expected."),
    ({"missing_biases": "ln_1_b"}, "missing_biases is 'ln_1_b'; some of ln_1_b, c_attn_b, "
                                   "attn_c_proj_b, ln_2_b, c_fc_b, mlp_c_proj_b, ln_f_b are "
                                   "expected."),
    ({"n_inner": 0}, "n_inner is 0; a whole number of at least 1 is expected, or null for four "
                     "times n_embd."),
])
def test_a_variant_that_is_none_is_refused_with_those_there_are(model_folder, fields, message):
    change_config(model_folder, **fields)
    with pytest.raises(ConfigError) as caught:
        read_model_files(model_folder)
    assert str(caught.value) == message


@pytest.mark.parametrize(("configuration", "name"), [
    (GPTJConfig(), "'gptj' (GPT-J)"),
    (CodeGenConfig(), "'codegen' (CodeGen)"),
    (ImageGPTConfig(), "'imagegpt' (ImageGPT)"),
    (LlamaConfig(), "'llama'"),
])
def test_another_model_is_refused_by_its_type_whatever_its_tensors_are(
        model_folder, configuration, name):
    configuration.to_json_file(model_folder / "config.json")
    save_file({"transformer.wte.weight": np.zeros((3, 2), np.int8)},
              model_folder / "model.safetensors")
    with pytest.raises(ConfigError) as caught:
        read_model_files(model_folder)
    assert str(caught.value) == (
        f"config.json: model_type is {name}, and Cutaway opens GPT-2 only ('gpt2'). Open a GPT-2 "
        "model instead.")


@pytest.mark.parametrize(("found", "named"), [
    ({"quant_method": "gptq", "bits": 4}, "'gptq'"), ({}, "None"), ("int8", "'int8'")])
def test_a_quantised_model_is_refused_by_name(model_folder, found, named):
    change_config(model_folder, quantization_config=found)
    with pytest.raises(ConfigError) as caught:
        read_model_files(model_folder)
    assert str(caught.value) == (
        f"config.json: there is a quantization_config ({named}), so the weights are not stored as "
        "GPT-2's own numbers. Get the model as it was before it was quantised.")


@pytest.mark.parametrize("fields", [
    {"scale_attn_weights": 1}, {"add_cross_attention": 0}, {"n_inner": 32.0}, {"n_inner": True},
    {"n_head": 2.0}, {"n_layer": "2"}, {"layer_norm_epsilon": 1}])
def test_what_transformers_refuses_for_its_type_is_refused(model_folder, fields):
    change_config(model_folder, **fields)
    with pytest.raises(StrictDataclassFieldValidationError):
        GPT2Config.from_dict(json.loads((model_folder / "config.json").read_text()))
    with pytest.raises(ConfigError, match=next(iter(fields))):
        read_model_files(model_folder)


ALIASES = {"hidden_size": ("n_embd", 16), "max_position_embeddings": ("n_positions", 5),
           "num_attention_heads": ("n_head", 4), "num_hidden_layers": ("n_layer", 3)}


@pytest.mark.parametrize("alias", ALIASES)
def test_transformers_other_names_mean_what_they_mean_there(tmp_path, alias):
    name, value = ALIASES[alias]
    fields = {**TINY.to_dict(), "model_type": "gpt2"}
    del fields[name]
    (tmp_path / "config.json").write_text(json.dumps({**fields, alias: value}))
    theirs = GPT2Config.from_dict({**fields, alias: value})
    ours = read_config(tmp_path, Weights.from_arrays({}))
    assert getattr(ours, name) == value
    assert ours.to_dict() == {field: getattr(theirs, field) for field in ours.to_dict()}


@pytest.mark.parametrize("alias", ALIASES)
def test_one_field_by_both_its_names_is_taken_when_they_agree_and_refused_when_not(
        model_folder, alias):
    name, value = ALIASES[alias]
    change_config(model_folder, **{alias: getattr(TINY, name)})
    assert read_model_files(model_folder).config == TINY
    change_config(model_folder, **{alias: value})
    with pytest.raises(ConfigError) as caught:
        read_model_files(model_folder)
    assert str(caught.value) == (
        f"config.json: {alias} is {value} and {name} is {getattr(TINY, name)}, and both say the "
        "same of a GPT-2. Delete the one that is wrong.")


@pytest.mark.parametrize(("theirs", "ours"), [
    ("gelu_pytorch_tanh", "gelu_new"), ("gelu_fast", "gelu_new"), ("gelu_accurate", "gelu_new"),
    ("gelu_python", "gelu"), ("swish", "silu")])
def test_another_name_of_the_same_curve_is_accepted(model_folder, theirs, ours):
    change_config(model_folder, activation_function=theirs)
    assert read_model_files(model_folder).config.activation_function == ours
    table = torch.linspace(-5, 5, 1001, dtype=torch.float64)
    torch.testing.assert_close(ACT2FN[theirs](table), ACT2FN[ours](table), rtol=1e-9, atol=1e-9)


def test_an_mlp_of_another_width_than_the_files_is_refused(model_folder):
    change_config(model_folder, n_inner=24)
    with pytest.raises(WrongShape, match=r"'h0.c_fc_w' is 8 x 32, expected 8 x 24"):
        read_model_files(model_folder)


def test_an_mlp_of_the_usual_width_may_be_written_out(model_folder):
    change_config(model_folder, n_inner=32)
    assert read_model_files(model_folder).config == TINY


@pytest.mark.parametrize(("text", "message"), [
    ("{", "config.json is not JSON (Expecting property name enclosed in double quotes: line 1 "
          "column 2 (char 1)). Get the file again."),
    ("[]", "config.json: names with values are expected. Get the file again."),
])
def test_a_damaged_config_is_refused(model_folder, text, message):
    (model_folder / "config.json").write_text(text)
    with pytest.raises(ConfigError) as caught:
        read_model_files(model_folder)
    assert str(caught.value) == message


def shapes_only(config: Config) -> Weights:
    """Weights of that shape, without a number in them."""
    shapes = {"wte": (config.vocab_size, config.n_embd), "wpe": (config.n_positions, config.n_embd)}
    names = {**dict.fromkeys(spellings(config.n_layer), (1,)), **shapes}

    def never():
        raise AssertionError("a number was read")

    file = Path("model.safetensors")
    return Weights(file, {name: StoredTensor(Origin(file, name, "float32", shape), never)
                          for name, shape in names.items()})


@pytest.mark.parametrize("name", PUBLISHED)
def test_the_published_models_are_known_by_their_tensors_alone(name):
    assert infer_config(shapes_only(PUBLISHED[name])) == PUBLISHED[name]


def test_a_published_width_tells_the_heads_of_a_model_with_fewer_blocks():
    # distilgpt2's config.json: 6 blocks of 12 heads, 768 wide.
    assert infer_config(shapes_only(Config(n_layer=6))) == Config(n_layer=6, n_head=12)


def test_without_a_config_an_unknown_width_asks_for_one(model_folder):
    (model_folder / "config.json").unlink()
    with pytest.raises(ConfigError) as caught:
        read_model_files(model_folder)
    assert str(caught.value) == (
        "model.safetensors: there is no config.json, and the tensors do not tell the number of "
        "heads (n_embd 8 is none of the published 768, 1024, 1280, 1600). Say it, "
        "`cutaway add model.safetensors --heads N`, or put the model's config.json beside it.")


def test_without_a_config_and_without_embeddings_it_asks_for_one(model_folder):
    (model_folder / "config.json").unlink()
    file = model_folder / "model.safetensors"
    tensors = load_file(file)
    del tensors["transformer.wpe.weight"]
    save_file(tensors, file)
    with pytest.raises(ConfigError) as caught:
        read_model_files(model_folder)
    assert str(caught.value) == (
        "model.safetensors: there is no config.json, and no table wpe with rows and columns to "
        "read the model's shape from. Put the model's config.json beside it.")
