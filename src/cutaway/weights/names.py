"""The names of GPT-2's parameters: ours, and how OpenAI, Hugging Face and the CSVs spell them.

    ours                 h3.c_attn_w
    OpenAI               model/h3/attn/c_attn/w
    Hugging Face         transformer.h.3.attn.c_attn.weight     (also without `transformer.`)
    the workshop's CSVs  model_h3_attn_c_attn_w.csv

All four store a weight as input rows x output columns, so nothing is ever transposed.
"""

import re
from dataclasses import dataclass


@dataclass(frozen=True)
class Parameter:
    """One parameter in three spellings, without its block's number."""

    ours: str
    openai: str
    hugging_face: str

    @property
    def csv(self) -> str:
        """OpenAI's name as the workshop's files have it, where a file name can hold no slash."""
        return self.openai.replace("/", "_")


BEFORE_BLOCKS = (
    Parameter("wte", "wte", "wte.weight"),
    Parameter("wpe", "wpe", "wpe.weight"),
)
IN_BLOCK = (
    Parameter("ln_1_g", "ln_1/g", "ln_1.weight"),
    Parameter("ln_1_b", "ln_1/b", "ln_1.bias"),
    Parameter("c_attn_w", "attn/c_attn/w", "attn.c_attn.weight"),
    Parameter("c_attn_b", "attn/c_attn/b", "attn.c_attn.bias"),
    Parameter("attn_c_proj_w", "attn/c_proj/w", "attn.c_proj.weight"),
    Parameter("attn_c_proj_b", "attn/c_proj/b", "attn.c_proj.bias"),
    Parameter("ln_2_g", "ln_2/g", "ln_2.weight"),
    Parameter("ln_2_b", "ln_2/b", "ln_2.bias"),
    Parameter("c_fc_w", "mlp/c_fc/w", "mlp.c_fc.weight"),
    Parameter("c_fc_b", "mlp/c_fc/b", "mlp.c_fc.bias"),
    Parameter("mlp_c_proj_w", "mlp/c_proj/w", "mlp.c_proj.weight"),
    Parameter("mlp_c_proj_b", "mlp/c_proj/b", "mlp.c_proj.bias"),
)
AFTER_BLOCKS = (
    Parameter("ln_f_g", "ln_f/g", "ln_f.weight"),
    Parameter("ln_f_b", "ln_f/b", "ln_f.bias"),
)

# Each spelling: what stands before every name, how a block's number is written, and the field.
_SPELLINGS = (
    (re.compile(r"(?:h(?P<block>\d+)\.)?(?P<rest>.+)"), "ours"),
    (re.compile(r"(?:transformer\.)?(?:h\.(?P<block>\d+)\.)?(?P<rest>.+)"), "hugging_face"),
    (re.compile(r"model/(?:h(?P<block>\d+)/)?(?P<rest>.+)"), "openai"),
    (re.compile(r"model_(?:h(?P<block>\d+)_)?(?P<rest>.+)"), "csv"),
)

LM_HEAD = "lm_head.weight"  # Hugging Face's second name for `wte`, where a file stores it twice


def our_name(stored: str) -> str | None:
    """Our full name for a tensor, however its file spells it; None for one that GPT-2 lacks.

    our_name("transformer.h.3.attn.c_attn.weight")     "h3.c_attn_w"
    our_name("model/h3/attn/c_attn/w")                 "h3.c_attn_w"
    our_name("transformer.h.3.attn.masked_bias")       None: an old helper table, no parameter
    """
    for pattern, spelling in _SPELLINGS:
        found = pattern.fullmatch(stored)
        if found is None:
            continue
        block, rest = found["block"], found["rest"]
        for parameter in IN_BLOCK if block else BEFORE_BLOCKS + AFTER_BLOCKS:
            if getattr(parameter, spelling) == rest:
                return f"h{int(block)}.{parameter.ours}" if block else parameter.ours
    return None


def hugging_face_name(name: str) -> str:
    """How Hugging Face's `GPT2LMHeadModel` spells the parameter that we call `name`."""
    block, parameter = _parse(name)
    within = "" if block is None else f"h.{block}."
    return f"transformer.{within}{parameter.hugging_face}"


def openai_name(name: str) -> str:
    """How OpenAI's checkpoint spells the parameter that we call `name`."""
    block, parameter = _parse(name)
    within = "" if block is None else f"h{block}/"
    return f"model/{within}{parameter.openai}"


def is_vector(name: str) -> bool:
    """Whether the parameter is one row of numbers: a gain, a shift or a bias."""
    return name.endswith(("_g", "_b"))


def reading_order(name: str) -> tuple[int, int, int]:
    """Where a parameter stands when GPT-2 is read from top to bottom; a key to sort names by."""
    block, parameter = _parse(name)
    if block is not None:
        return 1, block, IN_BLOCK.index(parameter)
    if parameter in BEFORE_BLOCKS:
        return 0, 0, BEFORE_BLOCKS.index(parameter)
    return 2, 0, AFTER_BLOCKS.index(parameter)


def _parse(name: str) -> tuple[int | None, Parameter]:
    before, dot, rest = name.rpartition(".")
    for parameter in IN_BLOCK if dot else BEFORE_BLOCKS + AFTER_BLOCKS:
        if parameter.ours == rest:
            return (int(before.removeprefix("h")) if dot else None), parameter
    raise KeyError(name)
