"""Runs with other formulas and typed numbers, in a database that holds a run: every table is right.

Expected: the NumPy engine's run with the same changes, in float64.
"""

from collections.abc import Callable

import numpy as np
import pytest

from cutaway import NumpyEngine, Run
from cutaway.engines.sql import SqlRun
from cutaway.errors import DatabaseError, UnsupportedStep
from tests.engines.sql.conftest import SHAPES, random_model

PROMPT = "He moves"
LIMIT = 2e-5
RANDOM = np.random.default_rng(3)
FORMULAS = {
    "tables that the prediction does not need any more": [("mixed", "values")],
    "in one block": [("h1.mixed", "values")],
    "other axes of the same shape": [("h1.attention_output", "joined")],
    "a transposed table": [("h0.attention", "transpose(softmax(causal(scores)))")],
    "rows that look ahead": [("attention", "softmax(scores)")],
    "a softmax by other names": [("attention_output", "softmax(joined) * 3")],
    "a mean by other names": [("h1.mlp_output", "normalise(part(mlp_active, 1, 4), eps)")],
    "a head that reads less": [("final", "final_normalised * 2"),
                               ("logits", "final @ transpose(wte * 2)")],
    "a sum over positions": [("h0.mixed", "scores @ values"), ("h1.mixed", "-values")],
    "weights the other way round": [("h0.attention_output", "joined @ transpose(attn_c_proj_w)")],
}
EDITS: dict[str, Callable[[Run], Run]] = {
    "a head": lambda run: run.edit("h0.attention", 0, head=1),
    "a cell": lambda run: run.edit("h1.attention", 0.9, head=0, position=3, source=1),
    "a table": lambda run: run.edit("h1.residual", RANDOM.normal(size=run["h1.residual"].shape)),
    "rows": lambda run: run.edit("h0.mlp_active", RANDOM.normal(size=(2, 96)), position=[4, 1]),
    "every other column": lambda run: run.edit("h0.mlp_up", -1.5, hidden=slice(0, 90, 3)),
    "twice": lambda run: run.edit("h0.values", 2, head=1).edit("h0.values", 3, position=2),
    "one row for every position": lambda run: run.edit(
        "h0.mlp_output", run["h0.mlp_output"].array[2]),
    "minus infinity": lambda run: run.edit("h0.scores", -np.inf, head=0, position=5, source=2),
    "a token's weights": lambda run: run.edit("wte", 0.5, vocabulary=7).edit(
        "wte", lambda row: row * 3, vocabulary=int(run.ids[-1])),
    "a whole weight": lambda run: run.edit("h1.c_attn_w", RANDOM.normal(size=(24, 72))),
    "columns of a weight": lambda run: run.edit("h0.c_fc_w", 0.1, embed=slice(3, 9)),
    "a bias": lambda run: run.edit("h0.ln_1_g", [2, 3], embed=[0, 5]),
    "a view": lambda run: run.edit("logits", 4, vocabulary=slice(10, 20)),
    "the logits": lambda run: run.edit("next_logits", 40, vocabulary=7),
    "with a formula": lambda run: run.edit("h0.attention", 0, head=0).rewrite(
        "mlp_output", "mlp_active @ mlp_c_proj_w"),
}


@pytest.fixture(scope="module")
def model(tmp_path_factory):
    return random_model(tmp_path_factory.mktemp("model"), SHAPES["another epsilon"])


def differences(run: SqlRun, truth: Run) -> dict[str, float]:
    found = {}
    for name in run.steps:
        ours, wanted = run.array(name), truth[name].array
        assert ours.shape == wanted.shape, name
        finite = np.isfinite(wanted)
        assert (ours[~finite] == wanted[~finite]).all(), name
        largest = max(float(np.abs(wanted[finite]).max()), 1e-3)
        found[name] = float(np.abs(ours[finite] - wanted[finite]).max()) / largest
    return found


def test_every_table_of_other_formulas_and_of_typed_numbers_is_right(calculated, model):
    """One database, one change after the other, so that each finds the tables of the one before."""
    plain = calculated(model)
    start = model.run(PROMPT, engine=NumpyEngine(np.float64))
    changes = {**{words: _rewritten(start, formulas) for words, formulas in FORMULAS.items()},
               **{words: edit(start) for words, edit in EDITS.items()}}
    plain.predict(PROMPT)
    for words, like in changes.items():
        run = SqlRun(model, plain.database, like)
        run.predict(PROMPT)
        found = differences(run, like)
        worst = max(found, key=found.__getitem__)
        assert found[worst] <= LIMIT, f"{words}: {worst}, {run.database.dialect.name}"
        guess, share = run.guess_after("h0.residual_after_mlp")
        after = like.edit("h1.residual_after_mlp", like["h0.residual_after_mlp"])
        assert share == pytest.approx(after["next_probabilities"].array.max(), rel=1e-3), words
        assert guess == after["next_probabilities"].array.argmax(), words


def _rewritten(run: Run, formulas: list[tuple[str, str]]) -> Run:
    for name, formula in formulas:
        run = run.rewrite(name, formula)
    return run


@pytest.mark.parametrize("change", ["rows that look ahead", "one number for all sources"])
def test_a_further_token_of_a_changed_run_is_that_of_a_whole_run(calculated, model, change):
    like = model.run(PROMPT, engine=NumpyEngine(np.float64))
    like = (like.rewrite("attention", "softmax(scores)") if change == "rows that look ahead"
            else like.edit("h0.attention", 0.3, head=1))
    plain = calculated(model)
    run = SqlRun(model, plain.database, like)
    run.predict(PROMPT)
    for _ in range(2):
        run.choose()
        run.append()
    found = differences(run, like.edit("ids", np.array(run.ids)))
    assert max(found.values()) <= LIMIT


def test_what_cannot_be_taken_over_is_refused_by_name(calculated, model, tmp_path):
    database = calculated(model).database
    ids = model.tokenizer.encode(PROMPT)
    several = model.run([ids, ids]).edit("h0.attention", 0, head=1)
    with pytest.raises(UnsupportedStep, match=r"h0\.attention: .*several prompts"):
        SqlRun(model, database, several)
    other = random_model(tmp_path / "other", SHAPES["one head"]).run("Mike")
    with pytest.raises(UnsupportedStep, match="a model of another shape"):
        SqlRun(model, database, other)


def test_logits_that_are_no_numbers_choose_nothing(calculated, model):
    from cutaway.generate import Sampling

    like = model.run(PROMPT).edit("next_logits", -np.inf)
    run = SqlRun(model, calculated(model).database, like)
    run.predict(PROMPT)
    with pytest.raises(DatabaseError, match=r"No token can be chosen|says"):
        run.choose(Sampling(1.0), 0.5)
