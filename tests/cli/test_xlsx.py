"""`cutaway xlsx` on the command line."""

import os
import signal
from contextlib import contextmanager

import numpy as np
import openpyxl
import pytest
from click.testing import CliRunner

from cutaway.cli.drawing import progress
from cutaway.cli.edit import changed_run
from cutaway.cli.xlsx import xlsx
from cutaway.engines.xlsx.layout import lay_out
from cutaway.errors import PromptTooLong, UnknownModel
from cutaway.model import open_model

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


def test_changes_stand_in_the_cells(run, tiny, tmp_path):
    changes = ["h0.attention[head=1]=0.25", "h1.mixed=values"]
    done = run(PROMPT, *changes, "-o", "gpt.xlsx", "--positions", "12")
    assert done.exit_code == 0, done.output
    written = openpyxl.load_workbook(tmp_path / "gpt.xlsx", data_only=True)
    truth = changed_run(open_model(tiny), PROMPT, changes)["next_logits"].array
    place = lay_out(open_model(tiny).book, 12).places.of("next_logits")
    column = [written[place.sheet].cell(row, place.column + 1).value for row in
              range(place.row + 1, place.row + 1 + len(truth))]
    assert np.abs(np.array(column) - truth).max() <= 1e-5 * np.abs(truth).max()


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


@pytest.mark.parametrize("doing", ["writing", "packing"])
def test_ctrl_c_leaves_what_was_there_and_nothing_else(cutaway, tiny, tmp_path, monkeypatch, doing):
    reports = []

    @contextmanager
    def pressing_ctrl_c():
        def show(report):
            reports.append(report)
            if report.doing.startswith(doing):
                os.kill(os.getpid(), signal.SIGINT)
        yield show

    monkeypatch.setattr(progress, "shown_progress", pressing_ctrl_c)
    (tmp_path / "gpt.xlsx").write_bytes(b"older")
    done = cutaway("xlsx", PROMPT, "-o", "gpt.xlsx", "--positions", "12", "--model", tiny)
    assert done.exit_code == 130 and done.stderr.endswith("cutaway: stopped.\n")
    assert reports[0].doing == "writing gpt.xlsx" and reports[0].total > 1000
    assert [path.name for path in tmp_path.iterdir()] == ["gpt.xlsx"]
    assert (tmp_path / "gpt.xlsx").read_bytes() == b"older"
