"""The training loop: against a plain loop around Hugging Face's model, and when it goes wrong."""

import math

import numpy as np
import pytest
import torch
from transformers import get_cosine_with_min_lr_schedule_with_warmup

from cutaway import Config
from cutaway.errors import TrainingError
from cutaway.train.data import Windows, batch_at
from cutaway.train.loop import Training, begin, train
from cutaway.train.plan import Plan
from tests.oracles import hugging_face_gpt2, our_arrays, peer_names

CONFIG = Config(vocab_size=17, n_positions=16, n_embd=24, n_layer=2, n_head=2)
WINDOWS = Windows(np.tile(np.arange(17, dtype=np.uint16), 30), length=12, stride=5)
PLAN = Plan(steps=12, batch=4, rate=2e-3, warmup=3, floor=0.2, clip=0.5, seed=7)


def losses(training: Training, windows: Windows = WINDOWS) -> list[float]:
    return [step.loss_nats for step in train(training, windows)]


def peer_losses(peer, plan: Plan, batches: list[torch.Tensor]) -> list[float]:
    """A plain training loop around Hugging Face's model: its loss, torch's AdamW and clipping."""
    tables = [weight for weight in peer.parameters() if weight.ndim >= 2]
    rows = [weight for weight in peer.parameters() if weight.ndim < 2]
    optimizer = torch.optim.AdamW(
        [{"params": tables, "weight_decay": plan.weight_decay},
         {"params": rows, "weight_decay": 0}],
        lr=plan.rate, betas=plan.betas)
    schedule = get_cosine_with_min_lr_schedule_with_warmup(
        optimizer, plan.warmup, plan.steps - 1, min_lr_rate=plan.floor)
    found = []
    for step, ids in enumerate(batches):
        for group in optimizer.param_groups:
            place = step + 1 if step < plan.warmup else step
            group["lr"] = plan.rate * schedule.lr_lambdas[0](place)
        loss = peer(ids, labels=ids).loss
        optimizer.zero_grad()
        loss.backward()
        torch.nn.utils.clip_grad_norm_(peer.parameters(), plan.clip)
        optimizer.step()
        found.append(loss.item())
    return found


def test_training_gives_the_losses_of_a_plain_loop_around_hugging_faces_model():
    peer = hugging_face_gpt2(CONFIG, scale=0.05, dtype=torch.float32)
    training = begin(CONFIG, PLAN, our_arrays(peer))
    batches = [torch.from_numpy(batch_at(WINDOWS, step, PLAN.batch, PLAN.seed))
               for step in range(PLAN.steps)]
    theirs = peer_losses(peer, PLAN, batches)
    # Both round to float32 at every step, in another order; the losses fall by far more than this.
    np.testing.assert_allclose(losses(training), theirs, rtol=2e-5)
    trained = dict(peer.named_parameters())
    for name, weight in training.module.arrays().items():
        wanted = trained[peer_names(CONFIG)[name]].detach().numpy()
        np.testing.assert_allclose(weight, wanted, atol=1e-4, err_msg=name)


def test_the_loss_goes_down_on_a_tiny_text():
    """The text is one alphabet again and again: the next token is certain, nearly 0 can be had."""
    found = losses(begin(CONFIG, Plan(steps=80, batch=8, rate=1e-2, warmup=5)))
    assert found[0] == pytest.approx(math.log(17), rel=0.05)  # knows nothing: all tokens alike
    assert found[-1] < 0.1


def test_weight_decay_pulls_at_tables_and_at_no_gain_shift_or_bias():
    training = begin(CONFIG, PLAN)
    decay = {id(weight): group["weight_decay"] for group in training.optimizer.param_groups
             for weight in group["params"]}
    found = {name: decay[id(weight)] for name, weight in training.module.weights().items()}
    assert found == {name: 0.0 if name.endswith(("_b", "_g")) else PLAN.weight_decay
                     for name in found}


def test_the_optimizer_has_the_plans_settings():
    for group in begin(CONFIG, PLAN).optimizer.param_groups:
        assert (group["betas"], group["eps"], group["lr"]) == (PLAN.betas, 1e-8, PLAN.rate)
    assert isinstance(begin(CONFIG, PLAN).optimizer, torch.optim.AdamW)


