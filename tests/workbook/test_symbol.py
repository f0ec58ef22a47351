"""Tracing: what passes through the steps when a book is translated."""

import numpy as np
import pytest

from cutaway import Config, NumpyEngine, gpt2, start_run
from cutaway.errors import UnsupportedStep
from cutaway.workbook.operations import OPERATIONS, last_axis, sqrt
from cutaway.workbook.step import function_from_formula
from cutaway.workbook.symbol import GIVES, table_symbol, trace

CONFIG = Config(vocab_size=50, n_positions=12, n_embd=8, n_layer=2, n_head=2)
BOOK = gpt2(CONFIG)


def changed(formula):
    """The book with another formula for `attention`, and what it reads."""
    return BOOK.replace(formula)


@pytest.mark.parametrize("name", BOOK.nodes)
def test_every_step_gives_the_axes_and_lengths_that_a_run_has(name):
    random = np.random.default_rng(0)
    arrays = {weight: random.normal(size=[CONFIG.sizes[axis] for axis in axes])
              for weight, axes in BOOK.weights.items()}
    table = start_run(BOOK, arrays, np.arange(5), engine=NumpyEngine())[name]
    traced = trace(BOOK, name, n_positions=5)
    assert (traced.axes, traced.shape) == (table.axes, table.shape)


def test_every_operation_can_be_traced():
    assert set(GIVES) == set(OPERATIONS), "give each operation its axes in workbook/symbol.py"


def test_a_symbol_says_its_formula_with_full_names():
    assert str(trace(BOOK, "h1.scores")) == "h1.queries @ transpose(h1.keys) / sqrt(4)"
    assert str(trace(BOOK, "h0.residual_after_attention")) == "h0.residual + h0.attention_output"


def test_signs_bind_as_in_python():
    x, y = table_symbol(BOOK, "h0.residual"), table_symbol(BOOK, "embeddings")
    assert str((x - (y - 1)) * -x ** 2 / (2 * y)) == (
        "(h0.residual - (embeddings - 1)) * -h0.residual ** 2 / (2 * embeddings)")


def test_positions_that_ask_and_positions_that_answer_have_two_names():
    assert trace(BOOK, "h0.scores").axes == ("head", "position", "source")


def test_the_number_of_positions_is_not_known_until_there_is_a_prompt():
    def attention(scores):
        return scores / sqrt(last_axis(scores))

    with pytest.raises(UnsupportedStep, match=r"h0\.attention.*only a prompt tells"):
        trace(changed(attention), "h0.attention")
    assert trace(changed(attention), "h0.attention", n_positions=4).shape == (2, 4, 4)


def test_a_formula_that_does_more_than_words_can_say_is_named():
    def attention(scores):
        return np.exp(scores)

    with pytest.raises(UnsupportedStep, match=r"h0\.attention: its formula does more"):
        trace(changed(attention), "h0.attention")


def test_a_formula_of_other_axes_is_named():
    def attention(queries, keys):
        return queries + keys

    with pytest.raises(UnsupportedStep, match=r"stated as head x position x source.*2 x positions x"
                                              r" 4"):
        trace(changed(attention), "h0.attention", n_positions=None)


def test_tables_that_do_not_fit_are_named():
    def attention(scores, qkv):
        return scores + qkv @ qkv

    with pytest.raises(UnsupportedStep, match="product"):
        trace(changed(attention), "h0.attention", n_positions=5)


def test_a_formula_without_a_table_is_named():
    def attention(scores):
        return 1.0

    with pytest.raises(UnsupportedStep, match="reads no table"):
        trace(changed(attention), "h0.attention")


@pytest.mark.parametrize("formula, said", [
    ("rotate(values, positions, 0)", "a plain number above 0"),
    ("rotate(values, values, 10)", "one number for each row"),
    ("rotate(part(values, 0, 4), positions, 10)", "no even number of columns"),
    ("repeat_heads(values, 0)", "no heads to repeat 0 times")])
def test_heads_that_cannot_be_turned_or_repeated_are_named(formula, said):
    with pytest.raises(UnsupportedStep, match=said):
        trace(BOOK.replace(function_from_formula("mixed", formula)), "h0.mixed")
