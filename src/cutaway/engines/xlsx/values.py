"""The numbers that stand in the cells when the workbook is opened: the NumPy engine's, in float64.

A prompt shorter than the workbook's positions is filled up with token 0 behind its end, as the
formulas do. The rows of the prompt itself are those of a run on the prompt alone.
"""

from collections.abc import Mapping, Sequence

import numpy as np

from cutaway.engines.numpy import NumpyEngine
from cutaway.engines.xlsx.layout import Layout
from cutaway.engines.xlsx.parts import HELPER_VALUES, value_of
from cutaway.workbook.run import Run, start_run

Tables = Mapping[str, np.ndarray]


def tables_of(layout: Layout, weights: Mapping[str, np.ndarray], ids: Sequence[int]) -> Tables:
    """Every table, every part of a formula and every row helper, by name.

    ids  of the prompt, at most as many as the layout has positions
    """
    filled = _tables(layout, weights, [*ids, *[0] * (layout.n_positions - len(ids))])
    if len(ids) == layout.n_positions:
        return filled
    short = _tables(layout, weights, ids)
    return {name: _laid_over(table, short[name]) for name, table in filled.items()}


def _tables(layout: Layout, weights: Mapping[str, np.ndarray], ids: Sequence[int]) -> Tables:
    """The same for a prompt without empty places."""
    run = start_run(layout.book, weights, ids, engine=NumpyEngine(np.float64))
    run = run.with_edits(layout.edits)
    known = _Known(run)
    for part in layout.parts:
        known[part.name] = (run[part.name].array if part.name in run.book.nodes
                            else value_of(part.symbol, known))
        for helper in part.all_helpers():
            known[helper.name] = np.asarray(
                HELPER_VALUES[helper.kind](value_of(helper.of, known)))
    known |= {name: run[name].array for name in run.book.inputs}
    return known


class _Known(dict[str, np.ndarray]):
    """Tables by name: what was entered, and the weights of a run."""

    def __init__(self, run: Run):
        super().__init__()
        self._run = run

    def __missing__(self, name: str) -> np.ndarray:
        return self._run[name].array


def _laid_over(filled: np.ndarray, short: np.ndarray) -> np.ndarray:
    """The prompt's own numbers over those of the filled prompt."""
    result = filled.copy()
    result[tuple(map(slice, short.shape))] = short
    return result


def shares(next_logits: np.ndarray, temperature: float) -> np.ndarray:
    """The probabilities at a temperature, as the page Vocabulary calculates them."""
    weights = np.exp((next_logits - next_logits.max()) / max(temperature, COLDEST))
    return weights / weights.sum()


COLDEST = 1e-9  # a temperature of 0 takes the likeliest token, and must not divide by 0
