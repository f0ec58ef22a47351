"""Surprise: how unexpected each token of a text was to the model that read it."""

import math
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from cutaway.errors import BookError
from cutaway.look.guesses import Guess
from cutaway.workbook.run import Run

LEVELS = (1, 3, 6, 10)  # bits, where the next shade begins: as likely as 1/2, 1/8, 1/64, 1/1024


@dataclass(frozen=True)
class Surprise:
    """How unexpected one token was, after those before it.

    place     where it is in the text, from 0
    nats      minus the natural logarithm of its probability: the loss; None for the first token,
              which nothing comes before
    rank      1 when it was the likeliest; of equals, the lowest id is before the others
    likelier  the likeliest tokens in its place, best first: itself where it is among them
    """

    place: int
    id: int
    text: str
    nats: float | None = None
    rank: int | None = None
    likelier: tuple[Guess, ...] = ()

    @property
    def bits(self) -> float | None:
        """The same as a number of coin tosses: 1 for a probability of a half."""
        return None if self.nats is None else self.nats / math.log(2)

    @property
    def level(self) -> int:
        """Which of the shades it is shown in: 0 for what was expected, up to len(LEVELS)."""
        return 0 if self.bits is None else sum(self.bits >= level for level in LEVELS)

    @property
    def probability(self) -> float | None:
        """The share that the model gave it."""
        return None if self.nats is None else math.exp(-self.nats)


@dataclass(frozen=True)
class Loss:
    """The surprise of a whole text: of how many tokens, and in all."""

    n_tokens: int
    nats: float

    @property
    def mean(self) -> float:
        """Nats a token, as training counts them."""
        return self.nats / self.n_tokens if self.n_tokens else 0.0

    @property
    def bits(self) -> float:
        """The same as a number of coin tosses."""
        return self.nats / math.log(2)

    @property
    def perplexity(self) -> float:
        """Among how many equally likely tokens it would be as hard to choose."""
        return math.exp(self.mean) if self.mean < 700 else math.inf


def surprises(start: Callable[[Sequence[int]], Run], ids: Sequence[int], n_positions: int,
              likelier: int = 5) -> Iterator[Surprise]:
    """The surprise of every token of a text, as the model reads it.

        for one in surprises(model.run, model.tokenizer.encode(text), model.config.n_positions):
            print(one.text, one.bits)

    A text longer than the model's positions is read in windows: each token is predicted from at
    least half as many tokens as there are positions, or from all that come before it.

    start    what makes a run of some ids
    Raises:  EmptyPrompt; NoSuchRole when the model has no table of every position's logits
    Source:  the loss is the cross-entropy of Shannon 1948, as transformers calculates it
    """
    for begin, first, end in windows(len(ids), n_positions):
        run = start(ids[begin:end])
        table = run[run.book.role("logits")]
        if begin == 0:
            yield Surprise(0, int(ids[0]), table.label("vocabulary", int(ids[0])))
        for place in range(first, min(end + 1, len(ids))):
            yield _surprise(table.array[place - 1 - begin], place, int(ids[place]), likelier,
                            lambda id, table=table: table.label("vocabulary", id))


def windows(n_tokens: int, n_positions: int) -> Iterator[tuple[int, int, int]]:
    """What is read at once: from which token, to before which, and the first that it scores.

    A window predicts the token after it as well.
    returns  (begin, first scored, end)
    """
    end = min(n_tokens, n_positions)
    yield 0, 1, end
    while end + 1 < n_tokens:
        first = end + 1
        begin = first - max(1, n_positions // 2)
        end = min(n_tokens, begin + n_positions)
        yield begin, first, end


def loss(found: Iterable[Surprise]) -> Loss:
    """All of a text in one number."""
    nats = [one.nats for one in found if one.nats is not None]
    return Loss(len(nats), math.fsum(nats))


def _surprise(logits: np.ndarray, place: int, id: int, likelier: int,
              text_of: Callable[[int], str]) -> Surprise:
    scores = logits.astype(np.float64)
    largest = scores.max()
    if not math.isfinite(largest):  # NaN, infinity, or every logit minus infinity
        raise BookError(f"The logits before token {place} are no numbers to compare: an edit, a "
                        f"formula or a weight above made NaN or infinity.")
    log_of_all = largest + np.log(np.exp(scores - largest).sum())
    nats = float(log_of_all - scores[id])
    rank = 1 + int((scores > scores[id]).sum() + (scores[:id] == scores[id]).sum())
    lowest = np.partition(scores, -likelier)[-likelier] if likelier < len(scores) else -np.inf
    some = np.flatnonzero(scores >= lowest)
    best = some[np.argsort(-scores[some], kind="stable")][:likelier]
    guesses = tuple(Guess(int(one), text_of(int(one)), math.exp(scores[one] - log_of_all))
                    for one in best)
    return Surprise(place, id, text_of(id), nats, rank, guesses)
