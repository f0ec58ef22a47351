"""Where the truth comes from: Hugging Face's GPT-2, with every one of our tables read out of it.

    peer = hugging_face_gpt2(Config(n_layer=2), scale=0.02)
    our_arrays(peer)                  # its parameters under our names
    peer_tables(peer, ids)            # what it calculates, table by table, under our names

How its tables are caught, and what little is calculated from them, is in `models/gpt2_peer.py`:
`cutaway verify` reads them in the same way.
"""

import numpy as np
import torch
from transformers import GPT2Config, GPT2LMHeadModel

from cutaway.models.config import VARIANTS, Config
from cutaway.models.gpt2_peer import peer_tables

__all__ = ["hugging_face_gpt2", "our_arrays", "our_config", "peer_config", "peer_names",
           "peer_tables"]

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
