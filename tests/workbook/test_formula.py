"""Formulas replaced and rewritten in a run, and what a mistaken one says."""

import functools

import numpy as np
import pytest

from cutaway import CutawayError
from cutaway.errors import BookError, FormulaError, ShapeMismatch, UnknownTable
from cutaway.workbook.operations import causal, softmax
from tests.workbook.tiny import BOOK, CONFIG, WEIGHTS, all_tables, tiny_run


def test_a_formula_replaced_in_one_block_leaves_the_others():
    def attention(scores):
        return softmax(scores)

    run = tiny_run().replace(attention, at="h1.attention")
    assert (np.triu(run["h0.attention"].array, k=1) == 0).all()
    assert (np.triu(run["h1.attention"].array[0], k=1) != 0).any()
    assert run["h1.attention"].provenance.formula == "softmax(scores)"
    assert run["h0.attention"].provenance.formula == "softmax(causal(scores))"


def test_a_formula_replaced_everywhere_is_replaced_in_every_block():
    run = tiny_run().rewrite("attention", "softmax(causal(scores * 0))")
    for block in range(CONFIG.n_layer):
        np.testing.assert_allclose(run[f"h{block}.attention"].array[0, 3], [0.25] * 4)


def test_only_what_depends_on_a_replaced_formula_is_calculated_again():
    run = tiny_run()
    all_tables(run)
    changed = run.rewrite("h1.mlp_active", "mlp_up * 1")
    all_tables(changed)
    after = ["h1.mlp_active", "h1.mlp_output", "h1.residual_after_mlp", "final_normalised", "final",
             "predicted_embedding", "next_logits", "next_probabilities", "logits"]
    assert dict(changed.calculations) == dict.fromkeys(after, 1)


def test_the_same_formula_typed_again_gives_the_same_numbers():
    run = tiny_run()
    for name, node in run.book.nodes.items():
        formula = node.step.formula
        again = run.rewrite(name, formula)
        np.testing.assert_array_equal(again[name].array, run[name].array, err_msg=name)
        assert again.book.nodes[name].step.formula == formula


def test_a_rewritten_formula_may_read_other_tables_that_stand_above_it():
    run = tiny_run().rewrite("h1.mlp_output", "mlp_active @ mlp_c_proj_w + attention_output")
    expected = (run["h1.mlp_active"].array @ run["h1.mlp_c_proj_w"].array
                + run["h1.attention_output"].array)
    np.testing.assert_array_equal(run["h1.mlp_output"].array, expected)
    assert run.precedents("h1.mlp_output") == (
        "h1.mlp_active", "h1.mlp_c_proj_w", "h1.attention_output")


def test_the_book_of_the_run_before_keeps_its_formula():
    run = tiny_run()
    run.rewrite("attention", "softmax(scores)")
    assert run.book.nodes["h0.attention"].step.formula == "softmax(causal(scores))"
    assert BOOK.nodes["h0.attention"].step.formula == "softmax(causal(scores))"


def test_a_rewritten_step_keeps_its_explanation_its_number_and_its_axes():
    old = BOOK.nodes["h0.attention"].step
    new = tiny_run().rewrite("attention", "softmax(scores)").book.nodes["h0.attention"].step
    assert (new.explanation, new.number, new.axes) == (old.explanation, old.number, old.axes)


def test_a_function_of_another_name_takes_the_place_of_the_table_it_is_put_at():
    def silent(scores):
        return scores * 0

    run = tiny_run().replace(silent, at="h0.attention")
    assert not run["h0.attention"].array.any()
    again = run.rewrite("h0.attention", "softmax(causal(queries @ transpose(keys)))")
    assert again["h0.attention"].array.any()
    everywhere = run.rewrite("attention", "causal(scores) * 0 + 1")
    assert everywhere.book.nodes["h0.attention"].step.formula == "causal(scores) * 0 + 1"


def test_a_lambda_shows_its_own_formula():
    run = tiny_run().replace(lambda scores: scores * 0, at="h0.attention")
    assert run.book.nodes["h0.attention"].step.formula == "scores * 0"


def test_rewritten_keys_are_remembered_still():
    run = tiny_run().rewrite("keys", "split_heads(part(qkv, 0, of=3), n_head)")
    assert run.book.nodes["h0.keys"].step.remembered


@pytest.mark.parametrize("formula", [
    "", "softmax(", "scores; 1", "import os", "x = scores", "*scores", "await scores",
    "softmax(scores, a=1, a=2)", "__debug__", "scores\0", "\ud800",
    "(" * 500 + "scores" + ")" * 500, "-" * 5000 + "scores", "yield scores", "f'{scores}"])
def test_what_is_no_formula_is_told(formula):
    with pytest.raises(FormulaError, match="attention"):
        tiny_run().rewrite("h0.attention", formula)


@pytest.mark.parametrize("formula", [5, None, ["scores"]])
def test_a_formula_that_is_no_text_is_told(formula):
    with pytest.raises(FormulaError, match="no formula"):
        tiny_run().rewrite("h0.attention", formula)


