"""How the next token is chosen: five settings, checked when they are made."""

from dataclasses import dataclass
from math import isfinite
from numbers import Integral, Real

from cutaway.errors import SettingError

SMALLEST_TEMPERATURE = 1e-6  # dividing logits by anything smaller could overflow
LARGEST_PENALTY = 1_000_000  # multiplying float64 logits by much more could


@dataclass(frozen=True)
class Sampling:
    """How a token is chosen from the logits.

        Sampling(temperature=0.8, top_k=40)
        Sampling(temperature=0)              # GREEDY: always the highest logit

    temperature         what the logits are divided by: below 1 the likely tokens become likelier,
                        above 1 the unlikely ones. 0 divides nothing and takes the highest logit
    top_k               only so many of the highest logits stay; None for all
    top_p               only the likeliest tokens stay, as few as together reach this share; None
                        for all
    repetition_penalty  what the logits of the tokens that the text has already are divided by, or
                        multiplied by where they are below 0: above 1 they become less likely
    no_repeat_ngram     so many tokens in a row never come twice
    Raises:             SettingError for a value outside its range
    """

    temperature: float = 1.0
    top_k: int | None = None
    top_p: float | None = None
    repetition_penalty: float | None = None
    no_repeat_ngram: int | None = None

    def __post_init__(self):
        _check_temperature(self.temperature)
        if self.top_k is not None:
            _check_top_k(self.top_k)
        if self.top_p is not None:
            _check_top_p(self.top_p)
        if self.repetition_penalty is not None:
            _check_repetition_penalty(self.repetition_penalty)
        if self.no_repeat_ngram is not None:
            _check_no_repeat_ngram(self.no_repeat_ngram)

    @property
    def greedy(self) -> bool:
        """Whether the highest logit is taken, without a draw."""
        return self.temperature == 0

    @property
    def looks_back(self) -> bool:
        """Whether the tokens so far count."""
        return self.repetition_penalty is not None or self.no_repeat_ngram is not None


def _check_temperature(temperature: float) -> None:
    expected = ("0 (always the likeliest token) or a number above it is expected. "
                "1 leaves the model's probabilities as they are; try 0.8.")
    if not _is_number(temperature) or not isfinite(temperature) or temperature < 0:
        raise SettingError(f"The temperature is {temperature!r}; {expected}")
    if 0 < temperature < SMALLEST_TEMPERATURE:
        raise SettingError(f"The temperature is {temperature!r}, too near to 0 to divide by; "
                           f"{expected}")


def _check_top_k(top_k: int) -> None:
    if isinstance(top_k, bool) or not isinstance(top_k, Integral) or top_k < 1:
        raise SettingError(
            f"Top-k is {top_k!r}; a whole number of at least 1 is expected: how many of the "
            f"likeliest tokens stay. Try 40, or leave it out to keep them all.")


def _check_top_p(top_p: float) -> None:
    if not _is_number(top_p) or not 0 < top_p <= 1:
        raise SettingError(
            f"Top-p is {top_p!r}; a number above 0 and at most 1 is expected: the share of the "
            f"probability that the tokens that stay have together. Try 0.9 for 90%, or leave it "
            f"out to keep them all.")


def _check_repetition_penalty(penalty: float) -> None:
    if not _is_number(penalty) or not 1 / LARGEST_PENALTY <= penalty <= LARGEST_PENALTY:
        raise SettingError(
            f"The repetition penalty is {penalty!r}; a number from {1 / LARGEST_PENALTY:g} to "
            f"{LARGEST_PENALTY:,} is expected: what the logits of all tokens so far are divided "
            f"by. 1 changes nothing; try 1.2.")


def _check_no_repeat_ngram(n: int) -> None:
    if isinstance(n, bool) or not isinstance(n, Integral) or n < 1:
        raise SettingError(
            f"no_repeat_ngram is {n!r}; a whole number of at least 1 is expected: how many tokens "
            f"in a row never come twice. Try 3, or leave it out to let them.")


def _is_number(value: object) -> bool:
    return isinstance(value, Real) and not isinstance(value, bool)


GREEDY = Sampling(temperature=0)
