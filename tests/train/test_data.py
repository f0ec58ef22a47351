"""Documents, token streams, windows with a stride, and batches that repeat."""

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from cutaway.errors import TrainingError
from cutaway.texts import split_documents
from cutaway.train.data import (
    Source,
    Windows,
    batch_at,
    pairs,
    token_stream,
)

TEN = np.arange(10)


def test_windows_with_a_stride_are_those_written_by_hand():
    """W166: context 4 over ten tokens; each target is its input one token later."""
    by_hand = {
        1: [([0, 1, 2, 3], [1, 2, 3, 4]), ([1, 2, 3, 4], [2, 3, 4, 5]),
            ([2, 3, 4, 5], [3, 4, 5, 6]), ([3, 4, 5, 6], [4, 5, 6, 7]),
            ([4, 5, 6, 7], [5, 6, 7, 8]), ([5, 6, 7, 8], [6, 7, 8, 9])],
        2: [([0, 1, 2, 3], [1, 2, 3, 4]), ([2, 3, 4, 5], [3, 4, 5, 6]),
            ([4, 5, 6, 7], [5, 6, 7, 8])],
        4: [([0, 1, 2, 3], [1, 2, 3, 4]), ([4, 5, 6, 7], [5, 6, 7, 8])],
        5: [([0, 1, 2, 3], [1, 2, 3, 4]), ([5, 6, 7, 8], [6, 7, 8, 9])],
        9: [([0, 1, 2, 3], [1, 2, 3, 4])],
    }
    for stride, expected in by_hand.items():
        windows = Windows(TEN, length=4, stride=stride)
        found = [(given.tolist(), target.tolist()) for given, target in pairs(windows)]
        assert found == expected
        assert len(windows) == len(expected)


@given(st.integers(2, 60), st.integers(1, 12), st.integers(1, 15))
def test_windows_are_torchs_unfold(n_token, length, stride):
    stream = np.arange(n_token) * 7 % 31
    if n_token < length + 1:
        with pytest.raises(TrainingError):
            Windows(stream, length, stride)
        return
    theirs = torch.from_numpy(stream).unfold(0, length + 1, stride).numpy()
    np.testing.assert_array_equal(np.stack(list(Windows(stream, length, stride))), theirs)


def test_windows_end():
    windows = Windows(TEN, 4, 4)
    for index in (2, 99):
        with pytest.raises(IndexError):
            windows[index]


@pytest.mark.parametrize(("length", "stride"), [
    (0, 1), (-1, 1), (4, 0), (4, -1), (2.5, 1), (4, 1.5)])
def test_a_length_or_stride_that_cannot_be_is_told(length, stride):
    with pytest.raises(TrainingError, match=r"length|stride|window"):
        Windows(TEN, length, stride)


def test_a_text_too_short_for_one_window_is_told_with_what_to_do():
    with pytest.raises(TrainingError, match=r"10 tokens long; a window of 10 needs at least 11.*"
                                            r"Give more text, or a shorter context"):
        Windows(TEN, 10, 10)


@pytest.mark.parametrize("batch", [1, 3, 4])
def test_a_pass_reads_every_window_once_in_an_order_of_its_own(batch):
    windows = Windows(np.arange(49), length=4, stride=4)
    assert len(windows) == 12
    orders = []
    for one_pass in range(3):
        steps = range(one_pass * 12 // batch, (one_pass + 1) * 12 // batch)
        read = np.concatenate([batch_at(windows, step, batch, seed=5) for step in steps])
        orders.append(read[:, 0].tolist())
        assert sorted(read[:, 0]) == list(range(0, 48, 4))
    assert len({tuple(order) for order in orders}) == 3


def test_what_does_not_fill_a_batch_is_left_for_another_pass_and_nothing_is_read_twice():
    windows = Windows(np.arange(45), length=4, stride=4)
    assert len(windows) == 11
    seen = set()
    for one_pass in range(8):
        batches = [batch_at(windows, one_pass * 2 + i, 4, seed=1) for i in range(2)]
        read = np.concatenate(batches)[:, 0]
        assert len(set(read)) == 8
        seen |= set(read)
    assert len({batch_at(windows, step, 4, 1).shape for step in range(6)}) == 1
    assert seen == set(range(0, 44, 4))


def test_a_batch_depends_on_its_step_and_seed_alone():
    windows = Windows(np.arange(200), 8, 3)
    first = batch_at(windows, 17, 4, seed=2)
    for step in (3, 99, 17):
        again = batch_at(windows, step, 4, seed=2)
    np.testing.assert_array_equal(first, again)
    assert first.shape == (4, 9) and first.dtype == np.int64
    assert not np.array_equal(first, batch_at(windows, 17, 4, seed=3))


def test_fewer_windows_than_a_batch_are_all_read():
    windows = Windows(TEN, 4, 4)
    assert sorted(batch_at(windows, 0, 16, seed=0)[:, 0]) == [0, 4]


@pytest.mark.parametrize(("text", "documents"), [
    ("one", ("one",)),
    ("one\n<|endoftext|>\ntwo\n\nmore\n<|endoftext|>\nthree\n", ("one", "two\n\nmore", "three")),
    ("one\n<|endoftext|>\n", ("one",)), ("one\n<|endoftext|>", ("one",)),
    ("<|endoftext|>\none", ("one",)), ("one\n<|endoftext|>\n<|endoftext|>\ntwo", ("one", "two")),
    ("one\r\n<|endoftext|>\r\ntwo\r\n", ("one", "two")), ("one\n<|endoftext|>\n \n", ("one",)),
    ("", ()), ("<|endoftext|>", ()), ("\n\n", ()),
    ("the marker <|endoftext|> in a line", ("the marker", "in a line"))])
def test_documents_end_at_the_end_of_text_marker(text, documents):
    """As TinyStories has them: between stories, and after the last one as well."""
    assert split_documents(text) == documents


def encode(text: str) -> list[int]:
    return [ord(letter) - 96 for letter in text]


def test_a_stream_holds_every_document_as_often_as_it_is_to_be_read_each_with_its_end():
    sources = [Source("one", ("abc", "de"), repeats=2), Source("two", ("f",))]
    stream = token_stream(sources, encode, 0, np.random.default_rng(1))
    found = sorted(bytes(piece).decode() for piece in
                   bytes(stream.astype(np.uint8)).rstrip(b"\0").split(b"\0"))
    assert found == sorted(bytes(encode(text)).decode() for text in ("abc", "abc", "de", "de", "f"))
    assert stream[-1] == 0 and (stream == 0).sum() == 5


def test_a_stream_is_shuffled_by_the_generator_that_it_is_given():
    sources = [Source("one", tuple("abcdefghij"))]
    first, again, other = (token_stream(sources, encode, 0, np.random.default_rng(seed))
                           for seed in (1, 1, 2))
    np.testing.assert_array_equal(first, again)
    assert not np.array_equal(first, other)
    assert sorted(first[::2]) == list(range(1, 11))


def test_ids_take_two_bytes_where_they_fit():
    def stream(end: int) -> np.ndarray:
        return token_stream([Source("one", ("a",))], encode, end, np.random.default_rng(0))

    assert stream(2**16 - 1).dtype == np.uint16
    assert stream(2**16).dtype == np.uint32
    assert stream(2**16)[-1] == 2**16


@pytest.mark.parametrize("sources", [[], [Source("empty", ())]])
def test_no_text_at_all_is_told(sources):
    with pytest.raises(TrainingError, match="no text to learn from"):
        token_stream(sources, encode, 0, np.random.default_rng(0))
