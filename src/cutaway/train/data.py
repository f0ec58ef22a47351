"""Training data: texts, documents, one long row of tokens, windows with a stride, batches."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from cutaway.errors import TrainingError


@dataclass(frozen=True)
class Source:
    """Documents of one origin, and how many times each is read in one pass over the data."""

    name: str
    documents: tuple[str, ...]
    repeats: int = 1


def token_stream(sources: Sequence[Source], encode: Callable[[str], Sequence[int]],
                 end_of_text: int, generator: np.random.Generator) -> np.ndarray:
    """All documents as one row of ids, shuffled, each followed by the end-of-text token.

    returns  ids (uint16 where they fit, else uint32), one axis
    Raises:  TrainingError when there is no text in any source
    """
    documents = [text for source in sources for text in source.documents * source.repeats]
    if not documents:
        raise TrainingError("There is no text to learn from: every file given is empty.")
    known = {text: np.array([*encode(text), end_of_text]) for text in set(documents)}
    stream = np.concatenate([known[documents[i]] for i in generator.permutation(len(documents))])
    return stream.astype(np.uint16 if stream.max() < 2**16 else np.uint32)


@dataclass(frozen=True)
class Windows:
    """Pieces of a token stream, each with the same piece one token later as its target.

    length   tokens in a window
    stride   how far the next window starts from this one; the length for windows without overlap
    Raises:  TrainingError when the stream is too short for a single window
    """

    stream: np.ndarray
    length: int
    stride: int

    def __post_init__(self):
        for name in ("length", "stride"):
            count = getattr(self, name)
            if not isinstance(count, int) or count < 1:
                raise TrainingError(f"The {name} of the windows is {count!r}; a whole number of "
                                    f"at least 1 is expected.")
        if len(self.stream) < self.length + 1:
            raise TrainingError(
                f"The text is {len(self.stream)} tokens long; a window of {self.length} needs at "
                f"least {self.length + 1}. Give more text, or a shorter context with --context.")

    def __len__(self) -> int:
        return (len(self.stream) - self.length - 1) // self.stride + 1

    def __getitem__(self, index: int) -> np.ndarray:
        """The window's tokens and one more: [:-1] is the input, [1:] the target. int64"""
        if not 0 <= index < len(self):
            raise IndexError(f"There are {len(self)} windows, from 0 to {len(self) - 1}.")
        start = index * self.stride
        return self.stream[start:start + self.length + 1].astype(np.int64)


def batch_at(windows: Windows, step: int, batch: int, seed: int) -> np.ndarray:
    """The windows of one training step: every pass over the data in a new, repeatable order.

    It depends on nothing but its arguments, so a run that was interrupted goes on with the very
    batch that it would have had. A pass has whole batches only: what is left of the windows, each
    time other ones, is not read in it. Where there are fewer windows than a batch, all are read.

    returns  (batch position), int64, one token longer than the windows
    """
    batches_a_pass = max(1, len(windows) // batch)
    order = _order_of_pass(len(windows), seed, step // batches_a_pass)
    start = step % batches_a_pass * batch
    return np.stack([windows[i] for i in order[start:start + batch]])


@lru_cache(maxsize=1)
def _order_of_pass(count: int, seed: int, number: int) -> np.ndarray:
    return np.random.default_rng([seed, number]).permutation(count)


def pairs(windows: Windows) -> Iterator[tuple[np.ndarray, np.ndarray]]:
    """Every (input, target) of the data in order: what the model reads and what should follow."""
    for index in range(len(windows)):
        window = windows[index]
        yield window[:-1], window[1:]
