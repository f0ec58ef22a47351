"""Which tokens point the same way: cosines checked by hand and against another way to get them."""

import numpy as np
import pytest

from cutaway.errors import SettingError, ShapeMismatch, UnknownToken
from cutaway.scratch import Neighbour
from cutaway.scratch.names import Names
from cutaway.scratch.nearest import cosine


@pytest.fixture(scope="module")
def names(run):
    return Names(run)


@pytest.mark.parametrize(("first", "second", "expected"), [
    ((10, 10), (50, 50), 1.0),       # W81: the same angle, another length
    ((10, 10), (5, 20), 0.8575),     # W81: 250 / (sqrt(200) * sqrt(425))
    ((1, 0), (0, 3), 0.0),           # W80: at right angles
    ((2, 1), (-4, -2), -1.0),        # W80: opposed
])
def test_the_cosine_of_vectors_worked_out_by_hand(first, second, expected):
    assert cosine(first, second) == pytest.approx(expected, abs=5e-5)


def test_a_cosine_is_never_beyond_one(run):
    rows = run["wte"].array[:200]
    assert max(cosine(row, row) for row in rows) <= 1


@pytest.mark.parametrize("second", [(1, 2, 3), (0, 0), (np.nan, 1), (np.inf, 1), "king", 5,
                                    [[1, 2]], None])
def test_what_has_no_direction_or_another_length_is_refused(second):
    with pytest.raises(ShapeMismatch):
        cosine((1, 2), second)


def test_the_nearest_of_a_token_is_itself(names, model):
    first = names.nearest(names.embedding(" king"))[0]
    assert first == Neighbour(" king", model.tokenizer.id_of(" king"), pytest.approx(1))


def test_the_list_is_what_a_plain_sort_over_all_tokens_gives(names, run, model):
    wte = run["wte"].array.astype(np.float64)
    vector = names.embedding(" king") - names.embedding(" man") + names.embedding(" woman")
    vector = np.asarray(vector, np.float64)
    lengths = np.sqrt((wte * wte).sum(axis=1)) * np.sqrt((vector * vector).sum())
    cosines = (wte * vector).sum(axis=1) / lengths
    expected = np.argsort(-cosines)[:25]
    found = names.nearest(vector, 25)
    assert [one.id for one in found] == expected.tolist()
    assert [one.cosine for one in found] == pytest.approx(cosines[expected].tolist(), abs=1e-12)
    assert [one.token for one in found] == [model.tokenizer.text_of(int(id)) for id in expected]


def test_the_inputs_stay_on_the_list_unless_they_are_left_out(names):
    vector = names.embedding(" king") - names.embedding(" man") + names.embedding(" woman")
    assert names.nearest(vector)[0].token == " king"
    without = names.nearest(vector, leave_out=[" king", " man", " woman"])
    assert len(without) == 10
    assert {one.token for one in without}.isdisjoint({" king", " man", " woman"})
    assert " queen" in {one.token for one in without}


def test_one_token_can_be_left_out_by_its_text_or_id(names, model):
    by_text = names.nearest(" king", leave_out=" king")
    by_id = names.nearest(model.tokenizer.id_of(" king"),
                          leave_out=model.tokenizer.id_of(" king"))
    assert by_text == by_id
    assert by_text[0].token != " king"


def test_more_than_the_vocabulary_is_the_whole_vocabulary(names, model):
    assert len(names.nearest(" king", 10**6)) == len(model.tokenizer)


def test_the_embeddings_that_were_edited_count(run):
    wte = run["wte"].array
    edited = run.edit("wte", -wte[884], vocabulary=884)
    assert Names(edited).nearest(wte[884], len(wte))[-1] == Neighbour(" king", 884,
                                                                      pytest.approx(-1))


def test_a_row_of_zeros_is_near_to_nothing(run):
    edited = Names(run.edit("wte", 0, vocabulary=884))
    cosines = {one.id: one.cosine for one in edited.nearest(" man", 4096)}
    assert cosines[884] == 0


@pytest.mark.parametrize(("vector", "words"), [
    (np.ones((4, 192)), "192 numbers are expected, and this is 4 x 192"),
    (np.ones(7), "192 numbers are expected, and this is 7"),
    (np.zeros(192), "points nowhere"),
    (None, "and this is a single number"),
])
def test_what_is_no_embedding_is_told(names, vector, words):
    with pytest.raises(ShapeMismatch, match=words):
        names.nearest(vector)


@pytest.mark.parametrize("count", [0, -1, 1.5, True, "3"])
def test_a_count_is_a_whole_number_of_at_least_one(names, count):
    with pytest.raises(SettingError, match="whole number of at least 1"):
        names.nearest(" king", count)


@pytest.mark.parametrize("token", [4096, -1, 1.5, None, True])
def test_what_is_no_token_is_told_with_the_range_of_ids(names, token):
    with pytest.raises(UnknownToken, match="an id from 0 to 4095"):
        names.embedding(token)


def test_a_list_reads_as_ranked_rows(names):
    lines = repr(names.nearest(" king", 2)).splitlines()
    assert lines[0].split() == ["1", "'", "king'", "884", "1.0000"]
    assert lines[1].split()[0] == "2"
