"""What passes between the server and the worker."""

import pytest

from cutaway.errors import MessageError
from cutaway.studio.process import frames


@pytest.mark.parametrize(("head", "numbers"), [
    ({}, None), ({"text": "lone \ud800, é, 𝄞"}, b""), ({"a": [1, 2.5, None]}, bytes(10_000))])
def test_a_frame_is_read_as_it_was_written(head, numbers):
    frame = frames.packed(head, numbers)
    assert frames.body_length(frame[:4]) == len(frame) - 4
    assert frames.unpacked(frame[4:]) == (head, numbers)


@pytest.mark.parametrize("body", [b"", b"j", b"jx", b"j[]", b"q{}", b"n", b"n\0\0\0\x09{}",
                                  b"j" + b"[" * 100_000, b"j\xff"])
def test_what_is_no_frame_is_refused(body):
    with pytest.raises(MessageError, match="cannot be read"):
        frames.unpacked(body)


@pytest.mark.parametrize("beginning", [b"\0\0\0\0", b"\xff\xff\xff\xff"])
def test_a_length_that_no_frame_has_is_refused(beginning):
    with pytest.raises(MessageError, match="are expected"):
        frames.body_length(beginning)
