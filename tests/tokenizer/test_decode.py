"""Decoding never fails and never loses a byte; one token can be asked for and named."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from cutaway.errors import NotText, UnknownToken
from cutaway.tokenizer import TextStream, Tokenizer, check_text

BYTES_ONLY = Tokenizer.from_merges([])
SOME_MERGES = Tokenizer.from_merges([(b"t", b"h"), (b"\xf0", b"\x9f"), (b"\xe3", b"\x81")])
IDS = st.lists(st.integers(0, len(SOME_MERGES) - 1))


@given(st.text())
def test_decoding_what_was_encoded_gives_the_text_again(text):
    for tokenizer in (BYTES_ONLY, SOME_MERGES):
        assert tokenizer.decode(tokenizer.encode(text)) == text


@given(text=st.text())
def test_gpt2_decodes_what_it_encoded(gpt2, text):
    assert gpt2.decode(gpt2.encode(text)) == text
    assert gpt2.decode(gpt2.encode_with_special(text + "<|endoftext|>")) == text + "<|endoftext|>"


@given(IDS)
def test_decoding_any_ids_never_fails_and_loses_no_byte(ids):
    raw = SOME_MERGES.decode_bytes(ids)
    assert raw == b"".join(SOME_MERGES.vocabulary[id] for id in ids)
    assert SOME_MERGES.decode(ids) == raw.decode("utf-8", errors="replace")


@given(ids=st.lists(st.integers(0, 50256)))
def test_gpt2_decodes_any_ids_as_tiktoken_does(gpt2, peers, ids):
    by_tiktoken, _ = peers
    assert gpt2.decode_bytes(ids) == by_tiktoken.decode_bytes(ids)
    assert gpt2.decode(ids) == by_tiktoken.decode(ids)


@given(IDS)
def test_a_stream_gives_the_same_text_as_decoding_at_once(ids):
    stream = TextStream(SOME_MERGES)
    assert "".join(map(stream.add, ids)) + stream.finish() == SOME_MERGES.decode(ids)


def test_a_stream_holds_a_character_back_until_it_is_whole():
    stream = TextStream(SOME_MERGES)
    parts = [stream.add(id) for id in SOME_MERGES.encode("a🙂b")]
    assert parts == ["a", "", "", "🙂", "b"] and stream.finish() == ""


def test_a_stream_that_ends_inside_a_character_says_so_with_a_replacement():
    stream = TextStream(SOME_MERGES)
    parts = [stream.add(id) for id in SOME_MERGES.encode("🙂")[:-1]]
    assert parts == ["", ""] and stream.finish() == "\ufffd"


def test_numpys_integers_are_ids_too(gpt2):
    assert gpt2.decode(np.array([16073, 318], dtype=np.uint16)) == "Mike is"


@pytest.mark.parametrize("id", [-1, 259, 10**30, 1.0, "5", None])
def test_an_id_outside_the_vocabulary_is_named(id):
    message = f"{id!r} is no token: this vocabulary's ids are the whole numbers from 0 to 256."
    for ask in (BYTES_ONLY.bytes_of, BYTES_ONLY.text_of, lambda id: BYTES_ONLY.decode([id]),
                TextStream(BYTES_ONLY).add):
        with pytest.raises(UnknownToken) as error:
            ask(id)
        assert str(error.value) == message


def test_labels_show_text_as_text_and_broken_characters_as_bytes():
    labels = {b" the": " the", "é".encode(): "é", b"\xe3": "<0xE3>", b" \xf0\x9f": " <0xF0><0x9F>"}
    tokenizer = Tokenizer.from_merges(
        [(b"t", b"h"), (b"th", b"e"), (b" ", b"the"), (b"\xc3", b"\xa9"), (b"\xf0", b"\x9f"),
         (b" ", b"\xf0\x9f")])
    for token, shown in labels.items():
        assert tokenizer.text_of(tokenizer.vocabulary.index(token)) == shown


def test_a_text_that_is_one_token_has_its_id(gpt2):
    """Source: W65, W70, W136, W60."""
    wanted = {" is": 318, " king": 5822, " woman": 2415, " quickly": 2952, "<|endoftext|>": 50256}
    assert {text: gpt2.id_of(text) for text in wanted} == wanted


def test_a_text_that_is_several_tokens_is_answered_with_its_pieces(gpt2):
    """Source: W70, bare "queen" is que + en."""
    with pytest.raises(UnknownToken) as error:
        gpt2.id_of("queen")
    assert str(error.value) == (
        "'queen' is 2 tokens in this vocabulary: 'que' + 'en'. Exactly one is expected: take one "
        "of them, such as 'que', or try it with a space in front.")
    with pytest.raises(UnknownToken, match=r"^The empty text is no token\. Give the text of"):
        gpt2.id_of("")


def test_bytes_that_are_utf8_are_text():
    assert check_text("Grüße 🙂".encode()) == "Grüße 🙂" == check_text("Grüße 🙂")
    assert BYTES_ONLY.encode("ü".encode()) == BYTES_ONLY.encode("ü")


def test_bytes_that_are_not_utf8_are_named_with_their_place():
    for take in (check_text, BYTES_ONLY.encode, BYTES_ONLY.encode_visibly,
                 BYTES_ONLY.encode_with_special):
        with pytest.raises(NotText) as error:
            take(b"abc\xff")
        assert str(error.value) == (
            "The byte 0xFF at place 3 (counting from 0) is not UTF-8 (invalid start byte). Text is "
            "expected: save it as UTF-8 and try again.")


def test_a_lone_surrogate_is_named_with_its_place():
    for take in (check_text, BYTES_ONLY.encode, BYTES_ONLY.encode_visibly,
                 BYTES_ONLY.encode_with_special, BYTES_ONLY.id_of):
        with pytest.raises(NotText) as error:
            take("ab\ud83dc")
        assert str(error.value) == (
            "The character U+D83D at place 2 (counting from 0) is half of a pair (a lone "
            "surrogate), which is no character by itself. It is usually left over when an emoji "
            "is cut in two: remove it, or put the whole character there.")
