"""Models of random weights that a workbook of a few hundred kilobytes can hold."""

from collections.abc import Sequence

import numpy as np

from cutaway import Config, Model, gpt2
from cutaway.tokenizer import Tokenizer, learn_merges
from tests.models.llama_like import LLAMA, LlamaConfig, llama

TEXT = ("Mike is quick. He moves quickly. Once upon a time the king said to the queen: the dog "
        "chases the cat. A straw berry is a strawberry. The cat moves.") * 3
MERGES = tuple(merge.pair for merge in learn_merges(TEXT, 60))
FEW_MERGES = ((b"t", b"h"), (b" ", b"th"), (b" th", b"e"))


def random_model(n_embd: int, n_layer: int, n_head: int, *, n_positions: int = 24,
                 scale: float = 0.5, tokenizer: Tokenizer | None = None,
                 eps: float = 1e-5) -> Model:
    """A model with a tokenizer of its own and weights large enough to saturate."""
    tokenizer = tokenizer or Tokenizer.from_merges(MERGES)
    config = Config(len(tokenizer), n_positions, n_embd, n_layer, n_head, eps)
    random, book = np.random.default_rng(n_embd), gpt2(config)
    weights = {name: random.normal(0, scale, [config.sizes[axis] for axis in axes])
               .astype(np.float32) for name, axes in book.weights.items()}
    return Model("random", config, book, weights, tokenizer)  # type: ignore[arg-type]


def shared_keys_model() -> Model:
    """A model of Llama's kind: rotated queries and keys, two query heads for each of keys."""
    tokenizer = Tokenizer.from_merges(MERGES)
    config = LlamaConfig(len(tokenizer), n_embd=8, n_hidden=5)
    random, book = np.random.default_rng(8), llama(config)
    weights = {name: random.normal(0, 0.5, [config.sizes[axis] for axis in axes])
               .astype(np.float32) for name, axes in book.weights.items()}
    return Model("random", config, book, weights, tokenizer,  # type: ignore[arg-type]
                 architecture=LLAMA)


def cells_of(rows: Sequence[Sequence[object]], down: bool) -> np.ndarray:
    """The numbers of a block of cells, rows and columns as the table has them."""
    cells = np.array(rows, float)
    return cells.T if down else cells
