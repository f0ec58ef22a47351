"""Which fast paths a training run takes. The plain one is the definition of what they must do."""

from dataclasses import dataclass
from functools import cache
from math import prod

from cutaway.errors import TrainingError
from cutaway.fast_paths import fast_paths
from cutaway.models import GPT2
from cutaway.models.architecture import Architecture
from cutaway.models.config import ModelConfig
from cutaway.train.plan import Plan
from cutaway.train.processes import ALONE, Processes
from cutaway.workbook.book import Book
from cutaway.workbook.symbol import Symbol, trace

CACHE_BYTES = 2**22          # what the widest table of a part may take, to stay near the processor
FLOPS_WORTH_COMPILING = 1e14  # some ten minutes of two cores; compiling takes half a minute
STEPS_WORTH_COMPILING = 1000  # on a GPU, where starting small operations costs the most


@dataclass(frozen=True)
class Speed:
    """How a step is calculated; the losses are the same to rounding.

    fused     loss and attention without tables that nobody reads, and the optimizer in one call
    compiled  the forward pass and its way back through `torch.compile`
    windows   how many windows are calculated at a time; None for the whole batch at once
    apart     whether such parts of a batch are calculated side by side, a thread each
    """

    fused: bool = False
    compiled: bool = False
    windows: int | None = None
    apart: bool = False


PLAIN = Speed()


def choose_speed(config: ModelConfig, plan: Plan, device: str = "cpu", compiling: str = "auto",
                 processes: Processes = ALONE, *, architecture: Architecture = GPT2) -> Speed:
    """The fast paths that pay for a training run; none with CUTAWAY_ENGINE=numpy.

    It depends on the whole plan and not on what is left of it, so that a run that goes on takes
    the paths that it began with.

    compiling  "yes", "no", or "auto": where the run is long enough to win back the time
    Raises:    TrainingError when `compiling` is none of them
    """
    if compiling not in ("auto", "yes", "no"):
        raise TrainingError(f"compiling is {compiling!r}; 'auto', 'yes' or 'no' is expected.")
    if not fast_paths():
        return PLAIN
    compiled = (_worth_compiling(config, plan, device, architecture) if compiling == "auto"
                else compiling == "yes")
    # Where weights are dealt out, every part would have them gathered once more.
    whole = device != "cpu" or processes.sharded
    windows = None if whole else _windows_at_once(config, max(1, plan.batch // processes.count),
                                                  architecture)
    apart = device == "cpu" and processes.count == 1 and plan.precision == "float32"
    return Speed(fused=True, compiled=compiled, windows=windows, apart=apart)


def _worth_compiling(config: ModelConfig, plan: Plan, device: str,
                     architecture: Architecture) -> bool:
    if device != "cpu":
        return plan.steps >= STEPS_WORTH_COMPILING
    tokens = plan.steps * plan.batch * config.n_positions
    return flops_a_token(config, architecture) * tokens >= FLOPS_WORTH_COMPILING


def _windows_at_once(config: ModelConfig, batch: int, architecture: Architecture) -> int:
    """The largest even part of a batch whose widest table in a block (float32) fits the cache."""
    book = architecture.book(config)
    widest = max(book.sizes[node.step.axes[-1]] for node in book.nodes.values()
                 if node.block is not None and node.step.axes[:-1] == ("position",))
    room = max(1, CACHE_BYTES // (config.n_positions * widest * 4))
    return max(part for part in range(1, batch + 1) if batch % part == 0 and part <= room)


@cache
def flops_a_token(config: ModelConfig, architecture: Architecture = GPT2) -> float:
    """Floating-point operations of training on one token, forward and back.

    6 for each weight that formulas calculate with, and 6 for each multiplication of one calculated
    table with another: attention's products, over all positions.

    Source:  Chowdhery et al. 2022, "PaLM", appendix B, as nanoGPT counts it.
    """
    book = architecture.book(config)
    calculated_with, products = set(), 0
    asked_for = {book.role("logits")}
    for name in reversed(book.nodes):
        if name not in asked_for:
            continue
        asked_for.update(book.nodes[name].reads)
        symbol = trace(book, name, config.n_positions)
        rows = {id(one.arguments[0]) for one in symbol.walk() if one.operation == "look_up"}
        for one in symbol.walk():
            if one.operation == "table" and one.name in book.weights and id(one) not in rows:
                calculated_with.add(one.name)
            if one.operation == "product" and not _reads_weights(one, book):
                products += _multiplications(one)
    weights = sum(prod(book.sizes[axis] for axis in book.weights[name])
                  for name in calculated_with)
    return 6.0 * weights + 6.0 * products / config.n_positions


def _multiplications(product: Symbol) -> int:
    """How many a product of two tables takes."""
    return prod(length or 0 for length in (*product.shape, product.arguments[0].shape[-1]))


def _reads_weights(product: Symbol, book: Book) -> bool:
    return any(one.operation == "table" and one.name in book.weights for one in product.walk())
