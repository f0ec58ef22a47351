"""The fast paths beside the plain one: the same losses and gradients, and when each is taken."""

import math

import numpy as np
import pytest
import torch

from cutaway import Config
from cutaway.errors import TrainingError
from cutaway.train.activation import gelu_by_sigmoid
from cutaway.train.attention import attention_in_pieces
from cutaway.train.loop import begin
from cutaway.train.loss import cross_entropy, fused_cross_entropy
from cutaway.train.module import BookModule
from cutaway.train.objective import CompiledOrNot, FastObjective, PlainObjective, head_of
from cutaway.train.plan import Plan
from cutaway.train.products import product
from cutaway.train.speed import PLAIN, Speed, choose_speed, flops_a_token
from cutaway.train.utilisation import peak_flops
from tests.train.test_loop import CONFIG, PLAN, losses

BUNDLED = Config(vocab_size=4096, n_positions=256, n_embd=192, n_layer=6, n_head=6)
# float32 rounds in another order; the losses fall by far more than this.
TOLERANCE = {"rtol": 2e-5}


@pytest.fixture(autouse=True)
def every_path_open(monkeypatch):
    """Also where the whole suite runs with the fast paths switched off."""
    monkeypatch.delenv("CUTAWAY_ENGINE", raising=False)


def gradients(result: torch.Tensor, *tables: torch.Tensor) -> list[np.ndarray]:
    return [gradient.numpy() for gradient in torch.autograd.grad(result, tables)]


@pytest.mark.parametrize("windows", [1, 2, None])
def test_the_fast_paths_give_the_plain_ones_losses_step_by_step(windows):
    plain = losses(begin(CONFIG, PLAN, speed=PLAIN))
    fast = losses(begin(CONFIG, PLAN, speed=Speed(fused=True, windows=windows)))
    np.testing.assert_allclose(fast, plain, **TOLERANCE)


def test_the_fast_paths_learn_as_well_in_bfloat16():
    plan = Plan(steps=8, batch=4, warmup=2, precision="bfloat16")
    plain = losses(begin(CONFIG, plan, speed=PLAIN))
    fast = losses(begin(CONFIG, plan, speed=Speed(fused=True)))
    np.testing.assert_allclose(fast, plain, rtol=4e-3)  # bfloat16 has 8 bits: 2 ** -8


@pytest.mark.parametrize("rows", [7, 400])
def test_the_fused_loss_and_its_gradient_are_torchs(rows, monkeypatch):
    monkeypatch.setattr("cutaway.train.loss.LEAST_ROWS", rows)
    monkeypatch.setattr("cutaway.train.loss.LOGITS_AT_ONCE", 0)
    random = torch.Generator().manual_seed(1)
    final = torch.randn(3, 10, 8, generator=random, dtype=torch.float64, requires_grad=True)
    wte = torch.randn(23, 8, generator=random, dtype=torch.float64, requires_grad=True)
    target = torch.randint(23, (3, 10), generator=random)
    wanted, found = cross_entropy(final @ wte.T, target), fused_cross_entropy(final, wte, target)
    assert found.item() == pytest.approx(wanted.item(), rel=1e-12)
    for ours, theirs in zip(gradients(3 * found, final, wte), gradients(3 * wanted, final, wte),
                            strict=True):
        np.testing.assert_allclose(ours, theirs, atol=1e-12)


def test_a_hopeless_guess_has_a_finite_loss():
    final = torch.tensor([[[1e4, 0.0]]])
    wte = torch.tensor([[1.0, 0.0], [-1.0, 0.0]], requires_grad=True)
    assert fused_cross_entropy(final, wte, torch.tensor([[1]])).item() == 2e4


@pytest.mark.parametrize(("n_position", "width"), [(12, 64), (12, 5), (12, 4), (1, 4)])
def test_attention_in_pieces_and_its_gradients_are_torchs(n_position, width):
    random = torch.Generator().manual_seed(2)
    tables = [torch.randn(2, 3, n_position, 8, generator=random, dtype=torch.float64,
                          requires_grad=True) for _ in range(3)]
    found = attention_in_pieces(*tables, width)
    wanted = torch.nn.functional.scaled_dot_product_attention(*tables, is_causal=True)
    np.testing.assert_allclose(found.detach(), wanted.detach(), atol=1e-12)
    weights = torch.randn(found.shape, generator=random, dtype=torch.float64)
    for ours, theirs in zip(gradients((found * weights).sum(), *tables),
                            gradients((wanted * weights).sum(), *tables), strict=True):
        np.testing.assert_allclose(ours, theirs, atol=1e-12)


@pytest.mark.parametrize("batch", [1, 2])
def test_torch_can_compile_attention_in_pieces(batch):
    """One window's heads, turned, lie in memory as another table's do.  Truth: torch's own check"""
    tables = [torch.randn(batch, 12, 3, 8).transpose(1, 2).requires_grad_() for _ in range(3)]
    torch.library.opcheck(torch.ops.cutaway.piecewise_attention, (*tables, 5))
    tables = [table.detach() for table in tables]
    shares = torch.ops.cutaway.piecewise_attention(*tables, 5)[1:]
    torch.library.opcheck(torch.ops.cutaway.piecewise_attention_gradients,
                          (torch.randn(batch, 3, 12, 8), tables, shares, 5))


