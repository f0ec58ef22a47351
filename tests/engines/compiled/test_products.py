"""Native products: in float32 against float64, in bytes against whole numbers."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cutaway.engines.compiled import kernels, machine, pack
from cutaway.engines.compiled.vector import PANEL, TILE
from tests.profiles import many

DEPTHS = st.one_of(st.integers(1, 70), st.sampled_from([511, 512, 767, 768, 769, 1024, 1536, 1537]))
ROWS = st.one_of(st.integers(1, 3 * TILE + 5), st.just(100))
WIDTHS = st.integers(1, 3 * PANEL + 3)


def at(array: np.ndarray) -> int:
    return array.ctypes.data


def product(table, weights, bias, *, stride=None) -> np.ndarray:
    """table @ weights + bias by the kernel, the rows `stride` numbers apart."""
    rows, depth = table.shape
    stride = stride or depth
    spread = np.full((rows, stride), np.nan, np.float32)
    spread[:, :depth] = table
    panels = pack.pack(weights, pack.Arena())
    shift = np.zeros(len(panels.panels) * PANEL, np.float32)
    shift[:weights.shape[1]] = bias
    out = np.full((rows + 1, weights.shape[1]), 7, np.float32)
    scratch = np.full(machine.scratch_floats(1, 1), np.nan, np.float32)
    kernels.product(at(spread), stride, rows, at(panels.panels), 0, len(panels.panels),
                    panels.width, depth, at(out), panels.width, at(shift), at(scratch))
    assert (out[-1] == 7).all()  # nothing is written behind the table
    return out[:-1]


@settings(max_examples=many(30, 300))
@given(rows=ROWS, depth=DEPTHS, width=WIDTHS, seed=st.integers(0, 99))
def test_a_product_of_any_shape(rows, depth, width, seed):
    random = np.random.default_rng(seed)
    table, weights = random.normal(size=(rows, depth)), random.normal(size=(depth, width))
    table, weights = table.astype(np.float32), weights.astype(np.float32)
    bias = random.normal(size=width).astype(np.float32)
    truth = table.astype(np.float64) @ weights.astype(np.float64) + bias
    # A sum of n products is off by n rounding steps of its parts at most.
    limit = np.abs(table).astype(np.float64) @ np.abs(weights) + np.abs(bias)
    found = product(table, weights, bias)
    assert (np.abs(found - truth) <= limit * (depth + 1) * np.finfo(np.float32).eps).all()
    alone = np.concatenate([product(table[row:row + 1], weights, bias) for row in range(rows)])
    np.testing.assert_array_equal(found, alone)


@pytest.mark.parametrize("stride", [1024, 1040, 2048])
def test_rows_that_lie_apart_are_multiplied_alike(stride):
    random = np.random.default_rng(stride)
    table = random.normal(size=(TILE + 3, 1000)).astype(np.float32)
    weights = random.normal(size=(1000, PANEL + 5)).astype(np.float32)
    np.testing.assert_array_equal(product(table, weights, 0, stride=stride),
                                  product(table, weights, 0))


def test_a_product_of_whole_numbers_is_exact():
    random = np.random.default_rng(0)
    table, weights = random.integers(-9, 9, (37, 1537)), random.integers(-9, 9, (1537, 77))
    found = product(table.astype(np.float32), weights.astype(np.float32), 0)
    np.testing.assert_array_equal(found, table @ weights)


def test_packed_weights_are_the_weights():
    weights = np.random.default_rng(0).normal(size=(5, 65 * PANEL + 3)).astype(np.float32)
    for table in (weights, np.asfortranarray(weights)):
        panels = pack.pack(table, pack.Arena())
        columns = panels.panels.swapaxes(0, 1).reshape(5, -1)
        np.testing.assert_array_equal(columns[:, :weights.shape[1]], weights)
        assert (columns[:, weights.shape[1]:] == 0).all()
        assert panels.shape == weights.shape


# ---- Bytes -----------------------------------------------------------------------------------

def quantised(table: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """The rows as bytes around 128, made up to four, and what one step of each row is worth."""
    rows, depth = table.shape
    deep = machine.round_up(depth, 4)
    found, steps = np.full((rows, deep), 7, np.uint8), np.empty(rows, np.float32)
    for row in range(rows):
        steps[row] = kernels.quantise_row(table[row], found[row], depth, deep)
    return found, steps


def byte_product(table: np.ndarray, weights: np.ndarray, bias: np.ndarray) -> np.ndarray:
    """table @ weights + bias in bytes, by the kernel."""
    (rows, _), width = table.shape, weights.shape[1]
    found, steps = quantised(table)
    panels = pack.pack_bytes(weights, pack.Arena())
    shift = np.zeros(len(panels.panels) * PANEL, np.float32)
    shift[:width] = bias
    out = np.full((rows + 1, width), 7, np.float32)
    scratch = np.empty(machine.scratch_floats(1, 1), np.float32)
    kernels.byte_product(at(found), rows, at(panels.panels), 0, len(panels.panels), width,
                         found.shape[1], at(out), width, at(shift), at(panels.scales),
                         at(panels.corrections), at(steps), at(scratch))
    assert (out[-1] == 7).all()
    return out[:-1]


def byte_product_by_numpy(table, weights, bias) -> np.ndarray:
    """The same from its definition, in whole numbers; only the last scaling is in float32."""
    def in_steps(numbers, axis):
        largest = np.abs(numbers).max(axis=axis, keepdims=True)
        per_step = np.float32(127) / np.where(largest == 0, np.float32(1), largest)
        return np.rint(numbers * per_step).astype(np.int64), largest / np.float32(127)

    rows, row_steps = in_steps(table, 1)
    columns, column_steps = in_steps(weights, 0)
    assert np.abs(rows).max() <= 127 and np.abs(columns).max() <= 127
    whole = (rows @ columns).astype(np.float32)
    scales = row_steps * column_steps
    return (whole.astype(np.float64) * scales + bias).astype(np.float32)


@settings(max_examples=many(30, 300))
@given(rows=ROWS, depth=st.one_of(st.integers(1, 70), st.sampled_from([768, 3072])), width=WIDTHS,
       seed=st.integers(0, 99))
def test_a_product_of_bytes_is_that_of_whole_numbers(rows, depth, width, seed):
    random = np.random.default_rng(seed)
    table = random.normal(size=(rows, depth)).astype(np.float32)
    weights = random.normal(size=(depth, width)).astype(np.float32)
    table[rows // 2], weights[:, width // 2] = 0, 0
    bias = random.normal(size=width).astype(np.float32)
    truth = byte_product_by_numpy(table, weights, bias)
    # The whole numbers are the same; scaling and adding the bias may be fused or not.
    np.testing.assert_allclose(byte_product(table, weights, bias), truth, rtol=3e-7,
                               atol=3e-7 * np.abs(truth - bias).max() + 1e-9)
    np.testing.assert_array_equal(byte_product(table, weights, bias)[rows // 2], bias)


@pytest.mark.parametrize("sign", [1, -1])
@pytest.mark.parametrize("depth", [1, 3, 4, 1000, 3072, 16384])
def test_the_largest_bytes_do_not_saturate(sign, depth):
    """Every byte 127 or -127, and every weight: sums of 16 bits would not hold two of them."""
    table = np.full((TILE + 1, depth), 127, np.float32)
    table[1] *= -1
    weights = np.full((depth, PANEL + 1), 127 * sign, np.float32)
    weights[:, 3] *= -1
    found = byte_product(table, weights, np.zeros(PANEL + 1, np.float32))
    np.testing.assert_array_equal(found, np.float32(table.astype(np.int64) @ weights))


def test_whole_numbers_up_to_127_are_multiplied_exactly():
    random = np.random.default_rng(0)
    table, weights = random.integers(-127, 128, (29, 770)), random.integers(-127, 128, (770, 45))
    table[:, 0], weights[0] = 127, 127  # so that one step is 1 in every row and column
    found = byte_product(table.astype(np.float32), weights.astype(np.float32), np.zeros(45))
    np.testing.assert_array_equal(found, table @ weights)


def test_the_bytes_of_a_row_lie_around_128():
    table = np.array([[-2, 1, 0, 2, 0.999, -0.009, 0.007]], np.float32)
    found, steps = quantised(table)
    assert found.tolist() == [[1, 192, 128, 255, 191, 127, 128, 128]]
    assert steps[0] == np.float32(2) / np.float32(127)


@pytest.mark.parametrize("scale", [1e-45, 1e-40, 1e-37, 1e-30, 1e30, 1e37])
def test_rows_and_columns_of_tiny_and_huge_numbers_stay_near(scale):
    random = np.random.default_rng(0)
    small = random.uniform(-1, 1, (5, 8)).astype(np.float32) * np.float32(scale)
    plain = random.uniform(-1, 1, (8, 3)).astype(np.float32)
    bound = max(8 * scale / 100, 1e-36)  # below, float32 has few digits left
    zeros = np.zeros(3, np.float32)
    found = byte_product(small, plain, zeros)
    assert np.abs(found - small.astype(np.float64) @ plain).max() < bound
    turned = byte_product(np.ascontiguousarray(plain.T), np.ascontiguousarray(small.T),
                          np.zeros(5, np.float32))
    assert np.abs(turned - plain.T.astype(np.float64) @ small.T).max() < bound
