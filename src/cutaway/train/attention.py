"""Attention for training on a CPU: what is masked is not calculated.

torch's own fused attention calculates all of the square and masks half of it. Here the positions
are taken some at a time, each with the sources up to its own; the shares are kept for the way back.
"""

import math

import torch

from cutaway.engines.replacement import replaced
from cutaway.engines.torch import ATTENTION
from cutaway.workbook.book import Book

WIDTH = 64  # positions at once: narrower saves masked cells, wider makes better products


def with_attention_in_pieces(book: Book) -> Book:
    """The same book with steps 6, 7 and 8 in one call, as `with_fused_attention` has them."""

    def mixed(queries, keys, values):
        return attention_in_pieces(queries, keys, values)

    return replaced(book, mixed, where=ATTENTION)


def attention_in_pieces(queries: torch.Tensor, keys: torch.Tensor, values: torch.Tensor,
                        width: int = WIDTH) -> torch.Tensor:
    """softmax(causal(queries @ transpose(keys) / sqrt(head_embed))) @ values

    all      (batch head position head_embed)
    width    positions at once
    """
    return torch.ops.cutaway.piecewise_attention(queries, keys, values, width)[0]


# Entered among torch's operations, so that torch.compile takes each as it stands. What it compiled
# stays on the disk under these names: another signature needs another name.
torch.library.define("cutaway::piecewise_attention", "(Tensor queries, Tensor keys, Tensor values, "
                     "int width) -> Tensor[]")
torch.library.define("cutaway::piecewise_attention_gradients", "(Tensor gradient, Tensor[] tables, "
                     "Tensor[] shares, int width) -> Tensor[]")


@torch.library.impl("cutaway::piecewise_attention", "cpu")
def _calculate(queries: torch.Tensor, keys: torch.Tensor, values: torch.Tensor,
               width: int) -> list[torch.Tensor]:
    """The mixed values, then the shares of every piece."""
    batch, n_head, n_position, _ = queries.shape
    asking, found, told = _in_rows(queries), _in_rows(keys), _in_rows(values)
    asking = asking / math.sqrt(queries.shape[-1])
    mixed, shares = [], []
    for start in range(0, n_position, width):
        stop = min(start + width, n_position)
        scores = torch.bmm(asking[:, start:stop], found[:, :stop].mT)
        ahead = scores.new_full((stop - start, stop - start), -math.inf).triu_(1)
        scores[..., start:] += ahead
        shares.append(torch.softmax(scores, dim=-1))
        mixed.append(torch.bmm(shares[-1], told[:, :stop]))
    return [torch.cat(mixed, 1).view(batch, n_head, n_position, -1), *shares]


@torch.library.impl("cutaway::piecewise_attention_gradients", "cpu")
def _gradients(gradient: torch.Tensor, tables: list[torch.Tensor], shares: list[torch.Tensor],
            width: int) -> list[torch.Tensor]:
    """The gradients of queries, keys and values, which are the tables."""
    queries, keys, values = tables
    root = math.sqrt(queries.shape[-1])
    asking, found, told = _in_rows(queries) / root, _in_rows(keys), _in_rows(values)
    gradient = _in_rows(gradient)
    of_asking = []
    of_found, of_told = found.new_zeros(found.shape), told.new_zeros(told.shape)
    for number, piece in enumerate(shares):
        start = number * width
        stop = start + piece.shape[1]
        mine = gradient[:, start:stop]
        of_told[:, :stop] += torch.bmm(piece.mT, mine)
        of_shares = torch.bmm(mine, told[:, :stop].mT)
        of_scores = torch.ops.aten._softmax_backward_data(of_shares, piece, -1, piece.dtype)
        of_asking.append(torch.bmm(of_scores, found[:, :stop]))
        of_found[:, :stop] += torch.bmm(of_scores.mT, asking[:, start:stop])
    return [table.view(queries.shape)
            for table in (torch.cat(of_asking, 1) / root, of_found, of_told)]


def _in_rows(table: torch.Tensor) -> torch.Tensor:
    """(batch head position head_embed) -> (batch*head position head_embed), side by side."""
    return table.reshape(-1, *table.shape[-2:])


@torch.library.register_fake("cutaway::piecewise_attention")
def _(queries, keys, values, width):
    batch, n_head, n_position, n_head_embed = queries.shape
    shares = [queries.new_empty(batch * n_head, min(width, n_position - start),
                                min(start + width, n_position))
              for start in range(0, n_position, width)]
    return [queries.new_empty(batch, n_head, n_position, n_head_embed), *shares]


@torch.library.register_fake("cutaway::piecewise_attention_gradients")
def _(gradient, tables, shares, width):
    return [table.new_empty(table.shape) for table in tables]


def _keep(ctx, inputs, output):
    queries, keys, values, ctx.width = inputs
    ctx.save_for_backward(queries, keys, values, *output[1:])


def _gradients_of_inputs(ctx, gradients):
    queries, keys, values, *shares = ctx.saved_tensors
    found = torch.ops.cutaway.piecewise_attention_gradients(
        gradients[0], [queries, keys, values], shares, ctx.width)
    return *found, None


torch.library.register_autograd("cutaway::piecewise_attention", _gradients_of_inputs,
                                setup_context=_keep)
