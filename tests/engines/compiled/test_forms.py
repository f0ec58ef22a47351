"""Which formulas the machine knows, and that every other one is calculated by NumPy."""

import numpy as np
import pytest

from cutaway import Book, NumpyEngine, Run
from cutaway.engines.compiled import CompiledEngine
from cutaway.engines.forms import Form, form_of
from cutaway.errors import FormulaError, ShapeMismatch
from cutaway.models.gpt2 import gpt2
from tests.engines.compiled.runs import CONFIG, IDS, distance, run_of

BOOK = gpt2(CONFIG)
BY_NUMPY = {"next_probabilities"}
KEEPING = pytest.mark.parametrize("keep", [("*",), ()], ids=["keeping all", "keeping nothing"])


class Watched(CompiledEngine):
    """Notes what it calculates step by step, and which of that NumPy does."""

    def __init__(self):
        super().__init__()
        self.by_numpy: list[str] = []
        self.native: list[str] = []

    def calculate(self, book, node, arguments):
        known = self.planner.form(book, node) is not None
        (self.native if known else self.by_numpy).append(node.name)
        return super().calculate(book, node, arguments)


def rewritten(name: str, formula: str) -> Book:
    return run_of(NumpyEngine()).rewrite(name, formula).book


def agrees(engine: CompiledEngine, change, *, keep=("*",)) -> Run:
    """The run with a change, once all its tables are those of NumPy."""
    run, truth = change(run_of(engine, IDS[:9], keep=keep)), change(run_of(NumpyEngine(), IDS[:9]))
    for name in run.book.nodes:
        assert distance(run[name].array, truth[name].array) < 2e-5, name
    return run


def test_every_step_has_a_form_but_the_shares_at_the_end():
    without = {node.step.name for node in BOOK.nodes.values() if form_of(BOOK, node.name) is None}
    assert without == BY_NUMPY


def test_a_form_says_what_is_read_and_the_numbers_of_the_formula():
    assert form_of(BOOK, "h1.scores") == Form("scores", ("h1.queries", "h1.keys"), (20 ** 0.5,))
    assert form_of(BOOK, "h0.qkv") == Form("product", ("h0.attention_input", "h0.c_attn_w",
                                                       "h0.c_attn_b"))
    assert form_of(BOOK, "logits") == Form("product", ("final", "wte"), turned=True)
    assert form_of(BOOK, "h0.values") == Form("split", ("h0.qkv",), (2, 3, 3))
    assert form_of(BOOK, "token_embeddings") == Form("look_up", ("wte", "ids"))
    assert form_of(BOOK, "h1.residual") == Form("view", ("h0.residual_after_mlp",))
    assert form_of(BOOK, "predicted_embedding") == Form("view", ("final",))
    assert form_of(BOOK, "final_normalised") == Form("normalise", ("h1.residual_after_mlp",),
                                                     (1e-5,))


