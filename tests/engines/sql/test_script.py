"""The file of SQL: it runs in each database's own shell, and says what the library says."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from cutaway import open_model
from cutaway.engines.sql import (
    POSTGRESQL,
    make_duckdb,
    open_postgresql,
    script,
)
from cutaway.generate import Sampling, generate_text
from tests.engines.sql.conftest import SHAPES, random_model

PROMPT = "It's quick. He moves"


@pytest.fixture(scope="module")
def model():
    return open_model()


def shell_of_duckdb() -> str:
    found = shutil.which("duckdb", path=str(Path(sys.executable).parent)) or shutil.which("duckdb")
    if found is None:
        pytest.skip("DuckDB's shell is not here: pip install duckdb-cli")
    return found


def run_in(shell: list[str], text: str, **settings) -> str:
    done = subprocess.run(shell, check=False, input=text, capture_output=True, text=True,
                          timeout=120, **settings)
    assert done.stderr == ""
    return done.stdout


def test_the_plain_shell_gives_the_same_text_token_by_token(model, tmp_path):
    path = tmp_path / "storybook.duckdb"
    make_duckdb(model, path)
    shell = [shell_of_duckdb(), "-csv", "-noheader", str(path)]
    said = [run_in(shell, script(model.book, PROMPT))]
    said += [run_in(shell, script(model.book, None)) for _ in range(3)]
    text = "".join(answer.splitlines()[-1].strip('"') for answer in said)
    assert text == generate_text(model, PROMPT, max_tokens=4)


def test_psql_gives_the_same_token(model, server):
    import pgserver

    open_postgresql(model, server).close()
    programs = Path(pgserver.__file__).parent / "pginstall" / "bin"
    environment = {**os.environ, "PGOPTIONS": "-c search_path=cutaway,public"}
    said = run_in([str(programs / "psql"), server, "-q", "-t", "-A", "-v", "ON_ERROR_STOP=1"],
                  "SET client_min_messages = warning;\n"
                  + script(model.book, PROMPT, dialect=POSTGRESQL), env=environment)
    assert said.splitlines()[-1] == generate_text(model, PROMPT, max_tokens=1)


def test_a_seed_draws_the_same_token_every_time(model, tmp_path):
    path = tmp_path / "storybook.duckdb"
    make_duckdb(model, path)
    shell = [shell_of_duckdb(), "-csv", "-noheader", str(path)]
    text = script(model.book, PROMPT, Sampling(1.5, top_k=50), seed=3)
    assert len({run_in(shell, text).splitlines()[-1] for _ in range(3)}) == 1


def test_every_step_stands_under_its_explanation_and_formula_once(model):
    lines = script(model.book, PROMPT).splitlines()
    for name, node in model.book.nodes.items():
        made = [f"CREATE OR REPLACE {kind} {name} AS" for kind in ("TABLE", "VIEW")]
        assert sum(line in made for line in lines) == 1, name
        assert lines.count(f"-- {node.step.name} = {node.step.formula}") == 1


def test_a_formula_that_one_block_alone_has_is_told_there(model):
    book = model.run("a").rewrite("h3.attention", "softmax(scores)").book
    assert script(book, PROMPT).count("-- attention = softmax(scores)\n") == 1


def test_it_is_no_longer_than_the_famous_one_with_its_block_said_once(tmp_path):
    model = random_model(tmp_path / "model", SHAPES["one head"])
    assert script(model.book, "Mike").count("\n") < 500  # "GPT in 500 lines of SQL"


def test_no_line_is_longer_than_a_page_is_wide(model):
    assert max(map(len, script(model.book, PROMPT).splitlines())) <= 110


def test_a_quote_in_the_prompt_stays_text(model):
    assert "SELECT 'It''s quick. He moves'::TEXT AS text" in script(model.book, PROMPT)
