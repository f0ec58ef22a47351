"""What differs between two runs."""

import numpy as np
import pytest

from cutaway.errors import CutawayError, UnknownTable
from cutaway.workbook import differences
from tests.workbook.tiny import BOOK, random_weights, tiny_run


def test_a_run_does_not_differ_from_itself_or_from_the_same_calculation():
    run = tiny_run()
    assert run.diff(run) == []
    assert run.diff(tiny_run()) == []


def test_exactly_the_edited_table_and_its_dependents_differ():
    run = tiny_run()
    found = run.diff(run.edit("h1.mlp_output", 0))
    assert {one.name for one in found} == {
        "h1.mlp_output", "h1.residual_after_mlp", "final_normalised", "final",
        "predicted_embedding", "next_logits", "next_probabilities", "logits"}


def test_the_numbers_are_those_that_numpy_gives_and_the_worst_comes_first():
    run = tiny_run()
    other = run.edit("h0.attention", lambda old: old * 1.5, head=1)
    found = run.diff(other)
    assert [one.relative for one in found] == sorted((one.relative for one in found), reverse=True)
    for one in found:
        before, after = run[one.name].array, other[one.name].array
        distance = np.abs(after - before)
        assert one.largest == distance.max() == distance[one.place]
        assert one.relative == distance.max() / np.abs(before).max()
        assert (one.before, one.after) == (before[one.place], after[one.place])
        assert one.cells == np.count_nonzero(distance)
        assert one.shapes == (before.shape, after.shape)


def test_an_edited_weight_is_among_the_differences():
    run = tiny_run()
    found = {one.name: one for one in run.diff(run.edit("wpe", 7, position=3, embed=2))}
    assert found["wpe"].place == (3, 2) and found["wpe"].after == 7 and found["wpe"].cells == 1
    assert "token_embeddings" not in found


def test_two_checkpoints_are_compared_by_their_weights_and_tables():
    found = tiny_run().diff(tiny_run(weights=random_weights(seed=1)))
    assert {one.name for one in found} == {*BOOK.weights, *BOOK.nodes}


def test_prompts_of_different_lengths_are_compared_where_both_have_rows():
    found = {one.name: one for one in tiny_run([0, 1, 2]).diff(tiny_run([0, 1, 5, 6]))}
    assert found["embeddings"].shapes == ((3, 6), (4, 6))
    assert found["embeddings"].place[0] == 2
    same_beginning = tiny_run([0, 1, 2]).diff(tiny_run([0, 1, 2, 6]), ["h1.residual"])
    assert all(one.largest < 1e-12 for one in same_beginning)


def test_only_the_named_tables_are_compared():
    run = tiny_run()
    other = tiny_run([5, 6, 7, 8])
    assert [one.name for one in run.diff(other, ["h0.scores"])] == ["h0.scores"]
    assert run.calculations["logits"] == 0
    with pytest.raises(UnknownTable, match=r"Did you mean 'h0.scores'"):
        run.diff(other, ["h0.score"])


def test_minus_infinity_in_both_is_no_difference():
    run = tiny_run().edit("h0.scores", -np.inf, head=1, position=3, source=1)
    other = run.edit("h0.scores", 100, head=0, position=2, source=0)
    one, = differences(run, other, ["h0.scores"])
    assert one.place == (0, 2, 0) and one.after == 100 and one.cells == 1
    assert one.largest == abs(100 - one.before)


def test_minus_infinity_in_one_is_the_worst_difference():
    run = tiny_run()
    other = run.edit("h0.scores", -np.inf, head=1, position=3, source=1)
    one, = differences(run, other, ["h0.scores"])
    assert one.largest == float("inf") and one.place == (1, 3, 1)
    assert run.diff(other)[0].name == "h0.scores"


def test_from_nothing_to_something_is_infinitely_more():
    silent = tiny_run().edit("h0.attention", 0)
    one, = silent.diff(tiny_run(), ["h0.attention"])
    assert one.relative == float("inf")


def test_one_prompt_and_several_cannot_be_compared():
    with pytest.raises(CutawayError, match="one prompt and a run of several"):
        tiny_run([0, 1]).diff(tiny_run([[0, 1]]))