def test_a_formula_that_cannot_be_read_is_shown_with_the_place():
    with pytest.raises(FormulaError) as caught:
        tiny_run().rewrite("h0.attention", "softmax(causal(scores)")
    assert "\n  softmax(causal(scores)\n         ^\n" in str(caught.value)


@pytest.mark.parametrize(("formula", "message"), [
    ("softmax(skores)", "reads 'skores'.*Did you mean 'scores'"),
    ("softmax(cusal(scores))", "reads 'cusal'.*Did you mean 'causal'"),
    ("print(scores)", "reads 'print'"),
    ("open('x').read()", "reads 'open'"),
    ("__import__('os').getcwd()", "reads '__import__'")])
def test_a_formula_that_reads_an_unknown_table_is_told(formula, message):
    with pytest.raises(UnknownTable, match=message):
        tiny_run().rewrite("h0.attention", formula)


@pytest.mark.parametrize("later", ["attention", "mixed", "residual_after_mlp", "logits"])
def test_a_formula_cannot_read_what_is_calculated_later(later):
    with pytest.raises(BookError, match=f"{later}.* calculated later|{later}.*itself"):
        tiny_run().rewrite("h0.attention", f"scores + {later}")


@pytest.mark.parametrize("name", ["h9.attention", "h0.attentoin", "wte", "ids", "eps", "x.y", "",
                                  "attentoin"])
def test_a_formula_for_a_table_that_is_not_calculated_is_told(name):
    with pytest.raises(UnknownTable):
        tiny_run().rewrite(name, "scores")


@pytest.mark.parametrize(("formula", "message"), [
    ("scores[0]", r"is 4 x 4, but 2 x 4 x 4 is expected \(head position source\)"),
    ("scores @ values", "is 2 x 4 x 3, but 2 x 4 x 4 is expected"),
    ("softmax", "a single number"), ("5", "a single number"), ("eps", "a single number")])
def test_a_formula_of_the_wrong_shape_is_told_when_it_is_read(formula, message):
    run = tiny_run().rewrite("h0.attention", formula)
    with pytest.raises(ShapeMismatch, match=f"h0.attention = .*{message}"):
        _ = run["logits"]


@pytest.mark.parametrize(("formula", "message"), [
    ("scores + qkv", r"shapes \(2,4,4\).*It reads h0.scores \(2 x 4 x 4\), h0.qkv \(4 x 18\)"),
    ("scores.nothing", "has no attribute 'nothing'"), ("scores[9]", "out of bounds"),
    ("softmax(scores, 3)", "argument"), ("1 / 0 * scores", "division"),
    ("look_up(scores, scores)", "integer"), ("scores @ scores[0, 0, 0]", "matmul")])
def test_a_formula_that_cannot_be_calculated_is_told_when_it_is_read(formula, message):
    run = tiny_run().rewrite("h0.attention", formula)
    with pytest.raises(FormulaError, match=f"h0.attention = .* cannot be calculated .*{message}"):
        _ = run["logits"]


def test_a_formula_that_does_not_fit_is_told_in_an_appended_run_as_well():
    run = tiny_run().rewrite("h0.attention", "scores[0]").append(1)
    with pytest.raises(ShapeMismatch, match=r"h0.attention = "):
        _ = run["h0.attention"]


def test_a_function_that_fails_is_told_with_its_table():
    def attention(scores):
        return not_imported(scores)  # noqa: F821  # pyright: ignore

    with pytest.raises(CutawayError, match=r"h0.attention.*not_imported"):
        _ = tiny_run().replace(attention)["logits"]


@pytest.mark.parametrize("name", ["scores", "c_attn_w"])
def test_a_formula_that_works_in_place_cannot_change_the_run_before(name):
    def attention(scores):
        scores *= 0
        return scores

    def qkv(attention_input, c_attn_w):
        c_attn_w *= 0
        return attention_input @ c_attn_w

    run = tiny_run(weights={weight: array.copy() for weight, array in WEIGHTS.items()})
    before = run[f"h0.{name}"].array.copy()
    changed = run.replace(attention if name == "scores" else qkv)
    with pytest.raises(FormulaError, match="read-only"):
        _ = changed["logits"]
    np.testing.assert_array_equal(run[f"h0.{name}"].array, before)


def test_a_bad_formula_leaves_the_run_before_usable():
    run = tiny_run()
    _ = run["h0.attention"]
    with pytest.raises(ShapeMismatch):
        _ = run.rewrite("h0.attention", "scores[0]")["logits"]
    assert run["logits"].shape == (4, CONFIG.vocab_size)


@pytest.mark.parametrize("function", ["attention", 5, None, functools.partial(causal)])
def test_what_is_no_function_cannot_replace_a_step(function):
    with pytest.raises(CutawayError, match="function"):
        tiny_run().replace(function)


def test_a_function_whose_parameters_are_no_wiring_is_told():
    def attention(*tables):
        return tables

    with pytest.raises(FormulaError, match=r"\*tables is not the name of a table"):
        tiny_run().replace(attention)

    def scores(queries, keys=None):
        return queries

    with pytest.raises(FormulaError, match="keys=None is not the name of a table"):
        tiny_run().replace(scores)
