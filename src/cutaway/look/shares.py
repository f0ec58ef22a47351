"""Which tables are shares: numbers of which each row sums to 1."""

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
