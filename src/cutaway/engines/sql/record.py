"""Which run a database's tables are of: one row in the table `cutaway_run`.

All that is calculated belongs to one run. Whatever the run before it left goes first, of whichever
formulas it was, and the row says whose the tables are: so that a query sees all of one run or none.
"""

from collections.abc import Iterable
from uuid import uuid4

from cutaway.engines.sql.choice import OF_THE_CHOICE
from cutaway.engines.sql.database import Database, quoted
from cutaway.engines.sql.program import SqlTable
from cutaway.engines.sql.typed import TYPED
from cutaway.engines.sql.words import ON_THE_WAY

RECORD = "cutaway_run"
OF_EVERY_RUN = (*ON_THE_WAY, *OF_THE_CHOICE)
# Both databases have this view; a table of the schema that is searched first has a short name.
_KINDS = """SELECT CASE WHEN table_schema = current_schema() THEN table_name
    ELSE table_schema || '.' || table_name END, table_type
FROM information_schema.tables
WHERE table_catalog = current_database()"""


def clear(database: Database, names: Iterable[str]) -> None:
    """Drop every table and view that a run has left.

    names  of the tables that the next run makes, and that other programs may have left
    """
    there = kinds(database)
    recorded = [name for text, in database.rows(f"SELECT tables FROM {RECORD}")
                for name in text.split()]
    for name in dict.fromkeys((*names, *OF_EVERY_RUN, *recorded)):
        if name in there:
            kind = "VIEW" if there[name] == "VIEW" else "TABLE"
            database.execute(f"DROP {kind} IF EXISTS {name} CASCADE")
    database.execute(f"DROP SCHEMA IF EXISTS {TYPED} CASCADE")


def clear_choice(database: Database) -> None:
    """Drop what was chosen from logits that are there no more."""
    for name in OF_THE_CHOICE:
        database.execute(f"DROP TABLE IF EXISTS {name}")


def kinds(database: Database) -> dict[str, str]:
    """Every table and view with its kind, by the name by which queries call it."""
    return dict(database.rows(_KINDS))


def create_record(database: Database) -> None:
    """The record of a database in which nothing has been calculated yet."""
    database.execute(f"CREATE TABLE {RECORD} (state TEXT, formulas TEXT, tables TEXT)")


def write_record(database: Database, formulas: str, names: Iterable[str]) -> str:
    """Enter a run, and what its tables are called. Returns the mark of its state."""
    state = uuid4().hex
    row = ", ".join(map(quoted, (state, formulas, " ".join(names))))
    database.execute(f"DELETE FROM {RECORD}")
    database.execute(f"INSERT INTO {RECORD} VALUES ({row})")
    return state


def read_record(database: Database) -> tuple[str, str] | None:
    """The mark of the state and the formulas of the run whose tables are there; None without."""
    return next(iter(database.rows(f"SELECT state, formulas FROM {RECORD}")), None)  # type: ignore[return-value]


def new_record(formulas: str, most_tokens: int) -> SqlTable:
    """The record of a run that a file of SQL makes; a prompt of no length it can have ends it."""
    raised = _raised(f"'The prompt has ' || count(*) || ' tokens; 1 to {most_tokens} are "
                     f"expected.'")
    return SqlTable(RECORD, f"Which run these tables are of. A prompt of more than {most_tokens:,} "
                            f"tokens ends here.", (
        f"SELECT gen_random_uuid()::TEXT AS state, {quoted(formulas)} AS formulas,\n"
        f"  CASE WHEN count(*) BETWEEN 1 AND {most_tokens} THEN ''\n"
        f"    ELSE {raised} END AS tables\n"
        f"FROM ids"))


def next_record(formulas: str, most_tokens: int) -> str:
    """The same for a file that adds a token: to a run of the same formulas, while there is room."""
    other = _raised("'These tables are of a run with other formulas; run its prompt''s file "
                    "first.' || formulas")
    full = _raised(f"'All {most_tokens} positions are taken.' || formulas")
    return (f"UPDATE {RECORD} SET state = gen_random_uuid()::TEXT, formulas = CASE\n"
            f"  WHEN formulas <> {quoted(formulas)}\n    THEN {other}\n"
            f"  WHEN (SELECT count(*) FROM tokens) >= {most_tokens}\n    THEN {full}\n"
            f"  ELSE formulas END;")


def _raised(text: str) -> str:
    """An error with these words, in both databases: they are no whole number."""
    return f"(({text})::INTEGER)::TEXT"
