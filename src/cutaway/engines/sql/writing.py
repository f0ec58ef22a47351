"""A text written by a database, token by token."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from cutaway.engines.sql.model_tables import SqlRun
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

    seed  the same draws as `generate` with this seed, and so the same text
    """
    stream = TextStream(run.model.tokenizer)
    for id in run.ids:
        stream.add(id)
    random = np.random.default_rng(seed)
    for count in range(1, max_tokens + 1):
        id = run.choose(sampling, 0.0 if sampling.greedy else random.random())
        before = len(run.ids)
        run.append()
        text = stream.add(id) + (stream.finish() if count == max_tokens else "")
        yield SqlToken(id, text, len(run.ids) <= before)
