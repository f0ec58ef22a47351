"""The verbs for cells: what the page asks, is answered, and is told unasked."""

import json

import pytest

import cutaway
from cutaway.errors import CodeError, MessageError, ShapeMismatch, UnknownTable
from cutaway.studio.messages.fields import checked
from cutaway.studio.messages.questions import RELAYED
from cutaway.studio.worker.verbs import cells as verbs
from cutaway.studio.worker.workspace import Workspace as Opened

PROMPT = "Once upon a time the king was sad."


class Output:
    """Whose prints are whose, as the worker's output is told it."""

    def __init__(self):
        self.owners = []

    def settle(self):
        """Nothing waits here."""

    def begin(self, cell):
        self.owners.append(cell)


class Workspace:
    """What the verbs need of an open book."""

    def __init__(self, model):
        self.model, self.run, self.cells = model, model.run(PROMPT), None
        self.output, self.pushed = Output(), []

    def push(self, message):
        # As on the way to the page: what JSON cannot say is no message.
        self.pushed.append(json.loads(json.dumps(message, allow_nan=False)))

    def told(self):
        """Each push since the last look: the cell and its state."""
        pushed, self.pushed = self.pushed, []
        return [(one["cell"], one["result"]["state"]) for one in pushed]


@pytest.fixture(scope="module")
def model():
    return cutaway.open_model()


@pytest.fixture
def workspace(model):
    return Workspace(model)


def cell(id, source, kind="formula", name=""):
    return {"cell": id, "kind": kind, "name": name, "source": source}


def ask(workspace, verb, cells=(), **fields):
    return getattr(verbs, verb)(workspace, checked(RELAYED[verb], {"cells": list(cells), **fields}))


def run(workspace, *cells):
    """The result of the last of some cells, which is run."""
    return ask(workspace, "cell_run", cells, cell=cells[-1]["cell"])["result"]


# ---- Running ---------------------------------------------------------------------------------


def test_a_cell_is_run_and_the_page_is_told_before_and_after(workspace):
    result = run(workspace, cell("c1", "1 + 1", name="two"))
    assert (result["state"], result["text"], result["shape_words"]) == ("done", "2", "a number")
    assert (result["count"], result["line"], result["table"]) == (1, None, None)
    assert result["seconds"] >= 0
    assert workspace.told() == [("c1", "running"), ("c1", "done")]


def test_what_is_printed_belongs_to_the_cell_that_prints(workspace):
    cells = [cell("c1", "print(1)", "code"), cell("c2", "print(2)", "code")]
    ask(workspace, "cell_run_all", cells)
    assert workspace.output.owners == ["c1", "c2"]


def test_the_formulas_that_read_a_cell_are_told_with_it(workspace):
    cells = [cell("c1", "1", name="first"), cell("c2", "first + 1", name="second")]
    run(workspace, *cells)
    workspace.told()
    cells[0]["source"] = "5"
    ask(workspace, "cell_run", cells, cell="c1")
    assert workspace.told() == [("c1", "stale"), ("c2", "stale"), ("c1", "running"), ("c1", "done"),
                                ("c2", "running"), ("c2", "done")]


def test_an_error_is_a_result_with_the_line(workspace):
    result = run(workspace, cell("c1", "a = 1\na / 0", "code"))
    assert (result["state"], result["line"]) == ("error", 2)
    assert result["message"] == "ZeroDivisionError: division by zero"
    assert (result["table"], result["text"]) == (None, "")


def test_run_to_here_stops_at_the_first_error_above(workspace):
    cells = [cell("c1", "1 / 0"), cell("c2", "2")]
    answer = ask(workspace, "cell_run_to", cells, cell="c2")
    assert answer == {"cell": "c2", "result": None}
    assert workspace.told() == [("c1", "running"), ("c1", "error")]


@pytest.mark.parametrize("verb", ["cell_run", "cell_run_to"])
def test_a_cell_that_was_deleted_is_told(workspace, verb):
    with pytest.raises(MessageError, match="no cell 'c9' any more"):
        ask(workspace, verb, [cell("c1", "1")], cell="c9")


@pytest.mark.parametrize("fields", [
    {"kind": "formula"}, {"cell": "c1", "kind": "sql"}, {"cell": "c1", "kind": "code", "source": 3},
    "c1", None,
])
def test_a_cell_of_another_make_is_refused(workspace, fields):
    with pytest.raises(MessageError):
        ask(workspace, "cell_run", [fields], cell="c1")


