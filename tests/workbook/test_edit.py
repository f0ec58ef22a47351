"""Edits: what follows from them, what does not, and that the run before stays as it was.

The truth here is `afresh`: the book's formulas called one after the other in this file, with the
new numbers laid over each table by NumPy's own indexing. It shares no code with runs and edits.
"""

from collections import Counter
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cutaway import Book
from cutaway.errors import BookError, UnknownRow
from tests.profiles import many
from tests.workbook.tiny import BOOK, CONFIG, WEIGHTS, WORDS, all_tables, tiny_run

EDITABLE = [*BOOK.weights, *BOOK.nodes]
LABELLED = ("position", "source", "vocabulary")


@dataclass(frozen=True)
class Typed:
    """One edit as a test makes it: which cells along each axis, and what is typed into them."""

    name: str
    selectors: dict[str, Any]
    cells: tuple[list[int], ...]
    value: Any

    def laid_over(self, table: np.ndarray) -> np.ndarray:
        table = table.copy()
        cells = np.ix_(*self.cells)
        gone = tuple(isinstance(self.selectors.get(axis), int | str) for axis in axes_of(
            self.name, table.ndim))
        numbers = self.value
        if np.ndim(numbers):
            numbers = np.expand_dims(numbers, tuple(i for i, one in enumerate(gone) if one))
        table[cells] = numbers
        return table

    def with_numbers(self, table: np.ndarray) -> "Typed":
        """The same edit with what its function makes of the cells as they are now."""
        if not callable(self.value):
            return self
        single = [isinstance(self.selectors.get(axis), int | str)
                  for axis in axes_of(self.name, table.ndim)]
        old = table[np.ix_(*self.cells)]
        return replace(self, value=self.value(old.squeeze(tuple(np.flatnonzero(single)))))


def axes_of(name: str, ndim: int) -> tuple[str, ...]:
    axes = BOOK.axes(name)
    return axes if len(axes) == ndim else ("batch", *axes)


def afresh(book: Book, ids: np.ndarray, edits: list[Typed], dtype: type) -> dict[str, np.ndarray]:
    """Every table, calculated in the book's order with nothing shared and nothing left out."""
    tables: dict[str, Any] = {name: array.astype(dtype) for name, array in WEIGHTS.items()}
    tables |= {**book.constants, "ids": ids, "positions": np.arange(ids.shape[-1])}
    for name in [*book.weights, *book.nodes]:
        if name in book.nodes:
            node = book.nodes[name]
            tables[name] = node.step.function(*[tables[word] for word in node.reads])
        for edit in edits:
            if edit.name == name:
                tables[name] = edit.laid_over(tables[name])
    return tables


@st.composite
def selections(draw, axis: str, count: int, ids: np.ndarray) -> tuple[Any, list[int]]:
    """A selector for one axis, and the indices that it means."""
    kinds = ["whole", "index", "negative", "slice", "list"]
    labels = [WORDS[i] for i in (range(count) if axis == "vocabulary" else ids.ravel())]
    unique = [text for text in labels if labels.count(text) == 1]
    if axis in LABELLED and ids.ndim == 1 and unique and count == len(labels):
        kinds.append("label")
    match draw(st.sampled_from(kinds)):
        case "whole":
            return None, list(range(count))
        case "index":
            i = draw(st.integers(0, count - 1))
            return i, [i]
        case "negative":
            i = draw(st.integers(-count, -1))
            return i, [count + i]
        case "slice":
            along = draw(st.slices(count).filter(lambda one: range(count)[one]))
            return along, list(range(count))[along]
        case "label":
            text = draw(st.sampled_from(unique))
            return text, [labels.index(text)]
        case _:
            chosen = draw(st.lists(st.integers(-count, count - 1), min_size=1,
                                   unique_by=lambda i: i % count))
            return chosen, [i % count for i in chosen]


@st.composite
def typed(draw, ids: np.ndarray) -> Typed:
    name = draw(st.sampled_from(EDITABLE))
    shape = tiny_run(ids)[name].shape
    selectors, cells = {}, []
    for axis, count in zip(axes_of(name, len(shape)), shape, strict=True):
        selector, meant = draw(selections(axis, count, ids))
        selectors |= {} if selector is None else {axis: selector}
        cells.append(meant)
    selected = [len(meant) for meant, axis in zip(cells, axes_of(name, len(shape)), strict=True)
                if not isinstance(selectors.get(axis), int | str)]
    seed = draw(st.integers(0, 2**16))
    value = draw(st.sampled_from([
        0, -1.5, float(seed), np.random.default_rng(seed).normal(0, 2, selected),
        lambda old: old * -0.5]))
    return Typed(name, selectors, tuple(cells), value)