def test_gelu_by_sigmoid_and_its_gradient_are_torchs_also_where_exponentials_overflow():
    table = torch.linspace(-60, 60, 2401, dtype=torch.float64).requires_grad_()
    found, wanted = gelu_by_sigmoid(table), torch.nn.functional.gelu(table, approximate="tanh")
    np.testing.assert_allclose(found.detach(), wanted.detach(), atol=1e-12)
    np.testing.assert_allclose(*(gradients(one.sum(), table)[0] for one in (found, wanted)),
                               atol=1e-12)
    single = table.detach().float().requires_grad_()
    assert np.isfinite(gradients(gelu_by_sigmoid(single).sum(), single)[0]).all()


@pytest.mark.parametrize(("n_from", "n_to"), [(8, 12), (12, 8)])
def test_a_product_through_onednn_and_its_gradients_are_those_of_the_sign(n_from, n_to):
    random = torch.Generator().manual_seed(3)
    table, weights, shift = (torch.randn(shape, generator=random, requires_grad=True)
                             for shape in ((2, 5, n_from), (n_from, n_to), (n_to,)))
    found, wanted = product(table, weights, shift), table @ weights + shift
    np.testing.assert_allclose(found.detach(), wanted.detach(), atol=1e-5)
    for ours, theirs in zip(gradients(found.square().sum(), table, weights, shift),
                            gradients(wanted.square().sum(), table, weights, shift), strict=True):
        np.testing.assert_allclose(ours, theirs, rtol=1e-4, atol=1e-3)


def test_one_variable_of_the_environment_switches_every_fast_path_off(monkeypatch):
    monkeypatch.setenv("CUTAWAY_ENGINE", "numpy")
    assert choose_speed(BUNDLED, Plan(steps=10**6), "cpu", "yes") == PLAIN
    assert isinstance(begin(CONFIG, PLAN).objective, PlainObjective)


def test_a_long_training_is_compiled_and_a_short_one_is_not():
    assert choose_speed(BUNDLED, Plan(steps=5000)).compiled
    assert not choose_speed(BUNDLED, Plan(steps=100)).compiled
    assert choose_speed(BUNDLED, Plan(steps=100), compiling="yes").compiled
    assert not choose_speed(BUNDLED, Plan(steps=5000), compiling="no").compiled
    with pytest.raises(TrainingError, match="'auto', 'yes' or 'no' is expected"):
        choose_speed(BUNDLED, Plan(steps=1), compiling="maybe")


def test_a_batch_is_calculated_in_even_parts_that_fit_the_cache():
    assert choose_speed(BUNDLED, Plan(steps=1, batch=16)).windows == 4
    assert choose_speed(BUNDLED, Plan(steps=1, batch=7)).windows == 1
    assert choose_speed(CONFIG, Plan(steps=1, batch=7)).windows == 7
    assert choose_speed(BUNDLED, Plan(steps=1, batch=16), "cuda").windows is None


def test_a_compiler_that_fails_is_told_in_one_line_and_training_goes_on(monkeypatch):
    def no_compiler(*_, **__):
        def fails(*_):
            raise RuntimeError("No working C++ compiler found\nand more lines")
        return fails

    plain = losses(begin(CONFIG, PLAN, speed=Speed(fused=True)))
    monkeypatch.setattr(torch, "compile", no_compiler)
    with pytest.warns(UserWarning, match=r"without compiling.*\(No working C\+\+ compiler") as told:
        found = losses(begin(CONFIG, PLAN, speed=Speed(fused=True, compiled=True)))
    assert found == plain and len(told) == 1


def test_a_mistake_that_is_not_the_compilers_is_not_hidden():
    def impossible(table: torch.Tensor) -> torch.Tensor:
        raise ValueError("the function's own")

    with pytest.raises(ValueError, match="the function's own"):
        CompiledOrNot(impossible, impossible)(torch.zeros(1))


def test_flops_of_gpt2_small_are_those_of_nanogpts_formula():
    # nanoGPT: 6 * N + 12 * n_layer * n_head * head_embed * n_positions, N without wpe.
    config = Config()
    n = 124_439_808 - 1024 * 768
    assert flops_a_token(config) == 6 * n + 12 * 12 * 12 * 64 * 1024


@pytest.mark.parametrize(("name", "peak"), [
    ("NVIDIA H100 80GB HBM3", 989e12), ("NVIDIA A100-SXM4-80GB", 312e12), ("NVIDIA L4", 121e12),
    ("NVIDIA L40S", 362e12), ("Something else", None)])
def test_the_peak_of_a_gpu_is_known_by_its_name(name, peak):
    assert peak_flops(name, "bfloat16") == peak


def test_the_fast_objective_leaves_the_modules_book_as_it_is():
    module = begin(CONFIG, PLAN).module
    names = {name: node.step.formula for name, node in module.book.nodes.items()}
    head = head_of(module.definition)
    assert head is not None and head.reads == ("final", "wte") and head.turned
    loss = FastObjective(module, head, "float32", False)(torch.zeros(1, 5, dtype=torch.long))
    assert isinstance(module, BookModule) and math.isfinite(loss.item())
    assert {name: node.step.formula for name, node in module.book.nodes.items()} == names
