"""The learning rate, and settings that cannot be."""

import pytest
import torch
from transformers import get_cosine_with_min_lr_schedule_with_warmup

from cutaway.errors import TrainingError
from cutaway.train.plan import Plan


def schedule_of_transformers(plan: Plan) -> list[float]:
    """transformers' own rates. It counts the warm-up from 0 and the end one step further on."""
    weight = torch.nn.Parameter(torch.zeros(1))
    optimizer = torch.optim.AdamW([weight], lr=plan.rate)
    schedule = get_cosine_with_min_lr_schedule_with_warmup(
        optimizer, plan.warmup, plan.steps - 1, min_lr_rate=plan.floor)
    rates = []
    for _ in range(plan.steps):
        rates.append(schedule.get_last_lr()[0])
        optimizer.step()
        schedule.step()
    return rates


@pytest.mark.parametrize(("steps", "warmup", "floor"), [
    (100, 10, 0.1), (57, 1, 0.0), (40, 0, 0.3), (200, 100, 1.0), (12, 11, 0.5)])
def test_the_rate_is_that_of_transformers(steps, warmup, floor):
    plan = Plan(steps=steps, warmup=warmup, floor=floor, rate=3e-4)
    theirs = schedule_of_transformers(plan)
    for step in range(steps):
        peer = theirs[step + 1] if step < warmup else theirs[step]
        assert plan.rate_at(step) == pytest.approx(peer, rel=1e-12), step


def test_the_rate_is_highest_after_the_warm_up_and_ends_on_the_floor():
    plan = Plan(steps=50, warmup=5, rate=1e-3, floor=0.1)
    rates = [plan.rate_at(step) for step in range(50)]
    assert max(rates) == rates[4] == rates[5] == 1e-3
    assert rates[-1] == pytest.approx(1e-4, rel=1e-12) == plan.rate_at(1000)
    assert min(rates) > 0


def test_a_run_of_one_step_and_one_shorter_than_its_warm_up_have_rates():
    assert 0 < Plan(steps=1).rate_at(0) < Plan(steps=1).rate
    assert Plan(steps=1, warmup=0).rate_at(0) == Plan(steps=1).rate


@pytest.mark.parametrize(("setting", "message"), [
    ({"steps": 0}, "steps is 0; .*at least 1"), ({"steps": 1.5}, "steps is 1.5"),
    ({"steps": "3"}, "steps is '3'"), ({"steps": float("nan")}, "steps is nan"),
    ({"batch": 0}, "batch is 0; .*at least 1"), ({"batch": 2.5}, "batch is 2.5"),
    ({"warmup": -1}, "warmup is -1"), ({"seed": -1}, "seed is -1"),
    ({"rate": 0}, "rate is 0; a number above 0"), ({"rate": float("inf")}, "rate is inf"),
    ({"rate": "fast"}, "rate is 'fast'"), ({"clip": -1}, "clip is -1; a number above 0"),
    ({"weight_decay": -0.1}, "weight_decay is -0.1"),
    ({"floor": 1.1}, "floor is 1.1; a share from 0"),
    ({"floor": -0.1}, "floor is -0.1"), ({"betas": (0.9, 1.0)}, "betas is"),
    ({"betas": (0.9,)}, "betas is"), ({"betas": 0.9}, "betas is"),
    ({"precision": "float16"}, "precision is 'float16'; 'float32' or 'bfloat16'")])
def test_a_setting_outside_its_range_is_told_by_name(setting, message):
    with pytest.raises(TrainingError, match=message):
        Plan(**{"steps": 10, **setting})
