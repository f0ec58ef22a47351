"""Whose tokens the page's views of the tokenizer show: the open model's, or GPT-2's own."""

from functools import cache
from typing import Any

from cutaway.model import GPT2, open_tokenizer
from cutaway.studio.message import Message
from cutaway.tokenizer import N_GPT2_TOKENS, Tokenizer

MODEL = "model"


def tokenizers(workspace: Any, message: Message) -> dict[str, Any]:
    """The tokenizers that can be chosen, the open model's first. GPT-2's own is left out where the
    model has it."""
    own = workspace.model.tokenizer
    found = [{"name": MODEL, "title": workspace.model.name, "n_tokens": len(own)}]
    if len(own) != N_GPT2_TOKENS or own != gpt2_tokenizer():
        found.append({"name": GPT2, "title": GPT2, "n_tokens": N_GPT2_TOKENS})
    return {"tokenizers": found}


def chosen_tokenizer(workspace: Any, message: Message) -> Tokenizer:
    """The one that a message names in `tokenizer`; the open model's when it names none.

    Raises:  MessageError, MissingExtra, TokenizerFileError
    """
    name = message.choice("tokenizer", (MODEL, GPT2), default=MODEL)
    return workspace.model.tokenizer if name == MODEL else gpt2_tokenizer()


@cache
def gpt2_tokenizer() -> Tokenizer:
    """GPT-2's own, read once."""
    return open_tokenizer(GPT2)
