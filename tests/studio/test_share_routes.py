"""The addresses under /save/: what they hand out, what they take, and how they refuse."""

import ast
import json
from io import BytesIO

import numpy as np
import openpyxl
import pytest

from cutaway.engines.sql import script
from cutaway.engines.xlsx import size
from cutaway.engines.xlsx.layout import lay_out
from cutaway.studio.messages.changes import checked_change
from cutaway.studio.server.documents import new_document
from cutaway.studio.share.routes import ROUTES
from cutaway.studio.share.table_csv import table_csv
from cutaway.studio.share.workbook_file import Workbook, read_workbook, written
from cutaway.tokenizer import Tokenizer, learn_merges
from tests.cli.conftest import TEXT, write_model
from tests.studio.share_app import answered, share_app

PROMPT = "Mike is quick. He moves"
HEAD_OFF = checked_change(
    {"kind": "numbers", "table": "h3.attention", "cells": {"head": 1}, "value": 0})
THEIRS = Workbook("storybook", "The cat sat", [HEAD_OFF, {
    "kind": "operation", "name": "gelu", "source": "def gelu(table):\n    return table"}],
    [{"cell": "c1", "kind": "code", "name": "own", "source": "1 / 0"}])


@pytest.fixture
def app():
    book = new_document("storybook", PROMPT)
    book.changes, book.cursor = [HEAD_OFF], 1
    return share_app(book)


def error_of(answer):
    status, body = answer
    assert status == 400
    return json.loads(body)["error"]


def test_every_route_changes_nothing_at_a_mere_look():
    assert {method for route in ROUTES for method in route.methods} == {"POST"}
    assert all(route.path.startswith("/save/") for route in ROUTES)


def test_the_workbook_comes_as_the_python_file_that_is_read_back(app):
    app.state.document.saved.changes.append(HEAD_OFF | {"table": "undone"})
    status, body = answered(app, "/save/workbook", {"name": "quick.py"})
    assert status == 200
    text = body.decode()
    assert read_workbook(text) == Workbook("storybook", PROMPT, [HEAD_OFF], [])
    assert "cutaway open quick.py" in ast.get_docstring(ast.parse(text))


def test_the_page_comes_with_what_is_shown_and_what_was_changed(app):
    status, body = answered(app, "/save/page", {"table": "h3.attention", "select": {"head": 2}})
    data = body.decode().split('id="snapshot">')[1].split("</script>")[0]
    snapshot = json.loads(data)
    assert status == 200
    assert snapshot["shown"] == {"table": "h3.attention", "select": {"head": 2}}
    assert [change["words"] for change in snapshot["changes"]] == ["h3.attention[head=1] = 0"]
    assert snapshot["saved"].endswith("with Cutaway 0.1.0.")


def test_the_page_of_a_book_that_is_not_trusted_says_that_nothing_was_changed(app):
    app.state.document.saved.trusted = False
    _, body = answered(app, "/save/page", {"table": "h3.attention"})
    data = body.decode().split('id="snapshot">')[1].split("</script>")[0]
    assert json.loads(data)["changes"] == []


def test_a_table_comes_as_its_csv_and_the_tabs_hear_how_far_it_is(app):
    run = app.state.document.workspace.run
    status, body = answered(app, "/save/table", {"table": "wte"})
    assert status == 200
    assert body.decode() == "".join(table_csv(run["wte"]))
    pushed = app.state.document.pushed
    assert [one["done"] for one in pushed] == sorted(one["done"] for one in pushed)
    assert (pushed[-1]["done"], pushed[-1]["of"]) == (4096, 4096)


def test_a_table_that_is_changed_while_it_is_written_is_told_and_not_half_sent(app):
    book = app.state.document
    book.push = lambda message: setattr(book, "version", book.version + 1)
    error = error_of(answered(app, "/save/table", {"table": "wte"}))
    assert error["message"] == "wte was changed while it was written down. Save it once more."


def test_the_file_of_sql_is_the_command_lines_with_the_changes_in_it(app):
    run = app.state.document.workspace.run
    status, body = answered(app, "/save/sql", {})
    assert status == 200
    assert body.decode() == script(run.book, PROMPT, like=run)
    assert body.decode() != script(run.book, PROMPT)


def test_a_text_of_other_tokens_than_its_letters_give_is_refused_with_what_to_do(app):
    book = app.state.document
    letters = [book.workspace.model.tokenizer.id_of(letter) for letter in " the"]
    assert len(book.workspace.model.tokenizer.encode(" the")) == 1
    book.workspace.change({"kind": "append", "ids": letters})
    for path, what in (("/save/sql", "A file of SQL"), ("/save/xlsx", "A spreadsheet")):
        words = error_of(answered(app, path, {}))["message"]
        assert words.startswith(f"{what} cuts its prompt into tokens itself")
        assert words.endswith("Undo what was written, or type the text as a prompt.")


@pytest.fixture
def small_app(tmp_path):
    tokenizer = Tokenizer.from_merges([merge.pair for merge in learn_merges(TEXT, 60)])
    tokenizer.save(tmp_path / "small")
    write_model(tmp_path / "small", len(tokenizer), seed=1)
    return share_app(new_document(str(tmp_path / "small"), "The cat"))


