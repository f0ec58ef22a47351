"""How programs that state GPT-2 in PyTorch call its tensors: one record each.

A new program is one more record. Where it has queries, keys and values apart, the record names the
three; all of them have `nn.Linear`'s weights, output rows x input columns, which are turned.

Source: rasbt/LLMs-from-scratch, ch04 and ch05; karpathy/minGPT, mingpt/model.py, of 2022 and before
"""

from collections.abc import Mapping
from dataclasses import dataclass

from cutaway.models import GPT2
from cutaway.models.architecture import BLOCK
from cutaway.weights.names import block_of

Spelled = str | tuple[str, ...]
LINEAR = ("c_attn.weight", "c_proj.weight", "c_fc.weight")


@dataclass(frozen=True)
class Layout:
    """The names that one program gives to GPT-2's tensors.

    program     as messages call it
    names       theirs for each of ours; three for queries, keys and values
    block       what the name of a tensor in a block begins with, the block's number as a group
    activation  the curve of its MLP, as a config.json calls it
    helpers     the ends of the names of tables that hold no parameters, such as the causal mask
    """

    program: str
    names: Mapping[str, Spelled]
    block: str
    activation: str
    helpers: tuple[str, ...]

    def spelled(self, ours: str) -> tuple[str, ...]:
        """Their names for one of our tensors: "h3.c_attn_w" is three where they are apart."""
        theirs = self.names[ours.rpartition(".")[2]]
        parts = (theirs,) if isinstance(theirs, str) else theirs
        return tuple(part.replace(BLOCK, str(block_of(ours))) for part in parts)


GPT2_NAMED = Layout(
    "GPT-2", {one.name: one.hugging_face.removeprefix(GPT2.prefix) for one in GPT2.parameters},
    r"(?:^|\.)h\.([0-9]+)\.", "gelu_new", ("attn.bias", "attn.masked_bias"))

LLMS_FROM_SCRATCH = Layout("LLMs-from-scratch", {
    "wte": "tok_emb.weight",
    "wpe": "pos_emb.weight",
    "ln_1_g": "trf_blocks.{block}.norm1.scale",
    "ln_1_b": "trf_blocks.{block}.norm1.shift",
    "c_attn_w": tuple(f"trf_blocks.{{block}}.att.{part}.weight"
                      for part in ("W_query", "W_key", "W_value")),
    "c_attn_b": tuple(f"trf_blocks.{{block}}.att.{part}.bias"
                      for part in ("W_query", "W_key", "W_value")),
    "attn_c_proj_w": "trf_blocks.{block}.att.out_proj.weight",
    "attn_c_proj_b": "trf_blocks.{block}.att.out_proj.bias",
    "ln_2_g": "trf_blocks.{block}.norm2.scale",
    "ln_2_b": "trf_blocks.{block}.norm2.shift",
    "c_fc_w": "trf_blocks.{block}.ff.layers.0.weight",
    "c_fc_b": "trf_blocks.{block}.ff.layers.0.bias",
    "mlp_c_proj_w": "trf_blocks.{block}.ff.layers.2.weight",
    "mlp_c_proj_b": "trf_blocks.{block}.ff.layers.2.bias",
    "ln_f_g": "final_norm.scale",
    "ln_f_b": "final_norm.shift",
    "lm_head": "out_head.weight",
}, r"trf_blocks\.([0-9]+)\.", "gelu_new", ("att.mask",))

MINGPT_OF_2020 = Layout("minGPT of before 2022", {
    "wte": "tok_emb.weight",
    "wpe": "pos_emb",
    "ln_1_g": "blocks.{block}.ln1.weight",
    "ln_1_b": "blocks.{block}.ln1.bias",
    "c_attn_w": tuple(f"blocks.{{block}}.attn.{part}.weight"
                      for part in ("query", "key", "value")),
    "c_attn_b": tuple(f"blocks.{{block}}.attn.{part}.bias" for part in ("query", "key", "value")),
    "attn_c_proj_w": "blocks.{block}.attn.proj.weight",
    "attn_c_proj_b": "blocks.{block}.attn.proj.bias",
    "ln_2_g": "blocks.{block}.ln2.weight",
    "ln_2_b": "blocks.{block}.ln2.bias",
    "c_fc_w": "blocks.{block}.mlp.0.weight",
    "c_fc_b": "blocks.{block}.mlp.0.bias",
    "mlp_c_proj_w": "blocks.{block}.mlp.2.weight",
    "mlp_c_proj_b": "blocks.{block}.mlp.2.bias",
    "ln_f_g": "ln_f.weight",
    "ln_f_b": "ln_f.bias",
    "lm_head": "head.weight",
}, r"blocks\.([0-9]+)\.", "gelu", ("attn.mask",))

LAYOUTS = (GPT2_NAMED, LLMS_FROM_SCRATCH, MINGPT_OF_2020)
