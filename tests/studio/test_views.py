"""What the page is told of tables and cells, against the run's own numbers."""

import numpy as np
import pytest

from cutaway import open_model
from cutaway.errors import MessageError, UnknownRow, UnknownTable
from cutaway.studio.messages import questions
from cutaway.studio.worker.verbs import (
    JOBS,
    VIEWS,
    changes,
    glance,
    inspector,
    table_view,
    tables,
    writing,
)
from cutaway.studio.worker.verbs.compare import compare
from cutaway.studio.worker.verbs.summary import model_card, summary
from cutaway.studio.worker.workspace import Workspace
from tests.studio.asking import HEAD_OFF, PROMPT, opened_example
from tests.studio.asking import asked as ask


@pytest.fixture(scope="module")
def run():
    """The same prompt, calculated by the library."""
    return open_model().run(PROMPT)


@pytest.fixture
def workspace():
    return opened_example()


def test_a_page_may_ask_for_every_view_and_no_more_jobs_than_it_needs():
    inside = {"snapshot", "csv_rows", "table_shape", "open", "do_change", "do_go_to",
              "write_spreadsheet", "sql_script", "write_begin", "write_token", "write_end"}
    assert questions.PAGE.keys() & inside == set() and questions.INNER.keys() == inside
    assert {*questions.RELAYED.values(), *questions.INNER.values()} == VIEWS.keys() | JOBS.keys()


@pytest.mark.parametrize(("name", "select"), [
    ("h3.attention", {"head": 4}), ("h3.mlp_up", {}), ("wte", {}), ("next_logits", {}),
    ("h0.ln_1_g", {}), ("ids", {}), ("logits", {}), ("h5.values", {"head": 5})])
