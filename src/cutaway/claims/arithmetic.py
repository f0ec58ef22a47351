"""Claims that need nothing but arithmetic: sizes, toy vectors, cosines, learning merges."""

from decimal import Decimal
from math import prod
from typing import Any

import numpy as np

from cutaway.claims.claim import Subject
from cutaway.models import GPT2
from cutaway.tokenizer import Merge, character_words, learn_from_words

SMALL = GPT2.published["gpt2"]
PAPER = {"low": 5, "lower": 2, "newest": 6, "widest": 3}  # Sennrich et al. (2016), figure 1

arithmetic = Subject("Arithmetic")


# ---- Sizes -----------------------------------------------------------------------------------


@arithmetic.claim(6, "V", "workshop 00:08:27", "How large GPT-2 small is",
                  {"parameters": 124_439_808, "tensors": 148, "bytes in float32": 497_759_232})
def size_of_gpt2() -> dict[str, int]:
    """Count the numbers of every weight that the definition has in GPT-2's shape."""
    parameters = GPT2.count(SMALL)
    return {"parameters": parameters, "tensors": len(GPT2.book(SMALL).weights),
            "bytes in float32": parameters * np.dtype(np.float32).itemsize}


@arithmetic.claim(64, "", "workshop 00:47:24", "The token table has a row for each token",
                  [50_257, 768])
def shape_of_the_token_table() -> list[int]:
    """Take the size of each axis of the definition's token table."""
    return _shape("token_table")


@arithmetic.claim(91, "", "workshop 00:53:30", "The position table has a row for each place",
                  [1024, 768])
def shape_of_the_position_table() -> list[int]:
    """Take the size of each axis of the definition's position table."""
    return _shape("position_table")


@arithmetic.claim(99, "", "GPT in 500 lines of SQL, Attention",
                  "Queries, keys and values: 12 heads x 64 columns x 3", 2304)
def columns_of_queries_keys_and_values() -> int:
    """Count the columns of the heads' queries, keys and values in the definition's shapes."""
    return 3 * prod(SMALL.sizes[axis] for axis in ("head", "head_embed"))


@arithmetic.claim(121, "", "workshop 01:12:11", "The MLP's widths", [768, 3072, 768])
def widths_of_the_mlp() -> list[int]:
    """Take the MLP's width and the block's from the definition's shapes."""
    return [SMALL.sizes[axis] for axis in ("embed", "hidden", "embed")]


def _shape(role: str) -> list[int]:
    book = GPT2.book(SMALL)
    return [SMALL.sizes[axis] for axis in book.weights[book.role(role)]]


# ---- Vectors ---------------------------------------------------------------------------------


@arithmetic.claim(69, "V", "workshop 00:36:30", "king - man + woman = queen, in two dimensions",
                  {"king - man + woman": [2, 2], "is": "queen"})
def toy_analogy() -> dict[str, Any]:
    """Subtract and add the four points (authority, gender), and look up whose point it is."""
    points = {"man": (1, 1), "woman": (1, 2), "king": (2, 1), "queen": (2, 2)}
    found = np.array(points["king"]) - points["man"] + points["woman"]
    return {"king - man + woman": [int(number) for number in found],
            "is": next((word for word, point in points.items() if point == tuple(found)), "")}


@arithmetic.claim(81, "V", "workshop 00:46:10", "Angle is meaning, length is popularity",
                  {"cosine (10,10) (50,50)": Decimal("1.0000"),
                   "cosine (10,10) (5,20)": Decimal("0.8575"),
                   "distance (10,10) (50,50)": Decimal("56.57"),
                   "distance (10,10) (5,20)": Decimal("11.18")})
def toy_cosines() -> dict[str, float]:
    """Calculate both cosines and both Euclidean distances."""
    first, second, third = np.array([[10, 10], [50, 50], [5, 20]])

    def cosine(one: np.ndarray, other: np.ndarray) -> float:
        return float(one @ other / (np.linalg.norm(one) * np.linalg.norm(other)))

    return {"cosine (10,10) (50,50)": cosine(first, second),
            "cosine (10,10) (5,20)": cosine(first, third),
            "distance (10,10) (50,50)": float(np.linalg.norm(first - second)),
            "distance (10,10) (5,20)": float(np.linalg.norm(first - third))}


# ---- Learning merges -------------------------------------------------------------------------


@arithmetic.claim(44, "", "workshop 00:25:33", "In the first pass e, s is met 6 + 3 times",
                  {"es": 9})
def first_pair() -> dict[str, int]:
    """Count the pairs of low x5, lower x2, newest x6, widest x3; take the first pass's."""
    first = _passes(1)[0]
    return {"".join(first.pair): first.count}


@arithmetic.claim(45, "V", "workshop 00:26:17", "The ten merges that the paper's corpus teaches",
                  {"merges": "es 9, est 9, est_ 9, lo 7, low 7, ne 6, new 6, newest_ 6, low_ 5, "
                             "wi 3",
                   "passes with a tie": [1, 2, 4, 6, 7, 10],
                   "tied in the last": ["d est_", "i d", "w i"]})
def ten_merges() -> dict[str, Any]:
    """Learn ten merges from the paper's corpus; of equal pairs, the first seen."""
    passes = _passes(10)
    return {"merges": ", ".join(f"{merge.token} {merge.count}" for merge in passes),
            "passes with a tie": [merge.number for merge in passes if len(merge.tied) > 1],
            "tied in the last": sorted(" ".join(pair) for pair in passes[-1].tied)}


@arithmetic.claim(46, "V", "workshop 00:27:04", "The corpus shrinks from 95 tokens, merge by merge",
                  [95, 86, 77, 68, 61, 54, 48, 42, 36, 31, 28])
def tokens_after_each_merge() -> list[int]:
    """Count the corpus's tokens before the first merge and after each of the ten."""
    passes = _passes(10)
    return [passes[0].tokens_before, *(merge.tokens_after for merge in passes)]


def _passes(count: int) -> list[Merge[str]]:
    return list(learn_from_words(character_words(PAPER), count))
