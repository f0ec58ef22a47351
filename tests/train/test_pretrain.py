"""From text files to a model that opens, and on from where a training was interrupted."""

import json
from dataclasses import replace

import pytest
import torch
from transformers import AutoTokenizer, GPT2LMHeadModel

from cutaway import open_model
from cutaway.errors import TrainingError
from cutaway.generate import generate_text
from cutaway.texts import split_documents
from cutaway.tokenizer import Tokenizer
from cutaway.train.data import Source
from cutaway.train.loop import TrainingStep
from cutaway.train.plan import Plan
from cutaway.train.pretrain import (
    UNFINISHED,
    Finished,
    Shape,
    Validation,
    continue_pretraining,
    hold_out,
    pretrain,
)

TEXT = " ".join(f"The {animal} saw a {colour} {thing}. It was happy."
                for animal in ("cat", "dog", "fox", "hen") for colour in ("red", "blue", "green")
                for thing in ("ball", "hat", "tree", "boat", "leaf"))
SOURCE = Source("animals", (TEXT,), repeats=3)
HELD = Source("held", ("The cat saw a blue boat. It was happy.",))
SHAPE = Shape(vocab_size=300, n_positions=16, n_embd=16, n_layer=2, n_head=2)
PLAN = Plan(steps=12, batch=4, warmup=2)


def records_of(folder):
    return pretrain([SOURCE], [HELD], folder, shape=SHAPE, plan=PLAN, every=5)


@pytest.fixture(scope="module")
def trained(tmp_path_factory):
    folder = tmp_path_factory.mktemp("trained") / "animals"
    return folder, list(records_of(folder))


def test_a_trained_model_opens_and_writes_text(trained):
    folder, records = trained
    model = open_model(folder)
    assert model.config.n_layer == 2
    assert generate_text(model, "The cat", max_tokens=5)
    assert isinstance(records[-1], Finished)
    assert not (folder / UNFINISHED).exists()


def test_a_tokenizer_that_cannot_end_a_text_is_refused(tmp_path):
    shape = replace(SHAPE, tokenizer=Tokenizer.from_merges([], special=()))
    with pytest.raises(TrainingError, match=r"has no <\|endoftext\|>, which ends each document"):
        next(pretrain([SOURCE], [HELD], tmp_path, shape=shape, plan=PLAN))


def test_the_card_states_shape_data_and_loss(trained):
    folder, records = trained
    card = (folder / "README.md").read_text(encoding="utf-8")
    assert "2 blocks, 2 heads, 16 wide" in card
    assert "| animals | 1 |" in card
    assert f"{records[-1].losses['held'].loss_nats:.4f}" in card


def test_the_validation_loss_is_that_of_the_written_model_in_transformers(trained):
    # The expected value is Hugging Face's own loss on the files that were written.
    folder, records = trained
    ids = open_model(folder).tokenizer.encode(HELD.documents[0])
    ids.append(AutoTokenizer.from_pretrained(folder).convert_tokens_to_ids("<|endoftext|>"))
    peer = GPT2LMHeadModel.from_pretrained(folder).eval()
    total = 0.0
    with torch.no_grad():
        for start in range(0, len(ids) - 1, SHAPE.n_positions):
            window = torch.tensor([ids[start:start + SHAPE.n_positions + 1]])
            loss = torch.nn.functional.cross_entropy(peer(window[:, :-1]).logits[0], window[0, 1:])
            total += loss.item() * (window.shape[1] - 1)
    assert records[-1].losses["held"].loss_nats == pytest.approx(total / (len(ids) - 1), rel=1e-5)


def test_an_interrupted_training_goes_on_with_the_same_digits(trained, tmp_path):
    folder = tmp_path / "animals"
    interrupted = records_of(folder)
    losses = []
    for record in interrupted:
        if isinstance(record, TrainingStep):
            losses.append(record.loss_nats)
            if record.step == 7:
                break
    interrupted.close()
    assert not (folder / "model.safetensors").exists()
    for record in continue_pretraining([SOURCE], [HELD], folder, every=5):
        if isinstance(record, TrainingStep):
            losses.append(record.loss_nats)
    whole_folder, records = trained
    assert losses == [record.loss_nats for record in records if isinstance(record, TrainingStep)]
    weights = (folder / "model.safetensors").read_bytes()
    assert weights == (whole_folder / "model.safetensors").read_bytes()


def test_validation_comes_at_the_steps_asked_for_and_at_the_end(trained):
    _, records = trained
    assert [record.step for record in records if isinstance(record, Validation)] == [5, 10, 12]


def test_nothing_to_learn_from_is_told(tmp_path):
    with pytest.raises(TrainingError, match="no text to learn from: every file given is empty"):
        list(pretrain([Source("empty", ("  \n",))], [], tmp_path, shape=SHAPE, plan=PLAN))


def test_going_on_without_a_checkpoint_is_told(tmp_path):
    with pytest.raises(TrainingError, match=r"no checkpoint .* begin without --resume"):
        list(continue_pretraining([SOURCE], [HELD], tmp_path))


@pytest.mark.parametrize("count", [1, 3, 49, 50, 120])
def test_held_out_text_is_never_trained_on_and_nothing_is_lost(count):
    documents = tuple(f"Document {i} " + "word " * 60 for i in range(count))
    kept, held = hold_out(Source("all", documents))
    assert held.documents
    assert "".join(sorted(kept.documents + held.documents)) == "".join(sorted(documents)) or (
        "".join(kept.documents + held.documents) == "".join(documents))


def test_documents_are_split_at_the_markers_wherever_they_stand():
    marker = "<|endoftext|>"
    assert split_documents(f"one\n{marker}\ntwo\n{marker}\n") == ("one", "two")
    assert split_documents(f"{marker}\r\none\r\n{marker}\r\n{marker}\r\ntwo") == ("one", "two")


def test_the_config_is_what_hugging_face_reads(trained):
    folder, _ = trained
    config = json.loads((folder / "config.json").read_text(encoding="utf-8"))
    assert (config["n_layer"], config["n_head"], config["n_embd"]) == (2, 2, 16)
    assert config["activation_function"] == "gelu_new"


@pytest.mark.parametrize("device", ["cuda:99", "toaster"])
def test_a_device_that_is_not_there_is_told(tmp_path, device):
    with pytest.raises(TrainingError, match=r"cannot be trained on: .*Use \"cpu\""):
        list(pretrain([SOURCE], [HELD], tmp_path, shape=SHAPE, plan=PLAN, device=device))


@pytest.mark.gpu
def test_an_interrupted_training_goes_on_on_a_gpu(tmp_path):
    folder = tmp_path / "animals"
    interrupted = pretrain([SOURCE], [HELD], folder, shape=SHAPE, plan=PLAN, device="cuda")
    assert next(record for record in interrupted if isinstance(record, TrainingStep)).step == 1
    interrupted.close()
    records = list(continue_pretraining([SOURCE], [HELD], folder, device="cuda"))
    assert isinstance(records[-1], Finished)


def test_going_on_with_another_text_is_refused_and_the_checkpoint_stays(tmp_path):
    folder = tmp_path / "animals"
    interrupted = records_of(folder)
    next(record for record in interrupted if isinstance(record, TrainingStep))
    interrupted.close()
    checkpoint = folder / UNFINISHED / "checkpoint.pt"
    before = checkpoint.read_bytes()
    other = Source("animals", (TEXT + " The end.",), repeats=3)
    with pytest.raises(TrainingError, match="was begun on another text"):
        list(continue_pretraining([other], [HELD], folder))
    assert checkpoint.read_bytes() == before
