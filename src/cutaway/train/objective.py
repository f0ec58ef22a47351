"""What a training step makes smaller: from windows of tokens to the loss. Plain, and fast."""

import warnings
from collections.abc import Callable

import torch

from cutaway.engines.forms import Form, form_of
from cutaway.train.activation import with_gelu_by_sigmoid
from cutaway.train.attention import with_attention_in_pieces
from cutaway.train.loss import cross_entropy, fused_cross_entropy
from cutaway.train.module import BookModule
from cutaway.train.products import onednn_fits, with_onednn_products
from cutaway.train.speed import Speed
from cutaway.workbook.book import Book


class PlainObjective(torch.nn.Module):
    """The loss as it is defined: all logits, then their cross-entropy.

        PlainObjective(module)(windows)      # (batch position+1) -> the loss in nats
    """

    def __init__(self, module: BookModule):
        super().__init__()
        self.module = module

    def forward(self, windows: torch.Tensor) -> torch.Tensor:
        return cross_entropy(self.module(windows[:, :-1]), windows[:, 1:])


class FastObjective(torch.nn.Module):
    """The same loss: attention without what is masked, and logits a few rows at a time.

    head  how the model's logits are one product of rows and a weight
    """

    def __init__(self, module: BookModule, head: Form, precision: str, compiled: bool):
        super().__init__()
        self.module = module
        (self._rows, self._weight), self._turned = head.reads, head.turned
        self._book = _fast_book(module, precision)
        on_cpu = next(module.parameters()).device.type == "cpu"
        self._book_to_compile = with_gelu_by_sigmoid(self._book) if on_cpu else self._book
        self._final = (CompiledOrNot(self._calculate_compiled, self._calculate_final) if compiled
                       else self._calculate_final)

    def forward(self, windows: torch.Tensor) -> torch.Tensor:
        weight = self.module.weights()[self._weight]
        return fused_cross_entropy(self._final(windows[:, :-1]),
                                   weight if self._turned else weight.mT, windows[:, 1:])

    def _calculate_final(self, ids: torch.Tensor) -> torch.Tensor:
        return self.module.table(self._rows, ids, self._book)

    def _calculate_compiled(self, ids: torch.Tensor) -> torch.Tensor:
        return self.module.table(self._rows, ids, self._book_to_compile)


def objective_of(module: BookModule, precision: str, speed: Speed) -> torch.nn.Module:
    """What a run with that speed follows down.  precision: as in `Plan`"""
    head = head_of(module.definition)
    if not speed.fused or head is None:
        return PlainObjective(module)
    return FastObjective(module, head, precision, speed.compiled)


def head_of(book: Book) -> Form | None:
    """The product of rows and a weight that a book's logits are; None where they are not one."""
    form = form_of(book, book.role("logits"))
    return form if form and form.kind == "product" and len(form.reads) == 2 else None


def _fast_book(module: BookModule, precision: str) -> Book:
    """The module's book, edited: each edit is another formula for a step, with the same result.

    On a GPU and in half precision torch's own attention and products are the fastest. A definition
    that states other formulas than those that have a faster form keeps them.
    """
    weight = next(module.parameters())
    if weight.device.type != "cpu" or precision != "float32":
        return module.book
    pieces = with_attention_in_pieces(module.definition)
    return with_onednn_products(pieces) if onednn_fits(weight) else pieces


class CompiledOrNot:
    """A function through `torch.compile`; where that fails, another one, with one line said."""

    def __init__(self, function: Callable[..., torch.Tensor],
                 otherwise: Callable[..., torch.Tensor]):
        self._plain = otherwise
        self._chosen: Callable[..., torch.Tensor] | None = None
        self._compiled = torch.compile(function, dynamic=False)

    def __call__(self, *given: torch.Tensor) -> torch.Tensor:
        if self._chosen:
            return self._chosen(*given)
        try:
            result, self._chosen = self._compiled(*given), self._compiled
        except Exception as error:  # whatever a compiler may say; the plain function decides
            result, self._chosen = self._plain(*given), self._plain
            reason = (str(error).strip() or type(error).__name__).splitlines()[0][:160]
            warnings.warn("Training goes on without compiling, which takes a little longer: "
                          f"torch.compile needs a C++ compiler such as g++ ({reason}).",
                          stacklevel=2)
        return result
