"""Measuring claims: each is the same, differs, or needs what is not at hand."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING, Any, Literal

from cutaway.claims.claim import Claim
from cutaway.errors import CutawayError
from cutaway.models import GPT2

if TYPE_CHECKING:
    from cutaway.model import Model
    from cutaway.tokenizer import Tokenizer

Outcome = Literal["same", "differs", "needs"]
NAME = "gpt2"
COMMAND = f"cutaway fetch {NAME}"
NEEDS_WEIGHTS = f"OpenAI's weights: {COMMAND}"
# Source: the hub's record of model.safetensors in openai-community/gpt2.
SHA256 = "248dfc3911869ec493c76e65bf2fcf7f615828b0254c12b473182f0f81d3a707"


@dataclass(frozen=True)
class Measured:
    """A claim with what came of it.

    outcome  "same", "differs", or "needs": it cannot be measured here
    value    what was measured; None where nothing was
    needs    what it cannot be measured without, in words with the command that brings it
    """

    claim: Claim
    outcome: Outcome
    value: Any = None
    needs: str = ""


def is_gpt2(model: "Model") -> bool:
    """Whether a model is GPT-2 small by its shape; its weights may be another's, such as those of a
    model that was trained further."""
    return model.architecture is GPT2 and model.config == GPT2.published[NAME]


def is_openais(model: "Model") -> bool:
    """Whether a model's file is OpenAI's, byte for byte as the hub has it."""
    import hashlib

    file = model.weights.file
    if not file.is_file():
        return False
    with file.open("rb") as opened:
        return hashlib.file_digest(opened, "sha256").hexdigest() == SHA256


def measured(claims: Iterable[Claim], model: "Model | None" = None) -> Iterator[Measured]:
    """Each claim with what was measured, as soon as it is.

    model  GPT-2, where it is at hand; any other model is not asked
    """
    vocabulary, missing = _vocabulary()
    given = {"vocabulary": vocabulary,
             "model": model if model is not None and is_gpt2(model) and vocabulary is not None
             and model.tokenizer.merges == vocabulary.merges else None}
    needed = {"vocabulary": missing, "model": NEEDS_WEIGHTS}
    for claim in claims:
        if claim.needs and given[claim.needs] is None:
            yield Measured(claim, "needs", needs=needed[claim.needs])
            continue
        value = claim.measure(given[claim.needs]) if claim.needs else claim.measure()
        yield Measured(claim, "same" if claim.agrees(claim.claimed, value) else "differs", value)


def _vocabulary() -> "tuple[Tokenizer | None, str]":
    """GPT-2's own vocabulary, or why it is not at hand."""
    from cutaway.model import open_tokenizer

    try:
        return open_tokenizer(NAME), ""
    except CutawayError as error:
        return None, str(error)


def in_words(value: Any) -> str:
    """A claimed or measured value as a line of text."""
    if isinstance(value, dict):
        return "; ".join(f"{_name(name)}: {in_words(one)}" for name, one in value.items())
    if isinstance(value, list):
        between = " " if all(isinstance(one, int) for one in value) else ", "
        return between.join(map(in_words, value))
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, int):
        return str(value) if value < 100_000 else f"{value:,}"
    if isinstance(value, float):
        return f"{value:.7g}"
    return str(value) if isinstance(value, Decimal) else _name(value)


def _name(text: str) -> str:
    """A text, quoted where its ends would not be seen."""
    return repr(text) if text != text.strip() or "\n" in text else text


def plain(value: Any) -> Any:
    """A value as JSON has it: the digits of a claimed number are kept as text."""
    if isinstance(value, dict):
        return {name: plain(one) for name, one in value.items()}
    if isinstance(value, list):
        return [plain(one) for one in value]
    return str(value) if isinstance(value, Decimal) else value
