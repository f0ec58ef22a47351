"""The tokenizer's verbs: numbers from the workshop (W...), and from other tokenizers."""

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cutaway.errors import MessageError, NotText, UnknownToken
from cutaway.studio.worker.verbs.tokens import (
    shown,
    tokens_prompt,
    tokens_spellings,
    tokens_steps,
    tokens_text,
)
from cutaway.tokenizer import Tokenizer, gpt2_folder
from tests.studio.asking import ask, raw
from tests.tokenizer.conftest import gpt2, peers

__all__ = ["gpt2", "peers"]

TEXTS = ["Mike is quick. He moves", "It's  12:30\n", "日本語 🍓 naïve", "<script>alert(1)</script>",
         " strawberry\tSTRAWBERRY", "aaaaaaa", "Ünïcödé", "<|endoftext|>"]


# ---- The prompt ----------------------------------------------------------------------------


def test_the_prompt_of_the_workshop_is_six_words_of_one_token_each(gpt2):
    answer = ask(tokens_prompt, gpt2, of=[16073, 318, 2068, 13, 679, 6100])  # W37
    assert [token["text"] for token in answer["tokens"]] == [
        "Mike", " is", " quick", ".", " He", " moves"]
    assert [token["piece"] for token in answer["tokens"]] == [0, 1, 2, 3, 4, 5]
    assert (answer["n_characters"], answer["n_bytes"]) == (23, 23)
    assert answer["tokens"][1]["hex"] == "20 69 73"  # space, i, s in ASCII
    second = answer["tokens"][1]
    assert (second["before"], second["after"]) == ("Mike", " quick. He moves")


@pytest.mark.parametrize("text", TEXTS)
def test_the_prompts_pieces_are_those_of_the_tokenizers_library(gpt2, peers, text):
    tiktoken, hugging_face = peers
    ids = tiktoken.encode_ordinary(text)
    answer = ask(tokens_prompt, gpt2, of=ids)
    cut = hugging_face.pre_tokenizer.pre_tokenize_str(text)
    assert answer["pieces"] == [text[first:end] for _, (first, end) in cut]
    for number, piece in enumerate(answer["pieces"]):
        mine = [raw(token) for token in answer["tokens"] if token["piece"] == number]
        assert b"".join(mine) == piece.encode("utf-8")


def test_bytes_that_are_no_whole_character_are_told_as_bytes(gpt2, peers):
    ids = peers[0].encode_ordinary(" 本")
    answer = ask(tokens_prompt, gpt2, of=ids)
    assert [token["text"] for token in answer["tokens"]] == [[" ", 0xE6, 0x9C], [0xAC]]
    assert b"".join(map(raw, answer["tokens"])) == " 本".encode()
    assert answer["text"] == " 本"


def test_a_special_token_is_a_piece_by_itself(gpt2):
    answer = ask(tokens_prompt, gpt2, of=[15496, 50256, 15496])  # W60
    assert answer["pieces"] == ["Hello", "<|endoftext|>", "Hello"]
    assert [token["piece"] for token in answer["tokens"]] == [0, 1, 2]


def test_a_generated_half_character_is_no_fault(gpt2):
    answer = ask(tokens_prompt, gpt2, of=[15496, 17312])
    assert answer["text"] == ["Hello", 0xE6, 0x9C] and answer["n_bytes"] == 7


@given(st.binary(max_size=12))
def test_what_is_shown_holds_every_byte(token):
    parts = shown(token)
    parts = [parts] if isinstance(parts, str) else parts
    assert b"".join(bytes([part]) if isinstance(part, int) else part.encode("utf-8")
                    for part in parts) == token


@pytest.mark.parametrize("text", TEXTS)
def test_ids_give_their_text_back(gpt2, peers, text):
    ids = peers[0].encode_ordinary(text)
    answer = ask(tokens_text, gpt2, ids=ids)                                        # W62
    assert answer["text"] == text and [token["id"] for token in answer["tokens"]] == ids


def test_what_is_no_id_is_refused_by_name(gpt2):
    with pytest.raises(UnknownToken, match=r"50257 is no token: .* from 0 to 50256"):
        ask(tokens_text, gpt2, ids=[50257])
    with pytest.raises(MessageError, match=r"'ids\[0\]' is True; a whole number from 0"):
        ask(tokens_text, gpt2, ids=[True])


# ---- Merge by merge ------------------------------------------------------------------------


def test_the_merges_of_quick_are_the_workshops(gpt2):
    (piece,) = ask(tokens_steps, gpt2, text=" quick")["pieces"]                     # W54
    assert [(step["left"], step["right"], step["rank"]) for step in piece["steps"]] == [
        ("i", "c", 35), ("q", "u", 165), ("ic", "k", 368), (" ", "qu", 371), (" qu", "ick", 1812)]
    assert piece["tokens"] == [{"id": 2068, "text": " quick", "hex": "20 71 75 69 63 6B"}]
    assert piece["letters"] == "Ġquick"


