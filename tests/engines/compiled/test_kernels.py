"""The native functions that go through rows, against float64.

"Units" are those of float32's last place, at the true value.
"""

import numpy as np
import pytest
from numba import njit

from cutaway.engines.compiled import kernels
from cutaway.workbook import operations


def units(found: np.ndarray, truth: np.ndarray) -> np.ndarray:
    """How many units of the last place float32 numbers are away from the truth."""
    return np.abs(found.astype(np.float64) - truth) / np.spacing(np.abs(truth).astype(np.float32))


@njit
def exponentials(numbers, out):
    for i in range(len(numbers)):
        out[i] = kernels.exponential(numbers[i])


def exponential(numbers: np.ndarray) -> np.ndarray:
    out = np.full_like(numbers, 7)
    exponentials(numbers, out)
    return out


def softmax(row: np.ndarray, seen: int) -> np.ndarray:
    out = np.full_like(row, 7)
    kernels.softmax_row(row, out, seen, len(row))
    return out


def gelu(numbers: np.ndarray) -> np.ndarray:
    out = np.full_like(numbers, 7)
    kernels.gelu_rows(numbers, out, len(numbers))
    return out


def normalise(row: np.ndarray, eps: float) -> np.ndarray:
    out = np.full_like(row, 7)
    kernels.normalise_row(row, out, len(row), np.float32(eps))
    return out


def test_exponential_is_within_two_units_wherever_float32_has_all_its_digits():
    numbers = np.linspace(-87.3, 88, 2_000_003, dtype=np.float32)
    assert units(exponential(numbers), np.exp(numbers.astype(np.float64))).max() <= 2


def test_exponential_of_very_small_numbers_is_0_or_nearly():
    numbers = np.linspace(-200, -87.3, 100_001, dtype=np.float32)
    found = exponential(numbers)
    assert (found >= 0).all()
    assert np.abs(found - np.exp(numbers.astype(np.float64))).max() < np.finfo(np.float32).tiny


def test_exponential_at_its_ends():
    numbers = np.array([0, -0.0, -np.inf, -1e30, 89, 1e30, np.inf, np.nan], np.float32)
    np.testing.assert_array_equal(exponential(numbers), [1, 1, 0, 0, np.inf, np.inf, np.inf,
                                                         np.nan])


def test_exponential_never_falls_as_its_number_rises():
    numbers = np.linspace(-90, 90, 1_000_001, dtype=np.float32)
    found = exponential(numbers)
    assert (found[1:] >= found[:-1] * (1 - 3e-7)).all()


def test_gelu_is_that_of_the_formula():
    numbers = np.linspace(-12, 12, 1_000_001, dtype=np.float32)
    truth = operations.gelu(numbers.astype(np.float64))
    assert np.abs(gelu(numbers) - truth).max() < 1e-6
    assert units(gelu(numbers), truth)[numbers > -1].max() <= 8


def test_gelu_at_its_ends():
    numbers = np.array([0, 1e20, np.inf, -1e20, -100, np.nan], np.float32)
    truth = np.array([0, 1e20, np.inf, 0, 0, np.nan], np.float32)
    np.testing.assert_array_equal(gelu(numbers), truth)


@pytest.mark.parametrize("width", [1, 2, 3, 15, 16, 17, 64, 100, 1023])
def test_softmax_is_that_of_the_formula(width):
    row = np.random.default_rng(width).normal(0, 10, width).astype(np.float32)
    for seen in {1, width // 2 or 1, width}:
        differences = row[:seen] - row[:seen].max()  # as float32 has them: what exp() is given
        truth = operations.softmax(differences.astype(np.float64))
        found = softmax(row, seen)
        assert np.abs(found[:seen] / truth - 1).max() < 1e-6
        assert (found[seen:] == 0).all()


@pytest.mark.parametrize("gap", [0.5, 5, 20, 60, 80, 86])
def test_softmax_knows_the_smallest_shares_as_well(gap):
    """exp() of a whole row at a time is no coarser than exp() of one number."""
    row = np.full(40, -gap, np.float32)
    row[7] = 0
    truth = operations.softmax(row.astype(np.float64))
    assert np.abs(softmax(row, 40) / truth - 1).max() < 5e-7


def test_softmax_of_one_column_is_1():
    np.testing.assert_array_equal(softmax(np.array([-300, 5, 6], np.float32), 1), [1, 0, 0])


def test_softmax_with_minus_infinity_shares_out_the_rest():
    row = np.array([-np.inf, 0, -np.inf, 0, 99], np.float32)
    np.testing.assert_array_equal(softmax(row, 4), [0, 0.5, 0, 0.5, 0])


@pytest.mark.parametrize("row", [[np.nan, 0, 1], [0, np.nan, 1], [0, 1, np.nan], [-np.inf] * 3,
                                 [np.nan] * 3])
def test_softmax_of_what_cannot_be_shared_is_nan_as_with_numpy(row):
    row = np.array(row, np.float32)
    with np.errstate(invalid="ignore"):
        np.testing.assert_array_equal(softmax(row, 3), operations.softmax(row))


@pytest.mark.parametrize("width", [1, 2, 15, 16, 17, 768, 1000])
def test_normalise_is_that_of_the_formula(width):
    row = np.random.default_rng(width).normal(3, 5, width).astype(np.float32)
    truth = operations.normalise(row.astype(np.float64), 1e-5)
    np.testing.assert_allclose(normalise(row, 1e-5), truth, atol=3e-6)


@pytest.mark.parametrize("constant", [0, 1, -0.1, 1e20])
def test_a_constant_row_is_normalised_to_nearly_nothing(constant):
    row = np.full(768, constant, np.float32)
    # The mean of equal numbers may be rounded: NumPy's own rounding is the measure.
    bound = np.abs(operations.normalise(row, 1e-5)).max() + np.abs(row).max() * 2e-6 / 1e-5 ** 0.5
    assert np.abs(normalise(row, 1e-5)).max() <= max(bound, 0)


def test_nan_stays_nan_in_a_row():
    row = np.array([1, np.nan, 2] + [0] * 30, np.float32)
    assert np.isnan(normalise(row, 1e-5)).all()
    assert np.isnan(gelu(row)[1]) and not np.isnan(gelu(row)[[0, 2]]).any()