@pytest.mark.parametrize("stop", [KeyboardInterrupt, verbs.Stopped])
def test_an_interrupt_reaches_the_worker_and_the_page_is_told_of_the_cell(workspace, stop):
    workspace.model = stop
    with pytest.raises(stop):
        run(workspace, cell("c1", "raise model", "code"))
    assert workspace.told() == [("c1", "running"), ("c1", "error")]
    assert workspace.cells.sent["c1"]["message"] == "It was stopped before its end."


# ---- What the page is told of a value --------------------------------------------------------


def test_a_table_is_shown_with_its_first_rows_labels_and_range(workspace):
    result = run(workspace, cell("c1", "h3.attention", name="mine"))
    preview = result["preview"]
    array = workspace.run["h3.attention"].array
    assert result["table"] == "scratch.mine"
    assert result["shape_words"] == "6 head x 9 position x 9 source"
    assert preview["rows"][1][0] == float(f"{array[0, 1, 0]:.6g}")
    assert (len(preview["rows"]), len(preview["rows"][0])) == (8, 9)
    assert (preview["n_rows"], preview["n_columns"]) == (9, 9)
    assert (preview["row_axis"], preview["column_axis"]) == ("position", "source")
    assert preview["row_labels"][:3] == ["Once", " upon", " a"]
    assert preview["pages"] == [{"axis": "head", "count": 6}]
    assert (preview["lowest"], preview["largest"]) == (array.min(), array.max())


def test_one_axis_is_shown_as_a_row(workspace):
    preview = run(workspace, cell("c1", 'wte[" king"]'))["preview"]
    assert (preview["n_rows"], preview["n_columns"], len(preview["rows"][0])) == (1, 192, 12)
    assert (preview["row_axis"], preview["column_axis"]) == ("", "embed")


def test_numbers_that_json_cannot_say_are_texts(workspace):
    preview = run(workspace, cell("c1", "np.array([1.0, np.inf, -np.inf, np.nan])"))["preview"]
    assert preview["rows"] == [[1.0, "inf", "-inf", "nan"]]
    assert (preview["lowest"], preview["largest"]) == (1, 1)


def test_a_table_of_nothing_but_infinity_is_shown(workspace):
    preview = run(workspace, cell("c1", "np.full(2, np.nan)"))["preview"]
    assert (preview["rows"], preview["largest"]) == ([["nan", "nan"]], 0)


def test_a_ranked_list_is_rows_of_token_id_and_cosine(workspace):
    result = run(workspace, cell("c1", 'nearest(" king", 3)', name="near"))
    assert result["ranking"][0] == {"token": " king", "id": 884, "cosine": pytest.approx(1)}
    assert len(result["ranking"]) == 3
    assert result["table"] == "scratch.near"


def test_the_names_that_code_made_are_listed_with_what_they_are(workspace):
    source = ("import math\ntotal = h3.attention.sum(axis=-1)\nsize = 3\n"
              "def half(x):\n    return x / 2")
    result = run(workspace, cell("c1", source, "code"))
    assert result["made"] == [
        {"name": "total", "words": "6 head x 9 position", "table": "scratch.total"},
        {"name": "size", "words": "a number", "table": None}]


def test_a_cell_without_a_name_is_no_table_of_its_own(workspace):
    result = run(workspace, cell("c1", "wte[0:3]"))
    assert result["table"] is None
    assert result["preview"]["n_rows"] == 3


@pytest.mark.parametrize("source", ["'<script>alert(1)</script>'", "type('<b>', (), {})()"])
def test_markup_stays_the_text_that_it_is(workspace, source):
    result = run(workspace, cell("c1", source))
    assert "<script>" in result["text"] or "<b>" in result["text"]


# ---- The console -----------------------------------------------------------------------------


@pytest.mark.parametrize(("source", "text"), [
    ("1 + 1", "2"), ("size = 3", "done"), ("'a'", "'a'"), ("h3.attention.shape", "(6, 9, 9)"),
])
def test_the_console_answers_with_text(workspace, source, text):
    assert ask(workspace, "cell_eval", source=source) == {"text": text}


def test_formulas_follow_the_console(workspace):
    cells = [cell("c1", "size * 2", name="twice")]
    ask(workspace, "cell_eval", cells, source="size = 3")
    run(workspace, *cells)
    workspace.told()
    ask(workspace, "cell_eval", cells, source="size = 4")
    assert workspace.told() == [("c1", "running"), ("c1", "done")]
    assert workspace.cells["twice"] == 8


