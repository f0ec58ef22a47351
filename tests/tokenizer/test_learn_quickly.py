"""The fast path of learning gives the merges of the plain one, and of Hugging Face's library."""

import gc

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cutaway.tokenizer import byte_words, learn_merges, learn_tokenizer, lowest_ids, vocabulary
from cutaway.tokenizer.learn_quickly import count_pieces, learn_quickly
from tests.shared import shared_data
from tests.tokenizer.oracles import SPACES, fuzzed_strings, merges_by_hugging_face

# Many ties, and pairs such as aa whose places overlap.
FEW_LETTERS = st.lists(st.text(alphabet="ab ", max_size=40), max_size=4)
ODD_SPACES = st.lists(st.sampled_from([*SPACES, "a", "b1", ".", "'s", "é"])).map("".join)


def plainly(texts, count):
    return [merge.pair for merge in learn_merges(texts, count, lowest_ids)]


@pytest.fixture(scope="module")
def stories():
    with shared_data("stories/train.txt").open(encoding="utf-8") as file:
        return file.read(500_000).split("<|endoftext|>")


@given(FEW_LETTERS)
def test_ties_and_overlaps_give_the_merges_of_the_plain_path(texts):
    assert learn_quickly(texts, 30) == plainly(texts, 30)


@given(FEW_LETTERS)
def test_ties_and_overlaps_give_the_merges_of_the_reference_library(texts):
    assert learn_quickly(texts, 30) == merges_by_hugging_face(texts, 30)


def test_stories_give_the_merges_of_the_plain_path_and_of_the_reference_library(stories):
    ours = learn_quickly(stories, 1_500)
    assert len(ours) == 1_500
    assert ours == plainly(stories, 1_500) == merges_by_hugging_face(stories, 1_500)


def test_words_of_all_scripts_give_the_merges_of_the_plain_path():
    texts = list(fuzzed_strings(2_000))
    assert learn_quickly(texts, 800) == plainly(texts, 800)


def test_a_text_is_learnt_until_no_pair_is_left(stories):
    text = stories[0][:3_000]
    ours = learn_quickly([text], 100_000)
    assert ours == plainly([text], 100_000) == merges_by_hugging_face([text], 100_000)
    assert learn_quickly(["", "a"], 10) == []


@given(st.lists(ODD_SPACES, max_size=3))
def test_words_counted_once_are_the_pieces_of_the_whole_text(texts):
    pieces = {b"".join(word).decode(): times for word, times in byte_words(texts).items()}
    assert count_pieces(texts) == pieces


def test_a_tokenizer_is_the_same_with_the_fast_path_switched_off(stories, monkeypatch):
    quick = learn_tokenizer(stories[:20], 600)
    monkeypatch.setenv("CUTAWAY_ENGINE", "numpy")
    monkeypatch.setattr(vocabulary, "learn_quickly", None)  # calling it would fail
    assert learn_tokenizer(stories[:20], 600) == quick


@pytest.mark.parametrize("enabled", [True, False])
def test_pythons_collector_is_left_as_it_was_also_after_a_mistake(enabled):
    def texts():
        yield "a text"
        assert not gc.isenabled()
        raise ValueError("the texts' own")

    was = gc.isenabled()
    try:
        (gc.enable if enabled else gc.disable)()
        learn_quickly(["a text"], 3)
        with pytest.raises(ValueError, match="the texts' own"):
            learn_quickly(texts(), 3)
        assert gc.isenabled() == enabled
    finally:
        (gc.enable if was else gc.disable)()
