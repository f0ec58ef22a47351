"""GPT-2's relatives: every step of each variant against Hugging Face's GPT2LMHeadModel.

The peer is given the same configuration. It knows no GPT-2 without biases: there its biases are 0.
"""

import numpy as np
import pytest
import torch

from cutaway import Config, NumpyEngine, gpt2, start_run
from cutaway.engines.compiled.engine import CompiledEngine
from cutaway.engines.torch import TorchEngine
from cutaway.errors import ConfigError
from cutaway.models.config import ACTIVATIONS, BIASES, VARIANTS
from cutaway.models.gpt2_variants import ACTIVATIONS as FORMULAS
from cutaway.models.gpt2_variants import WITHOUT
from tests.models.test_parity import distance
from tests.oracles import hugging_face_gpt2, our_arrays, peer_config, peer_tables

IDS = np.random.default_rng(3).integers(0, 61, 9)
VARIANT = {
    **{curve: {"activation_function": curve} for curve in ACTIVATIONS},
    "a narrow MLP": {"n_inner": 20}, "a wide MLP": {"n_inner": 131},
    "no biases": {"missing_biases": BIASES}, "no bias of qkv": {"missing_biases": ("c_attn_b",)},
    "no shifts": {"missing_biases": ("ln_1_b", "ln_2_b", "ln_f_b")},
    "an untied head": {"tie_word_embeddings": False},
    "scores by block": {"scale_attn_by_inverse_layer_idx": True},
    "scores without the root": {"scale_attn_weights": False},
    "scores by block without the root": {"scale_attn_weights": False,
                                         "scale_attn_by_inverse_layer_idx": True},
    "all at once": {"activation_function": "relu", "n_inner": 50, "missing_biases": BIASES,
                    "tie_word_embeddings": False, "scale_attn_by_inverse_layer_idx": True},
}


def shape(variant: str) -> Config:
    return Config(vocab_size=61, n_positions=16, n_embd=24, n_layer=3, n_head=3, **VARIANT[variant])


@pytest.mark.parametrize("scale", [0.02, 0.5])
@pytest.mark.parametrize("variant", VARIANT)
def test_every_step_agrees_with_hugging_face(variant, scale):
    config = shape(variant)
    peer = hugging_face_gpt2(config, scale=scale)
    theirs = peer_tables(peer, IDS)
    run = start_run(gpt2(config), our_arrays(peer), IDS, engine=NumpyEngine(np.float64))
    assert set(theirs) == set(run.book.nodes)
    found = {name: distance(run[name].array, table) for name, table in theirs.items()}
    assert max(found.values()) <= 1e-9, max(found, key=found.__getitem__)


@pytest.mark.parametrize("engine", [CompiledEngine(), TorchEngine()], ids=["compiled", "torch"])
@pytest.mark.parametrize("variant", VARIANT)
def test_every_engine_gives_the_same_at_every_step_and_a_token_later(variant, engine):
    peer = hugging_face_gpt2(shape(variant), scale=0.3)
    given = gpt2(shape(variant)), our_arrays(peer)
    truth = start_run(*given, IDS, engine=NumpyEngine(np.float64)).append(5)
    run = start_run(*given, IDS, engine=engine)
    assert run["next_logits"].array.size
    run = run.append(5)
    for name in run.book.nodes:
        assert distance(run[name].array, truth[name].array) <= 2e-4, name


@pytest.mark.parametrize("variant", VARIANT)
def test_each_variant_moves_the_logits(variant):
    """Otherwise a formula that was never exchanged would pass."""
    config = shape(variant)
    plain = Config(**{name: value for name, value in config.to_dict().items()
                      if name not in VARIANTS})
    peer, other = (hugging_face_gpt2(one, scale=0.5) for one in (config, plain))
    moved = distance(peer_tables(peer, IDS)["logits"], peer_tables(other, IDS)["logits"])
    assert (moved > 1e-4) == (config != plain)


def test_attention_reordered_for_half_precision_gives_the_same_numbers():
    config = shape("scores by block")
    theirs = peer_config(config)
    theirs.reorder_and_upcast_attn = True
    peer = hugging_face_gpt2(config, scale=0.3, dtype=torch.float32)
    other = type(peer)._from_config(theirs, attn_implementation="eager").eval()
    other.load_state_dict(peer.state_dict())
    with torch.no_grad():
        logits = other(torch.from_numpy(IDS[None])).logits[0].numpy()
    run = start_run(gpt2(config), our_arrays(peer), IDS, engine=NumpyEngine())
    assert distance(run["logits"].array, logits) <= 2e-5


def test_a_variant_is_another_formula_and_keeps_all_else():
    plain, other = gpt2(shape("gelu_new")), gpt2(shape("all at once"))
    changed = {node.step.name for node in plain.nodes.values()
               if other.nodes[node.name].step.formula != node.step.formula}
    assert list(plain.nodes) == list(other.nodes)
    assert changed == {"mlp_active", "scores", "next_logits", "logits",
                       *(step for step, _ in WITHOUT.values())}
    assert set(plain.weights) - set(other.weights) == {
        name for name in plain.weights if name.rpartition(".")[2] in BIASES}
    assert other.constants["h2.depth"] == 3


def test_every_curve_and_bias_of_the_configuration_has_its_formula():
    assert set(FORMULAS) == set(ACTIVATIONS) and set(WITHOUT) == set(BIASES)


def test_a_configuration_tells_its_variants_only():
    assert set(Config().to_dict()).isdisjoint(VARIANTS)
    assert Config(n_embd=8, n_head=2, n_inner=32) == Config(n_embd=8, n_head=2)
    told = shape("all at once").to_dict()
    assert Config(**told) == shape("all at once") and set(VARIANTS) - set(told) == {
        "scale_attn_weights"}
    with pytest.raises(ConfigError, match="activation_function is 'selu'; one of gelu_new"):
        Config(activation_function="selu")