def test_the_spreadsheet_holds_the_changes_and_the_tabs_hear_how_far_it_is(small_app):
    work = small_app.state.document.workspace
    pushed = []
    work.push = pushed.append
    work.change({"kind": "numbers", "table": "h1.attention", "cells": {"head": 1}, "value": 0})
    status, body = answered(small_app, "/save/xlsx", {})
    assert status == 200
    written = openpyxl.load_workbook(BytesIO(body), data_only=True)
    assert written["Cutaway"]["B5"].value == "The cat"
    place = lay_out(work.model.book, 16).places.of("next_logits")
    truth = work.run["next_logits"].array
    column = [written[place.sheet].cell(row, place.column + 1).value for row in
              range(place.row + 1, place.row + 1 + len(truth))]
    assert np.abs(np.array(column) - truth).max() <= 1e-5 * np.abs(truth).max()
    assert {one["what"] for one in pushed} == {"spreadsheet"}
    assert pushed[0]["done"] == 0 and pushed[0]["of"] > 1000


def test_a_spreadsheet_too_large_for_a_browser_names_the_command(small_app, monkeypatch):
    monkeypatch.setattr(size, "MUCH_BYTES", 1000)
    words = error_of(answered(small_app, "/save/xlsx", {}))["message"]
    assert "million cells, about" in words and "cutaway xlsx \"PROMPT\" -o gpt.xlsx" in words


def test_numbers_of_a_whole_table_go_back_into_it(app):
    run = app.state.document.workspace.run
    halved = "".join(table_csv(run["h0.mixed"].__class__(
        "own", run["h0.mixed"].axes, run["h0.mixed"].array / 2, run["h0.mixed"].provenance)))
    status, body = answered(app, "/save/numbers", {"table": "h0.mixed", "text": halved})
    assert (status, json.loads(body)) == (200, {"cells": {}, "words": "h0.mixed"})
    np.testing.assert_array_equal(app.state.document.workspace.run["h0.mixed"].array,
                                  run["h0.mixed"].array / 2)


def test_numbers_of_one_page_go_into_the_page_that_is_shown(app):
    rows = "\n".join(",".join(["0.125"] * 8) for _ in range(8))
    status, body = answered(app, "/save/numbers", {
        "table": "h0.attention", "select": {"head": 4}, "text": rows})
    assert (status, json.loads(body)["words"]) == (200, "head 4 of h0.attention")
    changed = app.state.document.workspace.run["h0.attention"].array
    assert (changed[4] == 0.125).all()
    assert not (changed[3] == 0.125).all()


def test_numbers_that_fit_neither_the_table_nor_the_page_are_refused_with_both_shapes(app):
    error = error_of(answered(app, "/save/numbers", {
        "table": "h0.attention", "select": {"head": 4}, "text": "5,2\n3,4\n"}))
    assert error["kind"] == "ShapeMismatch"
    assert error["message"] == (
        "The file has 2 lines of numbers, and h0.attention has 48, each with 8 numbers. Nor is it "
        "for the page that is shown: The file has 2 lines of numbers, and head 4 of h0.attention "
        "has 8, each with 8 numbers.")
    assert len(app.state.document.saved.changes) == 1


def test_a_mistake_in_a_table_without_pages_is_told_alone(app):
    error = error_of(answered(app, "/save/numbers", {"table": "wpe", "text": "1,2"}))
    assert error["message"].startswith("The file has 1 line of numbers, and wpe has 256")


def test_a_file_is_looked_into_and_nothing_is_opened(app):
    text = written(THEIRS)
    status, body = answered(app, "/save/look", {"name": "theirs.py", "text": text})
    found = json.loads(body)
    assert status == 200
    assert (found["model"], found["prompt"]) == ("storybook", "The cat sat")
    assert [change["code"] for change in found["changes"]] == [
        None, "def gelu(table):\n    return table"]
    assert found["cells"] == THEIRS.cells
    assert app.state.document.saved.prompt == PROMPT


def test_a_file_is_opened_and_nothing_of_it_runs(app):
    status, _ = answered(app, "/save/open", {"name": "theirs.py", "text": written(THEIRS)})
    book = app.state.document
    assert status == 200
    assert (book.saved.trusted, book.saved.changes) == (False, THEIRS.changes)
    assert not book.workspace.edited


def test_a_file_that_is_no_workbook_is_refused_with_its_line(app):
    for path in ("/save/look", "/save/open"):
        error = error_of(answered(app, path, {"name": "theirs.py", "text": "import os"}))
        assert error["kind"] == "WorkbookFileError"
        assert error["message"].startswith("theirs.py, line 1: 'import os' cannot stand here")
        assert app.state.document.saved.prompt == PROMPT


def test_a_workbook_of_a_model_that_is_not_here_is_told(app):
    text = written(Workbook("no-such-model", "Mike", [], []))
    error = error_of(answered(app, "/save/open", {"name": "theirs.py", "text": text}))
    assert error["kind"] == "UnknownModel"


@pytest.mark.parametrize(("path", "body", "found"), [
    ("/save/table", {"table": "h9.attention"}, "There is no table 'h9.attention'."),
    ("/save/table", {}, "'table' is missing"),
    ("/save/table", {"table": "../../etc/passwd"}, "There is no table '../../etc/passwd'."),
    ("/save/numbers", {"table": "wpe"}, "'text' is missing"),
    ("/save/page", {"table": 1}, "'table' is 1"),
    ("/save/page", {"table": "wpe", "select": {"head": -1}}, "head is -1"),
    ("/save/workbook", {"name": ["x"]}, "'name' is ['x']"),
    ("/save/look", {"name": "x.py"}, "'text' is missing"),
    ("/save/look", b"{", "The message is no JSON"),
    ("/save/look", b"[" * 100_000, "nested too deep"),
    ("/save/look", b"\xff\xfe", "The message is no JSON"),
    ("/save/look", b"[]", "The message is []; an object is expected"),
])
def test_what_is_asked_wrongly_is_refused_and_says_what_was_found(app, path, body, found):
    assert found in error_of(answered(app, path, body))["message"]
