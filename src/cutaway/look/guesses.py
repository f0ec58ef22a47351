"""The next token: the likeliest ones, the guess after each block, and what a change moved."""

from dataclasses import dataclass

import numpy as np

from cutaway.workbook.run import Run


@dataclass(frozen=True)
class Guess:
    """A token that might come next."""

    id: int
    text: str
    probability: float


@dataclass(frozen=True)
class MovedGuess:
    """A token's probability in one run and in another."""

    id: int
    text: str
    before: float
    after: float


def likeliest(run: Run, count: int) -> list[Guess]:
    """The likeliest next tokens, best first; of equals, the lowest id first.

    Raises:  NoSuchRole when the model has no table of the next token's probabilities
    """
    table = run[run.book.role("next_probabilities")]
    best = (-table.array).argsort(kind="stable")[:count]
    return [Guess(int(i), table.label("vocabulary", int(i)), float(table.array[i])) for i in best]


def last_block_output(run: Run) -> str:
    """The table that the last block hands on.  Raises:  NoSuchRole"""
    return run.book.role("block_output", run.book.blocks[-1])


def ended_after(run: Run, table: str) -> Run:
    """The run in which the language head reads this table in place of the last block's.

    Source:  the "logit lens", nostalgebraist 2020
    Raises:  NoSuchRole, ShapeMismatch when the table has other axes than a block's output
    """
    last = last_block_output(run)
    return run if table == last else run.edit(last, run[table].array)


def guess_after(run: Run, table: str) -> Guess:
    """The next token if the language head read this table in place of the last block's."""
    ended = ended_after(run, table)
    shares = ended[ended.book.role("next_probabilities")]
    best = int(shares.array.argmax())
    return Guess(best, shares.label("vocabulary", best), float(shares.array[best]))


def guesses_by_block(run: Run) -> list[Guess]:
    """The next token if the model ended after each block, the first block's first."""
    return [guess_after(run, run.book.role("block_output", block)) for block in run.book.blocks]


def moved_guesses(before: Run, after: Run, count: int) -> list[MovedGuess]:
    """The likeliest next tokens of either run, by the larger of their two probabilities."""
    one = before[before.book.role("next_probabilities")]
    other = after[after.book.role("next_probabilities")]
    shared = min(len(one.array), len(other.array))
    larger = np.maximum(one.array[:shared], other.array[:shared])
    best = (-larger).argsort(kind="stable")[:count]
    return [MovedGuess(int(i), one.label("vocabulary", int(i)), float(one.array[i]),
                       float(other.array[i])) for i in best]
