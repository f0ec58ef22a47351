"""Each operation against another library's own, for NumPy arrays in float64."""

import numpy as np
import pytest
import torch
from torch.nn import functional
from transformers.activations import ACT2FN

from cutaway.workbook.operations import (
    OPERATIONS,
    causal,
    gelu,
    last_axis,
    last_row,
    look_up,
    merge_heads,
    normalise,
    part,
    softmax,
    split_heads,
    sqrt,
    transpose,
)

FRONTS = [(), (3,), (2, 3)]


def random(*shape: int) -> np.ndarray:
    return np.random.default_rng(len(shape)).normal(0, 3, shape)


def agree(ours: np.ndarray, theirs: torch.Tensor, tolerance: float = 1e-14) -> None:
    np.testing.assert_allclose(ours, theirs.numpy(), rtol=tolerance, atol=tolerance)
    assert ours.dtype == np.float64


def test_these_are_all_the_operations():
    """Each of them is tested in this file: a new one belongs here too."""
    assert set(OPERATIONS) == {
        "sqrt", "last_axis", "transpose", "look_up", "part", "split_heads", "merge_heads", "causal",
        "softmax", "normalise", "gelu", "last_row"}
    assert all(operation.__doc__ for operation in OPERATIONS.values())


@pytest.mark.parametrize("front", FRONTS)
def test_softmax_is_torchs(front):
    table = random(*front, 5, 7) * 200
    agree(softmax(table), torch.softmax(torch.from_numpy(table), -1))


def test_softmax_of_huge_and_of_masked_numbers_is_finite():
    table = np.array([[1e308, -1e308, 0], [-np.inf, 1, 1], [-1e308, -1e308, -np.inf]])
    with np.errstate(over="ignore"):
        shares = softmax(table)
    np.testing.assert_array_equal(shares, [[1, 0, 0], [0, 0.5, 0.5], [0.5, 0.5, 0]])


@pytest.mark.parametrize("eps", [1e-5, 1e-2])
@pytest.mark.parametrize("front", FRONTS)
def test_normalise_is_torchs_layer_norm_without_gain(front, eps):
    table = random(*front, 5, 7)
    theirs = functional.layer_norm(torch.from_numpy(table), (7,), eps=eps)
    agree(normalise(table, eps), theirs, 1e-13)


def test_a_constant_row_is_normalised_to_zeros():
    assert not normalise(np.full((2, 4), 7.0), 1e-5).any()


def test_gelu_is_hugging_faces_gelu_new():
    table = np.linspace(-30, 30, 10_001)
    agree(gelu(table), ACT2FN["gelu_new"](torch.from_numpy(table)))


def test_gelu_is_not_the_exact_one():
    """The erf form differs by up to 4.7e-4 (GPT-2 was trained with the tanh form)."""
    exact = functional.gelu(torch.linspace(-5, 5, 1001, dtype=torch.float64)).numpy()
    assert 1e-4 < np.abs(gelu(np.linspace(-5, 5, 1001)) - exact).max() < 1e-3


@pytest.mark.parametrize("front", FRONTS)
@pytest.mark.parametrize("n_position", [1, 2, 5])
def test_causal_is_torchs_lower_triangle_of_the_last_rows(front, n_position):
    table = random(*front, n_position, 5)
    allowed = torch.ones(5, 5, dtype=torch.bool).tril()[-n_position:]
    theirs = torch.from_numpy(table).masked_fill(~allowed, float("-inf"))
    np.testing.assert_array_equal(causal(table), theirs.numpy())
    assert causal(table.astype(np.float32)).dtype == np.float32


@pytest.mark.parametrize("front", FRONTS)
def test_heads_are_split_as_torch_splits_them_and_merged_again(front):
    table = random(*front, 4, 12)
    theirs = torch.from_numpy(table).unflatten(-1, (3, 4)).transpose(-2, -3)
    np.testing.assert_array_equal(split_heads(table, 3), theirs.numpy())
    np.testing.assert_array_equal(merge_heads(split_heads(table, 3)), table)


@pytest.mark.parametrize("front", FRONTS)
def test_parts_are_torchs_chunks(front):
    table = random(*front, 4, 12)
    for index, theirs in enumerate(torch.from_numpy(table).chunk(3, dim=-1)):
        np.testing.assert_array_equal(part(table, index, of=3), theirs.numpy())


@pytest.mark.parametrize("front", FRONTS)
def test_rows_and_columns(front):
    table = random(*front, 4, 5)
    tensor = torch.from_numpy(table)
    np.testing.assert_array_equal(transpose(table), tensor.mT.numpy())
    np.testing.assert_array_equal(last_row(table), tensor.select(-2, 3).numpy())
    assert last_axis(table) == 5 and sqrt(64) == 8


def test_look_up_is_torchs_embedding():
    table, rows = random(11, 4), np.array([[3, 0], [10, 3]])
    theirs = functional.embedding(torch.from_numpy(rows), torch.from_numpy(table))
    np.testing.assert_array_equal(look_up(table, rows), theirs.numpy())


@pytest.mark.parametrize("operation", [softmax, gelu, causal, lambda t: normalise(t, 1e-5)])
def test_no_operation_changes_what_it_is_given(operation):
    table = random(4, 4)
    before = table.copy()
    operation(table)
    np.testing.assert_array_equal(table, before)