def test_tiles_laid_side_by_side_are_the_table(workspace, run, name, select):
    expected = run[name].array.astype(np.float32)
    for index in select.values():
        expected = expected[index]
    expected = expected.reshape(len(expected), -1)
    found = np.full(expected.shape, np.nan, np.float32)
    for row in range(0, expected.shape[0], 64):
        for column in range(0, expected.shape[1], 64):
            told, numbers = ask(tables.tile, workspace, table=name, select=select, row=row // 64,
                                column=column // 64)
            block = np.frombuffer(numbers, "<f4").reshape(told["rows"], told["columns"])
            found[row:row + 64, column:column + 64] = block
    np.testing.assert_array_equal(found, expected)


def test_a_column_sorts_where_the_numbers_are_and_labels_stay_with_their_rows(workspace, run):
    expected = run["next_logits"].array
    for descending, first in ((True, expected.argmax()), (False, expected.argmin())):
        order = ask(tables.order, workspace, table="next_logits", column=0,
                    descending=descending)["order"]
        assert order[0] == first and sorted(order) == list(range(4096))
    seen = order[64:128]
    told, numbers = ask(tables.tile, workspace, table="next_logits", row=1, column=0, rows=seen)
    assert told == {"rows": 64, "columns": 1}
    np.testing.assert_array_equal(np.frombuffer(numbers, "<f4"), np.sort(expected)[64:128])
    told = ask(tables.labels, workspace, table="next_logits", axis="row", first=64, count=64,
               rows=seen)
    assert told["ids"] == seen
    # Equal numbers stay in the order of the table: what lies ahead of row 0 has no share.
    order = ask(tables.order, workspace, table="h0.attention", column=7, descending=False)["order"]
    assert order == list(range(8))
    with pytest.raises(UnknownRow, match="no column 8 to be sorted by: it has 8"):
        ask(tables.order, workspace, table="h0.attention", column=8, descending=False)
    with pytest.raises(UnknownRow, match="has no row 8: it has 8"):
        ask(tables.tile, workspace, table="h0.attention", row=0, column=0, rows=[8])
    with pytest.raises(UnknownRow, match="has no row 8: it has 8"):
        ask(tables.labels, workspace, table="h0.attention", axis="row", first=0, count=1, rows=[8])


@pytest.mark.parametrize("fields", [
    {"table": "h3.attention", "row": 1, "column": 0}, {"table": "wte", "row": 0, "column": 3}])
def test_a_tile_outside_the_table_is_refused(workspace, fields):
    with pytest.raises(UnknownRow, match="has no tile"):
        ask(tables.tile, workspace, **fields)


def test_a_page_that_is_not_there_is_refused_by_name(workspace):
    with pytest.raises(UnknownRow, match=r"h3\.attention has no head 6: it has 6, from 0 to 5"):
        ask(table_view.table_view, workspace, table="h3.attention", select={"head": 6})
    with pytest.raises(UnknownRow, match="no axis 'layer' to choose a page by"):
        ask(table_view.table_view, workspace, table="h3.attention", select={"layer": 0})
    with pytest.raises(UnknownTable, match=r"no table 'h3\.atention'\. Did you mean"):
        ask(table_view.table_view, workspace, table="h3.atention")
    with pytest.raises(MessageError, match="'row' is -1"):
        ask(tables.tile, workspace, table="wte", row=-1, column=0)


def test_labels_are_the_tokens_with_their_ids(workspace, run):
    told = ask(tables.labels, workspace, table="h0.attention", axis="column", first=2, count=3)
    assert told == {"labels": [" is", " quick", "."], "ids": run.ids[2:5].tolist()}
    told = ask(tables.labels, workspace, table="wte", axis="row", first=4090, count=1000)
    assert told["ids"] == list(range(4090, 4096)) and told["labels"][-1] == "<|endoftext|>"
    told = ask(tables.labels, workspace, table="wpe", axis="row", first=7, count=3)
    assert told == {"labels": ["ves", "8", "9"], "ids": None}
    told = ask(tables.labels, workspace, table="wpe", axis="column", first=190, count=9)
    assert told == {"labels": ["190", "191"], "ids": None}


def test_a_row_is_found_by_number_by_id_and_by_text(workspace):
    def found(query, table="wte"):
        return [one["index"] for one in ask(tables.find, workspace, table=table, axis="row",
                                            query=query)["found"]]

    assert found("2952")[0] == 2952
    king = open_model().tokenizer.encode(" king")
    assert found(" king")[0] == king[0] and king[0] in found("king")[:3]
    assert found("1225", "h0.residual") == [3], "the position of the token with that id"
    assert found("quick", "h0.residual") == [3]
    assert found("no such token at all") == []


def test_the_sheet_tells_formula_shape_and_checks(workspace):
    told = ask(table_view.table_view, workspace, table="h3.attention", select={"head": 2})
    assert told["formula"] == "softmax(causal(scores))" and told["number"] == "7"
    assert told["shape_words"] == "6 heads × 8 positions × 8 sources"
    assert [(check["words"], check["ok"]) for check in told["checks"]] == [
        ("rows sum to 1", True), ("nothing looks ahead", True)]
    assert told["precedents"] == ("h3.scores",) and told["dependents"] == ("h3.mixed",)
    assert told["operations"] == ["softmax", "causal"]


def test_a_check_fails_where_an_edit_breaks_it(workspace):
    workspace.change(HEAD_OFF)
    checks = ask(table_view.table_view, workspace, table="h3.attention",
                 select={"head": 1})["checks"]
    assert not checks[0]["ok"] and checks[1]["ok"]
    workspace.change({"kind": "formula", "step": "h4.attention", "formula": "softmax(scores)"})
    checks = ask(table_view.table_view, workspace, table="h4.attention")["checks"]
    assert checks[0]["ok"] and not checks[1]["ok"] and checks[1]["found"].startswith("28 above")


def test_the_summary_tells_prediction_and_what_moved(workspace, run):
    workspace.change(HEAD_OFF)
    told = summary(workspace)
    after = run.edit("h3.attention", 0, head=1)
    best = int(after["next_logits"].array.argmax())
    assert told["prediction"][0]["id"] == best
    assert told["prediction"][0]["probability"] == float(after["next_probabilities"].array[best])
    assert told["prediction_before"][0]["id"] == int(run["next_logits"].array.argmax())
    found = {one.name: one.relative for one in run.diff(after)}
    assert set(told["moved"]) == {*found}
    assert told["moved_by"] == {name: by for name, by in found.items() if name != "logits"}
    assert told["edited"] == ["h3.attention"]


def test_the_map_holds_every_table_once(workspace, run):
    listed = [name for one in model_card(workspace)["map"]
              for name in [*(step["name"] for step in one["steps"]), *one["weights"]]]
    assert sorted(listed) == sorted([*run.book.nodes, *run.book.weights])


@pytest.mark.parametrize("name", ["h2.qkv", "h2.mlp_output", "next_logits", "logits", "h1.scores",
                                  "h1.mixed", "h4.attention_output"])
def test_the_products_that_made_a_number_add_up_to_it(workspace, run, name):
    table = run[name].array
    place = tuple(size - 1 for size in table.shape)
    pages = {"head": place[0]} if table.ndim == 3 else {}
    row, column = (*place, 0)[-2:] if table.ndim == 1 else place[-2:]
    told = ask(inspector.cell, workspace, table=name, select=pages, row=row, column=column)
    assert told["value"] == float(table[place])
    products, parts = told["terms"]["products"], told["terms"]["parts"]
    shown = sum(one["product"] for one in products["rows"]) + products["rest"]
    assert shown == pytest.approx(products["total"], rel=1e-12)
    if not parts:
        assert products["total"] == pytest.approx(told["value"], rel=1e-5, abs=1e-5)
    elif parts[1]["words"].startswith("+"):
        assert parts[0]["value"] + parts[1]["value"] == pytest.approx(told["value"], rel=1e-5)
        assert products["total"] == pytest.approx(parts[0]["value"], rel=1e-5, abs=1e-5)
    else:
        assert parts[0]["value"] / parts[1]["value"] == pytest.approx(told["value"], rel=1e-5)


def test_a_list_of_shares_adds_up_with_what_it_leaves_out(workspace, run):
    told = ask(inspector.cell, workspace, table="h4.attention", select={"head": 4}, row=7, column=2)
    terms = told["terms"]
    left = terms["shares_left"]
    shares = run["h4.attention"].array[4, 7]
    assert len(terms["shares"]) + left["count"] == len(shares)
    assert {one["index"]: one["share"] for one in terms["shares"]} == pytest.approx(
        {one["index"]: shares[one["index"]] for one in terms["shares"]}, abs=1e-6)
    assert sum(one["share"] for one in terms["shares"]) + left["share"] == pytest.approx(1)
    scores = ask(inspector.cell, workspace, table="h4.attention", select={"head": 4}, row=1,
                 column=0)["terms"]
    assert len(scores["shares"]) == 2  # the other six lie ahead, and have nothing
    assert scores["shares_left"] == {"count": len(shares) - 2, "share": 0.0}


def test_what_no_product_adds_to_is_0_and_no_rounding(workspace):
    told = ask(inspector.cell, workspace, table="h4.mixed", select={"head": 4}, row=1, column=3)
    products = told["terms"]["products"]
    assert all(one["product"] == 0 for one in products["rows"][2:]) and products["rest"] == 0


@pytest.mark.parametrize(("name", "index"), [("h2.qkv", (7, 5)), ("h1.scores", (2, 7, 3)),
                                             ("next_logits", (44,)), ("h3.mixed", (5, 6, 31))])
def test_stepping_through_all_products_comes_to_the_number(workspace, run, name, index):
    pages = {"head": index[0]} if len(index) == 3 else {}
    row, column = (*index, 0)[-2:] if len(index) == 1 else index[-2:]
    told = ask(inspector.products, workspace, table=name, select=pages, row=row, column=column)
    total = told["sums"][-1]
    assert total == pytest.approx(np.dot(told["row"], told["column"]), rel=1e-9)
    scale = np.sqrt(32) if name == "h1.scores" else 1
    bias = run["h2.c_attn_b"].array[5] if name == "h2.qkv" else 0
    assert total / scale + bias == pytest.approx(float(run[name].array[index]), rel=1e-5)
    assert ask(inspector.products, workspace, table="h0.residual", row=0, column=0) == {}


def test_the_multiplications_are_those_of_the_shapes(workspace):
    n, d, vocabulary, blocks = 8, 192, 4096, 6
    block = n * d * 3 * d + 2 * n * n * d + n * d * d + 2 * n * d * 4 * d
    assert summary(workspace)["n_multiplications"] == blocks * block + d * vocabulary


def test_a_share_is_told_as_its_part_of_the_row(workspace, run):
    told = ask(inspector.cell, workspace, table="h3.attention", row=7, column=2)
    raised, total = (part["value"] for part in told["terms"]["parts"])
    assert raised / total == pytest.approx(told["value"], rel=1e-5)


@pytest.mark.parametrize(("name", "place", "words"), [
    ("token_embeddings", (3, 5), "row 1,225 of wte"),
    ("h2.queries", (3, 1), "moved here from h2.qkv at 3, 33"),
    ("h2.joined", (3, 33), "moved here from h2.mixed at 1, 3, 1"),
    ("predicted_embedding", (9, 0), "moved here from final at 7, 9")])
def test_a_number_that_was_only_moved_tells_from_where(workspace, name, place, words):
    select, (row, column) = {"head": 1} if name == "h2.queries" else {}, place
    told = ask(inspector.cell, workspace, table=name, select=select, row=row, column=column)
    assert told["terms"]["note"] == words


def test_every_steps_cell_can_be_inspected(workspace, run):
    for name in run.book.nodes:
        told = ask(inspector.cell, workspace, table=name, row=0, column=0)
        terms = told["terms"]
        assert terms["parts"] or terms["products"] or terms["note"], name
        if terms["parts"]:
            assert terms["result"]["value"] == told["value"], name


@pytest.mark.parametrize(("name", "reads", "words"), [
    ("h2.mlp_active", "h2.mlp_up", "= gelu(h2.mlp_up)"),
    ("h2.mlp_normalised", "h2.residual_after_attention",
     "= normalise(h2.residual_after_attention, 1e-05)")])
def test_what_an_operation_read_is_told_apart_from_what_it_gave(workspace, run, name, reads, words):
    terms = ask(inspector.cell, workspace, table=name, row=3, column=5)["terms"]
    assert [(one["words"], one["value"]) for one in terms["parts"]] == [
        (reads, float(run[reads].array[3, 5]))]
    assert terms["result"] == {"words": words, "value": float(run[name].array[3, 5])}


def test_a_weights_cell_tells_file_tensor_row_and_column(workspace, run):
    told = ask(inspector.cell, workspace, table="wte", row=1225, column=7)
    assert "model.safetensors" in told["origin"] and "wte" in told["origin"]
    assert told["origin"].endswith("vocabulary 1225, embed 7")
    assert told["value"] == float(run["wte"].array[1225, 7])


def test_the_value_before_an_edit_stays_known(workspace, run):
    workspace.change(HEAD_OFF)
    told = ask(inspector.cell, workspace, table="h3.attention", select={"head": 1}, row=5, column=2)
    assert told["value"] == 0 and told["before"] == float(run["h3.attention"].array[1, 5, 2])
    untouched = ask(inspector.cell, workspace, table="h3.attention", row=5, column=2)
    assert untouched["before"] is None


def test_comparing_prompts_lists_the_worst_table_first(workspace, run):
    told = ask(compare, workspace, **{"with": {"prompt": "Sally is quick. He moves"}})
    shares = [row["relative"] for row in told["rows"]]
    assert shares == sorted(shares, reverse=True) and len(shares) > 90
    other = run.edit("prompt", "Sally is quick. He moves")
    assert told["prediction_other"][0]["id"] == int(other["next_logits"].array.argmax())


def test_the_glance_is_the_logit_lens(workspace, run):
    blocks = ask(glance.glance, workspace)["blocks"]
    ended = run.edit("h5.residual_after_mlp", run["h2.residual_after_mlp"].array)
    assert blocks[2]["id"] == int(ended["next_logits"].array.argmax())
    assert blocks[5]["id"] == int(run["next_logits"].array.argmax())


def test_the_hints_edit_turns_the_prediction(workspace, run):
    told = ask(glance.hint, workspace)
    edited = run.edit(told["table"], told["value"], head=told["select"]["head"],
                      position=told["row"], source=told["column"])
    text_of = workspace.model.tokenizer.text_of
    assert text_of(int(run["next_logits"].array.argmax())) == told["before"]
    assert text_of(int(edited["next_logits"].array.argmax())) == told["after"] != told["before"]


def test_the_stages_of_the_choice_are_the_librarys(workspace, run):
    from cutaway.generate import Sampling, distribution

    choice = distribution(run["next_logits"].array, Sampling(0.8, 10, 0.9), 0.5)
    told = ask(writing.stages, workspace, temperature=0.8, top_k=10, top_p=0.9, draw=0.5)
    assert told["token"] == choice.token and told["n_after_top_k"] == 10
    assert [row["probability"] for row in told["rows"]] == choice.probabilities[
        [row["id"] for row in told["rows"]]].tolist()
    low, high = told["interval"]
    assert low <= 0.5 < high


def test_the_stages_that_look_back_are_the_librarys(workspace, run):
    from cutaway.generate import Sampling, distribution

    sampling = Sampling(0.8, None, None, 1.5, 1)
    likely = int(run["next_logits"].array.argmax())
    workspace.enter({"kind": "append", "ids": [likely]}, run.append(likely))
    longer = workspace.run
    choice = distribution(longer["next_logits"].array, sampling, 0.5, longer.ids)
    told = ask(writing.stages, workspace, temperature=0.8, repetition_penalty=1.5,
               no_repeat_ngram=1, draw=0.5)
    assert told["token"] == choice.token and told["n_after_no_repeat"] == 4096 - 9
    assert list(told["shown"]) == ["after_penalty", "after_no_repeat", "scaled", "after_top_k",
                                   "after_top_p"]
    for row, best in zip(told["rows"], choice.rows(40), strict=True):
        assert row["after_penalty"] == best.after_penalty
        assert row["repeats"] == (row["id"] in longer.ids) == (row["scaled"] is None)


def test_writing_that_looks_back_gives_the_text_that_generate_gives(workspace, run):
    from cutaway.generate import Sampling, generate

    ask(writing.write_begin, workspace, temperature=0, repetition_penalty=1.3, no_repeat_ngram=2)
    for _ in range(8):
        ask(writing.write_token, workspace)
    expected = generate(run, Sampling(0, None, None, 1.3, 2), max_tokens=8)
    assert ask(writing.write_end, workspace)["ids"] == [token.id for token in expected]


def test_writing_gives_the_text_that_generate_gives(workspace, run):
    from cutaway.generate import Sampling, generate

    ask(writing.write_begin, workspace, temperature=0.8, top_k=40, seed=7)
    for _ in range(12):
        ask(writing.write_token, workspace)
    told = ask(writing.write_end, workspace)
    expected = [token.id for token in generate(run, Sampling(0.8, 40), max_tokens=12, seed=7)]
    assert told["ids"] == expected
    assert workspace.changes == [{"kind": "append", "ids": expected}]
    workspace.go_to(0)
    assert len(workspace.run.ids) == len(run.ids)


def test_the_code_of_an_operation_can_be_edited_and_is_shown_again(workspace, run):
    code = ask(changes.operation_source, workspace, name="gelu")["source"]
    assert code.startswith("def gelu(table):") and "square_root" in code
    relu = "def gelu(table):\n    return np.maximum(table, 0)\n"
    workspace.change({"kind": "operation", "name": "gelu", "source": relu})
    up = workspace.table("h2.mlp_up").array
    np.testing.assert_array_equal(workspace.table("h2.mlp_active").array, np.maximum(up, 0))
    assert ask(changes.operation_source, workspace, name="gelu")["source"] == relu


def test_many_changes_can_all_be_taken_back(workspace, run):
    for column in range(40):
        workspace.change({"kind": "numbers", "table": "h5.residual", "value": float(column),
                          "cells": {"position": 7, "embed": column}})
    for cursor in (39, 3, 0, 40):
        workspace.go_to(cursor)
        row = run["h5.residual"].array[7].copy()
        row[:cursor] = np.arange(cursor)
        np.testing.assert_array_equal(workspace.table("h5.residual").array[7], row)


def test_a_change_says_from_which_row_on_it_was_calculated(monkeypatch):
    monkeypatch.setenv("CUTAWAY_ENGINE", "compiled")  # whose rows stand alone
    work = Workspace(lambda message: None, lambda function: function())
    work.open("storybook", PROMPT)
    change = {"kind": "numbers", "table": "h3.mlp_output", "cells": {"position": 5}, "value": 0}
    work.run["next_logits"]
    told = ask(changes.do_change, work, change=change)
    assert told["done"]["first_row"] == 5 and told["done"]["recalculated"] > 0
    assert work.run["h3.residual_after_mlp"].array.shape[0] == len(work.run.ids)
