"""Every format is read and written, and what we write opens elsewhere with the same ids."""

import json
import os
import resource
import shutil

import pytest
import tokenizers
import transformers
from tokenizers import models

from cutaway.errors import DiskError
from cutaway.tokenizer import Tokenizer, gpt2_folder
from tests.tokenizer.oracles import fuzzed_strings

PAIRS = [("vocab.json", "merges.txt"), ("encoder.json", "vocab.bpe")]


@pytest.fixture
def saved(small, tmp_path):
    """A folder with the small tokenizer in every format."""
    small.save(tmp_path)
    small.save_openai(tmp_path)
    return tmp_path


@pytest.mark.parametrize("name", ["tokenizer.json", "vocab.json", "merges.txt", "encoder.json",
                                  "vocab.bpe", ""])
def test_every_file_and_the_folder_open_as_the_same_tokenizer(saved, small, name):
    assert Tokenizer.open(saved / name) == small
    assert Tokenizer.open(str(saved / name)) == small


@pytest.mark.parametrize("names", [*PAIRS, ("tokenizer.json",)])
def test_a_folder_with_one_of_the_formats_opens(saved, small, tmp_path, names):
    folder = tmp_path / "only"
    folder.mkdir()
    for name in names:
        shutil.copy(saved / name, folder / name)
    assert Tokenizer.open(folder) == small


def test_gpt2s_own_files_are_written_byte_for_byte(gpt2, tmp_path):
    """Source: the files as OpenAI published them."""
    gpt2.save_openai(tmp_path)
    for name in ("encoder.json", "vocab.bpe"):
        assert (tmp_path / name).read_bytes() == (gpt2_folder() / name).read_bytes()


def test_gpt2_saved_opens_in_tokenizers_with_the_same_ids(gpt2, tmp_path):
    gpt2.save(tmp_path)
    whole = tokenizers.Tokenizer.from_file(str(tmp_path / "tokenizer.json"))
    for text in fuzzed_strings(500, seed=2):
        ids = gpt2.encode_with_special(text)
        assert whole.encode(text).ids == ids
        assert whole.decode(ids, skip_special_tokens=False) == gpt2.decode(ids) == text
    two = models.BPE.from_file(str(tmp_path / "vocab.json"), str(tmp_path / "merges.txt"))
    assert tokenizers.Tokenizer(two).get_vocab() == whole.get_vocab()


@pytest.mark.parametrize("kind", [transformers.AutoTokenizer, transformers.GPT2TokenizerFast])
def test_what_we_save_opens_in_transformers_with_the_same_ids(small, tmp_path, kind):
    small.save(tmp_path)
    theirs = kind.from_pretrained(tmp_path)
    text = "the end<|endoftext|> the 日本 path"
    assert theirs.encode(text) == small.encode_with_special(text)
    assert len(theirs) == len(small) and theirs.eos_token_id == small.end_of_text


def test_without_end_of_text_transformers_gets_no_end_of_text(tmp_path):
    Tokenizer.from_merges([(b"t", b"h")], special=()).save(tmp_path)
    theirs = transformers.AutoTokenizer.from_pretrained(tmp_path)
    assert len(theirs) == 257 and theirs.eos_token is None


def test_what_transformers_saves_opens_with_the_same_ids(gpt2, tmp_path):
    gpt2.save(tmp_path / "ours")
    theirs = transformers.GPT2TokenizerFast.from_pretrained(tmp_path / "ours")
    theirs.add_special_tokens({"pad_token": "[PAD]", "additional_special_tokens": ["<début>"]})
    theirs.save_pretrained(tmp_path / "theirs")
    opened = Tokenizer.open(tmp_path / "theirs")
    text = "It ends.<|endoftext|><début> Now[PAD]"
    assert opened.encode_with_special(text) == theirs.encode(text)
    assert opened.special == {"<|endoftext|>": 50256, "[PAD]": 50257, "<début>": 50258}


def test_merges_written_as_texts_are_read_like_merges_written_as_pairs(saved, small):
    """Source: `tokenizers` before 0.20 wrote "a b" where it now writes ["a", "b"]."""
    content = json.loads((saved / "tokenizer.json").read_text(encoding="utf-8"))
    content["model"]["merges"] = [" ".join(pair) for pair in content["model"]["merges"]]
    (saved / "tokenizer.json").write_text(json.dumps(content), encoding="utf-8")
    assert Tokenizer.open(saved / "tokenizer.json") == small


def test_merges_with_windows_line_ends_and_without_a_version_line_are_read(saved, small):
    lines = (saved / "merges.txt").read_text(encoding="utf-8").splitlines()[1:]
    (saved / "merges.txt").write_bytes("\r\n".join(lines).encode())
    assert Tokenizer.open(saved / "merges.txt") == small


def test_a_full_disk_leaves_the_old_files_and_says_so(saved, small, gpt2):
    """The disk is made small by the limit that the system puts on a file's size."""
    before = {file.name: file.read_bytes() for file in saved.iterdir()}
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (100_000, hard))
    try:
        with pytest.raises(DiskError) as error:
            gpt2.save(saved)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
    assert str(error.value) == (
        f"The tokenizer could not be written to {str(saved)!r}: File too large. What was there "
        "before is unchanged. Make room, or choose another folder.")
    assert {file.name: file.read_bytes() for file in saved.iterdir()} == before
    assert Tokenizer.open(saved) == small


def test_a_disk_that_fills_up_at_the_last_file_leaves_all_the_old_files(saved, gpt2, monkeypatch):
    before = {file.name: file.read_bytes() for file in saved.iterdir()}
    calls = []

    def full(descriptor):
        calls.append(descriptor)
        if len(calls) == 4:
            raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(DiskError, match="No space left on device"):
        gpt2.save(saved)
    assert {file.name: file.read_bytes() for file in saved.iterdir()} == before


def test_a_folder_that_cannot_be_made_is_a_disk_error(small, tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(DiskError, match=r"could not be written to '.*file': File exists"):
        small.save(tmp_path / "file")
