"""Another pattern than GPT-2's: Llama 3's, against Hugging Face's `tokenizers`."""

import copy
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tokenizers import Regex, pre_tokenizers
from tokenizers import Tokenizer as PeerTokenizer

from cutaway.errors import TokenizerError, TokenizerFileError
from cutaway.tokenizer import Tokenizer, learn_tokenizer, pretokens
from cutaway.tokenizer.fast import fast_encoder
from cutaway.tokenizer_rule import GPT2_RULE, TokenizerRule
from tests.models.llama_like import LLAMA3

LETTERS_ONLY = TokenizerRule(r"\p{L}+")  # which leaves most of a text out
TEXT = "Hello there, it'S 12345 o'clock!!\n\n  The naïve cat wasn't there: 'Tis 77% true.\t\tEnd. "
TEXTS = st.text(st.sampled_from("aBsSſ'tLl0123٣ \n\r\t.,!?é日ﬁ́😀")) | st.text()


@pytest.fixture(scope="module")
def tokenizer():
    return learn_tokenizer(TEXT * 5, 320, ("<|end_of_text|>",), rule=LLAMA3)


@pytest.mark.parametrize("rule", [LLAMA3, LETTERS_ONLY, GPT2_RULE], ids=["3", "letters", "gpt2"])
@given(TEXTS.filter(lambda text: not any("\ud800" <= letter <= "\udfff" for letter in text)))
def test_a_text_is_cut_as_hugging_face_cuts_it(rule, text):
    pieces = list(pretokens(text, rule))
    assert "".join(pieces) == text
    if text.isascii():  # for other letters the libraries' tables are of other years
        peer = pre_tokenizers.Split(Regex(rule.pattern), behavior="isolated")
        assert pieces == [piece for piece, _ in peer.pre_tokenize_str(text)]


@given(TEXTS.filter(lambda text: not any("\ud800" <= letter <= "\udfff" for letter in text)))
def test_the_fast_way_gives_the_ids_of_the_visible_one(tokenizer, text):
    for one in (tokenizer, Tokenizer.from_merges(tokenizer.merges, (), LETTERS_ONLY)):
        fast = fast_encoder(one.merges, one._id_of_rank, one.rule)
        assert fast is not None and fast(text) == one.encode_visibly(text).ids


def test_it_is_saved_and_opened_here_and_by_hugging_face(tokenizer, tmp_path):
    tokenizer.save(tmp_path)
    again = Tokenizer.open(tmp_path)
    peer = PeerTokenizer.from_file(str(tmp_path / "tokenizer.json"))
    assert again == tokenizer and again.rule == LLAMA3
    for text in (TEXT, "it'S", "1234567", "\r\n\r\n x"):
        assert again.encode(text) == tokenizer.encode(text) == peer.encode(text).ids
        assert again.decode(again.encode(text)) == text
    assert list(pretokens("1234567", LLAMA3)) == ["123", "456", "7"]
    assert copy.deepcopy(again).rule == LLAMA3


def test_what_cannot_be_said_of_it_is_refused_in_words(tokenizer, tmp_path):
    with pytest.raises(TokenizerError, match="OpenAI's files cannot tell that"):
        tokenizer.save_openai(tmp_path)
    for rule in (TokenizerRule("x", alphabet="characters"), TokenizerRule("x", byte_fallback=True)):
        with pytest.raises(TokenizerError, match="Cutaway merges bytes"):
            Tokenizer.from_merges([], rule=rule)
    tokenizer.save(tmp_path)
    content = json.loads((tmp_path / "tokenizer.json").read_text(encoding="utf-8"))
    content["pre_tokenizer"]["pretokenizers"][0]["pattern"]["Regex"] = "(a"
    (tmp_path / "tokenizer.json").write_text(json.dumps(content), encoding="utf-8")
    with pytest.raises(TokenizerFileError, match="the pattern that cuts texts cannot be read"):
        Tokenizer.open(tmp_path)
    content["pre_tokenizer"]["pretokenizers"][0]["behavior"] = "Removed"
    (tmp_path / "tokenizer.json").write_text(json.dumps(content), encoding="utf-8")
    with pytest.raises(TokenizerFileError, match="'Sequence', and Cutaway can only do 'ByteLevel'"):
        Tokenizer.open(tmp_path)


def test_learning_goes_by_the_pattern_also_without_fast_paths(tokenizer, monkeypatch):
    monkeypatch.setenv("CUTAWAY_ENGINE", "numpy")
    assert learn_tokenizer(TEXT * 5, 320, ("<|end_of_text|>",), rule=LLAMA3) == tokenizer
    assert learn_tokenizer(TEXT * 5, 320).merges != tokenizer.merges
