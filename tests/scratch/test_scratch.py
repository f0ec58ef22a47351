"""Formulas and code beside a run: what they give, what they may be called, what stays."""

import numpy as np
import pytest

from cutaway.errors import CodeError, UnknownTable
from cutaway.scratch import Cell, Scratch

KING = 'wte[" king"] - wte[" man"] + wte[" woman"]'


def ids(results):
    """The cells that came up, in order."""
    return [result.cell for result in results]


# ---- Formulas and code -----------------------------------------------------------------------


def test_a_formula_gives_its_value(scratch, run, model):
    king, man, woman = (run["wte"].array[model.tokenizer.id_of(word)]
                        for word in (" king", " man", " woman"))
    assert np.array_equal(scratch.formula("queen", KING), king - man + woman)


def test_a_formula_reads_other_cells_by_their_names(scratch):
    scratch.formula("queen", KING)
    near = scratch.formula("near", "nearest(queen, 3)")
    assert near[0].token == " king"


def test_code_leaves_its_names_and_gives_its_last_expression(scratch, capsys):
    value = scratch.code("sums", "total = h3.attention.sum(axis=-1)\nprint('done')\ntotal.shape")
    assert value == (6, 14)
    assert scratch["total"].shape == (6, 14)
    assert scratch["sums"] == (6, 14)
    assert capsys.readouterr().out == "done\n"


def test_code_without_an_expression_at_the_end_gives_nothing(scratch):
    assert scratch.code("one", "a = 1") is None
    with pytest.raises(UnknownTable, match="No cell has made 'one'"):
        scratch["one"]


def test_the_operations_of_formulas_are_there(scratch, run):
    shares = scratch.formula("shares", "softmax(causal(h3.scores))")
    assert np.array_equal(shares, run["h3.attention"].array)


def test_an_operation_that_was_redefined_is_the_one_that_cells_call(run, model):
    def gelu(table):
        return table * 0

    scratch = Scratch(run.redefine(gelu), model)
    assert not scratch.formula("nothing", "gelu(h3.mlp_up)").any()


def test_run_model_and_numpy_are_there(scratch, run, model):
    assert scratch.code("one", "run.ids.shape, model.name, np.pi") == (run.ids.shape, model.name,
                                                                      np.pi)


def test_a_table_is_calculated_only_when_a_cell_reads_it(model):
    run = model.run("One day")
    scratch = Scratch(run, model)
    scratch.formula("one", "wte.shape")
    assert run.calculations.total() == 0
    scratch.formula("two", "h0.residual.shape")
    assert run.calculations["h0.residual"] == 1
    assert run.calculations["h1.residual"] == 0


def test_a_function_of_one_cell_reads_the_tables_of_the_run_of_now(scratch, run):
    scratch.code("one", "def largest():\n    return next_logits.max()")
    before = scratch.code("two", "largest()")
    list(scratch.use(run.edit("next_logits", 1000.0, vocabulary=5)))
    assert before < 1000
    assert scratch.code("two", "largest()") == 1000


def test_what_a_formula_gave_cannot_be_overwritten(scratch):
    scratch.code("one", "mine = np.zeros(3)")
    scratch.formula("kept", "mine")
    with pytest.raises(CodeError, match="take a copy first"):
        scratch.code("two", "kept[0] = 1")
    scratch.code("three", "mine[0] = 1")
    assert scratch["mine"].tolist() == [1, 0, 0]


def test_a_note_says_that_a_text_was_found_without_its_space(scratch):
    scratch.formula("one", 'wte["king"]')
    assert "The word is ' king'" in scratch.results["one"].message
    scratch.formula("one", 'wte[" king"]')
    assert scratch.results["one"].message == ""


def test_runs_are_counted_and_timed(scratch):
    scratch.formula("one", "1 + 1")
    scratch.formula("one", "1 + 2")
    assert scratch.results["one"].count == 2
    assert scratch.results["one"].seconds >= 0


# ---- Names -----------------------------------------------------------------------------------




