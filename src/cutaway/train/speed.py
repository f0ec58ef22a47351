"""Which fast paths a training run takes. The plain one is the definition of what they must do."""

from dataclasses import dataclass

from cutaway.errors import TrainingError
from cutaway.fast_paths import fast_paths
from cutaway.models.config import Config
from cutaway.train.plan import Plan
from cutaway.train.processes import ALONE, Processes

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


def choose_speed(config: Config, plan: Plan, device: str = "cpu", compiling: str = "auto",
                 processes: Processes = ALONE) -> Speed:
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
    compiled = (_worth_compiling(config, plan, device) if compiling == "auto"
                else compiling == "yes")
    # Where weights are dealt out, every part would have them gathered once more.
    whole = device != "cpu" or processes.sharded
    windows = None if whole else _windows_at_once(config, max(1, plan.batch // processes.count))
    apart = device == "cpu" and processes.count == 1 and plan.precision == "float32"
    return Speed(fused=True, compiled=compiled, windows=windows, apart=apart)


def _worth_compiling(config: Config, plan: Plan, device: str) -> bool:
    if device != "cpu":
        return plan.steps >= STEPS_WORTH_COMPILING
    tokens = plan.steps * plan.batch * config.n_positions
    return flops_a_token(config) * tokens >= FLOPS_WORTH_COMPILING


def _windows_at_once(config: Config, batch: int) -> int:
    """The largest even part of a batch whose widest table (the MLP's, float32) fits the cache."""
    room = max(1, CACHE_BYTES // (config.n_positions * 4 * config.n_embd * 4))
    return max(part for part in range(1, batch + 1) if batch % part == 0 and part <= room)


def flops_a_token(config: Config) -> float:
    """Floating-point operations of training on one token, forward and back.

    Source:  Chowdhery et al. 2022, "PaLM", appendix B, as nanoGPT counts it: 6 for each weight,
             place embeddings left out, and 12 n_layer n_embd n_positions for attention's products.
    """
    width = config.n_embd
    weights = config.vocab_size * width + config.n_layer * (12 * width * width + 13 * width)
    return 6.0 * (weights + 2 * width) + 12.0 * config.n_layer * width * config.n_positions
