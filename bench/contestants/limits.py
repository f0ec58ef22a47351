"""What the machine itself can do: how fast memory is read, and how fast tables are multiplied.

They take part as contestants, so that the limit is measured in the same rounds as the rest. Each
is the best of what is installed.
"""

import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import numpy as np
from bench.worker import threads

READ_BYTES = 2**29          # far more than any cache holds
SHAPE = 1024, 768, 3072     # 1,024 tokens through the wider product of GPT-2 small's MLP
FLOP = 2 * SHAPE[0] * SHAPE[1] * SHAPE[2]
TRIES = 5


class MemoryRead:
    """Reading READ_BYTES once, by as many threads as everybody has."""

    def __init__(self):
        self.array = np.ones(READ_BYTES // 8, np.int64)
        self.pool = ThreadPoolExecutor(threads())
        self.way, self.run = _fastest({"NumPy": self._numpy, "Numba": self._numba(),
                                       "torch": self._torch()})

    def facts(self) -> dict:
        return {"way": self.way, "bytes": READ_BYTES}

    def _each(self, work: Callable) -> None:
        list(self.pool.map(work, np.array_split(self.array, threads())))

    def _numpy(self) -> None:
        self._each(np.sum)

    def _numba(self) -> Callable | None:
        try:
            from numba import njit
        except ImportError:
            return None

        @njit(nogil=True)
        def total(array):
            result = 0
            for number in array:  # whole numbers may be added in any order: several at once
                result += number
            return result

        return lambda: self._each(total)

    def _torch(self) -> Callable | None:
        try:
            import torch
        except ImportError:
            return None
        torch.set_num_threads(threads())
        tensor = torch.from_numpy(self.array).view(torch.float32)
        return tensor.sum


class Products:
    """One product of SHAPE in float32."""

    def __init__(self):
        rows, inner, columns = SHAPE
        random = np.random.default_rng(0)
        self.left = random.standard_normal((rows, inner), dtype=np.float32)
        self.right = random.standard_normal((inner, columns), dtype=np.float32)
        self.way, self.run = _fastest({"NumPy": lambda: self.left @ self.right,
                                       "torch": self._torch()})

    def facts(self) -> dict:
        return {"way": self.way, "flop": FLOP}

    def _torch(self) -> Callable | None:
        try:
            import torch
        except ImportError:
            return None
        torch.set_num_threads(threads())
        left, right = torch.from_numpy(self.left), torch.from_numpy(self.right)
        return lambda: left @ right


def _quiet(work: Callable) -> Callable[..., None]:
    """The same work, whatever the other contestants are asked for; its result is no message."""
    def done(**_: object) -> None:
        work()

    return done


def _fastest(ways: dict[str, Callable | None]) -> tuple[str, Callable]:
    """The way that took the shortest of some tries, and its name."""
    seconds = {}
    for name, work in ways.items():
        if work is not None:
            work()
            seconds[name] = min(_timed(work) for _ in range(TRIES))
    best = min(seconds, key=lambda name: seconds[name])
    work = ways[best]
    assert work is not None
    return best, _quiet(work)


def _timed(work: Callable) -> float:
    started = time.perf_counter()
    work()
    return time.perf_counter() - started
