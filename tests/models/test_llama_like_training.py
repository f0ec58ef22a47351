"""An architecture of another kind learns: beside Hugging Face's Llama, and from text to files."""

import json
from dataclasses import replace

import numpy as np
import pytest
import torch
from torch.nn import functional
from transformers import LlamaForCausalLM

from cutaway import open_model
from cutaway.models import ARCHITECTURES
from cutaway.train.checkpoint import load_checkpoint, save_checkpoint
from cutaway.train.data import Windows, batch_at
from cutaway.train.loop import begin, train
from cutaway.train.module import BookModule
from cutaway.train.objective import FastObjective, PlainObjective, head_of
from cutaway.train.plan import Plan
from cutaway.train.pretrain import Finished, Shape, pretrain
from cutaway.train.speed import PLAIN, flops_a_token
from tests.models.llama_like import LLAMA, LlamaConfig, llama
from tests.models.llama_peer import llama_peer, weights_of
from tests.train.test_loop import losses, peer_losses
from tests.train.test_pretrain import HELD, SOURCE

CONFIG = LlamaConfig(vocab_size=17, n_positions=16, n_embd=24, n_head=6, n_key_head=2, n_hidden=40)
WINDOWS = Windows(np.tile(np.arange(17, dtype=np.uint16), 30), length=12, stride=5)
PLAN = Plan(steps=10, batch=4, rate=2e-3, warmup=3, floor=0.2, clip=0.5, seed=7)


@pytest.fixture(autouse=True)
def known(monkeypatch):
    monkeypatch.setitem(ARCHITECTURES, LLAMA.model_type, LLAMA)


@pytest.mark.parametrize("speed", [PLAIN, None], ids=["plain", "fast"])
def test_ten_steps_give_the_losses_of_a_plain_loop_around_hugging_faces_model(speed):
    peer = llama_peer(CONFIG, torch.float32).train()
    training = begin(CONFIG, PLAN, weights_of(peer), speed=speed, architecture=LLAMA)
    batches = [torch.from_numpy(batch_at(WINDOWS, step, PLAN.batch, PLAN.seed))
               for step in range(PLAN.steps)]
    theirs, ours = peer_losses(peer, PLAN, batches), losses(training, WINDOWS)
    np.testing.assert_allclose(ours, theirs, rtol=2e-5)
    assert ours[-1] < 0.9 * ours[0]
    trained = weights_of(peer)
    for name, array in training.module.arrays().items():
        np.testing.assert_allclose(array, trained[name], atol=2e-4, err_msg=name)


def test_the_gradient_of_every_weight_is_hugging_faces_in_float64():
    peer = llama_peer(CONFIG)
    ids = torch.from_numpy(batch_at(WINDOWS, 0, 3, 0))
    logits = peer(ids[:, :-1]).logits
    functional.cross_entropy(logits.flatten(0, 1), ids[:, 1:].flatten()).backward()
    module = BookModule(CONFIG, weights_of(peer), LLAMA).double()
    with torch.no_grad():
        for name, array in weights_of(peer).items():
            module.weights()[name].copy_(torch.from_numpy(array))
    PlainObjective(module)(ids).backward()
    gradients = {name: weight.grad for name, weight in peer.named_parameters()}
    for name, weight in module.weights().items():
        parameter, block = LLAMA.parameter(name), name.partition(".")[0].removeprefix("h")
        theirs = gradients[parameter.hugging_face.replace("{block}", block)]
        theirs = theirs.T if parameter.output_by_input else theirs
        # The peer turns to float32 in its norms, its softmax and its angles.
        assert (weight.grad - theirs).abs().max() <= 1e-5 * theirs.abs().max(), name


def test_the_fast_objective_takes_what_fits_and_leaves_gpt2s_formulas_out():
    module = BookModule(CONFIG, LLAMA.fresh(CONFIG, np.random.default_rng(0)), LLAMA)
    assert module.book is module.definition
    head = head_of(module.definition)
    assert head is not None and head.reads == ("final", "lm_head") and not head.turned
    windows = torch.from_numpy(batch_at(WINDOWS, 0, 4, 0))
    fast, plain = FastObjective(module, head, "float32", False), PlainObjective(module)
    assert fast(windows).item() == pytest.approx(plain(windows).item(), rel=1e-6)
    for one, other in zip(torch.autograd.grad(fast(windows), [*module.parameters()]),
                          torch.autograd.grad(plain(windows), [*module.parameters()]), strict=True):
        np.testing.assert_allclose(one, other, atol=1e-6)


def test_a_head_that_is_no_single_product_is_trained_by_its_own_formula():
    def logits(final, lm_head):
        return final @ lm_head * 0.5

    softer = replace(LLAMA, book=lambda config: llama(config).replace(logits))
    training = begin(CONFIG, PLAN, architecture=softer)
    assert isinstance(training.objective, PlainObjective)
    assert np.isfinite(losses(training, WINDOWS)).all()


def test_operations_are_counted_from_the_definition():
    # The formula of PaLM's appendix B by hand: 6 for each weight but the token table, which is only
    # looked up, and 12 n_layer n_head head_embed n_positions.
    table = CONFIG.vocab_size * CONFIG.n_embd
    weights = sum(array.size for array in weights_of(llama_peer(CONFIG)).values()) - table
    assert flops_a_token(CONFIG, LLAMA) == 6 * weights + 12 * 2 * 24 * 16


def test_a_checkpoint_goes_on_as_the_architecture_that_it_was(tmp_path):
    whole = losses(begin(CONFIG, PLAN, architecture=LLAMA), WINDOWS)
    training = begin(CONFIG, PLAN, architecture=LLAMA)
    steps = train(training, WINDOWS)
    first = [next(steps).loss_nats for _ in range(4)]
    save_checkpoint(training, tmp_path / "checkpoint.pt")
    again = load_checkpoint(tmp_path / "checkpoint.pt")
    assert again.module.architecture is LLAMA and again.module.config == CONFIG
    assert first + losses(again, WINDOWS) == whole


def test_text_becomes_a_model_that_opens_here_and_in_transformers(tmp_path):
    shape = Shape(vocab_size=300, n_positions=16, n_embd=16, n_layer=2, n_head=4,
                  architecture=LLAMA)
    plan = Plan(steps=12, batch=4, warmup=2, rate=5e-3)
    records = list(pretrain([SOURCE], [HELD], tmp_path / "made", shape=shape, plan=plan))
    assert isinstance(records[-1], Finished)
    model = open_model(tmp_path / "made")
    assert model.tokenizer.rule == LLAMA.tokenizer
    assert model.architecture is LLAMA and "A Llama-like of 2 blocks" in (model.card or "")
    assert json.loads((tmp_path / "made/config.json").read_text())["num_key_value_heads"] == 2
    peer = LlamaForCausalLM.from_pretrained(tmp_path / "made")
    run = model.run("The cat saw")
    with torch.no_grad():
        theirs = peer(torch.tensor(run.ids)[None]).logits[0].numpy()
    np.testing.assert_allclose(run["logits"].array, theirs, atol=1e-5)
