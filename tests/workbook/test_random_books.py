"""Whatever formulas read, and however a run came about: the numbers of a calculation afresh."""

import numpy as np
import pytest
from hypothesis import HealthCheck, assume, given, settings

from cutaway import NumpyEngine, Run
from cutaway.errors import FormulaError
from tests.workbook.random_books import Case, cases

RANDOM = settings(suppress_health_check=list(HealthCheck))
FLOAT64, FLOAT32 = 1e-7, 5e-3


def tables(run: Run) -> dict[str, np.ndarray]:
    """Every table. Formulas that give NaN, infinity or huge numbers are no case."""
    try:
        found = {name: run.array(name) for name in run.book.nodes}
    except FormulaError as error:
        assume("NaN" not in str(error))
        raise
    for table in found.values():  # NaN, infinity and huge numbers are no case either
        seen = table[~np.isneginf(table)]
        assume(bool((np.abs(seen) < 1e4).all()))
    return found


def agree(run: Run, truth: dict[str, np.ndarray], rounding: float) -> None:
    for name, table in truth.items():
        ours = run.array(name)
        assert ours.shape == table.shape, name
        hidden = np.isneginf(table)
        assert (np.isneginf(ours) == hidden).all(), name
        gap = np.abs(np.where(hidden, 0, ours) - np.where(hidden, 0, table)).max(initial=0)
        size = max(1.0, float(np.abs(np.where(hidden, 0, table)).max(initial=0)))
        formula = run.book.nodes[name].step.formula
        assert gap <= rounding * size, f"{name} = {formula} is {gap:.2g} off"


@RANDOM
@given(cases())
def test_appending_equals_a_calculation_afresh(case: Case):
    ids = case.prompts[0]
    truth = tables(case.typed_into(case.run(ids)))
    fits = all(cells.get(axis, 0) < 3 for _, _, cells in case.typed for axis in ("position",
                                                                                 "source"))
    start = case.typed_into(case.run(ids[:3])) if fits else None
    assume(fits or all(name != "positions" for name, _, _ in case.typed))
    if start is None:  # typed further down than the short prompt: edited while it was longer
        start = case.typed_into(case.run(ids)).edit("ids", ids[:3]).edit(
            "targets", (ids[:3] + 1) % 7)
    for read in (None, next(reversed(case.book.nodes))):
        agree(case.appended(start, ids[3:], read), truth, FLOAT64)


@RANDOM
@given(cases())
def test_appending_with_nothing_kept_equals_a_calculation_afresh(case: Case):
    assume(not case.typed)
    ids = case.prompts[0]
    truth = tables(case.run(ids))
    for name in (*list(truth)[-2:], *list(truth)[:2]):
        grown = case.appended(case.run(ids[:3], keep=()), ids[3:], read=name)
        agree(grown, {name: truth[name]}, FLOAT64)


@RANDOM
@given(cases())
def test_edits_after_reading_equal_edits_before(case: Case):
    ids = case.prompts[0]
    truth = tables(case.typed_into(case.run(ids)))
    run = case.run(ids)
    tables(run)
    for name, number, cells in case.typed:
        run = run.edit(name, number, **cells)
        _ = [run.array(name) for name in run.book.nodes]
    agree(run, truth, FLOAT64)


@RANDOM
@given(cases())
def test_prompts_side_by_side_equal_each_alone(case: Case):
    assume(not case.typed)
    alone = [tables(case.run(ids)) for ids in case.prompts]
    agree(case.run(case.prompts), {name: np.stack([one[name] for one in alone])
                                   for name in alone[0]}, FLOAT64)


@RANDOM
@given(cases())
def test_torch_equals_numpy(case: Case):
    torch = pytest.importorskip("torch")
    from cutaway.engines.torch import TorchEngine

    ids = case.prompts[0]
    truth = tables(case.typed_into(case.run(ids)))
    engine = TorchEngine(dtype=torch.float64)
    agree(case.typed_into(case.run(ids, engine)), truth, FLOAT64)
    assume(not case.typed)
    agree(case.appended(case.run(ids[:3], engine), ids[3:]), truth, FLOAT64)


@pytest.mark.parametrize("keep", [("*",), ()])
def test_compiled_equals_numpy(keep):
    from cutaway.engines.compiled import CompiledEngine

    engine = CompiledEngine()

    @RANDOM
    @given(cases())
    def agrees(case: Case):
        ids = case.prompts[0]
        truth = tables(case.typed_into(case.run(ids)))
        single = case.typed_into(case.run(ids, NumpyEngine()))
        gaps = [np.abs(single.array(name) - table) for name, table in truth.items()]
        assume(max(np.nanmax(gap) for gap in gaps) < FLOAT32 / 50)  # not torn open by rounding
        run = case.run(ids, engine, keep=keep)
        if keep:
            _ = [run.array(name) for name in run.book.nodes]
        agree(case.typed_into(run), truth, FLOAT32)  # rows above an edit are taken over
        if not case.typed:
            read = next(reversed(case.book.nodes))
            agree(case.appended(case.run(ids[:3], engine, keep=keep), ids[3:], read), truth,
                  FLOAT32)

    agrees()
