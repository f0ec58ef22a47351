"""The torch engine against NumPy's, which is held to Hugging Face step by step."""

import numpy as np
import pytest
import torch
from torch.nn import functional

from cutaway import start_run
from cutaway.engines.compiled.kernels import normalise_row
from cutaway.engines.torch import TorchEngine, with_fused_attention
from cutaway.workbook import operations
from tests.workbook.tiny import BOOK, CONFIG, WEIGHTS, tiny_run

PROMPTS = [[3], [0, 1, 2, 3, 4], [[0, 1, 2], [3, 4, 5]]]


def torch_run(ids, book=BOOK, dtype=torch.float64, **options):
    return start_run(book, WEIGHTS, ids, engine=TorchEngine(dtype=dtype), **options)


@pytest.mark.parametrize("call", [
    lambda o, t: o.sqrt(o.last_axis(t)), lambda o, t: o.transpose(t),
    lambda o, t: o.part(t, 1, of=2),
    lambda o, t: o.split_heads(t, 3), lambda o, t: o.merge_heads(o.split_heads(t, 3)),
    lambda o, t: o.causal(t), lambda o, t: o.causal(t[..., 2:, :]), lambda o, t: o.softmax(t * 90),
    lambda o, t: o.softmax(o.causal(t)), lambda o, t: o.normalise(t, 1e-5),
    lambda o, t: o.gelu(t * 5), lambda o, t: o.last_row(t), lambda o, t: o.silu(t * 5),
    lambda o, t: o.exact_gelu(t), lambda o, t: o.quick_gelu(t * 5), lambda o, t: o.relu(t),
    lambda o, t: o.rms_normalise(t, 1e-5), lambda o, t: o.repeat_heads(o.split_heads(t, 2), 3)])
@pytest.mark.parametrize("front", [(), (2,), (2, 3)])
def test_every_operation_is_the_same_on_tensors(call, front):
    table = np.random.default_rng(0).normal(0, 2, (*front, 6, 6))
    ours, theirs = call(operations, table), call(operations, torch.from_numpy(table))
    np.testing.assert_allclose(np.asarray(theirs), ours, rtol=1e-12, atol=1e-13)


@pytest.mark.parametrize("curve", ["gelu", "exact_gelu", "quick_gelu", "silu", "relu"])
def test_far_tails_in_float64_are_the_same_on_tensors(curve):
    """Where a fast form of a curve would be off: far left, where almost nothing is let through."""
    table = np.linspace(-30, 30, 10_001).reshape(73, 137)
    ours = getattr(operations, curve)(table)
    theirs = getattr(operations, curve)(torch.from_numpy(table)).numpy()
    np.testing.assert_allclose(theirs, ours, rtol=1e-12, atol=5e-15)


@pytest.mark.parametrize("scale", [1e-30, 1e-20, 1e17, 1e18, 1e19])
def test_rows_whose_squares_do_not_fit_in_float32_become_what_torch_makes_of_them(scale):
    """Squares of numbers from 2e19 on are infinite in float32; those below 1e-23 are 0.

    From 1e20 on torch itself gives 0 in some rows and NaN in others.
    """
    row = (np.random.default_rng(0).normal(size=(4, 192)) * scale).astype(np.float32)
    expected = functional.layer_norm(torch.from_numpy(row), (192,), eps=1e-5).numpy()
    with np.errstate(over="ignore"):
        ours = operations.normalise(row, np.float32(1e-5))
    compiled = np.empty_like(row)
    for x, out in zip(row, compiled, strict=True):
        normalise_row(x, out, 192, np.float32(1e-5))
    np.testing.assert_allclose(ours, expected, rtol=1e-5, atol=1e-7)
    np.testing.assert_allclose(compiled, expected, rtol=1e-5, atol=1e-7)


def test_look_up_is_the_same_on_tensors():
    table, rows = np.random.default_rng(0).normal(size=(5, 3)), np.array([[4, 0], [1, 1]])
    theirs = operations.look_up(torch.from_numpy(table), torch.from_numpy(rows))
    np.testing.assert_array_equal(theirs.numpy(), operations.look_up(table, rows))


