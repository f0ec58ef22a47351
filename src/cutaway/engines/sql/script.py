"""The whole as one file of SQL to read and to run: prompt, tokens, every step, the choice.

It runs in a database that `load` has filled.
"""

from collections.abc import Iterator
from textwrap import wrap

from cutaway.engines.sql.choice import choosing
from cutaway.engines.sql.contents import Contents
from cutaway.engines.sql.database import quoted
from cutaway.engines.sql.dialect import DUCKDB, Dialect
from cutaway.engines.sql.program import Program, SqlTable, translation
from cutaway.engines.sql.record import new_record, next_record
from cutaway.engines.sql.typed import TYPED
from cutaway.engines.sql.words import ALL_IDS, NEW_IDS, NEW_TOKEN, POSITIONS, TOKENS, tokenizing
from cutaway.errors import UnsupportedStep
from cutaway.generate.sampling import GREEDY, Sampling
from cutaway.words import in_one_line
from cutaway.workbook.book import Book
from cutaway.workbook.run import Run

MOST_WRITTEN = 100_000  # typed numbers of one table in a file
TITLES = {"embed": "From tokens to numbers", "head": "From numbers to the next token"}
LINE = 96
LONGEST_LINE = 1000  # of a comment: a formula, or what was typed
TOP = """SELECT id, text, logit, probability
FROM choice
  JOIN vocabulary ON id = vocabulary
ORDER BY logit DESC, id
LIMIT 10;"""
TEXT = """SELECT text AS next_token
FROM chosen
  JOIN vocabulary USING (id);"""


def script(book: Book, prompt: str | None, sampling: Sampling = GREEDY, seed: int | None = None,
           dialect: Dialect = DUCKDB, *, like: Run | None = None) -> str:
    """A file that calculates a prompt, or, with None, the row of the token that was chosen last.

    All of it is one transaction: a file that fails has changed nothing, and shows nothing.

    seed     a whole number for the same draw every time; the database's own generator draws
    like     a run of the model, whose formulas and typed numbers are taken over
    Raises:  UnsupportedStep naming what cannot be said in SQL
    """
    program = translation(book, dialect, like)
    sections = [_opening(prompt), "BEGIN;"]
    most, formulas = book.sizes["position"], program.fingerprint()
    if prompt is None:
        ids = ALL_IDS if program.anew else NEW_IDS
        sections += [_title("The token that was chosen last"), next_record(formulas, most),
                     _said(NEW_TOKEN, NEW_TOKEN.extend(dialect)),
                     *(_said(table, table.create(dialect)) for table in (ids, POSITIONS))]
    else:
        sections += [_title("The prompt, and how it is cut into tokens"), *_prompt(prompt, dialect),
                     *(_said(table, table.create(dialect)) for table in
                       (*tokenizing(dialect), POSITIONS, TOKENS, new_record(formulas, most)))]
        sections += _typed(program)
    sections += _steps(program, further=prompt is None and not program.anew)
    sections += [_title("The choice"), *_seeded(seed),
                 *(_said(table, table.create(dialect)) for table in choosing(sampling, "random()")),
                 TOP, TEXT, "COMMIT;"]
    return "\n\n".join(sections) + "\n"


def _typed(program: Program) -> Iterator[str]:
    """What was typed over weights, and every table for which several numbers were typed.

    Raises:  UnsupportedStep where they are too many to be written out
    """
    yield f"DROP SCHEMA IF EXISTS {TYPED} CASCADE;"
    if not program.layers:
        return
    yield _title("Typed numbers")
    yield f"CREATE SCHEMA {TYPED};"
    for table in program.numbers:
        if table.rows > MOST_WRITTEN:
            raise UnsupportedStep(
                f"{table.name.removeprefix(TYPED + '.')}: {table.rows:,} numbers were typed, and "
                f"a file of SQL holds at most {MOST_WRITTEN:,} of a table. Calculate the run in "
                f"the database with SqlRun, or export the model with the changed weight.")
        yield _written_out(table, program.dialect)
    for table in program.copies:
        yield _said(table, table.create(program.dialect))


def _written_out(table: Contents, dialect: Dialect) -> str:
    names = [column.name for column in table.columns]
    rows = zip(*[[repr(one.item()) for one in column.values] for column in table.columns],
               strict=True)
    cells = wrap(", ".join(f"({','.join(row[:-1])},{_number(row[-1])})" for row in rows), LINE)
    values = "\n  ".join(cells)
    query = (f"SELECT {', '.join(names[:-1])}, value::REAL AS value\nFROM (VALUES\n  {values}\n"
             f") AS typed({', '.join(names)})")
    return dialect.replace(table.name, query)


def _number(text: str) -> str:
    """A number as both databases read it from a list of values."""
    return f"'{text.replace('inf', 'Infinity')}'"


def _opening(prompt: str | None) -> str:
    if prompt is None:
        return ("-- The model in SQL: one more token. Run it after the prompt's file, as often as "
                "you like.")
    return ("-- The model in SQL: from a prompt to its next token, one table a step.\n"
            "-- Every table stays: SELECT * FROM h0.attention WHERE head = 1;")


def _title(text: str) -> str:
    return f"-- {f'---- {text} '.ljust(LINE - 3, '-')}"


def _prompt(prompt: str, dialect: Dialect) -> list[str]:
    table = SqlTable("prompt", "Another prompt? Type it here.",
                     f"SELECT {quoted(prompt)}::TEXT AS text")
    return [_said(table, table.create(dialect))]


def _seeded(seed: int | None) -> list[str]:
    if seed is None:
        return []
    return [f"-- The same draw every time.\nSELECT setseed({seed % 1000 / 1000});"]


def _steps(program: Program, further: bool) -> Iterator[str]:
    """Every step; the explanations stand in the first block, and hold in the others."""
    explained: set[tuple[str, str, tuple[str, ...]]] = set()
    section = None
    for table in program.steps():
        node = program.book.nodes[table.name]
        place = (node.sheet, node.block)
        if place != section and not table.on_demand:
            section = place
            yield _title(TITLES.get(node.sheet) or f"Block {node.block}")
        statement = table.extend(program.dialect) if further else table.create(program.dialect)
        said = (node.step.name, table.formula, table.typed)
        yield statement if said in explained else _said(table, statement)
        explained.add(said)


def _said(table: SqlTable, statement: str) -> str:
    """A statement under its explanation and its formula."""
    number = f"{table.number}. " if table.number else ""
    lines = wrap(f"{number}{table.explanation}", LINE - 3)
    if table.formula:
        lines.append(f"{table.name.split('.')[-1]} = {table.formula}")
    lines += [f"typed: {words}" for words in table.typed]
    return "\n".join([*(f"-- {in_one_line(line, LONGEST_LINE)}" for line in lines), statement])

