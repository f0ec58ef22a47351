"""What is different between two runs is told without calculating: never too little."""

import numpy as np
import pytest

import cutaway
from cutaway.scratch.changed import changed_between
from cutaway.workbook.operations import OPERATIONS


def test_a_run_and_itself_differ_in_nothing(run):
    assert changed_between(run, run) == set()


def gelu(table):
    return table * (table > 0)


@pytest.mark.parametrize("change", [
    lambda run: run.edit("h3.attention", 0, head=1),
    lambda run: run.edit("wte", 0, vocabulary=884),
    lambda run: run.edit("h2.ln_1_g", 2.0),
    lambda run: run.edit("prompt", "Once upon a time the king was glad. The queen was sad."),
    lambda run: run.edit("prompt", "One day"),
    lambda run: run.append(13),
    lambda run: run.rewrite("h4.attention", "softmax(causal(scores) * 2)"),
    lambda run: run.rewrite("attention", "softmax(causal(scores) * 2)"),
    lambda run: run.redefine(gelu),
])
def test_every_table_that_differs_is_named_both_ways(run, change):
    other = change(run)
    for before, after in ((run, other), (other, run)):
        told = changed_between(before, after)
        differing = {name for name in run if name not in run.book.constants
                     and not np.array_equal(before[name].array, after[name].array)}
        assert differing <= told


def test_what_does_not_depend_on_an_edit_is_not_named(run):
    told = changed_between(run, run.edit("h3.attention", 0, head=1))
    assert "h3.attention" in told
    assert "logits" in told
    assert told.isdisjoint({"wte", "h2.attention", "h3.scores", "embeddings"})


def test_an_operation_that_was_redefined_is_named(run):
    other = run.redefine(gelu)
    assert "gelu" in changed_between(run, other)
    assert "softmax" not in changed_between(run, other)
    assert "gelu" in changed_between(other, run)


def test_undoing_an_edit_names_what_the_edit_had_changed(run):
    edited = run.edit("h3.attention", 0, head=1)
    assert changed_between(edited, run) == changed_between(run, edited)


def test_another_model_differs_in_everything(run):
    other = cutaway.open_model().run("One day")
    assert {"wte", "h0.ln_1_g", "logits", "ids"} <= changed_between(run, other)


def test_another_precision_differs_in_everything(run, model):
    exact = model.run(run.ids, engine=cutaway.NumpyEngine(np.float64))
    assert "wte" in changed_between(run, exact)


def test_nothing_is_calculated_to_find_out(model):
    run = model.run("One day")
    other = run.edit("wte", 0, vocabulary=884)
    changed_between(run, other)
    assert run.calculations.total() == other.calculations.total() == 0
    assert set(OPERATIONS).isdisjoint(changed_between(run, other))
