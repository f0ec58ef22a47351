"""A text being written on tensors: every step of its new rows in one go, keys and values in place.

The shapes are the same for every token: attention reads all positions that the model has, those
that are not written yet masked. So on a GPU a token is compiled once, recorded as one graph, and
played again for each token, without Python between the steps.
"""

from collections.abc import Callable, Mapping
from typing import Any

import torch
from torch.nn import functional

from cutaway.engines.plan import Action

Tensors = dict[str, torch.Tensor]


class TorchRemembered:
    """Room for the keys and values of all positions: (head position head_embed) by name."""

    def __init__(self, shapes: Mapping[str, tuple[int, int]], n_positions: int,
                 device: torch.device, dtype: torch.dtype):
        self.filled = 0
        self.tables = {name: torch.zeros(heads, n_positions, width, device=device, dtype=dtype)
                       for name, (heads, width) in shapes.items()}
        self.one_token: Callable[..., torch.Tensor] | None = None

    @property
    def nbytes(self) -> int:
        return sum(table.nbytes for table in self.tables.values())

    def copy(self, count: int) -> "TorchRemembered":
        other = object.__new__(TorchRemembered)
        other.filled, other.one_token = count, None
        other.tables = {name: table.clone() for name, table in self.tables.items()}
        return other

    def table(self, name: str, count: int) -> torch.Tensor:
        return self.tables[name][:, :count].clone()


def write_tokens(actions: list[Action], name: str, given: Mapping[str, Any], tables: Tensors,
                 positions: torch.Tensor) -> torch.Tensor:
    """The table `name` for new rows, whose keys and values are written into `tables`.

    given      weights, plain numbers, and the ids and positions of the new rows
    positions  (position): where the new rows are
    """
    made: dict[str, Any] = dict(given)
    for action in actions:
        node = action.node
        if action.kind == "attend":
            made[node.name] = _attended(action, made, tables, positions)
            continue
        value = node.step.function(*[made[word] for word in node.reads])
        if action.kind in ("keys", "values"):
            tables[node.name].index_copy_(1, positions, value)
        else:
            made[node.name] = value
    return made[name]


def _attended(action: Action, made: dict[str, Any], tables: Tensors,
              positions: torch.Tensor) -> torch.Tensor:
    """Steps 6, 7 and 8 in one, over all positions of which those that lie ahead are masked."""
    queries, keys, values = action.reads
    assert action.form is not None
    sources = torch.arange(tables[keys].shape[1], device=positions.device)
    seen = sources[None, :] <= positions[:, None]
    return functional.scaled_dot_product_attention(
        made[queries][None], tables[keys][None], tables[values][None], attn_mask=seen,
        scale=1 / action.form.numbers[0])[0]


def compiled_token(actions: list[Action], name: str) -> Callable[..., torch.Tensor]:
    """`write_tokens` for one row, recorded as a graph that a GPU plays by itself."""

    def one_token(given: Mapping[str, Any], tables: Tensors,
                  positions: torch.Tensor) -> torch.Tensor:
        return write_tokens(actions, name, given, tables, positions)

    return torch.compile(one_token, mode="reduce-overhead", fullgraph=True, dynamic=False)
