"""Which tables are shares: numbers of which each row sums to 1."""

import numpy as np

from cutaway.errors import UnsupportedStep
from cutaway.workbook.book import Book
from cutaway.workbook.symbol import trace


def is_shares(book: Book, name: str) -> bool:
    """Whether a table's formula gives shares of 1 in each row: attention, probabilities."""
    if name not in book.nodes:
        return False
    try:
        return trace(book, name).operation == "softmax"
    except UnsupportedStep:
        return False


def look_like_shares(numbers: np.ndarray) -> bool:
    """Whether numbers look like shares of 1 in each row, where no book tells their formula."""
    first = numbers[0] if numbers.ndim > 1 and len(numbers) else numbers
    return all(bool((part >= 0).all()) and bool(np.allclose(part.sum(axis=-1), 1, atol=1e-4))
               for part in (first, numbers))
