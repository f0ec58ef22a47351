"""Tables as CSV, and numbers from a CSV: every digit, every label, and clear refusals."""

import csv
import io

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

import cutaway
from cutaway.errors import ShapeMismatch
from cutaway.studio.messages.worker_questions import CsvRows, TableShape
from cutaway.studio.share.csv_numbers import numbers_from_csv
from cutaway.studio.share.labels import harmless_label, plain_label, visible_label
from cutaway.studio.share.table_csv import table_csv
from cutaway.studio.worker.verbs.tables import csv_rows, table_shape
from cutaway.workbook import Provenance, Table

PROMPT = "Mike is quick. He moves"


@pytest.fixture(scope="module")
def run():
    return cutaway.open_model().run(PROMPT)


def table(array, axes="position source", label=lambda axis, index: "", origin=""):
    return Table("own", tuple(axes.split()), np.asarray(array, np.float32),
                 Provenance(origin=origin), label)


def lines(one):
    """The cells of a table's CSV as Python's own reader finds them."""
    return list(csv.reader(io.StringIO("".join(table_csv(one))), strict=True))


# ---- Writing ---------------------------------------------------------------------------------


def test_a_table_has_its_tokens_in_the_first_row_and_its_places_and_tokens_in_front(run):
    found = lines(run["h3.attention"])
    assert found[0] == ["head", "position", "position token", "source 0 M", "source 1 ike",
                        "source 2 is", "source 3 quick", "source 4 .", "source 5 He",
                        "source 6 mo", "source 7 ves"]
    assert [row[:3] for row in found[1:10]] == [
        ["0", "0", "M"], ["0", "1", "ike"], ["0", "2", " is"], ["0", "3", " quick"],
        ["0", "4", "."], ["0", "5", " He"], ["0", "6", " mo"], ["0", "7", "ves"], ["1", "0", "M"]]
    assert len(found) == 1 + 6 * 8


@pytest.mark.parametrize("name", ["h3.attention", "h0.scores", "h5.mlp_up", "wpe", "logits",
                                  "next_logits", "h0.ln_1_g", "ids"])
def test_every_number_is_read_back_exactly(run, name):
    one = run[name]
    found = lines(one)[1:]
    columns = one.shape[-1] if len(one.shape) > 1 else 1
    numbers = np.array([row[-columns:] for row in found], one.array.dtype)
    np.testing.assert_array_equal(numbers.reshape(one.shape), one.array)


@given(arrays.arrays(np.float32, (3, 2), elements=st.floats(width=32, allow_nan=False)))
def test_any_float32_is_written_with_digits_that_give_it_again(array):
    numbers = [row[-2:] for row in lines(table(array, "position embed"))[1:]]
    np.testing.assert_array_equal(np.array(numbers, np.float32), array)


def test_the_digits_are_as_few_as_can_be():
    cells = lines(table([[0.1, 1 / 3, 1e-5, 2, -0.0, 1e20]], "position embed"))[1][1:]
    assert cells == ["0.1", "0.33333334", "1e-05", "2", "-0", "1e+20"]


def test_a_weights_places_are_not_the_prompts_tokens(run):
    assert lines(run["wpe"])[0][:2] == ["position", "embed 0"]
    assert lines(run["wte"])[0][:3] == ["vocabulary", "vocabulary token", "embed 0"]


def test_a_table_of_one_number_and_one_of_one_axis_have_a_column_called_value(run):
    assert lines(run["next_probabilities"])[0] == ["vocabulary", "vocabulary token", "value"]
    assert lines(table(2.5, "")) == [["value"], ["2.5"]]


def test_a_large_table_comes_in_pieces_that_each_hold_few_rows(run):
    pieces = list(table_csv(run["wte"]))
    assert len(pieces) > 1
    assert max(map(len, pieces)) < 3_000_000
    assert sum(piece.count("\n") for piece in pieces) >= 4096


FORMULAS = ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", " =cmd|'/c calc'!A1", "＝1+1",
            "a;=1+1", "a,=1", "a\n=1", "a|@b", "'=1", "''", "\t\t=1", ";;=1", "; =1"]


