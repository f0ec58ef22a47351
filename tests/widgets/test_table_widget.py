"""What the widget answers to the grid, without a notebook: the numbers are the table's."""

import re
import sys
from pathlib import Path

import numpy as np
import pytest

import cutaway
from cutaway.errors import (
    BookError,
    MessageError,
    MissingExtra,
    SettingError,
    ShapeMismatch,
    UnknownRow,
    UnknownTable,
)
from cutaway.widgets import TableWidget, show
from cutaway.workbook import Provenance, Table

PROMPT = "Mike is quick. He moves"


@pytest.fixture(scope="module")
def run():
    return cutaway.open_model().run(PROMPT)


@pytest.fixture
def asked(monkeypatch):
    """A function that sends a widget a message, and gives what it answers and the numbers."""

    def ask(widget, message):
        answers = []
        monkeypatch.setattr(widget, "send", lambda content, buffers=(): answers.append(
            (content, list(buffers))))
        widget._handle_custom_msg({"key": widget.table["key"], **message}, [])
        return answers[0] if answers else (None, [])

    return ask


def tile(asked, widget, row=0, column=0, **more):
    """One tile as an array."""
    told, (numbers,) = asked(widget, {"do": "tile", "row": row, "column": column, "request": 7,
                                      **more})
    assert told["re"] == 7
    return np.frombuffer(numbers, "<f4").reshape(told["rows"], told["columns"])


def wide_table():
    """As large as GPT-2 small's embeddings; a cell's number tells its row and its column."""
    rows, columns = np.arange(50257, dtype=np.float32), np.arange(768, dtype=np.float32)
    numbers = rows[:, None] + columns / 128
    return Table("wte", ("vocabulary", "embed"), numbers, Provenance(origin="made for a test"))


# ---- Numbers and labels


def test_a_tile_holds_the_tables_numbers(run, asked):
    widget = show(run["h3.mlp_up"])
    np.testing.assert_array_equal(tile(asked, widget, 0, 2),
                                  run["h3.mlp_up"].array[:, 128:192])


def test_a_sorted_tile_holds_the_rows_that_are_asked_for_with_their_labels(run, asked):
    widget = show(run, "next_logits")
    told, _ = asked(widget, {"do": "order", "column": 0, "descending": True, "request": 3})
    assert told["order"][0] == run["next_logits"].array.argmax()
    rows = told["order"][:64]
    numbers = tile(asked, widget, rows=rows)[:, 0]
    np.testing.assert_array_equal(numbers, -np.sort(-run["next_logits"].array)[:64])
    told, _ = asked(widget, {"do": "labels", "axis": "row", "first": 0, "count": 64, "rows": rows})
    assert told["ids"] == rows


def test_a_tile_at_the_edge_is_as_large_as_what_is_left(asked):
    corner = tile(asked, show(wide_table()), 785, 11)
    assert corner.shape == (17, 64)
    assert corner[-1, -1] == 50256 + 767 / 128


def test_a_tile_outside_the_table_is_refused_by_name(asked):
    told, numbers = asked(show(wide_table()), {"do": "tile", "row": 786, "column": 0,
                                               "request": 3})
    assert told == {"re": 3, "error": "wte has no tile 786, 0: it is 50257 x 768, in tiles of "
                                      "64 x 64."}
    assert numbers == []


def test_the_page_is_that_of_the_chosen_head(run, asked):
    widget = show(run["h3.attention"], head=1)
    np.testing.assert_array_equal(tile(asked, widget), run["h3.attention"].array[1])
    assert widget.table["label"] == "Table h3.attention, head 1"


def test_another_page_brings_the_numbers_of_another_head(run, asked):
    widget = show(run["h3.attention"], head=1)
    widget.page = {"head": 4}
    np.testing.assert_array_equal(tile(asked, widget), run["h3.attention"].array[4])


def test_a_question_about_the_page_before_is_not_answered_with_this_ones_numbers(run, asked):
    widget = show(run["h3.attention"], head=1)
    told, numbers = asked(widget, {"do": "tile", "row": 0, "column": 0, "request": 5,
                                   "key": "h3.attention, head 0"})
    assert told["re"] == 5 and "head 0" in told["error"] and numbers == []


def test_a_table_of_one_axis_is_a_column(run, asked):
    widget = show(run["next_logits"])
    assert (widget.table["rows"], widget.table["columns"]) == (4096, 1)
    np.testing.assert_array_equal(tile(asked, widget)[:, 0], run["next_logits"].array[:64])


