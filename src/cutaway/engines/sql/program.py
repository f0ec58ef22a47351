"""A book as SQL: one query a step, each making one table.

    for table in program(model.book, DUCKDB):
        print(table.create(DUCKDB))
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from hashlib import blake2b

import numpy as np

from cutaway.engines.edits import edits_of
from cutaway.engines.sql.contents import Contents
from cutaway.engines.sql.dialect import Dialect
from cutaway.engines.sql.forms import Statement
from cutaway.engines.sql.packing import packed_axes
from cutaway.engines.sql.relation import indented
from cutaway.engines.sql.typed import TYPED, Layer, copy_of_weight, laid_over, layers_of
from cutaway.errors import UnsupportedStep
from cutaway.workbook.book import Book
from cutaway.workbook.run import Run
from cutaway.workbook.symbol import trace_as_made


@dataclass(frozen=True)
class SqlTable:
    """One table and the query that makes it.

    name         its full name: h3.attention
    explanation  what it means, in a sentence or two
    query        a SELECT
    formula      the step's formula; empty where no step makes the table
    number       where the workshop's sheet has the step
    typed        what was typed over it, a line each
    remembered   whether it grows when a token is appended, and is not made anew
    on_demand    whether only reading it calculates it
    """

    name: str
    explanation: str
    query: str
    formula: str = ""
    number: str = ""
    typed: tuple[str, ...] = ()
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


@dataclass(frozen=True)
class Program:
    """All that a run makes in a database in which its model is loaded.

    book    the formulas
    layers  what was typed over its tables
    packed  how the weights are loaded: see `packed_axes`
    """

    dialect: Dialect
    book: Book
    layers: Mapping[str, Sequence[Layer]]
    packed: Mapping[str, str]
    words: Mapping[str, tuple[str, ...]]

    @property
    def anew(self) -> bool:
        """Whether a further token calculates all rows: where formulas are not the model's own, or
        numbers were typed, earlier rows may read the new one."""
        return bool(self.book.replaced or self.layers)

    @property
    def numbers(self) -> list[Contents]:
        """What was typed, where it is more than one number."""
        return [one.contents for layers in self.layers.values() for one in layers if one.columns]

    @property
    def copies(self) -> list[SqlTable]:
        """The weights with typed numbers."""
        return [SqlTable(place, f"The weight {name} with typed numbers.",
                         copy_of_weight(self.book, name, self.layers[name], self.packed,
                                        self.dialect), typed=self.words[name])
                for name, place in self._places.items()]

    @property
    def _places(self) -> dict[str, str]:
        return {name: f"{TYPED}.{name.replace('.', '_')}" for name in self.layers
                if name in self.book.weights}

    def steps(self) -> list[SqlTable]:
        """Every step, in an order in which they can be made; views come last.

        Raises:  UnsupportedStep naming the step that cannot be said in SQL
        """
        tables = [self._step(name, self._places) for name in self.book.nodes]
        return sorted(tables, key=lambda table: table.on_demand)

    def _step(self, name: str, places: Mapping[str, str]) -> SqlTable:
        node, axes = self.book.nodes[name], self.book.axes(name)
        symbol, step = trace_as_made(self.book, name), node.step
        try:
            query = Statement(self.dialect, self.packed, places).query(symbol, axes)
        except UnsupportedStep as error:
            raise UnsupportedStep(f"{name} cannot be said in SQL: {error}.") from None
        query = laid_over(query, axes, self.layers.get(name, ()))
        # A number for every position and token is as large as a table gets. It is a view whatever
        # the formulas are: neither database turns a table into a view, or a view into a table.
        return SqlTable(name, step.explanation, query, step.formula, step.number,
                        self.words.get(name, ()), step.remembered,
                        on_demand={"position", "vocabulary"} <= set(axes))

    def guess(self, table: str) -> str:
        """A query for the likeliest next token and its share, if the head read this table."""
        prediction = self.book.role("next_probabilities")
        sheet = self.book.nodes[prediction].sheet
        last = self.book.role("block_output", self.book.blocks[-1])
        places = {**self._places, last: table}
        parts = [f"{node.name} AS (\n{indented(self._step(node.name, places).query)}\n)"
                 for node in self.book.needed(prediction, known=lambda name: False)
                 if node.sheet == sheet]
        return (f"WITH {', '.join(parts)}\nSELECT vocabulary, value FROM {prediction}\n"
                f"ORDER BY value DESC, vocabulary LIMIT 1")

    def fingerprint(self) -> str:
        """What tells this program's tables from those of other formulas and typed numbers."""
        found = blake2b(digest_size=16)
        for table in (*self.copies, *self.steps()):
            found.update(f"{table.name} {table.query}\n".encode())
        for numbers in self.numbers:
            for column in numbers.columns:
                found.update(np.ascontiguousarray(column.values).tobytes())
        return found.hexdigest()


def translation(book: Book, dialect: Dialect, like: Run | None = None) -> Program:
    """The program of a model, or of a run of it with formulas and typed numbers of its own.

    book     the model's, with which it was loaded
    Raises:  UnsupportedStep when the run cannot be one of this model in SQL
    """
    edits = edits_of(like, book, "SQL")
    layers = {name: layers_of(name, book.axes(name), several) for name, several in edits.items()}
    words = {name: tuple(edit.words for edit in several) for name, several in edits.items()}
    return Program(dialect, like.book if like else book, layers, packed_axes(book), words)


def program(book: Book, dialect: Dialect, like: Run | None = None) -> list[SqlTable]:
    """Every step of a book as a table of the database, in an order in which they can be made.

    like     a run of the model, whose formulas and typed numbers are taken over
    Raises:  UnsupportedStep naming the step that cannot be said in SQL
    """
    return translation(book, dialect, like).steps()