def test_every_step_is_told_with_its_loss_rate_and_gradient():
    steps = list(train(begin(CONFIG, PLAN), WINDOWS))
    assert [one.step for one in steps] == list(range(1, PLAN.steps + 1))
    assert [one.rate for one in steps] == [PLAN.rate_at(step) for step in range(PLAN.steps)]
    assert all(one.gradient_norm > 0 and one.tokens_a_second > 0 for one in steps)


def test_the_loss_is_that_of_the_weights_before_the_step():
    training = begin(CONFIG, PLAN)
    before = begin(CONFIG, PLAN).module
    ids = torch.from_numpy(batch_at(WINDOWS, 0, PLAN.batch, PLAN.seed))
    logits = before(ids[:, :-1]).flatten(0, 1)
    wanted = torch.nn.functional.cross_entropy(logits, ids[:, 1:].flatten()).item()
    assert next(train(training, WINDOWS)).loss_nats == pytest.approx(wanted, rel=1e-6)


def test_the_same_seed_gives_the_same_losses_and_another_seed_others():
    first, again = losses(begin(CONFIG, PLAN)), losses(begin(CONFIG, PLAN))
    other = losses(begin(CONFIG, Plan(steps=12, batch=4, seed=8)))
    assert first == again != other


def test_a_training_that_is_stopped_between_two_steps_goes_on_with_the_same_digits():
    training, stopped = begin(CONFIG, PLAN), begin(CONFIG, PLAN)
    whole = losses(training)
    found = []
    for step in train(stopped, WINDOWS):
        found.append(step.loss_nats)
        if step.step == 5:
            break
    assert stopped.done == 5
    assert found + losses(stopped) == whole
    assert losses(stopped) == []  # the plan is done


def test_products_in_bfloat16_learn_as_well_and_leave_float32_weights():
    training = begin(CONFIG, Plan(steps=40, batch=8, rate=1e-2, warmup=5, precision="bfloat16"))
    found = losses(training)
    assert found[-1] < 0.5 * found[0]
    assert {weight.dtype for weight in training.module.parameters()} == {torch.float32}


def test_a_loss_that_is_no_number_is_told_and_the_step_is_not_taken():
    training = begin(CONFIG, PLAN)
    with torch.no_grad():
        training.module.weights()["wpe"][3, 0] = float("inf")
    before = training.module.arrays()
    told = r"loss is nan.* at step 1: the weights ran away.*smaller learning rate than 0\.002"
    with pytest.raises(TrainingError, match=told):
        next(train(training, WINDOWS))
    for name, array in training.module.arrays().items():
        np.testing.assert_array_equal(array, before[name])
    assert training.done == 0


def test_a_gradient_that_is_no_number_does_not_reach_the_weights(monkeypatch):
    training = begin(CONFIG, PLAN)
    before = training.module.arrays()
    monkeypatch.setattr(torch.nn.utils, "clip_grad_norm_", lambda *_: torch.tensor(float("nan")))
    with pytest.raises(TrainingError, match="gradient nan"):
        next(train(training, WINDOWS))
    for name, array in training.module.arrays().items():
        np.testing.assert_array_equal(array, before[name])


def test_windows_longer_than_the_models_positions_are_told():
    with pytest.raises(TrainingError, match="17 tokens long, but the model has 16 positions"):
        next(train(begin(CONFIG, PLAN), Windows(np.arange(100) % 17, 17, 17)))


def test_tokens_outside_the_vocabulary_are_told():
    with pytest.raises(TrainingError, match="token 17, but the model's vocabulary has 17"):
        next(train(begin(CONFIG, PLAN), Windows(np.arange(100) % 18, 8, 8)))


@pytest.mark.parametrize("arrays", [{}, {"wte": np.zeros((17, 23), np.float32)}])
def test_weights_that_do_not_fit_the_shape_are_told(arrays):
    from cutaway.errors import WeightsError
    from cutaway.models.gpt2_record import fresh_weights

    given = {**fresh_weights(CONFIG, np.random.default_rng(0)), **arrays} if arrays else {}
    with pytest.raises(WeightsError, match="wte"):
        begin(CONFIG, PLAN, given)
