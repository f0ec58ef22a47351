"""GELU for compiled training: the same curve without tanh, which takes three times as long
as the exponential that is enough.
"""

import math

import torch

from cutaway.engines.replacement import replaced
from cutaway.workbook.book import Book


def with_gelu_by_sigmoid(book: Book) -> Book:
    """The same book with another formula for step 14, where that is GELU alone."""

    def mlp_active(mlp_up):
        return gelu_by_sigmoid(mlp_up)

    return replaced(book, mlp_active, where={"mlp_active": "gelu(mlp_up)"})


def gelu_by_sigmoid(table: torch.Tensor) -> torch.Tensor:
    """The tanh form of GELU, where (1 + tanh(u)) / 2 is the sigmoid of 2u.  (... hidden) -> same

    Step by step it is slower; `torch.compile` makes one pass of it.
    """
    cube = table * table * table
    return table * torch.sigmoid(2 * math.sqrt(2 / math.pi) * (table + 0.044715 * cube))
