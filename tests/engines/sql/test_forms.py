"""The forms of operations and signs in SQL: whole, and right for formulas of one's own."""

import numpy as np
import pytest

from cutaway import NumpyEngine
from cutaway.engines.sql import DUCKDB, DuckDB, SqlRun, load, program
from cutaway.engines.sql.forms import FORMS
from cutaway.errors import UnsupportedStep
from cutaway.model import Model
from cutaway.workbook.operations import OPERATIONS
from cutaway.workbook.symbol import SIGNS
from tests.engines.sql.conftest import SHAPES, random_model

# Formulas that a user might write, each in the place of a step; together they use every form in
# places where the model does not.
FORMULAS = {
    "attention": ["softmax(causal(scores + transpose(scores)))",
                  "softmax(causal(queries @ transpose(queries)))", "scores @ scores",
                  "scores * transpose(scores) - scores",
                  "softmax(causal(scores) * 0.5)", "softmax(causal(scores)) ** 2",
                  "softmax(causal(queries @ transpose(keys)))",
                  "softmax(-(-causal(scores)) + scores)",
                  "(scores - 2) / (scores * scores + 3)"],
    "mixed": ["attention @ values * 2 + values", "(attention + attention) @ (values - queries)",
              "values", "softmax(causal(scores * scores)) @ (values + keys)",
              "split_heads(merge_heads(queries) + part(qkv, 2, 3), n_head)",
              "rotate(attention @ values, positions, 100)", "rotate(values, positions + 3, 10)",
              "repeat_heads(values, 1) + repeat_heads(values * 2, 1)"],
    "attention_output": ["gelu(joined @ attn_c_proj_w) - attn_c_proj_b",
                         "(joined + attention_input) @ attn_c_proj_w",
                         "normalise(joined, eps) * (1 / sqrt(last_axis(joined)))",
                         "rms_normalise(joined + 1, eps) + rms_normalise(joined, eps)",
                     "joined @ transpose(attn_c_proj_w)", "merge_heads(mixed) / 3",
                         "joined @ (attn_c_proj_w * 2)"],
    "token_embeddings": ["look_up(wte * 2, ids) + 1", "look_up(wte, ids + 1)"],
    "predicted_embedding": ["last_row(final * 2) + last_row(final_normalised)",
                            "normalise(last_row(final), eps)"],
    "mlp_active": ["gelu(gelu(mlp_up) + 1)", "mlp_up * gelu(1 - mlp_up)", "-mlp_up - -mlp_up * 3",
                   "silu(mlp_up - 1) * mlp_up", "silu(silu(mlp_up))",
                   "exact_gelu(mlp_up * 4) - exact_gelu(mlp_up)", "quick_gelu(mlp_up - 1) * 2",
                   "relu(mlp_up) * relu(1 - mlp_up)"],
}


@pytest.fixture(scope="module")
def model(tmp_path_factory) -> Model:
    return random_model(tmp_path_factory.mktemp("model"), SHAPES["another epsilon"])


def test_every_operation_and_sign_has_a_form():
    missing = (set(OPERATIONS) | set(SIGNS)) - set(FORMS)
    assert not missing, f"no form in SQL (engines/sql/forms.py): {', '.join(sorted(missing))}"


def test_no_form_is_left_over():
    assert set(FORMS) == set(OPERATIONS) | set(SIGNS) | {"table"}


def test_an_operation_without_a_form_is_named(monkeypatch):
    monkeypatch.delitem(FORMS, "gelu")
    from cutaway import Config, gpt2

    with pytest.raises(UnsupportedStep, match=r"h0\.mlp_active cannot be said in SQL.*gelu"):
        program(gpt2(Config(n_layer=1)), DUCKDB)


@pytest.mark.parametrize("name, formula", [(name, formula) for name, formulas in FORMULAS.items()
                                           for formula in formulas])
def test_a_formula_of_ones_own_gives_what_the_numpy_engine_gives(model, name, formula):
    run = model.run("He moves", engine=NumpyEngine(np.float64)).rewrite(name, formula)
    changed = Model(model.name, model.config, run.book, model.weights, model.tokenizer)
    with DuckDB(":memory:") as database:
        load(changed, database)
        calculated = SqlRun(changed, database)
        calculated.predict_ids([int(id) for id in run.ids])
        table = next(node for node in run.book.nodes if node.split(".")[-1] == name)
        ours, truth = calculated.array(table), run[table].array
    assert np.abs(ours - truth).max() <= 2e-5 * np.abs(truth).max()
