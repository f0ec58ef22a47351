"""What the README shows is what happens."""

import re
import shlex
from pathlib import Path

import click
import pytest
from click.testing import CliRunner

from cutaway.cli import main

README = (Path(__file__).parents[1] / "README.md").read_text(encoding="utf-8")
COMMANDS = [line for line in README.splitlines() if line.startswith("cutaway ")]
NEEDS_MORE = ("open", "fetch", "add", "train", "export",  # a network, the user's files, an end
              "--model gpt2")


def run(command):
    arguments = shlex.split(command, comments=True)[1:]
    return CliRunner().invoke(main, arguments, prog_name="cutaway")


@pytest.mark.parametrize("command", [command for command in COMMANDS
                                     if not any(word in command for word in NEEDS_MORE)])
def test_a_command_of_the_readme_runs(command, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    result = run(command)
    assert result.exit_code == 0, result.output
    assert result.output.strip()


@pytest.mark.parametrize("command", [command for command in COMMANDS
                                     if any(word in command for word in NEEDS_MORE[:5])])
def test_a_command_that_needs_more_has_its_options_right(command):
    # Reading the options raises click's UsageError where they do not fit; nothing is carried out.
    name, *rest = shlex.split(command, comments=True)[1:]
    verb = main.get_command(click.Context(main), name)
    assert verb is not None and verb.make_context(name, rest)


def test_the_page_that_make_run_prints_is_the_one_shown():
    shown = re.search(r"```\n(Tokens .*?)```", README, flags=re.DOTALL)
    assert shown
    printed = run('cutaway "Mike is quick. He moves"').stdout
    assert shown[1].strip() == printed.strip()


def test_the_python_of_the_readme_runs_and_gives_what_its_comments_say():
    code = re.search(r"```python\n(.*?)```", README, flags=re.DOTALL)
    assert code
    names = {}
    exec(code[1], names)
    claims = re.findall(r"^(run\S.*?\S) +# ([<'(].*)$", code[1], flags=re.MULTILINE)
    assert len(claims) == 3
    for expression, said in claims:
        assert repr(eval(expression, names)) == said
    assert names["run"].diff(names["quiet"])[0].name == "h3.attention"
