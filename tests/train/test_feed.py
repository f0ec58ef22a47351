"""Batches read ahead from a mapped file: the very ones, from any step, whole or in parts."""

import numpy as np
import torch

from cutaway.train.data import Windows, batch_at
from cutaway.train.feed import batches, open_tokens, write_tokens
from cutaway.train.plan import Plan

STREAM = np.arange(500, dtype=np.uint16)
PLAN = Plan(steps=9, batch=3, seed=4)
CPU = torch.device("cpu")


def test_tokens_are_read_back_without_being_read_into_memory(tmp_path):
    stream = write_tokens(STREAM, tmp_path / "tokens.npy")
    assert isinstance(stream, np.memmap) and stream.dtype == np.uint16
    np.testing.assert_array_equal(open_tokens(tmp_path / "tokens.npy"), STREAM)


def test_the_batches_from_any_step_on_are_those_of_that_step(tmp_path):
    windows = Windows(write_tokens(STREAM, tmp_path / "tokens.npy"), 8, 8)
    for first in (0, 4, 9):
        found = list(batches(windows, PLAN, first, device=CPU))
        assert len(found) == PLAN.steps - first
        for step, batch in enumerate(found, first):
            wanted = batch_at(Windows(STREAM, 8, 8), step, PLAN.batch, PLAN.seed)
            np.testing.assert_array_equal(batch.numpy(), wanted)


def test_the_parts_of_all_processes_are_the_whole_batch_in_its_order():
    windows = Windows(STREAM, 8, 8)
    parts = zip(*(batches(windows, PLAN, 0, device=CPU, rank=rank, n_process=2)
                  for rank in range(2)), strict=True)
    for step, both in enumerate(parts):
        wanted = batch_at(windows, step, PLAN.batch, PLAN.seed)
        np.testing.assert_array_equal(torch.cat(both).numpy(), wanted)


def test_a_reader_that_is_left_early_stops():
    reader = batches(Windows(STREAM, 8, 8), PLAN, 0, device=CPU)
    next(reader)
    reader.close()
    assert list(reader) == []
