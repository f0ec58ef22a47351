"""Parts of a batch side by side, against the same batch in one piece."""

import numpy as np
import pytest
import torch

from cutaway.models.config import Config
from cutaway.train.data import Windows
from cutaway.train.loop import begin, train
from cutaway.train.plan import Plan
from cutaway.train.side_by_side import SideBySide
from cutaway.train.speed import PLAIN, Speed

CONFIG = Config(vocab_size=50, n_positions=16, n_embd=24, n_layer=2, n_head=3)
PLAN = Plan(steps=6, batch=8)
WINDOWS = Windows(np.random.default_rng(0).integers(0, 50, 2_000).astype(np.uint16), 16, 16)


@pytest.fixture
def two_threads():
    before = torch.get_num_threads()
    torch.set_num_threads(2)
    yield
    torch.set_num_threads(before)


def losses(speed):
    training = begin(CONFIG, PLAN, speed=speed)
    return training, [step.loss_nats for step in train(training, WINDOWS)]


def test_parts_side_by_side_give_the_losses_of_the_whole_batch(two_threads):
    training, found = losses(Speed(fused=True, windows=2, apart=True))
    assert training.side_by_side is not None
    np.testing.assert_allclose(found, losses(PLAIN)[1], rtol=2e-6)


def test_the_gradients_of_the_parts_add_up():
    weight = torch.nn.Parameter(torch.tensor([2.0, 3.0]))
    parts = [torch.tensor([[float(i), 1.0]]) for i in range(5)]
    total = SideBySide([weight], 2).add_up(parts, lambda part: (part * weight).sum())
    assert total.item() == sum(2 * i + 3 for i in range(5))
    assert weight.grad is not None and weight.grad.tolist() == [10, 5]


def test_a_mistake_in_a_part_reaches_the_caller():
    def fail(part):
        raise ValueError("the third part")

    with pytest.raises(ValueError, match="the third part"):
        SideBySide([torch.nn.Parameter(torch.ones(1))], 2).add_up([torch.ones(1)] * 3, fail)


def test_a_lone_thread_takes_the_parts_in_turn():
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    try:
        training, found = losses(Speed(fused=True, windows=2, apart=True))
        assert training.side_by_side is None
        np.testing.assert_allclose(found, losses(PLAIN)[1], rtol=2e-6)
    finally:
        torch.set_num_threads(before)
