"""The NumPy engine: precision, and weights however they are stored."""

import numpy as np
import pytest

from cutaway import NumpyEngine
from tests.workbook.tiny import BOOK, WEIGHTS, all_tables, tiny_run


@pytest.mark.parametrize("stored", [np.float16, np.float32, np.float64])
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_weights_of_any_precision_are_calculated_in_the_engines(stored, dtype):
    weights = {name: array.astype(stored) for name, array in WEIGHTS.items()}
    same = {name: array.astype(dtype) for name, array in weights.items()}
    run, truth = tiny_run(weights=weights, dtype=dtype), tiny_run(weights=same, dtype=dtype)
    for name, table in all_tables(run).items():
        np.testing.assert_array_equal(table, truth[name].array, strict=True)


def test_weights_in_any_order_in_memory_give_the_same():
    weights = {name: np.asfortranarray(array) for name, array in WEIGHTS.items()}
    np.testing.assert_array_equal(tiny_run(weights=weights)["logits"].array,
                                  tiny_run()["logits"].array)


def test_weights_that_cannot_be_written_to_stay_as_they_are():
    weights = {name: array.copy() for name, array in WEIGHTS.items()}
    for array in weights.values():
        array.flags.writeable = False
    run = tiny_run(weights=weights).edit("wte", 0).edit("h0.c_attn_w", 1, embed=2)
    all_tables(run)
    for name, array in weights.items():
        np.testing.assert_array_equal(array, WEIGHTS[name])


def test_float32_stays_near_float64():
    coarse, fine = all_tables(tiny_run(dtype=np.float32)), all_tables(tiny_run())
    for name in BOOK.nodes:
        np.testing.assert_allclose(coarse[name], fine[name], rtol=1e-4, atol=1e-5, err_msg=name)


def test_ids_stay_whole_numbers():
    assert NumpyEngine().leaf(np.array([1, 2], np.uint16)).dtype.kind in "iu"
    assert NumpyEngine(np.float64).itemsize == 8
