"""Files written by torch.save, as `pytorch_model.bin` was."""

import json
import pickle
import sys

import pytest
import torch

from cutaway.errors import CorruptFile, MissingExtra
from cutaway.weights import read_model_files
from cutaway.weights.torch_file import read_torch
from tests.weights.peers import assert_same, spellings


@pytest.fixture
def folder(huggingface_model, tmp_path):
    """What transformers wrote before safetensors: a state dict and a config."""
    huggingface_model.config.save_pretrained(tmp_path)
    torch.save(huggingface_model.state_dict(), tmp_path / "pytorch_model.bin")
    return tmp_path


def test_a_state_dict_opens_to_the_same_digits(folder, numbers):
    assert_same(read_model_files(folder).weights, numbers)


def test_a_state_dict_from_before_pytorch_1_6_opens_to_the_same_digits(
        folder, huggingface_model, numbers):
    torch.save(huggingface_model.state_dict(), folder / "pytorch_model.bin",
               _use_new_zipfile_serialization=False)
    assert_same(read_model_files(folder).weights, numbers)


def test_bfloat16_opens_to_the_digits_that_torch_has(folder, huggingface_model):
    state = {name: tensor.bfloat16() for name, tensor in huggingface_model.state_dict().items()}
    torch.save(state, folder / "pytorch_model.bin")
    assert_same(read_model_files(folder).weights, {
        ours: state[theirs].float().numpy() for ours, (theirs, _) in spellings().items()})


def test_a_sharded_state_dict_opens_to_the_same_digits(folder, huggingface_model, numbers):
    (folder / "pytorch_model.bin").unlink()
    state = huggingface_model.state_dict()
    shards = {name: f"pytorch_model-0000{1 + i % 2}-of-00002.bin" for i, name in enumerate(state)}
    for shard in set(shards.values()):
        torch.save({name: state[name] for name in state if shards[name] == shard}, folder / shard)
    (folder / "pytorch_model.bin.index.json").write_text(json.dumps({"weight_map": shards}))
    assert_same(read_model_files(folder).weights, numbers)


def test_a_file_is_told_by_its_contents_whatever_its_name(folder, numbers):
    (folder / "pytorch_model.bin").rename(folder / "numbers.data")
    assert_same(read_model_files(folder / "numbers.data").weights, numbers)


class Trap:
    def __reduce__(self):
        return exec, ("raise SystemExit('code from the file was run')",)


def test_a_file_that_would_run_code_is_refused_and_its_code_does_not_run(folder):
    (folder / "pytorch_model.bin").write_bytes(pickle.dumps({"wte.weight": Trap()}, protocol=2))
    with pytest.raises(CorruptFile) as caught:
        read_model_files(folder)
    assert str(caught.value) == (
        "pytorch_model.bin holds more than tensors (exec), which could run code as it "
        "is opened, or it is damaged: it was not opened. Save the tensors alone where it came "
        "from, torch.save(model.state_dict(), FILE), or get the model as safetensors.")


def test_a_whole_module_is_refused_by_the_name_of_its_class(tmp_path):
    torch.save(torch.nn.Linear(2, 2), tmp_path / "model.pt")
    with pytest.raises(CorruptFile, match=r"holds more than tensors \(torch\.nn\.modules\.linear"):
        read_model_files(tmp_path)


def test_a_file_that_was_cut_short_is_corrupt(folder):
    file = folder / "pytorch_model.bin"
    file.write_bytes(file.read_bytes()[:5000])
    with pytest.raises(CorruptFile, match=r"^pytorch_model.bin"):
        read_model_files(folder)


def test_an_empty_file_is_corrupt(folder):
    (folder / "pytorch_model.bin").write_bytes(b"")
    with pytest.raises(CorruptFile) as caught:
        read_model_files(folder)
    assert str(caught.value) == (
        "pytorch_model.bin: PyTorch cannot read it. It is cut short or is no PyTorch file: get it "
        "again.")


def test_what_is_no_state_dict_is_refused(folder):
    torch.save({"model": {"wte.weight": [1.0, 2.0]}}, folder / "pytorch_model.bin")
    with pytest.raises(CorruptFile) as caught:
        read_model_files(folder)
    assert str(caught.value) == (
        "pytorch_model.bin: tensors by name are expected (a model's state_dict). Save it with "
        "torch.save(model.state_dict(), ...).")


def test_without_torch_the_message_says_what_to_install(folder, monkeypatch):
    monkeypatch.setitem(sys.modules, "torch", None)
    with pytest.raises(MissingExtra) as caught:
        read_model_files(folder)
    assert str(caught.value) == (
        "pytorch_model.bin is a PyTorch file, and torch is not installed. Install it where you "
        'cloned Cutaway: pip install --constraint constraints.txt --editable ".[train]"')


def test_a_pickle_that_is_named_safetensors_is_a_corrupt_file(tmp_path):
    file = tmp_path / "model.safetensors"
    torch.save({"wte.weight": torch.zeros(2, 2)}, file)
    with pytest.raises(CorruptFile, match=r"model\.safetensors"):
        read_torch(file)
