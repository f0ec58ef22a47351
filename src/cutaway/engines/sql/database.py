"""What a database must be able to do; DuckDB and PostgreSQL each have a module that does it."""

import re
from contextlib import AbstractContextManager
from typing import Any, Protocol

from cutaway.engines.sql.contents import Contents
from cutaway.engines.sql.dialect import Dialect
from cutaway.words import STEERING


class Database(Protocol):
    """A database that is open."""

    dialect: Dialect

    def execute(self, sql: str) -> None:
        """Carry out statements."""
        ...

    def rows(self, sql: str) -> list[tuple[Any, ...]]:
        """The rows of a query."""
        ...

    def answer(self, sql: str) -> tuple[list[str], list[tuple[Any, ...]]]:
        """The names of a query's columns, and its rows."""
        ...

    def transaction(self) -> AbstractContextManager[None]:
        """All that happens within it, or, when it fails, nothing; one within another is a part."""
        ...

    def store(self, table: Contents) -> None:
        """Make a table and fill it."""
        ...

    def set_prompt(self, text: str) -> None:
        """Make the table `prompt(text)` of one row."""
        ...

    def close(self) -> None: ...


def create_table(table: Contents, dialect: Dialect) -> str:
    """The statement that makes an empty table."""
    columns = ", ".join(
        f"{column.name} {column.type if column.length is None else dialect.array(column.length)}"
        for column in table.columns)
    return f"CREATE TABLE {table.name} ({columns})"


def quoted(text: str) -> str:
    """A text as it stands in a statement, which may be shown on a terminal: with nothing in it
    that steers one.

    quoted("it's")      "'it''s'"
    quoted("a\\x1b")     "('a' || chr(27))"
    """
    pieces = [f"chr({ord(piece)})" if STEERING.fullmatch(piece) else
              "'" + piece.replace("'", "''") + "'"
              for piece in re.split(f"({STEERING.pattern})", text) if piece]
    return f"({' || '.join(pieces)})" if len(pieces) > 1 else "".join(pieces) or "''"
