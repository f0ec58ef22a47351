"""What a stranger has named does nothing in any file or terminal that it is written to.

Each export of a model of hostile names is opened by the program that people open it with: a
terminal's emulator, DuckDB, Chromium, Python; in tests/engines/xlsx LibreOffice. Nothing acts, and
the text is there.
"""

import ast
import csv
import io
import re
import shutil
from pathlib import Path

import duckdb
import pyte
import pytest
from safetensors.numpy import load_file, save_file

import cutaway as cutaway_package
from cutaway import open_model
from cutaway.engines.sql.duckdb import make_duckdb
from cutaway.engines.sql.script import script
from cutaway.studio.messages.changes import checked_change, words_of
from cutaway.studio.share.labels import label_itself
from cutaway.studio.share.page_html import page_html
from cutaway.studio.share.table_csv import table_csv
from cutaway.studio.share.workbook import Workbook
from cutaway.studio.share.workbook_file import written
from cutaway.studio.worker.verbs.snapshot import snapshot
from cutaway.studio.worker.verbs.summary import model_card, summary
from cutaway.studio.worker.workspace import Workspace
from cutaway.words import LONGEST_MESSAGE, STEERING, message
from tests.cli.conftest import cutaway  # noqa: F401  the command line as a fixture
from tests.hostile_model import FOLDER, PROMPT, WORDS, write_hostile_model
from tests.studio.asking import asked

VERBS = [
    (["predict"], PROMPT), (["show", "next_logits", "--all"], PROMPT),
    (["show", "wte", "--all"], PROMPT), (["show", "h0.attention", "--heat"], PROMPT),
    (["tokens", "--steps"], PROMPT), (["generate", "--max-tokens", "6"], PROMPT),
    (["generate", "--stages", "--max-tokens", "2"], PROMPT),
    (["edit", "h0.attention=0"], PROMPT), (["compare", "<b>\x1b[2J"], PROMPT),
]


class Terminal(pyte.Screen):
    """A terminal that remembers what it was asked to do besides showing text and colours."""

    def __init__(self):
        self.obeyed: list[str] = []
        super().__init__(200, 50)

    def set_title(self, param):
        self.obeyed.append("title")

    def erase_in_display(self, *_, **__):
        self.obeyed.append("erase")

    def cursor_position(self, *_):
        self.obeyed.append("cursor")

    def report_device_status(self, *_, **__):
        self.obeyed.append("report")


@pytest.fixture(scope="module")
def folder(tmp_path_factory) -> Path:
    return write_hostile_model(tmp_path_factory.mktemp("hostile"))


@pytest.fixture(scope="module")
def model(folder):
    return open_model(str(folder))


def obeyed(text: str) -> list[str]:
    """What a terminal does of a text, but for showing it."""
    terminal = Terminal()
    stream = pyte.Stream(terminal)
    terminal.obeyed.clear()  # it has set itself up
    stream.feed(text)
    return terminal.obeyed


def with_model(words, folder):
    verb, *rest = words[0]
    arguments = [words[1], *rest] if verb in ("tokens", "edit") else [*rest, words[1]]
    if verb == "show":
        arguments = [rest[0], words[1], *rest[1:]]
    model = ["--tokenizer" if verb == "tokens" else "--model", folder]
    return [verb, *arguments, *model]


# ---- Terminals -------------------------------------------------------------------------------


def test_the_emulator_obeys_what_is_not_harmless():
    assert obeyed("\x1b]0;owned\x07") == ["title"] == obeyed("\x9d0;owned\x9c")
    assert obeyed("\x1b[2J") == ["erase"]


@pytest.mark.parametrize("verb", VERBS, ids=lambda verb: " ".join(verb[0][:2]))
def test_no_verb_lets_a_stranger_steer_the_terminal(cutaway, folder, monkeypatch, verb):  # noqa: F811
    piped = cutaway(*with_model(verb, folder))
    assert piped.exit_code == 0, piped.output
    assert not STEERING.search(piped.output)
    monkeypatch.setenv("FORCE_COLOR", "1")
    monkeypatch.setenv("TERM", "xterm-256color")
    drawn = cutaway(*with_model(verb, folder), color=True)
    assert drawn.exit_code == 0, drawn.output
    assert obeyed(drawn.output) == []


def test_nothing_of_the_command_line_is_written_past_what_makes_it_harmless():
    sources = (Path(cutaway_package.__file__).parent / "cli").rglob("*.py")
    assert [file.name for file in sources
            if re.search(r"click\.(secho|echo)\(|(?<!def )(?<![.\w])print\(",
                         file.read_text("utf-8"))
            ] == ["say.py"]


def test_every_token_is_still_read_on_the_terminal(cutaway, folder):  # noqa: F811
    page = cutaway("show", "next_logits", PROMPT, "--all", "--model", folder).stdout
    for shown in ("=1+1", r"\x1b]0;owned\x07", r"\x9d0;owned\x9c", r"\u202egnp.exe",
                  "<img src=x onerror=attacked()>", r"line\nbreak", "$(reboot)`reboot`"):
        assert shown in page


