"""Tables: axes, labels, smaller tables, and what a wrong selection says."""

import numpy as np
import pytest

from cutaway.errors import UnknownRow
from cutaway.workbook import Provenance, Table
from tests.workbook.tiny import WORDS, tiny_run

NUMBERS = np.arange(24.0).reshape(2, 3, 4)


def table(labels=("", "", "", "")) -> Table:
    return Table("h0.attention", ("head", "position", "source"), NUMBERS, Provenance(),
                 lambda axis, i: labels[i] if axis == "source" else "")


@pytest.mark.parametrize(("selectors", "numbers", "axes"), [
    ({}, NUMBERS, ("head", "position", "source")),
    ({"head": 1}, NUMBERS[1], ("position", "source")),
    ({"head": np.int64(-1)}, NUMBERS[1], ("position", "source")),
    ({"head": 0, "position": 2, "source": 3}, NUMBERS[0, 2, 3], ()),
    ({"position": slice(1, None)}, NUMBERS[:, 1:], ("head", "position", "source")),
    ({"source": slice(None, None, -1)}, NUMBERS[:, :, ::-1], ("head", "position", "source")),
    ({"source": slice(-3, -1)}, NUMBERS[:, :, -3:-1], ("head", "position", "source")),
    ({"source": slice(0, 99, 2)}, NUMBERS[:, :, ::2], ("head", "position", "source")),
    ({"head": [1], "source": [3, 0]}, NUMBERS[[1]][:, :, [3, 0]], ("head", "position", "source")),
    ({"head": None}, NUMBERS, ("head", "position", "source")),
    ({"source": np.array([2, 2])}, NUMBERS[:, :, [2, 2]], ("head", "position", "source")),
    ({"source": (0, 1)}, NUMBERS[:, :, :2], ("head", "position", "source")),
])
def test_a_selection_is_what_numpy_gives(selectors, numbers, axes):
    smaller = table().select(**selectors)
    np.testing.assert_array_equal(smaller.array, numbers, strict=True)
    assert smaller.axes == axes
    assert not smaller.array.flags.writeable


def test_the_large_table_stays_writable_or_not_as_it_was():
    numbers = NUMBERS.copy()
    Table("x", ("head", "position", "source"), numbers, Provenance()).select(head=0)
    assert numbers.flags.writeable


def test_a_label_selects_its_row_with_or_without_the_space_in_front():
    one = table((" the", " cat", " sat", " on"))
    for label in (" cat", "cat"):
        np.testing.assert_array_equal(one.select(source=label).array, NUMBERS[:, :, 1])


def test_the_exact_label_wins_over_the_one_with_a_space():
    one = table(("cat", " cat", " sat", " on"))
    np.testing.assert_array_equal(one.select(source="cat").array, NUMBERS[:, :, 0])
    np.testing.assert_array_equal(one.select(source=" cat").array, NUMBERS[:, :, 1])


def test_several_labels_may_be_listed():
    one = table((" the", " cat", " sat", " on"))
    np.testing.assert_array_equal(one.select(source=["sat", 0]).array, NUMBERS[:, :, [2, 0]])


def test_a_label_that_several_rows_bear_is_told_with_their_numbers():
    with pytest.raises(UnknownRow, match=r"several source rows ' cat': 1, 3. Give the number"):
        table((" the", " cat", " sat", " cat")).select(source=" cat")


@pytest.mark.parametrize("label", [" dog", "", " ", "the cat"])
def test_a_label_that_no_row_bears_is_told(label):
    with pytest.raises(UnknownRow, match=r"no source .*Give a number from 0 to 3"):
        table((" the", " cat", " sat", " on")).select(source=label)


def test_labels_follow_the_rows_into_a_smaller_table():
    one = table((" the", " cat", " sat", " on"))
    assert one.labels("source") == [" the", " cat", " sat", " on"]
    smaller = one.select(source=[3, 1])
    assert smaller.labels("source") == [" on", " cat"]
    assert smaller.select(source=slice(1, None)).labels("source") == [" cat"]
    np.testing.assert_array_equal(smaller.select(source=" on").array, NUMBERS[:, :, 3])


def test_labels_of_an_axis_that_the_table_does_not_have_are_told():
    with pytest.raises(UnknownRow, match="no axis 'embed'; its axes are: head, position, source"):
        table().labels("embed")


def test_a_run_labels_positions_sources_and_vocabulary_with_tokens():
    run = tiny_run([0, 6, 8])
    assert run["h0.attention"].labels("position") == ["the", " dog", " moves"]
    assert run["h0.attention"].labels("source") == ["the", " dog", " moves"]
    assert run["h0.attention"].labels("head") == ["", ""]
    assert run["next_logits"].labels("vocabulary") == WORDS
    assert run["wte"].labels("vocabulary") == WORDS
    assert run["wpe"].labels("position")[:4] == ["the", " dog", " moves", ""]
    assert run.append(5)["h0.attention"].labels("source") == ["the", " dog", " moves", "."]


def test_a_batch_has_no_single_token_for_a_position():
    run = tiny_run([[0, 6], [8, 5]])
    assert run["h0.attention"].labels("position") == ["", ""]
    assert run["next_logits"].labels("vocabulary") == WORDS


def test_a_table_is_taken_for_an_array_wherever_numpy_expects_one():
    np.testing.assert_array_equal(np.asarray(table()), NUMBERS)
    assert np.asarray(table(), dtype=np.float32).dtype == np.float32
    assert np.array(table()).flags.writeable
    assert np.exp(table()).shape == (2, 3, 4)


def test_a_table_says_what_it_is():
    assert repr(table()) == "<Table h0.attention: 2 head x 3 position x 4 source>"
