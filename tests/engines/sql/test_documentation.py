"""docs/sql.md: what it shows runs, and is what Cutaway writes."""

import re
from pathlib import Path

import pytest

from cutaway import open_model
from cutaway.cli.sql import lines_with_one_block
from cutaway.engines.sql import DuckDB, SqlRun, load, script

PAGE = (Path(__file__).parents[3] / "docs" / "sql.md").read_text(encoding="utf-8")


def blocks(language: str) -> list[str]:
    return re.findall(rf"```{language}\n(.*?)```", PAGE, re.DOTALL)


@pytest.fixture(scope="module")
def text() -> str:
    return script(open_model().book, "Mike is quick. He moves")


def test_its_queries_have_answers():
    model = open_model()
    with DuckDB(":memory:") as database:
        load(model, database)
        run = SqlRun(model, database)
        run.predict("Mike is quick. He moves")
        run.choose()
        for query in blocks("sql")[0].splitlines():
            assert database.rows(query)


def test_its_excerpt_stands_in_the_file(text):
    for statement in blocks("sql")[1].strip().split("\n\n"):
        assert statement in text


def test_its_counts_of_lines_are_those_of_the_file(text):
    assert f"{len(text.splitlines()):,} lines" in PAGE
    assert f"{lines_with_one_block(text)} lines with its block said once" in PAGE


def test_its_python_runs():
    code, = blocks("python")
    exec(code, {})
