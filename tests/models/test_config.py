"""The shape of a GPT-2, and what shapes there cannot be."""

import dataclasses

import pytest
from transformers import GPT2Config

from cutaway import PUBLISHED, Config
from cutaway.errors import ConfigError


def test_the_default_shape_is_hugging_faces_default_and_gpt2_small():
    theirs = GPT2Config()
    assert Config().to_dict() == {name: getattr(theirs, name) for name in Config().to_dict()}
    assert Config() == PUBLISHED["gpt2"]


@pytest.mark.parametrize(("name", "n_embd", "n_layer", "n_head"), [
    ("gpt2", 768, 12, 12), ("gpt2-medium", 1024, 24, 16), ("gpt2-large", 1280, 36, 20),
    ("gpt2-xl", 1600, 48, 25)])
def test_the_published_sizes_are_openais(name, n_embd, n_layer, n_head):
    """The config.json of openai-community/gpt2, -medium, -large and -xl."""
    assert PUBLISHED[name] == Config(50257, 1024, n_embd, n_layer, n_head, 1e-5)
    assert len(PUBLISHED) == 4


def test_the_widths_follow_from_the_embedding():
    """W99: 12 heads of 64, 2,304 columns; W121: 3,072 neurons."""
    widths = [Config().sizes[axis] for axis in ("head", "head_embed", "qkv", "hidden")]
    assert widths == [12, 64, 2304, 3072]


@pytest.mark.parametrize("field", ["vocab_size", "n_positions", "n_embd", "n_layer", "n_head"])
@pytest.mark.parametrize("count", [0, -1, 1.5, "12", None, True, float("nan"), [12]])
def test_a_count_that_is_no_whole_number_of_at_least_one_is_told(field, count):
    with pytest.raises(ConfigError, match=f"{field} is .*whole number of at least 1 is expected"):
        Config(**{field: count})


@pytest.mark.parametrize("epsilon", [0, 1, -1e-5, float("nan"), float("inf"), "1e-5", None])
def test_an_epsilon_outside_its_range_is_told(epsilon):
    with pytest.raises(ConfigError, match=r"layer_norm_epsilon is .*GPT-2 uses 1e-5"):
        Config(layer_norm_epsilon=epsilon)


def test_heads_that_do_not_divide_the_embedding_are_told():
    with pytest.raises(ConfigError, match=r"n_embd 768 .* n_head 7 heads: 768 / 7 leaves 5"):
        Config(n_head=7)


def test_a_shape_cannot_be_changed():
    with pytest.raises(dataclasses.FrozenInstanceError):
        Config().n_layer = 1  # pyright: ignore[reportAttributeAccessIssue]
