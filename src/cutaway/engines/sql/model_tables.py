"""A model in a database: its tables are loaded once, and every run reads them."""

from collections.abc import Iterable
from typing import TYPE_CHECKING

from cutaway.engines.sql.contents import contents, fingerprint
from cutaway.engines.sql.database import Database, quoted
from cutaway.engines.sql.record import create_record
from cutaway.weights.progress import Progress, ProgressCallback, unwatched

if TYPE_CHECKING:
    from cutaway.model import Model

ABOUT = "cutaway_model"


def load(model: "Model", database: Database, progress: ProgressCallback = unwatched) -> None:
    """Put a model's weights and vocabulary into an empty database, all of it or nothing.

    progress  is called after each table, in numbers
    """
    total, done = model.weights.count, 0
    with database.transaction():
        for sheet in sheet_names(model.book.weights):
            database.execute(f"CREATE SCHEMA IF NOT EXISTS {sheet}")
        for table in contents(model):
            database.store(table)
            done += table.numbers
            progress(Progress(f"loading into {database.dialect.name}", done, total, "numbers"))
        _write_about(model, database)
        create_record(database)


def _write_about(model: "Model", database: Database) -> None:
    """What this database is, so that another model is never calculated with its tables."""
    values = ", ".join(map(quoted, (model.name, fingerprint(model))))
    database.execute(f"CREATE TABLE {ABOUT} (name TEXT, fingerprint TEXT);"
                     f"INSERT INTO {ABOUT} VALUES ({values})")


def sheet_names(names: Iterable[str]) -> list[str]:
    """The schemas that full names stand in: h0 of h0.attention."""
    return list(dict.fromkeys(name.split(".")[0] for name in names if "." in name))
