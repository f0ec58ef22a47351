"""Files that people take for weights: each is called what it is, with one thing to do."""

import json

import numpy as np
import pytest
import torch
from safetensors.numpy import load_file, save_file

from cutaway.errors import CorruptFile, CutawayError, UnknownModel
from cutaway.weights import read_model_files

POINTER = (b"version https://git-lfs.github.com/spec/v1\n"
           b"oid sha256:4d7a214614ab2935c943f9e0ff69d22eadbb8f32b1258daaa5e2ca24d17e2393\n"
           b"size 548105171\n")
BEGINNINGS = {
    "a git-lfs pointer": POINTER,
    "a web page": b"\n<!DOCTYPE html><html><head><title>404</title>",
    "a GGUF file": b"GGUF\x03\0\0\0" + bytes(16),
    "a GGML file": b"lmgg\x01\0\0\0" + bytes(16),
    "an HDF5 file": b"\x89HDF\r\n\x1a\n" + bytes(16),
    "packed with gzip": b"\x1f\x8b\x08\0" + bytes(16),
    "a PDF document": b"%PDF-1.7\n",
    "one NumPy array": b"\x93NUMPY\x01\0v\0",
}
NAMES = {"model.onnx": "an ONNX graph", "saved_model.pb": "a graph of TensorFlow's",
         "tf_model.h5": "an HDF5 file", "flax_model.msgpack": "a Flax checkpoint",
         "rust_model.ot": "a model of rust-bert's", "weights.npz": "an archive of NumPy arrays"}


def refusal(path, kind: type[CutawayError] = CorruptFile) -> str:
    with pytest.raises(kind) as caught:
        read_model_files(path)
    return str(caught.value)


@pytest.mark.parametrize("name", ["model.safetensors", "pytorch_model.bin", "x.index", "x.pt",
                                  "x.zip", "x"])
@pytest.mark.parametrize("words", BEGINNINGS)
def test_it_is_told_by_its_beginning_whatever_its_name(words, name, tmp_path):
    (tmp_path / name).write_bytes(BEGINNINGS[words])
    message = refusal(tmp_path / name)
    assert message.startswith(f"{name} is {words}")
    assert message.count(". ") == 1  # what it is, and what to do


@pytest.mark.parametrize("name", NAMES)
def test_it_is_told_by_its_name_alone_and_in_a_folder(name, tmp_path):
    (tmp_path / name).write_bytes(b"\x08\x07\x12\x07pytorch")
    assert refusal(tmp_path / name).startswith(f"{name} is {NAMES[name]}")
    assert f"There is no model in {tmp_path}. {name} is {NAMES[name]}" in refusal(
        tmp_path, UnknownModel)


def test_a_pointer_in_the_place_of_a_shard_is_told(model_folder):
    tensors = load_file(model_folder / "model.safetensors")
    (model_folder / "model.safetensors").unlink()
    (model_folder / "a.safetensors").write_bytes(POINTER)
    (model_folder / "model.safetensors.index.json").write_text(json.dumps(
        {"weight_map": dict.fromkeys(tensors, "a.safetensors")}))
    assert refusal(model_folder).startswith("a.safetensors is a git-lfs pointer")


@pytest.mark.parametrize("save", [
    lambda tensors, folder: save_file(tensors, folder / "adapter_model.safetensors"),
    lambda tensors, folder: torch.save({name: torch.from_numpy(one) for name, one in
                                        tensors.items()}, folder / "adapter_model.bin")])
def test_a_lora_adapter_is_told(save, tmp_path):
    """The names are peft's for `target_modules=["c_attn"]`."""
    save({f"base_model.model.transformer.h.0.attn.c_attn.lora_{part}.weight":
          np.ones((2, 2), np.float32) for part in "AB"}, tmp_path)
    assert "is a LoRA adapter: changes to a model, which is in another file. Merge" in refusal(
        tmp_path)


def test_the_state_of_an_optimizer_is_told(tmp_path):
    layer = torch.nn.Linear(2, 2)
    optimizer = torch.optim.AdamW(layer.parameters())
    layer(torch.ones(2)).sum().backward()
    optimizer.step()
    torch.save(optimizer.state_dict(), tmp_path / "optimizer.pt")
    assert refusal(tmp_path) == (
        "optimizer.pt is the state of an optimizer, which training goes on from: the model is in "
        "another file. Open the file of the model beside it.")