def test_an_error_on_the_console_is_an_error_with_its_line(workspace):
    with pytest.raises(CodeError, match="ZeroDivisionError") as told:
        ask(workspace, "cell_eval", source="a = 1\na / 0")
    assert told.value.line == 2


# ---- After a change of the run ---------------------------------------------------------------


def test_nothing_happens_before_a_cell_has_run(workspace):
    verbs.refresh(workspace)
    assert workspace.pushed == []


def test_formulas_follow_a_change_and_code_is_marked(workspace):
    ask(workspace, "cell_run_all", [cell("c1", "h3.attention[1].sum()", name="total"),
                                    cell("c2", "print(h3.attention.sum())", "code"),
                                    cell("c3", "wte.sum()")])
    workspace.told()
    workspace.run = workspace.run.edit("h3.attention", 0, head=1)
    verbs.refresh(workspace)
    assert workspace.told() == [("c1", "running"), ("c1", "done"), ("c2", "stale")]
    assert workspace.cells["total"] == 0


def test_a_change_that_came_before_the_request_is_seen_as_well(workspace):
    cells = [cell("c1", "h3.attention[1].sum()", name="total"), cell("c2", "1")]
    run(workspace, cells[0])
    workspace.run = workspace.run.edit("h3.attention", 0, head=1)
    ask(workspace, "cell_run", cells, cell="c2")
    assert workspace.cells["total"] == 0


def test_an_interrupt_while_formulas_follow_lets_the_change_stand(workspace):
    source = "def stop(size):\n    if size == 0:\n        raise KeyboardInterrupt\n    return size"
    ask(workspace, "cell_run_all", [cell("c1", source, "code"),
                                    cell("c2", "stop(h3.attention[1].sum())", name="first"),
                                    cell("c3", "h3.attention[1].sum() + 1", name="second")])
    workspace.told()
    workspace.run = workspace.run.edit("h3.attention", 0, head=1)
    verbs.refresh(workspace)
    assert workspace.told() == [("c2", "running"), ("c3", "stale"), ("c2", "error")]


# ---- Views -----------------------------------------------------------------------------------


def test_a_page_that_comes_later_gets_all_results(workspace):
    assert ask(workspace, "cell_results") == {"results": {}}
    run(workspace, cell("c1", "1", name="one"))
    assert ask(workspace, "cell_results")["results"]["c1"]["text"] == "1"


def test_the_result_of_a_deleted_cell_is_forgotten(workspace):
    run(workspace, cell("c1", "1"))
    run(workspace, cell("c2", "2"))
    assert list(ask(workspace, "cell_results")["results"]) == ["c2"]


def test_every_name_that_a_cell_can_use_is_offered(workspace):
    run(workspace, cell("c1", "1", name="one"))
    names = {one["name"]: one for one in ask(workspace, "cell_names")["names"]}
    assert names["h3.attention"] == {"name": "h3.attention", "kind": "table",
                                     "words": "head position source"}
    assert names["one"]["kind"] == "cell"
    assert names["softmax"]["words"].startswith("Each row as shares of 1")
    assert {"wte", "nearest", "embedding", "cosine", "run", "model", "np"} <= names.keys()


def test_names_are_offered_before_a_cell_has_run(workspace):
    assert len(ask(workspace, "cell_names")["names"]) > 150
    assert workspace.cells is None


def test_a_cells_value_is_a_table_for_the_grid(workspace):
    run(workspace, cell("c1", "h3.attention[1]", name="mine"))
    table = Opened.table(workspace, "scratch.mine")
    assert (table.name, table.axes, table.shape) == ("scratch.mine", ("position", "source"), (9, 9))
    assert table.label("position", 2) == " a"


def test_what_is_no_table_is_told(workspace):
    with pytest.raises(UnknownTable, match="no cell of the scratch sheet has run yet"):
        Opened.table(workspace, "scratch.mine")
    run(workspace, cell("c1", "5", name="five"))
    with pytest.raises(ShapeMismatch, match=r"scratch\.five is a number, and no table"):
        Opened.table(workspace, "scratch.five")
    with pytest.raises(UnknownTable, match="No cell has made 'six'"):
        Opened.table(workspace, "scratch.six")
