"""A file that is not right is named, with what is wrong in it and what to do."""

import json
from pathlib import Path

import pytest

from cutaway.errors import TokenizerError, TokenizerFileError
from cutaway.tokenizer import FIRST_TOKENS, Tokenizer
from cutaway.tokenizer.check import check_reachable


@pytest.fixture
def folder(small, tmp_path):
    """The small tokenizer as vocab.json and merges.txt, and as tokenizer.json further down."""
    small.save(tmp_path)
    (tmp_path / "whole").mkdir()
    (tmp_path / "tokenizer.json").rename(tmp_path / "whole" / "tokenizer.json")
    return tmp_path


def message_of(path) -> str:
    with pytest.raises(TokenizerFileError) as error:
        Tokenizer.open(path)
    return str(error.value)


def change(file: Path, edit) -> Path:
    """The JSON file with `edit` done to its content."""
    content = json.loads(file.read_text(encoding="utf-8"))
    edit(content)
    file.write_text(json.dumps(content), encoding="utf-8")
    return file


def replace(file: Path, old: str, new: str) -> Path:
    text = file.read_text(encoding="utf-8")
    assert old in text
    file.write_text(text.replace(old, new), encoding="utf-8")
    return file


def test_a_path_where_nothing_is(tmp_path):
    assert message_of(tmp_path / "no") == f"There is no file or folder '{tmp_path / 'no'}'."


def test_an_empty_folder(tmp_path):
    assert message_of(tmp_path) == (
        f"The folder '{tmp_path}' holds no tokenizer. One of these is expected: tokenizer.json, "
        "or vocab.json with merges.txt, or encoder.json with vocab.bpe.")


@pytest.mark.parametrize(("missing", "left"), [("merges.txt", "vocab.json"),
                                               ("vocab.json", "merges.txt")])
def test_one_file_of_two(folder, missing, left):
    (folder / missing).unlink()
    assert message_of(folder / left) == (
        f"{missing} is missing in '{folder}': vocab.json and merges.txt are one tokenizer. "
        "Put both into the folder.")


def test_merges_cut_off_inside_a_line(folder):
    text = (folder / "merges.txt").read_bytes().decode("utf-8")
    (folder / "merges.txt").write_text(text[:text.rindex(" ")], encoding="utf-8")
    assert message_of(folder) == (
        "merges.txt, line 4: 'Ġth' is no merge. Two tokens with one space between them are "
        "expected. The file may be cut off: get it again.")


def test_merges_cut_off_between_two_lines(folder):
    replace(folder / "merges.txt", "Ġth e\n", "")
    assert message_of(folder) == (
        "vocab.json and merges.txt: no merge makes 1 of the 260 tokens ('Ġthe'): the list of 2 "
        "merges is cut off, or is another vocabulary's. Get both files again.")


def test_gpt2s_merges_cut_off_anywhere_are_noticed(gpt2, tmp_path):
    gpt2.save_openai(tmp_path)
    text = (tmp_path / "vocab.bpe").read_bytes()
    for place in (0, 1_000, 234_567, len(text) - 2):
        (tmp_path / "vocab.bpe").write_bytes(text[:place])
        assert message_of(tmp_path).startswith(("vocab.bpe", "encoder.json and vocab.bpe: "))


def test_a_file_cut_off_inside_a_character(folder):
    (folder / "merges.txt").write_bytes("Ġ t\nĠ".encode()[:-1])
    assert message_of(folder) == (
        "merges.txt is no UTF-8 text: byte 0xC4 at place 5. The file is damaged, or is "
        "something else: get it again.")


@pytest.mark.parametrize("name", ["vocab.json", "whole/tokenizer.json"])
def test_json_that_is_no_json(folder, name):
    file = folder / name
    file.write_text(file.read_text(encoding="utf-8")[:100], encoding="utf-8")
    message = message_of(file)
    assert message.startswith(f"{file.name} is no JSON: ")
    assert message.endswith("The file may be cut off: get it again.")


@pytest.mark.parametrize("content", [
    [], {}, {"model": {}}, {"model": {"vocab": []}},
    {"model": {"vocab": {}, "merges": 5}, "pre_tokenizer": {"type": "ByteLevel",
                                                            "add_prefix_space": False}},
    {"model": {"vocab": {}, "merges": [["a"]]}, "pre_tokenizer": {"type": "ByteLevel",
                                                                  "add_prefix_space": False}},
])
def test_json_that_is_no_tokenizer(folder, content):
    file = folder / "whole" / "tokenizer.json"
    file.write_text(json.dumps(content))
    assert message_of(file) == (
        "tokenizer.json is JSON, but no tokenizer: a vocabulary (text to id), and in "
        "tokenizer.json the merges beside it, are expected. Name a tokenizer's file, or its "
        "folder.")


