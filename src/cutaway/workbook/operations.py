"""The words that formulas are written with, besides `@ + - * /`.

Every operation is stated here for NumPy arrays. An engine that calculates with something else
(torch tensors, symbolic tables) adds its own form with `softmax.register(TheirType)`; which form
runs is decided by the type of the first argument. All of them accept any leading batch axes.

Shapes are given by axis name; `...` stands for the axes in front, which pass through untouched.
"""

from collections.abc import Callable
from functools import singledispatch
from math import erf
from math import sqrt as square_root
from typing import Any

import numpy as np

OPERATIONS: dict[str, Callable] = {}


def operation(function: Callable) -> Any:
    """Enter a function into the vocabulary of formulas, open to forms for other types."""
    dispatching = singledispatch(function)
    OPERATIONS[function.__name__] = dispatching
    return dispatching


@operation
def sqrt(number):
    """The square root of a plain number."""
    return square_root(number)


@operation
def last_axis(table):
    """How many columns the table has: the length of its last axis."""
    return table.shape[-1]


@operation
def transpose(table):
    """Rows become columns.  (... a b) -> (... b a)"""
    return table.swapaxes(-1, -2)


@operation
def look_up(table, rows):
    """The rows of a table that a list of row numbers asks for.  (n embed), (...) -> (... embed)"""
    return table[rows]


@operation
def part(table, index, of):
    """One of `of` equal parts of a table's columns, counted from 0.  (... c) -> (... c/of)"""
    width = table.shape[-1] // of
    return table[..., index * width:(index + 1) * width]


@operation
def split_heads(table, n_head):
    """The columns dealt out to heads.  (... position embed) -> (... head position head_embed)"""
    *front, n_position, n_embed = table.shape
    return table.reshape(*front, n_position, n_head, n_embed // n_head).swapaxes(-2, -3)


@operation
def merge_heads(table):
    """The heads side by side again.  (... head position head_embed) -> (... position embed)"""
    *front, n_head, n_position, n_head_embed = table.shape
    return table.swapaxes(-2, -3).reshape(*front, n_position, n_head * n_head_embed)


@operation
def repeat_heads(table, times):
    """Each head `times` times in a row.  (... key_head position head_embed) -> (... head, same)

    Where several heads of queries share one head of keys and values.
    Source: Ainslie et al. 2023, "GQA: Training Generalized Multi-Query Transformer Models"
    """
    return table.repeat(times, axis=-3)


@operation
def rotate(table, positions, theta):
    """Each row turned by an angle for its position, so that a dot product of two rows depends on
    how far apart they are.  (... position head_embed), (position) -> the first's

    The columns are turned in pairs: column i of the first half with column i of the second, by
    positions * theta ** (-i / half).
    Source: Su et al. 2021, "RoFormer"; the pairs as Hugging Face's models have them.
    """
    half = table.shape[-1] // 2
    angles = positions[..., None] * np.exp(np.arange(half) * (-np.log(theta) / half))
    if positions.ndim > 1:  # a batch's: the heads have no angles of their own
        between = range(positions.ndim - 1, table.ndim - 2)
        angles = np.expand_dims(angles, tuple(between))
    cosines = np.cos(angles).astype(table.dtype)
    sines = np.sin(angles).astype(table.dtype)
    first, second = table[..., :half], table[..., half:]
    return np.concatenate([first * cosines - second * sines,
                           second * cosines + first * sines], axis=-1)


@operation
def causal(scores):
    """Scores with everything that lies ahead set to minus infinity.  (... position source), same

    The rows are the last positions: where there are fewer rows than columns, the earlier
    positions were calculated before.
    """
    n_position, n_source = scores.shape[-2:]
    allowed = np.tri(n_position, n_source, n_source - n_position, dtype=bool)
    return np.where(allowed, scores, scores.dtype.type(-np.inf))


@operation
def softmax(table):
    """Each row as shares of 1: exp(x) / sum(exp(x)).  (... column), same

    The row's maximum is taken off first. It cancels out, and keeps exp() from overflowing.
    """
    shares = np.exp(table - table.max(axis=-1, keepdims=True))
    shares /= shares.sum(axis=-1, keepdims=True)
    return shares


@operation
def normalise(table, eps):
    """Each row moved to mean 0 and scaled to variance 1.  (... column), same

    The variance is the population's (divided by n, not n - 1); eps keeps a constant row finite.
    """
    centred = table - table.mean(axis=-1, keepdims=True)
    variance = (centred * centred).mean(axis=-1, keepdims=True)
    return centred / np.sqrt(variance + eps)


@operation
def rms_normalise(table, eps):
    """Each row scaled so that its squares have the mean 1.  (... column), same

    Source: Zhang and Sennrich 2019, "Root Mean Square Layer Normalization"
    """
    return table / np.sqrt((table * table).mean(axis=-1, keepdims=True) + eps)


@operation
def gelu(table):
    """Gaussian error linear unit: lets large numbers through, holds negative ones back.

    Source: Hendrycks and Gimpel 2016, the tanh form. GPT-2 was trained with it;
            the exact one moves every logit.
    """
    cube = table * table * table
    return 0.5 * table * (1 + np.tanh(square_root(2 / np.pi) * (table + 0.044715 * cube)))


@operation
def exact_gelu(table):
    """The same unit as it was first stated: each number times the normal distribution below it.

    BERT and nanoGPT calculate with it, GPT-2 with `gelu`.
    Source: Hendrycks and Gimpel 2016, table * Phi(table)
    """
    below = 0.5 * (1 + _error_function(table / square_root(2)))
    return (table * below).astype(table.dtype)


_error_function = np.vectorize(erf, otypes=[np.float64])  # which NumPy lacks


@operation
def quick_gelu(table):
    """Nearly the same with a sigmoid: table * sigmoid(1.702 * table), written with tanh.

    Source: Hendrycks and Gimpel 2016, section 2, the second approximation
    """
    return 0.5 * table * (1 + np.tanh(0.851 * table))


@operation
def relu(table):
    """Rectified linear unit: positive numbers as they are, 0 for negative ones.

    Source: Nair and Hinton 2010
    """
    return np.maximum(table, 0)


@operation
def silu(table):
    """Sigmoid linear unit, table * sigmoid(table): another curve of the same kind as gelu.

    The sigmoid is written with tanh, which no large number makes overflow.
    Source: Hendrycks and Gimpel 2016; as "Swish", Ramachandran et al. 2017
    """
    return 0.5 * table * (1 + np.tanh(0.5 * table))


@operation
def last_row(table):
    """The newest position's row.  (... position column) -> (... column)"""
    return table[..., -1, :]
