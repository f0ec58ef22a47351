"""Inputs: given by name, checked, edited like tables, made longer when a token is appended."""

import numpy as np
import pytest

from cutaway import Book, NumpyEngine, Sheet, start_run
from cutaway.errors import (
    MissingInput,
    PromptTooLong,
    ShapeMismatch,
    UnknownRow,
    UnknownTable,
    UnknownToken,
)
from cutaway.models.gpt2 import ROLES, block, embed, head
from cutaway.workbook.inputs import Input
from cutaway.workbook.step import function_from_formula
from tests.workbook.tiny import CONFIG, WEIGHTS, tiny_run


def book_with_targets(formula: str = "look_up(wte, targets)") -> Book:
    sheet = Sheet("loss", weights={})
    sheet.step("a", "position embed")(function_from_formula("wanted", formula))
    return Book([embed, block.at(0), block.at(1), head, sheet], sizes=CONFIG.sizes,
                constants={"n_head": CONFIG.n_head, "eps": 1e-5}, roles=ROLES,
                inputs={"targets": Input("position", rows_of="vocabulary"), "rate": Input("")})


def run_with(ids=(0, 1, 2, 3), formula: str = "look_up(wte, targets)", **inputs):
    return start_run(book_with_targets(formula), WEIGHTS, np.array(ids), inputs=inputs,
                     engine=NumpyEngine(np.float64))


def test_an_input_is_what_was_given_and_not_the_positions():
    run = run_with(targets=[5, 4, 3, 2])
    assert run["targets"].array.tolist() == [5, 4, 3, 2]
    assert (run["wanted"].array == WEIGHTS["wte"][[5, 4, 3, 2]]).all()


def test_a_number_is_an_input_too():
    run = run_with(formula="final * rate", rate=0.25)
    assert np.allclose(run["wanted"].array, run["final"].array * 0.25, rtol=0, atol=1e-15)


def test_a_table_that_needs_an_input_says_so_and_the_others_are_calculated():
    run = run_with()
    assert run["next_logits"].array.size
    with pytest.raises(MissingInput, match=r"not given targets \(position\).*inputs=\{'targets'"):
        _ = run["wanted"]


@pytest.mark.parametrize(("inputs", "error", "message"), [
    ({"target": [1, 2, 3, 4]}, UnknownTable, r"no input 'target'.*Did you mean 'targets'"),
    ({"targets": [1, 2, 3]}, ShapeMismatch, r"targets is 3, but 4 is expected \(position\)"),
    ({"targets": [[1, 2], [3]]}, ShapeMismatch, "rows of different lengths"),
    ({"targets": [1, 2, 3, 11]}, UnknownToken, r"targets holds 11.*vocabulary, from 0 to 10"),
    ({"targets": [1, 2, 3, -1]}, UnknownToken, "targets holds -1"),
    ({"targets": [1.0, 2, 3, 4]}, ShapeMismatch, "whole numbers from 0 to 10"),
    ({"targets": ["a", "b", "c", "d"]}, ShapeMismatch, "whole numbers"),
    ({"positions": [0, 1, 2, 80]}, UnknownRow, "positions holds 80"),
    ({"rate": float("nan")}, ShapeMismatch, "rate holds something that is no finite number"),
    ({"rate": "fast"}, ShapeMismatch, "no finite number"),
], ids=str)
def test_an_input_is_checked_for_name_type_shape_and_range(inputs, error, message):
    with pytest.raises(error, match=message):
        run_with(**inputs)


def test_inputs_are_edited_like_tables():
    run = run_with(targets=[5, 4, 3, 2])
    assert run.edit("targets", 9, position=2)["targets"].array.tolist() == [5, 4, 9, 2]
    assert run.edit("targets", lambda old: old - 1)["targets"].array.tolist() == [4, 3, 2, 1]
    assert run.edit("rate", 3).edit("rate", lambda old: old * 2)["rate"].array == 6
    assert run["targets"].array.tolist() == [5, 4, 3, 2]
    with pytest.raises(ShapeMismatch, match="whole numbers"):
        run.edit("targets", 0.5, position=0)
    with pytest.raises(UnknownToken):
        run.edit("targets", 11, position=0)


def test_one_id_and_one_position_are_edited_as_any_other_number():
    run, other = tiny_run([0, 1, 2, 3]), tiny_run([0, 7, 2, 3])
    assert (run.edit("ids", 7, position=1)["logits"].array == other["logits"].array).all()
    moved = run.edit("positions", 5, position=3)
    assert moved["positions"].array.tolist() == [0, 1, 2, 5]
    assert (moved["position_embeddings"].array == WEIGHTS["wpe"][[0, 1, 2, 5]]).all()
    assert moved.append(1)["positions"].array.tolist() == [0, 1, 2, 5, 4]


def test_an_edited_input_leaves_alone_what_does_not_read_it():
    run = run_with(targets=[5, 4, 3, 2])
    _ = run["wanted"], run["next_logits"]
    other = run.edit("targets", 1, position=0)
    _ = other["wanted"], other["next_logits"]
    assert other.calculations == {"wanted": 1}


def test_appending_makes_every_input_longer_that_has_positions():
    run = run_with(targets=[5, 4, 3, 2], rate=0.5).append(4, targets=8)
    assert run["targets"].array.tolist() == [5, 4, 3, 2, 8]
    assert (run["wanted"].array == WEIGHTS["wte"][[5, 4, 3, 2, 8]]).all()
    with pytest.raises(MissingInput, match=r"append\(token, targets=\.\.\.\)"):
        run.append(4)
    with pytest.raises(UnknownTable, match="no input 'target'"):
        run.append(4, target=8)
    with pytest.raises(UnknownToken, match="targets holds 99"):
        run.append(4, targets=99)
    with pytest.raises(PromptTooLong):
        run_with(range(10), targets=range(10)).edit("ids", [1] * 80).append(1)


def test_another_prompt_keeps_the_inputs_that_fit_it():
    run = run_with(targets=[5, 4, 3, 2], rate=0.5)
    same, shorter = run.edit("ids", [3, 2, 1, 0]), run.edit("ids", [3, 2])
    assert same["targets"].array.tolist() == [5, 4, 3, 2]
    assert shorter["rate"].array == 0.5
    with pytest.raises(MissingInput):
        _ = shorter["targets"]


def test_prompts_side_by_side_have_their_own_inputs():
    ids, targets = np.array([[0, 1, 2], [3, 4, 5]]), np.array([[1, 2, 3], [4, 5, 6]])
    run = run_with(ids, targets=targets)
    assert run["targets"].axes == ("batch", "position")
    assert (run["wanted"].array == WEIGHTS["wte"][targets]).all()
    longer = run.append([6, 7], targets=[7, 8])
    assert longer["targets"].array.tolist() == [[1, 2, 3, 7], [4, 5, 6, 8]]
