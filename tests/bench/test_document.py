"""Measured parts stand in their places; what somebody wrote around them stays."""

import pytest
from bench.document import written

TEXT = """# Performance

By hand, above.

<!-- measured: prefill -->
old
<!-- end: prefill -->

By hand, below.
"""


def test_a_measured_part_replaces_the_old_one_and_nothing_else():
    assert written(TEXT, {"prefill": "new\n"}) == TEXT.replace("old", "new")


def test_writing_twice_is_writing_once():
    once = written(TEXT, {"prefill": "new"})
    assert written(once, {"prefill": "new"}) == once


def test_a_part_without_a_place_gets_one_at_the_end():
    text = written(TEXT, {"edits": "| a |"})
    assert text.startswith(TEXT.rstrip())
    assert text.endswith("<!-- measured: edits -->\n| a |\n<!-- end: edits -->\n")
    assert written(text, {"edits": "| b |"}).count("edits -->") == 2


def test_a_place_without_an_end_is_not_written_into():
    with pytest.raises(ValueError, match="no <!-- end: prefill --> behind it"):
        written(TEXT.replace("<!-- end: prefill -->", ""), {"prefill": "new"})
