"""How weights with rows and columns are loaded: the numbers along one axis in one cell."""

from cutaway.workbook.book import Book
from cutaway.workbook.symbol import Symbol, trace


def packed_axes(book: Book) -> dict[str, str]:
    """For each weight with rows and columns the axis whose numbers stand in one cell of the table.

    It is the axis that a product runs along, so that a product is one inner product a cell: the
    columns of most weights, but the rows of a table that is transposed there.
    """
    found: dict[str, str] = {}
    for name in book.nodes:
        for symbol in trace(book, name).walk():
            if symbol.operation == "product":
                _note_product(symbol, found)
    return {name: found.get(name, axes[-1]) for name, axes in book.weights.items()
            if len(axes) == 2}


def _note_product(product: Symbol, found: dict[str, str]) -> None:
    left, right = product.arguments
    for side, axis in ((left, left.axes[-1]), (right, right.axes[-2])):
        table = side.arguments[0] if side.operation == "transpose" else side
        if table.operation == "table":
            found.setdefault(table.name, axis)
