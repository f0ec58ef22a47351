"""A throw-away architecture of Llama's kind, all of it, in one file: what adding a model takes.

Where GPT-2 has layer norms, places in a table, one key head for each query head, GELU and biases,
this one has RMS norms, rotated queries and keys, fewer heads of keys than of queries, a gated MLP
and no bias. Its language head is a table of its own, and its files store weights as output rows x
input columns, under the names of Hugging Face's LlamaForCausalLM. Its texts are cut into pieces by
another pattern.

Source: Touvron et al. 2023, "LLaMA"; transformers, models/llama/modeling_llama.py.
"""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np

from cutaway import Book, Sheet
from cutaway.errors import ConfigError
from cutaway.models.architecture import Architecture, ConfigFile, Parameter
from cutaway.tokenizer_rule import TokenizerRule
from cutaway.workbook.operations import (
    causal,
    last_axis,
    last_row,
    look_up,
    merge_heads,
    repeat_heads,
    rms_normalise,
    rotate,
    silu,
    softmax,
    split_heads,
    sqrt,
    transpose,
)


@dataclass(frozen=True)
class LlamaConfig:
    """The shape of one model.  Raises:  ConfigError"""

    vocab_size: int = 300
    n_positions: int = 32
    n_embd: int = 16
    n_layer: int = 2
    n_head: int = 4
    n_key_head: int = 2
    n_hidden: int = 40
    eps: float = 1e-6
    theta: float = 10_000.0

    def __post_init__(self):
        for name in ("vocab_size", "n_positions", "n_embd", "n_layer", "n_head", "n_key_head",
                     "n_hidden"):
            if type(getattr(self, name)) is not int or getattr(self, name) < 1:
                raise ConfigError(f"{name} is {getattr(self, name)!r}; a whole number of at least "
                                  "1 is expected.")
        if self.n_embd % (2 * self.n_head) or self.n_head % self.n_key_head:
            raise ConfigError(f"n_embd {self.n_embd}, n_head {self.n_head} and n_key_head "
                              f"{self.n_key_head} do not divide evenly.")

    @property
    def sizes(self) -> dict[str, int]:
        head_embed = self.n_embd // self.n_head
        return {"vocabulary": self.vocab_size, "position": self.n_positions, "embed": self.n_embd,
                "joined": self.n_embd, "joined_keys": self.n_key_head * head_embed,
                "hidden": self.n_hidden, "head": self.n_head, "key_head": self.n_key_head,
                "head_embed": head_embed}

    def to_dict(self) -> dict[str, Any]:
        return asdict(self)


# ---- From tokens to numbers ----------------------------------------------------------------
embed = Sheet("embed", weights={"embed_tokens": "vocabulary embed"})

@embed.step("a", axes="position embed")
def token_embeddings(ids, embed_tokens):
    """What each token means on its own: its row of the table embed_tokens."""
    return look_up(embed_tokens, ids)


# ---- One block -----------------------------------------------------------------------------
block = Sheet("block", receives="stream", weights={
    "attention_norm": "embed", "q_proj": "embed joined", "k_proj": "embed joined_keys",
    "v_proj": "embed joined_keys", "o_proj": "joined embed", "mlp_norm": "embed",
    "gate_proj": "embed hidden", "up_proj": "embed hidden", "down_proj": "hidden embed",
})

@block.step(1, axes="position embed")
def residual(stream):
    """What the block receives: all that is known of each token so far."""
    return stream

@block.step(2, axes="position embed")
def attention_normalised(residual, eps):
    """Each row brought to the same loudness."""
    return rms_normalise(residual, eps)

@block.step(3, axes="position embed")
def attention_input(attention_normalised, attention_norm):
    """Each column scaled by what the model has learned."""
    return attention_normalised * attention_norm

@block.step("4a", axes="position joined")
def asking(attention_input, q_proj):
    """The queries of all heads, side by side."""
    return attention_input @ q_proj

@block.step("4b", axes="position joined_keys")
def offering(attention_input, k_proj):
    """The keys of all heads, side by side."""
    return attention_input @ k_proj

@block.step("5a", axes="head position head_embed")
def queries(asking, positions, n_head, theta):
    """What each position is looking for, head by head, turned by where it stands."""
    return rotate(split_heads(asking, n_head), positions, theta)

