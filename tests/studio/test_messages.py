"""Messages of the page: every field is checked once, and a wrong one is told by name."""

import json
import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cutaway.errors import MessageError
from cutaway.studio.messages import questions
from cutaway.studio.messages.fields import Select, checked, read_json
from cutaway.studio.messages.server_questions import CellSet, GoTo, UploadBegin
from cutaway.studio.messages.token_questions import Learn, TokensSpellings
from cutaway.studio.messages.worker_questions import Compare, Debug, Open, Stages, Tile

ANYTHING = st.recursive(st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
                        lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner))
KINDS = [*questions.PAGE.values(), *questions.INNER.values()]


@given(st.sampled_from(KINDS), ANYTHING)
def test_whatever_comes_is_read_or_refused_by_name(kind, value):
    fields = kind.__struct_encode_fields__
    for name in fields:
        try:
            checked(kind, {name: value})
        except MessageError as error:
            inner = ("kind", "bytes", "name", "cell")  # of changes, files and cells
            assert any(f"'{field}" in str(error) for field in (*fields, *inner))


@given(st.text())
def test_every_text_is_json_that_can_be_read_or_is_refused(text):
    try:
        read_json(text)
    except MessageError:
        with pytest.raises((ValueError, RecursionError)):
            json.loads(text, parse_constant=int)  # NaN and Infinity are no JSON


@pytest.mark.parametrize("value", [math.nan, math.inf, -math.inf, True, "1",
                                   pytest.param(10**5000, id="5,001 digits")])
def test_a_number_is_finite_and_no_word(value):
    with pytest.raises(MessageError, match="finite number is expected"):
        checked(Stages, {"temperature": value})


@pytest.mark.parametrize("value", [-1, 1.0, True, 2**31, "3", None,
                                   pytest.param(10**5000, id="5,001 digits")])
def test_a_whole_number_is_within_its_bounds(value):
    with pytest.raises(MessageError,
                       match=r"'cursor' is .*; a whole number from 0 to 2,147,483,647"):
        checked(GoTo, {"cursor": value})


def test_a_missing_field_takes_the_default_or_is_named():
    assert checked(Stages, {}) == Stages(temperature=1.0, top_k=None, top_p=None, draw=None)
    with pytest.raises(MessageError, match="'table' is missing; a text is expected"):
        checked(Tile, {"row": 0, "column": 0})


def test_a_text_that_is_too_long_tells_its_length():
    with pytest.raises(MessageError, match="'table' has 201 characters; at most 200 are taken"):
        checked(Tile, {"table": "x" * 201, "row": 0, "column": 0})


def test_a_long_value_is_not_told_in_full():
    with pytest.raises(MessageError) as caught:
        checked(GoTo, {"cursor": "y" * 5000})
    assert len(str(caught.value)) < 200


@pytest.mark.parametrize("select", [{"head": -1}, {"head": 1.5}, {"head": True}, {"head": "1"}])
def test_a_page_is_chosen_by_an_index(select):
    with pytest.raises(MessageError, match=r"'select': head is .*; a whole number from 0"):
        checked(Tile, {"table": "h0.attention", "select": select, "row": 0, "column": 0})
    with pytest.raises(MessageError):
        checked(Select, select)


@pytest.mark.parametrize(("kind", "fields", "words"), [
    (CellSet, {"cell": "c1", "kind": "x"}, "'kind' is 'x'; one of formula, code is expected"),
    (Learn, {"text": "a", "merges": 0}, "'merges' is 0; a whole number from 1 to 1,000"),
    (Open, {"model": "m", "prompt": "p", "changes": [{"kind": "mean"}]}, "'table' is missing"),
    (Open, {"model": "m", "prompt": "p", "changes": [{}]}, "'kind' is missing; one of prompt"),
    (Debug, {"command": "step", "watch": [3]}, r"'watch\[0\]' is 3; a text is expected"),
    (Compare, {"with": 3}, "'with' is 3; an object is expected"),
    (UploadBegin, {"files": [{"name": "a"}]}, "'bytes' is missing; a whole number"),
    (TokensSpellings, {"texts": ["a"] * 25}, "a list of at most 24 is expected"),
    (GoTo, [1], r"The message is \[1\]; an object is expected")])
def test_a_mistake_is_told_where_it_is(kind, fields, words):
    with pytest.raises(MessageError, match=words):
        checked(kind, fields)


@pytest.mark.parametrize(("text", "words"), [
    ("{", "is no JSON"), ("", "is no JSON"), ("\0", "is no JSON"),
    ('{"a": NaN}', "NaN was found in the message; finite numbers are expected"),
    ("[-Infinity]", "-Infinity was found in the message"),
    ("9" * 5000, "a number that is too large"), ('{"x": 1e999}', "a number that is too large"),
    ('{"x": "a\\ud800b"}', "half of a surrogate pair"), ('"\\udc00"', "half of a surrogate pair"),
    ("[" * 100_000 + "]" * 100_000, "nested too deep"), ('{"a":' * 100_000, "nested too deep")])
def test_json_that_no_page_of_ours_sends_is_refused_in_words(text, words):
    with pytest.raises(MessageError, match=words):
        read_json(text)


def test_a_whole_pair_of_surrogates_is_a_character():
    assert read_json('"\\ud834\\udd1e"') == "\N{MUSICAL SYMBOL G CLEF}"


def test_a_message_nested_too_deep_for_its_fields_is_refused():
    deep = []
    for _ in range(100_000):
        deep = [deep]
    with pytest.raises(MessageError):
        checked(GoTo, {"cursor": deep})
