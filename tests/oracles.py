"""Where the truth comes from: Hugging Face's GPT-2, with every one of our tables read out of it.

    peer = hugging_face_gpt2(Config(n_layer=2), scale=0.02)
    our_arrays(peer)                  # its parameters under our names
    peer_tables(peer, ids)            # what it calculates, table by table, under our names

The peer is `transformers`' GPT2LMHeadModel with eager attention. What passes between its modules is
caught with hooks. Queries, keys, values, attention and mixed are caught where its attention
function receives and returns them. Three things it never has as a table of their own, and they are
calculated here with torch from its own numbers: the scores before the mask, a layer norm before
its gain and shift, and the last row's softmax.
"""

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from unittest.mock import patch

import numpy as np
import torch
from torch.nn import functional
from transformers import GPT2Config, GPT2LMHeadModel
from transformers.models.gpt2 import modeling_gpt2

from cutaway.models.config import VARIANTS, Config

# Our name of a block's weight -> its name inside Hugging Face's `transformer.h.N`.
BLOCK_WEIGHTS = {
    "ln_1_g": "ln_1.weight", "ln_1_b": "ln_1.bias",
    "c_attn_w": "attn.c_attn.weight", "c_attn_b": "attn.c_attn.bias",
    "attn_c_proj_w": "attn.c_proj.weight", "attn_c_proj_b": "attn.c_proj.bias",
    "ln_2_g": "ln_2.weight", "ln_2_b": "ln_2.bias",
    "c_fc_w": "mlp.c_fc.weight", "c_fc_b": "mlp.c_fc.bias",
    "mlp_c_proj_w": "mlp.c_proj.weight", "mlp_c_proj_b": "mlp.c_proj.bias",
}
OTHER_WEIGHTS = {"wte": "wte.weight", "wpe": "wpe.weight",
                 "ln_f_g": "ln_f.weight", "ln_f_b": "ln_f.bias"}


def peer_config(config: Config) -> GPT2Config:
    """The same shape as Hugging Face states it, without dropout."""
    return GPT2Config(**config.to_dict(), resid_pdrop=0.0, embd_pdrop=0.0, attn_pdrop=0.0,
                      bos_token_id=0, eos_token_id=0)


def hugging_face_gpt2(config: Config, *, scale: float, seed: int = 0,
                      dtype: torch.dtype = torch.float64) -> GPT2LMHeadModel:
    """A GPT-2 of Hugging Face's with random weights of deviation `scale`; gains lie around 1."""
    peer = GPT2LMHeadModel._from_config(peer_config(config), attn_implementation="eager")
    generator = torch.Generator().manual_seed(seed)
    with torch.no_grad():
        for name, tensor in peer.named_parameters():
            gain = 1.0 if ".ln_" in name and name.endswith("weight") else 0.0
            tensor.normal_(0.0, scale, generator=generator).add_(gain)
            if _our_name(name) in config.missing_biases:
                tensor.zero_()  # transformers knows no GPT-2 without biases
    return peer.to(dtype).eval()


def _our_name(theirs: str) -> str:
    """Our name, without the block, of what Hugging Face calls so; "" for the head."""
    return next((ours for ours, spelled in {**BLOCK_WEIGHTS, **OTHER_WEIGHTS}.items()
                 if theirs.endswith(f".{spelled}")), "")


def peer_names(config: Config) -> dict[str, str]:
    """Our full name of every weight -> Hugging Face's."""
    names = {ours: f"transformer.{theirs}" for ours, theirs in OTHER_WEIGHTS.items()}
    if not config.tie_word_embeddings:
        names["lm_head"] = "lm_head.weight"
    for block in range(config.n_layer):
        names |= {f"h{block}.{ours}": f"transformer.h.{block}.{theirs}"
                  for ours, theirs in BLOCK_WEIGHTS.items()}
    return names


def our_config(peer: GPT2LMHeadModel) -> Config:
    theirs = peer.config
    return Config(theirs.vocab_size, theirs.n_positions, theirs.n_embd, theirs.n_layer,
                  theirs.n_head, theirs.layer_norm_epsilon,
                  **{name: getattr(theirs, name) for name in VARIANTS if name in theirs.to_dict()})


