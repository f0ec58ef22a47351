"""docs/how-to: what the pages say is done on a copy of the source, and their own tests pass."""

import re

import pytest

from tests.docs.follow import copy_of_source, follow, put, pytest_in, ruff_in
from tests.docs.pages import DOCS

HOW_TO = sorted((DOCS / "how-to").glob("*.md"))


def test_all_that_the_pages_add_works_together(tmp_path):
    copy = copy_of_source(tmp_path / "copy")
    made = [file for page in HOW_TO for file in follow(page, copy)]
    tests = [file for file in made if file.name.startswith("test_")]
    assert len(tests) > len(HOW_TO) > 3 and len(made) > len(tests) + 3
    done = pytest_in(copy, *tests)
    assert done.returncode == 0, done.stdout + done.stderr
    passed = re.search(r"(\d+) passed", done.stdout)
    assert passed and int(passed[1]) == sum(
        file.read_text(encoding="utf-8").count("def test_") for file in tests)
    linted = ruff_in(copy, *(file for file in made if file.parent != copy))
    assert linted.returncode == 0, linted.stdout


def test_a_place_that_is_not_there_is_told(tmp_path):
    file = tmp_path / "module.py"
    file.write_text("import os\n\nTABLE = {\n}\n")
    put(file, "in `TABLE`", "    1: 2,\n")
    put(file, "among the imports", "import re\n")
    put(file, "above `TABLE`", "A = 1\n")
    put(file, "at the end", "B = 2\n")
    assert file.read_text() == "import os\nimport re\n\nA = 1\nTABLE = {\n    1: 2,\n}\nB = 2\n"
    with pytest.raises(AssertionError, match=r"module\.py has no OTHER"):
        put(file, "in `OTHER`", "    1: 2,\n")
