"""`cutaway sql`: the same model in DuckDB or PostgreSQL, one table a step."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass
from functools import wraps
from pathlib import Path
from secrets import randbits
from typing import TYPE_CHECKING, Any, cast

import click

from cutaway.cli.options import PROMPT, Writing, examples, model_option, writing_options
from cutaway.cli.predict import Stage, begins_with, draw_candidates, draw_stages, draw_tokens
from cutaway.cli.prompt import prompt_ids, special_option
from cutaway.cli.say import say

if TYPE_CHECKING:
    from cutaway.engines.sql import DuckDB, PostgreSQL, SqlRun
    from cutaway.look import Guess
    from cutaway.model import Model
    from cutaway.workbook import Run


@dataclass(frozen=True)
class Address:
    """Which database: a file of DuckDB's, an address of PostgreSQL's, or the default file."""

    database: Path | None
    postgres: str | None


def place_options(function: Callable[..., Any]) -> Callable[..., Any]:
    """The options that say which database, given to the verb as `address`."""
    @click.option("--database", type=click.Path(dir_okay=False, path_type=Path), metavar="FILE",
                  help="The DuckDB file; by default one beside the store, made when needed.")
    @click.option("--postgres", metavar="URL", envvar="CUTAWAY_POSTGRES",
                  help="Calculate in this PostgreSQL database, with pgvector, not in DuckDB.")
    @wraps(function)
    def called(*, database: Path | None, postgres: str | None, **others: Any) -> Any:
        if database is not None and postgres is not None:
            raise click.UsageError("--database is DuckDB's and --postgres is another database: "
                                   "give one of them.")
        return function(address=Address(database, postgres), **others)

    return called


@dataclass(frozen=True)
class Script:
    """A file of SQL to write: with a prompt, or for one more token."""

    path: Path | None
    further: bool


def script_options(function: Callable[..., Any]) -> Callable[..., Any]:
    """The options of the file of SQL, given to the verb as `script`."""
    @click.option("--script", "path", metavar="FILE",
                  type=click.Path(dir_okay=False, writable=True, path_type=Path),
                  help="Write it all as one file of SQL, and stop there; - prints it.")
    @click.option("--further", is_flag=True, help="With --script: the file for one more token.")
    @wraps(function)
    def called(*, path: Path | None, further: bool, **others: Any) -> Any:
        return function(script=Script(path, further), **others)

    return called


@dataclass(frozen=True)
class Looking:
    """How to look around: a query whose answer is shown, the database's own shell."""

    query: str | None
    shell: bool


def looking_options(function: Callable[..., Any]) -> Callable[..., Any]:
    """The options of looking around, given to the verb as `looking`."""
    @click.option("--query", metavar="SQL",
                  help="Show the answer to a query after the calculation.")
    @click.option("--shell", is_flag=True, help="Open the database in its own shell.")
    @wraps(function)
    def called(*, query: str | None, shell: bool, **others: Any) -> Any:
        return function(looking=Looking(query, shell), **others)

    return called


@click.command(epilog=examples(
    'cutaway sql "Mike is quick. He moves"',
    'cutaway sql "Once upon" --max-tokens 0 --query "SELECT * FROM h3.attention LIMIT 8"',
    "cutaway sql \"Mike is quick. He moves\" 'h3.attention[head=1]=0'",
    'cutaway sql "Mike is quick. He moves" --script gpt.sql',
    "cutaway sql --script next.sql --further",
    "cutaway sql --load --database storybook.duckdb",
    "cutaway sql --shell"))
@click.argument("prompt", required=False, type=PROMPT)
@click.argument("changes", nargs=-1, metavar="[TABLE[CELLS]=VALUE]...")
@model_option
@place_options
@click.option("--load", "loading", is_flag=True, help="Make the database anew, and stop there.")
@script_options
@looking_options
@writing_options(max_tokens=20)
@special_option
def sql(*, prompt: str | None, changes: tuple[str, ...], model: str, address: Address,
        loading: bool, script: Script, looking: Looking, writing: Writing, special: bool) -> None:
    """The model in SQL: PROMPT is cut into tokens, calculated and continued by a database.

    Each step is a table of the database: SELECT * FROM h3.attention. The first call makes the
    database from the model's weights. The last line compares every table with the NumPy engine.

    TABLE[CELLS]=VALUE types numbers over a table, or gives a step another formula, as in `cutaway
    edit`. With --script --further, PROMPT is the one whose file came before.
    """
    from cutaway.cli.edit import changed_run
    from cutaway.model import open_model

    opened = open_model(model)
    ids = None if prompt is None else prompt_ids(opened, prompt, special)
    like = changed_run(opened, ids, changes) if ids is not None and changes else None
    if script.path is not None:
        if ids is not None and prompt is not None and ids != opened.tokenizer.encode(prompt):
            raise click.UsageError("A file of SQL cuts its prompt into tokens itself, and knows no "
                                   "special tokens: give a prompt of words, without --special.")
        _expect_prompt_or_further(prompt, script.further, changes)
        text = _script(opened, None if script.further else prompt, writing, address, like)
        _write_script(opened, text, script.path, address)
        return
    place = _Place(opened, address)
    if loading:
        place.load()
        return
    if prompt is not None and ids is not None:
        from cutaway.engines.sql import SqlRun

        with place.open() as connection:
            run = SqlRun(opened, connection, like)
            if ids == opened.tokenizer.encode(prompt):
                run.predict(prompt)
            else:
                run.predict_ids(ids)
            _draw(run, prompt, changes, writing, looking.query)
    if looking.shell:
        place.shell()
    elif prompt is None:
        raise click.UsageError('Give a prompt: cutaway sql "Mike is quick. He moves"\n'
                               "or one of --load, --script, --shell.")


