"""llm.c's `.bin`, written as its train_gpt2.py writes it, against the module that it writes."""

import json
import struct

import numpy as np
import pytest
import torch

from cutaway import NumpyEngine, gpt2, start_run
from cutaway.errors import CorruptFile
from cutaway.models.config import Config
from cutaway.weights import Store, read_model_files
from tests.weights.other_programs import (
    BLOCKS,
    HEADS,
    IDS,
    PLACES,
    TOKENS,
    WIDTH,
    MinGPT,
    filled,
    logits_of,
    write_llmc,
)


@pytest.fixture
def peer() -> MinGPT:
    made = filled(MinGPT().tied())
    assert isinstance(made, MinGPT)
    return made


def logits(path) -> np.ndarray:
    files = read_model_files(path)
    assert isinstance(files.config, Config)
    return start_run(gpt2(files.config), files.weights, np.array(IDS),
                     engine=NumpyEngine(np.float64))["logits"].array


def test_a_model_opens_to_the_logits_of_what_was_written(peer, tmp_path):
    write_llmc(peer, tmp_path / "gpt2.bin")
    np.testing.assert_allclose(logits(tmp_path), logits_of(peer).numpy(), rtol=1e-5, atol=1e-5)
    assert read_model_files(tmp_path).config == Config(TOKENS, PLACES, WIDTH, BLOCKS, HEADS)


def test_bfloat16_has_the_digits_that_torch_has(peer, tmp_path):
    write_llmc(peer, tmp_path / "gpt2_bf16.bin", torch.bfloat16)
    with torch.no_grad():
        for tensor in peer.parameters():
            tensor.copy_(tensor.bfloat16().float())
    np.testing.assert_allclose(logits(tmp_path), logits_of(peer).numpy(), rtol=1e-5, atol=1e-5)


def test_the_store_keeps_it(peer, tmp_path):
    write_llmc(peer, tmp_path / "gpt2.bin")
    store = Store(tmp_path / "store")
    assert store.add(tmp_path / "gpt2.bin").notes == "It is a model of llm.c's."
    np.testing.assert_array_equal(logits(store.open("gpt2").folder), logits(tmp_path / "gpt2.bin"))


def test_what_llmc_writes_besides_is_no_model(tmp_path):
    for magic, words in ((20240328, "list of tokens"), (20240520, "training text"),
                         (20240327, "debug state"), (20240527, "optimizer")):
        (tmp_path / "x.bin").write_bytes(struct.pack("<ii", magic, 1) + bytes(2_000))
        with pytest.raises(CorruptFile, match=words):
            read_model_files(tmp_path / "x.bin")


@pytest.mark.parametrize(("place", "number", "words"), [
    (1, 1, "in version 1 of its format; 3 (float32) and 5 (bfloat16) can be read"),
    (4, 10**9, "n_layer 1000000000, which no model has"), (6, -1, "n_embd -1, which no model has"),
    (7, 5, "more tokens than rows"), (4, 3, "bytes, and its header says")])
def test_a_header_that_is_not_of_this_file_is_refused(peer, tmp_path, place, number, words):
    write_llmc(peer, tmp_path / "x.bin")
    content = bytearray((tmp_path / "x.bin").read_bytes())
    content[4 * place:4 * place + 4] = struct.pack("<i", number)
    (tmp_path / "x.bin").write_bytes(content)
    with pytest.raises(CorruptFile) as caught:
        read_model_files(tmp_path / "x.bin")
    assert words in str(caught.value)


@pytest.mark.parametrize("keep", [8, 1_000, 1_024, 20_000])
def test_a_file_that_was_cut_short_is_refused(peer, tmp_path, keep):
    write_llmc(peer, tmp_path / "x.bin")
    (tmp_path / "x.bin").write_bytes((tmp_path / "x.bin").read_bytes()[:keep])
    with pytest.raises(CorruptFile, match="get it again"):
        read_model_files(tmp_path / "x.bin")


def test_its_header_says_the_shape_whatever_config_is_beside_it(peer, tmp_path):
    write_llmc(peer, tmp_path / "x.bin")
    (tmp_path / "config.json").write_text(json.dumps({"model_type": "llama", "n_head": 1}))
    assert read_model_files(tmp_path).config.n_head == HEADS
