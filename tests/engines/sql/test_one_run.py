"""No derived table outlives what it was made from: a database holds all of one run, or none of it.

Each test is a member of that kind: something that a run leaves behind, and the next one must not
find. Expected numbers are the NumPy engine's.
"""

from contextlib import closing
from copy import copy
from dataclasses import replace

import numpy as np
import pytest

from cutaway import NumpyEngine
from cutaway.engines.sql import DuckDB, SqlRun, load, make_duckdb, open_duckdb, open_postgresql
from cutaway.engines.sql.contents import fingerprint
from cutaway.engines.sql.record import kinds
from cutaway.engines.sql.writing import written
from cutaway.errors import DatabaseError
from cutaway.tokenizer import Tokenizer
from tests.engines.sql.conftest import SHAPES, random_model

ANOTHER = "of another run by now"


@pytest.fixture(scope="module")
def model(tmp_path_factory):
    return random_model(tmp_path_factory.mktemp("model"), SHAPES["another epsilon"])


def close(run: SqlRun, name: str, truth) -> bool:
    wanted = truth[name].array
    return bool(np.abs(run.array(name) - wanted).max() <= 1e-5 * np.abs(wanted).max())


def test_a_choice_goes_with_the_prompt_that_it_was_made_for(calculated, model):
    run = calculated(model)
    run.predict("Mike")
    run.choose()
    run.predict("He moves")
    assert not {"settings", "choice", "chosen"} & kinds(run.database).keys()
    with pytest.raises(DatabaseError, match="No next token has been chosen"):
        run.append()


def test_a_choice_goes_with_the_token_that_was_appended(calculated, model):
    run = calculated(model)
    run.predict("Mike")
    run.choose()
    run.append()
    assert not {"settings", "choice", "chosen"} & kinds(run.database).keys()


def test_after_a_text_the_choice_is_that_of_the_token_to_come(calculated, model):
    run = calculated(model)
    run.predict("Mike")
    list(written(run, max_tokens=2))
    logits = model.run(run.ids)["next_logits"].array
    assert run.database.rows("SELECT id FROM chosen") == [(int(logits.argmax()),)]


def test_the_way_into_tokens_goes_where_there_was_no_text(calculated, model):
    run = calculated(model)
    run.predict("Mike")
    run.predict_ids([5, 6, 7])
    assert not {"prompt", "characters", "pieces", "bytes", "merging"} & kinds(run.database).keys()
    assert run.ids == [5, 6, 7]


def test_the_steps_go_where_a_text_is_only_cut_into_tokens(calculated, model):
    run = calculated(model)
    run.predict("Mike")
    run.tokenize("He moves")
    assert not run.steps.keys() & kinds(run.database).keys()


def test_typed_numbers_go_with_their_run(calculated, model):
    plain = calculated(model)
    plain.predict("Mike")
    truth = model.run("Mike", engine=NumpyEngine(np.float64))
    edited = truth.edit("wte", 3, vocabulary="M").edit("logits", 9, vocabulary=1)
    edited = edited.edit("h0.residual", np.ones(truth["h0.residual"].shape))
    changed = SqlRun(model, plain.database, edited)
    changed.predict("Mike")
    assert all(close(changed, name, edited) for name in ("logits", "next_logits"))
    plain.predict("Mike")
    assert all(close(plain, name, truth) for name in ("logits", "next_logits"))
    assert not [name for name in kinds(plain.database) if name.startswith("cutaway_typed")]


def test_tables_of_steps_that_the_next_book_does_not_have_go(calculated, model):
    run = calculated(model)
    run.predict("Mike")
    book = copy(model.book)
    book.nodes = {name: node for name, node in book.nodes.items() if name != "logits"}
    SqlRun(replace(model, book=book), run.database).predict("Mike")
    assert "logits" not in kinds(run.database) and "next_logits" in kinds(run.database)


