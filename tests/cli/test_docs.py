"""docs/command-line.md: what it shows can be typed."""

import importlib.util
import re
import shlex
from pathlib import Path

import pytest

from cutaway.cli.group import SUMMARIES

DOCS = Path(__file__).parents[2] / "docs"


@pytest.fixture
def page() -> str:
    return (DOCS / "command-line.md").read_text(encoding="utf-8")


NUMBER = re.compile(r"-?\d+\.\d+(?:e-?\d+)?")


def documented_commands(page: str) -> dict[str, str]:
    """What the page shows of each command that can be run."""
    specification = importlib.util.spec_from_file_location("refresh", DOCS / "refresh_outputs.py")
    assert specification and specification.loader
    refresh = importlib.util.module_from_spec(specification)
    specification.loader.exec_module(refresh)
    shown = {match["command"]: match["output"] for match in refresh.BLOCK.finditer(page)}
    return {command: shown[command] for command in refresh.commands(page)}


def check_same(shown: str, printed: str) -> None:
    """Check that texts are the same, but for the last digits of numbers that are not whole.

    Threads sum in other orders, and a number that is shown with three digits may be rounded up.
    """
    words = [NUMBER.sub("0.0", text).split() for text in (shown, printed)]
    assert words[0] == words[1]
    found = [[float(number) for number in NUMBER.findall(text)] for text in (printed, shown)]
    assert found[0] == pytest.approx(found[1], rel=2e-3, abs=2e-3)


def test_every_verb_is_documented(page):
    assert all(f"`{verb}`" in page for verb in SUMMARIES)


def test_every_command_of_the_page_prints_what_the_page_shows(cutaway, page):
    from cutaway.weights import bundled_names

    if "storybook" not in bundled_names():
        pytest.skip("the bundled model is not in this checkout")
    commands = documented_commands(page)
    assert len(commands) > 12
    for command, shown in commands.items():
        result = cutaway(*shlex.split(command)[1:])
        assert result.exit_code == 0, (command, result.output)
        check_same(shown, result.output)


def test_another_word_or_another_number_is_found_out():
    check_same("the table  0.1234", "the table 0.1235")
    for other in ("the tables 0.1234", "the table 0.13"):
        with pytest.raises(AssertionError):
            check_same("the table 0.1234", other)
