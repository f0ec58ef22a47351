"""GPT-2's record: what files call its weights, what they mean, how training begins.

    ours                 h3.c_attn_w
    OpenAI               model/h3/attn/c_attn/w
    Hugging Face         transformer.h.3.attn.c_attn.weight     (also without `transformer.`)
    the workshop's CSVs  model_h3_attn_c_attn_w.csv

All four store a weight as input rows x output columns, so nothing is ever transposed. Files of
other programs, which have it the other way round, are turned by `weights/state_dict.py`.
"""

import math
from collections.abc import Mapping
from typing import Any

import numpy as np

from cutaway.models.architecture import Architecture, ConfigFile, Parameter
from cutaway.models.config import PUBLISHED, VARIANTS, Config
from cutaway.models.gpt2 import gpt2


def _in_block(name: str, openai: str, hugging_face: str, meaning: str) -> Parameter:
    return Parameter(name, "model/h{block}/" + openai, "transformer.h.{block}." + hugging_face,
                     meaning)


def _outside(name: str, openai: str, hugging_face: str, meaning: str) -> Parameter:
    return Parameter(name, "model/" + openai, "transformer." + hugging_face, meaning)


PARAMETERS = (
    _outside("wte", "wte", "wte.weight",
             "One row for each token of the vocabulary: what the token means on its own. "
             "The head uses the same rows to ask which token comes next."),
    _outside("wpe", "wpe", "wpe.weight",
             "One row for each place in a prompt: what the place adds to its token."),
    _in_block("ln_1_g", "ln_1/g", "ln_1.weight", "The factor that step 3 scales each column by."),
    _in_block("ln_1_b", "ln_1/b", "ln_1.bias", "What step 3 adds to each column."),
    _in_block("c_attn_w", "attn/c_attn/w", "attn.c_attn.weight",
              "The weights that make queries, keys and values (step 4)."),
    _in_block("c_attn_b", "attn/c_attn/b", "attn.c_attn.bias", "What step 4 adds to each column."),
    _in_block("attn_c_proj_w", "attn/c_proj/w", "attn.c_proj.weight",
              "The weights that bring the heads' results back to the stream (step 9)."),
    _in_block("attn_c_proj_b", "attn/c_proj/b", "attn.c_proj.bias",
              "What step 9 adds to each column."),
    _in_block("ln_2_g", "ln_2/g", "ln_2.weight", "The factor that step 12 scales each column by."),
    _in_block("ln_2_b", "ln_2/b", "ln_2.bias", "What step 12 adds to each column."),
    _in_block("c_fc_w", "mlp/c_fc/w", "mlp.c_fc.weight",
              "One column for each neuron of the MLP: what it looks for (step 13)."),
    _in_block("c_fc_b", "mlp/c_fc/b", "mlp.c_fc.bias", "What step 13 adds to each neuron."),
    _in_block("mlp_c_proj_w", "mlp/c_proj/w", "mlp.c_proj.weight",
              "One row for each neuron: what it writes when it is active (step 15)."),
    _in_block("mlp_c_proj_b", "mlp/c_proj/b", "mlp.c_proj.bias",
              "What step 15 adds to each column."),
    _outside("ln_f_g", "ln_f/g", "ln_f.weight",
             "The factor that the final normalisation scales each column by."),
    _outside("ln_f_b", "ln_f/b", "ln_f.bias",
             "What the final normalisation adds to each column."),
    Parameter("lm_head", "", "lm_head.weight",
              "One row for each token: what the head asks with, where it has a table of its own.",
              axes=("vocabulary", "embed")),
)

# Other names in a config.json for the curves that `gpt2_variants.py` states.
# Source: transformers, activations.py: each is the same formula.
CURVES = {"gelu_pytorch_tanh": "gelu_new", "gelu_fast": "gelu_new", "gelu_accurate": "gelu_new",
          "gelu_python": "gelu", "swish": "silu"}


def one_name_each(fields: Mapping[str, Any]) -> dict[str, Any]:
    """The fields of a `config.json` with one name for each curve."""
    curve = fields.get("activation_function")
    known = CURVES.get(curve, curve) if isinstance(curve, str) else curve
    return {**fields, **({"activation_function": known} if curve != known else {})}


def written_fields(config: Config) -> dict[str, Any]:
    """What a `config.json` says besides, whether or not the model is GPT-2 in it."""
    return {"n_ctx": config.n_positions,
            **{name: getattr(config, name) for name in VARIANTS if name != "missing_biases"}}


def fresh_weights(config: Config, generator: np.random.Generator) -> dict[str, np.ndarray]:
    """Random weights to start learning from, float32, by full name.

    Source: Radford et al. 2019, section 2.3, as Hugging Face's GPT2PreTrainedModel carries it out:
            normal with deviation 0.02; the two projections that add to the residual are divided by
            sqrt(2 * n_layer), the number of additions; gains are 1 and shifts are 0.
    """
    return {name: _fresh(name, tuple(config.sizes[axis] for axis in axes), config, generator)
            for name, axes in gpt2(config).weights.items()}


def _fresh(name: str, shape: tuple[int, ...], config: Config,
           generator: np.random.Generator) -> np.ndarray:
    if name.endswith("_g"):
        return np.ones(shape, np.float32)
    if name.endswith("_b"):
        return np.zeros(shape, np.float32)
    deviation = 0.02 / math.sqrt(2 * config.n_layer) if name.endswith("c_proj_w") else 0.02
    return generator.normal(0, deviation, shape).astype(np.float32)


def peer_tables(peer: Any, ids: np.ndarray) -> dict[str, np.ndarray]:
    """Every table that Hugging Face's model calculates.  Raises:  ImportError without its library
    """
    from cutaway.models import gpt2_peer

    return gpt2_peer.peer_tables(peer, ids)


GPT2 = Architecture(
    name="GPT-2",
    model_type="gpt2",
    config_class=Config,
    published=PUBLISHED,
    publisher="openai-community",
    book=gpt2,
    parameters=PARAMETERS,
    prefix="transformer.",
    tied_head="lm_head.weight",
    # Source: transformers, GPT2Config.
    config_file=ConfigFile(
        model_class="GPT2LMHeadModel",
        # Reordered attention gives the same numbers but for rounding: it is for half precision.
        fixed={"reorder_and_upcast_attn": (False, True), "add_cross_attention": (False,)},
        aliases={"hidden_size": "n_embd", "max_position_embeddings": "n_positions",
                 "num_attention_heads": "n_head", "num_hidden_layers": "n_layer"},
        hparams={"n_vocab": "vocab_size", "n_ctx": "n_positions"},
        unfolded=one_name_each,
        written=written_fields),
    fresh=fresh_weights,
    peer_tables=peer_tables)
