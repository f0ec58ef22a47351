"""Means and other prompts' numbers typed over cells, and operations redefined."""

import numpy as np
import pytest

from cutaway.errors import FormulaError, ShapeMismatch, UnknownRow
from cutaway.workbook import from_prompt, mean_of
from tests.workbook.tiny import CONFIG, all_tables, tiny_run

PROMPT = "the cat sat on mat."


def prompt_run(text: str = PROMPT):
    return tiny_run().edit("prompt", text)


def test_the_mean_of_a_head_is_the_mean_of_its_columns_over_positions():
    run = prompt_run()
    changed = mean_of(run, "h1.mixed", head=1)
    mixed = run["h1.mixed"].array
    np.testing.assert_allclose(changed["h1.mixed"].array[1],
                               np.tile(mixed[1].mean(axis=0), (mixed.shape[1], 1)), rtol=1e-12)
    np.testing.assert_array_equal(changed["h1.mixed"].array[0], mixed[0])


def test_one_row_alone_takes_the_mean_of_all():
    run = prompt_run()
    changed = mean_of(run, "h0.residual", position=2)
    expected = run["h0.residual"].array.copy()
    expected[2] = run["h0.residual"].array.mean(axis=0)
    np.testing.assert_allclose(changed["h0.residual"].array, expected, rtol=1e-12)


def test_a_table_without_positions_has_no_mean_over_them():
    with pytest.raises(ShapeMismatch, match=r"^wte \(vocabulary embed\) has no positions"):
        mean_of(prompt_run(), "wte")


def test_a_row_of_another_prompt_is_patched_in():
    run, other = prompt_run(), prompt_run("the dog sat on mat.")
    changed = from_prompt(run, "h1.residual", "the dog sat on mat.", position=1)
    expected = run["h1.residual"].array.copy()
    expected[1] = other["h1.residual"].array[1]
    np.testing.assert_array_equal(changed["h1.residual"].array, expected)


def test_everything_of_another_prompt_patched_in_gives_its_prediction():
    changed = from_prompt(prompt_run(), "h0.residual", "the dog sat on mat.")
    other = prompt_run("the dog sat on mat.")
    np.testing.assert_array_equal(changed["next_logits"].array, other["next_logits"].array)


def test_of_a_shorter_prompt_the_rows_that_both_have_are_patched():
    run, other = prompt_run(), prompt_run("the dog")
    changed = from_prompt(run, "h1.attention", "the dog", head=0)["h1.attention"].array
    np.testing.assert_array_equal(changed[0, :2, :2], other["h1.attention"].array[0])
    np.testing.assert_array_equal(changed[0, 2:], run["h1.attention"].array[0, 2:])
    with pytest.raises(UnknownRow, match="no position 4"):
        from_prompt(run, "h1.residual", "the dog", position=4)


def test_the_other_prompt_is_calculated_without_typed_numbers():
    silent = prompt_run().edit("wte", 0.0)
    patched = from_prompt(silent, "h0.residual", PROMPT)
    np.testing.assert_array_equal(patched["h0.residual"].array,
                                  prompt_run()["h0.residual"].array)


def test_an_operation_redefined_is_used_in_every_formula_that_calls_it():
    def gelu(table):
        return np.maximum(table, 0)

    run = prompt_run()
    all_tables(run)
    changed = run.redefine(gelu)
    for block in range(CONFIG.n_layer):
        np.testing.assert_array_equal(changed[f"h{block}.mlp_active"].array,
                                      np.maximum(changed[f"h{block}.mlp_up"].array, 0))
    assert changed.calculations["h0.attention"] == 0, "nothing above it is calculated again"
    assert changed.book.nodes["h0.mlp_active"].step.formula == "gelu(mlp_up)"
    np.testing.assert_array_equal(prompt_run()["h0.mlp_active"].array, run["h0.mlp_active"].array)


def test_an_operation_within_another_stays_and_a_later_formula_uses_the_new_one():
    def causal(scores):
        return scores

    run = prompt_run().redefine(causal).rewrite("h1.attention", "softmax(causal(scores) * 2)")
    assert (np.triu(run["h1.attention"].array[0], 1) != 0).any()
    assert (np.triu(run["h0.attention"].array[0], 1) != 0).any()


def test_what_is_no_operation_cannot_be_redefined():
    def sofmax(table):
        return table

    def last_axis(table):
        return 1.0

    with pytest.raises(FormulaError, match=r"There is no operation 'sofmax'\. Did you mean"):
        prompt_run().redefine(sofmax)
    assert prompt_run().redefine(last_axis)["h0.scores"].shape == (2, 6, 6)


def test_a_table_is_held_once_it_was_read_and_its_time_is_known():
    run = prompt_run()
    assert run.holds("wte") and run.holds("ids") and not run.holds("h0.attention")
    _ = run["h0.attention"]
    assert run.holds("h0.attention") and run.seconds["h0.attention"] >= 0
    longer = run.append(3)
    assert not longer.holds("h0.attention")
    _ = longer["h0.attention"]
    assert longer.holds("h0.attention")
    edited = run.edit("wte", 0.0, vocabulary=0)
    assert not edited.holds("wte")
    _ = edited["wte"]
    assert edited.holds("wte")
