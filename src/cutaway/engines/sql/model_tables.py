"""A model in a database: its tables are loaded once, and each prompt calculates the others.

    with open_duckdb(model, path) as database:
        run = SqlRun(model, database)
        run.predict("Mike is quick. He moves")
        run.array("h3.attention")
"""

from collections.abc import Iterable
from typing import TYPE_CHECKING

import numpy as np

from cutaway.engines.sql.choice import CHOICE, CHOSEN, NEXT_ID
from cutaway.engines.sql.contents import contents, fingerprint
from cutaway.engines.sql.database import Database, quoted
from cutaway.engines.sql.program import PREDICTION, SqlTable, program
from cutaway.engines.sql.words import POSITIONS, tokenizing
from cutaway.errors import EmptyPrompt, PromptTooLong
from cutaway.generate.sampling import GREEDY, Sampling
from cutaway.tokenizer import check_text
from cutaway.weights.progress import Progress, ProgressCallback, unwatched

if TYPE_CHECKING:
    from cutaway.model import Model

ABOUT = "cutaway_model"


def load(model: "Model", database: Database, progress: ProgressCallback = unwatched) -> None:
    """Put a model's weights and vocabulary into an empty database, all of it or nothing.

    progress  is told after each table, in numbers
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


def _write_about(model: "Model", database: Database) -> None:
    """What this database is, so that another model is never calculated with its tables."""
    values = ", ".join(map(quoted, (model.name, fingerprint(model))))
    database.execute(f"CREATE TABLE {ABOUT} (name TEXT, fingerprint TEXT);"
                     f"INSERT INTO {ABOUT} VALUES ({values})")


def sheet_names(names: Iterable[str]) -> list[str]:
    """The schemas that full names stand in: h0 of h0.attention."""
    return list(dict.fromkeys(name.split(".")[0] for name in names if "." in name))


class SqlRun:
    """A prompt calculated by a database, and the text that follows it.

    Every step is a table there: `SELECT * FROM h3.attention`. After an appended token the tables
    hold its row; `keys` and `values`, which are remembered, hold all rows.

    steps  every step as a table
    ids    the tokens so far, those of the prompt in front
    """

    def __init__(self, model: "Model", database: Database):
        self.model, self.database = model, database
        self.steps = {table.name: table for table in program(model.book, database.dialect)}
        self.ids: list[int] = []

    def predict(self, prompt: str) -> None:
        """Calculate every step for a prompt. The database itself cuts it into tokens.

        Raises:  EmptyPrompt, PromptTooLong; the tables are then those of the prompt before
        """
        with self.database.transaction():
            ids = self.tokenize(prompt)
            self._check_length(len(ids))
            self._create(POSITIONS, *self.steps.values())
        self.ids = ids

    def tokenize(self, text: str) -> list[int]:
        """The ids of a text, as the database finds them.

        Raises:  NotText
        """
        self.database.set_prompt(check_text(text))
        self._create(*tokenizing(self.database.dialect))
        return [id for id, in self.database.rows("SELECT value FROM ids ORDER BY position")]

    def predict_ids(self, ids: list[int]) -> None:
        """Calculate every step for tokens that are known already."""
        self._check_length(len(ids))
        listed = ", ".join(f"({position}, {id})" for position, id in enumerate(ids))
        query = f"SELECT * FROM (VALUES {listed}) AS listed(position, value)"
        with self.database.transaction():
            self._create(SqlTable("ids", "", query), POSITIONS, *self.steps.values())
        self.ids = list(ids)

    def choose(self, sampling: Sampling = GREEDY, draw: float = 0.0) -> int:
        """The id of the next token, chosen by the database: see the table `choice`."""
        with self.database.transaction():
            self._create(settings_table(sampling, repr(float(draw))), CHOICE, CHOSEN)
        return self.database.rows("SELECT id FROM chosen")[0][0]

    def append(self) -> None:
        """Calculate the row of the chosen token; what is remembered grows by it.

        Where every position is taken, the newest half begins anew, as in `generate`.
        """
        id = self.database.rows("SELECT id FROM chosen")[0][0]
        if len(self.ids) == self.model.config.n_positions:
            self.predict_ids([*self.ids, id][-max(1, self.model.config.n_positions // 2):])
            return
        dialect = self.database.dialect
        with self.database.transaction():
            self._create(NEXT_ID, POSITIONS)
            for table in self.steps.values():
                self.database.execute(table.extend(dialect))
        self.ids.append(id)

    def array(self, name: str) -> np.ndarray:
        """The numbers of a step's table, as they stand in the database. (axes of the step)"""
        axes = self.model.book.axes(name)
        rows = self.database.rows(
            f"SELECT {', '.join(axes)}, value FROM {name} ORDER BY {', '.join(axes)}")
        *places, values = zip(*rows, strict=True)
        shape = [len(set(numbers)) for numbers in places]
        return np.array(values, np.float32).reshape(shape)

    def guess_after(self, table: str) -> tuple[int, float]:
        """The likeliest next token and its share, if the head read this table."""
        nodes = self.model.book.nodes
        names = [name for name, step in self.steps.items()
                 if nodes[name].sheet == "head" and not step.on_demand]
        last = nodes[names[0]].reads[0]
        parts = [f"{name} AS (\n{self.steps[name].query.replace(last, table)}\n)"
                 for name in names]
        query = (f"WITH {', '.join(parts)}\nSELECT vocabulary, value FROM {PREDICTION} "
                 f"ORDER BY value DESC, vocabulary LIMIT 1")
        return self.database.rows(query)[0]

    def _create(self, *tables: SqlTable) -> None:
        for table in tables:
            self.database.execute(table.create(self.database.dialect))

    def _check_length(self, count: int) -> None:
        if not count:
            raise EmptyPrompt("The prompt is empty; at least one token is expected.")
        if count > self.model.config.n_positions:
            raise PromptTooLong(f"The prompt has {count:,} tokens; {self.model.name} has "
                                f"{self.model.config.n_positions:,} positions. Shorten it.")


def settings_table(sampling: Sampling, draw: str) -> SqlTable:
    """How the next token is chosen, as a table of one row.  draw: an expression"""
    top_k = "NULL" if sampling.top_k is None else sampling.top_k
    top_p = "NULL" if sampling.top_p is None else sampling.top_p
    return SqlTable("settings", "How the next token is chosen. Temperature 0: the likeliest.", (
        f"SELECT {sampling.temperature}::FLOAT8 AS temperature, {top_k}::INTEGER AS top_k,\n"
        f"  {top_p}::FLOAT8 AS top_p, ({draw})::FLOAT8 AS draw"))