@pytest.mark.parametrize("text", FORMULAS)
def test_no_label_begins_like_a_formula_at_whatever_sign_a_program_parts_cells(text):
    """Source of the signs: OWASP, CSV Injection."""
    for mark in ",;|\t\r\n":
        for cell in harmless_label(text).split(mark):
            assert not cell.lstrip(" ").startswith(tuple("=+-@\t\r＝＋－＠"))
    written = lines(table([[1]], label=lambda axis, index: text))
    assert plain_label(written[1][1]) == visible_label(text)


@given(st.one_of(st.text(), st.lists(st.sampled_from([*"=+-@';,|\t\r\n a", "＝"])).map("".join)))
def test_a_label_is_itself_again_when_its_quotes_are_taken_off(text):
    assert plain_label(harmless_label(text)) == text


def test_a_token_that_cannot_be_seen_is_written_so_that_it_can(run):
    """GPT-2's vocabulary has a token for each byte, zero and line ends among them."""
    assert visible_label(" a\n\0\x7f") == " a<0x0A><0x00><0x7F>"
    assert "\0" not in "".join(table_csv(run["next_logits"]))
    assert len(lines(run["next_logits"])) == 1 + 4096


def test_ordinary_tokens_are_written_as_they_are():
    for text in (" quick", "Mike", ".", "2+2=4", "don't", "日本", "a-b"):
        assert harmless_label(text) == text


# ---- Reading ---------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["h3.attention", "h0.scores", "next_logits", "h0.ln_1_g", "wpe"])
def test_what_was_written_is_read_back(run, name):
    one = run[name]
    numbers = numbers_from_csv("".join(table_csv(one)), one.shape)
    np.testing.assert_array_equal(np.array(numbers, np.float32), one.array)


READ = {
    "bare numbers": "1,2\n3,4\n",
    "without a line end at the end": "1,2\n3,4",
    "Windows line ends and a mark in front": "\ufeff1,2\r\n3,4\r\n",
    "old Mac line ends": "1,2\r3,4\r",
    "empty lines": "\n1,2\n\n,\n3,4\n\n",
    "a heading": "a,b\n1,2\n3,4\n",
    "a heading that counts": "0,1\n1,2\n3,4\n",
    "a heading that counts from 1": "1,2\n1,2\n3,4\n",
    "labels in front": "x,1,2\ny,3,4\n",
    "labels that count": "0,1,2\n1,3,4\n",
    "a heading with a gap and labels": ",a,b\nx,1,2\ny,3,4\n",
    "a heading without the gap": "a,b\nx,1,2\ny,3,4\n",
    "two columns of labels": "position,position token,a,b\n0,x,1,2\n1,y,3,4\n",
    "semicolons": "1;2\n3;4\n",
    "semicolons and decimal commas": "1,0;2,0\n3,0;4,0\n",
    "tabs": "1\t2\n3\t4\n",
    "quotes": '"1","2"\n"3","4"\n',
    "spaces": " 1 , 2 \n 3 , 4 \n",
    "scientific": "1e0,20E-1\n+3,.4e+1\n",
    "numbers that were made texts": "'1,'2\n'+3,'4\n",
    "a label with everything in it": '"a"",\n=b",1,2\n"c;d",3,4\n',
}


@pytest.mark.parametrize("text", READ.values(), ids=READ)
def test_numbers_are_found_however_a_program_laid_them_out(text):
    assert numbers_from_csv(text, (2, 2)) == [[1.0, 2.0], [3.0, 4.0]]


def test_a_single_axis_may_stand_or_lie():
    for text in ("1\n2\n3\n", "1,2,3\n", "a,b,c\n1,2,3\n", "value\n1\n2\n3\n", "0,1\n1,2\n2,3\n",
                 "embed,value\n0,1\n1,2\n2,3\n", "x,1,2,3\n"):
        assert numbers_from_csv(text, (3,)) == [1.0, 2.0, 3.0]
    assert numbers_from_csv("7", (1,)) == [7.0]


def test_three_axes_are_nested():
    text = "head,position,a,b\n0,0,1,2\n0,1,3,4\n1,0,5,6\n1,1,7,8\n"
    assert numbers_from_csv(text, (2, 2, 2)) == [[[1, 2], [3, 4]], [[5, 6], [7, 8]]]


