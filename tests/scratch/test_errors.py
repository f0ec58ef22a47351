"""A mistake in a cell is told with its line and with what to do; never with a traceback of ours."""

import linecache
import traceback

import pytest

from cutaway.errors import CodeError
from cutaway.scratch import Cell


@pytest.mark.parametrize(("formula", "message"), [
    ("lgits.max()", "NameError: name 'lgits' is not defined. Did you mean 'logits'"),
    ("attention.max()", "Every block has one: write 'h0.attention', for example."),
    ("h9.attention", "NameError: name 'h9' is not defined. The model's blocks are h0 to h5."),
    ("h3.atention", "AttributeError: h3 has no table 'atention'. Did you mean 'attention'"),
    ('wte["reindeer"]', "UnknownToken: 'reindeer' is several tokens in this vocabulary: "),
    ('h3.attention[" zebra"]', "UnknownRow: h3.attention has no position ' zebra'. Give a number"),
    ("wte[5000]", "IndexError: index 5000 is out of bounds for axis 0 with size 4096"),
    ("wte @ wte", "ValueError: matmul"),
    ("1 / 0", "ZeroDivisionError: division by zero"),
    ('run["h3.atention"]', "UnknownTable: There is no table 'h3.atention'. Did you mean"),
    ("nearest(wte)", "ShapeMismatch: nearest compares with the rows of the token table"),
])
def test_a_mistake_in_a_formula_is_told_in_its_own_words(scratch, formula, message):
    with pytest.raises(CodeError) as told:
        scratch.formula("one", formula)
    assert message in str(told.value)
    assert told.value.line == 1


@pytest.mark.parametrize(("formula", "message", "line"), [
    ('wte[" king"', "SyntaxError: '[' was never closed.", 1),
    ("wte +\n* 2", "SyntaxError: invalid syntax.", 2),
    ("x = 3", "A formula is one expression that gives a value; statements go into code.", 1),
    ("import os", "statements go into code.", 1),
    ("", "This formula is empty: write one expression over tables, such as logits.mean().", 1),
    (" = ", "This formula is empty", 1),
    ("1 +\n2 +\n3 / 0", "ZeroDivisionError", 3),
])
def test_a_formula_that_cannot_be_read_is_told_with_its_line(scratch, formula, message, line):
    with pytest.raises(CodeError) as told:
        scratch.formula("one", formula)
    assert message in str(told.value)
    assert told.value.line == line


@pytest.mark.parametrize(("source", "message", "line"), [
    ("a = 1\nb = a / 0\nc = 2", "ZeroDivisionError: division by zero", 2),
    ("a = 1\nif a\n    b = 2", "SyntaxError: expected ':'.", 2),
    ("def f():\n    return undefined\n\nf()", "NameError: name 'undefined' is not defined.", 2),
    ("import nothing_of_that_name", "Install it where Cutaway is installed", 1),
    ("wte[0] = 1", "Tables are never written to: take a copy first, such as mine = logits.copy().",
     1),
    ("exit()", "SystemExit. A cell needs no exit(): it ends with its last line.", 1),
    ("def f():\n    f()\nf()", "A function calls itself and never comes to an end.", 2),
    ("raise MemoryError", "MemoryError. There is not enough memory", 1),
    ("raise ValueError", "ValueError.", 1),
    ("a = '\udc80'\nprint(a.encode())", "This cannot be read as Python (UnicodeEncodeError", None),
    ("(" * 500 + ")" * 500, "SyntaxError: too many nested parentheses.", 1),
])
def test_a_mistake_in_code_is_told_with_its_line(scratch, source, message, line):
    with pytest.raises(CodeError) as told:
        scratch.code("one", source)
    assert message in str(told.value)
    assert told.value.line == line


def test_code_with_a_null_byte_is_refused(scratch):
    with pytest.raises(CodeError, match="cannot contain null bytes"):
        scratch.code("one", "a = 1\0")


def test_an_error_in_a_function_of_another_cell_is_told_at_the_call_and_with_its_place(scratch):
    scratch.code("tools", "def half(size):\n    return size / 0")
    with pytest.raises(CodeError) as told:
        scratch.code("two", "a = 1\nhalf(a)")
    assert told.value.line == 2
    assert str(told.value) == ("ZeroDivisionError: division by zero\n"
                               "It happened in half, line 2 of tools (cell 1).")


def test_an_error_that_cannot_say_what_it_is_is_told_all_the_same(scratch):
    source = ("class Odd(Exception):\n    def __str__(self):\n        raise KeyError\n"
              "raise Odd")
    with pytest.raises(CodeError, match=r"Odd: its text cannot be made \(KeyError\)") as told:
        scratch.code("one", source)
    assert told.value.line == 4


def test_a_table_that_cannot_be_calculated_is_told_in_the_runs_words(scratch, run):
    def attention(scores):
        return softmax(scores * float("inf"))

    from cutaway.workbook.operations import softmax

    list(scratch.use(run.replace(attention, at="h3.attention")))
    with pytest.raises(CodeError, match=r"FormulaError: h3\.attention = .* gives NaN"):
        scratch.formula("one", "logits.max()")


def test_the_traceback_behind_an_error_shows_the_users_own_line(scratch):
    scratch.put([Cell("c7", "code", "", "one = 1\ntwo = one / 0")])
    list(scratch.calculate("c7"))
    assert linecache.getline("<cell c7>", 2) == "two = one / 0"
    try:
        scratch.evaluate("1 / 0")
    except CodeError as error:
        shown = "".join(traceback.format_exception(error.__cause__))
    assert 'File "<console 1>", line 1' in shown
    assert "    1 / 0" in shown


def test_an_error_keeps_the_names_that_were_made_before_it(scratch):
    with pytest.raises(CodeError):
        scratch.code("one", "a = 5\nb = a / 0")
    assert scratch["a"] == 5
