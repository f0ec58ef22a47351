"""The training loop: batch after batch, the loss followed down its gradient."""

import math
import time
from collections.abc import Iterator, Mapping
from contextlib import nullcontext
from dataclasses import dataclass

import numpy as np
import torch

from cutaway.errors import TrainingError
from cutaway.models import GPT2
from cutaway.models.architecture import Architecture
from cutaway.models.config import ModelConfig
from cutaway.train.data import Windows
from cutaway.train.feed import batches
from cutaway.train.grown import GrownFrom
from cutaway.train.loss import cross_entropy
from cutaway.train.module import BookModule
from cutaway.train.objective import objective_of
from cutaway.train.plan import Plan
from cutaway.train.processes import ALONE, Processes, full_tensor, spread, without_averaging
from cutaway.train.side_by_side import SideBySide
from cutaway.train.speed import Speed, choose_speed
from cutaway.train.utilisation import utilisation

__all__ = ["Training", "TrainingStep", "begin", "cross_entropy", "train"]


@dataclass(frozen=True)
class TrainingStep:
    """What one step did.

    loss_nats    mean over the batch's tokens, before the weights changed
    utilisation  the share of the GPU's speed that it used; None where that is not known
    """

    step: int
    loss_nats: float
    rate: float
    gradient_norm: float
    tokens_a_second: float
    utilisation: float | None = None


@dataclass
class Training:
    """A training run between two steps: the weights, the optimizer's memory, the steps done.

    objective   what a step calculates: the module's loss, or this process's part of it
    grown_from  the model that it began with; None for random weights
    """

    module: BookModule
    optimizer: torch.optim.AdamW
    plan: Plan
    objective: torch.nn.Module
    speed: Speed
    processes: Processes = ALONE
    done: int = 0
    side_by_side: SideBySide | None = None
    grown_from: GrownFrom | None = None


def begin(config: ModelConfig, plan: Plan, arrays: Mapping[str, np.ndarray] | None = None,
          device: str = "cpu", *, speed: Speed | None = None,
          processes: Processes = ALONE, architecture: Architecture = GPT2) -> Training:
    """A training run before its first step, from given weights or from random ones.

    device        where to calculate: "cpu", "cuda", "cuda:1", ...
    speed         the fast paths to take; else those that pay
    processes     all those that train this model; the device is then theirs
    architecture  the kind of model
    Raises:       TrainingError when there is no such device; MissingTensors, WrongShape
    """
    if arrays is None:
        arrays = architecture.fresh(config, np.random.default_rng(plan.seed))
    device = processes.device if processes.count > 1 else device
    try:
        module = BookModule(config, arrays, architecture).to(device)
    except (RuntimeError, AssertionError) as error:
        raise TrainingError(f"{device!r} cannot be trained on: {str(error).splitlines()[0]} "
                            f"Use \"cpu\", or \"cuda\" where there is a GPU.") from None
    speed = speed or choose_speed(config, plan, device, processes=processes,
                                  architecture=architecture)
    objective = spread(objective_of(module, plan.precision, speed), processes)
    return Training(module, _optimizer(module, plan, speed), plan, objective, speed, processes)


def _optimizer(module: BookModule, plan: Plan, speed: Speed) -> torch.optim.AdamW:
    """AdamW with weight decay on tables only: a gain or a bias has no reason to be small."""
    tables = [weight for weight in module.parameters() if weight.ndim >= 2]
    rows = [weight for weight in module.parameters() if weight.ndim < 2]
    groups = [{"params": tables, "weight_decay": plan.weight_decay},
              {"params": rows, "weight_decay": 0.0}]
    return torch.optim.AdamW(groups, lr=plan.rate, betas=plan.betas, eps=1e-8,
                             fused=speed.fused or None)


