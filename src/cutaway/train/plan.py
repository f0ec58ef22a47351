"""How to train: every setting of a run, checked when it is made."""

import math
from dataclasses import dataclass

from cutaway.errors import TrainingError


@dataclass(frozen=True)
class Plan:
    """The settings of a training run.

    steps           how many times the weights are changed
    batch           windows a step
    stride          how far a window starts from the one before; None for windows without overlap
    length          tokens in a window; None for as many as the model has positions
    rate            the learning rate at its highest, after the warm-up
    floor           the share of it that is left at the end of the cosine
    warmup          steps of rising from nearly 0
    weight_decay    pull towards 0, on tables (not on gains, shifts and biases)
    betas           AdamW's memory of gradients and of their squares
    clip            the longest gradient that is not shortened
    precision       "float32", or "bfloat16" for the products only (the weights stay float32)
    seed            order of the data, and the weights to start from
    Raises:         TrainingError naming the setting that is outside its range
    """

    steps: int
    batch: int = 16
    rate: float = 1.5e-3
    floor: float = 0.1
    warmup: int = 100
    weight_decay: float = 0.1
    betas: tuple[float, float] = (0.9, 0.99)
    clip: float = 1.0
    precision: str = "float32"
    seed: int = 0
    stride: int | None = None
    length: int | None = None

    def __post_init__(self):
        for name, least in (("steps", 1), ("batch", 1), ("warmup", 0), ("seed", 0), ("stride", 1),
                            ("length", 1)):
            value = getattr(self, name)
            if name in ("stride", "length") and value is None:
                continue
            if isinstance(value, bool) or not isinstance(value, int) or value < least:
                raise TrainingError(
                    f"{name} is {value!r}; a whole number of at least {least} is expected.")
        for name in ("rate", "clip"):
            if not (_finite(value := getattr(self, name)) and value > 0):
                raise TrainingError(f"{name} is {value!r}; a number above 0 is expected.")
        if not (_finite(self.weight_decay) and self.weight_decay >= 0):
            raise TrainingError(
                f"weight_decay is {self.weight_decay!r}; a number of at least 0 is expected.")
        if not (_finite(self.floor) and 0 <= self.floor <= 1):
            raise TrainingError(f"floor is {self.floor!r}; a share from 0 to 1 is expected.")
        pair = self.betas if isinstance(self.betas, tuple) else ()
        if len(pair) != 2 or not all(_finite(beta) and 0 <= beta < 1 for beta in pair):
            raise TrainingError(
                f"betas is {self.betas!r}; two numbers from 0 to below 1 are expected.")
        if self.precision not in ("float32", "bfloat16"):
            raise TrainingError(
                f"precision is {self.precision!r}; 'float32' or 'bfloat16' is expected.")

    def rate_at(self, step: int) -> float:
        """The learning rate of a step: a straight rise, then half a cosine down to the floor."""
        if step < self.warmup:
            return self.rate * (step + 1) / self.warmup
        progress = (step - self.warmup) / max(1, self.steps - 1 - self.warmup)
        height = 0.5 * (1 + math.cos(math.pi * min(progress, 1)))
        return self.rate * (self.floor + (1 - self.floor) * height)


def _finite(value: object) -> bool:
    return isinstance(value, int | float) and math.isfinite(value)
