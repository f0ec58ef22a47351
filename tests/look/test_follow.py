"""Following a number: every cell on the way is one that its formula reads, down to a weight.

What a formula reads is found from outside: another number is laid over the cell, and the book is
calculated again.
"""

from itertools import pairwise

import numpy as np
import pytest

from cutaway import Config, NumpyEngine, open_model, start_run
from cutaway.look.follow import Cell, made_from, read_by, way_back
from cutaway.models.gpt2_record import GPT2
from tests.models.llama_like import LLAMA, LlamaConfig

SEED = 20240611
CELLS = 6  # of each model: each way is calculated again at every step of it


def tiny(architecture, config):
    """A run of a model with random weights, large enough that no softmax is flat."""
    weights = {name: array * (12 if array.ndim > 1 else 1) for name, array in
               architecture.fresh(config, np.random.default_rng(SEED)).items()}
    return start_run(architecture.book(config), weights, [3, 1, 4, 1, 5, 9],
                     engine=NumpyEngine(np.float64))


RUNS = {
    "GPT-2": lambda: tiny(GPT2, Config(n_layer=2, n_head=2, n_embd=16, n_positions=12,
                                       vocab_size=40)),
    "Llama-like": lambda: tiny(LLAMA, LlamaConfig(n_layer=2, n_head=4, n_key_head=2, n_embd=16,
                                                  n_hidden=24, n_positions=12, vocab_size=40)),
    "storybook": lambda: open_model().run("Mike is quick. He moves"),
}


@pytest.fixture(scope="module", params=RUNS)
def run(request):
    return RUNS[request.param]()


def edited(run, cell, number):
    """The run with another number in one cell."""
    return run.edit(cell.table, number, **dict(zip(run.book.axes(cell.table), cell.index,
                                                   strict=True)))


def probabilities(run):
    """Some cells of the next token's probabilities, drawn with SEED; the likeliest among them."""
    name = run.book.role("next_probabilities")
    shares = run[name].array
    drawn = np.random.default_rng(SEED).choice(len(shares), CELLS - 1, replace=False)
    return [Cell(name, (int(token),)) for token in (shares.argmax(), *drawn)]


def test_the_way_back_leads_to_a_weight_and_each_cell_is_one_that_the_formula_reads(run):
    for start in probabilities(run):
        way = way_back(run, start)
        assert way[0] == start and way[-1].table in run.book.weights
        for reader, read in pairwise(way):
            assert read.table in run.book.precedents(reader.table)
            before = run[reader.table].array[reader.index]
            moved = edited(run, read, float(run[read.table].array[read.index]) * 1.5 + 1)
            assert moved[reader.table].array[reader.index] != before, (reader, read)


def test_a_weight_is_at_most_three_clicks_a_block_away(run):
    """A click on a weight where the inspector names one, else on the largest contribution."""
    for start in probabilities(run):
        clicks, cell = 0, start
        while cell.table not in run.book.weights:
            named = [one.cell for one in made_from(run, cell)]
            cell = next((one for one in named if one.table in run.book.weights), named[0])
            clicks += 1
        assert clicks <= 3 * len(run.book.blocks)


def test_what_an_addend_or_a_product_contributes_is_missing_when_it_is_zero():
    run = RUNS["GPT-2"]()
    generator = np.random.default_rng(SEED)
    for name in ("next_logits", "h1.attention_output", "h0.residual_after_mlp", "h1.mlp_input",
                 "h0.scores", "h1.mixed", "h1.queries", "final", "embeddings", "h1.mlp_up"):
        table = run[name].array
        cell = Cell(name, tuple(int(generator.integers(size)) for size in table.shape))
        for one in made_from(run, cell):
            other_ways = run.book.downstream({one.cell.table}) & {*run.book.precedents(name)}
            if one.cell.table in run.book.weights or other_ways:
                continue  # what is missing then is more
            without = edited(run, one.cell, 0)
            missing = table[cell.index] - without[name].array[cell.index]
            assert one.amount == pytest.approx(missing, rel=1e-9, abs=1e-12), (cell, one)
            assert one.value == run[one.cell.table].array[one.cell.index]


def test_what_a_share_lacks_without_another_score_is_dealt_out():
    run = RUNS["GPT-2"]()
    cell = Cell("h1.attention", (1, 4, 2))
    for one in made_from(run, cell):
        without = edited(run, one.cell, -1e9)
        missing = run["h1.attention"].array[cell.index] - without["h1.attention"].array[cell.index]
        assert one.amount == pytest.approx(missing, rel=1e-9)
        assert one.cell.index[:2] == (1, 4) and one.line == "row"
    assert len(made_from(run, cell)) == 5, "the sources up to its own"


@pytest.mark.parametrize(("cell", "read", "line"), [
    (Cell("token_embeddings", (3, 5)), Cell("wte", (1, 5)), "row"),
    (Cell("h1.queries", (1, 3, 2)), Cell("h1.qkv", (3, 10)), ""),
    (Cell("h1.values", (1, 3, 2)), Cell("h1.qkv", (3, 42)), ""),
    (Cell("h1.joined", (3, 10)), Cell("h1.mixed", (1, 3, 2)), ""),
    (Cell("predicted_embedding", (9,)), Cell("final", (5, 9)), ""),
    (Cell("h1.mlp_active", (2, 7)), Cell("h1.mlp_up", (2, 7)), ""),
    (Cell("h1.mlp_normalised", (2, 7)), Cell("h1.residual_after_attention", (2, 7)), "row")])
def test_a_number_that_was_only_moved_or_bent_leads_to_the_one_cell(cell, read, line):
    found = made_from(RUNS["GPT-2"](), cell)
    assert [(one.cell, one.line) for one in found] == [(read, line)]


def test_a_number_that_was_typed_a_masked_one_and_a_weight_lead_nowhere():
    run = RUNS["GPT-2"]()
    typed = edited(run, Cell("h1.mixed", (0, 2, 1)), 9.0)
    assert made_from(typed, Cell("h1.mixed", (0, 2, 1))) == []
    assert made_from(typed, Cell("h1.mixed", (0, 2, 2)))
    assert made_from(run, Cell("wte", (1, 1))) == []
    assert way_back(run, Cell("wte", (1, 1))) == [Cell("wte", (1, 1))]


def test_forwards_each_table_that_reads_a_number_tells_its_cells_that_move_most():
    run = RUNS["GPT-2"]()
    cell = Cell("h0.attention_input", (3, 7))
    found = read_by(run, cell)
    assert {one.cell.table for one in found} == {*run.dependents(cell.table)}
    moves = edited(run, cell, 0)["h0.qkv"].array - run["h0.qkv"].array
    assert [abs(one.moves) for one in found] == sorted(np.abs(moves).ravel(), reverse=True)[:3]
    for one in found:
        assert one.moves == moves[one.cell.index]
        assert one.value == run["h0.qkv"].array[one.cell.index]
    tables = {one.cell.table for one in read_by(run, Cell("final", (5, 2)))}
    assert tables == {"predicted_embedding"}, "the logits of every position are left out"
