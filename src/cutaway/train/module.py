"""The book as a `torch.nn.Module`: weights that learn."""

from collections.abc import Mapping

import numpy as np
import torch

from cutaway.engines.torch import with_fused_attention
from cutaway.errors import MissingTensors, WrongShape
from cutaway.models import GPT2
from cutaway.models.architecture import Architecture
from cutaway.models.config import ModelConfig
from cutaway.train.processes import full_tensor
from cutaway.workbook.book import Book


class BookModule(torch.nn.Module):
    """A model as torch trains it: calculates logits from ids by the steps of its definition.

        module = BookModule(Config(n_layer=2), arrays)
        module(ids)                          # (batch position) -> (batch position vocabulary)

    arrays        the weights by full name; `architecture.fresh` gives random ones to start from
    architecture  the kind of model
    definition    its book; `book` is the same with attention in one call, where there is one for it
    """

    def __init__(self, config: ModelConfig, arrays: Mapping[str, np.ndarray],
                 architecture: Architecture = GPT2):
        super().__init__()
        self.config = config
        self.architecture = architecture
        self.definition = architecture.book(config)
        self.book = with_fused_attention(self.definition)
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
        return self.table(self.book.role("logits"), ids, self.book)

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
