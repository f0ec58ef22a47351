"""The wide products of training on a CPU, through oneDNN, which torch brings along.

torch calculates `@` of float32 tables with another library, which is some tenth slower on
processors that are not its maker's.
"""

import torch

from cutaway.engines.replacement import replaced
from cutaway.workbook.book import Book

# The products that have a faster form: GPT-2's, each with its shift.
PRODUCTS = {"qkv": "attention_input @ c_attn_w + c_attn_b",
            "attention_output": "joined @ attn_c_proj_w + attn_c_proj_b",
            "mlp_up": "mlp_input @ c_fc_w + c_fc_b",
            "mlp_output": "mlp_active @ mlp_c_proj_w + mlp_c_proj_b"}


def onednn_fits(table: torch.Tensor) -> bool:
    """Whether a product of such a table can go through oneDNN with the same digits as `@`'s."""
    return (table.device.type == "cpu" and table.dtype is torch.float32
            and torch.backends.mkldnn.is_available()
            and hasattr(torch.ops.mkldnn, "_linear_pointwise")
            and not torch.is_autocast_enabled("cpu"))


def with_onednn_products(book: Book) -> Book:
    """The same book with another formula for steps 4, 9b, 13 and 15: product and shift in one.

    A book that states other products stays as it is.
    """

    def qkv(attention_input, c_attn_w, c_attn_b):
        return product(attention_input, c_attn_w, c_attn_b)

    def attention_output(joined, attn_c_proj_w, attn_c_proj_b):
        return product(joined, attn_c_proj_w, attn_c_proj_b)

    def mlp_up(mlp_input, c_fc_w, c_fc_b):
        return product(mlp_input, c_fc_w, c_fc_b)

    def mlp_output(mlp_active, mlp_c_proj_w, mlp_c_proj_b):
        return product(mlp_active, mlp_c_proj_w, mlp_c_proj_b)

    return replaced(book, [qkv, attention_output, mlp_up, mlp_output], where=PRODUCTS)


def product(table: torch.Tensor, weights: torch.Tensor, shift: torch.Tensor | None = None,
            ) -> torch.Tensor:
    """table @ weights + shift.  (... a), (a b), (b) -> (... b)"""
    return torch.ops.cutaway.product(table, weights, shift)


# Entered among torch's operations, so that torch.compile takes it as it stands. What it compiled
# stays on the disk under this name: another signature needs another name.
torch.library.define("cutaway::product", "(Tensor table, Tensor weights, Tensor? shift) -> Tensor")


@torch.library.impl("cutaway::product", "cpu")
def _calculate(table, weights, shift):
    return torch.ops.mkldnn._linear_pointwise(table, weights.mT, shift, "none", [], "")


@torch.library.register_fake("cutaway::product")
def _(table, weights, shift):
    return table.new_empty((*table.shape[:-1], weights.shape[-1]))


def _keep(ctx, inputs, output):
    table, weights, shift = inputs
    ctx.save_for_backward(table, weights)
    ctx.shifted = shift is not None


def _gradients(ctx, gradient):
    table, weights = ctx.saved_tensors
    read, rows = table.flatten(0, -2), gradient.flatten(0, -2)
    # This one is as fast with `@`, and faster with the wider table on the right.
    if read.shape[1] > rows.shape[1]:
        of_weights = (rows.mT @ read).mT.contiguous()
    else:
        of_weights = read.mT @ rows
    return product(gradient, weights.mT), of_weights, rows.sum(0) if ctx.shifted else None


torch.library.register_autograd("cutaway::product", _gradients, setup_context=_keep)