TAKEN = ["wte", "h3", "softmax", "run", "nearest", "logits", "n_head"]


@pytest.mark.parametrize("name", [*TAKEN, "np"])
def test_a_cell_cannot_have_the_name_of_a_table_or_an_operation(scratch, name):
    with pytest.raises(CodeError, match=f"'{name}' is the name of a table, an operation"):
        scratch.formula(name, "1")


@pytest.mark.parametrize("name", TAKEN)
def test_code_cannot_make_the_name_of_a_table_or_an_operation(scratch, name):
    with pytest.raises(CodeError, match=f"'{name}' is the name of a table, an operation") as told:
        scratch.code("one", f"first = 1\n{name} = 2")
    assert told.value.line == 2


@pytest.mark.parametrize("name", ["two words", "2x", "a-b", "lambda", "<b>"])
def test_a_cells_name_is_an_identifier(scratch, name):
    with pytest.raises(CodeError, match="is no name for a cell"):
        scratch.formula(name, "1")


def test_two_cells_cannot_have_one_name(scratch):
    scratch.put([Cell("c1", "formula", "queen", "1"), Cell("c2", "formula", "queen", "2")])
    list(scratch.calculate("c2"))
    assert scratch.results["c2"].message == ("'queen' is the name of queen (cell 1) already. "
                                             "Give this one another name.")


def test_code_cannot_make_the_name_of_another_cell(scratch):
    scratch.formula("queen", KING)
    with pytest.raises(CodeError, match=r"'queen' is the name of queen \(cell 1\)") as told:
        scratch.code("one", "a = 1\nqueen = 2")
    assert told.value.line == 2


def test_importing_numpy_again_is_no_mistake(scratch):
    assert scratch.code("one", "import numpy as np\nnp.pi") == np.pi


def test_a_cell_without_a_name_runs_and_leaves_no_value(scratch):
    scratch.put([Cell("c1", "formula", "", "1 + 1")])
    list(scratch.calculate("c1"))
    assert scratch.results["c1"].value == 2
    assert scratch.space.made() == []


def test_the_code_may_make_the_name_of_its_own_cell(scratch):
    scratch.code("total", "total = 5\n'said'")
    assert scratch["total"] == 5


# ---- The console -----------------------------------------------------------------------------


def test_a_line_of_the_console_gives_its_value_and_what_it_makes_stays(scratch):
    value, follows = scratch.evaluate("half = 1 / 2\nhalf")
    assert (value, list(follows)) == (0.5, [])
    assert scratch["half"] == 0.5


def test_formulas_follow_what_the_console_makes(scratch):
    list(scratch.evaluate("size = 1")[1])
    scratch.formula("twice", "size * 2")
    assert ids(scratch.evaluate("size = 4")[1]) == ["twice"]
    assert scratch["twice"] == 8


def test_an_error_on_the_console_is_told_with_its_line(scratch):
    with pytest.raises(CodeError, match="ZeroDivisionError") as told:
        scratch.evaluate("one = 1\none / 0")
    assert told.value.line == 2


# ---- Tables ----------------------------------------------------------------------------------


def test_what_a_cell_gave_is_a_table_with_its_labels(scratch):
    scratch.formula("lens", "h3.residual_after_mlp @ wte.T")
    table = scratch.table("lens")
    assert (table.name, table.axes) == ("scratch.lens", ("position", "vocabulary"))
    assert table.label("position", 2) == " a"
    assert table.label("vocabulary", 884) == " king"
    assert table.provenance.formula == "h3.residual_after_mlp @ wte.T"
    assert table.provenance.reads == ("h3.residual_after_mlp", "wte")
    assert table.provenance.origin == "the scratch sheet, lens (cell 1)"


def test_a_name_that_nothing_made_is_told_with_the_nearest(scratch):
    scratch.formula("queen", KING)
    with pytest.raises(UnknownTable, match=r"No cell has made 'quen'\. Did you mean 'queen'"):
        scratch.table("quen")