def our_arrays(peer: GPT2LMHeadModel) -> dict[str, np.ndarray]:
    """The peer's parameters as NumPy arrays under our names."""
    parameters, config = dict(peer.named_parameters()), our_config(peer)
    return {ours: parameters[theirs].detach().numpy().copy()
            for ours, theirs in peer_names(config).items()
            if ours.rpartition(".")[2] not in config.missing_biases}


@torch.no_grad()
def peer_tables(peer: GPT2LMHeadModel, ids: np.ndarray) -> dict[str, np.ndarray]:
    """Every table that the peer calculates for (position) or (batch position) ids, by our names."""
    inner, rows = peer.transformer, torch.from_numpy(np.atleast_2d(ids))
    with _watched(peer) as (inputs, outputs, attentions):
        logits = peer(rows, use_cache=False).logits
    tables = {"token_embeddings": outputs[inner.wte], "position_embeddings": outputs[inner.wpe][0],
              "embeddings": inputs[inner.h[0]]}
    for block, module in enumerate(inner.h):
        found = _block_tables(module, inputs, outputs, attentions[block])
        tables |= {f"h{block}.{name}": table for name, table in found.items()}
    tables |= {"final_normalised": _without_gain(inner.ln_f, inputs[inner.ln_f]),
               "final": outputs[inner.ln_f], "predicted_embedding": outputs[inner.ln_f][:, -1],
               "next_logits": logits[:, -1], "logits": logits,
               "next_probabilities": torch.softmax(logits[:, -1], -1)}
    single = np.ndim(ids) == 1
    return {name: (table[0] if single and name != "position_embeddings" else table).numpy()
            for name, table in tables.items()}


def _block_tables(block, inputs: dict, outputs: dict, attention: dict) -> dict[str, torch.Tensor]:
    return {
        "residual": inputs[block],
        "attention_normalised": _without_gain(block.ln_1, inputs[block.ln_1]),
        "attention_input": outputs[block.ln_1],
        "qkv": outputs[block.attn.c_attn],
        "queries": attention["query"], "keys": attention["key"], "values": attention["value"],
        "scores": attention["query"] @ attention["key"].transpose(-1, -2) * block.attn.scaling,
        "attention": attention["weights"], "mixed": attention["output"].transpose(1, 2),
        "joined": inputs[block.attn.c_proj], "attention_output": outputs[block.attn.c_proj],
        "residual_after_attention": inputs[block.ln_2],
        "mlp_normalised": _without_gain(block.ln_2, inputs[block.ln_2]),
        "mlp_input": outputs[block.ln_2], "mlp_up": outputs[block.mlp.c_fc],
        "mlp_active": outputs[block.mlp.act], "mlp_output": outputs[block.mlp.c_proj],
        "residual_after_mlp": outputs[block],
    }


def _without_gain(layer_norm: torch.nn.LayerNorm, table: torch.Tensor) -> torch.Tensor:
    return functional.layer_norm(table, layer_norm.normalized_shape, eps=layer_norm.eps)


@contextmanager
def _watched(peer: GPT2LMHeadModel) -> Iterator[tuple[dict, dict, list]]:
    """The inputs and outputs of every module of the peer, and what its attention function sees."""
    inputs, outputs, attentions = {}, {}, []
    eager = modeling_gpt2.eager_attention_forward

    def watched_attention(module, query, key, value, *arguments, **options):
        output, weights = eager(module, query, key, value, *arguments, **options)
        attentions.append({"query": query, "key": key, "value": value,
                           "weights": weights, "output": output})
        return output, weights

    def watch(module, arguments, options, result):
        given = arguments or tuple(options.values())
        inputs[module] = given[0] if given else None
        outputs[module] = result

    with ExitStack() as stack:
        for module in peer.modules():
            stack.callback(module.register_forward_hook(watch, with_kwargs=True).remove)
        stack.enter_context(
            patch.object(modeling_gpt2, "eager_attention_forward", watched_attention))
        yield inputs, outputs, attentions