def test_a_run_whose_tables_are_gone_says_so(calculated, model):
    first = calculated(model)
    first.predict("Mike")
    second = SqlRun(model, first.database)
    second.predict("He moves")
    for ask in (lambda: first.array("next_logits"), first.choose, first.append, lambda: first.ids,
                lambda: first.guess_after("h0.residual_after_mlp")):
        with pytest.raises(DatabaseError, match=ANOTHER):
            ask()
    assert close(second, "next_logits", model.run("He moves"))


def test_a_run_of_other_formulas_does_not_take_the_tables_for_its_own(calculated, model):
    first = calculated(model)
    first.predict("Mike")
    like = model.run("Mike").rewrite("h1.attention", "softmax(scores)")
    with pytest.raises(DatabaseError, match=ANOTHER):
        SqlRun(model, first.database, like).array("next_logits")


def test_a_database_in_which_nothing_was_calculated_says_so(model):
    with DuckDB(":memory:") as database:
        load(model, database)
        with pytest.raises(DatabaseError, match="Nothing has been calculated"):
            SqlRun(model, database).array("next_logits")


def test_two_programs_in_one_postgresql_never_read_each_others_numbers(model, server):
    with (closing(open_postgresql(model, server)) as one,
          closing(open_postgresql(model, server)) as other):
        first, second = SqlRun(model, one), SqlRun(model, other)
        first.predict("Mike")
        second.predict("He moves")
        with pytest.raises(DatabaseError, match=ANOTHER):
            first.array("next_logits")
        assert close(second, "next_logits", model.run("He moves"))


def test_a_model_that_was_loaded_meanwhile_is_not_calculated_with(model, server, tmp_path):
    other = random_model(tmp_path / "other", SHAPES["one head"])
    with closing(open_postgresql(model, server)) as mine:
        run = SqlRun(model, mine)
        run.predict("Mike")
        open_postgresql(other, server).close()
        with pytest.raises(DatabaseError, match="Another model has been loaded"):
            run.predict("Mike")


@pytest.mark.parametrize("change", ["vocabulary", "classes", "layout"])
def test_a_database_made_with_other_tokens_or_characters_is_not_this_models(model, change,
                                                                           monkeypatch):
    before = fingerprint(model)
    if change == "vocabulary":
        old = model.tokenizer
        model = replace(model, tokenizer=Tokenizer((*old.vocabulary[256:], *old.vocabulary[:256]),
                                                   old.merges,
                                                   {"<|endoftext|>": len(old.merges)}))
    elif change == "classes":
        monkeypatch.setattr("cutaway.engines.sql.contents.character_classes", lambda: ())
    else:
        monkeypatch.setattr("cutaway.engines.sql.contents.LAYOUT", 1)
    assert fingerprint(model) != before


def test_what_a_database_file_left_beside_it_is_not_the_next_files(model, tmp_path):
    path = tmp_path / "model.duckdb"
    (tmp_path / "model.duckdb.wal").write_bytes(b"of another database" * 99)
    make_duckdb(model, path)
    assert not (tmp_path / "model.duckdb.wal").exists()
    with open_duckdb(model, path) as database:
        SqlRun(model, database).predict("Mike")


def test_an_interrupted_run_leaves_all_of_the_one_before_with_its_choice(model, monkeypatch):
    with DuckDB(":memory:") as database:
        load(model, database)
        run = SqlRun(model, database)
        run.predict("Mike")
        chosen = run.choose()
        store, calls = database.execute, []

        def interrupted(sql):
            calls.append(sql)
            if "h1.qkv" in sql and "CREATE" in sql:
                raise KeyboardInterrupt
            store(sql)

        monkeypatch.setattr(database, "execute", interrupted)
        for again in (lambda: run.predict("He moves"), run.append):
            with pytest.raises(KeyboardInterrupt):
                again()
        monkeypatch.undo()
        assert run.database.rows("SELECT id FROM chosen") == [(chosen,)]
        assert run.ids == model.tokenizer.encode("Mike")
        assert close(run, "next_logits", model.run("Mike"))
