"""docs/command-line.md: what it shows can be typed."""

import importlib.util
import shlex
from pathlib import Path

import pytest

from cutaway.cli.group import SUMMARIES

DOCS = Path(__file__).parents[2] / "docs"


@pytest.fixture
def page() -> str:
    return (DOCS / "command-line.md").read_text(encoding="utf-8")


def documented_commands(page: str) -> list[str]:
    specification = importlib.util.spec_from_file_location("refresh", DOCS / "refresh_outputs.py")
    assert specification and specification.loader
    refresh = importlib.util.module_from_spec(specification)
    specification.loader.exec_module(refresh)
    return refresh.commands(page)


def test_every_verb_is_documented(page):
    assert all(f"`{verb}`" in page for verb in SUMMARIES)


def test_every_command_of_the_page_runs(cutaway, page):
    from cutaway.weights import bundled_names

    if "storybook" not in bundled_names():
        pytest.skip("the bundled model is not in this checkout")
    commands = documented_commands(page)
    assert len(commands) > 12
    for command in commands:
        result = cutaway(*shlex.split(command)[1:])
        assert result.exit_code == 0, (command, result.output)