def prompts() -> st.SearchStrategy[np.ndarray]:
    n_vocabulary = CONFIG.vocab_size
    rows = st.lists(st.integers(0, n_vocabulary - 1), min_size=1, max_size=6)
    pairs = rows.map(lambda row: [row, [(i * 3 + 1) % n_vocabulary for i in row]])
    return st.one_of(rows, pairs).map(np.array)


@settings(max_examples=many(50, 500))
@given(data=st.data(), ids=prompts(), dtype=st.sampled_from([np.float64, np.float32]))
def test_any_table_after_any_edits_equals_a_calculation_afresh_bit_for_bit(data, ids, dtype):
    run = tiny_run(ids, dtype=dtype)
    for name in data.draw(st.lists(st.sampled_from(EDITABLE), max_size=3)):
        _ = run[name]  # calculated before the edit, so that there is something to share
    edits = data.draw(st.lists(typed(ids), min_size=1, max_size=3))
    typed_before: list[Typed] = []
    for edit in edits:
        run = run.edit(edit.name, edit.value, **edit.selectors)
        cells_now = afresh(BOOK, ids, typed_before, dtype)[edit.name]
        typed_before.append(edit.with_numbers(cells_now))
    read = data.draw(st.sampled_from(EDITABLE))
    expected = afresh(BOOK, ids, typed_before, dtype)[read]
    np.testing.assert_array_equal(run[read].array, expected, strict=True)


def upstream(name: str) -> set[str]:
    """A calculated table and all calculated tables that it is made from, by walking the wiring."""
    if name not in BOOK.nodes:
        return set()
    return {name}.union(*(upstream(word) for word in BOOK.nodes[name].reads))


def reads_directly_or_not(name: str, other: str) -> bool:
    return name != other and any(word == other or reads_directly_or_not(word, other)
                                 for word in (BOOK.nodes[name].reads if name in BOOK.nodes else ()))


@pytest.mark.parametrize("edited", ["wte", "wpe", "embeddings", "h0.c_attn_b", "h0.values",
                                    "h0.attention", "h1.residual", "h1.c_fc_w", "h1.mlp_output",
                                    "final", "ln_f_g", "next_logits", "logits"])
@pytest.mark.parametrize("read", ["logits", "next_probabilities", "h1.attention", "h0.mixed"])
def test_only_dependents_that_are_asked_for_are_calculated(edited, read):
    run = tiny_run()
    all_tables(run)
    changed = run.edit(edited, 2.0)
    _ = changed[read]
    dependents = {name for name in upstream(read) if reads_directly_or_not(name, edited)}
    assert changed.calculations == Counter(dependents)


def test_a_table_is_calculated_once_and_only_when_it_is_needed():
    run = tiny_run()
    assert run.calculations == Counter()
    _ = run["h0.attention"], run["h0.attention"], run["h0.scores"]
    assert run.calculations == Counter(upstream("h0.attention"))


def test_the_run_before_calculates_nothing_because_of_an_edit():
    run = tiny_run()
    all_tables(run)
    before = run.calculations.copy()
    all_tables(run.edit("h0.attention", 0, head=1).edit("wte", 1, vocabulary=" cat"))
    assert run.calculations == before


def test_tables_that_do_not_depend_on_the_edit_are_shared_not_copied():
    run = tiny_run()
    old = all_tables(run)
    new = all_tables(run.edit("h1.attention", 0, head=1))
    shared = {name for name in old if np.shares_memory(old[name], new[name])}
    assert shared == {name for name in old
                      if name != "h1.attention" and not reads_directly_or_not(name, "h1.attention")}


def test_undo_is_going_back_to_the_old_run():
    run = tiny_run()
    before = {name: table.copy() for name, table in all_tables(run).items()}
    changed = run.edit("h0.attention", 0, head=1).edit("wte", lambda rows: rows * 9)
    all_tables(changed)
    for name, table in all_tables(run).items():
        np.testing.assert_array_equal(table, before[name])
    assert not run.edits


def test_edits_compose_and_the_later_one_lies_on_top():
    run = tiny_run().edit("h0.scores", 5, head=0).edit("h0.scores", -3, head=0, position=1)
    scores = run["h0.scores"].array
    assert (scores[0, [0, 2, 3]] == 5).all() and (scores[0, 1] == -3).all()


