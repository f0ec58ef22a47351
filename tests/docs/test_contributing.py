"""CONTRIBUTING.md: its test fails before its change, and passes after it."""

import re

from tests.docs.follow import PUT, copy_of_source, follow, put, pytest_in, ruff_in
from tests.docs.pages import ROOT, blocks

PAGE = ROOT / "CONTRIBUTING.md"
TEST = "tests/workbook/test_formula.py"
FILES = (TEST, "tests/workbook/tiny.py", "tests/workbook/__init__.py", "tests/__init__.py")
NAME = "test_the_root_of_a_negative_number_is_refused_in_words"


def test_the_exercise_fails_first_and_passes_then(tmp_path):
    before = copy_of_source(tmp_path / "before", *FILES)
    put(before / TEST, "at the end", blocks(PAGE, "python")[0].code)
    failed = pytest_in(before, TEST, "-k", NAME)
    assert failed.returncode == 1 and "math domain error" in failed.stdout
    after = copy_of_source(tmp_path / "after", *FILES)
    follow(PAGE, after)
    passed = pytest_in(after, TEST)
    assert passed.returncode == 0, passed.stdout
    assert re.search(r"\d\d+ passed", passed.stdout)
    linted = ruff_in(after, after / "src/cutaway/workbook/operations.py", after / TEST)
    assert linted.returncode == 0, linted.stdout


def test_every_program_of_the_page_has_its_place():
    places = [line for line in PAGE.read_text(encoding="utf-8").splitlines() if PUT.fullmatch(line)]
    assert len(places) == len(blocks(PAGE, "python")) == 3