@block.step("5b", axes="key_head position head_embed", remembered=True)
def keys(offering, positions, n_key_head, theta):
    """What each position offers to be found by, turned by where it stands."""
    return rotate(split_heads(offering, n_key_head), positions, theta)

@block.step("5c", axes="key_head position head_embed", remembered=True)
def values(attention_input, v_proj, n_key_head):
    """What each position tells those who find it."""
    return split_heads(attention_input @ v_proj, n_key_head)

@block.step(6, axes="head position source")
def scores(queries, keys, n_share):
    """How strongly each position asks each source; n_share heads ask the same keys."""
    return queries @ transpose(repeat_heads(keys, n_share)) / sqrt(last_axis(queries))

@block.step(7, axes="head position source")
def attention(scores):
    """How much each position reads from each source: every row sums to 1, nothing looks ahead."""
    return softmax(causal(scores))

@block.step(8, axes="head position head_embed")
def mixed(attention, values, n_share):
    """The sources' values, mixed in those shares."""
    return attention @ repeat_heads(values, n_share)

@block.step("9a", axes="position joined")
def joined(mixed):
    """The heads' results laid side by side again."""
    return merge_heads(mixed)

@block.step("9b", axes="position embed")
def attention_output(joined, o_proj):
    """What attention adds to each token."""
    return joined @ o_proj

@block.step(10, axes="position embed")
def residual_after_attention(residual, attention_output):
    """The token as it was, plus what it has read from the others."""
    return residual + attention_output

@block.step(11, axes="position embed")
def mlp_normalised(residual_after_attention, eps):
    """Each row brought to the same loudness once more."""
    return rms_normalise(residual_after_attention, eps)

@block.step(12, axes="position embed")
def mlp_input(mlp_normalised, mlp_norm):
    """Each column scaled: this is what the MLP sees."""
    return mlp_normalised * mlp_norm

@block.step("13a", axes="position hidden")
def mlp_gate(mlp_input, gate_proj):
    """How far each neuron is open."""
    return mlp_input @ gate_proj

@block.step("13b", axes="position hidden")
def mlp_up(mlp_input, up_proj):
    """What each neuron would pass on."""
    return mlp_input @ up_proj

@block.step(14, axes="position hidden")
def mlp_active(mlp_gate, mlp_up):
    """What each neuron passes on, as far as it is open."""
    return silu(mlp_gate) * mlp_up

@block.step(15, axes="position embed")
def mlp_output(mlp_active, down_proj):
    """What the MLP adds to each token."""
    return mlp_active @ down_proj

@block.step(16, axes="position embed")
def residual_after_mlp(residual_after_attention, mlp_output):
    """What the block hands on."""
    return residual_after_attention + mlp_output


# ---- From numbers to the next token --------------------------------------------------------
head = Sheet("head", receives="stream",
             weights={"final_norm": "embed", "lm_head": "embed vocabulary"})

@head.step("a", axes="position embed")
def final(stream, eps, final_norm):
    """Each row brought to the same loudness, and each column scaled, for the last time."""
    return rms_normalise(stream, eps) * final_norm

@head.step("b", axes="vocabulary")
def next_logits(final, lm_head):
    """How well each token of the vocabulary fits the last position's row."""
    return last_row(final) @ lm_head

@head.step("c", axes="vocabulary")
def next_probabilities(next_logits):
    """The same as shares of 1: how likely each token is to come next."""
    return softmax(next_logits)

@head.step("d", axes="position vocabulary")
def logits(final, lm_head):
    """What every position expects next. Training reads this table."""
    return final @ lm_head


ROLES = {"token_table": "embed_tokens", "embeddings": "token_embeddings", "last_hidden": "final",
         "block_input": "residual", "after_attention": "residual_after_attention",
         "block_output": "residual_after_mlp", "neurons": "mlp_active"}
HEADINGS = {"residual": "attend", "mlp_normalised": "think"}


def llama(config: LlamaConfig) -> Book:
    """The workbook of a model of any shape."""
    constants = {"n_head": config.n_head, "n_key_head": config.n_key_head,
                 "n_share": config.n_head // config.n_key_head, "eps": config.eps,
                 "theta": config.theta}
    return Book([embed, *map(block.at, range(config.n_layer)), head], sizes=config.sizes,
                constants=constants, roles=ROLES, headings=HEADINGS)


# ---- The record ----------------------------------------------------------------------------
STORED = ("hugging_face",)  # as output rows x input columns


