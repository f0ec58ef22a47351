"""Batches on their way to a training step: from a memory-mapped file, one read ahead."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import torch

from cutaway.disk import whole_file
from cutaway.train.data import Windows, batch_at
from cutaway.train.plan import Plan


def write_tokens(stream: np.ndarray, path: Path) -> np.ndarray:
    """The stream as a file, mapped: the system reads what is used and lets it go again.

    Raises:  DiskError
    """
    with whole_file(path) as draft, draft.open("wb") as file:
        np.save(file, stream)
    return open_tokens(path)


def open_tokens(path: Path) -> np.ndarray:
    """A file of tokens, mapped."""
    return np.load(path, mmap_mode="r")


def batches(windows: Windows, plan: Plan, first: int, *, device: torch.device, rank: int = 0,
            n_process: int = 1) -> Iterator[torch.Tensor]:
    """The batch of every step from `first` on, or one process's part of it, read a step ahead.

    yields  (batch position), one token longer than the windows, on the device
    """
    def read(step: int) -> torch.Tensor:
        whole = batch_at(windows, step, plan.batch, plan.seed)
        mine = torch.from_numpy(np.array_split(whole, n_process)[rank])
        return mine.pin_memory() if device.type == "cuda" else mine

    with ThreadPoolExecutor(1) as reader:
        coming = reader.submit(read, first)
        for step in range(first, plan.steps):
            batch = coming.result()
            if step + 1 < plan.steps:
                coming = reader.submit(read, step + 1)
            yield batch.to(device, non_blocking=True)
