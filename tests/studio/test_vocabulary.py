"""The two tables of a tokenizer, searched and paged: GPT-2's own, against its files."""

import json

import pytest

from cutaway.errors import MessageError
from cutaway.studio.worker.verbs.vocabulary import merges, vocabulary, vocabulary_token
from cutaway.tokenizer import Tokenizer, gpt2_folder
from tests.studio.asking import ask, raw
from tests.tokenizer.conftest import gpt2

__all__ = ["gpt2"]


def test_the_vocabulary_has_the_rows_of_the_file(gpt2):
    names = json.loads((gpt2_folder() / "encoder.json").read_text(encoding="utf-8"))
    letters = {id: name for name, id in names.items()}
    first = ask(vocabulary, gpt2, first=0, count=3)
    assert first["total"] == len(names) == 50_257                                   # W52
    assert [row["text"] for row in first["rows"]] == ["!", '"', "#"]
    assert ask(vocabulary_token, gpt2, token=50_000)["letters"] == letters[50_000]
    (last,) = ask(vocabulary, gpt2, first=50_256, count=100)["rows"]
    assert (last["text"], last["kind"], last["rank"]) == ("<|endoftext|>", "special", None)  # W60


def test_the_first_256_tokens_are_the_bytes_and_no_merge_makes_them(gpt2):
    rows = ask(vocabulary, gpt2, first=0, count=256)["rows"]                        # W49
    assert sorted(raw(row) for row in rows) == [bytes([byte]) for byte in range(256)]
    assert {row["kind"] for row in rows} == {"byte"}
    assert ask(vocabulary, gpt2, first=256, count=1)["rows"][0]["kind"] == "merge"


def test_the_first_merges_are_the_workshops(gpt2):
    answer = ask(merges, gpt2, first=0, count=3)                                    # W51
    assert [(row["left"]["text"], row["right"]["text"]) for row in answer["rows"]] == [
        (" ", "t"), (" ", "a"), ("h", "e")]
    assert answer["total"] == 50_000
    assert [row["makes"]["id"] for row in answer["rows"]] == [256, 257, 258]


def test_a_number_is_an_id_first_and_then_a_text(gpt2):
    answer = ask(vocabulary, gpt2, query="318", count=2)
    assert answer["rows"][0]["text"] == " is" and "318" in answer["rows"][1]["text"]
    assert answer["query"] == "id 318, then text with '318'"
    only = ask(vocabulary, gpt2, query="#318")
    assert only["total"] == 1 and only["query"] == "id 318"
    assert ask(merges, gpt2, query="#35")["rows"][0]["makes"]["text"] == "ic"        # W54
    assert ask(vocabulary, gpt2, query="#50257")["total"] == 0


def test_a_text_finds_the_very_token_and_then_all_that_hold_it(gpt2):
    names = json.loads((gpt2_folder() / "encoder.json").read_text(encoding="utf-8"))
    answer = ask(vocabulary, gpt2, query="the", count=500)
    assert answer["rows"][0]["id"] == names["the"]
    assert {row["id"] for row in answer["rows"]} == {
        id for name, id in names.items() if "the" in name.casefold()}
    assert ask(vocabulary, gpt2, query=" the", count=1)["rows"][0]["id"] == names["Ġthe"]


def test_bytes_find_the_tokens_that_hold_them(gpt2):
    answer = ask(vocabulary, gpt2, query="0xE6 9C")
    assert answer["rows"] and all(b"\xe6\x9c" in raw(row) for row in answer["rows"])
    assert answer["query"] == "bytes E6 9C"
    assert answer["total"] == ask(vocabulary, gpt2, query="0xe69c")["total"]
    with pytest.raises(MessageError, match="'0xE6 9' is no bytes: two digits from 0 to F"):
        ask(vocabulary, gpt2, query="0xE6 9")


def test_a_token_tells_the_merge_that_makes_it_and_those_that_take_it_further(gpt2):
    answer = ask(vocabulary_token, gpt2, token=318)
    lines = (gpt2_folder() / "vocab.bpe").read_text(encoding="utf-8").split("\n")[1:-1]
    assert [merge["rank"] for merge in answer["made_by"]] == [lines.index("Ġ is")]
    assert [merge["rank"] for merge in answer["part_of"]] == [
        rank for rank, line in enumerate(lines) if "Ġis" in line.split(" ")]
    assert answer["n_part_of"] == len(answer["part_of"])


def test_pages_of_a_search_follow_one_another(gpt2):
    whole = ask(vocabulary, gpt2, query="ing", first=0, count=200)["rows"]
    pages = [ask(vocabulary, gpt2, query="ing", first=first, count=50)["rows"]
             for first in range(0, 200, 50)]
    assert [row for page in pages for row in page] == whole
    assert ask(vocabulary, gpt2, query="ing", first=10**6)["rows"] == []


def test_another_model_has_another_vocabulary(gpt2):
    small = Tokenizer.from_merges([(b"t", b"h"), (b" ", b"th")])
    assert ask(vocabulary, gpt2)["total"] == 50_257
    assert ask(vocabulary, small)["total"] == 259
    assert ask(merges, small, query="th")["total"] == 2
