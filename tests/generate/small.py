"""Small models whose numbers or whose texts are known in advance."""

import numpy as np

from cutaway.engines.numpy import NumpyEngine
from cutaway.model import Model
from cutaway.models.config import Config
from cutaway.models.gpt2 import gpt2
from cutaway.tokenizer import Tokenizer
from cutaway.workbook import Run, start_run

BYTES = Tokenizer.from_merges([])  # 257 tokens: the bytes, and <|endoftext|>
TINY = Config(vocab_size=257, n_positions=64, n_embd=24, n_layer=2, n_head=3)


def random_weights(config: Config, seed: int) -> dict[str, np.ndarray]:
    """Random numbers for every weight; positions loud enough that greedy text does not repeat."""
    random = np.random.default_rng(seed)
    weights = {name: random.normal(size=[config.sizes[axis] for axis in axes]) * 0.3
               for name, axes in gpt2(config).weights.items()}
    weights["wpe"] *= 30
    return weights


def run_in_float64(config: Config, weights: dict[str, np.ndarray], ids, vocabulary=None) -> Run:
    return start_run(gpt2(config), weights, ids, engine=NumpyEngine(np.float64),
                     vocabulary=vocabulary)


def tiny_run(prompt: str = "Once upon a time") -> Run:
    return run_in_float64(TINY, random_weights(TINY, 0), BYTES.encode(prompt), BYTES)


def model_that_writes(raw: bytes, prompt_length: int, n_positions: int = 64) -> Model:
    """A model that writes these bytes after any prompt of so many: its blocks add nothing, and
    each position's embedding points to the byte that is to come next."""
    config = Config(vocab_size=257, n_positions=n_positions, n_embd=64, n_layer=1, n_head=1)
    weights = {name: np.zeros([config.sizes[axis] for axis in axes])
               for name, axes in gpt2(config).weights.items()}
    weights["wte"] = np.sign(np.random.default_rng(0).normal(size=(257, 64)))
    for place, byte in enumerate(raw):
        weights["wpe"][prompt_length - 1 + place] = 100 * weights["wte"][_id_of_byte(byte)]
    weights["ln_f_g"] += 1
    return Model("writes", config, gpt2(config), weights, BYTES)


def _id_of_byte(byte: int) -> int:
    return BYTES.vocabulary.index(bytes([byte]))
