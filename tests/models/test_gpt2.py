"""The definition: names, numbers, axes and sizes of GPT-2's workbook."""

import ast
from math import prod
from pathlib import Path

import pytest
import torch
from transformers import GPT2LMHeadModel

import cutaway.models
from cutaway import PUBLISHED, Config, gpt2
from cutaway.models.gpt2 import block
from tests.oracles import peer_config, peer_names

SOURCE = (Path(cutaway.models.__file__).parent / "gpt2.py").read_text(encoding="utf-8")

# Steps 1 to 16 of the workshop's spreadsheet: W97 fixes 4 to 9 as attention, 7 as its matrix, 12 as
# what feeds the MLP, 13 to 15 as the MLP; W98 has the rest.
STEPS = {
    "residual": "1", "attention_normalised": "2", "attention_input": "3", "qkv": "4",
    "queries": "5a", "keys": "5b", "values": "5c", "scores": "6", "attention": "7", "mixed": "8",
    "joined": "9a", "attention_output": "9b", "residual_after_attention": "10",
    "mlp_normalised": "11", "mlp_input": "12", "mlp_up": "13", "mlp_active": "14",
    "mlp_output": "15", "residual_after_mlp": "16",
}


def test_the_steps_of_a_block_are_the_workshops_1_to_16_in_order():
    assert {name: step.number for name, step in block.steps.items()} == STEPS
    assert list(block.steps) == list(STEPS)


def test_every_step_is_explained_in_one_line():
    for node in gpt2(Config(n_layer=1)).nodes.values():
        first, *more = node.step.explanation.splitlines()
        assert first.endswith(".") and not more, node.name


def test_only_keys_and_values_are_remembered():
    book = gpt2(Config(n_layer=2))
    remembered = [name for name, node in book.nodes.items() if node.step.remembered]
    assert remembered == ["h0.keys", "h0.values", "h1.keys", "h1.values"]


def test_tables_are_named_by_block_and_in_an_order_in_which_they_can_be_calculated():
    book = gpt2(Config(n_layer=2))
    assert list(book.nodes) == [
        "token_embeddings", "position_embeddings", "embeddings",
        *[f"h0.{name}" for name in STEPS], *[f"h1.{name}" for name in STEPS],
        "final_normalised", "final", "predicted_embedding", "next_logits", "next_probabilities",
        "logits"]
    for place, node in enumerate(book.nodes.values()):
        assert not set(node.reads) & set(list(book.nodes)[place:])
        assert node.block == (None if "." not in node.name else int(node.name[1]))


@pytest.mark.parametrize(("name", "published"), [
    ("gpt2", 124_439_808), ("gpt2-medium", 354_823_168), ("gpt2-large", 774_030_080),
    ("gpt2-xl", 1_557_611_200)])
def test_the_published_sizes_have_the_published_numbers_of_parameters(name, published):
    """The counts of `transformers`' own models of these shapes (W6 has the first)."""
    config = PUBLISHED[name]
    book = gpt2(config)
    sizes = [prod(config.sizes[axis] for axis in axes) for axes in book.weights.values()]
    assert sum(sizes) == published
    with torch.device("meta"):
        peer = GPT2LMHeadModel(peer_config(config))
    assert sum(tensor.numel() for tensor in peer.parameters()) == published


def test_gpt2_small_has_148_tensors():
    """W6: 148 tensors, 497,759,232 bytes in float32."""
    assert len(gpt2(PUBLISHED["gpt2"]).weights) == 148


@pytest.mark.parametrize("name", ["gpt2", "gpt2-xl"])
def test_every_weight_has_the_shape_of_hugging_faces(name):
    config = PUBLISHED[name]
    with torch.device("meta"):
        peer = dict(GPT2LMHeadModel(peer_config(config)).named_parameters())
    names = peer_names(config)
    assert set(names.values()) == set(peer)
    for ours, axes in gpt2(config).weights.items():
        assert tuple(config.sizes[axis] for axis in axes) == tuple(peer[names[ours]].shape), ours


def test_the_whole_model_stands_in_one_file_of_at_most_200_lines():
    assert len(SOURCE.splitlines()) <= 200
    functions = [node.name for node in ast.parse(SOURCE).body if isinstance(node, ast.FunctionDef)]
    assert set(functions) == {node.step.name for node in gpt2(Config()).nodes.values()} | {"gpt2"}


def test_a_step_is_a_formula_over_tables_and_nothing_else():
    """No branch, loop, slice or attribute; no array library."""
    tree = ast.parse(SOURCE)
    imported = [node.module or "" for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)]
    assert {module.split(".")[0] for module in imported} == {"cutaway"}
    assert not [node for node in ast.walk(tree) if isinstance(node, ast.Import)]
    for function in tree.body:
        if isinstance(function, ast.FunctionDef) and function.decorator_list:
            explanation, formula = function.body
            assert isinstance(explanation, ast.Expr) and isinstance(formula, ast.Return)
            found = {type(node) for node in ast.walk(formula)}
            assert found <= {ast.Return, ast.Call, ast.Name, ast.Load, ast.BinOp, ast.Add, ast.Mult,
                             ast.Div, ast.MatMult, ast.Constant, ast.keyword}, function.name
