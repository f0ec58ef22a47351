"""Appending a token: one new row of each table, and the same numbers as the whole calculation."""

from collections import Counter

import numpy as np
import pytest

from cutaway import CutawayError
from cutaway.workbook.operations import softmax
from tests.workbook.tiny import BOOK, CONFIG, all_tables, tiny_run, worst

SIXTY_FOUR = [int(i) for i in np.random.default_rng(64).integers(0, CONFIG.vocab_size, 64)]
ROUNDING = 1e-9  # float64: sums of a few hundred products in another order


def grown(run, tokens, read=("next_logits",)):
    """A run with tokens appended one at a time, each read as generation reads it."""
    for token in tokens:
        run = run.append(token)
        for name in read:
            _ = run[name]
    return run


def test_64_appended_tokens_give_every_table_of_the_whole_calculation():
    run = tiny_run([0, 1, 2])
    for n_appended in range(1, 65):
        run = grown(run, SIXTY_FOUR[n_appended - 1:n_appended])
        if n_appended in (1, 2, 17, 64):
            whole = tiny_run([0, 1, 2, *SIXTY_FOUR[:n_appended]])
            assert {n: run[n].shape for n in BOOK.nodes} == {n: whole[n].shape for n in BOOK.nodes}
            assert worst(run, whole) <= ROUNDING


EDITS = {
    "a head silenced": ("h0.attention", 0, {"head": 1}),
    "a cell of attention": ("h0.attention", 0.7, {"head": 0, "position": 2, "source": 1}),
    "everyone's view of one source": ("h1.attention", 0.25, {"source": 0}),
    "what one position reads": ("h0.attention", 0.7, {"position": 1}),
    "a score masked away": ("h1.scores", -1e9, {"source": [1], "head": 0}),
    "a column of the residual": ("h1.residual", 3.0, {"embed": 2}),
    "a row of the residual": ("h1.residual", np.arange(6.0), {"position": 1}),
    "rows of keys": ("h0.keys", np.ones((2, 2, 3)), {"position": slice(0, 2)}),
    "a whole table of values": ("h0.values", np.ones((2, 3, 3)), {}),
    "a weight": ("h0.c_attn_w", lambda old: old * -1, {}),
    "a token's embedding": ("wte", 0, {"vocabulary": " cat"}),
    "a position's embedding": ("wpe", 2, {"position": 5}),
    "a hidden neuron": ("h0.mlp_active", 4, {"hidden": [3, 20]}),
    "all logits": ("logits", 1, {}),
    "one next logit": ("next_logits", 9, {"vocabulary": 4}),
}


@pytest.mark.parametrize("edit", EDITS)
@pytest.mark.parametrize("when", ["edit before appending", "edit, then read, then append"])
def test_appending_to_an_edited_run_equals_the_whole_calculation_with_the_same_edit(edit, when):
    name, value, selectors = EDITS[edit]
    run = tiny_run([0, 1, 2]).edit(name, value, **selectors)
    if "read" in when:
        all_tables(run)
    run = grown(run, [4, 9, 1])
    whole = tiny_run([0, 1, 2, 4, 9, 1])
    if callable(value) or np.ndim(value) == 0:
        whole = whole.edit(name, value, **selectors)
    else:  # the numbers lie where they were typed; rows that came later have their own
        whole = whole.edit(name, value, **{"position": slice(0, 3), **selectors})
    assert worst(run, whole) <= ROUNDING


@pytest.mark.parametrize("edit", EDITS)
def test_editing_an_appended_run_equals_the_whole_calculation_with_the_same_edit(edit):
    name, value, selectors = EDITS[edit]
    if np.ndim(value):
        selectors = {**selectors, "position": selectors.get("position", slice(0, 3))}
    run = grown(tiny_run([0, 1, 2]), [4, 9, 1]).edit(name, value, **selectors)
    whole = tiny_run([0, 1, 2, 4, 9, 1]).edit(name, value, **selectors)
    assert worst(run, whole) <= ROUNDING
    assert worst(grown(run, [7]), grown(whole, [7])) <= ROUNDING


def test_appending_to_a_batch_gives_each_prompt_its_own_token():
    run = grown(tiny_run([[0, 1], [2, 3], [4, 5]]), [[6, 7, 8], [9, 10, 0]])
    whole = tiny_run([[0, 1, 6, 9], [2, 3, 7, 10], [4, 5, 8, 0]])
    assert worst(run, whole) <= ROUNDING


def test_appending_to_an_edited_batch():
    run = tiny_run([[0, 1], [2, 3]]).edit("h0.attention", 0, head=1, batch=0)
    whole = tiny_run([[0, 1, 6, 9], [2, 3, 7, 10]]).edit("h0.attention", 0, head=1, batch=0)
    assert worst(grown(run, [[6, 7], [9, 10]]), whole) <= ROUNDING