def test_labels_are_the_prompts_tokens_with_their_ids(run, asked):
    told, _ = asked(show(run, "h3.attention"), {
        "do": "labels", "axis": "row", "first": 0, "count": 3, "request": 1})
    assert told == {"re": 1, "labels": ["M", "ike", " is"], "ids": [44, 1631, 378]}


def test_the_vocabularys_rows_are_labelled_with_tokens_and_ids(run, asked):
    told, _ = asked(show(run["wte"]), {
        "do": "labels", "axis": "row", "first": 261, "count": 2, "request": 1})
    assert told["ids"] == [261, 262]
    assert told["labels"][0] == " the"


def test_rows_without_a_token_are_labelled_with_their_numbers(run, asked):
    told, _ = asked(show(run["h3.mlp_up"]), {
        "do": "labels", "axis": "column", "first": 766, "count": 256, "request": 1})
    assert told == {"re": 1, "labels": ["766", "767"], "ids": None}


def test_labels_end_where_the_table_does(run, asked):
    told, _ = asked(show(run["wte"]), {
        "do": "labels", "axis": "row", "first": 4090, "count": 256, "request": 1})
    assert len(told["labels"]) == 6


def test_a_weights_places_are_not_taken_for_the_prompts_tokens(run, asked):
    told, _ = asked(show(run, "wpe"), {
        "do": "labels", "axis": "row", "first": 0, "count": 2, "request": 1})
    assert told["ids"] is None


def test_the_colours_are_scaled_by_the_largest_finite_number():
    numbers = np.array([[1.0, -3.0], [-np.inf, np.nan]], np.float32)
    widget = show(Table("scores", ("position", "source"), numbers, Provenance()))
    assert widget.table["largest"] == 3.0


# ---- Comparing


def test_before_the_numbers_of_the_other_run_come(run, asked):
    quiet = run.edit("h3.attention", 0, head=1)
    widget = show(quiet["h3.attention"], before=run, head=1)
    assert widget.table["compare"] is True
    np.testing.assert_array_equal(tile(asked, widget), np.zeros((8, 8)))
    np.testing.assert_array_equal(tile(asked, widget, of="before"), run["h3.attention"].array[1])


def test_how_many_numbers_moved_is_told(run):
    quiet = run.edit("h3.attention", 0, head=1)
    assert show(quiet["h3.attention"], before=run, head=1).caption["moved"] == 36  # 8 * 9 / 2
    assert show(quiet["h3.attention"], before=run, head=0).caption["moved"] == 0


def test_another_run_is_compared_with_the_table_shown_first(run, asked):
    widget = show(run, "h3.attention", head=1)
    version = widget.table["version"]
    widget.run = run.edit("h3.attention", 0, head=1)
    assert widget.table["version"] > version and widget.caption["moved"] == 36
    np.testing.assert_array_equal(tile(asked, widget), np.zeros((8, 8)))


def test_a_longer_run_is_shown_without_a_comparison(run):
    widget = show(run, "h3.attention", head=1)
    widget.run = run.append(261)
    assert (widget.table["rows"], widget.table["columns"]) == (9, 9)
    assert widget.table["compare"] is False and widget.page == {"head": 1}


def test_tables_of_different_shapes_are_not_compared(run):
    longer = run.append(261)
    with pytest.raises(ShapeMismatch, match="6 x 8 x 8 and before it was 6 x 9 x 9"):
        show(run["h3.attention"], before=longer)


# ---- Editing


def test_a_typed_number_gives_an_edited_run(run, asked):
    widget = show(run, "h3.attention", head=1, editable=True)
    asked(widget, {"do": "edit", "row": 3, "column": 2, "row_end": 3, "column_end": 2,
                   "text": "0,9"})
    assert widget.run["h3.attention"].array[1, 3, 2] == np.float32(0.9)
    assert widget.run["h3.attention"].array[0, 3, 2] == run["h3.attention"].array[0, 3, 2]
    assert widget.caption["moved"] == 1


def test_a_range_takes_one_number(run, asked):
    widget = show(run, "wte", editable=True)
    asked(widget, {"do": "edit", "row": 10, "column": 0, "row_end": 11, "column_end": 191,
                   "text": "0"})
    assert not widget.run["wte"].array[10:12].any()
    np.testing.assert_array_equal(widget.run["wte"].array[12], run["wte"].array[12])


def test_a_pasted_block_lies_where_it_was_pasted(run, asked):
    widget = show(run, "h3.attention", head=2, editable=True)
    asked(widget, {"do": "paste", "row": 6, "column": 0, "text": "0.5\t-1\r\n0\t1e-3\r\n"})
    np.testing.assert_array_equal(widget.run["h3.attention"].array[2, 6:, :2],
                                  np.float32([[0.5, -1], [0, 1e-3]]))


