"""`cutaway xlsx` on the command line."""

import openpyxl
import pytest
from click.testing import CliRunner

from cutaway.cli.xlsx import xlsx
from cutaway.errors import PromptTooLong, UnknownModel

PROMPT = "Mike is quick. He moves"


@pytest.fixture
def run(tiny, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)

    def invoke(*arguments: str, model: str = str(tiny)):
        return CliRunner().invoke(xlsx, [*arguments, "--model", model])

    return invoke


def test_the_workbook_is_written_after_its_size_was_told(run, tmp_path):
    done = run(PROMPT, "-o", "gpt.xlsx", "--positions", "12")
    assert done.exit_code == 0
    assert "million cells, about" in done.stderr
    assert "MB of memory" in done.stderr
    assert done.stdout.startswith("gpt.xlsx is written: ")
    assert "room for 12 tokens" in done.stdout
    book = openpyxl.load_workbook(tmp_path / "gpt.xlsx", data_only=True)
    assert book["Cutaway"]["B5"].value == PROMPT
    assert book.sheetnames[:5] == ["Cutaway", "Tokens", "Embed", "Block 0", "Block 1"]
    assert [file.name for file in tmp_path.glob("*.xlsx*")] == ["gpt.xlsx"]


def test_the_prompt_may_come_on_standard_input(run, tiny, tmp_path):
    done = CliRunner().invoke(xlsx, ["-", "-o", "gpt.xlsx", "--model", str(tiny)],
                              input="The cat\n")
    assert done.exit_code == 0
    book = openpyxl.load_workbook(tmp_path / "gpt.xlsx", data_only=True)
    assert book["Cutaway"]["B5"].value == "The cat"


@pytest.mark.parametrize(("path", "said"), [
    ("gpt.ods", "does not end with .xlsx"), ("no/gpt.xlsx", "The folder no is not there"),
    ("folder.xlsx", "folder.xlsx is a folder")])
def test_a_place_where_no_workbook_can_stand_is_refused(run, tmp_path, path, said):
    (tmp_path / "folder.xlsx").mkdir()
    done = run(PROMPT, "-o", path)
    assert done.exit_code == 2
    assert said in done.stderr


def test_a_prompt_without_room_is_refused_with_the_option_that_makes_room(run):
    done = run(PROMPT, "-o", "gpt.xlsx", "--positions", "3")
    assert isinstance(done.exception, PromptTooLong)
    assert "--positions" in str(done.exception)


def test_an_unknown_model_is_told(run):
    done = run(PROMPT, "-o", "gpt.xlsx", model="nowhere")
    assert isinstance(done.exception, UnknownModel)
