"""The conftest: how much each profile draws, what the long one runs, what processes share."""

import os
from pathlib import Path

import pytest

pytest_plugins = ["pytester"]

ROOT = Path(__file__).parents[1]
DRAWING = """
import pytest
from hypothesis import given, strategies

from tests.profiles import many

drawn = []


@given(strategies.integers())
def test_a_property(number):
    drawn.append(number)


@pytest.mark.long
def test_what_was_drawn():
    assert (len(drawn), many(3, 20)) == EXPECTED


def test_in_the_short_profile_only():
    pass
"""
SHARING = """
import os


def test_in_one_process_or_the_other(whole_run):
    (whole_run / "shared").mkdir(exist_ok=True)
    (whole_run / "shared" / os.environ["PYTEST_XDIST_WORKER"]).touch()
"""


@pytest.fixture
def run(pytester, monkeypatch):
    """A function that runs a file of tests under our conftest, in processes of its own."""
    monkeypatch.setenv("PYTHONPATH", str(ROOT), prepend=os.pathsep)
    monkeypatch.delenv("PYTEST_XDIST_WORKER", raising=False)

    def run_file(text, *arguments):
        pytester.makepyfile(text)
        return pytester.runpytest_subprocess("-p", "tests.conftest", "-p", "no:cacheprovider",
                                             *arguments)

    return run_file


def test_make_test_draws_few_examples(run):
    done = run(DRAWING.replace("EXPECTED", "(30, 3)"))
    done.assert_outcomes(passed=3)


def test_make_test_long_draws_many_and_runs_nothing_else(run):
    done = run(DRAWING.replace("EXPECTED", "(500, 20)"), "-m", "long",
               "--hypothesis-profile", "long")
    done.assert_outcomes(passed=2, deselected=1)


def test_processes_have_a_folder_in_common(run, pytester):
    other = pytester.makepyfile(test_other=SHARING)
    done = run(SHARING, "-n", "2", "--dist", "loadfile")
    done.assert_outcomes(passed=2)
    assert other.exists()
    shared, = pytester.path.rglob("shared")
    assert sorted(file.name for file in shared.iterdir()) == ["gw0", "gw1"]
