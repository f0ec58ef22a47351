"""PostgreSQL with the extension pgvector: the same tables on a server."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import numpy as np

from cutaway.engines.sql.contents import INTEGER, TEXT, Contents, fingerprint
from cutaway.engines.sql.database import create_table
from cutaway.engines.sql.dialect import POSTGRESQL
from cutaway.engines.sql.model_tables import ABOUT, load, sheet_names
from cutaway.engines.sql.typed import TYPED
from cutaway.errors import DatabaseError, MissingExtra, NotText
from cutaway.weights.progress import ProgressCallback, unwatched

if TYPE_CHECKING:
    import psycopg

    from cutaway.model import Model

SCHEMA = "cutaway"          # of the tables whose names have no block in front
IN_ROW_BYTES = 7_900        # what fits into a row of a page; longer vectors are kept aside
TYPES = {INTEGER: "int4", TEXT: "text"}


class PostgreSQL:
    """An open connection to a PostgreSQL database."""

    dialect = POSTGRESQL

    def __init__(self, url: str):
        self.connection = _connected(url)
        self.execute("CREATE EXTENSION IF NOT EXISTS vector")
        self.execute(f"SET search_path TO {SCHEMA}, public")

    def __enter__(self) -> "PostgreSQL":
        return self

    def __exit__(self, *error: object) -> None:
        self.close()

    def execute(self, sql: str) -> None:
        """Carry out statements."""
        with _with_our_errors():
            self.connection.execute(sql.encode())

    def rows(self, sql: str) -> list[tuple[Any, ...]]:
        """The rows of a query."""
        return self.answer(sql)[1]

    def answer(self, sql: str) -> tuple[list[str], list[tuple[Any, ...]]]:
        """The names of a query's columns, and its rows."""
        with _with_our_errors():
            found = self.connection.execute(sql.encode())
            rows = found.fetchall() if found.description else []
        return [column.name for column in found.description or []], rows

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """Whoever else calculates in this database waits for its end, or is waited for."""
        with _with_our_errors(), self.connection.transaction():
            self.connection.execute("SELECT pg_advisory_xact_lock(hashtext('cutaway'))")
            yield

    def store(self, table: Contents) -> None:
        """Row by row in the server's own binary form."""
        from pgvector.psycopg import register_vector

        register_vector(self.connection)
        self.execute(create_table(table, self.dialect))
        for column in table.columns:
            if column.length is not None and 4 * column.length < IN_ROW_BYTES:
                self.execute(f"ALTER TABLE {table.name} ALTER COLUMN {column.name} "
                             f"SET STORAGE PLAIN")
        types = [TYPES.get(column.type) or ("float4" if column.length is None else "vector")
                 for column in table.columns]
        values = [_values(column.values) for column in table.columns]
        with (_with_our_errors(), self.connection.cursor() as cursor,
              cursor.copy(f"COPY {table.name} FROM STDIN WITH (FORMAT BINARY)".encode()) as copy):
            copy.set_types(types)
            for row in zip(*values, strict=True):
                copy.write_row(row)

    def set_prompt(self, text: str) -> None:
        """Make the table `prompt(text)` of one row."""
        if "\0" in text:
            raise NotText("The prompt holds the character U+0000, which PostgreSQL cannot keep in "
                          "a text. Leave it out, or calculate in DuckDB.")
        self.execute("DROP TABLE IF EXISTS prompt; CREATE TABLE prompt (text TEXT)")
        self.connection.execute("INSERT INTO prompt VALUES (%s)", [text])

    def close(self) -> None:
        """Close the connection."""
        self.connection.close()


def open_postgresql(model: "Model", url: str,
                    progress: ProgressCallback = unwatched) -> PostgreSQL:
    """A connection to a database that holds the model; it is loaded when it does not.

    url      postgresql://user:password@host:port/database; what is left out comes from libpq's
             own settings (PGHOST, PGPASSWORD, ~/.pgpass, ...)
    Raises:  DatabaseError, which never shows the address; MissingExtra
    """
    database = PostgreSQL(url)
    try:
        if _fingerprint_in(database) != fingerprint(model):
            load_postgresql(model, database, progress)
    except BaseException:
        database.close()
        raise
    return database


def load_postgresql(model: "Model", database: PostgreSQL,
                    progress: ProgressCallback = unwatched) -> None:
    """Put a model into a database, in the place of the one that is there: all of it or nothing.

    Raises:  DatabaseError when a schema of one of our names belongs to somebody else
    """
    ours = _fingerprint_in(database) is not None
    schemas = [SCHEMA, TYPED, *sheet_names(model.book.names())]
    with database.transaction():
        if ours:
            schemas += [name for name, in database.rows(
                "SELECT nspname FROM pg_namespace WHERE nspname ~ '^h[0-9]+$'")]
            names = ", ".join(dict.fromkeys(schemas))
            database.execute(f"DROP SCHEMA IF EXISTS {names} CASCADE")
        _expect_free(database, schemas)
        database.execute(f"CREATE SCHEMA {SCHEMA}")
        load(model, database, progress)
    database.execute("ANALYZE")


def _expect_free(database: PostgreSQL, schemas: list[str]) -> None:
    taken = {name for name, in database.rows("SELECT nspname FROM pg_namespace")}
    for name in schemas:
        if name in taken:
            raise DatabaseError(
                f"The database has a schema {name!r} that Cutaway has not made, and needs one of "
                f"this name. Nothing was changed: give Cutaway a database of its own.")


def _fingerprint_in(database: PostgreSQL) -> str | None:
    """Which model the database holds; None when it holds none."""
    (found,), = database.rows(f"SELECT to_regclass('{SCHEMA}.{ABOUT}')::text")
    return database.rows(f"SELECT fingerprint FROM {SCHEMA}.{ABOUT}")[0][0] if found else None


def _values(values: Any) -> Any:
    """A column row by row: plain numbers as Python's, vectors as they are."""
    return values.tolist() if isinstance(values, np.ndarray) and values.ndim == 1 else values


@contextmanager
def _with_our_errors() -> Iterator[None]:
    """What PostgreSQL says of a statement, as an error of ours. It does not know the address.

    Raises:  DatabaseError
    """
    import psycopg

    try:
        yield
    except psycopg.Error as error:
        raise DatabaseError(f"PostgreSQL says: {error.diag.message_primary or _reason(error)}"
                            ) from None


def _connected(url: str) -> "psycopg.Connection":
    try:
        import pgvector.psycopg  # noqa: F401
        import psycopg
    except ImportError:
        raise MissingExtra("PostgreSQL needs two more packages: "
                           "pip install 'cutaway[postgres]'") from None
    try:
        return psycopg.connect(url, autocommit=True, connect_timeout=10)
    except psycopg.Error as error:
        # What libpq says may quote the address, and the address may hold a password.
        raise DatabaseError(f"PostgreSQL cannot be reached: {_reason(error)}. The address looks "
                            f"like postgresql://user:password@host:5432/database.") from None


def _reason(error: Exception) -> str:
    """What went wrong, in words of ours."""
    said = str(error).lower()
    reasons = {"password": "the user or the password is wrong",
               "authentication": "the user or the password is wrong",
               "refused": "nothing listens at that host and port",
               "no such file": "no server runs there",
               "translate host": "there is no host of that name",
               "does not exist": "there is no such database or user",
               "timeout": "the server does not answer"}
    return next((words for sign, words in reasons.items() if sign in said),
                "the address cannot be understood, or the server does not answer")
