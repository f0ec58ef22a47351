"""How much memory a training run takes at least, before anything of it is made."""

from math import prod
from typing import Any

import torch

from cutaway.errors import TrainingError
from cutaway.machine_memory import machine_memory
from cutaway.models.architecture import Architecture
from cutaway.train.plan import Plan
from cutaway.train.processes import ALONE, Processes

BYTES_A_WEIGHT = 16  # float32: the weight, its gradient, and AdamW's two memories
BYTES_A_NUMBER, BYTES_AN_ID = 4, 8
TABLES_A_BLOCK = 8   # as wide as a token, which the way back needs, at the very least


def expect_memory(kind: Architecture, shape: dict[str, Any], plan: Plan,
                  processes: Processes = ALONE) -> None:
    """Refuse a training run that cannot fit into the machine, whatever is done.

    shape      the fields of a configuration
    processes  those that part a batch between them, and the weights where they are dealt out
    Raises:    TrainingError saying what the run would take
    """
    available = memory_bytes(processes.device)
    weights = weight_count(kind, shape) * BYTES_A_WEIGHT
    weights //= processes.count if processes.sharded else 1
    length = plan.length or shape["n_positions"]
    tables = shape["n_layer"] * TABLES_A_BLOCK * shape["n_embd"] + shape["vocab_size"]
    needs = {"the weights with what training keeps of each": weights,
             "the tables of one window of text": length * tables * BYTES_A_NUMBER,
             "the ids of a batch": -(-plan.batch // processes.count) * length * BYTES_AN_ID}
    where = "this machine" if processes.device == "cpu" else processes.device
    if available is not None and (total := sum(needs.values())) > available:
        raise TrainingError(
            f"This training run takes at least {_gigabytes(total)} of memory, most of it for "
            f"{max(needs, key=lambda what: needs[what])}, and {where} has "
            f"{_gigabytes(available)}. Take fewer or narrower blocks, a shorter context, or a "
            f"smaller batch.")


def weight_count(kind: Architecture, shape: dict[str, Any]) -> int:
    """How many weights a model of a shape has; every block has as many."""
    one, two = (_count(kind, {**shape, "n_layer": n_layer}) for n_layer in (1, 2))
    return one + (shape["n_layer"] - 1) * (two - one)


def _count(kind: Architecture, shape: dict[str, Any]) -> int:
    book = kind.book(kind.config_class(**shape))
    return sum(prod(book.sizes[axis] for axis in axes) for axes in book.weights.values())


def memory_bytes(device: str) -> int | None:
    """The memory of a GPU, or of this machine; None where the system does not say."""
    if device.startswith("cuda"):
        return torch.cuda.get_device_properties(device).total_memory
    return machine_memory()


def _gigabytes(count: int) -> str:
    return f"{count / 1e9:,.1f} GB" if count < 1e18 else "more than 10^9 GB"
