"""Making, keeping and losing the database of a model."""

import re
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from cutaway.engines.sql import (
    DuckDB,
    PostgreSQL,
    SqlRun,
    load_postgresql,
    make_duckdb,
    open_duckdb,
    open_postgresql,
)
from cutaway.errors import DatabaseError, DiskError
from cutaway.weights import read_model_files, save_weights
from tests.engines.sql.conftest import SHAPES, random_model

SECRET = "s3cret-w0rd"


class Interrupted(Exception):
    """What a user's Ctrl-C is here."""


def interrupt_after(count: int):
    """A callback for progress that breaks off the load after so many tables."""
    reports = []

    def heard(report):
        reports.append(report)
        if len(reports) == count:
            raise Interrupted

    return heard


@pytest.fixture
def small(tmp_path):
    return random_model(tmp_path / "small", SHAPES["one head"])


@pytest.fixture
def other(tmp_path):
    return random_model(tmp_path / "other", SHAPES["odd heads"])


def test_an_interrupted_load_leaves_no_file(small, tmp_path):
    with pytest.raises(Interrupted):
        make_duckdb(small, tmp_path / "model.duckdb", interrupt_after(6))
    assert [file.name for file in tmp_path.iterdir() if file.is_file()] == []


def test_an_interrupted_load_leaves_the_database_that_was_there(small, other, tmp_path):
    path = tmp_path / "model.duckdb"
    make_duckdb(small, path)
    before = path.read_bytes()
    with pytest.raises(Interrupted):
        make_duckdb(other, path, interrupt_after(6))
    assert path.read_bytes() == before


def test_the_tables_of_a_run_are_there_when_the_file_is_opened_again(small, tmp_path):
    path = tmp_path / "model.duckdb"
    with open_duckdb(small, path) as database:
        run = SqlRun(small, database)
        run.predict("Mike")
        before = run.array("next_probabilities")
    with open_duckdb(small, path) as database:
        assert (SqlRun(small, database).array("next_probabilities") == before).all()


def test_another_models_tables_are_never_calculated_with(small, other, tmp_path):
    path = tmp_path / "model.duckdb"
    make_duckdb(small, path)
    with open_duckdb(other, path) as database:
        run = SqlRun(other, database)
        run.predict("Mike")
        assert run.array("next_logits").shape == (other.config.vocab_size,)


def test_one_changed_number_or_another_packing_of_a_weight_makes_another_database(small, tmp_path):
    arrays = {name: np.array(small.weights[name]) for name in small.book.weights}
    arrays["h0.c_fc_b"][3] += 1
    save_weights(tmp_path / "other", small.config, arrays)
    other = replace(small, weights=read_model_files(tmp_path / "other").weights)
    formula = "joined @ transpose(attn_c_proj_w)"  # rows of the weight now, columns before
    turned = replace(small, book=small.run("a").rewrite("attention_output", formula).book)
    for model in (small, other, turned):
        with open_duckdb(model, tmp_path / "model.duckdb") as database:
            run = SqlRun(model, database)
            run.predict("Mike")
            truth = model.run("Mike")["next_logits"].array
            assert np.abs(run.array("next_logits") - truth).max() <= 1e-5 * np.abs(truth).max()


def test_a_run_that_is_interrupted_leaves_the_tables_of_the_one_before(small, monkeypatch):
    with DuckDB(":memory:") as database:
        from cutaway.engines.sql import load

        load(small, database)
        run = SqlRun(small, database)
        run.predict("Mike")
        before = run.array("next_logits"), run.array("ids")
        execute, told = database.execute, []

        def interrupted(sql):
            told.append(sql)
            if len(told) == 15:
                raise Interrupted
            execute(sql)

        monkeypatch.setattr(database, "execute", interrupted)
        with pytest.raises(Interrupted):
            run.predict("He mo")
        assert (run.array("next_logits") == before[0]).all()
        assert (run.array("ids") == before[1]).all()


def test_a_database_that_is_not_ours_is_left_as_it_is(small, tmp_path):
    path = tmp_path / "mine.duckdb"
    with DuckDB(path) as database:
        database.execute("CREATE TABLE mine AS SELECT 42 AS answer")
    for attempt in (open_duckdb, make_duckdb):
        with pytest.raises(DatabaseError, match="holds no model of Cutaway's"):
            attempt(small, path)
    with DuckDB(path) as database:
        assert database.rows("SELECT answer FROM mine") == [(42,)]


def test_a_file_that_is_no_database_is_told(small, tmp_path):
    path = tmp_path / "text.duckdb"
    path.write_text("no database at all, but a text that is long enough to be looked at" * 80)
    with pytest.raises(DatabaseError, match=r"text\.duckdb cannot be opened as a DuckDB"):
        open_duckdb(small, path)


def test_a_place_where_nothing_can_be_written_is_told_by_its_name(small):
    with pytest.raises(DiskError, match=r"^/proc/model\.duckdb could not be written"):
        make_duckdb(small, Path("/proc/model.duckdb"))


def test_what_a_database_says_of_a_query_is_told_without_a_traceback():
    saying = pytest.raises(DatabaseError, match=r"DuckDB says.*nowhere")
    with DuckDB(":memory:") as database, saying:
        database.rows("SELECT * FROM nowhere")


def test_an_interrupted_load_leaves_postgresql_as_it_was(small, other, server):
    open_postgresql(small, server).close()
    with PostgreSQL(server) as database:
        with pytest.raises(Interrupted):
            load_postgresql(other, database, interrupt_after(6))
        assert database.rows("SELECT count(*) FROM vocabulary") == [(len(small.tokenizer),)]


def test_a_schema_of_somebody_elses_is_never_touched(small, server):
    with PostgreSQL(server) as database:
        database.execute("DROP SCHEMA IF EXISTS cutaway, h0, h1, h2, h3, h4, h5 CASCADE;"
                         "CREATE SCHEMA h0; CREATE TABLE h0.mine AS SELECT 42 AS answer")
        try:
            with pytest.raises(DatabaseError, match="schema 'h0' that Cutaway has not made"):
                load_postgresql(small, database)
            assert database.rows("SELECT answer FROM h0.mine") == [(42,)]
        finally:
            database.execute("DROP SCHEMA h0 CASCADE")


@pytest.mark.parametrize("url", [
    f"postgresql://somebody:{SECRET}@127.0.0.1:1/nothing",
    f"postgresql//somebody:{SECRET}@127.0.0.1/nothing",
    f"postgresql://somebody:{SECRET}@127.0.0.1:99999999/nothing",
    f"host=127.0.0.1 port=1 password={SECRET} nonsense",
    f"postgresql://somebody:{SECRET}@/nothing?host=/nowhere/at/all",
])
def test_no_error_shows_credentials(url):
    with pytest.raises(DatabaseError) as raised:
        PostgreSQL(url)
    told = raised.getrepr(style="long").reprcrash.message + str(raised.value)
    assert SECRET not in told and "somebody" not in re.sub("user:password", "", told)
    assert raised.value.__cause__ is None and raised.value.__suppress_context__


def test_a_wrong_user_is_told_without_its_name(server):
    with pytest.raises(DatabaseError, match="no such database or user") as raised:
        PostgreSQL(server.replace("postgres:@", f"somebody:{SECRET}@"))
    assert SECRET not in str(raised.value) and "somebody" not in str(raised.value)
