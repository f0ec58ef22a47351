"""DuckDB, the database within the process: a file, or the memory."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from cutaway.disk import whole_file
from cutaway.engines.sql.contents import INTEGER, TEXT, Column, Contents, fingerprint
from cutaway.engines.sql.database import create_table, quoted
from cutaway.engines.sql.dialect import DUCKDB
from cutaway.engines.sql.model_tables import ABOUT, load
from cutaway.errors import DatabaseError
from cutaway.weights.progress import ProgressCallback, unwatched

if TYPE_CHECKING:
    import duckdb

    from cutaway.model import Model

FILE_FORMAT = "v1.2.0"  # the oldest DuckDB, of the shell for example, that can open our files
# Rows that are read together: a weight has few rows, and long ones.
GROUP_OF_ROWS = 2048
# Unpacking would cost more than reading: weights are noise, and hardly get smaller. And a step's
# table is so small that several threads would wait for each other longer than they work.
SETTINGS = "SET force_compression = 'uncompressed'; SET threads = 1;"


class DuckDB:
    """An open DuckDB database.

        with DuckDB(":memory:") as database: ...
    """

    dialect = DUCKDB

    def __init__(self, path: str | Path):
        self.connection = _connected(path)
        self._transactions = 0  # within each other

    def __enter__(self) -> "DuckDB":
        return self

    def __exit__(self, *error: object) -> None:
        self.close()

    def execute(self, sql: str) -> None:
        """Carry out statements."""
        with _with_our_errors():
            self.connection.execute(sql)

    def rows(self, sql: str) -> list[tuple[Any, ...]]:
        """The rows of a query."""
        return self.answer(sql)[1]

    def answer(self, sql: str) -> tuple[list[str], list[tuple[Any, ...]]]:
        """The names of a query's columns, and its rows."""
        with _with_our_errors():
            found = self.connection.execute(sql)
            rows = found.fetchall()
        return [column[0] for column in found.description or []], rows

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """All that happens within it, or, when it fails, nothing; one within another is a part."""
        if self._transactions:  # DuckDB has none within others: all of it is the outermost one's
            yield
            return
        with _with_our_errors():
            self.connection.begin()
        self._transactions = 1
        try:
            yield
        except BaseException:
            self.connection.rollback()
            raise
        finally:
            self._transactions = 0
        with _with_our_errors():
            self.connection.commit()

    def store(self, table: Contents) -> None:
        """All columns at once, from where they stand in memory."""
        self.execute(create_table(table, self.dialect))
        arrow = _arrow_table(table)  # DuckDB finds it by this name
        with _with_our_errors():
            self.connection.execute(f"INSERT INTO {table.name} SELECT * FROM arrow")
        del arrow

    def set_prompt(self, text: str) -> None:
        """Make the table `prompt(text)` of one row."""
        self.execute("CREATE OR REPLACE TABLE prompt (text TEXT)")
        with _with_our_errors():
            self.connection.execute("INSERT INTO prompt VALUES (?)", [text])

    def close(self) -> None:
        """Close the connection."""
        self.connection.close()


def open_duckdb(model: "Model", path: Path, progress: ProgressCallback = unwatched) -> DuckDB:
    """The database of a model; where there is none yet, or one of another model, it is made.

    path    a file
    Raises: DatabaseError when the file is no database of ours, or another program has it open
    """
    if not path.exists():
        make_duckdb(model, path, progress)
    database = DuckDB(path)
    try:
        found = _fingerprint_in(database, path)
    except BaseException:
        database.close()
        raise
    if found == fingerprint(model):
        return database
    database.close()
    make_duckdb(model, path, progress)
    return DuckDB(path)


def make_duckdb(model: "Model", path: Path, progress: ProgressCallback = unwatched) -> None:
    """Write a model's database, whole or not at all; one that was there is replaced.

    Raises:  DiskError, UnsupportedStep
    """
    if path.exists():
        with DuckDB(path) as database:  # which also takes in what its .wal still holds
            _fingerprint_in(database, path)  # a file that is not ours stays as it is
    path.with_name(f"{path.name}.wal").unlink(missing_ok=True)  # before it could be the new one's
    with whole_file(path, parents=True) as draft:
        try:
            with DuckDB(draft) as database:
                load(model, database, progress)
        except DatabaseError as error:
            raise DatabaseError(str(error).replace(str(draft), str(path))) from None


def _fingerprint_in(database: DuckDB, path: Path) -> str:
    try:
        (found,), = database.rows(f"SELECT fingerprint FROM {ABOUT}")
    except (DatabaseError, ValueError):
        raise DatabaseError(f"{path} is a DuckDB database, but it holds no model of Cutaway's. It "
                            f"was left as it is: choose another file with --database.") from None
    return found


@contextmanager
def _with_our_errors() -> Iterator[None]:
    """What DuckDB says of a statement, as an error of ours.

    Raises:  DatabaseError
    """
    import duckdb

    try:
        yield
    except duckdb.Error as error:
        raise DatabaseError(f"DuckDB says: {str(error).strip()}") from None


def _connected(path: str | Path) -> "duckdb.DuckDBPyConnection":
    import duckdb

    connection = duckdb.connect()
    connection.execute(SETTINGS)
    if str(path) == ":memory:":
        return connection
    try:
        connection.execute(f"ATTACH {quoted(str(path))} AS model (ROW_GROUP_SIZE {GROUP_OF_ROWS}, "
                           f"STORAGE_VERSION {quoted(FILE_FORMAT)}); USE model;")
    except duckdb.Error as error:
        connection.close()
        raise _not_opened(path, str(error).splitlines()[0]) from None
    return connection


def _not_opened(path: str | Path, said: str) -> DatabaseError:
    if "lock" in said.lower():
        return DatabaseError(f"{path} is open in another program. Close that one, or choose "
                             f"another file with --database.")
    return DatabaseError(f"{path} cannot be opened as a DuckDB database: {said}")


def _arrow_table(table: Contents) -> Any:
    """The columns as Arrow's, without a copy of the numbers."""
    import nanoarrow

    fields = {column.name: _arrow_column(column) for column in table.columns}
    schema = nanoarrow.struct({name: column.schema for name, column in fields.items()})
    made = nanoarrow.c_array_from_buffers(schema, table.rows, [None], children=fields.values())
    return nanoarrow.ArrayStream(made)


def _arrow_column(column: Column) -> Any:
    import nanoarrow

    if column.type == TEXT:
        return nanoarrow.c_array(list(column.values), nanoarrow.string())
    kind = nanoarrow.int32() if column.type == INTEGER else nanoarrow.float32()
    numbers = np.asarray(column.values)
    flat = nanoarrow.c_array_from_buffers(kind, numbers.size, [None, numbers.reshape(-1)])
    if column.length is None:
        return flat
    cells = nanoarrow.fixed_size_list(kind, column.length)
    return nanoarrow.c_array_from_buffers(cells, len(numbers), [None], children=[flat])
