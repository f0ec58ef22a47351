"""Each operation against another library's own, for NumPy arrays in float64."""

import numpy as np
import pytest
import torch
from torch.nn import functional
from transformers import LlamaConfig
from transformers.activations import ACT2FN
from transformers.models.llama.modeling_llama import (
    LlamaRotaryEmbedding,
    apply_rotary_pos_emb,
    repeat_kv,
)

from cutaway.workbook.operations import (
    OPERATIONS,
    causal,
    exact_gelu,
    gelu,
    last_axis,
    last_row,
    look_up,
    merge_heads,
    normalise,
    part,
    quick_gelu,
    relu,
    repeat_heads,
    rms_normalise,
    rotate,
    silu,
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
        "softmax", "normalise", "gelu", "last_row", "repeat_heads", "rotate", "rms_normalise",
        "silu", "exact_gelu", "quick_gelu", "relu"}
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


@pytest.mark.parametrize("eps", [1e-6, 1e-2])
@pytest.mark.parametrize("front", FRONTS)
def test_rms_normalise_is_torchs_rms_norm_without_gain(front, eps):
    table = random(*front, 5, 7)
    agree(rms_normalise(table, eps), functional.rms_norm(torch.from_numpy(table), (7,), eps=eps))


def test_silu_is_torchs_also_at_its_ends():
    table = np.concatenate([np.linspace(-30, 30, 10_001), [-1e300, 1e300]])
    with np.errstate(all="raise"):
        agree(silu(table), functional.silu(torch.from_numpy(table)))


@pytest.mark.parametrize(("operation", "name"), [
    (exact_gelu, "gelu_python"), (quick_gelu, "quick_gelu"), (relu, "relu")])
def test_the_curves_of_gpt2s_relatives_are_hugging_faces(operation, name):
    """`gelu_python` is written with erf; torch's own fast form is off in float64's far tail."""
    table = np.linspace(-30, 30, 10_001).reshape(73, 137)
    agree(operation(table), ACT2FN[name](torch.from_numpy(table)))
    assert operation(table.astype(np.float32)).dtype == np.float32


@pytest.mark.parametrize("front", FRONTS)
def test_heads_are_repeated_as_llama_repeats_its_keys(front):
    table = random(*front, 3, 5, 4)
    theirs = repeat_kv(torch.from_numpy(table.reshape(-1, 3, 5, 4)), 2)
    np.testing.assert_array_equal(repeat_heads(table, 2), theirs.numpy().reshape(*front, 6, 5, 4))


@pytest.mark.parametrize("theta", [10_000.0, 7.5])
@pytest.mark.parametrize("places", [[0, 1, 2, 3], [[5, 6, 0, 900], [1, 1, 1, 2]]])
def test_rows_are_rotated_as_llama_rotates_its_queries(places, theta):
    places, table = np.array(places), random(2, 3, 4, 6)
    config = LlamaConfig(hidden_size=18, num_attention_heads=3,
                         rope_parameters={"rope_type": "default", "rope_theta": theta})
    double = torch.from_numpy(table)
    cosines, sines = LlamaRotaryEmbedding(config)(double, torch.from_numpy(np.atleast_2d(places)))
    theirs, _ = apply_rotary_pos_emb(double, double, cosines, sines)
    # Its angles are float32, whatever the table is: 900 radians are known to 6e-5.
    agree(rotate(table, places, theta), theirs, 3e-4)
    assert rotate(table.astype(np.float32), places, theta).dtype == np.float32


def test_a_rotated_product_depends_on_the_distance_only():
    one, other = random(1, 8), random(1, 8) + 1
    here, there = ([rotate(row, np.array([place]), 10_000.0) for row, place
                    in ((one, first), (other, first + 5))] for first in (3, 700))
    np.testing.assert_allclose(here[0] @ here[1].T, there[0] @ there[1].T, rtol=1e-12)


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


@pytest.mark.parametrize("operation", [
    softmax, gelu, causal, lambda t: normalise(t, 1e-5), silu, exact_gelu, quick_gelu, relu,
    lambda t: rms_normalise(t, 1e-5),
    lambda t: rotate(t, np.arange(4), 10.0)])
def test_no_operation_changes_what_it_is_given(operation):
    table = random(4, 4)
    before = table.copy()
    operation(table)
    np.testing.assert_array_equal(table, before)
