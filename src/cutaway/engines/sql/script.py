"""The whole as one file of SQL to read and to run: prompt, tokens, every step, the choice.

It runs in a database that `load` has filled.
"""

from collections.abc import Iterator
from textwrap import wrap

from cutaway.engines.sql.choice import CHOICE, CHOSEN, NEXT_ID
from cutaway.engines.sql.database import quoted
from cutaway.engines.sql.dialect import DUCKDB, Dialect
from cutaway.engines.sql.model_tables import settings_table
from cutaway.engines.sql.program import SqlTable, program
from cutaway.engines.sql.words import POSITIONS, tokenizing
from cutaway.generate.sampling import GREEDY, Sampling
from cutaway.workbook.book import Book

TITLES = {"embed": "From tokens to numbers", "head": "From numbers to the next token"}
LINE = 96
TOP = """SELECT id, text, logit, probability
FROM choice
  JOIN vocabulary ON id = vocabulary
ORDER BY logit DESC, id
LIMIT 10;"""
TEXT = """SELECT text AS next_token
FROM chosen
  JOIN vocabulary USING (id);"""


def script(book: Book, prompt: str | None, sampling: Sampling = GREEDY, seed: int | None = None,
           dialect: Dialect = DUCKDB) -> str:
    """A file that calculates a prompt, or, with None, the row of the token that was chosen last.

    seed     a whole number for the same draw every time; the database's own generator draws
    Raises:  UnsupportedStep naming the step that cannot be said in SQL
    """
    sections = [_opening(prompt), "BEGIN;"]
    if prompt is None:
        sections += [_title("The token that was chosen last"),
                     *(_said(table, table.create(dialect)) for table in (NEXT_ID, POSITIONS))]
    else:
        sections += [_title("The prompt, and how it is cut into tokens"), *_prompt(prompt, dialect),
                     *(_said(table, table.create(dialect))
                       for table in (*tokenizing(dialect), POSITIONS))]
    sections += _steps(book, dialect, further=prompt is None)
    sections += [_title("The choice"), *_seeded(seed),
                 *(_said(table, table.create(dialect))
                   for table in (settings_table(sampling, "random()"), CHOICE, CHOSEN)),
                 "COMMIT;", TOP, TEXT]
    return "\n\n".join(sections) + "\n"


def _opening(prompt: str | None) -> str:
    if prompt is None:
        return ("-- GPT-2 in SQL: one more token. Run it after the prompt's file, as often as you "
                "like.")
    return ("-- GPT-2 in SQL: from a prompt to its next token, one table a step.\n"
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


def _steps(book: Book, dialect: Dialect, further: bool) -> Iterator[str]:
    """Every step; the explanations stand in the first block, and hold in the others."""
    explained: set[tuple[str, str]] = set()
    section = None
    for table in program(book, dialect):
        node = book.nodes[table.name]
        place = (node.sheet, node.block)
        if place != section and not table.on_demand:
            section = place
            yield _title(TITLES.get(node.sheet) or f"Block {node.block}")
        statement = table.extend(dialect) if further else table.create(dialect)
        said = (node.step.name, table.formula)
        yield statement if said in explained else _said(table, statement)
        explained.add(said)


def _said(table: SqlTable, statement: str) -> str:
    """A statement under its explanation and its formula."""
    number = f"{table.number}. " if table.number else ""
    lines = wrap(f"{number}{table.explanation}", LINE - 3)
    if table.formula:
        lines.append(f"{table.name.split('.')[-1]} = {table.formula}")
    return "\n".join([*(f"-- {line}" for line in lines), statement])

