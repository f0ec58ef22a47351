"""Messages of the page: every field is checked, and a wrong one is told by name."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cutaway.errors import MessageError
from cutaway.studio.message import Message

ANYTHING = st.recursive(st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
                        lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner))


@given(ANYTHING)
def test_whatever_comes_is_read_or_refused_by_name(value):
    message = Message({"field": value})
    for read in (message.text, message.whole, message.number, message.flag, message.mapping,
                 message.select, lambda name: message.items(name, 5),
                 lambda name: message.choice(name, ("a", "b"))):
        try:
            read("field")
        except MessageError as error:
            assert "'field'" in str(error)


@pytest.mark.parametrize("value", [math.nan, math.inf, -math.inf, True, "1", None, 10**400])
def test_a_number_is_finite_and_no_word(value):
    with pytest.raises(MessageError, match="number is expected"):
        Message({"x": value}).number("x")


@pytest.mark.parametrize("value", [-1, 1.0, True, 2**31, "3", None])
def test_a_whole_number_lies_within_its_bounds(value):
    with pytest.raises(MessageError, match=r"'row' is .*; a whole number from 0 to 2,147,483,647"):
        Message({"row": value}).whole("row")


def test_a_missing_field_takes_the_default_or_is_named():
    assert Message({}).number("temperature", default=1.0) == 1.0
    assert Message({"top_k": None}).fields["top_k"] is None and "top_k" not in Message({})
    with pytest.raises(MessageError, match="'table' is missing; a text is expected"):
        Message({}).text("table")


def test_a_text_that_is_too_long_tells_its_length():
    with pytest.raises(MessageError, match="'table' has 201 characters; at most 200 are taken"):
        Message({"table": "x" * 201}).text("table", 200)


def test_a_long_value_is_not_told_in_full():
    with pytest.raises(MessageError) as caught:
        Message({"row": "y" * 5000}).whole("row")
    assert len(str(caught.value)) < 200


@pytest.mark.parametrize("select", [{"head": -1}, {"head": 1.5}, {"head": True}, {"head": "1"}])
def test_a_page_is_chosen_by_an_index(select):
    with pytest.raises(MessageError, match=r"head is .*; a whole number of at least 0"):
        Message({"select": select}).select()


def test_what_is_no_object_is_no_message():
    with pytest.raises(MessageError, match=r"The message is \[1\]; an object"):
        Message([1])  # type: ignore[arg-type]