@pytest.mark.parametrize("places", [[3, 4, 5], [[0, 1, 2], [7, 8, 9]]])
def test_rotate_is_the_same_on_tensors(places):
    table, places = np.random.default_rng(0).normal(size=(2, 4, 3, 6)), np.array(places)
    theirs = operations.rotate(torch.from_numpy(table), torch.from_numpy(places), 10_000.0)
    ours = operations.rotate(table, places, 10_000.0)
    np.testing.assert_allclose(theirs.numpy(), ours, rtol=1e-12, atol=1e-13)


@pytest.mark.parametrize("ids", PROMPTS)
def test_every_table_agrees_with_the_numpy_engine(ids):
    ours, theirs = torch_run(ids), tiny_run(ids)
    for name in BOOK.nodes:
        np.testing.assert_allclose(ours[name].array, theirs[name].array, rtol=1e-9, atol=1e-12,
                                   err_msg=name)


@pytest.mark.parametrize("ids", PROMPTS)
def test_fused_attention_gives_the_same_and_never_writes_the_attention_down(ids):
    fused = torch_run(ids, with_fused_attention(BOOK))
    np.testing.assert_allclose(fused["logits"].array, tiny_run(ids)["logits"].array, rtol=1e-9)
    assert fused.calculations["h0.attention"] == fused.calculations["h0.scores"] == 0
    assert fused.precedents("h0.mixed") == ("h0.queries", "h0.keys", "h0.values")


@pytest.mark.parametrize("book", [BOOK, with_fused_attention(BOOK)], ids=["steps", "fused"])
def test_appending_agrees_with_the_whole_calculation(book):
    run = torch_run([0, 1, 2], book)
    for token in (3, 4, 5):
        run = run.append(token)
        _ = run["next_logits"]
    np.testing.assert_allclose(run["logits"].array, tiny_run([0, 1, 2, 3, 4, 5])["logits"].array,
                               rtol=1e-9)


def test_edits_agree_with_the_numpy_engine():
    def edited(run):
        return (run.edit("h0.attention", 0, head=1).edit("wte", lambda old: old * 2, vocabulary=3)
                .edit("h1.residual", 1, position=[0, 2]).rewrite("h1.mlp_active", "mlp_up * 0.5"))

    ours, theirs = edited(torch_run([0, 1, 2, 3])), edited(tiny_run([0, 1, 2, 3]))
    for name in BOOK.nodes:
        np.testing.assert_allclose(ours[name].array, theirs[name].array, rtol=1e-9, atol=1e-12,
                                   err_msg=name)


@pytest.mark.parametrize(("dtype", "shown"), [
    (torch.float32, np.float32), (torch.bfloat16, np.float32), (torch.float16, np.float16)])
def test_coarser_numbers_are_shown_as_numpy_can(dtype, shown):
    run = torch_run([0, 1, 2], dtype=dtype).edit("h0.attention", 0, head=1)
    assert run["logits"].array.dtype == shown
    assert not run["logits"].array.flags.writeable
    assert run.memory_needed()["logits"] == 3 * CONFIG.vocab_size * dtype.itemsize


def test_a_formula_that_does_not_fit_is_told_in_the_same_words():
    from cutaway.errors import FormulaError

    with pytest.raises(FormulaError, match=r"h0\.attention = scores \+ qkv cannot be calculated"):
        _ = torch_run([0, 1]).rewrite("h0.attention", "scores + qkv")["logits"]
    with pytest.raises(FormulaError, match="gives NaN"):
        _ = torch_run([0, 1]).edit("h0.scores", -np.inf, source=0)["logits"]


@pytest.mark.gpu
def test_a_gpu_agrees_with_the_numpy_engine():
    run = start_run(BOOK, WEIGHTS, [0, 1, 2], engine=TorchEngine("cuda", torch.float64)).append(3)
    for name in BOOK.nodes:
        np.testing.assert_allclose(run[name].array, tiny_run([0, 1, 2, 3])[name].array, rtol=1e-9,
                                   atol=1e-12, err_msg=name)
