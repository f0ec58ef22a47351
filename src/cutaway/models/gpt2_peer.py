"""Every table of GPT-2's, read out of Hugging Face's implementation while it calculates.

    peer_tables(peer, ids)      # table by table, under our names

The peer is `transformers`' GPT2LMHeadModel with eager attention. What passes between its modules is
caught with hooks. Queries, keys, values, attention and mixed are caught where its attention
function receives and returns them. Three things it never has as a table of their own, and they are
calculated here with torch from its own numbers: the scores before the mask, a layer norm before
its gain and shift, and the last row's softmax.

This file needs torch and transformers; nothing imports it before somebody verifies.
"""

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from typing import Any
from unittest.mock import patch

import numpy as np
import torch
from torch.nn import functional
from transformers import GPT2LMHeadModel
from transformers.models.gpt2 import modeling_gpt2


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


def _block_tables(block: Any, inputs: dict, outputs: dict,
                  attention: dict) -> dict[str, torch.Tensor]:
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
