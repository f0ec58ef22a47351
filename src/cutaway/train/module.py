"""The book as a `torch.nn.Module`: weights that learn."""

import math
from collections.abc import Iterable, Mapping

import numpy as np
import torch

from cutaway.engines.torch import with_fused_attention
from cutaway.errors import MissingTensors, WrongShape
from cutaway.models.config import Config
from cutaway.models.gpt2 import gpt2
from cutaway.train.processes import full_tensor
from cutaway.workbook.book import Book


class GPT2Module(torch.nn.Module):
    """GPT-2 as torch trains it: calculates `logits` from ids by the steps of `models/gpt2.py`.

        module = GPT2Module(Config(n_layer=2), arrays)
        module(ids)                          # (batch position) -> (batch position vocabulary)

    arrays  the weights by full name; `fresh_weights` gives random ones to start from
    """

    def __init__(self, config: Config, arrays: Mapping[str, np.ndarray]):
        super().__init__()
        self.config = config
        self.book = with_fused_attention(gpt2(config))
        _check_arrays(self.book, arrays)
        for name in self.book.weights:
            tensor = torch.tensor(np.asarray(arrays[name]), dtype=torch.float32)
            self.register_parameter(_key(name), torch.nn.Parameter(tensor))

    def weights(self) -> dict[str, torch.nn.Parameter]:
        """The parameters by the book's full names."""
        return {name: self.get_parameter(_key(name)) for name in self.book.weights}

    def arrays(self) -> dict[str, np.ndarray]:
        """A copy of the numbers learned so far, by full name.

        Where weights are dealt out, every process calls it.
        """
        return {name: full_tensor(tensor.detach()).cpu().numpy().copy()
                for name, tensor in self.weights().items()}

    def forward(self, ids: torch.Tensor) -> torch.Tensor:
        return self.table("logits", ids, self.book)

    def table(self, name: str, ids: torch.Tensor, book: Book) -> torch.Tensor:
        """A table of a book with these weights: the module's own book, or an edited one."""
        positions = torch.arange(ids.shape[-1], device=ids.device)
        return book.calculate(name, {**self.weights(), "ids": ids, "positions": positions})


def _check_arrays(book: Book, arrays: Mapping[str, np.ndarray]) -> None:
    """Raises:  MissingTensors, WrongShape"""
    missing = [name for name in book.weights if name not in arrays]
    if missing:
        raise MissingTensors(f"These weights are missing: {', '.join(missing)}.")
    for name, axes in book.weights.items():
        wanted, found = tuple(book.sizes[axis] for axis in axes), np.shape(arrays[name])
        if found != wanted:
            raise WrongShape(f"{name} is {found}, but {wanted} is expected ({' '.join(axes)}).")


def _key(name: str) -> str:
    """A full name as torch allows it: `h3.c_attn_w` -> `h3/c_attn_w`."""
    return name.replace(".", "/")


def fresh_weights(config: Config, generator: np.random.Generator) -> dict[str, np.ndarray]:
    """Random weights to start learning from, float32, by full name.

    Source: Radford et al. 2019, section 2.3, as Hugging Face's GPT2PreTrainedModel carries it out:
            normal with deviation 0.02; the two projections that add to the residual are divided by
            sqrt(2 * n_layer), the number of additions; gains are 1 and shifts are 0.
    """
    shapes = {name: [config.sizes[axis] for axis in axes]
              for name, axes in gpt2(config).weights.items()}
    return {name: _fresh(name, shape, config, generator) for name, shape in shapes.items()}


def _fresh(name: str, shape: Iterable[int], config: Config,
           generator: np.random.Generator) -> np.ndarray:
    shape = tuple(shape)
    if name.endswith("_g"):
        return np.ones(shape, np.float32)
    if name.endswith("_b"):
        return np.zeros(shape, np.float32)
    deviation = 0.02 / math.sqrt(2 * config.n_layer) if name.endswith("c_proj_w") else 0.02
    return generator.normal(0, deviation, shape).astype(np.float32)
