"""Edits that cannot be, and what each of them says."""

import numpy as np
import pytest

from cutaway import CutawayError, NumpyEngine, start_run
from cutaway.errors import BookError, FormulaError, ShapeMismatch, UnknownRow
from tests.workbook.tiny import BOOK, WEIGHTS, tiny_run


@pytest.mark.parametrize("value", [np.ones(3), np.ones((4, 5)), np.ones((2, 4, 4, 1)), [[1, 2]]])
def test_numbers_of_the_wrong_shape_are_told(value):
    with pytest.raises(ShapeMismatch, match="cells selected are 2 x 4 x 4"):
        tiny_run().edit("h0.attention", value)


@pytest.mark.parametrize("value", ["abc", 1j, None, float("nan"), [1.0, float("nan")], object(),
                                   [[1], [1, 2]], lambda cells: "abc", lambda cells: None])
def test_what_is_no_number_is_told(value):
    with pytest.raises(ShapeMismatch, match="number"):
        tiny_run().edit("h0.attention", value)


@pytest.mark.parametrize(("selectors", "message"), [
    ({"head": 2}, "no head 2: it has 2, from 0 to 1"), ({"head": -3}, "no head -3"),
    ({"row": 1}, "no axis 'row'; its axes are: head, position, source"),
    ({"position": " dog"}, "no position ' dog'"), ({"head": 1.5}, "1.5"), ({"head": True}, "True"),
    ({"head": [True, False]}, "True"), ({"head": "first"}, "'first'"),
    ({"head": [0, None]}, "None"),
    ({"head": slice(0, 2, 0)}, "0"), ({"position": slice("the", " cat")}, "the")])
def test_a_selection_that_cannot_be_is_told(selectors, message):
    with pytest.raises(UnknownRow, match=message):
        tiny_run().edit("h0.attention", 0, **selectors)


@pytest.mark.parametrize("name", ["n_head", "eps"])
def test_the_models_shape_cannot_be_edited(name):
    with pytest.raises(BookError, match=f"{name} is part of the model's shape"):
        tiny_run().edit(name, 1)


def test_the_prompts_text_is_edited_as_a_whole():
    with pytest.raises(CutawayError, match="whole"):
        tiny_run().edit("prompt", "the cat", position=2)


def test_a_prompt_without_a_tokenizer_is_told():
    run = start_run(BOOK, WEIGHTS, [0], engine=NumpyEngine())
    with pytest.raises(BookError, match="no tokenizer"):
        run.edit("prompt", "the")


def test_scores_edited_so_that_a_row_reads_nothing_are_told():
    """Minus infinity in every score of a row leaves softmax 0 / 0: never NaN in silence."""
    run = tiny_run().edit("h0.scores", -np.inf, source=0)
    with pytest.raises(FormulaError, match=r"h0\.attention = .* gives NaN.*nothing left to share"):
        _ = run["next_logits"]


def test_a_score_of_minus_infinity_is_a_source_that_nobody_reads():
    run = tiny_run().edit("h0.scores", -np.inf, source=1, position=slice(2, None))
    assert (run["h0.attention"].array[:, 2:, 1] == 0).all()
    np.testing.assert_allclose(run["h0.attention"].array.sum(axis=-1), 1)
