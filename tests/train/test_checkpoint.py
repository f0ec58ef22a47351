"""Checkpoints: going on with the same digits, and nothing lost when a file or disk fails."""

import errno
import os
import pickle
from pathlib import Path

import numpy as np
import pytest
import torch

from cutaway.errors import CorruptFile, DiskError, TrainingError
from cutaway.train.checkpoint import load_checkpoint, save_checkpoint
from cutaway.train.loop import begin, train
from tests.train.test_loop import CONFIG, PLAN, WINDOWS, losses


def trained(n_step: int):
    training = begin(CONFIG, PLAN)
    steps = train(training, WINDOWS)
    found = [next(steps).loss_nats for _ in range(n_step)]
    return training, found


@pytest.fixture
def checkpoint(tmp_path) -> Path:
    training, _ = trained(2)
    save_checkpoint(training, tmp_path / "checkpoint.pt")
    return tmp_path / "checkpoint.pt"


@pytest.mark.parametrize("n_before", [0, 1, 7, 12])
def test_a_resumed_run_gives_exactly_the_losses_of_one_that_was_not_interrupted(n_before, tmp_path):
    uninterrupted = begin(CONFIG, PLAN)
    whole = losses(uninterrupted)
    training, found = trained(n_before)
    save_checkpoint(training, tmp_path / "checkpoint.pt")
    resumed = load_checkpoint(tmp_path / "checkpoint.pt")
    assert resumed.done == n_before and resumed.plan == PLAN
    assert resumed.module.config == CONFIG
    assert found + losses(resumed) == whole
    for name, array in resumed.module.arrays().items():
        np.testing.assert_array_equal(array, uninterrupted.module.arrays()[name], err_msg=name)


def test_saving_changes_nothing_in_the_training(tmp_path):
    whole = losses(begin(CONFIG, PLAN))
    training, found = begin(CONFIG, PLAN), []
    for step in train(training, WINDOWS):
        found.append(step.loss_nats)
        save_checkpoint(training, tmp_path / "checkpoint.pt")
    assert found == whole
    assert os.listdir(tmp_path) == ["checkpoint.pt"]


@pytest.mark.parametrize("share", [0, 0.01, 0.3, 0.9, 0.999])
def test_a_checkpoint_that_is_cut_short_is_told(checkpoint, share):
    whole = checkpoint.read_bytes()
    checkpoint.write_bytes(whole[:int(len(whole) * share)])
    with pytest.raises(CorruptFile, match=r"checkpoint\.pt is no checkpoint.*or not whole.*Delete "
                                          "it and begin again"):
        load_checkpoint(checkpoint)


@pytest.mark.parametrize("content", [{"a": 1}, {"config": {}}, [1, 2], None])
def test_a_file_of_torchs_that_is_no_checkpoint_is_told(tmp_path, content):
    torch.save(content, tmp_path / "other.pt")
    with pytest.raises(CorruptFile, match=r"other\.pt is no checkpoint"):
        load_checkpoint(tmp_path / "other.pt")


def test_a_checkpoint_of_weights_of_another_shape_is_told(checkpoint):
    state = torch.load(checkpoint, weights_only=True)
    state["config"]["n_embd"] = 32
    torch.save(state, checkpoint)
    with pytest.raises(CorruptFile, match="is no checkpoint"):
        load_checkpoint(checkpoint)


class Harm:
    """What a pickle can do to whoever opens it: here it would make a folder."""

    def __init__(self, path: Path):
        self.path = path

    def __reduce__(self):
        return os.mkdir, (str(self.path),)


def as_a_pickle(harm: Harm, path: Path) -> None:
    path.write_bytes(pickle.dumps(harm, 2))


@pytest.mark.parametrize("write", [torch.save, as_a_pickle])
def test_nothing_in_a_checkpoint_is_executed(tmp_path, write):
    write(Harm(tmp_path / "harmed"), tmp_path / "harm.pt")
    with pytest.raises(CorruptFile):
        load_checkpoint(tmp_path / "harm.pt")
    assert not (tmp_path / "harmed").exists()


def test_a_checkpoint_that_is_not_there_is_told(tmp_path):
    with pytest.raises(TrainingError, match=r"no checkpoint .*none\.pt; begin without --resume"):
        load_checkpoint(tmp_path / "none.pt")


def full_disk(*_, **__):
    raise OSError(errno.ENOSPC, "No space left on device")


def full_disk_as_torch_tells_it(_, path):
    Path(path).write_bytes(b"half")
    raise RuntimeError("[enforce fail at inline_container.cc:664] . unexpected pos 64 vs 0")


@pytest.mark.parametrize(("module", "name", "fails"), [
    (torch, "save", full_disk), (torch, "save", full_disk_as_torch_tells_it),
    (os, "replace", full_disk)])
def test_a_full_disk_is_told_and_the_old_checkpoint_stays(
        checkpoint, monkeypatch, module, name, fails):
    old = checkpoint.read_bytes()
    later, _ = trained(6)
    with monkeypatch.context() as full:
        full.setattr(module, name, fails)
        with pytest.raises(DiskError, match=r"checkpoint\.pt could not be written.*untouched"):
            save_checkpoint(later, checkpoint)
    assert checkpoint.read_bytes() == old
    assert load_checkpoint(checkpoint).done == 2
    assert os.listdir(checkpoint.parent) == ["checkpoint.pt"]
    assert losses(later) == losses(begin(CONFIG, PLAN))[6:]  # the training itself goes on


def test_a_folder_that_is_not_there_or_none_is_told(tmp_path):
    training, _ = trained(0)
    (tmp_path / "file").write_text("no folder")
    for folder in ("absent", "file", ""):
        path = tmp_path / folder / "checkpoint.pt" if folder else tmp_path
        with pytest.raises(DiskError, match="could not be written"):
            save_checkpoint(training, path)


def test_a_flipped_bit_is_told_or_changes_nothing(checkpoint):
    """What stands between the parts of the file has no checksum, and nobody reads it."""
    whole, random = checkpoint.read_bytes(), np.random.default_rng(15)
    plain = load_checkpoint(checkpoint).module.arrays()
    told = 0
    for place in random.integers(0, len(whole), 80):
        flipped = bytearray(whole)
        flipped[place] ^= 1 << int(random.integers(8))
        checkpoint.write_bytes(flipped)
        try:
            found = load_checkpoint(checkpoint)
        except CorruptFile:
            told += 1
            continue
        assert found.done == 2 and found.plan == PLAN
        for name, array in found.module.arrays().items():
            np.testing.assert_array_equal(array, plain[name])
    assert told > 40


def test_a_checkpoint_that_is_a_pipe_is_told(tmp_path):
    os.mkfifo(tmp_path / "checkpoint.pt")
    with pytest.raises(CorruptFile, match="is no file but a folder, a pipe"):
        load_checkpoint(tmp_path / "checkpoint.pt")
