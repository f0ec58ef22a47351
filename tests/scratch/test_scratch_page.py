"""The page about the scratch sheet shows what the code gives."""

import doctest
from pathlib import Path

PAGE = Path(__file__).parents[2] / "docs" / "scratch.md"


def test_the_examples_on_the_page_give_what_it_says():
    result = doctest.testfile(str(PAGE), module_relative=False)
    assert result.attempted >= 15
    assert result.failed == 0
