"""The peer: Hugging Face's GPT-2 with our numbers in it."""

import re

import numpy as np
import torch
from transformers import GPT2Config, GPT2LMHeadModel

from cutaway.models.config import Config


def hugging_face_model(config: Config, weights: dict[str, np.ndarray]) -> GPT2LMHeadModel:
    """Hugging Face's GPT-2 with the same numbers, in float64."""
    theirs = GPT2Config(vocab_size=config.vocab_size, n_positions=config.n_positions,
                        n_embd=config.n_embd, n_layer=config.n_layer, n_head=config.n_head,
                        bos_token_id=None, eos_token_id=None, attn_implementation="eager")
    model = GPT2LMHeadModel(theirs).double().eval()
    state = {_their_name(name): torch.tensor(array) for name, array in weights.items()}
    model.load_state_dict({**state, "lm_head.weight": state["transformer.wte.weight"]})
    return model


def _their_name(name: str) -> str:
    """`h3.c_attn_w` as Hugging Face calls it: `transformer.h.3.attn.c_attn.weight`."""
    name = re.sub(r"^h(\d+)\.", r"h.\1.", name)
    name = re.sub(r"_w$|_g$", ".weight", re.sub(r"_b$", ".bias", name))
    name = name.replace("attn_c_proj", "attn.c_proj").replace("mlp_c_proj", "mlp.c_proj")
    name = name.replace(".c_attn.", ".attn.c_attn.").replace(".c_fc.", ".mlp.c_fc.")
    return "transformer." + name + (".weight" if name in ("wte", "wpe") else "")
