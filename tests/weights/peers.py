"""A small GPT-2 in the hands of its peers, and the names that each of them gives to its numbers."""

import json
from pathlib import Path

import numpy as np
from safetensors.numpy import load_file

FIXTURES = Path(__file__).parent / "fixtures"
OPENAI = FIXTURES / "openai"

# Typed from `GPT2LMHeadModel(config).state_dict()` and from the names in OpenAI's model.py.
IN_BLOCK = {
    "ln_1_g": ("ln_1.weight", "ln_1/g"), "ln_1_b": ("ln_1.bias", "ln_1/b"),
    "c_attn_w": ("attn.c_attn.weight", "attn/c_attn/w"),
    "c_attn_b": ("attn.c_attn.bias", "attn/c_attn/b"),
    "attn_c_proj_w": ("attn.c_proj.weight", "attn/c_proj/w"),
    "attn_c_proj_b": ("attn.c_proj.bias", "attn/c_proj/b"),
    "ln_2_g": ("ln_2.weight", "ln_2/g"), "ln_2_b": ("ln_2.bias", "ln_2/b"),
    "c_fc_w": ("mlp.c_fc.weight", "mlp/c_fc/w"), "c_fc_b": ("mlp.c_fc.bias", "mlp/c_fc/b"),
    "mlp_c_proj_w": ("mlp.c_proj.weight", "mlp/c_proj/w"),
    "mlp_c_proj_b": ("mlp.c_proj.bias", "mlp/c_proj/b"),
}
OUTSIDE = {
    "wte": ("wte.weight", "wte"), "wpe": ("wpe.weight", "wpe"),
    "ln_f_g": ("ln_f.weight", "ln_f/g"), "ln_f_b": ("ln_f.bias", "ln_f/b"),
}


def spellings(n_layer: int = 2) -> dict[str, tuple[str, str]]:
    """Our names with Hugging Face's and OpenAI's, in full."""
    within = {f"h{k}.{ours}": (f"transformer.h.{k}.{theirs}", f"model/h{k}/{openai}")
              for k in range(n_layer) for ours, (theirs, openai) in IN_BLOCK.items()}
    return within | {ours: (f"transformer.{theirs}", f"model/{openai}")
                     for ours, (theirs, openai) in OUTSIDE.items()}


def digits() -> dict[str, np.ndarray]:
    """The numbers of the fixture as TensorFlow read them back, by our names."""
    stored = load_file(FIXTURES / "openai_digits.safetensors")
    return {ours: stored[openai].reshape(stored[openai].shape[-2:])
            for ours, (_, openai) in spellings().items()}


def huggingface_model(numbers: dict[str, np.ndarray]):
    """transformers' own model of the fixture's shape, holding these numbers."""
    import torch
    from transformers import GPT2Config, GPT2LMHeadModel

    shape = json.loads((OPENAI / "hparams.json").read_text())
    model = GPT2LMHeadModel(GPT2Config(
        vocab_size=shape["n_vocab"], n_positions=shape["n_ctx"], n_embd=shape["n_embd"],
        n_layer=shape["n_layer"], n_head=shape["n_head"], bos_token_id=None, eos_token_id=None,
        attn_implementation="eager"))
    state = {spellings()[ours][0]: torch.from_numpy(array.copy())
             for ours, array in numbers.items()}
    model.load_state_dict(state | {"lm_head.weight": state["transformer.wte.weight"]})
    return model.eval()


def assert_same(weights, numbers: dict[str, np.ndarray]) -> None:
    """Every parameter is there under our name with exactly these digits, and no other."""
    assert set(weights) == set(numbers)
    for name, array in numbers.items():
        np.testing.assert_array_equal(weights[name], array, err_msg=name)
