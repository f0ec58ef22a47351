"""Runs: reading, replacing formulas, and what a mistake in either says."""

import functools

import numpy as np
import pytest

from cutaway import Config, CutawayError, NumpyEngine, gpt2, start_run
from cutaway.errors import (
    BookError,
    EmptyPrompt,
    FormulaError,
    PromptTooLong,
    ShapeMismatch,
    UnknownRow,
    UnknownTable,
    UnknownToken,
)
from cutaway.workbook.operations import causal, softmax
from tests.workbook.tiny import BOOK, CONFIG, WEIGHTS, all_tables, tiny_run

# ---- Reading ----------------------------------------------------------------------------------


def test_every_table_has_the_shape_that_its_axes_say():
    sizes = {**BOOK.sizes, "position": 4, "source": 4}
    run = tiny_run([0, 1, 2, 3])
    for name in BOOK.nodes:
        assert run[name].shape == tuple(sizes[axis] for axis in run[name].axes), name


def test_every_table_of_a_batch_has_the_batch_in_front():
    sizes = {**BOOK.sizes, "position": 2, "source": 2, "batch": 3}
    run = tiny_run([[0, 1], [2, 3], [4, 5]])
    for name in BOOK.nodes:
        table = run[name]
        assert table.shape == tuple(sizes[axis] for axis in table.axes), name
        assert table.axes[0] == "batch" or name == "position_embeddings"


def test_weights_inputs_and_constants_can_be_read_by_name():
    run = tiny_run([3, 1])
    np.testing.assert_array_equal(run["wte"].array, WEIGHTS["wte"])
    np.testing.assert_array_equal(run["ids"].array, [3, 1])
    np.testing.assert_array_equal(run["positions"].array, [0, 1])
    assert run["n_head"].array == CONFIG.n_head


@pytest.mark.parametrize("name", ["wte", "h0.c_attn_w", "h0.keys", "h1.residual", "logits", "ids"])
def test_no_table_can_be_written_to(name):
    run = tiny_run()
    with pytest.raises(ValueError, match="read-only"):
        run[name].array[..., 0] = 1


def test_the_ids_of_a_run_cannot_be_written_to():
    with pytest.raises(ValueError, match="read-only"):
        tiny_run().ids[0] = 1


def test_attention_rows_sum_to_one_and_nothing_looks_ahead():
    attention = tiny_run([0, 1, 2, 3])["h1.attention"].array
    np.testing.assert_allclose(attention.sum(axis=-1), 1)
    assert (np.triu(attention, k=1) == 0).all()


def test_in_float32_every_table_is_float32():
    run = tiny_run(dtype=np.float32)
    assert {table.dtype for table in all_tables(run).values()} == {np.dtype(np.float32)}


def test_wiring_can_be_asked_for_in_both_directions():
    run = tiny_run()
    assert run.precedents("h1.attention") == ("h1.scores",)
    assert run.precedents("h1.residual") == ("h0.residual_after_mlp",)
    assert run.precedents("h0.residual") == ("embeddings",)
    assert run.precedents("wte") == () and run.precedents("ids") == ()
    assert run.dependents("h0.residual_after_mlp") == ("h1.residual",)
    assert run.dependents("wte") == ("token_embeddings", "next_logits", "logits")
    assert run.dependents("logits") == ()


def test_precedents_and_dependents_are_each_others_reverse():
    for name in BOOK.names():
        for before in BOOK.precedents(name):
            assert name in BOOK.dependents(before)
        for after in BOOK.dependents(name):
            assert name in BOOK.precedents(after)


@pytest.mark.parametrize(("wrong", "meant"), [
    ("h0.attentoin", "'h0.attention'"), ("logit", "'logits'"), ("h1.c_att_w", "'h1.c_attn_w'"),
    ("h7.attention", "'h1.attention'")])
def test_an_unknown_table_is_told_with_what_was_probably_meant(wrong, meant):
    with pytest.raises(UnknownTable, match=f"no table '{wrong}'.*Did you mean.*{meant}"):
        tiny_run()[wrong]
    with pytest.raises(UnknownTable, match=meant):
        tiny_run().edit(wrong, 0)
    with pytest.raises(UnknownTable, match=meant):
        tiny_run().precedents(wrong)
    with pytest.raises(UnknownTable, match=meant):
        tiny_run().dependents(wrong)


@pytest.mark.parametrize("name", [0, None, ["logits"], ("h0.attention", 1), slice(1)])
def test_a_name_that_is_no_text_is_told(name):
    with pytest.raises(CutawayError, match="table"):
        tiny_run()[name]


# ---- Where numbers come from ------------------------------------------------------------------


def test_a_calculated_table_tells_its_formula_and_what_it_reads():
    provenance = tiny_run()["h1.attention"].provenance
    assert provenance.formula == "softmax(causal(scores))"
    assert provenance.reads == ("h1.scores",)
    assert provenance.edits == ()


def test_an_edited_table_tells_what_was_typed_over_it():
    run = tiny_run().edit("h0.attention", 0, head=1).edit("h0.attention", 0.5, position=" sat")
    assert run["h0.attention"].provenance.edits == ("head 1 <- 0", "position ' sat' <- 0.5")
    assert run["h1.attention"].provenance.edits == ()


def test_a_weight_tells_the_origin_that_its_mapping_knows():
    class Kept(dict):
        def origin(self, name):
            return f"model.safetensors: {name}"

    run = start_run(BOOK, Kept(WEIGHTS), [0], engine=NumpyEngine())
    assert run["h0.c_fc_w"].provenance.origin == "model.safetensors: h0.c_fc_w"
    assert run["ids"].provenance.origin == "the prompt"


