"""The code for processors without wide instructions, in a process of its own."""

import os
import subprocess
import sys

CHECK = """
import numpy as np

from cutaway import Config, NumpyEngine
from cutaway.engines.compiled import CompiledEngine, kernels, processor, vector
from tests.engines.compiled.runs import IDS, appended, distance, run_of
from tests.engines.compiled.test_products import byte_product, byte_product_by_numpy

assert (vector.LANES, vector.PANEL, vector.TILE) == (4, 8, 12)
assert not processor.byte_products() and processor.lanes() == 4
for head_embed in (1, 3, 20):
    config = Config(53, 48, 3 * head_embed, 1, 3)
    engine = CompiledEngine()
    whole = run_of(engine, config=config)
    truth = run_of(NumpyEngine(np.float64), config=config)
    for name in whole.book.nodes:
        assert distance(whole[name].array, truth[name].array) < 1e-4, name
    run = appended(run_of(engine, IDS[:5], config=config, keep=()), IDS[5:], read="next_logits")
    assert np.array_equal(run["logits"].array, whole["logits"].array)
    assert np.array_equal(run_of(engine, config=config, keep=())["logits"].array,
                          whole["logits"].array)
random = np.random.default_rng(0)
for rows, depth, width in [(1, 1, 1), (15, 33, 21), (29, 770, 45)]:
    table = random.integers(-127, 128, (rows, depth))
    weights = random.integers(-127, 128, (depth, width))
    table[:, 0], weights[0] = 127, -127  # so that one step is 1 in every row and column
    found = byte_product(table.astype("f4"), weights.astype("f4"), np.zeros(width))
    assert np.array_equal(found, table @ weights)
table, weights = random.normal(size=(9, 50)).astype("f4"), random.normal(size=(50, 19)).astype("f4")
bias = random.normal(size=19).astype("f4")
truth = byte_product_by_numpy(table, weights, bias)
assert np.abs(byte_product(table, weights, bias) - truth).max() < 1e-5
print("right")
"""


def test_a_processor_without_wide_instructions_gives_the_same():
    environment = {**os.environ, "CUTAWAY_PROCESSOR": "portable", "OMP_NUM_THREADS": "1"}
    done = subprocess.run([sys.executable, "-c", CHECK], env=environment, text=True, timeout=300,
                          capture_output=True, check=False)
    assert done.stdout == "right\n", done.stderr
