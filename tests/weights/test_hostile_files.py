"""Files of strangers that would run into a library's own error, or be read for ever."""

import json
import os
import shutil
import struct
import zipfile

import pytest
import torch

from cutaway.errors import CutawayError
from cutaway.weights import Store, read_model_files
from tests.weights.peers import OPENAI

ENTRY = {"dtype": "F32", "shape": [2], "data_offsets": [0, 8]}
DEEP = "[" * 100_000


def said_of(path) -> str:
    with pytest.raises(CutawayError) as caught:
        read_model_files(path)
    return str(caught.value)


@pytest.fixture
def folder(tmp_path):
    """A model of 2 blocks in safetensors."""
    store = Store(tmp_path / "kept")
    store.add(OPENAI, "tiny")
    return store.folder / "tiny"


def write_header(folder, header: bytes) -> None:
    (folder / "model.safetensors").write_bytes(
        struct.pack("<Q", len(header)) + header + bytes(16))


@pytest.mark.parametrize(("header", "words"), [
    (DEEP.encode(), "its parts lie in one another too deep"),
    (b'{"wte": {"dtype":"F32","shape":[1e999],"data_offsets":[0,8]}}', "entry for 'wte'"),
    (b'{"wte": {"dtype":"F32","shape":[2.5],"data_offsets":[0,8]}}', "entry for 'wte'"),
    (b'{"wte": {"dtype":"F32","shape":[true,2],"data_offsets":[0,8]}}', "entry for 'wte'"),
    (b'{"wte": {"dtype":"F32","shape":[2],"data_offsets":[0,Infinity]}}', "entry for 'wte'"),
    (b'{"a": {}, "a": {}}', "'a' stands in it twice"),
    (json.dumps({"a": ENTRY, "b": ENTRY}).encode(), "'a' and 'b' have bytes in common"),
    (json.dumps({f"transformer.h.{'1' * 5_000}.ln_1.weight": ENTRY}).encode(), "none of GPT-2's"),
    (json.dumps({"wte.weight": ENTRY | {"shape": [2, 1]}, "lm_head.weight": {
        "dtype": "I64", "shape": [1], "data_offsets": [8, 16]}}).encode(), "holds I64"),
])
def test_a_header_that_no_program_writes(folder, header, words):
    write_header(folder, header)
    assert words in said_of(folder)


@pytest.mark.parametrize(("text", "words"), [
    (DEEP, "too deep"), ('{"n_layer": ' + "1" * 5_000 + "}", "thousands of digits")])
def test_a_config_that_no_program_writes(folder, text, words):
    (folder / "config.json").write_text(text)
    assert words in said_of(folder)


@pytest.mark.parametrize("n_layer", [200_000, 10**9, 10**30])
def test_more_blocks_than_a_book_can_be_made_of(folder, n_layer):
    config = json.loads((folder / "config.json").read_text())
    (folder / "config.json").write_text(json.dumps(config | {"n_layer": n_layer}))
    assert f"the config says {n_layer} blocks, and there are tensors of 2" in said_of(folder)


@pytest.mark.parametrize("make", [os.mkfifo, lambda path: os.symlink("/dev/zero", path)])
@pytest.mark.parametrize("name", ["model.safetensors", "pytorch_model.bin", "x.index", "x.zip"])
def test_what_is_no_file_is_never_read(tmp_path, make, name):
    make(tmp_path / name)
    assert "is no file but a folder, a pipe or a device" in said_of(tmp_path / name)
    if name != "x.zip":
        assert "is no file but a folder, a pipe or a device" in said_of(tmp_path)


def test_a_header_of_three_gigabytes_of_nothing(folder):
    with (folder / "model.safetensors").open("r+b") as file:
        file.write(struct.pack("<Q", 3_000_000_000))
        file.truncate(3_000_100_000)
    assert "its header takes 3,000,000,000 bytes" in said_of(folder)


def test_a_zip_of_too_many_files(tmp_path):
    with zipfile.ZipFile(tmp_path / "x.zip", "w") as archive:
        for number in range(10_001):
            archive.writestr(f"{number}", "")
    assert "x.zip holds 10,001 files; at most 10,000 are expected" in said_of(tmp_path / "x.zip")


def test_a_line_without_end_in_a_zip(tmp_path):
    with zipfile.ZipFile(tmp_path / "x.zip", "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("model_wte.csv", "1" * 11_000_000)
    assert "a line has more than 10,000,000 characters" in said_of(tmp_path / "x.zip")


@pytest.mark.parametrize("name", [1, b"x", (1, 2), None])
def test_a_state_dict_whose_names_are_no_words(tmp_path, name):
    torch.save({name: torch.zeros(2)}, tmp_path / "model.bin")
    assert "tensors by name are expected" in said_of(tmp_path)


@pytest.mark.parametrize("tensor", [
    torch.zeros(2, 2).to_sparse(), torch.zeros(2, 2, device="meta"),
    torch.zeros(1).expand(10**9, 10**9)])
def test_a_tensor_without_numbers_of_its_own(tmp_path, tensor):
    torch.save({"wte.weight": tensor}, tmp_path / "model.bin")
    assert "is no plain table of numbers" in said_of(tmp_path)


def test_a_whole_number_of_two_megabytes(tmp_path):
    shutil.copytree(OPENAI, tmp_path / "o")
    index = tmp_path / "o" / "model.ckpt.index"
    index.write_bytes(b"\xff" * 2_000_000 + index.read_bytes()[-48:])
    assert "more than the 1,000,000 bytes" in said_of(tmp_path / "o")
    index.write_bytes(b"\xff" * 900_000 + index.read_bytes()[-8:])
    assert "a whole number in it has more than 64 bits" in said_of(tmp_path / "o")


@pytest.mark.parametrize("text", [DEEP, "null", "5", '"abc"'])
def test_a_record_of_the_store_that_no_program_writes(folder, text):
    (folder / "cutaway.json").write_text(text)
    assert "is damaged" in str(Store(folder.parent).damaged()[folder.name])
