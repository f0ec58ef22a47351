"""The file of SQL: it runs in each database's own shell, and says what the library says."""

import os
import shutil
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import numpy as np
import pytest

from cutaway import open_model
from cutaway.engines.sql import (
    POSTGRESQL,
    SqlRun,
    make_duckdb,
    open_duckdb,
    open_postgresql,
    script,
)
from cutaway.errors import UnsupportedStep
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


def shell_on(path: Path) -> list[str]:
    return [shell_of_duckdb(), "-csv", "-noheader", str(path)]


def outcome(shell: list[str], text: str) -> tuple[str, str]:
    done = subprocess.run(shell, check=False, input=text, capture_output=True, text=True,
                          timeout=120)
    return done.stdout, done.stderr


@pytest.fixture(scope="module")
def small(tmp_path_factory):
    return random_model(tmp_path_factory.mktemp("small"), SHAPES["one head"])


def test_a_file_that_fails_shows_nothing_of_the_run_before(small, tmp_path):
    path = tmp_path / "small.duckdb"
    make_duckdb(small, path)
    assert outcome(shell_on(path), script(small.book, "Mike"))[0]
    said, wrong = outcome(shell_on(path), script(small.book, "Mike is quick."))
    assert said == "" and "The prompt has 14 tokens; 1 to 6 are expected." in wrong
    with open_duckdb(small, path) as database:
        assert SqlRun(small, database).ids == small.tokenizer.encode("Mike")


def test_a_further_token_has_no_place_where_all_are_taken(small, tmp_path):
    path = tmp_path / "small.duckdb"
    make_duckdb(small, path)
    outcome(shell_on(path), script(small.book, "Mike i"))
    said, wrong = outcome(shell_on(path), script(small.book, None))
    assert said == "" and "All 6 positions are taken." in wrong


def changed(model):
    """A run with a formula that looks ahead, and typed numbers of every kind."""
    run = model.run("Mik").rewrite("attention", "softmax(scores)")
    return run.edit("h0.mlp_up", 0.5, hidden=3).edit("wte", [1, -2, 3, 1e-3], vocabulary=7).edit(
        "h0.residual", run["h0.residual"].array * 2)


def test_a_file_of_typed_numbers_gives_the_token_of_that_run_and_of_the_next(small, tmp_path):
    path, like = tmp_path / "small.duckdb", changed(small)
    make_duckdb(small, path)
    outcome(shell_on(path), script(small.book, "Mik"))
    for prompt in ("Mik", None):
        text = script(small.book, prompt, like=like)
        assert "-- typed: hidden 3 <- 0.5" in text.splitlines()
        run_in(shell_on(path), text)
    with open_duckdb(small, path) as database:
        run = SqlRun(small, database, like)
        assert len(run.ids) == 4
        truth = like.edit("ids", run.ids)
        for name in ("h0.mixed", "logits"):
            wanted = truth[name].array
            assert np.abs(run.array(name) - wanted).max() <= 1e-5 * np.abs(wanted).max()


def test_a_file_for_one_more_token_goes_on_with_a_run_of_the_same_formulas_only(small, tmp_path):
    path = tmp_path / "small.duckdb"
    make_duckdb(small, path)
    outcome(shell_on(path), script(small.book, "Mik"))
    said, wrong = outcome(shell_on(path), script(small.book, None, like=changed(small)))
    assert said == "" and "a run with other formulas" in wrong


def test_psql_runs_a_file_of_typed_numbers(small, server):
    import pgserver

    open_postgresql(small, server).close()
    psql = [str(Path(pgserver.__file__).parent / "pginstall" / "bin" / "psql"), server, "-q", "-t",
            "-A", "-v", "ON_ERROR_STOP=1"]
    environment = {**os.environ, "PGOPTIONS": "-c search_path=cutaway,public"}
    like = changed(small)
    for prompt in ("Mik", None):
        run_in(psql, "SET client_min_messages = warning;\n" + script(
            small.book, prompt, dialect=POSTGRESQL, like=like), env=environment)
    with closing(open_postgresql(small, server)) as database:
        run = SqlRun(small, database, like)
        wanted = like.edit("ids", run.ids)["logits"].array
        assert np.abs(run.array("logits") - wanted).max() <= 1e-5 * np.abs(wanted).max()


def test_too_many_typed_numbers_for_a_file_are_refused_by_name(small, monkeypatch):
    monkeypatch.setattr(sys.modules["cutaway.engines.sql.script"], "MOST_WRITTEN", 10)
    with pytest.raises(UnsupportedStep, match="h0_residual_1: 12 numbers were typed"):
        script(small.book, "Mik", like=changed(small))
