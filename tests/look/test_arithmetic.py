"""What is typed into a cell as one number. Expected numbers are NumPy's, or written by hand."""

import numpy as np
import pytest

from cutaway import Config, NumpyEngine, gpt2, start_run
from cutaway.errors import FormulaError, UnknownTable
from cutaway.look.arithmetic import number_in
from cutaway.models.gpt2_record import GPT2

CONFIG = Config(n_layer=1, n_head=2, n_embd=8, n_positions=6, vocab_size=10)


@pytest.fixture(scope="module")
def run():
    weights = GPT2.fresh(CONFIG, np.random.default_rng(7))
    return start_run(gpt2(CONFIG), weights, [1, 2, 3], engine=NumpyEngine(np.float64))


@pytest.mark.parametrize(("text", "expected"), [
    ("=1/4", 0.25), ("12%", 0.12), ("= -2 ^ 3", -8.0), ("3 * (1 + .5)", 4.5), ("−1e-3", -0.001),
    ("50 % * 4", 2.0), ("sum(1, 2, 3)", 6.0), ("=AVERAGE(1, 2)", 1.5)])
def test_arithmetic_and_percent_are_read_as_spreadsheets_read_them(run, text, expected):
    assert number_in(text, run) == pytest.approx(expected)


def test_sums_go_over_tables_and_their_parts(run):
    shares, wte = run["h0.attention"].array, run["wte"].array
    assert number_in("=SUM(h0.attention[1])", run) == pytest.approx(shares[1].sum())
    assert number_in("MAX(wte[2:5, 3]) - MIN(wte)", run) == pytest.approx(
        wte[2:5, 3].max() - wte.min())
    assert number_in("2 * wte[-1, 0]", run) == 2 * wte[-1, 0]
    assert number_in("COUNT(wte)", run) == 80


@pytest.mark.parametrize(("text", "words"), [
    ("__import__('os').system('true')", "is no number"), ("run.book", "no table"),
    ("wte.array", "no table"), ("(lambda: 1)()", "is no number"), ("'a' * 9", "is no number"),
    ("[1][0]", "is no number"), ("open('x')", "is no number"), ("1 +", "is no number"),
    ("9 ** 9 ** 9", "larger than any number"), ("1 / 0", "divides by 0"),
    ("1[0]", "is no number"), ("(1 + 2)[0]", "is no number"), ("(-1) ^ 0.5", "is no number"),
    ("wte", "is 80 numbers"), ("wte[99, 0]", "not there"), ("1e999", "a finite number"),
    ("(" * 900, "is no number"), ("1+" * 2000 + "1", "at most 1,000 letters"),
    ("True", "is no number"), ("SUM()", "is no number")])
def test_everything_else_is_refused_in_words_and_nothing_of_it_runs(run, text, words):
    with pytest.raises((FormulaError, UnknownTable), match=words):
        number_in(text, run)
