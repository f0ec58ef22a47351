"""Runs of small models with random weights, and the ways to write a text with them."""

from collections.abc import Sequence

import numpy as np

from cutaway import Config, NumpyEngine, Run, gpt2, start_run
from cutaway.engines.compiled import CompiledEngine
from cutaway.engines.compiled.threads import Team
from tests.workbook.tiny import random_weights

CONFIG = Config(vocab_size=50, n_positions=48, n_embd=60, n_layer=2, n_head=3)
IDS = np.random.default_rng(5).integers(0, CONFIG.vocab_size, 40)
Ids = Sequence[int | np.integer] | np.ndarray


def engine_of(n_threads: int, weights: str = "float32") -> CompiledEngine:
    engine = CompiledEngine(weights)
    engine.team = Team(n_threads)
    return engine


def run_of(engine: NumpyEngine, ids: Ids = IDS, *, config: Config = CONFIG,
           scale: float = 0.3, keep: tuple[str, ...] = ("*",)) -> Run:
    return start_run(gpt2(config), random_weights(config, scale, dtype=np.float32), np.array(ids),
                     engine=engine, keep=keep)


def appended(run: Run, ids: Ids, *, read: str | None = None) -> Run:
    """The run with more tokens, a table of each read on the way where one is named."""
    for one in ids:
        run = run.append(int(one))
        if read:
            _ = run[read]
    return run


def distance(ours: np.ndarray, theirs: np.ndarray) -> float:
    """The largest difference as a share of the table's largest number."""
    return float(np.abs(ours.astype(np.float64) - theirs).max() / np.abs(theirs).max())
