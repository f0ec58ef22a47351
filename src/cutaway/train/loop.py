"""The training loop, and the checkpoints that it goes on from."""

import math
import time
from collections.abc import Iterator, Mapping
from contextlib import nullcontext
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np
import torch
from torch.nn import functional

from cutaway.disk import whole_file
from cutaway.errors import CorruptFile, TrainingError
from cutaway.models.config import Config
from cutaway.train.data import Windows, batch_at
from cutaway.train.module import GPT2Module, fresh_weights
from cutaway.train.plan import Plan


@dataclass(frozen=True)
class TrainingStep:
    """What one step did.  loss_nats: mean over the batch's tokens, before the weights changed."""

    step: int
    loss_nats: float
    rate: float
    gradient_norm: float
    tokens_a_second: float


@dataclass
class Training:
    """A training run between two steps: the weights, the optimizer's memory, the steps done."""

    module: GPT2Module
    optimizer: torch.optim.AdamW
    plan: Plan
    done: int = 0


def begin(config: Config, plan: Plan, arrays: Mapping[str, np.ndarray] | None = None,
          device: str = "cpu") -> Training:
    """A training run before its first step, from given weights or from random ones.

    device  where to calculate: "cpu", "cuda", "cuda:1", ...
    Raises: TrainingError when there is no such device; MissingTensors, WrongShape
    """
    if arrays is None:
        arrays = fresh_weights(config, np.random.default_rng(plan.seed))
    try:
        module = GPT2Module(config, arrays).to(device)
    except (RuntimeError, AssertionError) as error:
        raise TrainingError(f"{device!r} cannot be trained on: {str(error).splitlines()[0]} "
                            f"Use \"cpu\", or \"cuda\" where there is a GPU.") from None
    return Training(module, _optimizer(module, plan), plan)


def _optimizer(module: GPT2Module, plan: Plan) -> torch.optim.AdamW:
    """AdamW with weight decay on tables only: a gain or a bias has no reason to be small."""
    tables = [weight for weight in module.parameters() if weight.ndim >= 2]
    rows = [weight for weight in module.parameters() if weight.ndim < 2]
    groups = [{"params": tables, "weight_decay": plan.weight_decay},
              {"params": rows, "weight_decay": 0.0}]
    return torch.optim.AdamW(groups, lr=plan.rate, betas=plan.betas, eps=1e-8)


def train(training: Training, windows: Windows) -> Iterator[TrainingStep]:
    """Train up to the plan's last step, yielding a record after each whole step.

    Between two records the training is whole: stop reading them and save it, or go on later.

    Raises:  TrainingError when the data does not fit the model, or the loss is no number any more
    """
    plan = training.plan
    _check_data(training.module.config, windows)
    while training.done < plan.steps:
        started = time.perf_counter()
        window = torch.from_numpy(batch_at(windows, training.done, plan.batch, plan.seed))
        device = next(training.module.parameters()).device
        loss, norm = _one_step(training, window.to(device))
        rate = plan.rate_at(training.done)
        training.done += 1
        seconds = time.perf_counter() - started
        tokens = window.shape[0] * windows.length
        yield TrainingStep(training.done, loss, rate, norm, tokens / seconds)


def _check_data(config: Config, windows: Windows) -> None:
    """Raises:  TrainingError"""
    if windows.length > config.n_positions:
        raise TrainingError(f"The windows are {windows.length} tokens long, but the model has "
                            f"{config.n_positions} positions. Make the windows shorter.")
    largest = int(windows.stream.max())
    if largest >= config.vocab_size:
        raise TrainingError(f"The text holds token {largest}, but the model's vocabulary has "
                            f"{config.vocab_size}. Encode it with the model's own tokenizer.")


def _one_step(training: Training, window: torch.Tensor) -> tuple[float, float]:
    """Predict, measure the loss, follow its slope down.  returns (loss in nats, gradient norm)"""
    plan, optimizer = training.plan, training.optimizer
    for group in optimizer.param_groups:
        group["lr"] = plan.rate_at(training.done)
    with _precision(plan, window.device):
        logits = training.module(window[:, :-1])
    loss = cross_entropy(logits, window[:, 1:])
    optimizer.zero_grad()
    loss.backward()
    norm = torch.nn.utils.clip_grad_norm_(training.module.parameters(), plan.clip)
    if not (math.isfinite(loss.item()) and math.isfinite(norm.item())):
        raise TrainingError(
            f"The loss is {loss.item()} and its slope {norm.item()} at step {training.done + 1}: "
            f"the weights ran away, and this step was not taken. Begin again with a smaller "
            f"learning rate than {plan.rate}.")
    optimizer.step()
    return loss.item(), norm.item()


def cross_entropy(logits: torch.Tensor, target: torch.Tensor) -> torch.Tensor:
    """How surprised the model is by the true next tokens: the mean of -log(probability), in nats.

    logits  (batch position vocabulary)
    target  (batch position), ids
    """
    if logits.dtype is not torch.float64:
        logits = logits.float()  # after products in bfloat16
    return functional.cross_entropy(logits.flatten(0, 1), target.flatten())


def _precision(plan: Plan, device: torch.device):
    if plan.precision == "bfloat16":
        return torch.autocast(device.type, torch.bfloat16)
    return nullcontext()


def save_checkpoint(training: Training, path: Path) -> None:
    """Write all that is needed to go on with the same digits. The old file stays until it is whole.

    Raises:  DiskError when the disk is full or the folder cannot be written
    """
    state = {"config": training.module.config.to_dict(), "plan": asdict(training.plan),
             "done": training.done, "weights": training.module.state_dict(),
             "optimizer": training.optimizer.state_dict()}
    failure = "{place} could not be written ({reason}). The checkpoint before it is untouched."
    with whole_file(path, failure) as draft:
        try:
            torch.save(state, draft)
        except RuntimeError as error:  # how torch tells of a full disk
            raise OSError(str(error)) from error


def load_checkpoint(path: Path, device: str = "cpu") -> Training:
    """The training run that a checkpoint holds. Nothing in the file is executed.

    Raises:  TrainingError when there is none; CorruptFile when it is no checkpoint, or not whole
    """
    try:
        state = torch.load(path, weights_only=True, map_location="cpu")
        config = Config(**state["config"])
        plan = Plan(**{**state["plan"], "betas": tuple(state["plan"]["betas"])})
        training = begin(config, plan, device=device)
        training.module.load_state_dict(state["weights"])
        training.optimizer.load_state_dict(state["optimizer"])
        training.done = state["done"]
    except TrainingError:
        raise
    except FileNotFoundError:
        raise TrainingError(f"There is no checkpoint {path}; begin without --resume.") from None
    except Exception as error:
        raise CorruptFile(
            f"{path} is no checkpoint of a training run, or not whole ({type(error).__name__}). "
            f"Take an older one, or begin again.") from error
    return training
