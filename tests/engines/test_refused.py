"""What one engine refuses, all refuse, with the same kind of error: whatever is kept of a run."""

import numpy as np
import pytest

import cutaway
from cutaway.engines.compiled import CompiledEngine
from cutaway.engines.numpy import NumpyEngine
from cutaway.engines.torch import TorchEngine
from cutaway.errors import BookError

ENGINES = {"numpy": NumpyEngine, "numpy in float64": lambda: NumpyEngine(np.float64),
           "torch": TorchEngine, "compiled": CompiledEngine}
# The formula, and the table that is named: what is divided by 0 is infinite, and NaN is what its
# shares are.
REFUSED = [
    ("h0.scores", "queries @ transpose(keys) / 0", "h0.attention"),
    ("h0.scores", "queries @ keys", "h0.scores"),
    ("h0.scores", "queries @ transpose(keys) / None", "h0.scores"),
    ("h0.queries", "split_heads(part(qkv, 0.5, of=3), n_head)", "h0.queries"),
    ("h0.queries", "split_heads(part(qkv, 3, of=3), n_head)", "h0.queries"),
    ("h0.queries", "split_heads(part(qkv, -1, of=3), n_head)", "h0.queries"),
    ("h0.queries", "split_heads(part(qkv, 0, of=0), n_head)", "h0.queries"),
]


@pytest.fixture(scope="module")
def model():
    return cutaway.open_model()


@pytest.mark.parametrize("refused", REFUSED, ids=lambda one: f"{one[0]} = {one[1]}")
@pytest.mark.parametrize("keep", ["*", ()], ids=["all kept", "nothing kept"])
@pytest.mark.parametrize("engine", ENGINES)
def test_a_formula_that_cannot_be_calculated_is_named_by_every_engine(
        model, engine, keep, refused):
    name, formula, named = refused
    run = model.run("Mike is quick.", engine=ENGINES[engine](), keep=keep).rewrite(name, formula)
    with pytest.raises(BookError, match=f"^{named} = "):
        _ = run["next_logits"]
