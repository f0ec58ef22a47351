"""A book as SQL: one query a step, each making one table.

    for table in program(model.book, DUCKDB):
        print(table.create(DUCKDB))
"""

from collections.abc import Mapping
from dataclasses import dataclass

from cutaway.engines.sql.dialect import Dialect
from cutaway.engines.sql.forms import Statement
from cutaway.errors import UnsupportedStep
from cutaway.workbook.book import Book
from cutaway.workbook.symbol import Symbol, trace

PREDICTION = "next_probabilities"


@dataclass(frozen=True)
class SqlTable:
    """One table and the query that makes it.

    name         its full name: h3.attention
    explanation  what it means, in a sentence or two
    query        a SELECT
    formula      the step's formula; empty where no step makes the table
    number       where the workshop's sheet has the step
    remembered   whether it grows when a token is appended, and is not made anew
    on_demand    whether only reading it calculates it: the prediction does not need it
    """

    name: str
    explanation: str
    query: str
    formula: str = ""
    number: str = ""
    remembered: bool = False
    on_demand: bool = False

    def create(self, dialect: Dialect) -> str:
        """The statement for a new prompt."""
        if self.on_demand:
            return f"CREATE OR REPLACE VIEW {self.name} AS\n{self.query};"
        return dialect.replace(self.name, self.query)

    def extend(self, dialect: Dialect) -> str:
        """The statement for one more token: a table that is remembered gets its row."""
        if self.remembered:
            return f"INSERT INTO {self.name}\n{self.query};"
        return self.create(dialect)


def program(book: Book, dialect: Dialect) -> list[SqlTable]:
    """Every step of a book as a table of the database, in an order in which they can be made.

    The last statements are those of the tables that the prediction does not need: they are views.

    Raises:  UnsupportedStep naming the step that cannot be said in SQL
    """
    packed = packed_axes(book)
    needed = {node.name for node in book.needed(PREDICTION, known=lambda name: False)}
    tables = [_table(book, name, dialect, packed, name not in needed) for name in book.nodes]
    return sorted(tables, key=lambda table: table.on_demand)


def _table(book: Book, name: str, dialect: Dialect, packed: Mapping[str, str],
           on_demand: bool) -> SqlTable:
    symbol, step = trace(book, name), book.nodes[name].step
    try:
        query = Statement(dialect, packed).query(symbol)
    except UnsupportedStep as error:
        raise UnsupportedStep(f"{name} cannot be said in SQL: {error}.") from None
    return SqlTable(name, step.explanation, query, step.formula, step.number, step.remembered,
                    on_demand)


def packed_axes(book: Book) -> dict[str, str]:
    """For each weight with rows and columns the axis whose numbers stand in one cell of the table.

    It is the axis that a product runs along, so that a product is one inner product a cell: the
    columns of c_attn_w, but the rows of wte, which is transposed there.
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
