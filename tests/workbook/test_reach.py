"""Reach: which rows a step reads, derived from its trace; appending and editing go by it."""

import numpy as np
import pytest

from cutaway import Book, NumpyEngine, Sheet, start_run
from cutaway.engines.compiled import CompiledEngine
from cutaway.errors import FormulaError
from cutaway.models.gpt2 import ROLES, block, embed, head
from cutaway.workbook.flow import FLOWS
from cutaway.workbook.operations import OPERATIONS
from cutaway.workbook.reach import reaches
from cutaway.workbook.step import function_from_formula
from cutaway.workbook.symbol import SIGNS
from tests.workbook.tiny import BOOK, CONFIG, WEIGHTS, tiny_run, worst

ENGINES = {"numpy": lambda: NumpyEngine(np.float64), "compiled": CompiledEngine}
ROUNDING = {"numpy": 1e-9, "compiled": 1e-3}  # float64; float32 beside it

# GPT-2's own steps: Vaswani et al. 2017, section 3.2.3: a position reads itself and those before.
LOOK_BACK = {"scores": {"keys"}, "mixed": {"values"}}


def book_stating(**formulas: str) -> Book:
    """GPT-2 in which steps of the block are stated otherwise by the definition itself."""
    sheet = Sheet("block", receives="stream",
                  weights={name: " ".join(axes) for name, axes in block.weights.items()})
    for name, step in block.steps.items():
        function = function_from_formula(name, formulas.get(name) or step.formula)
        sheet.step(step.number, " ".join(step.axes), step.remembered)(function)
    return Book([embed, sheet.at(0), sheet.at(1), head], sizes=CONFIG.sizes,
                constants={"n_head": CONFIG.n_head, "eps": 1e-5}, roles=ROLES)


def test_of_gpt2s_steps_only_attention_reads_other_rows_and_none_looks_ahead():
    for name, reach in reaches(BOOK).items():
        short = name.rpartition(".")[2]
        assert {word.rpartition(".")[2] for word in reach.whole} == LOOK_BACK.get(short, set())
        assert not reach.ahead and not reach.at_once and reach.stacks, name
    assert reaches(BOOK)["h0.attention"].beyond == 0
    assert not reaches(BOOK).ahead


def test_every_operation_says_which_rows_it_reads():
    assert set(FLOWS) == {*OPERATIONS, *SIGNS, "table", "number"}


AHEAD = {
    "without the mask": {"attention": "softmax(scores)"},
    "a mean over all positions": {"mixed": "softmax(scores * 0) @ values"},
    "the newest row taken off every row": {"mlp_output": "mlp_active @ mlp_c_proj_w "
                                                         "- last_row(residual_after_attention)"},
    "each column normalised": {"mlp_normalised": "transpose(normalise(transpose("
                                                 "residual_after_attention), eps))"},
    "rows looked up": {"mlp_output": "mlp_active @ mlp_c_proj_w + look_up(residual, positions)"},
}
BACK = {
    "attention without projections": {
        "attention_output": "softmax(causal(residual @ transpose(residual))) @ residual"},
    "a table that is not remembered": {
        "mlp_output": "softmax(causal(mlp_active @ transpose(mlp_active))) @ residual"},
    "read by row and as a whole": {
        "mlp_output": "residual + softmax(causal(residual @ transpose(residual))) @ residual"},
    "two steps of attention": {"mixed": "attention @ (attention @ values)"},
}


@pytest.mark.parametrize("engine", ENGINES)
@pytest.mark.parametrize("formulas", [*AHEAD, *BACK])
def test_a_definition_that_reads_other_rows_is_right_after_appending(formulas, engine):
    book = book_stating(**({**AHEAD, **BACK})[formulas])
    assert bool(reaches(book).ahead) == (formulas in AHEAD)
    ids = np.array([0, 4, 9, 1, 7, 2])
    run = start_run(book, WEIGHTS, ids[:3], engine=ENGINES[engine]())
    for id in ids[3:]:
        run = run.append(int(id))
        _ = run["next_logits"]
    truth = start_run(book, WEIGHTS, ids, engine=NumpyEngine(np.float64))
    assert worst(run, truth) < ROUNDING[engine]


