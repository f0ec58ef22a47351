"""Cutaway itself. `plain` is the NumPy engine, the reference; else the compiled one where it is.

    Generation(folder, engine="float32")        engine: "plain", "float32" or "int8"
"""

import sys
import time
from pathlib import Path

import numpy as np
from bench.random_model import open_random, random_ids

from cutaway.engines.numpy import NumpyEngine
from cutaway.generate import GREEDY, generate
from cutaway.model import open_model


def engine_named(name: str):
    """The engine of a contestant.  Raises:  ImportError where there is no compiled one"""
    if name == "plain":
        return NumpyEngine()
    from cutaway.engines.compiled import CompiledEngine

    return CompiledEngine() if name == "float32" else CompiledEngine(name)


class Contestant:
    """An opened model and its engine.  torch: whether the engine may use torch's products"""

    def __init__(self, folder: str, engine: str, torch: bool = True):
        if not torch:
            sys.modules["torch"] = None  # type: ignore[assignment]  # importing it fails from now
        self.model, self.engine = open_random(Path(folder)), engine_named(engine)

    def started(self, ids: list[int], keep: tuple[str, ...] = ("*",)):
        return self.model.run(ids, engine=self.engine, keep=keep)

    def random_ids(self, tokens: int) -> list[int]:
        return random_ids(self.model.config, tokens)


class Generation(Contestant):
    def run(self, prompt: list[int], count: int) -> list[int]:
        """The tokens that follow, greedily."""
        return [token.id for token in generate(self.started(prompt, keep=()), GREEDY,
                                               max_tokens=count)]

    def each(self, prompt: list[int], count: int) -> list[float]:
        """How many seconds each token took."""
        times = [time.perf_counter()]
        for _ in generate(self.started(prompt, keep=()), GREEDY, max_tokens=count):
            times.append(time.perf_counter())
        return np.diff(times).tolist()

    def logits(self, prompt: list[int]) -> list[float]:
        """What follows a prompt."""
        return self.started(prompt)["next_logits"].array.tolist()

    def rows(self, ids: list[int]) -> list[list[float]]:
        """What follows each token, appended one by one as in generation."""
        run = self.started(ids[:1], keep=())
        rows = [run["next_logits"].array.tolist()]
        for id in ids[1:]:
            run = run.append(id)
            rows.append(run["next_logits"].array.tolist())
        return rows


class Prefill(Contestant):
    """The logits of every position, or only those of the last."""

    def run(self, tokens: int, last: bool) -> None:
        self._calculated(tokens, last)

    def logits(self, tokens: int) -> list[float]:
        return self._calculated(tokens, last=False)[-1].tolist()

    def _calculated(self, tokens: int, last: bool) -> np.ndarray:
        run = self.started(self.random_ids(tokens), keep=())
        return run["next_logits" if last else "logits"].array


class Workbook(Contestant):
    """Every step's table, calculated and kept."""

    def run(self, tokens: int) -> None:
        run = self.started(self.random_ids(tokens))
        for name in run.book.nodes:
            run[name]
        assert all(run.holds(name) for name in run.book.nodes), "a table was not kept"

    def logits(self, tokens: int) -> list[float]:
        return self.started(self.random_ids(tokens))["logits"].array[-1].tolist()

    def kept(self, tokens: int) -> list[int]:
        """How many tables a run has, and their bytes."""
        needed = self.started(self.random_ids(tokens)).memory_needed()
        return [len(needed), sum(needed.values())]


class Edits(Contestant):
    """A run of which every table is kept, and what an edit of it costs."""

    def __init__(self, folder: str, engine: str, tokens: int):
        super().__init__(folder, engine)
        self.ids = self.random_ids(tokens)
        self.whole = self._read(self.started(self.ids), every=True)

    def run(self, block: int, every: bool) -> None:
        """The prediction, or every table, after an edit in a block; 0 for a run from nothing."""
        self._read(self._edited(block) if block else self.started(self.ids), every)

    def counts(self, block: int) -> dict[str, int]:
        """The calculations after an edit: of earlier blocks, and those of reading all again."""
        run = self._read(self._edited(block), every=True)
        once = sum(run.calculations.values())
        earlier = sum(count for name, count in run.calculations.items()
                      if name.startswith("h") and int(name[1:].split(".")[0]) < block - 1)
        self._read(run, every=True)
        return {"earlier": earlier, "again": sum(run.calculations.values()) - once}

    def _edited(self, block: int):
        """The first table that the block calculates, at the last position; all of it follows."""
        return self.whole.edit(f"h{block - 1}.attention_normalised", 0.5, position=-1)

    def _read(self, run, every: bool):
        for name in run.book.nodes if every else ("next_logits",):
            run[name]
        return run


class Loss:
    """The bundled model on a text, token by token as in generation."""

    def __init__(self, engine: str):
        self.model, self.engine = open_model(), engine_named(engine)

    def nats(self, ids: list[int]) -> float:
        """The summed loss over all tokens but the first."""
        run = self.model.run(ids[:1], engine=self.engine, keep=())
        total = 0.0
        for number, id in enumerate(ids[1:], start=1):
            logits = run["next_logits"].array.astype(np.float64)
            total += float(np.log(np.exp(logits - logits.max()).sum()) + logits.max() - logits[id])
            if number < len(ids) - 1:
                run = run.append(id)
        return total