# Source: meta-llama/llama3, llama/tokenizer.py (2024).
LLAMA3 = TokenizerRule(
    r"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}{1,3}| ?[^\s\p{L}\p{N}]+[\r\n]*"
    r"|\s*[\r\n]+|\s+(?!\S)|\s+")


def in_layer(name: str, stored: str, meaning: str, *, table: bool = True) -> Parameter:
    return Parameter(name, "", f"model.layers.{{block}}.{stored}.weight", meaning,
                     STORED if table else ())


def fresh(config: LlamaConfig, generator: np.random.Generator) -> dict[str, np.ndarray]:
    """Random weights to start learning from: gains of 1, all others with deviation 0.02."""
    shapes = {name: tuple(config.sizes[axis] for axis in axes)
              for name, axes in llama(config).weights.items()}
    return {name: np.ones(shape, np.float32) if len(shape) == 1
            else generator.normal(0, 0.02, shape).astype(np.float32)
            for name, shape in shapes.items()}


def unfolded(fields: Mapping[str, Any]) -> dict[str, Any]:
    """The fields with `rope_theta`, which newer files have within `rope_parameters`."""
    return {**fields, **{name: value for name, value in
                         (fields.get("rope_parameters") or {}).items() if name == "rope_theta"}}


def expect_plain(config: LlamaConfig, fields: Mapping[str, Any]) -> None:
    """Raises:  ConfigError for heads of another width, and for stretched rotations"""
    rope = fields.get("rope_scaling") or fields.get("rope_parameters") or {}
    kind = rope.get("rope_type") or rope.get("type") or "default"
    if kind != "default":
        raise ConfigError(f"config.json: rope_type is {kind!r}, but only 'default' is calculated.")
    width = fields.get("head_dim") or config.sizes["head_embed"]
    if width != config.sizes["head_embed"]:
        raise ConfigError(f"config.json: head_dim is {width}, but {config.n_head} heads of an "
                          f"embedding of {config.n_embd} are {config.sizes['head_embed']} wide.")


def rope(config: LlamaConfig) -> dict[str, Any]:
    return {"rope_parameters": {"rope_type": "default", "rope_theta": config.theta}}


def peer_tables(peer: Any, ids: np.ndarray) -> dict[str, np.ndarray]:
    from tests.models.llama_peer import llama_tables

    return llama_tables(peer, ids)


LLAMA = Architecture(
    name="Llama-like",
    model_type="llama",
    config_class=LlamaConfig,
    book=llama,
    parameters=(
        Parameter("embed_tokens", "", "model.embed_tokens.weight", "What each token means."),
        in_layer("attention_norm", "input_layernorm", "The factor of each column.", table=False),
        in_layer("q_proj", "self_attn.q_proj", "The weights that make queries."),
        in_layer("k_proj", "self_attn.k_proj", "The weights that make keys."),
        in_layer("v_proj", "self_attn.v_proj", "The weights that make values."),
        in_layer("o_proj", "self_attn.o_proj", "The weights that bring the heads back."),
        in_layer("mlp_norm", "post_attention_layernorm", "The factor of each column.", table=False),
        in_layer("gate_proj", "mlp.gate_proj", "One column for each neuron: when it opens."),
        in_layer("up_proj", "mlp.up_proj", "One column for each neuron: what it passes on."),
        in_layer("down_proj", "mlp.down_proj", "One row for each neuron: what it writes."),
        Parameter("final_norm", "", "model.norm.weight", "The last factor of each column."),
        Parameter("lm_head", "", "lm_head.weight", "One column for each token.", STORED),
    ),
    prefix="model.",
    config_file=ConfigFile(
        model_class="LlamaForCausalLM",
        names={"n_positions": "max_position_embeddings", "n_embd": "hidden_size",
               "n_layer": "num_hidden_layers", "n_head": "num_attention_heads",
               "n_key_head": "num_key_value_heads", "n_hidden": "intermediate_size",
               "eps": "rms_norm_eps", "theta": "rope_theta"},
        fixed={"hidden_act": ("silu",), "attention_bias": (False,), "mlp_bias": (False,),
               "tie_word_embeddings": (False,)},
        check=expect_plain,
        written=rope,
        unfolded=unfolded),
    tokenizer=LLAMA3,
    fresh=fresh,
    peer_tables=peer_tables)