@pytest.mark.parametrize("formulas", AHEAD)
def test_a_definition_that_looks_ahead_is_right_after_an_edited_row(formulas):
    book, ids = book_stating(**AHEAD[formulas]), np.array([0, 4, 9, 1, 7, 2])
    run = start_run(book, WEIGHTS, ids, engine=CompiledEngine())
    _ = [run.array(name) for name in book.nodes]
    truth = start_run(book, WEIGHTS, ids, engine=NumpyEngine(np.float64))
    cells = {"position": 4, "embed": 1}
    assert worst(run.edit("h0.residual", 2.0, **cells),
                 truth.edit("h0.residual", 2.0, **cells)) < 1e-3


TYPED = {  # numbers for a source that comes after the position that reads it
    "a row over every position": {"head": 1},
    "a source of later tokens": {"source": 6},
    "one cell": {"position": 2, "source": 6, "head": 0},
    "a source that is not there yet": {"source": 8},
}


@pytest.mark.parametrize("engine", ENGINES)
@pytest.mark.parametrize("cells", TYPED)
def test_an_edit_that_reaches_further_than_its_rows_is_right_after_appending(cells, engine):
    ids = np.array([0, 4, 9, 1, 7, 2, 3, 5, 8])
    whole = start_run(BOOK, WEIGHTS, ids, engine=ENGINES[engine]()).edit(
        "h0.attention", 0.5, **TYPED[cells])
    run = whole.edit("ids", ids[:6])
    for id in ids[6:]:
        run = run.append(int(id))
        _ = run["next_logits"]
    truth = tiny_run(ids).edit("h0.attention", 0.5, **TYPED[cells])
    assert worst(run, truth) < ROUNDING[engine]


def test_numbers_that_keep_the_mask_keep_appending_fast():
    """Attention of another run laid over this one's: nothing in it looks ahead."""
    patched = tiny_run([0, 1, 2, 3]).edit("h0.attention", tiny_run([4, 5, 6, 7])["h0.attention"])
    longer = patched.append(8)
    _ = patched["next_logits"], longer["next_logits"]
    assert longer.first_row == 4 and longer["h0.mixed"].shape[1] == 5
    assert not reaches(BOOK, patched.edits).ahead


def test_a_formula_of_ones_own_that_looks_back_keeps_its_rows():
    run = tiny_run([0, 1, 2, 3]).rewrite("attention", "softmax(causal(scores * 2))")
    _ = run["next_logits"]
    longer = run.append(5)
    _ = longer["next_logits"]
    assert longer._tables.ahead == frozenset()
    assert worst(longer, tiny_run([0, 1, 2, 3, 5]).rewrite(
        "attention", "softmax(causal(scores * 2))")) < 1e-9


def running_mean(residual):
    """The mean of each row and those before it: more than the words of formulas say."""
    return np.cumsum(residual, axis=-2) / np.arange(1, residual.shape[-2] + 1)[:, None]


def test_what_cannot_be_traced_reads_everything_unless_its_author_says_less():
    def attention_normalised(residual):
        return running_mean(residual)

    ids = [0, 4, 9, 1, 7]
    truth = tiny_run(ids).replace(attention_normalised)
    for reach, ahead in ((None, True), ("all", True), ("before", False)):
        run = tiny_run(ids[:3]).replace(attention_normalised, reach=reach)
        _ = run["next_logits"]
        run = run.append(1).append(7)
        assert reaches(run.book)["h0.attention_normalised"].ahead is ahead
        assert worst(run, truth) < 1e-9

    def mlp_active(mlp_up):
        return np.maximum(mlp_up, 0)

    run = tiny_run(ids[:3]).replace(mlp_active, reach="row").append(1).append(7)
    assert reaches(run.book)["h0.mlp_active"].by_row
    assert worst(run, tiny_run(ids).replace(mlp_active)) < 1e-9
    with pytest.raises(FormulaError, match="its reach is 'rows'"):
        tiny_run(ids).replace(mlp_active, reach="rows")


def test_prompts_that_a_formula_would_mix_are_calculated_one_by_one():
    """Rows of a calculated table looked up: of several, the first axis counts the prompts."""
    book = book_stating(mlp_output="look_up(residual, positions)")
    assert not reaches(book)["h0.mlp_output"].stacks
    ids = np.array([[0, 1, 2], [5, 4, 3]])
    both = start_run(book, WEIGHTS, ids, engine=NumpyEngine(np.float64))
    for place, one in enumerate(ids):
        alone = start_run(book, WEIGHTS, one, engine=NumpyEngine(np.float64))
        assert np.allclose(both["logits"].array[place], alone["logits"].array, atol=1e-12)
