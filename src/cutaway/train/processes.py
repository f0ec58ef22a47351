"""Several processes that train one model: who they are, and how work is dealt out to them.

`torchrun` starts them and tells each its number. Every process calculates its part of each batch;
the gradients are averaged, so that all take the same step: that of one process on the whole batch.
"""

import os
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass
from typing import Any

import torch
import torch.distributed

from cutaway.errors import TrainingError


@dataclass(frozen=True)
class Processes:
    """The processes of a training run, as one of them sees them.

    rank     this one's number; the first, 0, is the one that prints and writes
    count    how many there are
    sharded  whether each keeps only its part of the weights (FSDP2), or all of them (DDP)
    device   where this one calculates
    """

    rank: int = 0
    count: int = 1
    sharded: bool = False
    device: str = "cpu"

    def total(self, share: torch.Tensor) -> torch.Tensor:
        """The sum of every process's share, known to all."""
        if self.count > 1:
            torch.distributed.all_reduce(share)
        return share

    def any(self, mine: bool) -> bool:
        """Whether it holds for one of them: all stop together."""
        if self.count == 1:
            return mine
        return bool(self.total(torch.tensor(float(mine), device=self.device)).item())

    def wait(self) -> None:
        """Go on when all have come this far."""
        if self.count > 1:
            torch.distributed.barrier()


ALONE = Processes()


@contextmanager
def join_processes(device: str, sharded: bool) -> Iterator[Processes]:
    """Those that `torchrun` started, this one among them; this one alone where it did not.

    Raises:  TrainingError when weights are to be dealt out to one process
    """
    count = int(os.environ.get("WORLD_SIZE", "1"))
    if count == 1:
        if sharded:
            raise TrainingError("--shard deals the weights out to several processes, and there is "
                                "one: start it with torchrun --nproc-per-node 2 -m cutaway train.")
        yield Processes(device=device)
        return
    kind = torch.device(device).type
    if kind == "cuda":
        device = f"cuda:{os.environ.get('LOCAL_RANK', '0')}"
        torch.cuda.set_device(device)
    torch.distributed.init_process_group("nccl" if kind == "cuda" else "gloo")
    try:
        yield Processes(torch.distributed.get_rank(), count, sharded, device)
    finally:
        torch.distributed.destroy_process_group()


def spread(objective: torch.nn.Module, processes: Processes) -> torch.nn.Module:
    """The objective as every process calculates it: DDP, or FSDP2 where weights are dealt out."""
    if processes.count == 1:
        return objective
    kind = torch.device(processes.device).type
    if not processes.sharded:
        return torch.nn.parallel.DistributedDataParallel(objective)
    from torch.distributed.device_mesh import init_device_mesh
    from torch.distributed.fsdp import fully_shard

    fully_shard(objective, mesh=init_device_mesh(kind, (processes.count,)))
    return objective


def without_averaging(objective: Any, last: bool) -> Any:
    """A context in which gradients are only added up, but for the `last` part of a batch."""
    if isinstance(objective, torch.nn.parallel.DistributedDataParallel) and not last:
        return objective.no_sync()
    return nullcontext()


@contextmanager
def all_weights(objective: Any, processes: Processes) -> Iterator[None]:
    """Within it every process has all weights at hand, also where they are dealt out."""
    if not processes.sharded:
        yield
        return
    objective.unshard()
    try:
        yield
    finally:
        objective.reshard()


def full_tensor(tensor: Any) -> torch.Tensor:
    """A number that the processes hold in parts, as every one of them can read it."""
    return tensor.full_tensor() if hasattr(tensor, "full_tensor") else tensor
