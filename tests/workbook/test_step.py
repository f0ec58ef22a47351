"""Steps, sheets and books: names, wiring, formulas and numbers."""

import ast
import importlib
import inspect

import pytest

from cutaway import Book, Sheet
from cutaway.axes import AXES, parse_axes
from cutaway.errors import FormulaError, UnknownTable
from cutaway.workbook import formula_of, function_from_formula
from tests.workbook.tiny import BOOK

definition = importlib.import_module("cutaway.models.gpt2")  # the module, not its function
STEPS = [step for sheet in (definition.embed, definition.block, definition.head)
         for step in sheet.steps.values()]
SIZES = {"position": 4, "embed": 3, "vocabulary": 5}


@pytest.mark.parametrize("step", STEPS, ids=lambda step: step.name)
def test_the_formula_that_is_shown_is_the_body_in_the_source(step):
    """The source file, parsed by Python itself."""
    source = ast.parse(inspect.getsource(definition))
    function, = (node for node in source.body
                 if isinstance(node, ast.FunctionDef) and node.name == step.name)
    assert ast.dump(ast.parse(step.formula).body[0].value) == ast.dump(function.body[-1].value)
    assert step.parameters == tuple(argument.arg for argument in function.args.args)
    assert step.explanation == ast.get_docstring(function)


@pytest.mark.parametrize("step", STEPS, ids=lambda step: step.name)
def test_the_formula_that_is_shown_makes_the_same_step_when_it_is_typed(step):
    typed = function_from_formula(step.name, step.formula)
    assert set(inspect.signature(typed).parameters) == set(step.parameters)
    assert formula_of(typed) == step.formula


def test_parameter_names_are_the_wiring():
    assert BOOK.nodes["h1.attention_output"].reads == (
        "h1.joined", "h1.attn_c_proj_w", "h1.attn_c_proj_b")
    assert BOOK.nodes["h1.queries"].reads == ("h1.qkv", "n_head")
    assert BOOK.nodes["h0.residual"].reads == ("embeddings",)
    assert BOOK.nodes["h1.residual"].reads == ("h0.residual_after_mlp",)
    assert BOOK.nodes["final_normalised"].reads == ("h1.residual_after_mlp", "eps")
    assert BOOK.nodes["logits"].reads == ("final", "wte")


def test_a_function_stays_a_plain_function():
    sheet = Sheet("embed", weights={})

    def doubled(ids):
        """Twice."""
        return ids * 2

    assert sheet.step("a", axes="position")(doubled) is doubled
    assert doubled(21) == 42


def test_a_formula_of_several_lines_is_shown_line_by_line():
    def mixed(attention, values):
        """What is read."""
        read = attention @ values
        # nothing more
        return read

    assert formula_of(mixed) == "read = attention @ values\nreturn read"


def test_a_function_without_a_source_says_so():
    space: dict = {}
    exec("def typed(scores):\n    return scores", space)
    assert formula_of(space["typed"]) == "typed(...)  # its source is not at hand"


@pytest.mark.parametrize("formula", ["scores * 2 + keys * 2", "  softmax( causal( scores ) ) "])
def test_a_typed_formula_reads_its_tables_each_once_and_no_operation(formula):
    read = set(inspect.signature(function_from_formula("x", formula)).parameters)
    assert read <= {"scores", "keys"} and "scores" in read


def test_a_step_that_reads_an_unknown_table_is_told_when_the_book_is_made():
    sheet = Sheet("embed", weights={"wte": "vocabulary embed"})

    @sheet.step("a", axes="position embed")
    def token_embeddings(ids, wtx):
        return wtx[ids]

    with pytest.raises(UnknownTable, match=r"token_embeddings reads 'wtx'.*Did you mean 'wte'"):
        Book([sheet], constants={}, sizes=SIZES)


def test_a_step_cannot_read_a_table_that_comes_after_it():
    sheet = Sheet("embed", weights={})

    @sheet.step("a", axes="position")
    def first(second):
        return second

    @sheet.step("b", axes="position")
    def second(ids):
        return ids

    with pytest.raises(UnknownTable, match="first reads 'second', but there is no such table bef"):
        Book([sheet], constants={}, sizes=SIZES)


@pytest.mark.parametrize("axes", ["rows", "head rows", "head, position"])
def test_an_axis_that_does_not_exist_is_told(axes):
    with pytest.raises(ValueError, match=r"is not an axis. The axes are: batch, block, head"):
        parse_axes(axes)
    with pytest.raises(ValueError, match="is not an axis"):
        Sheet("embed", weights={"wte": axes})


def test_parameters_that_are_no_tables_are_told():
    sheet = Sheet("embed", weights={})
    with pytest.raises(FormulaError, match=r"\*\*tables is not the name of a table"):
        sheet.step("a", axes="position")(lambda **tables: tables)


def test_every_axis_of_the_book_is_one_that_is_explained():
    used = {axis for name in BOOK.names() for axis in BOOK.axes(name)}
    assert used <= set(AXES)


def test_downstream_is_everything_that_can_be_reached_along_the_arrows():
    def reached(name):
        return {name}.union(*(reached(after) for after in BOOK.dependents(name)))

    for name in ("wte", "h0.values", "h1.mlp_up", "ids", "eps", "logits"):
        assert BOOK.downstream({name}) == reached(name) - {name}


def test_calculate_without_what_it_needs_is_told():
    with pytest.raises(UnknownTable, match=r"cannot be calculated without .*wpe"):
        BOOK.calculate("embeddings", {"ids": 0, "positions": 0, "wte": 0})
    with pytest.raises(UnknownTable, match="Did you mean 'logits'"):
        BOOK.calculate("lgits", {})