@pytest.mark.parametrize(("name", "formula"), [
    ("h0.mlp_output", "mlp_active @ mlp_c_proj_w + residual"),        # no bias, a table
    ("h0.attention", "softmax(causal(scores) * 2)"),
    ("h0.attention", "softmax(scores)"),
    ("h0.attention", "softmax(causal(scores)) * 0.5"),
    ("h0.mlp_up", "mlp_input @ c_fc_w - c_fc_b"),
    ("h0.mlp_up", "c_fc_b + mlp_input @ c_fc_w"),
    ("h0.mlp_up", "mlp_input @ c_fc_w + 1"),
    ("h0.mlp_up", "mlp_input @ c_fc_w * c_fc_b"),
    ("h0.mlp_up", "mlp_input @ c_fc_w + c_fc_b + c_fc_b"),
    ("h0.mlp_input", "mlp_normalised * ln_2_g - ln_2_b"),
    ("h0.mlp_input", "ln_2_b + mlp_normalised * ln_2_g"),
    ("h0.mlp_input", "mlp_normalised * 2 + ln_2_b"),
    ("h0.mlp_input", "mlp_normalised * residual + ln_2_b"),
    ("h0.mlp_input", "mlp_normalised / ln_2_g + ln_2_b"),
    ("h0.residual_after_mlp", "residual_after_attention - mlp_output"),
    ("h0.residual_after_mlp", "residual_after_attention + mlp_output + residual"),
    ("h0.residual_after_mlp", "residual_after_attention + 1"),
    ("h0.residual_after_attention", "attn_c_proj_b + attention_output"),  # a row and a table
    ("h0.mlp_active", "gelu(mlp_up * 2)"),
    ("h0.mlp_active", "gelu(gelu(mlp_up))"),
    ("h0.mlp_active", "-mlp_up"),
    ("h0.scores", "queries @ transpose(keys)"),
    ("h0.scores", "queries @ transpose(keys * 2) / 3"),
    ("h0.scores", "queries @ transpose(keys) * 3"),
    ("h0.scores", "3 / (queries @ transpose(keys) + 100)"),
    ("h0.scores", "queries @ transpose(keys) / sqrt(last_axis(queries) + 1)"),
    ("h0.mixed", "attention @ values + 1"),
    ("h0.mixed", "attention @ (values * 2)"),
    ("h0.joined", "merge_heads(mixed * 2)"),
    ("h0.queries", "split_heads(part(qkv * 2, 0, of=3), n_head)"),
    ("h0.queries", "split_heads(residual, n_head)"),
    ("token_embeddings", "look_up(wte * 2, ids)"),
    ("token_embeddings", "look_up(wte, ids) * 2"),
    ("position_embeddings", "look_up(look_up(wpe, positions), positions)"),
    ("token_embeddings", "look_up(wte, positions)"),
    ("predicted_embedding", "last_row(final * 2)"),
    ("h0.mlp_normalised", "normalise(residual_after_attention * 2, eps)"),
    ("h0.mlp_normalised", "normalise(residual_after_attention, ln_1_g * ln_1_g)"),
    ("h0.attention_output", "transpose(transpose(joined)) @ attn_c_proj_w + attn_c_proj_b"),
    ("h0.attention_output", "joined @ (attn_c_proj_w * 2) + attn_c_proj_b"),
])
def test_a_formula_that_nearly_fits_is_calculated_by_numpy(name, formula):
    assert form_of(rewritten(name, formula), name) is None
    engine = Watched()
    agrees(engine, lambda run: run.rewrite(name, formula))
    assert engine.by_numpy.count(name) == 1
    assert {word.rpartition(".")[2] for word in engine.by_numpy if word != name} == BY_NUMPY


@pytest.mark.parametrize(("name", "formula", "kind"), [
    ("h0.mixed", "values", "view"),
    ("h0.mixed", "attention @ keys", "mixed"),
    ("position_embeddings", "look_up(wte, ids)", "look_up"),
    ("token_embeddings", "look_up(wpe, positions)", "look_up"),
    ("predicted_embedding", "last_row(final_normalised)", "view"),
    ("h0.mixed", "scores @ queries", "mixed"),
    ("h0.scores", "queries @ transpose(queries) / 2", "scores"),
    ("h0.scores", "keys @ transpose(queries) / sqrt(3)", "scores"),
    ("h0.scores", "queries @ transpose(keys) / n_head", "scores"),
    ("h1.attention_output", "joined @ transpose(attn_c_proj_w) + attn_c_proj_b", "product"),
    ("h1.attention_output", "joined @ attn_c_proj_w", "product"),
    ("h1.mlp_up", "mlp_normalised @ c_fc_w + c_fc_b", "product"),
    ("h1.queries", "split_heads(part(qkv, 2, of=3), n_head)", "split"),
    ("h1.residual_after_mlp", "mlp_output + mlp_output", "add"),
    ("h1.mlp_input", "residual * ln_1_g + ln_2_g", "scale"),
    ("h1.mlp_normalised", "normalise(residual, 0.5)", "normalise"),
    ("h1.mlp_normalised", "normalise(residual, last_axis(residual))", "normalise"),
    ("h1.mlp_output", "gelu(residual)", "gelu"),
])
def test_the_same_operation_on_other_tables_has_a_form(name, formula, kind):
    form = form_of(rewritten(name, formula), name)
    assert form is not None and form.kind == kind
    for keep in (("*",), ()):
        agrees(CompiledEngine(), lambda run: run.rewrite(name, formula), keep=keep)


@KEEPING
def test_a_mask_over_what_is_no_source_is_not_attentions(keep):
    """`mixed` has 20 columns and 40 rows: the first rows have nothing left to share."""
    formula = "softmax(causal(values))"
    assert form_of(rewritten("h0.mixed", formula), "h0.mixed") is None
    with pytest.raises(FormulaError, match=r"h0\.mixed = softmax\(causal\(values\)\) gives NaN"):
        _ = run_of(CompiledEngine(), keep=keep).rewrite("h0.mixed", formula)["logits"]