def test_two_edits_of_different_tables_give_the_same_in_either_order():
    run = tiny_run()
    one = run.edit("wpe", 0, position=2).edit("h1.keys", 1, head=0)
    other = run.edit("h1.keys", 1, head=0).edit("wpe", 0, position=2)
    np.testing.assert_array_equal(one["logits"].array, other["logits"].array)


def test_a_function_is_given_the_selected_cells():
    run, seen = tiny_run(), []
    run.edit("h0.attention", lambda cells: seen.append(cells) or cells, head=1, position=[0, 2])
    np.testing.assert_array_equal(seen[0], run["h0.attention"].array[1][[0, 2]])


def test_an_activation_patched_in_from_another_prompt_carries_everything_after_it():
    """All later tables read the prompt through h1.residual alone, so they must be the other's."""
    run, other = tiny_run([0, 1, 2]), tiny_run([5, 6, 7])
    patched = run.edit("h1.residual", other["h1.residual"])
    np.testing.assert_array_equal(patched["logits"].array, other["logits"].array)


def test_a_silenced_head_adds_nothing():
    run = tiny_run().edit("h0.attention", 0, head=1)
    n_head_embed = CONFIG.sizes["head_embed"]
    assert (run["h0.joined"].array[:, n_head_embed:] == 0).all()
    assert (run["h0.joined"].array[:, :n_head_embed] != 0).all()


def test_an_edited_prompt_gives_the_run_of_that_prompt():
    run = tiny_run([0, 1, 2])
    all_tables(run)
    edited = run.edit("prompt", "the dog moves.")
    np.testing.assert_array_equal(edited.ids, [0, 6, 8, 5])
    np.testing.assert_array_equal(edited["logits"].array, tiny_run([0, 6, 8, 5])["logits"].array)


def test_an_edited_prompt_keeps_the_other_edits():
    run = tiny_run([0, 1, 2]).edit("wte", 0, vocabulary=" cat").edit("h0.attention", 0, head=1)
    edited = run.edit("prompt", "the cat moves")
    expected = tiny_run([0, 1, 8]).edit("wte", 0, vocabulary=" cat").edit("h0.attention", 0, head=1)
    np.testing.assert_array_equal(edited["logits"].array, expected["logits"].array)


def test_edited_ids_give_the_run_of_those_ids():
    edited = tiny_run([0, 1, 2]).edit("ids", [3, 4])
    np.testing.assert_array_equal(edited["logits"].array, tiny_run([3, 4])["logits"].array)


def test_a_prompt_of_the_same_length_shares_the_position_embeddings():
    run = tiny_run([0, 1, 2])
    all_tables(run)
    edited = run.edit("ids", [3, 4, 5])
    all_tables(edited)
    assert edited.calculations["position_embeddings"] == 0
    assert edited.calculations["token_embeddings"] == 1


def test_an_edited_table_of_one_prompt_cannot_be_taken_to_a_batch():
    """A head that was silenced for one prompt would be another axis in a batch."""
    run = tiny_run([0, 1, 2]).edit("h0.attention", 0, head=1)
    with pytest.raises(BookError, match=r"different axes.*Start a new run"):
        run.edit("ids", [[0, 1, 2], [3, 4, 5], [6, 7, 8]])


def test_an_edited_weight_stays_edited_when_a_prompt_becomes_a_batch():
    batch = [[0, 1], [3, 4], [6, 7]]
    run = tiny_run([0, 1, 2]).edit("wpe", 0, position=1).edit("ids", batch)
    expected = tiny_run(batch).edit("wpe", 0, position=1)
    np.testing.assert_array_equal(run["logits"].array, expected["logits"].array)


def test_the_numbers_of_an_edit_do_not_follow_the_array_that_they_came_from():
    ids, value = np.array([0, 1, 2]), np.zeros((3, CONFIG.n_embd))
    run = tiny_run(ids, keep=()).edit("h0.residual", value)
    before = run["logits"].array.copy()
    ids[:], value[:] = 9, 7.0
    np.testing.assert_array_equal(run["logits"].array, before)
    np.testing.assert_array_equal(run.ids, [0, 1, 2])


def test_a_reversed_slice_selects_the_cells_in_reverse():
    run = tiny_run()
    column = np.arange(4.0)
    edited = run.edit("h0.attention", column, head=0, position=0, source=slice(None, None, -1))
    np.testing.assert_array_equal(edited["h0.attention"].array[0, 0], column[::-1])


@pytest.mark.parametrize("nothing", [[], slice(2, 2), slice(9, None)])
def test_an_edit_of_no_cells_is_told(nothing):
    with pytest.raises(UnknownRow, match=r"position .* selects nothing; it has 4"):
        tiny_run().edit("h0.attention", 0, position=nothing)
