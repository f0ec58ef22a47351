"""A cell of the scratch sheet, and what came of it."""

from collections.abc import Container, Mapping
from dataclasses import dataclass
from functools import cached_property
from keyword import iskeyword
from typing import Any

from cutaway.errors import CodeError
from cutaway.scratch.source import (
    NO_SOURCE,
    Tree,
    Words,
    code_tree,
    formula_tree,
    keep_last_value,
    words_of,
)


@dataclass(frozen=True)
class Cell:
    """What somebody wrote.

    id      "c1": what the page, and a traceback (`<cell c1>`), call it
    kind    "formula", one expression over tables, or "code", any Python
    name    what other cells call its value; empty when none is to read it
    source  the text
    """

    id: str
    kind: str
    name: str
    source: str

    @property
    def file(self) -> str:
        """What stands in a traceback and in the debugger in place of a file's name."""
        return f"<cell {self.id}>"

    @property
    def is_formula(self) -> bool:
        """Whether it is a formula; otherwise it is code."""
        return self.kind == "formula"

    def tree(self) -> Tree:
        """The syntax tree that is run.  Raises:  CodeError with the line"""
        try:
            return formula_tree(self.source) if self.is_formula \
                else keep_last_value(code_tree(self.source))
        except SyntaxError as error:
            line = min(error.lineno or 1, self.source.count("\n") + 1)
            raise CodeError(self._cannot_be_read(error), line) from None
        except NO_SOURCE as error:
            raise CodeError(f"This cannot be read as Python ({type(error).__name__}: "
                            f"{error}).") from None

    @cached_property
    def words(self) -> Words:
        """The names that it reads and makes; none while it cannot be read."""
        try:
            words = words_of(self.tree())
        except (CodeError, RecursionError):
            return Words(frozenset(), {})
        makes = {name: line for name, line in words.makes.items() if not name.startswith("__")}
        return Words(words.reads, makes)

    @property
    def makes(self) -> set[str]:
        """The names that other cells may read from it."""
        return {*self.words.makes, *([self.name] if self.name else [])}

    def check_names(self, taken: Container[str], others: Mapping[str, str]) -> None:
        """That it may be called so, and may make the names that it makes.

        taken    the names of tables and operations
        others   the names of other cells, each with the words for that cell
        Raises:  CodeError
        """
        if self.name and (not self.name.isidentifier() or iskeyword(self.name)):
            raise CodeError(f"{self.name!r} is no name for a cell: letters, digits and _ are "
                            f"expected, with no digit in front.")
        for name, line in {self.name: None, **self.words.makes}.items():
            if name in others:
                raise CodeError(f"{name!r} is the name of {others[name]} already. Give this one "
                                f"another name.", line)
            again = name == "np" and line  # `import numpy as np` changes nothing
            if name in taken and not again:
                raise CodeError(f"{name!r} is the name of a table, an operation, or another thing "
                                f"that every cell can read. Give this one another name.", line)

    def _cannot_be_read(self, error: SyntaxError) -> str:
        said = f"{type(error).__name__}: {error.msg}."
        if not self.is_formula:
            return said
        if not self.source.strip(" \t\n="):
            return "This formula is empty: write one expression over tables, such as logits.mean()."
        try:
            code_tree(self.source)
        except NO_SOURCE:
            return said
        return f"{said} A formula is one expression that gives a value; statements go into code."


@dataclass(frozen=True)
class Result:
    """What came of a cell when it last ran.

    cell     its id
    state    "done", "error", or "stale": what it reads has changed since
    value    what it gave; None after an error
    message  the error, why it is stale, or what one should know about the value
    line     where the error is in the cell's own source, from 1
    count    how many times it has run
    seconds  how long it took
    """

    cell: str
    state: str
    value: Any = None
    message: str = ""
    line: int | None = None
    count: int = 0
    seconds: float = 0.0
