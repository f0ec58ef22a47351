"""What Cutaway writes, opened by transformers."""

import errno
import json
import resource
from contextlib import contextmanager
from pathlib import Path

import numpy as np
import pytest
import torch
from safetensors import safe_open
from transformers import AutoTokenizer, GPT2LMHeadModel

from cutaway.errors import DiskError, MissingTensors, NotFinite, TokenizerFileError
from cutaway.models.config import Config
from cutaway.weights import export_huggingface, read_model_files, save_weights
from tests.weights.peers import OPENAI, assert_same

TINY = Config(vocab_size=11, n_positions=16, n_embd=8, n_layer=2, n_head=2)
IDS = torch.tensor([[0, 3, 10, 7, 7, 1], [5, 4, 3, 2, 1, 0]])


def logits(model) -> np.ndarray:
    with torch.no_grad():
        return model(IDS).logits.numpy()


def test_what_is_exported_gives_transformers_the_same_logits(huggingface_model, tmp_path):
    model = read_model_files(OPENAI)
    export_huggingface(model.config, model.weights, None, tmp_path / "out")
    theirs, info = GPT2LMHeadModel.from_pretrained(
        tmp_path / "out", attn_implementation="eager", output_loading_info=True)
    assert not info["missing_keys"] and not info["unexpected_keys"]
    np.testing.assert_array_equal(logits(theirs), logits(huggingface_model))


def test_the_file_is_as_transformers_writes_it(model_folder, numbers, tmp_path):
    export_huggingface(TINY, numbers, None, tmp_path / "out")
    with (safe_open(tmp_path / "out/model.safetensors", "np") as ours,
          safe_open(model_folder / "model.safetensors", "np") as theirs):
        assert set(ours.keys()) == set(theirs.keys())
        assert ours.metadata() == theirs.metadata() == {"format": "pt"}
    ours, theirs = (json.loads((folder / "config.json").read_text())
                    for folder in (tmp_path / "out", model_folder))
    differing = {name for name in ours if name in theirs and ours[name] != theirs[name]}
    assert not differing


@pytest.mark.parametrize("dtype", ["float16", "float32", "float64"])
def test_what_is_saved_opens_to_the_same_digits_in_that_type(numbers, tmp_path, dtype):
    save_weights(tmp_path, TINY, numbers, dtype)
    model = read_model_files(tmp_path)
    assert model.config == TINY
    assert_same(model.weights, {name: array.astype(dtype) for name, array in numbers.items()})
    assert model.weights["wte"].dtype == dtype


def test_arrays_in_any_memory_order_are_saved_right(numbers, tmp_path):
    save_weights(tmp_path, TINY, {name: np.asfortranarray(a) for name, a in numbers.items()})
    assert_same(read_model_files(tmp_path).weights, numbers)


def test_bfloat16_is_exported_as_the_float32_that_it_is(numbers, tmp_path):
    from tests.weights.peers import huggingface_model

    theirs = huggingface_model(numbers).bfloat16()
    theirs.save_pretrained(tmp_path / "in")
    model = read_model_files(tmp_path / "in")
    export_huggingface(model.config, model.weights, None, tmp_path / "out")
    again = GPT2LMHeadModel.from_pretrained(tmp_path / "out", attn_implementation="eager")
    np.testing.assert_array_equal(logits(again), logits(theirs.float()))


@pytest.mark.parametrize("names", [("vocab.json", "merges.txt"), ("encoder.json", "vocab.bpe")])
def test_the_tokenizer_goes_along_and_transformers_opens_it(numbers, tmp_path, names):
    vocabulary = {letter: i for i, letter in enumerate("abcdefgĠ")}
    vocabulary |= {"ab": 8, "Ġa": 9, "<|endoftext|>": 10}
    (tmp_path / names[0]).write_text(json.dumps(vocabulary), encoding="utf-8")
    (tmp_path / names[1]).write_text("#version: 0.2\na b\nĠ a\n", encoding="utf-8")
    out = tmp_path / "out"
    export_huggingface(TINY, numbers, tmp_path, out)
    tokenizer = AutoTokenizer.from_pretrained(out)
    assert tokenizer.encode("ab a<|endoftext|>") == [8, 9, 10]
    config = json.loads((out / "config.json").read_text())
    assert config["bos_token_id"] == config["eos_token_id"] == 10


