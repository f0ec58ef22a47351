"""The names of a model's parameters: ours, and how OpenAI, Hugging Face and the CSVs spell them.

What they are is in the record of the architecture (`models/gpt2_record.py`); here they are found.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from cutaway.models import GPT2
from cutaway.models.architecture import BLOCK, Architecture

LONGEST_NAME = 200  # a longer name is nobody's; one of a million digits takes minutes to read


@dataclass(frozen=True)
class Found:
    """The parameter behind a stored name.

    name        ours, in full
    transposed  whether the file has it as output rows x input columns
    """

    name: str
    transposed: bool


def find_name(stored: str, architecture: Architecture = GPT2) -> Found | None:
    """The parameter behind a tensor's name, however its file spells it; None where there is none.

        find_name("transformer.h.3.ln.bias")    Found("h3.ln_b", transposed=False)
    """
    for spelled, block in _templates(stored):
        parameter, file_format = architecture.spellings.get(spelled, (None, ""))
        if parameter is not None and parameter.in_block == (block is not None):
            name = parameter.name if block is None else f"h{block}.{parameter.name}"
            return Found(name, file_format in parameter.output_by_input)
    return None


def our_name(stored: str, architecture: Architecture = GPT2) -> str | None:
    """Our full name for a tensor, however its file spells it; None for one that the model lacks.

    our_name("transformer.h.3.ln.bias")             "h3.ln_b"
    our_name("model/h3/ln/b")                       "h3.ln_b"
    our_name("transformer.h.3.attn.masked_bias")    None: an old helper table, no parameter
    """
    found = find_name(stored, architecture)
    return found.name if found else None


def stored_name(name: str, file_format: str, architecture: Architecture = GPT2) -> str:
    """How one of the `FORMATS` spells the parameter that we call `name`.

    stored_name("h3.ln_b", "hugging_face")     "transformer.h.3.ln.bias"
    """
    return architecture.parameter(name).spelled(file_format).replace(BLOCK, str(block_of(name)))


def is_vector(name: str, architecture: Architecture = GPT2) -> bool:
    """Whether the parameter is one row of numbers: a gain, a shift or a bias."""
    return len(architecture.axes(name)) == 1


def block_of(name: str) -> int | None:
    """The number of the block that a parameter is in; None outside the blocks."""
    before, dot, _ = name.rpartition(".")
    return int(before.removeprefix("h")) if dot else None


def reading_order(name: str, architecture: Architecture = GPT2) -> tuple[int, int, int]:
    """Where a parameter is when the model is read from top to bottom; a key to sort names by."""
    block, ordered = block_of(name), architecture.parameters
    place = ordered.index(architecture.parameter(name))
    if block is not None:
        return 1, block, place
    blocks_are_before = any(one.in_block for one in ordered[:place])
    return 2 if blocks_are_before else 0, 0, place


def _templates(stored: str) -> Iterator[tuple[str, int | None]]:
    """The ways to read a name: as it is, and with each number in it as that of a block."""
    yield stored, None
    if len(stored) > LONGEST_NAME:
        return
    for number in re.finditer(r"[0-9]+", stored):
        yield stored[:number.start()] + BLOCK + stored[number.end():], int(number[0])
