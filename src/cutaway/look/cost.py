"""What a model costs: how many numbers it has learned, how many multiplications a prediction is."""

from contextlib import suppress
from functools import lru_cache
from math import prod

from cutaway.errors import UnsupportedStep
from cutaway.workbook.book import Book
from cutaway.workbook.run import Run
from cutaway.workbook.symbol import trace


def parameter_count(book: Book) -> int:
    """How many numbers all weights have together."""
    return sum(prod(book.sizes[axis] for axis in axes) for axes in book.weights.values())


def multiplications(run: Run) -> dict[str, int]:
    """For every table that a product makes, how many numbers are multiplied for it.

    The counts depend on the shapes alone: they are the same for every text of so many tokens.
    """
    counted: dict[str, int] = {}
    for name, rows, columns in _products(run.book):
        sizes = [len(run.ids) if size is None else size for size in (*rows, columns)]
        counted[name] = counted.get(name, 0) + prod(sizes)
    return counted


def multiplications_to_predict(run: Run) -> int:
    """How many multiplications predicting the next token is."""
    prediction = run.book.find_role("next_probabilities")
    needed = {node.name for node in run.book.needed(prediction, known=lambda name: False)} \
        if prediction else run.book.nodes
    return sum(count for name, count in multiplications(run).items() if name in needed)


@lru_cache(maxsize=4)
def _products(book: Book) -> list[tuple[str, tuple[int | None, ...], int | None]]:
    """Every product of tables: the table that it is for, the left one's shape, how many columns.

    A length that the prompt decides is None. A formula that cannot be traced is left out.
    """
    found = []
    for name in book.nodes:
        with suppress(UnsupportedStep):
            found += [(name, one.arguments[0].shape, one.shape[-1])
                      for one in trace(book, name).walk() if one.operation == "product"]
    return found
