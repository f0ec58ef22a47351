"""What a run keeps, what it lets go, and that it never holds more than its budget."""

import tracemalloc

import numpy as np
import pytest

from cutaway import PUBLISHED, Config, NumpyEngine, gpt2, start_run
from cutaway.errors import MemoryBudgetExceeded, SettingError
from tests.workbook.tiny import BOOK, all_tables, random_weights, tiny_run

LONG = list(np.arange(30) % 11)


def really_held(*runs) -> int:
    """The bytes of every table that these runs hold, added up by hand."""
    return sum(table.nbytes for run in runs
               for table in (*run.memory.tables.values(), *run.memory.wholes.values()))


def test_the_memory_that_each_table_needs_is_known_before_it_is_calculated():
    run = tiny_run(LONG)
    needed = run.memory_needed()
    assert not run.calculations
    assert needed == {name: table.nbytes for name, table in all_tables(run).items()}


def test_all_attention_of_gpt2_small_at_1024_positions_takes_604_megabytes():
    """12 blocks x 12 heads x 1,024 x 1,024 numbers of 4 bytes, by hand."""
    run = start_run(gpt2(PUBLISHED["gpt2"]), {}, np.zeros(1024, int), engine=NumpyEngine())
    needed = run.memory_needed()
    assert sum(needed[f"h{block}.attention"] for block in range(12)) == 603_979_776


@pytest.mark.parametrize("order", ["first to last", "last to first", "mixed"])
@pytest.mark.parametrize("budget", [60_000, 80_000, 150_000])
def test_no_more_than_the_budget_is_ever_held(order, budget):
    names = list(BOOK.nodes)
    if order == "last to first":
        names.reverse()
    elif order == "mixed":
        np.random.default_rng(1).shuffle(names)
    run, truth = tiny_run(LONG, memory_budget_bytes=budget), tiny_run(LONG)
    for name in names:
        np.testing.assert_array_equal(run[name].array, truth[name].array)
        assert really_held(run) <= budget
    assert really_held(run) == run.memory.held_bytes


def test_an_edited_weight_counts_as_well():
    budget = 62_000
    run = tiny_run(LONG, memory_budget_bytes=budget)
    run = run.edit("h0.c_fc_w", lambda old: old * 2).edit("h1.c_attn_w", 0, embed=1)
    for name in BOOK.nodes:
        _ = run[name]
        assert really_held(run) <= budget


def test_a_chain_of_appended_runs_holds_no_more_than_one_budget():
    budget = 40_000
    runs = [tiny_run(LONG[:5], memory_budget_bytes=budget)]
    for token in LONG[5:]:
        runs.append(runs[-1].append(token))
        _ = runs[-1]["next_logits"]
        assert really_held(*runs) <= budget


def test_rows_that_the_run_before_still_has_to_calculate_count_as_well():
    budget = 40_000
    first = tiny_run(LONG[:15], memory_budget_bytes=budget)
    second = first.append(1)
    truth = tiny_run([*LONG[:15], 1])
    for name in BOOK.nodes:
        np.testing.assert_allclose(second[name].array, truth[name].array, atol=1e-12)
        assert really_held(first, second) <= budget


def test_what_was_let_go_is_named_and_calculated_again_when_it_is_read():
    run = tiny_run(LONG, memory_budget_bytes=60_000)
    before = run["h0.attention"].array.copy()
    _ = run["logits"]
    assert "h0.attention" in run.memory.let_go
    np.testing.assert_array_equal(run["h0.attention"].array, before)
    assert run.calculations["h0.attention"] == 2
    assert "h0.attention" not in run.memory.let_go


def test_nothing_is_let_go_while_there_is_room():
    run = tiny_run(LONG)
    all_tables(run)
    assert not run.memory.let_go
    assert set(run.memory.tables) == set(BOOK.nodes)
    assert set(run.calculations.values()) == {1}


def test_a_table_larger_than_the_budget_is_told_with_its_size():
    config = Config(vocab_size=5, n_positions=512, n_embd=4, n_layer=1, n_head=2)
    weights = random_weights(config)
    run = start_run(gpt2(config), weights, np.zeros(512, int), engine=NumpyEngine(),
                    memory_budget_bytes=2**20)
    told = r"h0\.scores takes 2\.00? MiB.* budget of 1\.00? MiB\. Shorten the prompt or raise"
    with pytest.raises(MemoryBudgetExceeded, match=told):
        _ = run["logits"]
    assert run["h0.keys"].shape == (2, 512, 2)  # what fits can still be read


@pytest.mark.parametrize("budget", [0, -1, "1 GB", float("nan"), None])
def test_a_budget_that_is_no_number_of_bytes_is_told(budget):
    with pytest.raises(SettingError, match="memory_budget_bytes"):
        tiny_run(memory_budget_bytes=budget)


def test_only_what_is_asked_to_be_kept_stays():
    run = tiny_run(keep=["h*.attention", "logits"])
    _ = run["logits"], run["next_probabilities"]
    remembered = {name for name in BOOK.nodes if name.endswith((".keys", ".values"))}
    assert set(run.memory.tables) == {"h0.attention", "h1.attention", "logits"} | remembered


def test_what_is_not_kept_is_calculated_again_from_what_is():
    run = tiny_run(keep=["h1.residual"])
    _ = run["logits"]
    before = run.calculations
    _ = run["final"]
    again = {name.split(".")[0] for name in run.calculations - before}
    assert again == {"h1", "final", "final_normalised"}


def test_one_pattern_is_one_pattern_not_its_letters():
    run = tiny_run(keep="h*.attention")
    _ = run["logits"]
    assert {"h0.attention", "h1.attention"} <= set(run.memory.tables)
    assert "logits" not in run.memory.tables


def test_what_is_remembered_takes_the_memory_that_it_says():
    """Keys and values cut out of a wider table must not hold on to all of it."""
    config = Config(vocab_size=5, n_positions=512, n_embd=64, n_layer=2, n_head=2)
    run = start_run(gpt2(config), random_weights(config, dtype=np.float32), np.zeros(512, int),
                    engine=NumpyEngine(), keep=())
    _ = run["wte"], run["h1.c_fc_w"]
    tracemalloc.start()
    before, _ = tracemalloc.get_traced_memory()
    _ = run["next_logits"]
    after, _ = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    weights = sum(leaf.nbytes for leaf in random_weights(config, dtype=np.float32).values())
    assert really_held(run) == 2 * 2 * 512 * 64 * 4
    assert after - before <= 1.1 * really_held(run) + weights