@pytest.mark.parametrize("text", TEXTS)
def test_every_pair_has_the_rank_of_its_line_in_the_file_and_the_lowest_wins(gpt2, text):
    lines = (gpt2_folder() / "vocab.bpe").read_text(encoding="utf-8").split("\n")[1:-1]
    ranks = {tuple(line.split(" ")): rank for rank, line in enumerate(lines)}
    for encoded, piece in zip(gpt2.encode_visibly(text).pretokens,
                              ask(tokens_steps, gpt2, text=text)["pieces"], strict=True):
        tokens = list(encoded.letters)
        for step in piece["steps"]:
            pairs = list(pairwise(tokens))
            assert step["ranks"] == [ranks.get(pair) for pair in pairs]
            assert step["rank"] == min(rank for rank in step["ranks"] if rank is not None)
            for place in reversed(step["joined"]):
                assert step["ranks"][place] == step["rank"]
                tokens[place:place + 2] = [tokens[place] + tokens[place + 1]]
        assert len(tokens) == len(piece["tokens"])


@pytest.mark.parametrize("text", TEXTS)
def test_the_steps_end_in_the_ids_of_tiktoken(gpt2, peers, text):
    answer = ask(tokens_steps, gpt2, text=text)
    ids = [token["id"] for piece in answer["pieces"] for token in piece["tokens"]]
    assert ids == peers[0].encode_ordinary(text)
    assert "".join(piece["text"] for piece in answer["pieces"]) == text


def test_a_pair_that_stands_there_twice_is_joined_twice_in_one_step():
    (piece,) = ask(tokens_steps, Tokenizer.from_merges([(b"e", b"r")]), text="erer")["pieces"]
    assert piece["steps"][0]["joined"] == [0, 2]


def test_a_character_says_how_many_bytes_it_has(gpt2):
    (piece,) = ask(tokens_steps, gpt2, text="é日🍓a")["pieces"][:1]
    assert [one["n_bytes"] for one in piece["characters"]] == [2, 3]  # UTF-8


def test_a_text_or_a_piece_that_is_too_long_is_refused_with_the_limit(gpt2):
    with pytest.raises(MessageError, match="'text' has 1,001 characters; at most 1,000 are taken"):
        ask(tokens_steps, gpt2, text="a " * 500 + "a")
    with pytest.raises(MessageError) as error:
        ask(tokens_steps, gpt2, text="x" * 201)
    assert str(error.value) == (
        "The piece 'xxxxxxxxxxxxxxxxxxxx'... has 201 bytes; merges are shown for pieces of at most "
        "200. Put a space in it, or shorten it.")
    assert ask(tokens_steps, gpt2, text="x" * 200)["n_bytes"] == 200


def test_half_a_character_is_no_text(gpt2):
    with pytest.raises(NotText, match=r"U\+D83D"):
        ask(tokens_steps, gpt2, text="\ud83d")


def test_the_empty_text_has_no_piece(gpt2):
    assert ask(tokens_steps, gpt2, text="")["pieces"] == []


# ---- Spellings -----------------------------------------------------------------------------


def test_strawberry_has_the_workshops_ids_in_every_spelling(gpt2):
    answer = ask(tokens_spellings, gpt2, text="strawberry")["spellings"]            # W56
    ids = {one["text"]: [token["id"] for token in one["tokens"]] for one in answer}
    assert len(answer) == len(ids) == 12
    assert {text: ids[text] for text in (
        "strawberry", "Strawberry", " strawberry", " Strawberry", "STRAWBERRY", " STRAWBERRY",
        '"strawberry', '"Strawberry')} == {
        "strawberry": [301, 1831, 8396], "Strawberry": [1273, 1831, 8396],
        " strawberry": [41236], " Strawberry": [42611],
        "STRAWBERRY": [2257, 20530, 13246, 18276], " STRAWBERRY": [3563, 20530, 13246, 18276],
        '"strawberry': [1, 301, 1831, 8396], '"Strawberry': [1, 1273, 1831, 8396]}
    assert ids['"STRAWBERRY'][:2] == [1, 2257]


def test_the_same_letters_are_cut_otherwise_in_another_word(gpt2):
    answer = ask(tokens_spellings, gpt2, texts=[" reinjury", " reindeer", "TL;DR"])["spellings"]
    assert [[(token["text"], token["id"]) for token in one["tokens"]] for one in answer] == [
        [(" rein", 6865), ("jury", 21871)],                                         # W38
        [(" re", 302), ("ind", 521), ("eer", 28153)],                               # W39
        [("TL", 14990), (";", 26), ("DR", 7707)]]                                   # W40


def test_spellings_that_cannot_be_are_refused(gpt2):
    with pytest.raises(MessageError, match="'text' has no letter; a word is expected"):
        ask(tokens_spellings, gpt2, text=' "')
    with pytest.raises(MessageError, match=r"'texts\[1\]' is 7; a text is expected"):
        ask(tokens_spellings, gpt2, texts=["a", 7])
    with pytest.raises(MessageError, match="a list of at most 24 is expected"):
        ask(tokens_spellings, gpt2, texts=["a"] * 25)
