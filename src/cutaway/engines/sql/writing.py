"""A text written by a database, token by token."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from cutaway.engines.sql.run import SqlRun
from cutaway.generate.sampling import GREEDY, Sampling
from cutaway.tokenizer import TextStream


@dataclass(frozen=True)
class SqlToken:
    """A token that the database chose and appended.

    text       the text that is certain now: whole characters only
    restarted  whether every position was taken, and the newest half began anew
    """

    id: int
    text: str
    restarted: bool


def written(run: SqlRun, sampling: Sampling = GREEDY, max_tokens: int = 20,
            seed: int | None = None) -> Iterator[SqlToken]:
    """The tokens that follow a run's, each as soon as it is appended.

    At the end the database holds the choice of one token more, which is not appended.

    seed  the same draws as `generate` with this seed, and so the same text
    """
    stream = TextStream(run.model.tokenizer)
    history = list(run.ids)
    for id in history:
        stream.add(id)
    draws = drawn(sampling, seed)
    for count in range(1, max_tokens + 1):
        id = run.choose(sampling, next(draws), history)
        restarted = run.append()
        history.append(id)
        text = stream.add(id) + (stream.finish() if count == max_tokens else "")
        yield SqlToken(id, text, restarted)
    run.choose(sampling, next(draws), history)


def drawn(sampling: Sampling, seed: int | None) -> Iterator[float]:
    """The draws that `generate` makes with this seed, one a token."""
    random = np.random.default_rng(seed)
    while True:
        yield 0.0 if sampling.greedy else random.random()