@KEEPING
def test_ids_that_ask_for_rows_that_a_table_has_not_are_refused(keep):
    assert form_of(rewritten("token_embeddings", "look_up(wpe, ids)"), "token_embeddings") is None
    with pytest.raises(FormulaError, match="index 49 is out of bounds"):
        _ = run_of(CompiledEngine(), [49], keep=keep).rewrite(
            "token_embeddings", "look_up(wpe, ids)")["logits"]


def test_a_formula_of_lines_of_code_is_calculated_by_numpy():
    def mlp_active(mlp_up):
        best = np.sort(mlp_up, axis=-1)[..., -3:-2]
        return np.where(mlp_up >= best, mlp_up, 0)

    engine = Watched()
    run = agrees(engine, lambda run: run.replace(mlp_active, at="h1.mlp_active"))
    assert (run["h1.mlp_active"].array != 0).sum(axis=-1).max() <= 3
    assert "h1.mlp_active" in engine.by_numpy
    assert {"h0.mlp_active", "h1.mlp_output", "h1.scores", "logits"} <= set(engine.native)


@KEEPING
def test_a_formula_that_looks_ahead_is_followed(keep):
    agrees(CompiledEngine(), lambda run: run.rewrite("attention", "softmax(scores)"), keep=keep)


def gelu(table):
    return np.maximum(table, 0)


def normalise(table, eps):
    return table - table.mean(axis=-1, keepdims=True)


def softmax(table):
    shares = np.exp(table) + 1e-3
    return shares / shares.sum(axis=-1, keepdims=True)


def causal(scores):
    return scores


@KEEPING
@pytest.mark.parametrize(("operation", "tables"), [
    (gelu, {"mlp_active"}), (causal, {"attention"}), (softmax, {"attention"}),
    (normalise, {"attention_normalised", "mlp_normalised", "final_normalised"})])
def test_a_redefined_operation_is_calculated_by_numpy(operation, tables, keep):
    engine = Watched()
    run = agrees(engine, lambda run: run.redefine(operation), keep=keep)
    assert {word.rpartition(".")[2] for word in engine.by_numpy} == BY_NUMPY | tables
    assert set(engine.native) == {name for name, node in run.book.nodes.items()
                                  if node.step.name not in BY_NUMPY | tables}


@KEEPING
def test_the_same_engine_goes_on_with_the_models_own_formulas_after_an_edit(keep):
    engine = CompiledEngine()
    agrees(engine, lambda run: run.rewrite("mlp_active", "mlp_up * 2"), keep=keep)
    agrees(engine, lambda run: run.redefine(gelu), keep=keep)
    agrees(engine, lambda run: run, keep=keep)


# ---- Mistakes are told as with the reference -------------------------------------------------

@KEEPING
@pytest.mark.parametrize(("change", "error", "words"), [
    (lambda run: run.rewrite("h1.mlp_active", "mlp_up @ mlp_up"), FormulaError,
     "h1.mlp_active = mlp_up @ mlp_up cannot be calculated"),
    (lambda run: run.rewrite("h1.mlp_active", "mlp_input"), ShapeMismatch,
     "h1.mlp_active = mlp_input is 9 x 60, but 9 x 240 is expected"),
    (lambda run: run.rewrite("h1.mlp_active", "mlp_up / 0 * 0"), FormulaError,
     "h1.mlp_active = mlp_up / 0 * 0 gives NaN"),
    (lambda run: run.rewrite("h1.scores", "queries @ transpose(keys) / 0"), FormulaError,
     "h1.attention = softmax(causal(scores)) gives NaN"),
    (lambda run: run.edit("h0.c_fc_b", np.inf), FormulaError, "gives NaN"),
    (lambda run: run.edit("h0.scores", -np.inf, source=0), FormulaError,
     "h0.attention = softmax(causal(scores)) gives NaN"),
])
def test_a_mistake_in_an_edit_is_told_in_the_users_words(change, error, words, keep):
    for engine in (NumpyEngine(), CompiledEngine()):
        with pytest.raises(error) as told:
            _ = change(run_of(engine, IDS[:9], keep=keep))["logits"]
        assert words in str(told.value)


def test_a_formula_that_gives_the_whole_table_of_positions_is_no_alias():
    ids = np.arange(CONFIG.n_positions) % CONFIG.vocab_size
    for keep in (("*",), ()):
        run, truth = (run_of(engine, ids, keep=keep).rewrite("position_embeddings", "wpe")
                      for engine in (CompiledEngine(), NumpyEngine()))
        assert distance(run["logits"].array, truth["logits"].array) < 2e-5