class _Place:
    """Where the database is: a file of DuckDB's, or an address of PostgreSQL's."""

    def __init__(self, model: "Model", address: Address):
        self.model, self.postgres = model, address.postgres
        self.file = address.database or _own_file(model)

    @contextmanager
    def open(self) -> "Iterator[DuckDB | PostgreSQL]":
        """The database, with the model in it."""
        from cutaway.cli.drawing.progress import shown_progress
        from cutaway.engines.sql import open_duckdb, open_postgresql

        with shown_progress() as progress:
            if self.postgres is not None:
                opened = open_postgresql(self.model, self.postgres, progress)
            else:
                opened = open_duckdb(self.model, self.file, progress)
        with closing(cast("DuckDB", opened)) as connection:
            yield connection

    def load(self) -> None:
        """Make the database anew."""
        from cutaway.cli.drawing.progress import shown_progress
        from cutaway.engines.sql import PostgreSQL, load_postgresql, make_duckdb

        with shown_progress() as progress:
            if self.postgres is None:
                make_duckdb(self.model, self.file, progress)
            else:
                with PostgreSQL(self.postgres) as connection:
                    load_postgresql(self.model, connection, progress)
        if self.postgres is None:
            say(f"{self.model.name} is in {self.file}: "
                f"{self.file.stat().st_size / 2**20:,.1f} MiB. duckdb {self.file} opens it.")
        else:
            say(f"{self.model.name} is in the PostgreSQL database.")

    def shell(self) -> None:
        """The database's own shell, until the user leaves it."""
        from cutaway.cli.sql_shell import open_shell

        with self.open():
            pass
        open_shell(self.file if self.postgres is None else self.postgres)


def _own_file(model: "Model") -> Path:
    """The database beside the store, one for each model."""
    from cutaway.weights import Store

    name = "".join(letter if letter.isalnum() or letter in "-_." else "-" for letter in model.name)
    return Store().folder.parent / "sql" / f"{name.strip('-')}.duckdb"


def _expect_prompt_or_further(prompt: str | None, further: bool, changes: Sequence[str]) -> None:
    if further is (prompt is not None) and not (further and changes):
        raise click.UsageError("--script takes a prompt, or --further for the file that adds one "
                               "more token; with both, changes as well.")


def _script(model: "Model", prompt: str | None, writing: Writing, address: Address,
            like: "Run | None") -> str:
    from cutaway.engines.sql import DUCKDB, POSTGRESQL, script
    from cutaway.engines.sql.words import expect_cut

    dialect = DUCKDB if address.postgres is None else POSTGRESQL
    if prompt is not None:
        expect_cut(model.tokenizer)
    return script(model.book, prompt, writing.sampling, writing.seed, dialect, like=like)


def _write_script(model: "Model", text: str, file: Path, address: Address) -> None:
    from cutaway.disk import whole_file

    if str(file) == "-":
        say(text, nl=False)
        return
    with whole_file(file) as draft:
        draft.write_text(text, encoding="utf-8")
    shell = "duckdb" if address.postgres is None else "psql"
    once = lines_with_one_block(text)
    say(f"{file}: {text.count(chr(10)):,} lines of SQL; {once:,} with the block said once, "
        f"where it is the same {model.config.n_layer} times. (The famous one had 500.)\n"
        f"It runs in {shell}, on the database that `cutaway sql --load` makes.")


def lines_with_one_block(text: str) -> int:
    """How many lines there are without the blocks after the first."""
    lines = text.splitlines()
    titles = [number for number, line in enumerate(lines) if line.startswith("-- ----")]
    second = next((number for number in titles if "Block 1 " in lines[number]), None)
    end = next(number for number in titles if "From numbers" in lines[number])
    return len(lines) - (end - second if second is not None else 0)


