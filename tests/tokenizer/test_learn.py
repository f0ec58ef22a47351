"""Learning merges: the paper's example, the rule for ties, every pass to be looked at."""

from collections import Counter, defaultdict
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cutaway.errors import NotText, SettingError
from cutaway.tokenizer import (
    byte_words,
    character_words,
    first_seen,
    learn_from_words,
    learn_merges,
    lowest_ids,
)

# Source: Sennrich et al. (2016), figure 1, and W43 to W46. The mark of a word's end is at its end.
PAPER = character_words({"low": 5, "lower": 2, "newest": 6, "widest": 3})
TEXTS = st.lists(st.text(alphabet="ab c", max_size=15), max_size=5)


def the_papers_python(words, count):
    """The merges by the paper's own method: count everything anew in every pass, take `max`.

    Source: the algorithm of Sennrich et al. (2016), algorithm 1, on tuples instead of strings
    """
    words, merges = dict(words), []
    for _ in range(count):
        pairs = defaultdict(int)
        for word, times in words.items():
            for place in range(len(word) - 1):
                pairs[word[place], word[place + 1]] += times
        if not pairs:
            break
        best = max(pairs, key=pairs.get)
        merges.append((best, pairs[best]))
        words = {_replaced(word, best): times for word, times in words.items()}
    return merges


def _replaced(word, pair):
    place = 0
    while place < len(word) - 1:
        if word[place:place + 2] == pair:
            word = (*word[:place], pair[0] + pair[1], *word[place + 2:])
        place += 1
    return word


def test_the_papers_corpus_gives_the_papers_ten_merges():
    passes = list(learn_from_words(PAPER, 10))
    assert [(merge.token, merge.count) for merge in passes] == [                  # W45
        ("es", 9), ("est", 9), ("est_", 9), ("lo", 7), ("low", 7), ("ne", 6), ("new", 6),
        ("newest_", 6), ("low_", 5), ("wi", 3)]
    assert [merge.number for merge in passes if len(merge.tied) > 1] == [1, 2, 4, 6, 7, 10]
    assert set(passes[-1].tied) == {("w", "i"), ("i", "d"), ("d", "est_")}
    assert {merge.rule for merge in passes} == {first_seen}


def test_the_papers_corpus_shrinks_as_the_workshop_counts():
    passes = list(learn_from_words(PAPER, 10))
    assert passes[0].tokens_before == 95                                          # W46
    assert [merge.tokens_after for merge in passes] == [86, 77, 68, 61, 54, 48, 42, 36, 31, 28]
    assert passes[-1].corpus_after() == {("low_",): 5, ("low", "e", "r", "_"): 2,
                                         ("newest_",): 6, ("wi", "d", "est_"): 3}


def test_the_first_passes_table_of_pairs_is_the_workshops():
    first = next(learn_from_words(PAPER, 10))
    table = dict(first.pair_counts())
    assert table["e", "s"] == 9 and table["l", "o"] == 7                          # W44
    assert list(table.values()) == sorted(table.values(), reverse=True)
    assert first.corpus_before() == PAPER
    assert first.corpus_after()[("n", "e", "w", "es", "t", "_")] == 6


@given(TEXTS)
def test_first_seen_gives_the_merges_of_the_papers_python(texts):
    words = byte_words(texts)
    ours = [(merge.pair, merge.count) for merge in learn_merges(texts, 12)]
    assert ours == the_papers_python(words, 12)


@given(TEXTS)
def test_the_counts_are_those_of_counting_the_corpus_anew(texts):
    for merge in learn_merges(texts, 6, lowest_ids):
        counted = Counter()
        for word, times in merge.corpus_before().items():
            for pair in pairwise(word):
                counted[pair] += times
        assert dict(merge.pair_counts()) == counted and merge.count == max(counted.values())
        assert {pair for pair in counted if counted[pair] == merge.count} == set(merge.tied)
        after = merge.corpus_after().items()
        assert merge.tokens_after == sum(len(word) * times for word, times in after)


def test_the_two_rules_decide_ties_differently():
    text = "ba ab"  # the pairs b,a and space,a and a,b stand there once each
    first = next(learn_merges(text, 1, first_seen))
    lowest = next(learn_merges(text, 1, lowest_ids))
    assert set(first.tied) == set(lowest.tied) and len(first.tied) == 3
    assert (first.token, lowest.token) == (b"ba", b"ab")


def test_a_record_keeps_its_pass_when_learning_goes_on():
    passes = learn_from_words(PAPER, 10)
    first = next(passes)
    before = first.pair_counts()
    list(passes)
    assert first.pair_counts() == before and first.corpus_before() == PAPER


def test_no_token_reaches_from_one_text_into_the_next():
    assert [merge.token for merge in learn_merges(["ab", "cd"], 5)] == [b"ab", b"cd"]
    assert [merge.token for merge in learn_merges("abcd", 5)] == [b"ab", b"abc", b"abcd"]


def test_learning_ends_when_no_pair_is_left():
    assert len(list(learn_merges("abc", 100))) == 2
    assert list(learn_merges("", 100)) == list(learn_merges("a", 100)) == []


def test_settings_that_make_no_sense_are_refused():
    with pytest.raises(SettingError, match=r"^-1 merges cannot be learnt; 0 or more are expected"):
        learn_merges("abc", -1)
    with pytest.raises(SettingError) as error:
        learn_from_words({("a", "b"): 0}, 1)
    assert str(error.value) == (
        "the word ('a', 'b') is said to stand in the text 0 times; 1 or more are expected. "
        "Leave out words that are not there.")
    with pytest.raises(NotText, match=r"U\+D83D at place 0"):
        learn_merges(["fine", "\ud83d"], 1)