@pytest.mark.parametrize(("part", "name", "value", "expected"), [
    ("model", "type", "Unigram", "model is 'Unigram', and Cutaway can only do 'BPE'"),
    ("model", "end_of_word_suffix", "</w>", "end_of_word_suffix is '</w>'"),
    ("model", "ignore_merges", True, "ignore_merges is True"),
    ("pre_tokenizer", "add_prefix_space", True, "add_prefix_space is True"),
    ("pre_tokenizer", "type", "Metaspace", "pre_tokenizer is 'Metaspace'"),
])
def test_a_tokenizer_of_another_kind(folder, part, name, value, expected):
    file = change(folder / "whole" / "tokenizer.json", lambda all: all[part].update({name: value}))
    message = message_of(file)
    assert message.startswith(f"tokenizer.json is no tokenizer of GPT-2's kind: {expected}")
    assert message.endswith("Its ids would come out wrong.")


def test_a_merge_of_tokens_that_are_not_in_the_vocabulary(folder):
    replace(folder / "merges.txt", "t h\n", "t h\nq z\n")
    assert message_of(folder) == (
        "vocab.json and merges.txt: merge 2 joins 'q' and 'z', but 'qz' is not in the vocabulary. "
        "The two do not belong together: get both files from the same place.")


def test_two_tokens_with_the_same_id(folder):
    change(folder / "vocab.json", lambda ids: ids.update({"Ġth": 256}))
    assert message_of(folder) == (
        "vocab.json and merges.txt: the tokens 'th' and 'Ġth' have the same id 256; every id "
        "has one token. Get the file again.")


def test_the_same_token_twice(folder):
    replace(folder / "vocab.json", '"th":', '"Ġthe":')
    assert message_of(folder) == ("vocab.json: 'Ġthe' stands in it twice; every name has one "
                                  "value. The file is damaged: get it again.")


@pytest.mark.parametrize("id", [-1, 260, 1.5, "7", None, True])
def test_an_id_that_cannot_be(folder, id):
    change(folder / "vocab.json", lambda ids: ids.update({"th": id}))
    assert message_of(folder) == (
        f"vocab.json and merges.txt: the token 'th' has the id {id!r}; with 260 tokens, whole "
        "numbers from 0 to 259 without a gap are expected.")


def test_a_letter_that_stands_for_no_byte(folder):
    replace(folder / "vocab.json", '"th":', '"t h":')
    assert message_of(folder) == (
        "vocab.json and merges.txt: the token 't h' holds ' ', which is none of the 256 letters "
        "that GPT-2 writes bytes with. Cutaway opens vocabularies of GPT-2's kind (byte-level "
        "BPE).")


def test_a_special_token_that_is_no_text(folder):
    replace(folder / "vocab.json", "<|endoftext|>", "<\\ud83d>")
    assert message_of(folder).startswith(
        "vocab.json and merges.txt: The character U+D83D at place 1 ")


def test_a_byte_without_a_token():
    vocabulary = tuple(token for token in FIRST_TOKENS if token not in (b"A", b"\n"))
    with pytest.raises(TokenizerError) as error:
        Tokenizer(vocabulary, (), {})
    assert str(error.value) == (
        "2 of the 256 bytes have no token ('A', 'Ċ'), so some texts could not be encoded. Learn "
        "the vocabulary anew, starting from all 256 bytes.")


def test_two_ids_for_the_same_token():
    with pytest.raises(TokenizerError) as error:
        Tokenizer((*FIRST_TOKENS, b"A"), (), {"A": 256})
    assert str(error.value) == "the ids 32 and 256 are the same token 'A'; every token has one id."


def test_a_special_token_that_is_elsewhere():
    with pytest.raises(TokenizerError) as error:
        check_reachable(FIRST_TOKENS, (), {"<s>": 256})
    assert str(error.value) == ("the special token '<s>' is said to have the id 256, but the "
                                "vocabulary does not have it there.")


def test_a_file_that_the_system_does_not_let_read(folder, monkeypatch):
    def refuse(self, *_, **__):
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(Path, "open", refuse)
    assert message_of(folder) == ("vocab.json cannot be read: Permission denied. Look at the "
                                  "file's permissions, or take a copy of your own.")
