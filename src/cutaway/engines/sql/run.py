"""A prompt calculated by a database, and the text that follows it.

    with open_duckdb(model, path) as database:
        run = SqlRun(model, database)
        run.predict("Mike is quick. He moves")
        run.array("h3.attention")
"""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING

import numpy as np

from cutaway.engines.sql.choice import CHOSEN, choosing
from cutaway.engines.sql.database import Database
from cutaway.engines.sql.model_tables import ABOUT
from cutaway.engines.sql.program import SqlTable, translation
from cutaway.engines.sql.record import clear, clear_choice, kinds, read_record, write_record
from cutaway.engines.sql.typed import TYPED
from cutaway.engines.sql.words import (
    NEW_IDS,
    NEW_TOKEN,
    POSITIONS,
    TOKENS,
    cuts_in_sql,
    expect_cut,
    tokenizing,
)
from cutaway.errors import DatabaseError, EmptyPrompt, PromptTooLong
from cutaway.generate.sampling import GREEDY, Sampling
from cutaway.tokenizer import check_text

if TYPE_CHECKING:
    from cutaway.model import Model
    from cutaway.workbook import Run


class SqlRun:
    """A prompt calculated by a database, and the text that follows it.

    Every step is a table there: `SELECT * FROM h3.attention`. After an appended token the tables
    hold its row; `keys` and `values`, which are remembered, hold all rows. A database holds the
    tables of one run: those of the run before go when another begins.

    like     a run of the model, whose formulas and typed numbers this one takes over
    steps    every step as a table
    Raises:  UnsupportedStep naming the step that cannot be said in SQL
    """

    def __init__(self, model: "Model", database: Database, like: "Run | None" = None):
        self.model, self.database, self._like = model, database, like
        self.program = translation(model.book, database.dialect, like)
        self.steps = {table.name: table for table in self.program.steps()}
        self._formulas = self.program.fingerprint()
        self._loaded = database.rows(f"SELECT fingerprint FROM {ABOUT}")
        self._state: str | None = None  # that of the run which the database held last, until now

    @property
    def ids(self) -> list[int]:
        """The tokens so far, those of the prompt in front."""
        with self.looking():
            return [id for id, in
                    self.database.rows("SELECT value FROM tokens ORDER BY position")]

    def predict(self, prompt: str) -> None:
        """Calculate every step for a prompt. The database itself cuts it into tokens, unless its
        tokenizer cuts by another pattern than GPT-2's: then the ids are given.

        Raises:  EmptyPrompt, PromptTooLong; the tables are then those of the prompt before
        """
        if not cuts_in_sql(self.model.tokenizer):
            self.predict_ids(self.model.tokenizer.encode(prompt))
            return
        with self._beginning():
            self._check_length(len(self._tokenized(prompt)))
            self._calculate()

    def predict_ids(self, ids: Sequence[int]) -> None:
        """Calculate every step for tokens that are known already.

        Raises:  as `predict` does
        """
        self._check_length(len(ids))
        listed = ", ".join(f"({position}, {id})" for position, id in enumerate(ids))
        query = f"SELECT * FROM (VALUES {listed}) AS listed(position, value)"
        with self._beginning():
            self._create(SqlTable("ids", "", query))
            self._calculate()

    def tokenize(self, text: str) -> list[int]:
        """The ids of a text, as the database finds them. The tables of the steps go.

        Raises:  NotText
        """
        with self._beginning():
            ids = self._tokenized(text)
            self._create(TOKENS)
        return ids

    def choose(self, sampling: Sampling = GREEDY, draw: float = 0.0,
               history: Sequence[int] | None = None) -> int:
        """The id of the next token, chosen by the database: see the table `choice`.

        history  the ids so far, where they are more than the run's
        Raises:  DatabaseError when no token can be chosen, or the tables are another run's
        """
        with self.looking():
            clear_choice(self.database)
            self._create(*choosing(sampling, repr(float(draw)), history))
            return self._chosen()

    def append(self) -> bool:
        """Calculate the row of the chosen token; what is remembered grows by it.

        With formulas or typed numbers of one's own all rows are calculated. Where every position
        is taken, the newest half begins anew, as in `generate`.

        returns  whether it did begin anew
        Raises:  DatabaseError when no token was chosen, or the tables are another run's
        """
        with self.looking():
            ids, most = [*self.ids, self._chosen()], self.model.config.n_positions
            full = len(ids) > most
            if full or self.program.anew:
                self.predict_ids(ids[-max(1, most // 2):] if full else ids)
                return full
            dialect = self.database.dialect
            self.database.execute(NEW_TOKEN.extend(dialect))
            self._create(NEW_IDS, POSITIONS)
            for table in self.steps.values():
                self.database.execute(table.extend(dialect))
            clear_choice(self.database)
            self._record()
        return False

    def array(self, name: str) -> np.ndarray:
        """The numbers of a step's table, as they stand in the database. (axes of the step)

        Raises:  DatabaseError when the tables are another run's
        """
        axes = self.program.book.axes(name)
        with self.looking():
            rows = self.database.rows(
                f"SELECT {', '.join(axes)}, value FROM {name} ORDER BY {', '.join(axes)}")
        *places, values = zip(*rows, strict=True)
        shape = [len(set(numbers)) for numbers in places]
        return np.array(values, np.float32).reshape(shape)

    def guess_after(self, table: str) -> tuple[int, float]:
        """The likeliest next token and its share, if the head read this table."""
        with self.looking():
            return self.database.rows(self.program.guess(table))[0]

    def truth(self) -> "Run":
        """The same run outside the database, with nothing calculated yet."""
        ids = np.array(self.ids)
        return self._like.edit("ids", ids) if self._like else self.model.run(ids)

    @contextmanager
    def looking(self) -> Iterator[Database]:
        """The database with the tables of this run, while one looks at them.

        Raises:  DatabaseError when it holds those of another run, or of none
        """
        before = self._state
        try:
            with self.database.transaction():
                self._state = self._found()
                yield self.database
        except BaseException:
            self._state = before
            raise

    def _found(self) -> str:
        """The mark of the state in which the database is, if that is one of this run's."""
        found = read_record(self.database)
        if found is None:
            raise DatabaseError("Nothing has been calculated in this database yet. Calculate a "
                                "prompt first.")
        state, formulas = found
        if state != (self._state or state) or formulas != self._formulas:
            raise DatabaseError("The tables in this database are of another run by now. Calculate "
                                "the prompt again.")
        return state

    @contextmanager
    def _beginning(self) -> Iterator[None]:
        """A new run, with nothing in the database of the one before; or the one before."""
        before = self._state
        try:
            with self.database.transaction():
                if self.database.rows(f"SELECT fingerprint FROM {ABOUT}") != self._loaded:
                    raise DatabaseError("Another model has been loaded into this database. Open "
                                        "the database again.")
                clear(self.database, self.steps)
                self._record()
                yield
        except BaseException:
            self._state = before
            raise

    def _record(self) -> None:
        self._state = write_record(self.database, self._formulas, self.steps)

    def _tokenized(self, text: str) -> list[int]:
        expect_cut(self.model.tokenizer)
        self.database.set_prompt(check_text(text))
        self._create(*tokenizing(self.database.dialect))
        return [id for id, in self.database.rows("SELECT value FROM ids ORDER BY position")]

    def _calculate(self) -> None:
        """Every step, from the table `ids`."""
        program = self.program
        if program.layers:
            self.database.execute(f"CREATE SCHEMA {TYPED}")
        for numbers in program.numbers:
            self.database.store(numbers)
        self._create(TOKENS, POSITIONS, *program.copies, *self.steps.values())

    def _chosen(self) -> int:
        if CHOSEN.name not in kinds(self.database):
            raise DatabaseError("No next token has been chosen yet. Choose one first.")
        rows = self.database.rows(f"SELECT id FROM {CHOSEN.name}")
        if not rows:
            raise DatabaseError("No token can be chosen: the logits of this run are no "
                                "numbers, or no_repeat_ngram cuts every token.")
        return rows[0][0]

    def _create(self, *tables: SqlTable) -> None:
        for table in tables:
            self.database.execute(table.create(self.database.dialect))

    def _check_length(self, count: int) -> None:
        if not count:
            raise EmptyPrompt("The prompt is empty; at least one token is expected.")
        if count > self.model.config.n_positions:
            raise PromptTooLong(f"The prompt has {count:,} tokens; {self.model.name} has "
                                f"{self.model.config.n_positions:,} positions. Shorten it.")
