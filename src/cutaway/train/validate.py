"""How well a model predicts text that it has not been trained on."""

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import torch

from cutaway.train.loss import cross_entropy
from cutaway.train.module import BookModule


@dataclass(frozen=True)
class HeldOut:
    """A text to validate on.  ids: (position), documents with end-of-text tokens between them"""

    ids: np.ndarray
    text_bytes: int

    @classmethod
    def of(cls, documents: Sequence[str], encode: Callable[[str], Sequence[int]],
           end_of_text: int) -> "HeldOut":
        """Documents as one text, an end-of-text token after each."""
        ids = [id for text in documents for id in (*encode(text), end_of_text)]
        return cls(np.array(ids), sum(len(text.encode()) for text in documents))


@dataclass(frozen=True)
class Loss:
    """The loss on one text.

    loss_nats    mean of -log(probability) over its predicted tokens
    bits_a_byte  the same total in bits, over the bytes of the text: comparable between vocabularies
    tokens       how many tokens were predicted
    """

    loss_nats: float
    bits_a_byte: float
    tokens: int


def validate(module: BookModule, texts: Mapping[str, HeldOut]) -> dict[str, Loss]:
    """The loss on each text, and on "all" together; windows of the context length, no overlap.

    Nothing where there is no text.
    """
    if not texts:
        return {}
    sums = {name: _total_nats(module, text.ids) for name, text in texts.items()}
    result = {name: _loss(sums[name], len(text.ids) - 1, text.text_bytes)
              for name, text in texts.items()}
    tokens = sum(loss.tokens for loss in result.values())
    text_bytes = sum(text.text_bytes for text in texts.values())
    return {**result, "all": _loss(sum(sums.values()), tokens, text_bytes)}


def _loss(total_nats: float, tokens: int, text_bytes: int) -> Loss:
    return Loss(total_nats / tokens, total_nats / math.log(2) / text_bytes, tokens)


def _total_nats(module: BookModule, ids: np.ndarray) -> float:
    """The summed loss over all tokens but the first."""
    length = module.config.n_positions
    device = next(module.parameters()).device
    total = 0.0
    with torch.no_grad():
        for start in range(0, len(ids) - 1, length):
            window = torch.from_numpy(ids[start:start + length + 1].astype(np.int64)).to(device)
            loss = cross_entropy(module(window[None, :-1]), window[None, 1:])
            total += loss.item() * (len(window) - 1)
    return total
