"""The whole machine in small: what is drawn is in the tables."""

import numpy as np
import pytest

from cutaway import Config, NumpyEngine, gpt2, open_model, start_run
from cutaway.look import machine, parameter_count
from cutaway.look.machine import CELLS
from tests.models.llama_like import LlamaConfig, llama
from tests.models.llama_peer import llama_peer, weights_of
from tests.oracles import hugging_face_gpt2, our_arrays

GPT2 = Config(vocab_size=31, n_positions=16, n_embd=60, n_layer=3, n_head=4)
IDS = np.array([3, 1, 4, 1, 5, 9, 2])


def run_of(kind: str):
    if kind == "GPT-2":
        book, weights = gpt2(GPT2), our_arrays(hugging_face_gpt2(GPT2, scale=0.5))
    else:
        config = LlamaConfig(vocab_size=31)
        book, weights = llama(config), weights_of(llama_peer(config))
    return start_run(book, weights, IDS, engine=NumpyEngine(np.float64))


@pytest.mark.parametrize("kind", ["GPT-2", "another architecture"])
@pytest.mark.parametrize("positions", [1, 4, 12])
def test_strips_and_shares_are_numbers_of_the_tables(kind, positions):
    run = run_of(kind)
    drawn = machine(run, positions)
    shown = min(positions, len(IDS))
    assert drawn.first_position == len(IDS) - shown
    every = [*drawn.first, drawn.last, *(plate.output for plate in drawn.plates),
             *(plate.neurons for plate in drawn.plates)]
    assert all(every) and len(drawn.plates) == len(run.book.blocks)
    for strips in every:
        table = run[strips.table].array[-shown:]
        assert len(strips.rows) == shown
        for row, cells in zip(table, strips.rows, strict=True):
            assert len(cells) == min(CELLS, len(row)) and set(cells) <= set(row.tolist())
            assert max(map(abs, cells)) == np.abs(row).max()
    for plate in drawn.plates:
        table = run[plate.reading.table].array[:, -shown:, -shown:]
        chosen = np.array(plate.reading.heads)
        np.testing.assert_array_equal(plate.reading.shares, table.max(axis=0))
        np.testing.assert_array_equal(
            np.take_along_axis(table, chosen[None], axis=0)[0], plate.reading.shares)
        fired = run[plate.neurons.table].array[-1]
        assert (plate.firing, plate.n_neurons) == (np.count_nonzero(fired > 0), len(fired))


@pytest.mark.parametrize("kind", ["GPT-2", "another architecture"])
def test_the_areas_are_all_that_the_model_has_learned(kind):
    run = run_of(kind)
    found = machine(run, 4).areas
    assert sum(area.numbers for area in found) == parameter_count(run.book)
    assert all(area.table in run.book.weights for area in found)
    for block in run.book.blocks:
        assert [area.words for area in found if area.block == block] == ["attention", "MLP"]


def test_an_edit_with_numbers_beyond_all_bounds_can_still_be_drawn():
    run = run_of("GPT-2").edit("h1.mlp_output", 1e200)
    drawn = machine(run, 4)
    for plate in drawn.plates:
        assert np.isfinite(plate.output.rows).all() and np.isfinite(plate.change).all()
        assert np.isfinite(plate.reading.shares).all()


def test_the_size_of_a_change_is_that_of_what_a_block_adds():
    run = open_model().run("Mike is quick. He moves")
    for plate in machine(run, 3).plates:
        before = run[f"h{plate.block}.residual"].array[-3:].astype(np.float64)
        after = run[f"h{plate.block}.residual_after_mlp"].array[-3:]
        expected = np.sqrt(((after - before) ** 2).sum(axis=1) / (before ** 2).sum(axis=1))
        np.testing.assert_allclose(plate.change, expected, rtol=1e-6)


def test_a_weight_that_an_edited_formula_reads_no_more_stays_in_its_block():
    run = run_of("GPT-2").rewrite("h1.attention_output", "joined * 1")
    found = {(area.block, area.words): area.numbers for area in machine(run, 4).areas}
    whole = {(area.block, area.words): area.numbers for area in machine(run_of("GPT-2"), 4).areas}
    assert found.keys() == whole.keys() and sum(found.values()) == sum(whole.values())