def _draw(run: "SqlRun", prompt: str, changes: Sequence[str], writing: Writing,
          query: str | None) -> None:
    from cutaway.cli.edit import draw_changes
    from cutaway.cli.screen import counted, open_screen
    from cutaway.engines.sql.writing import drawn

    screen, model, config = open_screen(), run.model, run.model.config
    seed = randbits(32) if writing.seed is None else writing.seed
    run.choose(writing.sampling, next(drawn(writing.sampling, seed)))
    draw_tokens(screen, model, run.ids)
    if changes:
        draw_changes(changes)
    screen.heading("The model", f"{model.name} in {run.database.dialect.name}: "
                   f"{counted(config.n_layer, 'block')}, {counted(config.n_head, 'head')}, "
                   f"{config.n_embd:,} wide, {model.weights.count:,} parameters")
    draw_stages(screen, _stages(run))
    screen.heading("The next token")
    draw_candidates(screen, _candidates(run, 8))
    compared = _difference(run)
    if query:
        _show_answer(run, query)
    if writing.max_tokens:
        _write_on(run, prompt, writing, seed)
    screen.print("")
    screen.print(compared)
    screen.hint("Look inside:", "cutaway sql --shell",
                'cutaway sql "..." --query "SELECT * FROM choice ORDER BY logit DESC LIMIT 8"',
                'cutaway sql "..." --script gpt.sql')


def _stages(run: "SqlRun") -> list[Stage]:
    """The model from end to end, as the main job shows it; every number is the database's."""
    book = run.model.book
    made = []
    if first := book.find_role("embeddings"):
        made.append(Stage("embed", first, _shape(run, first), begins_with(book),
                          _guess_at(run, first)))
    for block in book.blocks:
        parts = {"attention": book.find_role("attention", block),
                 "MLP": book.find_role("neurons", block)}
        does = ", ".join(f"{word} {' x '.join(map(str, _shape(run, name)))}"
                         for word, name in parts.items() if name)
        table = book.role("block_output", block)
        made.append(Stage(f"h{block}", table, _shape(run, table), does, _guess_at(run, table)))
    last = book.role("next_probabilities")
    made.append(Stage("head", last, _shape(run, last), "last row -> whole vocabulary",
                      _candidates(run, 1)[0]))
    return made


def _shape(run: "SqlRun", table: str) -> tuple[int, ...]:
    """How long each axis of a step's table is, for this prompt."""
    counts = {**run.model.book.sizes, "position": len(run.ids), "source": len(run.ids)}
    return tuple(counts[axis] for axis in run.model.book.axes(table))


def _guess_at(run: "SqlRun", table: str) -> "Guess":
    from cutaway.look import Guess

    id, share = run.guess_after(table)
    return Guess(id, run.model.tokenizer.text_of(id), float(share))


def _candidates(run: "SqlRun", count: int) -> "list[Guess]":
    from cutaway.look import Guess

    prediction = run.model.book.role("next_probabilities")
    with run.looking() as database:
        rows = database.rows(f"SELECT vocabulary, value FROM {prediction} "
                             f"ORDER BY value DESC, vocabulary LIMIT {count}")
    return [Guess(id, run.model.tokenizer.text_of(id), float(share)) for id, share in rows]


def _difference(run: "SqlRun") -> str:
    """How far the database's tables are from the NumPy engine's, in one sentence."""
    import numpy as np

    truth = run.truth()
    found = {}
    for name, table in run.steps.items():
        if not table.on_demand:
            ours, theirs = run.array(name), truth[name].array
            finite = np.isfinite(theirs)  # minus infinity may have been typed
            far = np.abs(ours[finite] - theirs[finite]).max(initial=0)
            found[name] = float(far / (np.abs(theirs[finite]).max(initial=0) or 1))
    worst = max(found, key=found.__getitem__)
    return (f"Beside the NumPy engine: {len(found)} tables compared, the largest difference is "
            f"{found[worst]:.1e} of the table's largest number, in {worst}.")


def _write_on(run: "SqlRun", prompt: str, writing: Writing, seed: int) -> None:
    """The text that follows, each token chosen and appended by the database."""
    from cutaway.cli.drawing.flow import write_text
    from cutaway.cli.screen import open_screen
    from cutaway.engines.sql.writing import written

    screen = open_screen()
    screen.heading("The text that follows", "greedy: always the likeliest token"
                   if writing.sampling.greedy
                   else f"temperature {writing.sampling.temperature:g}")
    write_text(screen, prompt, written(run, writing.sampling, writing.max_tokens, seed))


def _show_answer(run: "SqlRun", query: str) -> None:
    from cutaway.cli.screen import open_screen

    with run.looking() as database:
        names, rows = database.answer(query)
    screen = open_screen()
    screen.heading("The answer", query)
    screen.table(names, [[f"{cell:.6g}" if isinstance(cell, float) else str(cell) for cell in row]
                         for row in rows[:200]], right=list(range(len(names))))
    if len(rows) > 200:
        screen.note(f"{len(rows):,} rows; the first 200 are shown. Add LIMIT to the query.")
