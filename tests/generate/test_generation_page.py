"""The page about generation shows what the code prints."""

import doctest
from pathlib import Path

PAGE = Path(__file__).parents[2] / "docs" / "generation.md"


def test_the_tables_on_the_page_are_what_the_code_prints():
    result = doctest.testfile(str(PAGE), module_relative=False)
    assert result.attempted >= 6
    assert result.failed == 0
