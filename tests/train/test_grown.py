"""Going on from a model's weights: as a plain loop around Hugging Face's, resumed, and told."""

import hashlib

import numpy as np
import pytest
import torch
from transformers import AutoTokenizer, GPT2LMHeadModel

from cutaway import open_model
from cutaway.errors import TrainingError
from cutaway.models import ARCHITECTURES
from cutaway.tokenizer import Tokenizer
from cutaway.train.data import Source, Windows, batch_at
from cutaway.train.feed import open_tokens
from cutaway.train.loop import TrainingStep
from cutaway.train.plan import Plan
from cutaway.train.pretrain import (
    TOKENS,
    UNFINISHED,
    Finished,
    Prepared,
    Shape,
    Validation,
    continue_pretraining,
    pretrain,
    pretrain_from,
)
from tests.models.llama_like import LLAMA
from tests.train.test_loop import peer_losses
from tests.train.test_pretrain import HELD, SHAPE, SOURCE

OTHER = Source("other", ("The cow saw a big moon. It was sad. " * 12,))
HELD_OTHER = Source("held", ("The cow saw a big moon. It was sad.",))
PLAN = Plan(steps=8, batch=4, rate=3e-3, warmup=2, length=12)


@pytest.fixture(scope="module")
def parent(tmp_path_factory):
    folder = tmp_path_factory.mktemp("parent") / "animals"
    list(pretrain([SOURCE], [HELD], folder, shape=SHAPE, plan=Plan(steps=6, batch=4, warmup=2)))
    return open_model(folder)


@pytest.fixture(scope="module")
def grown(parent, tmp_path_factory):
    folder = tmp_path_factory.mktemp("grown") / "cows"
    return folder, list(pretrain_from(parent, [OTHER], [HELD_OTHER], folder, plan=PLAN))


def step_losses(records):
    return [record.loss_nats for record in records if isinstance(record, TrainingStep)]


def test_each_steps_loss_is_that_of_a_plain_loop_around_hugging_faces_model(parent, grown,
                                                                            tmp_path):
    # The peer opens the parent's own files, and learns the same windows with torch's AdamW.
    interrupted = pretrain_from(parent, [OTHER], [HELD_OTHER], tmp_path, plan=PLAN)
    assert isinstance(next(interrupted), Prepared)
    stream = np.array(open_tokens(tmp_path / UNFINISHED / TOKENS))
    interrupted.close()
    peers_tokenizer = AutoTokenizer.from_pretrained(parent.weights.file.parent)
    assert stream.tolist() == peers_tokenizer(OTHER.documents[0] + "<|endoftext|>").input_ids
    windows = Windows(stream, 12, 12)
    batches = [torch.from_numpy(batch_at(windows, step, PLAN.batch, PLAN.seed))
               for step in range(PLAN.steps)]
    peer = GPT2LMHeadModel.from_pretrained(parent.weights.file.parent, attn_pdrop=0, embd_pdrop=0,
                                           resid_pdrop=0)
    np.testing.assert_allclose(step_losses(grown[1]), peer_losses(peer.train(), PLAN, batches),
                               rtol=2e-5)


def test_the_loss_on_a_new_text_falls_from_the_parents_own(parent, grown):
    before, after = (record.losses["held"].loss_nats for record in grown[1]
                     if isinstance(record, Validation))
    assert after < before - 0.3
    ids = [*parent.tokenizer.encode(HELD_OTHER.documents[0]), parent.tokenizer.end_of_text]
    peer, total = GPT2LMHeadModel.from_pretrained(parent.weights.file.parent).eval(), 0.0
    with torch.no_grad():
        for start in range(0, len(ids) - 1, 16):
            window = torch.tensor([ids[start:start + 17]])
            logits = peer(window[:, :-1]).logits[0]
            total += torch.nn.functional.cross_entropy(logits, window[0, 1:],
                                                       reduction="sum").item()
    assert before == pytest.approx(total / (len(ids) - 1), rel=1e-5)


def test_an_interrupted_growth_goes_on_with_the_same_digits_and_the_same_card(parent, grown,
                                                                              tmp_path):
    folder = tmp_path / "cows"
    interrupted = pretrain_from(parent, [OTHER], [HELD_OTHER], folder, plan=PLAN)
    next(record for record in interrupted if isinstance(record, TrainingStep) and record.step == 3)
    interrupted.close()
    assert isinstance(list(continue_pretraining([OTHER], [HELD_OTHER], folder))[-1], Finished)
    for name in ("model.safetensors", "README.md", "config.json", "vocab.json", "merges.txt"):
        assert (folder / name).read_bytes() == (grown[0] / name).read_bytes()


def test_the_card_says_what_it_grew_from_and_what_that_was_worth(parent, grown):
    card = (grown[0] / "README.md").read_text(encoding="utf-8")
    file = parent.weights.file
    with open(file, "rb") as content:
        checksum = hashlib.file_digest(content, "sha256").hexdigest()
    assert f"{parent.weights.count:,} weights of `{parent.name}`" in card
    assert f"from model.safetensors, SHA-256 `{checksum}`" in card
    before = next(record for record in grown[1] if isinstance(record, Validation))
    assert f"{before.losses['held'].loss_nats:.4f}" in card.split("Before, as")[1]
    assert "windows of 12 tokens" in card


def test_the_parent_stays_as_it_was(parent, grown):
    again = open_model(parent.weights.file.parent)
    assert all(np.array_equal(again.weights[name], parent.weights[name]) for name in again.weights)
    assert not np.array_equal(open_model(grown[0]).weights["wte"], parent.weights["wte"])


def test_another_architecture_grows_by_its_record(tmp_path, monkeypatch):
    monkeypatch.setitem(ARCHITECTURES, LLAMA.model_type, LLAMA)
    shape = Shape(vocab_size=300, n_positions=16, n_embd=16, n_layer=1, n_head=2,
                  architecture=LLAMA)
    list(pretrain([SOURCE], [HELD], tmp_path / "llama", shape=shape,
                  plan=Plan(steps=2, batch=2, warmup=1)))
    model = open_model(tmp_path / "llama")
    records = list(pretrain_from(model, [OTHER], [HELD_OTHER], tmp_path / "grown", plan=PLAN))
    assert open_model(tmp_path / "grown").architecture is LLAMA
    losses = [record.losses["held"].loss_nats for record in records
              if isinstance(record, Validation)]
    assert losses[1] < losses[0]


def test_a_model_whose_tokenizer_cannot_end_a_text_is_refused(parent, tmp_path):
    class Endless:
        name, tokenizer = "endless", Tokenizer.from_merges([], special=())

    with pytest.raises(TrainingError, match=r"tokenizer of endless has no <\|endoftext\|>"):
        next(pretrain_from(Endless(), [OTHER], [HELD_OTHER], tmp_path, plan=PLAN))  # type: ignore[arg-type]
