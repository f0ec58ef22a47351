"""What a cell reads and makes is told from its source alone."""

import ast
import linecache

import pytest

from cutaway.scratch import reads
from cutaway.scratch.source import (
    VALUE,
    code_tree,
    compiled,
    formula_tree,
    keep_last_value,
    words_of,
)


@pytest.mark.parametrize(("source", "names"), [
    ('wte["king"] - wte["man"]', {"wte"}),
    ("h3.attention.sum(axis=-1)", {"h3.attention"}),
    ("h3.residual_after_mlp @ wte.T", {"h3.residual_after_mlp", "wte"}),
    ("softmax(queen) + np.ones(3)", {"softmax", "queen", "np"}),
    ("getattr(h3, 'attention')", {"getattr", "h3"}),
    ('run["h3.attention"].array', {"h3.attention"}),
    ('run["wte"].array', {"wte"}),
    ("run[name]", {"run", "name"}),
    ("[row.sum() for row in queen]", {"queen"}),
    ("(lambda logits: logits * 2)(queen)", {"queen"}),
    ("def mean(logits):\n    return logits.mean()\nmean(queen)", {"queen"}),
    ("def mean():\n    return logits.mean()", {"logits"}),
    ("total = 1\nprint(total)", {"print"}),
    ("import math\nmath.sqrt(eps)", {"eps"}),
    ("class Mine:\n    size = n_head", {"n_head"}),
    ("for head in range(3):\n    print(head)", {"range", "print"}),
    ("one +", set()),
    ("\0", set()),
    ("", set()),
])
def test_a_source_reads_the_names_that_come_from_outside(source, names):
    assert reads(source) == names


def test_a_source_nested_beyond_all_measure_reads_nothing():
    assert reads("(" * 5000 + ")" * 5000) == set()


@pytest.mark.parametrize(("source", "makes"), [
    ("one = 1\n\ntwo = one\none = 3", {"one": 1, "two": 3}),
    ("import os.path, sys as system", {"os": 1, "system": 1}),
    ("def f(a):\n    b = a\n    return b", {"f": 1}),
    ("class Mine:\n    size = 3", {"Mine": 1}),
    ("for head in range(3):\n    last = head", {"head": 1, "last": 2}),
    ("with open('x') as file:\n    pass", {"file": 1}),
    ("[a for a in range(3)]", {}),
    ("def f():\n    global count\n    count = 1", {"f": 1, "count": 2}),
])
def test_a_source_makes_the_names_that_it_leaves_behind(source, makes):
    assert words_of(code_tree(source)).makes == makes


@pytest.mark.parametrize(("formula", "value"), [
    ("1 + 2", 3),
    ("= 1 + 2", 3),
    ("  =1 + 2", 3),
    ("1 +\n2", 3),
    ("1 + 2  # a sum", 3),
    ("1 + 2\n# a sum", 3),
    ("\n\n(1,\n 2)", (1, 2)),
    ("()", ()),
    ("1 == 2", False),
])
def test_a_formula_may_go_over_lines_and_begin_like_in_other_spreadsheets(formula, value):
    assert eval(compile(formula_tree(formula), "<formula>", "eval")) == value


@pytest.mark.parametrize("text", ["", "  ", "# nothing", "=", "x = 1", "print(", "a b"])
def test_what_is_no_expression_is_no_formula(text):
    with pytest.raises(SyntaxError):
        formula_tree(text)


def test_the_last_expression_is_kept_and_the_rest_runs_as_it_is():
    names = {}
    exec(compile(keep_last_value(code_tree("a = 1\na + 1")), "<cell>", "exec"), names)
    assert (names["a"], names[VALUE]) == (1, 2)


@pytest.mark.parametrize("source", ["", "a = 1", "def f(): pass"])
def test_without_an_expression_at_the_end_nothing_is_kept(source):
    assert ast.unparse(keep_last_value(code_tree(source))) == ast.unparse(code_tree(source))


def test_the_lines_of_a_cell_can_be_shown_like_those_of_a_file():
    source = "one = 1\ntwo = 2\n"
    compiled(code_tree(source), source, "<cell test>")
    linecache.checkcache()
    assert linecache.getline("<cell test>", 2) == "two = 2\n"
