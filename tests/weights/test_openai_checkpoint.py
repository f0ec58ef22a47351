"""A checkpoint written by TensorFlow's own writer: see fixtures/make_openai_checkpoint.py."""

import shutil

import numpy as np
import pytest

from cutaway.errors import CorruptFile
from cutaway.models.config import Config
from cutaway.weights import read_model_files
from cutaway.weights.table_file import MAGIC, crc32c, masked, read_table
from tests.weights.peers import OPENAI, assert_same


@pytest.fixture
def folder(tmp_path):
    return shutil.copytree(OPENAI, tmp_path / "124M")


def test_openais_checkpoint_opens_to_the_digits_that_tensorflow_reads(folder, numbers):
    model = read_model_files(folder)
    assert_same(model.weights, numbers)
    assert model.config == Config(vocab_size=11, n_positions=16, n_embd=8, n_layer=2, n_head=2)
    assert model.name == "124M"


def test_a_checkpoint_opens_by_its_index_file(folder, numbers):
    assert_same(read_model_files(folder / "model.ckpt.index").weights, numbers)


def test_a_fine_tuned_checkpoint_of_another_name_opens(folder, numbers):
    for file in folder.glob("model.ckpt.*"):
        file.rename(folder / file.name.replace("model.ckpt", "model-1000"))
    assert_same(read_model_files(folder).weights, numbers)


def test_the_numbers_are_mapped_from_the_data_file(folder):
    weights = read_model_files(folder).weights
    origin = weights.origin("h1.c_attn_w")
    assert origin.file.name == "model.ckpt.data-00000-of-00001"
    assert origin.tensor == "model/h1/attn/c_attn/w"
    assert origin.shape == (8, 24)  # stored as 1 x 8 x 24
    assert not weights["h1.c_attn_w"].flags.owndata


def test_the_checksum_is_the_published_one():
    # RFC 3720, appendix B.4: 32 bytes of zeros, of ones, and 0 to 31.
    assert crc32c(bytes(32)) == 0x8A9136AA
    assert crc32c(b"\xff" * 32) == 0x62A8AB43
    assert crc32c(bytes(range(32))) == 0x46DD794E


def test_a_data_file_that_was_cut_short_is_corrupt(folder):
    data = folder / "model.ckpt.data-00000-of-00001"
    data.write_bytes(data.read_bytes()[:-1])
    with pytest.raises(CorruptFile) as caught:
        read_model_files(folder)
    assert str(caught.value) == (
        "model.ckpt.data-00000-of-00001: 'model/wte' should end at byte 7,904, but the file has "
        "7,903. It is cut short: get it again.")


def test_an_empty_data_file_is_corrupt(folder):
    (folder / "model.ckpt.data-00000-of-00001").write_bytes(b"")
    with pytest.raises(CorruptFile, match=r"but the file has 0\. It is cut short: get it again\."):
        read_model_files(folder)


def test_a_missing_data_file_is_named(folder):
    (folder / "model.ckpt.data-00000-of-00001").unlink()
    with pytest.raises(CorruptFile) as caught:
        read_model_files(folder)
    assert str(caught.value) == (
        "model.ckpt.index needs model.ckpt.data-00000-of-00001, which is not beside it. Get that "
        "file too.")


def test_an_index_that_was_cut_short_is_corrupt(folder):
    index = folder / "model.ckpt.index"
    index.write_bytes(index.read_bytes()[:-10])
    with pytest.raises(CorruptFile) as caught:
        read_model_files(folder)
    assert str(caught.value) == (
        "model.ckpt.index: it does not end as a checkpoint's index does. It is cut short or is no "
        "index: get it again.")


def test_an_index_with_a_changed_byte_is_corrupt(folder):
    index = folder / "model.ckpt.index"
    damaged = bytearray(index.read_bytes())
    damaged[100] ^= 1
    index.write_bytes(damaged)
    with pytest.raises(CorruptFile) as caught:
        read_model_files(folder)
    assert str(caught.value) == (
        "model.ckpt.index: its table cannot be read (the checksum of the block at byte 0 is "
        "wrong). The file is damaged: get it again.")


def block(contents: bytes, compression: bytes = b"\0") -> bytes:
    return contents + compression + masked(crc32c(contents + compression)).to_bytes(4, "little")


def table(first: bytes, index_entry: bytes) -> bytes:
    """A table of one block, by the published layout; an entry's key is the single letter k."""
    index = block(b"\x00\x01" + bytes([len(index_entry)]) + b"k" + index_entry
                  + bytes(4) + b"\1\0\0\0")
    footer = b"\0\0" + bytes([len(first)]) + bytes([len(index) - 5])
    return first + index + footer.ljust(40, b"\0") + MAGIC


@pytest.mark.parametrize(("first", "entry", "reason"), [
    (block(b"\x00\x01\x01kv" + bytes(4) + b"\1\0\0\0", b"\1"), b"\x00\x0d",
     "the block at byte 0 is compressed, which TensorFlow's are not"),
    (block(b"\x00\x01\x01kv" + bytes(4) + b"\1\0\0\0"), b"\x7f\x7f",
     "a block should end at byte 254 of "),
])
def test_a_block_that_cannot_be_read_is_corrupt(tmp_path, first, entry, reason):
    file = tmp_path / "model.ckpt.index"
    file.write_bytes(table(first, entry))
    with pytest.raises(CorruptFile) as caught:
        read_table(file)
    assert reason in str(caught.value)


def test_a_table_without_a_checkpoint_in_it_is_corrupt(tmp_path):
    file = tmp_path / "model.ckpt.index"
    file.write_bytes(table(block(b"\x00\x01\x01kv" + bytes(4) + b"\1\0\0\0"), b"\x00\x0d"))
    assert read_table(file) == {b"k": b"v"}
    with pytest.raises(CorruptFile) as caught:
        read_model_files(file)
    assert str(caught.value) == (
        "model.ckpt.index: its entries are not those of a checkpoint. The file is damaged: get it "
        "again.")


def test_a_changed_bit_anywhere_in_the_index_gives_our_error_and_no_other(folder):
    index = folder / "model.ckpt.index"
    whole = index.read_bytes()
    generator = np.random.default_rng(0)
    for _ in range(200):
        damaged = bytearray(whole)
        damaged[generator.integers(len(damaged))] ^= 1 << generator.integers(8)
        index.write_bytes(damaged)
        try:
            read_model_files(folder)
        except CorruptFile as error:
            assert "get it again" in str(error).lower()
