"""A tokenizer learnt from texts has the merges of the reference library."""

import pytest

from cutaway.errors import NotText, SettingError
from cutaway.tokenizer import Tokenizer, learn_merges, learn_tokenizer, letters, lowest_ids
from tests.shared import shared_data
from tests.tokenizer.oracles import learnt_by_hugging_face

FOX = ["The quick brown fox jumps over the lazy dog.", "The lazy dog sleeps; the fox jumps."]


@pytest.fixture(scope="module")
def five_megabytes():
    with shared_data("stories/train.txt").open(encoding="utf-8") as file:
        return file.read(5_000_000)


def test_the_merges_of_5_mb_are_those_of_the_reference_library(five_megabytes, tmp_path):
    learnt_by_hugging_face([five_megabytes], 256 + 2_000).model.save(str(tmp_path))
    lines = (tmp_path / "merges.txt").read_text(encoding="utf-8").splitlines()[1:]
    ours = learn_merges(five_megabytes, 2_000, lowest_ids)
    assert [" ".join(map(letters, merge.pair)) for merge in ours] == lines
    assert len(lines) == 2_000


def test_what_is_learnt_has_the_same_ids_as_the_reference_library(five_megabytes):
    text = five_megabytes[:200_000]
    ours, theirs = learn_tokenizer(text, 600), learnt_by_hugging_face([text], 599)
    names = [letters(token) for token in ours.vocabulary[:-1]]
    assert names == sorted(theirs.get_vocab(), key=theirs.token_to_id)
    assert ours.encode(text) == theirs.encode(text).ids


def test_the_ids_are_laid_out_as_gpt2s():
    tokenizer = learn_tokenizer(FOX, 270, special=("<|endoftext|>", "<|user|>"))
    assert len(tokenizer) == 270 and tokenizer.vocabulary[0] == b"!"
    assert tokenizer.vocabulary[256] == b"".join(tokenizer.merges[0])
    assert tokenizer.special == {"<|endoftext|>": 268, "<|user|>": 269}
    assert tokenizer.end_of_text == 268
    assert Tokenizer.from_merges(tokenizer.merges, ()).end_of_text is None


def test_a_text_with_too_few_pairs_gives_a_smaller_vocabulary_and_says_so():
    with pytest.warns(UserWarning) as warned:
        tokenizer = learn_tokenizer("abc", 4096)
    assert str(warned[0].message) == (
        "The text has only 2 pairs to merge, so the vocabulary has 259 tokens instead of 4,096. "
        "Give more text for more.")
    assert tokenizer.encode("abc") == [257]


def test_a_vocabulary_smaller_than_the_bytes_is_refused():
    with pytest.raises(SettingError) as error:
        learn_tokenizer(FOX, 256)
    assert str(error.value) == (
        "A vocabulary of 256 tokens is too small: the 256 bytes and the special tokens alone are "
        "257. Choose at least that many.")
    assert len(learn_tokenizer(FOX, 257)) == 257


def test_a_special_token_that_reads_like_text_is_refused():
    with pytest.raises(SettingError) as error:
        learn_tokenizer(FOX, 300, special=("end",))
    assert str(error.value) == ("The special token 'end' could be mistaken for ordinary text. "
                                "Write it like a mark, such as '<|end|>'.")


def test_a_text_that_is_no_text_is_named():
    with pytest.raises(NotText, match=r"The byte 0xFF at place 1 .* is not UTF-8"):
        learn_tokenizer([b"a\xff"], 300)