def test_names_of_models_files_and_tensors_are_harmless_in_lists_and_messages(
        cutaway, folder, tmp_path):  # noqa: F811
    assert "\\x1b]0;owned" in cutaway("add", folder, "--name", "mine", "--tokenizer",
                                      folder / "nowhere\x1b[2J").output
    broken = shutil.copytree(folder, tmp_path / "\x1b[2Jbroken\x9c")
    tensors = load_file(broken / "model.safetensors")
    tensors["transformer.h.0.\x1b]0;owned\x07" + "x" * 500_000] = tensors.pop(
        "transformer.h.0.ln_1.weight")
    save_file(tensors, broken / "model.safetensors")
    (broken / "b\x1b[2J.index").write_text("x")
    for arguments in (["add", broken], [PROMPT, "--model", broken], ["sql", "--model", broken],
                      ["show", "\x1b[2J", "--model", folder], ["\x1b[2J", "no", "verb"],
                      ["train", broken / "no\x1b[2J"], [PROMPT, "--model", "\x1b]0;owned\x07"],
                      ["xlsx", PROMPT, "--model", folder, "-o", tmp_path / "\x1b[2J/no.xlsx"]):
        told = cutaway(*arguments)
        assert told.exit_code in (1, 2), told.output
        assert not STEERING.search(told.output)
        assert len(told.output) <= LONGEST_MESSAGE + 200


def test_a_message_keeps_its_beginning_and_its_end():
    told = message("cutaway: x.bin is " + "y" * 500_000 + "\x1b. Get it again.")
    assert len(told) < 700
    assert told.startswith("cutaway: x.bin is yy") and told.endswith("y\\x1b. Get it again.")
    told = message("cutaway: these are missing: " + "h0.wte " * 500_000 + "Get it again.")
    assert len(told) < LONGEST_MESSAGE + 100
    assert "characters are left out" in told and told.endswith("h0.wte Get it again.")


def test_the_answers_of_a_query_are_harmless(cutaway, folder):  # noqa: F811
    told = cutaway("sql", "<", "--model", folder, "--max-tokens", "0", "--query",
                   "SELECT chr(27) || ']0;owned' || chr(7) AS word")
    assert told.exit_code == 0, told.output
    assert not STEERING.search(told.output) and r"\x1b]0;owned\x07" in told.output


# ---- Spreadsheets ----------------------------------------------------------------------------


def test_a_csv_gives_every_token_back(model):
    text = "".join(table_csv(model.run(PROMPT)["next_logits"]))
    found = [row[1] for row in csv.reader(io.StringIO(text), strict=True)][1:]
    assert not any(STEERING.search(cell) or "\n" in cell for cell in found)
    assert [label_itself(cell) for cell in found] == [
        model.tokenizer.text_of(id) for id in range(len(model.tokenizer))]


# ---- SQL -------------------------------------------------------------------------------------


def test_a_file_of_sql_runs_with_the_prompt_as_a_text(model, tmp_path):
    prompt = "'; DROP TABLE vocabulary; -- \x1b]0;owned\x07\u202e"
    text = script(model.book, prompt)
    assert not STEERING.search(text)
    make_duckdb(model, tmp_path / "model.duckdb")
    with duckdb.connect(str(tmp_path / "model.duckdb")) as database:
        database.execute(text)
        assert database.execute("SELECT text FROM prompt").fetchall() == [(prompt,)]
        found = dict(database.execute("SELECT id, text FROM vocabulary").fetchall())
    for id in range(len(model.tokenizer)):
        assert found[id] == model.tokenizer.text_of(id).replace("\0", "<0x00>")


# ---- The page, and files of Python -----------------------------------------------------------


def test_the_page_as_a_file_shows_the_words_and_runs_nothing(folder, model, tmp_path, page):
    page.add_init_script("globalThis.attacked = () => { document.title = 'attacked'; };")
    work = Workspace(lambda message: None, lambda function: function())
    work.open(str(folder), "<img>")
    ids = [model.tokenizer.id_of(word) for word in WORDS if "\r" not in word]
    work.change(checked_change({"kind": "append", "ids": ids}))
    told = summary(work)
    tables = asked(snapshot, work, table="next_logits", moved=told["moved"])
    text = page_html({**told, **tables, "model": model_card(work), "prompt": PROMPT,
                      "changes": [{"words": words_of(change)} for change in work.changes],
                      "cells": [], "shown": {"table": "next_logits", "select": {}},
                      "saved": "Saved."})
    file = tmp_path / "page.html"
    file.write_text(text, encoding="utf-8")
    page.goto(file.as_uri())
    page.wait_for_selector(".grid-cell")
    assert page.title() == "next_logits · Cutaway"
    assert page.locator("img, svg[onload], #page script, iframe").count() == 0
    shown = page.locator("body").inner_text()
    for word in ("<img src=x onerror=attacked()>", "=1+1", "{{7*7}}${7*7}", "&lt;b&gt;"):
        assert word in shown


def test_a_workbooks_file_holds_the_words_as_plain_texts(folder):
    text = written(Workbook(str(folder), PROMPT, [], []), f"{FOLDER}.py")
    assert not STEERING.search(text)
    texts = [node.value for node in ast.walk(ast.parse(text)) if isinstance(node, ast.Constant)]
    assert PROMPT in texts and str(folder) in texts
