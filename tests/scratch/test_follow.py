"""Whatever is edited, the cells hold what a sheet that is calculated afresh holds."""

import numpy as np
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from cutaway.scratch import Cell, Scratch
from tests.profiles import many

TABLES = ["wte[5]", "h0.mixed", "h2.attention", "h4.mlp_up", "next_logits", "h5.residual"]
EDITS = [("wte", {"vocabulary": 5}), ("h0.mixed", {"head": 1}), ("h2.attention", {"head": 3}),
         ("h4.mlp_up", {"hidden": 7}), ("next_logits", {"vocabulary": 9})]


@st.composite
def sheets(draw):
    """Formulas in any order, each reading a table or two, and some of those before it."""
    count = draw(st.integers(1, 6))
    sources = []
    for place in range(count):
        words = [f"{draw(st.sampled_from(TABLES))}.sum()"]
        words += [f"n{other}" for other in range(place) if draw(st.booleans())]
        sources.append(" + ".join(words))
    order = draw(st.permutations(range(count)))
    return [Cell(f"c{place}", "formula", f"n{place}", sources[place]) for place in order]


@settings(max_examples=many(20, 200), suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(cells=sheets(), steps=st.lists(st.tuples(st.sampled_from(EDITS), st.booleans()),
                                      max_size=4))
def test_after_any_edits_and_undos_every_formula_is_as_if_calculated_afresh(run, cells, steps):
    scratch, runs = Scratch(run), [run]
    scratch.put(cells)
    list(scratch.calculate_all())
    for (name, cells_edited), undo in steps:
        if undo and len(runs) > 1:
            runs.pop()
        else:
            runs.append(runs[-1].edit(name, 0.25, **cells_edited))
        list(scratch.use(runs[-1]))
        afresh = Scratch(runs[-1])
        afresh.put(cells)
        list(afresh.calculate_all())
        for cell in cells:
            assert np.array_equal(scratch[cell.name], afresh[cell.name])
            assert scratch.results[cell.id].state == "done"
