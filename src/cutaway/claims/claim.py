"""A claim: a number or a text that a source states about GPT-2, and how it is measured here.

    tokens = Subject("Tokens")

    @tokens.claim(38, "V", "workshop 00:19:40", "“ reinjury” is “ rein” + “jury”", [6865, 21871])
    def ids_of_reinjury(vocabulary):
        \"\"\"Encode “ reinjury”.\"\"\"
        return vocabulary.encode(" reinjury")

What is claimed is data; what is measured is calculated. The function's parameter says what it
needs, as a step's parameters say what it reads: `vocabulary`, GPT-2's own tokenizer, or `model`,
GPT-2 with OpenAI's weights. A function without one needs arithmetic alone.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from decimal import Decimal
from inspect import signature
from typing import Any, Literal

Mark = Literal["V", "M", ""]
Needs = Literal["", "vocabulary", "model"]
Agrees = Callable[[Any, Any], bool]


def same(claimed: Any, measured: Any) -> bool:
    """Whether a measured value is what was claimed: a `Decimal` to as many digits as it states."""
    if isinstance(claimed, Decimal):
        places = -int(claimed.as_tuple().exponent)
        return round(Decimal(float(measured)), places) == claimed
    if isinstance(claimed, dict):
        return isinstance(measured, dict) and claimed.keys() == measured.keys() and all(
            same(value, measured[name]) for name, value in claimed.items())
    if isinstance(claimed, list):
        return len(claimed) == len(measured) and all(map(same, claimed, measured))
    return claimed == measured


@dataclass(frozen=True)
class Claim:
    """One claim of a source.

    item      the item of the workshop's list: 37 is W37
    mark      "V": verified with GPT-2's vocabulary or by arithmetic; "M": to be measured with
              OpenAI's weights; "" for what a source states in passing
    source    where it is stated: "workshop 00:22:09"
    says      what is claimed, in words
    claimed   the value; a `Decimal` has as many digits as the source gives
    measure   what measures it
    agrees    (claimed, measured) -> whether they are the same
    """

    item: int
    mark: Mark
    source: str
    says: str
    claimed: Any
    measure: Callable[..., Any]
    agrees: Agrees = same

    @property
    def name(self) -> str:
        """The item as documents and pages refer to it."""
        return f"W{self.item}"

    @property
    def needs(self) -> Needs:
        """What it is measured with: the parameter of its function."""
        return next(iter(signature(self.measure).parameters), "")  # type: ignore[return-value]

    @property
    def how(self) -> str:
        """How it is measured, in a sentence."""
        return " ".join((self.measure.__doc__ or "").split())


@dataclass(frozen=True)
class Subject:
    """The claims about one subject, in order."""

    title: str
    claims: list[Claim] = field(default_factory=list)

    def claim(self, item: int, mark: Mark, source: str, says: str, claimed: Any, *,
              agrees: Agrees = same) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
        """Enter a claim, with the function below as what measures it."""
        def enter(measure: Callable[..., Any]) -> Callable[..., Any]:
            self.claims.append(Claim(item, mark, source, says, claimed, measure, agrees))
            return measure

        return enter
