"""An edit at a position leaves the rows above it alone, where an engine's rows stand alone.

The truth is the same edit calculated with every row: the same engine told that its rows do not.
"""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cutaway import start_run
from cutaway.engines.compiled import CompiledEngine
from tests.profiles import many
from tests.workbook.tiny import BOOK, WEIGHTS

IDS = [3, 1, 4, 1, 5, 9, 2, 6]
LIMITED, EVERY_ROW = CompiledEngine(), CompiledEngine()
EVERY_ROW.rows_stand_alone = False
STEPS = ["residual", "queries", "keys", "values", "scores", "attention", "mixed", "mlp_up",
         "residual_after_mlp"]


def run_of(engine, ids=IDS):
    return start_run(BOOK, WEIGHTS, ids, engine=engine)


def all_equal(run, other):
    for name in BOOK.nodes:
        np.testing.assert_array_equal(run[name].array, other[name].array, err_msg=name)


changes = st.one_of(
    st.tuples(st.just("edit"), st.integers(0, 1), st.sampled_from(STEPS),
              st.one_of(st.integers(0, 7), st.builds(slice, st.integers(0, 3), st.integers(4, 8)),
                        st.lists(st.integers(0, 7), min_size=1, unique=True)),
              st.floats(-2, 2, width=32)),
    st.tuples(st.just("read"), st.sampled_from([*BOOK.nodes])),
    st.tuples(st.just("append"), st.integers(0, 10)),
    st.tuples(st.just("weight"), st.floats(-2, 2, width=32)))


@settings(max_examples=many(40, 400))
@given(st.lists(changes, min_size=1, max_size=6))
def test_edits_of_some_rows_give_the_same_digits_as_every_row_calculated_again(history):
    run, other = run_of(LIMITED), run_of(EVERY_ROW)
    for change in history:
        match change:
            case "edit", block, step, position, value:
                name = f"h{block}.{step}"
                run = run.edit(name, value, position=position)
                other = other.edit(name, value, position=position)
            case "read", name:
                np.testing.assert_array_equal(run[name].array, other[name].array)
            case "append", token:
                run, other = run.append(token), other.append(token)
            case _, value:
                run = run.edit("h0.c_fc_b", value, hidden=2)
                other = other.edit("h0.c_fc_b", value, hidden=2)
    all_equal(run, other)


def test_only_new_rows_of_what_follows_are_calculated():
    run = run_of(LIMITED)
    all_equal(run, run_of(EVERY_ROW))
    edited = run.edit("h1.mlp_up", 1.0, position=-1)
    _ = edited["next_logits"]
    assert set(edited.calculations) == {
        "h1.mlp_active", "h1.mlp_output", "h1.residual_after_mlp", "final_normalised", "final",
        "predicted_embedding", "next_logits"}
    assert edited._tables.rows("h1.mlp_active").shape[0] == 1


def test_reading_an_unchanged_table_again_calculates_nothing():
    run = run_of(LIMITED)
    all_equal(run, run_of(EVERY_ROW))
    edited = run.edit("h1.mlp_up", 1.0, position=5)
    for name in BOOK.nodes:
        _ = edited[name]
    counted = edited.calculations.copy()
    for name in BOOK.nodes:
        _ = edited[name]
    assert edited.calculations == counted
    assert not any(name.startswith("h0.") for name in counted)


@pytest.mark.parametrize("where", [0, slice(None), slice(0, 8), [0, 3]])
def test_an_edit_that_reaches_the_first_row_calculates_every_row(where):
    run, other = run_of(LIMITED), run_of(EVERY_ROW)
    all_equal(run.edit("h0.residual", 2.0, position=where),
              other.edit("h0.residual", 2.0, position=where))


def test_a_formula_that_may_look_anywhere_calculates_every_row():
    def attention(scores):
        return scores * 0.1

    run = run_of(LIMITED).replace(attention).edit("h0.residual", 2.0, position=5)
    other = run_of(EVERY_ROW).replace(attention).edit("h0.residual", 2.0, position=5)
    all_equal(run, other)


def test_a_hundred_edits_one_after_the_other_do_not_pile_up():
    run = run_of(LIMITED)
    for number in range(400):
        run = run.edit("h0.residual", number / 100, position=4 + number % 3, embed=1)
    other = run_of(EVERY_ROW)
    for number in (397, 398, 399):
        other = other.edit("h0.residual", number / 100, position=4 + number % 3, embed=1)
    np.testing.assert_array_equal(run["next_logits"].array, other["next_logits"].array)
