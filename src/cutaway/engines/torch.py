"""The torch engine: the same steps on tensors, with gradients, on a CPU or a GPU.

Importing this module gives the operations their forms for `torch.Tensor`. Operations that are
not named here work on tensors as they stand.
"""

import math
from collections.abc import Sequence
from typing import Any

import numpy as np
import torch
from torch.nn import functional

from cutaway.engines.plan import Planner, remembered_shapes, write_rows
from cutaway.engines.replacement import replaced
from cutaway.engines.torch_text import TorchRemembered, compiled_token, write_tokens
from cutaway.fast_paths import fast_paths
from cutaway.workbook.book import Book, Node
from cutaway.workbook.calculation import Calculation
from cutaway.workbook.operations import (
    causal,
    exact_gelu,
    gelu,
    normalise,
    quick_gelu,
    relu,
    repeat_heads,
    rms_normalise,
    rotate,
    silu,
    softmax,
)


@causal.register
def _(scores: torch.Tensor):
    n_position, n_source = scores.shape[-2:]
    allowed = torch.ones(n_position, n_source, dtype=torch.bool, device=scores.device)
    return scores.masked_fill(~allowed.tril(n_source - n_position), float("-inf"))


@softmax.register
def _(table: torch.Tensor):
    return torch.softmax(table, dim=-1)


@normalise.register
def _(table: torch.Tensor, eps):
    return functional.layer_norm(table, table.shape[-1:], eps=eps)


@gelu.register
def _(table: torch.Tensor):
    return functional.gelu(table, approximate="tanh")


@exact_gelu.register
def _(table: torch.Tensor):
    return functional.gelu(table)


@quick_gelu.register
def _(table: torch.Tensor):
    return table * torch.sigmoid(1.702 * table)


@relu.register
def _(table: torch.Tensor):
    return functional.relu(table)


@rms_normalise.register
def _(table: torch.Tensor, eps):
    return functional.rms_norm(table, table.shape[-1:], eps=eps)


@silu.register
def _(table: torch.Tensor):
    return functional.silu(table)


@repeat_heads.register
def _(table: torch.Tensor, times):
    return table.repeat_interleave(times, dim=-3)


@rotate.register
def _(table: torch.Tensor, positions, theta):
    half = table.shape[-1] // 2
    pairs = torch.arange(half, dtype=torch.float64, device=table.device)
    angles = positions[..., None] * torch.exp(pairs * (-math.log(theta) / half))
    for _ in range(table.ndim - 1 - positions.ndim if positions.ndim > 1 else 0):
        angles = angles.unsqueeze(-3)
    cosines, sines = angles.cos().to(table.dtype), angles.sin().to(table.dtype)
    first, second = table[..., :half], table[..., half:]
    return torch.cat([first * cosines - second * sines, second * cosines + first * sines], dim=-1)


# What fused attention stands for: steps 6, 7 and 8 as GPT-2 states them.
ATTENTION = {"scores": "queries @ transpose(keys) / sqrt(last_axis(queries))",
             "attention": "softmax(causal(scores))", "mixed": "attention @ values"}


def with_fused_attention(book: Book) -> Book:
    """The same book with steps 6, 7 and 8 in one call that never writes the attention matrix down.

    For training, where nobody looks inside. It is an edit like any other: another formula for
    `mixed`, which then reads neither `scores` nor `attention`. A book that states other formulas
    for the three stays as it is.
    """

    def mixed(queries, keys, values):
        return functional.scaled_dot_product_attention(queries, keys, values, is_causal=True)

    return replaced(book, mixed, where=ATTENTION)


class TorchEngine:
    """Runs whose tables are torch tensors: on a GPU, or where gradients are wanted.

        model.run("Mike is quick. He moves", engine=TorchEngine("cuda"))
    """

    rows_stand_alone = False  # the libraries sum in other orders for other numbers of rows

    def __init__(self, device: str = "cpu", dtype: torch.dtype = torch.float32):
        self.device, self.dtype = torch.device(device), dtype
        self.itemsize, self.planner = dtype.itemsize, Planner()

    def calculate(self, book: Book, node: Node, arguments: Sequence[Any]) -> Any:
        """The table that a step makes of the tables that it reads."""
        return node.step.function(*arguments)

    def at_once(self, calculation: Calculation, name: str) -> torch.Tensor | None:
        """A table's new rows where nobody looks at what lies between, as in `torch_text.py`.

        returns  None where they are to be calculated step by step, as for gradients
        """
        actions = self.planner.actions(calculation, name)
        if actions is None or not fast_paths() or self._learns(calculation):
            return None
        book, count = calculation.book, calculation.ids.shape[-1]

        def begin() -> TorchRemembered:
            shapes = {**remembered_shapes(book, actions, "keys"),
                      **remembered_shapes(book, actions, "values")}
            return TorchRemembered(shapes, book.sizes["position"], self.device, self.dtype)

        def calculate(remembered: TorchRemembered, first: int) -> torch.Tensor:
            words = {word for action in actions for word in action.node.reads}
            given = {word: calculation.leaf(word, first) for word in words
                     if word not in book.nodes}
            positions = torch.arange(first, count, device=self.device)
            with torch.inference_mode():
                if self.device.type != "cuda" or count - first > 1:
                    return write_tokens(actions, name, given, remembered.tables, positions)
                if remembered.one_token is None:
                    remembered.one_token = compiled_token(actions, name)
                torch.compiler.cudagraph_mark_step_begin()
                return remembered.one_token(given, remembered.tables, positions).clone()

        return write_rows(calculation, name, actions, begin, calculate)

    def _learns(self, calculation: Calculation) -> bool:
        return any(calculation.leaf(name, 0).requires_grad for name in calculation.book.weights)

    def leaf(self, array: np.ndarray | torch.Tensor) -> torch.Tensor:
        """Numbers in the engine's precision and on its device; whole numbers (ids) as int64."""
        tensor = torch.as_tensor(np.array(array) if isinstance(array, np.ndarray) else array)
        whole = not tensor.is_floating_point()
        return tensor.to(self.device, torch.int64 if whole else self.dtype)

    def own(self, table: torch.Tensor) -> torch.Tensor:
        """The table in memory of its own, not as a part of a larger one."""
        leans = table.untyped_storage().nbytes() > table.nbytes
        return table.clone(memory_format=torch.contiguous_format) if leans else table

    def has_nan(self, table: torch.Tensor) -> bool:
        """Whether any cell holds NaN."""
        return bool(table.isnan().any())

    def join(self, pieces: Sequence[torch.Tensor], axis: int) -> torch.Tensor:
        """Tables one below the other."""
        return torch.cat(list(pieces), dim=axis)

    def to_numpy(self, table: torch.Tensor) -> np.ndarray:
        """A table as NumPy; half precision, which NumPy cannot show exactly, as float32."""
        table = table.detach().cpu()
        return (table.float() if table.dtype is torch.bfloat16 else table).numpy()