REFUSED = {
    "1,2\n3\n": "Line 2 has 1 columns; 2 are expected, as h0.x has 2 numbers in a row.",
    "1\n3\n": "Line 1 has 1 columns; 2 are expected",
    "1,2\nx,3,4\n": "Line 2 has 3 columns; 2 are expected",
    "1,2\n": "The file has 1 line of numbers, and h0.x has 2, each with 2 numbers.",
    "a,b\n1,2\n": "Line 1, column 1 is 'a', which is no number. Write one such as 0.25, -3 or",
    "5,6\n1,2\n3,4\n": "The file has 3 lines of numbers, and h0.x has 2",
    "a,b\n1,2\n3,4\n5,6\n": "The file has 3 lines of numbers below its heading, and h0.x has 2",
    "1,2\n3,x\n": "Line 2, column 2 is 'x', which is no number",
    "a,b\n1,2\n3,\n": "Line 3, column 2 is empty; a number is expected.",
    "1,nan\n3,4\n": "Line 1, column 2 is 'nan'; only finite numbers",
    "1,-inf\n3,4\n": "Line 1, column 2 is '-inf'; only finite numbers",
    "1,1e39\n3,4\n": "Line 1, column 2 is '1e39', larger than any number",
    "1,2\n3,1_000\n": "is '1_000', which is no number",
    "1,2\n3,٤\n": "which is no number",
    "1,2\n3,0x10\n": "is '0x10', which is no number",
    "1,2\n3,=1+1\n": "is '=1+1', which is no number",
    "a,b\n0,5,1,5\n2,5,3,5\n": "Are the decimals written with commas?",
    "0,5,1,5\n2,5,3,5\n": "Are the decimals written with commas?",
    "1.5,2.5,3.5\n1.5,2.5,3.5\n": "The file has 3 columns of numbers, and h0.x has 2.",
    '"0,5","1,5"\n"2,5","3,5"\n': "is '0,5', which is no number",
    "0,5;1.5\n2,5;3,5\n": "with a decimal comma, and '1.5' with a point",
    "1.234,5;2\n3;4\n": "is '1.234,5', which is no number",
    '1,"2\n3,4\n': "a quotation mark is never closed",
    "": "The file is empty. h0.x needs a line for each row.",
    " \n,,\n": "The file is empty.",
    "1,\0\n3,4": "The file holds zero bytes",
    "position,a,b\n1,1,2\n0,3,4\n": "Line 2 is for '1', where position 0 of h0.x is expected.",
}


@pytest.mark.parametrize("text", REFUSED)
def test_what_is_not_certain_is_refused_and_its_place_is_told(text):
    with pytest.raises(ShapeMismatch) as refused:
        numbers_from_csv(text, (2, 2), "h0.x")
    assert REFUSED[text] in str(refused.value)


def test_a_table_without_rows_and_one_of_too_many_numbers_take_no_file():
    with pytest.raises(ShapeMismatch, match="a single number; numbers from a file go into a table"):
        numbers_from_csv("1", ())
    with pytest.raises(ShapeMismatch, match="has 38,597,376 numbers; a file may bring at most"):
        numbers_from_csv("1", (50257, 768))


@given(st.text(), st.sampled_from([(1,), (2,), (2, 2), (1, 2, 2)]))
def test_any_text_is_read_or_refused_with_a_message_and_never_anything_else(text, shape):
    try:
        numbers = numbers_from_csv(text, shape)
    except ShapeMismatch as error:
        assert str(error)
    else:
        assert np.isfinite(np.array(numbers)).all() and np.array(numbers).shape == shape


# ---- Asked of the worker ---------------------------------------------------------------------


class Reading:
    """The part of a workspace that these verbs read."""

    def __init__(self, run):
        self.run = run

    def table(self, name):
        return self.run[name]


def test_the_pieces_that_the_worker_gives_are_the_whole_table(run):
    text, first = "", 0
    while first is not None:
        told = csv_rows(Reading(run), CsvRows("logits", first))
        text, first = text + told["text"], told["next"]
    assert text == "".join(table_csv(run["logits"]))
    assert csv_rows(Reading(run), CsvRows("wpe", 999_999)) == {
        "text": "", "next": None, "axes": ["position", "embed"], "shape": [256, 192]}


def test_the_worker_tells_the_shape_of_a_table(run):
    assert table_shape(Reading(run), TableShape("h0.attention")) == {
        "axes": ["head", "position", "source"], "shape": [6, 8, 8]}