def test_a_column_is_pasted_into_a_table_of_one_axis(run, asked):
    widget = show(run, "next_logits", editable=True)
    asked(widget, {"do": "paste", "row": 4094, "column": 0, "text": "1\n2"})
    np.testing.assert_array_equal(widget.run["next_logits"].array[4094:], [1, 2])


@pytest.mark.parametrize(("fields", "words"), [
    ({"do": "edit", "text": "much"}, "'much' is no number that can stand here"),
    ({"do": "edit", "text": "nan"}, "'nan' is no number"),
    ({"do": "edit", "text": "1e39"}, "'1e39' is no number"),
    ({"do": "paste", "text": "1\t2\n3"}, "different numbers of columns"),
    ({"do": "paste", "text": "1\t\n3\t4"}, "'' is no number"),
    ({"do": "paste", "row": 7, "column": 7, "text": "1\t2"}, "room for 1 x 1"),
])
def test_what_cannot_be_typed_is_told_and_changes_nothing(run, asked, fields, words):
    widget = show(run, "h3.attention", editable=True)
    told, _ = asked(widget, {"row": 0, "column": 0, "row_end": 0, "column_end": 0, **fields})
    assert words in told["error"] and "re" not in told
    assert widget.run is run


def test_a_table_that_is_not_editable_takes_no_number(run, asked):
    widget = show(run, "h3.attention")
    asked(widget, {"do": "edit", "row": 0, "column": 0, "row_end": 0, "column_end": 0,
                   "text": "5"})
    assert widget.run is run


# ---- From Python


def test_a_label_leads_to_its_row(run):
    widget = show(run["wte"])
    widget.go_to(" the", 191)
    assert widget.reveal == {"row": 261, "column": 191, "nonce": 1}
    widget.go_to(-1)
    assert widget.reveal == {"row": 4095, "column": 0, "nonce": 2}


def test_a_row_that_is_not_there_is_refused_by_name(run):
    with pytest.raises(UnknownRow, match="wte has no vocabulary 4096"):
        show(run["wte"]).go_to(4096)


def test_a_page_that_is_not_there_is_refused_by_name(run):
    widget = show(run["h3.attention"])
    with pytest.raises(UnknownRow, match=r"h3\.attention has no head 6: it has 6"):
        widget.page = {"head": 6}
    assert widget.page == {"head": 0}


@pytest.mark.parametrize(("arguments", "options", "kind", "words"), [
    (["run"], {}, SettingError, "a run without a table's name"),
    (["h3.attention"], {}, SettingError, "was given 'h3.attention'"),
    (["run", "h3.atention"], {}, UnknownTable, "h3.attention"),
    (["table"], {"mode": "colour"}, SettingError, "'numbers' or 'heat'"),
    (["table"], {"head": 6}, UnknownRow, "it has 6, from 0 to 5"),
    (["table"], {"head": -1}, MessageError, "head is -1; a whole number from 0"),
    (["table"], {"source": 0}, UnknownRow, "it has: head"),
    (["table"], {"before": 3}, SettingError, "before is 3"),
    (["table"], {"editable": True}, SettingError, r"show\(run, 'h3.attention', editable=True\)"),
    (["run", "ids"], {"editable": True}, BookError, "ids is part of the prompt"),
])
def test_what_cannot_be_shown_is_said(run, arguments, options, kind, words):
    named = {"run": run, "table": run["h3.attention"]}
    with pytest.raises(kind, match=words):
        show(*(named.get(one, one) for one in arguments), **options)


def test_what_the_documentation_shows_runs():
    page = (Path(__file__).parents[2] / "docs" / "widgets.md").read_text(encoding="utf-8")
    names = {}
    for block in re.findall(r"```python\n(.*?)```", page, re.DOTALL):
        exec(block, names)
    assert names["table"].page == {"head": 2}
    assert names["table"].reveal["row"] == 3  # " quick"


# ---- The parts that travel to the page


def test_the_module_needs_no_second_file():
    assert "data:text/javascript;base64," in TableWidget._esm
    assert '"cutaway-grid"' not in TableWidget._esm


def test_without_anywidget_the_error_says_what_to_install(monkeypatch):
    for name in [name for name in sys.modules if name.startswith("cutaway.widgets")]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.setitem(sys.modules, "anywidget", None)
    with pytest.raises(MissingExtra, match=r'anywidget.*pip install .* "\.\[notebook\]"'):
        import cutaway.widgets  # noqa: F401


def test_the_widgets_files_lie_beside_its_code():
    folder = Path(sys.modules[TableWidget.__module__].__file__).parent
    assert {"widget.js", "widget.css"} <= {file.name for file in folder.iterdir()}
