"""Hugging Face's Llama, small and random, and every table of it that ours has as well.

    folder = llama_files(tmp_path, LlamaConfig())       # as `save_pretrained` writes it
    llama_tables(peer, ids)                             # what it calculates, under our names
"""

from pathlib import Path
from unittest.mock import patch

import numpy as np
import torch
from transformers import LlamaConfig as PeerConfig
from transformers import LlamaForCausalLM
from transformers.models.llama import modeling_llama

from tests.models.llama_like import LLAMA, LlamaConfig


def llama_peer(config: LlamaConfig, dtype: torch.dtype = torch.float64) -> LlamaForCausalLM:
    """The same shape as Hugging Face states it, with weights large enough to saturate."""
    stated = PeerConfig(
        vocab_size=config.vocab_size, max_position_embeddings=config.n_positions,
        hidden_size=config.n_embd, num_hidden_layers=config.n_layer, rms_norm_eps=config.eps,
        num_attention_heads=config.n_head, num_key_value_heads=config.n_key_head,
        intermediate_size=config.n_hidden, tie_word_embeddings=False, attention_dropout=0.0,
        rope_parameters={"rope_type": "default", "rope_theta": config.theta})
    peer = LlamaForCausalLM._from_config(stated, attn_implementation="eager")
    generator = torch.Generator().manual_seed(0)
    with torch.no_grad():
        for name, tensor in peer.named_parameters():
            tensor.normal_(1.0 if "norm" in name else 0.0, 0.3, generator=generator)
    return peer.to(dtype).eval()


def llama_files(folder: Path, config: LlamaConfig) -> Path:
    """A folder with the peer's config.json and model.safetensors, in float32."""
    llama_peer(config, torch.float32).save_pretrained(folder)
    return folder


def weights_of(peer) -> dict[str, np.ndarray]:
    """The peer's parameters under our names."""
    stored, arrays = peer.state_dict(), {}
    for parameter in LLAMA.parameters:
        for block in range(peer.config.num_hidden_layers) if parameter.in_block else [0]:
            array = stored.pop(parameter.hugging_face.replace("{block}", str(block))).numpy().copy()
            name = f"h{block}.{parameter.name}" if parameter.in_block else parameter.name
            arrays[name] = array.T if parameter.output_by_input else array
    assert not stored, "a parameter of the peer's is not in the record"
    return arrays


@torch.no_grad()
def llama_tables(peer: LlamaForCausalLM, ids: np.ndarray) -> dict[str, np.ndarray]:
    """Every table that the peer calculates for (position) or (batch position) ids, by our names.

    Angles, norms and softmax are calculated in the tables' own precision: its own code turns to
    float32 for these three, whatever the weights are.
    """
    inner, seen, attentions = peer.model, {}, []
    eager = modeling_llama.eager_attention_forward

    def watched(module, query, key, value, *arguments, **options):
        output, shares = eager(module, query, key, value, *arguments, **options)
        attentions.append((query, key, value, shares, output.transpose(1, 2)))
        return output, shares

    def watch(module, arguments, options, result):
        seen[module] = (arguments or tuple(options.values()))[0], result

    hooks = [module.register_forward_hook(watch, with_kwargs=True) for module in peer.modules()]
    with patch.object(modeling_llama, "eager_attention_forward", watched), \
            patch.object(modeling_llama.LlamaRotaryEmbedding, "forward", _angles), \
            patch.object(modeling_llama.LlamaRMSNorm, "forward", _normed), \
            patch.object(torch.nn.functional, "softmax", _softmax):
        logits = peer(torch.from_numpy(np.atleast_2d(ids)), use_cache=False).logits
    for hook in hooks:
        hook.remove()
    tables = {"token_embeddings": seen[inner.embed_tokens][1], "final": seen[inner.norm][1],
              "next_logits": logits[:, -1], "logits": logits,
              "next_probabilities": torch.softmax(logits[:, -1], -1)}
    for number, (layer, caught) in enumerate(zip(inner.layers, attentions, strict=True)):
        query, key, value, shares, output = caught
        mlp, attention = layer.mlp, layer.self_attn
        tables |= {f"h{number}.{name}": table for name, table in {
            "residual": seen[layer.input_layernorm][0],
            "attention_normalised": seen[layer.input_layernorm][1] / layer.input_layernorm.weight,
            "attention_input": seen[layer.input_layernorm][1],
            "asking": seen[attention.q_proj][1], "offering": seen[attention.k_proj][1],
            "queries": query, "keys": key, "values": value, "attention": shares, "mixed": output,
            "joined": seen[attention.o_proj][0], "attention_output": seen[attention.o_proj][1],
            "residual_after_attention": seen[layer.post_attention_layernorm][0],
            "mlp_normalised": (seen[layer.post_attention_layernorm][1]
                               / layer.post_attention_layernorm.weight),
            "mlp_input": seen[layer.post_attention_layernorm][1],
            "mlp_gate": seen[mlp.gate_proj][1], "mlp_up": seen[mlp.up_proj][1],
            "mlp_active": seen[mlp.down_proj][0], "mlp_output": seen[mlp.down_proj][1],
            "residual_after_mlp": seen[layer][1]}.items()}
    single = np.ndim(ids) == 1
    return {name: (table[0] if single else table).numpy() for name, table in tables.items()}


def _angles(module, x, position_ids):
    """LlamaRotaryEmbedding.forward without its casts to float32."""
    width, theta = 2 * len(module.inv_freq), module.config.rope_parameters["rope_theta"]
    frequencies = theta ** (-torch.arange(0, width, 2, dtype=torch.float64) / width)
    angles = (position_ids[..., None].double() * frequencies).repeat(1, 1, 2)
    return angles.cos().to(x.dtype), angles.sin().to(x.dtype)


def _normed(module, rows):
    """LlamaRMSNorm.forward without its cast."""
    return module.weight * torch.nn.functional.rms_norm(rows, rows.shape[-1:],
                                                        eps=module.variance_epsilon)


def _softmax(scores, dim, dtype=None):
    """softmax in the scores' precision, whatever is asked for."""
    return torch.softmax(scores, dim)