# ---- Formulas ---------------------------------------------------------------------------------


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


# ---- Edits that cannot be ---------------------------------------------------------------------


@pytest.mark.parametrize("value", [np.ones(3), np.ones((4, 5)), np.ones((2, 4, 4, 1)), [[1, 2]]])
def test_numbers_of_the_wrong_shape_are_told(value):
    with pytest.raises(ShapeMismatch, match="cells selected are 2 x 4 x 4"):
        tiny_run().edit("h0.attention", value)


@pytest.mark.parametrize("value", ["abc", 1j, None, float("nan"), [1.0, float("nan")], object(),
                                   [[1], [1, 2]], lambda cells: "abc", lambda cells: None])
def test_what_is_no_number_is_told(value):
    with pytest.raises(ShapeMismatch, match="number"):
        tiny_run().edit("h0.attention", value)


@pytest.mark.parametrize(("selectors", "message"), [
    ({"head": 2}, "no head 2: it has 2, from 0 to 1"), ({"head": -3}, "no head -3"),
    ({"row": 1}, "no axis 'row'; its axes are: head, position, source"),
    ({"position": " dog"}, "no position ' dog'"), ({"head": 1.5}, "1.5"), ({"head": True}, "True"),
    ({"head": [True, False]}, "True"), ({"head": "first"}, "'first'"),
    ({"head": [0, None]}, "None"),
    ({"head": slice(0, 2, 0)}, "0"), ({"position": slice("the", " cat")}, "the")])
def test_a_selection_that_cannot_be_is_told(selectors, message):
    with pytest.raises(UnknownRow, match=message):
        tiny_run().edit("h0.attention", 0, **selectors)


@pytest.mark.parametrize("name", ["positions", "n_head", "eps"])
def test_the_models_shape_cannot_be_edited(name):
    with pytest.raises(BookError, match=f"{name} is part of the model's shape"):
        tiny_run().edit(name, 1)


@pytest.mark.parametrize(("name", "value"), [("ids", 5), ("prompt", "the cat")])
def test_the_prompt_is_edited_as_a_whole(name, value):
    with pytest.raises(CutawayError, match=r"position|whole"):
        tiny_run().edit(name, value, position=2)


def test_a_prompt_without_a_tokenizer_is_told():
    run = start_run(BOOK, WEIGHTS, [0], engine=NumpyEngine())
    with pytest.raises(BookError, match="no tokenizer"):
        run.edit("prompt", "the")


def test_scores_edited_so_that_a_row_reads_nothing_are_told():
    """Minus infinity in every score of a row leaves softmax 0 / 0: never NaN in silence."""
    run = tiny_run().edit("h0.scores", -np.inf, source=0)
    with pytest.raises(FormulaError, match=r"h0\.attention = .* gives NaN.*nothing left to share"):
        _ = run["next_logits"]


def test_a_score_of_minus_infinity_is_a_source_that_nobody_reads():
    run = tiny_run().edit("h0.scores", -np.inf, source=1, position=slice(2, None))
    assert (run["h0.attention"].array[:, 2:, 1] == 0).all()
    np.testing.assert_allclose(run["h0.attention"].array.sum(axis=-1), 1)


# ---- Starting ---------------------------------------------------------------------------------


@pytest.mark.parametrize("ids", [[], [[]], np.zeros((0, 3), int)])
def test_an_empty_prompt_is_told(ids):
    with pytest.raises(EmptyPrompt, match="no token"):
        tiny_run(ids)


def test_a_prompt_that_is_too_long_is_told_with_by_how_much():
    with pytest.raises(PromptTooLong, match=r"83 tokens long; .* 80 positions.* by 3"):
        tiny_run(np.zeros(83, int))


@pytest.mark.parametrize(("ids", "named"), [
    ([0, 11], "11"), ([-1], "-1"), ([[0, 1], [2, 99]], "99")])
def test_an_id_that_is_no_token_is_named(ids, named):
    with pytest.raises(UnknownToken, match=f"{named} is no token .* 0 to 10"):
        tiny_run(ids)


@pytest.mark.parametrize("ids", [5, None, "the cat", ["the"], [[0, 1], [2]], [[[0]]], [True, False],
                                 [1.0, 2.0], [1.5], [float("nan")], [10**30], {"a": 1}])
def test_what_are_no_ids_is_told(ids):
    with pytest.raises(CutawayError, match=r"ids|token"):
        start_run(BOOK, WEIGHTS, ids, engine=NumpyEngine())


def test_a_missing_weight_is_told_by_name():
    weights = {name: array for name, array in WEIGHTS.items() if name != "h1.c_fc_w"}
    with pytest.raises(CutawayError, match=r"h1\.c_fc_w"):
        _ = start_run(BOOK, weights, [0], engine=NumpyEngine())["logits"]


@pytest.mark.parametrize(("name", "shape"), [("h0.ln_1_g", (1,)), ("wte", (11, 5)),
                                             ("h1.c_fc_w", (24, 6)), ("wpe", (80, 6, 1))])
def test_a_weight_of_the_wrong_shape_is_told_by_name(name, shape):
    with pytest.raises(CutawayError, match=name):
        _ = start_run(BOOK, {**WEIGHTS, name: np.ones(shape)}, [0], engine=NumpyEngine())["logits"]


def test_a_single_position_and_a_single_head_of_one_number_work():
    config = Config(vocab_size=1, n_positions=1, n_embd=1, n_layer=1, n_head=1)
    book = gpt2(config)
    weights = {name: np.ones([config.sizes[axis] for axis in axes])
               for name, axes in book.weights.items()}
    run = start_run(book, weights, [0], engine=NumpyEngine())
    np.testing.assert_array_equal(run["next_probabilities"].array, [1])