def test_a_row_patched_into_a_prompt_of_one_token_stays_in_that_row():
    """One row of numbers is a row for that position, not a number for every row to come."""
    patch = tiny_run([7])["h1.residual"]
    run = grown(tiny_run([3]).edit("h1.residual", patch), [4])
    whole = tiny_run([3, 4])
    np.testing.assert_allclose(run["h1.residual"].array[1], whole["h1.residual"].array[1],
                               atol=ROUNDING)


def test_two_branches_of_one_run_do_not_disturb_each_other():
    trunk = grown(tiny_run([0, 1, 2]), [3, 4])
    left, right = grown(trunk, [5, 6, 7]), grown(trunk, [8, 9])
    left = grown(left, [10])
    assert worst(left, tiny_run([0, 1, 2, 3, 4, 5, 6, 7, 10])) <= ROUNDING
    assert worst(right, tiny_run([0, 1, 2, 3, 4, 8, 9])) <= ROUNDING
    assert worst(trunk, tiny_run([0, 1, 2, 3, 4])) <= ROUNDING


def test_the_run_before_stays_as_it_was():
    run = tiny_run([0, 1, 2])
    before = {name: table.copy() for name, table in all_tables(run).items()}
    grown(run, [3, 4, 5])
    np.testing.assert_array_equal(run.ids, [0, 1, 2])
    for name, table in all_tables(run).items():
        np.testing.assert_array_equal(table, before[name])


def test_an_appended_token_calculates_each_table_once_and_the_prompt_nothing_again():
    run = tiny_run([0, 1, 2])
    _ = run["next_logits"]
    before = run.calculations.copy()
    longer = run.append(3)
    _ = longer["next_logits"]
    everything_but = {"logits", "next_probabilities"}  # not asked for
    assert longer.calculations == Counter(set(BOOK.nodes) - everything_but)
    assert run.calculations == before


def test_only_the_new_row_of_each_table_is_calculated():
    run = tiny_run([0, 1, 2])
    _ = run["logits"]
    longer = run.append(3)
    _ = longer["logits"], longer["next_probabilities"]
    for name, table in longer.memory.tables.items():
        axes = BOOK.axes(name)
        assert "position" not in axes or table.shape[axes.index("position")] == 1, name


def test_a_run_that_was_never_read_can_be_appended_to():
    run = tiny_run([0]).append(1).append(2)
    assert worst(run, tiny_run([0, 1, 2])) <= ROUNDING


def test_without_the_mask_earlier_rows_see_the_token_that_was_appended():
    """Replacing the mask is the first thing that a reader tries; the old rows must change then."""
    def attention(scores):
        return softmax(scores)

    run = tiny_run([0, 1, 2]).replace(attention)
    _ = run["logits"]
    assert worst(grown(run, [3]), tiny_run([0, 1, 2, 3]).replace(attention)) <= ROUNDING


def test_replacing_after_appending_equals_replacing_in_the_whole_run():
    run = grown(tiny_run([0, 1, 2]), [3, 4]).rewrite("h0.attention", "softmax(causal(scores) * 2)")
    whole = tiny_run([0, 1, 2, 3, 4]).rewrite("h0.attention", "softmax(causal(scores) * 2)")
    assert worst(run, whole) <= ROUNDING


def test_a_small_memory_budget_gives_the_same_numbers():
    run = tiny_run([0, 1, 2], keep=(), memory_budget_bytes=4000)
    assert worst(grown(run, [3, 4, 5, 6]), tiny_run([0, 1, 2, 3, 4, 5, 6])) <= ROUNDING


def test_a_token_beyond_the_last_position_is_told():
    run = tiny_run(np.zeros(CONFIG.n_positions, int))
    with pytest.raises(CutawayError, match="81 tokens long; this model has 80 positions"):
        run.append(0)


@pytest.mark.parametrize(("ids", "token"), [
    ([0, 1], "cat"), ([0, 1], [2, 3]), ([0, 1], 1.5), ([0, 1], None), ([0, 1], 11), ([0, 1], -1),
    ([[0], [1]], 2), ([[0], [1]], [2, 3, 4]), ([[0], [1]], [2, 11])])
def test_what_is_no_token_is_told(ids, token):
    with pytest.raises(CutawayError, match=r"token|id"):
        tiny_run(ids).append(token)


@pytest.mark.parametrize("dtype", [np.uint8, np.uint16, np.int32, np.uint64])
def test_ids_of_any_whole_number_type_can_be_appended_to(dtype):
    run = tiny_run(np.array([0, 1], dtype)).append(np.uint64(3))
    assert worst(run, tiny_run([0, 1, 3])) <= ROUNDING
