"""The parts of a batch calculated side by side, a thread each, on a CPU.

Two threads that share every small product wait for each other at its end. Two threads with a part
of the batch each do not; what they share is the weights, which nobody changes meanwhile.
"""

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor

import torch

LossOf = Callable[[torch.Tensor], torch.Tensor]
Gradients = tuple[torch.Tensor, ...]


class SideBySide:
    """Threads that calculate losses and gradients, each part of a batch by itself."""

    def __init__(self, weights: Sequence[torch.nn.Parameter], n_threads: int):
        self._weights, self._begun = list(weights), False
        self._pool = ThreadPoolExecutor(n_threads, "cutaway-train", torch.set_num_threads, (1,))

    def add_up(self, parts: Sequence[torch.Tensor], loss_of: LossOf) -> torch.Tensor:
        """The sum of the parts' losses; the sum of their gradients is put where optimizers look.

        The first part of all goes alone: it may have to be compiled, which is done once.
        """
        results = []
        if not self._begun:
            results, parts, self._begun = [self._one(parts[0], loss_of)], parts[1:], True
        results += self._pool.map(lambda part: self._calculate(part, loss_of), parts)
        found = [gradients for _, gradients in results]
        for weight, *gradients in zip(self._weights, *found, strict=True):
            weight.grad = gradients[0]
            for gradient in gradients[1:]:
                weight.grad += gradient
        return torch.stack([loss for loss, _ in results]).sum()

    def _one(self, part: torch.Tensor, loss_of: LossOf) -> tuple[torch.Tensor, Gradients]:
        return self._pool.submit(self._calculate, part, loss_of).result()

    def _calculate(self, part: torch.Tensor, loss_of: LossOf) -> tuple[torch.Tensor, Gradients]:
        loss = loss_of(part)
        return loss.detach(), torch.autograd.grad(loss, self._weights)