def train(training: Training, windows: Windows) -> Iterator[TrainingStep]:
    """Train up to the plan's last step, yielding a record after each whole step.

    Between two records the training is whole: stop reading them and save it, or go on later.

    Raises:  TrainingError when the data does not fit the model, or the loss is no number any more
    """
    plan, config, processes = training.plan, training.module.config, training.processes
    n_window = min(plan.batch, len(windows))
    _check_data(config, windows, n_window, processes.count)
    device = next(training.module.parameters()).device
    if device.type == "cuda" and training.speed.fused:
        torch.set_float32_matmul_precision("high")  # TF32 for what is not bfloat16
    feed = batches(windows, plan, training.done, device=device, rank=processes.rank,
                   n_process=processes.count)
    tokens, started = n_window * windows.length, time.perf_counter()
    for batch in feed:
        loss, norm = _one_step(training, batch, n_window)
        rate = plan.rate_at(training.done)
        training.done += 1
        speed = tokens / (time.perf_counter() - started)
        used = utilisation(config, plan.precision, speed / processes.count, device,
                           architecture=training.module.architecture)
        yield TrainingStep(training.done, loss, rate, norm, speed, used)
        started = time.perf_counter()


def _check_data(config: ModelConfig, windows: Windows, n_window: int, n_process: int) -> None:
    """Raises:  TrainingError"""
    if windows.length > config.n_positions:
        raise TrainingError(f"The windows are {windows.length} tokens long, but the model has "
                            f"{config.n_positions} positions. Make the windows shorter.")
    largest = int(windows.stream.max())
    if largest >= config.vocab_size:
        raise TrainingError(f"The text holds token {largest}, but the model's vocabulary has "
                            f"{config.vocab_size}. Encode it with the model's own tokenizer.")
    if n_window < n_process:
        raise TrainingError(f"A batch has {n_window} windows, too few for {n_process} processes: "
                            f"each takes one at least. Start fewer, or make --batch larger.")


def _one_step(training: Training, batch: torch.Tensor, n_window: int) -> tuple[float, float]:
    """Predict, measure the loss, follow its gradient down.  returns (loss in nats, gradient norm)

    n_window  the windows of all processes; the batch holds this one's
    """
    plan, optimizer = training.plan, training.optimizer
    for group in optimizer.param_groups:
        group["lr"] = plan.rate_at(training.done)
    optimizer.zero_grad()
    share = _add_up_gradients(training, batch, n_window)
    norm = torch.nn.utils.clip_grad_norm_(training.module.parameters(), plan.clip)
    loss, length = torch.stack([training.processes.total(share), full_tensor(norm)]).tolist()
    if not (math.isfinite(loss) and math.isfinite(length)):
        raise TrainingError(
            f"The loss is {loss} and its gradient {length} at step {training.done + 1}: "
            f"the weights ran away, and this step was not taken. Begin again with a smaller "
            f"learning rate than {plan.rate}.")
    optimizer.step()
    return loss, length


def _add_up_gradients(training: Training, batch: torch.Tensor, n_window: int) -> torch.Tensor:
    """The loss's gradients, part by part of the batch.  returns this process's share of the loss

    A part is so small that its tables stay near the processor. The parts' means are weighed so
    that they add up to the mean over the windows of all processes, whose gradients are averaged.
    """
    parts = batch.split(training.speed.windows or len(batch))
    if training.speed.apart and min(len(parts), torch.get_num_threads()) > 1:
        if training.side_by_side is None:
            training.side_by_side = SideBySide([*training.module.parameters()],
                                               torch.get_num_threads())
        return training.side_by_side.add_up(
            parts, lambda part: training.objective(part) * (len(part) / n_window))
    total = torch.zeros((), device=batch.device)
    for number, part in enumerate(parts, 1):
        with without_averaging(training.objective, last=number == len(parts)):
            with _precision(training.plan, batch.device):
                loss = training.objective(part) * (len(part) / n_window)
            (loss * training.processes.count).backward()
        total += loss.detach()
    return total


def _precision(plan: Plan, device: torch.device):
    if plan.precision == "bfloat16":
        return torch.autocast(device.type, torch.bfloat16)
    return nullcontext()
