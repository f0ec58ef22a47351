"""Which tokens' embeddings point the same way: cosines, exact over the whole vocabulary."""

from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np

from cutaway.errors import SettingError, ShapeMismatch
from cutaway.scratch.tokens import TokenRows, as_id
from cutaway.words import shape_in_words

_ROWS_AT_ONCE = 4096  # so many rows in float64 at a time: GPT-2's whole table would take 300 MB


class Neighbour(NamedTuple):
    """A token, and the cosine of the angle between its embedding and what was asked for."""

    token: str
    id: int
    cosine: float


class Neighbours(tuple[Neighbour, ...]):
    """Tokens, the nearest first."""

    def __repr__(self) -> str:
        widest = max((len(repr(one.token)) for one in self), default=0)
        return "\n".join(f"{place:3} {one.token!r:{widest}} {one.id:6} {one.cosine:8.4f}"
                         for place, one in enumerate(self, 1))


def cosine(first: Any, second: Any) -> float:
    """How much the same way two vectors point: 1 the same, 0 at right angles, -1 the other way.

    Raises:  ShapeMismatch for what is no vector, is all zeros, or has another length
    Source:  first . second / (|first| |second|), in float64
    """
    one, other = _direction("the first", first), _direction("the second", second)
    if one.shape != other.shape:
        raise ShapeMismatch(f"Two vectors of one length are expected; the first has {len(one)} "
                            f"numbers, the second {len(other)}.")
    return float(np.clip(one @ other, -1, 1))


def nearest(table: np.ndarray, tokens: TokenRows, vector: Any, count: int = 10,
            leave_out: str | int | Sequence[str | int] = ()) -> Neighbours:
    """The tokens whose embeddings point most nearly the same way as a vector.

    table      the token table: an embedding for each token
    vector     as many numbers as an embedding has; or a token, by its text or id
    leave_out  tokens not to be listed, by text or id. What the vector was made from is listed too
    returns    `count` Neighbour(token, id, cosine), best first; of equals the lowest id
    Raises:    UnknownToken, ShapeMismatch, SettingError
    """
    if isinstance(count, bool) or not isinstance(count, int | np.integer) or count < 1:
        raise SettingError(f"count is {count!r}; a whole number of at least 1 is expected.")
    if isinstance(vector, str | int) and not isinstance(vector, bool):
        vector = table[as_id(tokens, vector, len(table))]
    cosines = _cosines(table, _vector_for(table, vector))
    left_out = [leave_out] if isinstance(leave_out, str | int) else leave_out
    gone = {as_id(tokens, token, len(table)) for token in left_out}
    best = np.argsort(-cosines, kind="stable")[:count + len(gone)]
    ids = [int(id) for id in best if int(id) not in gone][:count]
    return Neighbours(Neighbour(tokens.label("vocabulary", id), id, float(cosines[id]))
                      for id in ids)


def _vector_for(table: np.ndarray, vector: Any) -> np.ndarray:
    found = np.shape(vector)
    if found != table.shape[1:]:
        raise ShapeMismatch(f"nearest compares with the rows of the token table: {table.shape[1]} "
                            f"numbers are expected, and this is {shape_in_words(found)}.")
    return _direction("This", vector)


def _cosines(table: np.ndarray, direction: np.ndarray) -> np.ndarray:
    """The cosine of every row with a vector of length 1; 0 for a row of zeros."""
    cosines = np.empty(len(table))
    for first in range(0, len(table), _ROWS_AT_ONCE):
        rows = np.asarray(table[first:first + _ROWS_AT_ONCE], np.float64)
        lengths = np.linalg.norm(rows, axis=1)
        lengths[lengths == 0] = 1
        cosines[first:first + len(rows)] = rows @ direction / lengths
    return np.clip(cosines, -1, 1)


def _direction(which: str, vector: Any) -> np.ndarray:
    """A vector brought to length 1."""
    try:
        numbers = np.asarray(vector, np.float64)
    except (TypeError, ValueError):
        numbers = np.zeros(())
    if numbers.ndim != 1 or not numbers.any() or not np.isfinite(numbers).all():
        raise ShapeMismatch(f"{which} points nowhere: a vector is expected, a single row of finite "
                            f"numbers that are not all 0.")
    return numbers / np.linalg.norm(numbers)
