"""Runs: reading tables, where their numbers come from, and prompts that cannot be run."""

import numpy as np
import pytest

from cutaway import Config, CutawayError, NumpyEngine, gpt2, start_run
from cutaway.errors import (
    EmptyPrompt,
    FormulaError,
    NotFinite,
    PromptTooLong,
    SettingError,
    UnknownTable,
    UnknownToken,
)
from tests.workbook.tiny import BOOK, CONFIG, WEIGHTS, all_tables, tiny_run


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


def test_provenance_of_an_unknown_table_is_told():
    with pytest.raises(UnknownTable, match="Did you mean 'logits'"):
        tiny_run().provenance("logit")


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


@pytest.mark.parametrize("wrong", [np.nan, np.inf, -np.inf])
def test_a_weight_that_is_no_finite_number_is_named_when_it_is_first_read(wrong):
    damaged = {**WEIGHTS, "h1.c_fc_w": WEIGHTS["h1.c_fc_w"].copy()}
    damaged["h1.c_fc_w"][2, 3] = wrong
    run = start_run(BOOK, damaged, [1, 2], engine=NumpyEngine())
    expected = r"h1\.c_fc_w \(embed hidden\) holds -?(nan|inf) at \[2, 3\]"
    with pytest.raises(NotFinite, match=expected):
        _ = run["next_logits"]


def test_large_finite_weights_are_no_mistake():
    # Their sum is beyond float32, though each of them is a number.
    large = {**WEIGHTS, "wpe": np.full_like(WEIGHTS["wpe"], 1e38)}
    run = start_run(BOOK, large, [1], engine=NumpyEngine(np.float64))
    assert np.isfinite(run["wpe"].array).all()


def test_a_function_for_new_cells_that_fails_is_told():
    with pytest.raises(FormulaError, match=r"h0\.attention: the function .*ZeroDivisionError"):
        tiny_run([1, 2]).edit("h0.attention", lambda cells: 1 / 0, head=0)


def test_an_engine_of_whole_numbers_is_refused():
    with pytest.raises(SettingError, match=r"cannot be int32: np\.float32 or"):
        NumpyEngine(np.int32)
