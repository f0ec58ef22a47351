"""A GPT-2 small enough to calculate hundreds of times, with words of its own."""

from collections.abc import Mapping

import numpy as np

from cutaway import Book, Config, NumpyEngine, Run, gpt2, start_run

CONFIG = Config(vocab_size=11, n_positions=80, n_embd=6, n_layer=2, n_head=2)
BOOK = gpt2(CONFIG)
WORDS = ["the", " cat", " sat", " on", " mat", ".", " dog", " Cat", " moves", "cat", " quick"]


class Words:
    """A vocabulary of eleven tokens: what a tokenizer is to a run."""

    def encode(self, text: str) -> list[int]:
        """The ids of words, each written as its token; longest first."""
        ids = []
        while text:
            word = max((w for w in WORDS if text.startswith(w)), key=len)
            ids.append(WORDS.index(word))
            text = text.removeprefix(word)
        return ids

    def text_of(self, id: int) -> str:
        return WORDS[id]


def random_weights(config: Config = CONFIG, scale: float = 0.5, seed: int = 0,
                   dtype: type = np.float64) -> dict[str, np.ndarray]:
    generator = np.random.default_rng(seed)
    return {name: generator.normal(0, scale, [config.sizes[axis] for axis in axes]).astype(dtype)
            for name, axes in gpt2(config).weights.items()}


WEIGHTS = random_weights()
for array in WEIGHTS.values():
    array.flags.writeable = False  # every test shares them


def tiny_run(ids=(0, 1, 2, 3), *, weights: Mapping[str, np.ndarray] = WEIGHTS, book: Book = BOOK,
             dtype: type = np.float64, **options) -> Run:
    return start_run(book, weights, np.array(ids), engine=NumpyEngine(dtype), vocabulary=Words(),
                     **options)


def all_tables(run: Run) -> dict[str, np.ndarray]:
    return {name: run[name].array for name in run.book.nodes}


def worst(run: Run, other: Run) -> float:
    """The largest difference in any calculated table of two runs."""
    theirs = all_tables(other)
    return max(float(np.abs(table - theirs[name]).max()) for name, table in all_tables(run).items())
