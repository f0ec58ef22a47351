"""Threads that calculate together, and threads that use one engine at the same time."""

from concurrent.futures import ThreadPoolExecutor
from queue import SimpleQueue

import numpy as np
import pytest

from cutaway import Config, NumpyEngine
from cutaway.engines.compiled import CompiledEngine, machine, processor
from cutaway.engines.compiled.threads import Team
from tests.engines.compiled.runs import appended, distance, engine_of, run_of

WIDE = Config(vocab_size=600, n_positions=64, n_embd=192, n_layer=2, n_head=4)
PROMPTS = [np.arange(8 + 5 * i) * (i + 3) % 600 for i in range(8)]


@pytest.mark.parametrize("keep", [("*",), ()], ids=["keeping all", "keeping nothing"])
def test_several_threads_use_one_engine_at_once(keep):
    alone = [run_of(engine_of(1), ids, config=WIDE, keep=keep)["logits"].array for ids in PROMPTS]
    engine = engine_of(2)

    def written(ids: np.ndarray) -> np.ndarray:
        run = appended(run_of(engine, ids[:4], config=WIDE, keep=keep), ids[4:], read="next_logits")
        return run["logits"].array

    with ThreadPoolExecutor(4) as pool:
        for _ in range(2):
            for found, expected in zip(pool.map(written, PROMPTS), alone, strict=True):
                np.testing.assert_array_equal(found, expected)


def test_several_threads_go_on_from_the_same_run():
    engine = engine_of(2)
    start = run_of(engine, PROMPTS[0], config=WIDE, keep=())
    _ = start["next_logits"]

    def branch(i: int) -> np.ndarray:
        return appended(start, PROMPTS[i][:6], read="next_logits")["logits"].array

    expected = [run_of(engine, [*PROMPTS[0], *PROMPTS[i][:6]], config=WIDE)["logits"].array
                for i in range(8)]
    with ThreadPoolExecutor(4) as pool:
        for found, one in zip(pool.map(branch, range(8)), expected, strict=True):
            np.testing.assert_array_equal(found, one)


@pytest.mark.parametrize("keep", [("*",), ()], ids=["keeping all", "keeping nothing"])
def test_a_helper_that_never_wakes_is_not_waited_for(keep):
    engine = engine_of(3)
    engine.team._work = [SimpleQueue(), SimpleQueue()]  # nobody reads them
    run = run_of(engine, PROMPTS[7], config=WIDE, keep=keep)
    truth = run_of(NumpyEngine(np.float64), PROMPTS[7], config=WIDE)
    assert distance(run["logits"].array, truth["logits"].array) < 1e-4
    assert not engine.team._work[0].empty()  # it was asked


def test_a_helper_that_comes_late_finds_nothing_to_do():
    engine = engine_of(2)
    late = SimpleQueue()
    engine.team._work = [late]
    logits = run_of(engine, PROMPTS[7], config=WIDE, keep=())["logits"].array
    wanted = logits.copy()
    while not late.empty():
        machine.run(*late.get())
    np.testing.assert_array_equal(logits, wanted)


def test_helpers_are_started_when_there_is_work_for_them():
    engine = engine_of(2)
    tiny = Config(vocab_size=7, n_positions=4, n_embd=4, n_layer=1, n_head=1)
    _ = run_of(engine, [1, 2], config=tiny)["logits"]
    assert engine.team._work == []
    _ = run_of(engine, PROMPTS[7], config=WIDE)["logits"]
    assert len(engine.team._work) == 1


@pytest.mark.parametrize(("asked", "count"), [("1", 1), ("3", 3)])
def test_the_number_of_threads_is_what_the_environment_asks_for(monkeypatch, asked, count):
    monkeypatch.setenv("OMP_NUM_THREADS", asked)
    assert processor.n_threads() == Team().count == CompiledEngine().team.count == count


@pytest.mark.parametrize("asked", ["", "0", "-2", "many"])
def test_without_a_number_every_core_takes_part(monkeypatch, asked):
    monkeypatch.setenv("OMP_NUM_THREADS", asked)
    assert processor.n_threads() >= 1
    monkeypatch.delattr("os.sched_getaffinity", raising=False)
    monkeypatch.setattr("os.cpu_count", lambda: 5)
    assert processor.n_threads() == 5