def test_the_end_of_text_is_found_where_there_is_a_tokenizer_json_only(numbers, tmp_path):
    from tokenizers import AddedToken, Tokenizer, models

    peer = Tokenizer(models.BPE({letter: i for i, letter in enumerate("abcdefghij")}, []))
    peer.add_special_tokens([AddedToken("<|endoftext|>", special=True)])
    peer.save(str(tmp_path / "tokenizer.json"))
    export_huggingface(TINY, numbers, tmp_path, tmp_path / "out")
    config = json.loads((tmp_path / "out" / "config.json").read_text())
    assert config["eos_token_id"] == peer.token_to_id("<|endoftext|>") == 10


@pytest.mark.parametrize("text", ["{", "[]"])
def test_a_vocabulary_that_cannot_be_read_is_named_and_nothing_is_written(numbers, tmp_path, text):
    (tmp_path / "vocab.json").write_text(text)
    with pytest.raises(TokenizerFileError) as caught:
        export_huggingface(TINY, numbers, tmp_path, tmp_path / "out")
    assert str(caught.value) == (
        "vocab.json: tokens with their ids are expected, as JSON. Get the file again.")
    assert not (tmp_path / "out").exists()


def test_nan_is_not_exported_and_the_old_files_stay(numbers, tmp_path):
    save_weights(tmp_path, TINY, numbers)
    spoiled = numbers | {"wpe": np.full_like(numbers["wpe"], np.nan)}
    for write in (lambda: save_weights(tmp_path, TINY, spoiled),
                  lambda: export_huggingface(TINY, spoiled, None, tmp_path)):
        with pytest.raises(NotFinite, match=r"^model\.safetensors: .* in wpe \(128 of 128; "):
            write()
    assert_same(read_model_files(tmp_path).weights, numbers)


def test_a_number_too_large_for_float16_is_named(numbers, tmp_path):
    with pytest.raises(NotFinite, match=r"ln_f_g \(8 of 8; the first is inf at \[0\]\)"):
        save_weights(tmp_path, TINY, numbers | {"ln_f_g": np.full(8, 7e4, np.float32)}, "float16")


def test_arrays_that_are_missing_are_named(numbers, tmp_path):
    with pytest.raises(MissingTensors, match=r"are missing: h0\.c_fc_w\. Get"):
        save_weights(tmp_path / "new", TINY,
                     {name: a for name, a in numbers.items() if name != "h0.c_fc_w"})
    assert not (tmp_path / "new").exists()


@contextmanager
def files_of_at_most(size_bytes):
    """The system breaks off every file at this length, as it does when the disk is full."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size_bytes, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


def test_a_write_that_the_system_breaks_off_leaves_the_old_files(numbers, tmp_path):
    save_weights(tmp_path, TINY, numbers)
    doubled = {name: 2 * array for name, array in numbers.items()}
    with files_of_at_most(4096), pytest.raises(DiskError) as caught:
        export_huggingface(TINY, doubled, None, tmp_path)
    assert str(caught.value).startswith(f"{tmp_path} could not be written: ")
    assert str(caught.value).endswith(
        "What was there before is unchanged. Make room, or choose another folder.")
    assert_same(read_model_files(tmp_path).weights, numbers)
    assert sorted(file.name for file in tmp_path.iterdir()) == ["config.json", "model.safetensors"]


def test_a_full_disk_is_named_and_leaves_nothing_behind(numbers, tmp_path, monkeypatch):
    def full(*_, **__):
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(Path, "write_text", full)
    with pytest.raises(DiskError) as caught:
        save_weights(tmp_path / "new", TINY, numbers)
    assert str(caught.value) == (
        f"{tmp_path / 'new'} could not be written: No space left on device. What was there before "
        "is unchanged. Make room, or choose another folder.")
    assert list(tmp_path.iterdir()) == []


def test_an_interruption_leaves_the_old_files(numbers, tmp_path, monkeypatch):
    save_weights(tmp_path, TINY, numbers)

    def interrupted(*_, **__):
        raise KeyboardInterrupt

    monkeypatch.setattr("safetensors.numpy.save_file", interrupted)
    with pytest.raises(KeyboardInterrupt):
        save_weights(tmp_path, TINY, {name: 2 * array for name, array in numbers.items()})
    assert_same(read_model_files(tmp_path).weights, numbers)
    assert len(list(tmp_path.iterdir())) == 2
