"""A cell's value as a table, in a few words, and as text."""

import numpy as np
import pytest

from cutaway.errors import ShapeMismatch
from cutaway.scratch import Neighbour, Neighbours
from cutaway.scratch.shown import MOST_CHARACTERS, in_text, in_words, is_block, table_from
from cutaway.workbook import Provenance

NEAR = Neighbours([Neighbour(" king", 884, 1.0), Neighbour(" queen", 2175, 0.58)])


class Odd:
    def __repr__(self):
        raise RuntimeError


@pytest.mark.parametrize(("value", "words"), [
    (None, "nothing"), (True, "true or false"), (np.bool_(True), "true or false"),
    (3, "a number"), (np.float32(0.5), "a number"), (np.array(0.5), "a number"),
    ("text", "text"), (np.zeros((3, 4)), "3 x 4"), (np.array(["a"]), "1 of <U1"),
    (NEAR, "2 tokens, the nearest first"), ({}, "a dict"), ([1], "a list"), (Odd(), "an Odd"),
])
def test_a_value_in_a_few_words(value, words):
    assert in_words(value) == words


def test_a_table_in_words_names_its_axes(run, scratch):
    assert in_words(run["h3.attention"]) == "6 head x 14 position x 14 source"
    assert in_words(scratch.formula("one", "h3.attention[0]")) == "14 position x 14 source"


@pytest.mark.parametrize(("value", "text"), [
    (None, ""), (np.float32(0.5), "0.5"), ("two\nlines", "'two\\nlines'"), ([1, 2], "[1, 2]"),
])
def test_a_value_as_text(value, text):
    assert in_text(value) == text


def test_a_value_that_cannot_be_written_is_named():
    assert in_text(Odd()).startswith("<Odd")


@pytest.mark.parametrize("make", [lambda: "a" * 10**6, lambda: list(range(10**6)),
                                  lambda: dict.fromkeys(range(10**5)), lambda: 10**5000])
def test_a_long_value_is_cut(make):
    assert len(in_text(make())) <= MOST_CHARACTERS + 3


@pytest.mark.parametrize(("shape", "axes"), [
    ((5,), ("column",)), ((5, 4), ("row", "column")), ((2, 3, 4), ("page", "row", "column")),
    ((2, 3, 4, 5), ("book", "page", "row", "column")),
])
def test_an_array_without_labels_has_axes_of_its_own(shape, axes):
    array = np.arange(np.prod(shape), dtype=float).reshape(shape)
    table = table_from("scratch.mine", array, Provenance())
    assert table.axes == axes
    assert np.array_equal(table.array, array)
    assert table.label(axes[-1], 0) == ""


@pytest.mark.parametrize("array", [np.array([1, 2]), np.array([True, False])])
def test_whole_numbers_and_truths_are_shown_as_numbers(array):
    table = table_from("scratch.mine", array, Provenance())
    assert table.array.dtype == np.float64
    assert np.array_equal(table.array, array)


def test_a_list_of_tokens_is_a_table_of_cosines():
    table = table_from("scratch.near", NEAR, Provenance())
    assert table.array.tolist() == [[1.0], [0.58]]
    assert table.labels("row") == [" king", " queen"]
    assert table.labels("column") == ["cosine"]


def test_a_table_of_a_run_keeps_its_labels(run):
    table = table_from("scratch.mine", run["h3.attention"], Provenance())
    assert (table.name, table.axes) == ("scratch.mine", ("head", "position", "source"))
    assert table.label("position", 0) == run["h3.attention"].label("position", 0)


@pytest.mark.parametrize("value", [
    5, "text", None, [1, 2], np.array(5.0), np.zeros((1, 1, 1, 1, 1)), np.zeros((0, 3)),
    np.array(["a"]), np.array([1j]), Neighbours(),
])
def test_what_is_no_block_of_numbers_is_no_table(value):
    assert not is_block(value)
    with pytest.raises(ShapeMismatch, match="one to four axes of numbers are expected"):
        table_from("scratch.mine", value, Provenance())
