"""Memory for tables is used again, and never while somebody still looks at it."""

import gc
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest

from cutaway.engines.compiled import CompiledEngine, storage
from cutaway.engines.compiled.storage import SMALL_BYTES, Storage
from tests.engines.compiled.runs import IDS, run_of

SHAPE = (130, 1000)


def address(table: np.ndarray) -> int:
    return table.ctypes.data


def let_go_of(store: Storage, shape=SHAPE) -> int:
    """The address of a table that nobody holds any more."""
    table = store.table(shape)
    table[...] = 1
    return address(table)


def test_a_table_has_the_shape_that_was_asked_for_and_can_be_written_to():
    for shape in (SHAPE, (3, 7), (12, 100, 100), (20_000,)):
        table = Storage().table(shape)
        assert table.shape == shape and table.dtype == np.float32
        assert table.flags.writeable and table.flags.c_contiguous
        table[...] = 5
        assert (table == 5).all()


def test_large_tables_start_at_a_cache_line():
    for _ in range(5):
        assert address(Storage().table(SHAPE)) % 64 == 0


def test_memory_that_nobody_holds_is_used_for_the_next_table_of_that_size():
    store = Storage()
    before = let_go_of(store)
    assert address(store.table((1000, 130))) == before


def test_another_size_gets_memory_of_its_own():
    store = Storage()
    before = let_go_of(store)
    assert address(store.table((131, 1000))) != before


@pytest.mark.parametrize("view", [
    lambda table: table[5:6, :3], lambda table: table[5:][::-1].T[1:], lambda table: table.ravel(),
    lambda table: table.view(np.int32)[3], memoryview,
    lambda table: np.frombuffer(table, np.uint8)])
def test_a_view_of_a_view_keeps_the_memory(view):
    store = Storage()
    table = store.table(SHAPE)
    table[...] = 3
    before, held = address(table), view(table)
    seen = np.array(held)
    del table
    gc.collect()
    other = store.table(SHAPE)
    other[...] = 8
    assert address(other) != before
    np.testing.assert_array_equal(np.array(held), seen)
    del held
    gc.collect()
    assert address(store.table(SHAPE)) == before


def test_what_is_written_through_one_view_is_seen_through_the_others_alone():
    store = Storage()
    first, second = store.table(SHAPE), store.table(SHAPE)
    second[...] = 2
    view = first[3:]
    view[...] = 1
    assert (first[3:] == 1).all() and (second == 2).all()


def test_small_tables_are_plain():
    store = Storage()
    count = SMALL_BYTES // 4
    assert store.table((count - 1,)).base is None
    assert store.table((count,)).base is not None


def test_no_more_is_set_aside_than_the_bound(monkeypatch):
    size = (SHAPE[0] * SHAPE[1] + 16) * 4
    monkeypatch.setattr(storage, "MOST_FREE_BYTES", 2 * size)
    store = Storage()
    tables = [store.table(SHAPE) for _ in range(4)]
    old = {address(table) for table in tables}
    del tables
    assert store._free_bytes == 2 * size
    again = [store.table(SHAPE) for _ in range(2)]
    assert {address(table) for table in again} <= old
    assert store._free_bytes == 0


def test_several_threads_take_and_let_go_of_tables_at_once():
    store = Storage()

    def work(number: int) -> bool:
        right = True
        for _ in range(300):
            table = store.table((20, 1000))
            table[...] = number
            right = right and bool((table == number).all())
            del table
        return right

    with ThreadPoolExecutor(4) as pool:
        assert all(pool.map(work, range(8)))
    set_aside = sum(memory.nbytes for free in store._free.values() for memory in free)
    assert store._free_bytes == set_aside <= 4 * (20_000 + 16) * 4


def test_tables_of_a_run_stay_as_they_are_while_other_runs_come_and_go():
    """Runs of the same size take over each other's memory; what is still held is not touched."""
    engine = CompiledEngine()
    ids = np.resize(IDS, 48)
    held = run_of(engine, ids)
    tables = {name: held[name].array for name in held.book.nodes}
    wanted = {name: table.copy() for name, table in tables.items()}
    for shift in range(1, 4):
        _ = run_of(engine, (ids + shift) % 50)["logits"]
    del held
    gc.collect()
    for shift in range(1, 4):
        _ = run_of(engine, (ids + shift) % 50)["logits"]
    for name, table in tables.items():
        np.testing.assert_array_equal(table, wanted[name], err_msg=name)
