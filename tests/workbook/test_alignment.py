"""Which rows of two prompts are beside each other, and that differences are found in them."""

import numpy as np
import pytest

from cutaway.workbook import differences
from cutaway.workbook.alignment import align
from tests.workbook.tiny import tiny_run

TOWER, MINIATURE = ["t", "ower"], ["min", "i", "ature", " tower"]


def pairs(one):
    return list(zip(one.before, one.after, strict=True))


def test_a_word_more_in_front_aligns_by_the_word():
    found = align(TOWER, MINIATURE)
    assert found.how == "word" and pairs(found) == [(1, 3)]
    found = align(["I", " saw", " a", " tower"],
                  ["I", " saw", " a", " min", "i", "ature", " tower"])
    assert found.how == "word" and pairs(found) == [(0, 0), (1, 1), (2, 2), (3, 6)]


def test_words_in_the_place_of_others_are_beside_them():
    found = align(["S", "al", "ly", " is", " slow", "."], ["Mike", " is", " very", " quick", "."])
    assert found.how == "word" and pairs(found) == [(2, 0), (3, 1), (4, 3), (5, 4)]


@pytest.mark.parametrize(("before", "after", "how"), [
    (["a", " b"], ["c", " b"], "start"),            # equally long: the same numbers
    (["a", " b"], ["a", " b", " c"], "start"),      # one goes on where the other ends
    (["a", " b"], ["c", " a", " b"], "end"),        # by the word would be the same rows
    (["x"], ["a", " b"], "end")])                   # nothing in common: the last rows predict
def test_what_suits_is_said_by_the_simplest_word(before, after, how):
    assert align(before, after).how == how


def test_every_way_can_be_asked_for():
    assert pairs(align(TOWER, MINIATURE, "start")) == [(0, 0), (1, 1)]
    assert pairs(align(TOWER, MINIATURE, "end")) == [(0, 2), (1, 3)]
    assert pairs(align(["x"], ["a", " b"], "word")) == []


def test_rows_that_are_aligned_are_compared_and_found_in_both_tables():
    """Without positions and mask nothing but the token would be in a row: embeddings of equal
    tokens differ by their positions alone."""
    run, other = tiny_run([5, 1, 2]), tiny_run([3, 5, 1, 2])
    rows = align(["f", " a", " b"], ["d", " f", " a", " b"])
    assert rows.how == "end"
    assert differences(run, other, ["token_embeddings"], rows) == []
    assert len(differences(run, other, ["token_embeddings"])) == 1
    one, = differences(run, other, ["embeddings"], rows)
    before, after = run["embeddings"].array, other["embeddings"].array
    assert one.before == before[one.place] and one.after == after[one.place_after]
    assert one.place_after == (one.place[0] + 1, one.place[1])
    assert one.largest == pytest.approx(np.abs(after[1:] - before).max())
    assert differences(run.edit("wpe", 7, position=0), other.edit("wpe", 7, position=0), ["wpe"],
                       rows) == []
