"""What is drawn: bars, heat, quotation marks, and addresses of cells."""

import numpy as np
import pytest

from cutaway.cli.drawing.bars import Bar
from cutaway.cli.drawing.heat import heat_of
from cutaway.cli.drawing.numbers import number_format
from cutaway.cli.screen import percent, print_json
from cutaway.errors import UnknownTable
from cutaway.words import harmless, quoted
from cutaway.workbook.address import parse_address, parse_change


def test_a_bar_is_as_long_as_its_share_to_an_eighth_of_a_column():
    assert Bar(0.5).drawn(8).plain == "████"
    assert Bar(0.28125).drawn(4).plain == "█▏"  # 9 eighths of 32
    assert Bar(0).drawn(8).plain == ""


def test_the_smallest_share_still_shows_a_sliver():
    assert Bar(1e-9).drawn(8).plain == "▏"


def test_heat_shows_sign_and_size_without_any_colour():
    heat = heat_of(np.array([-4.0, -1.0, 0.0, 2.0, 4.0]))
    shades = [heat.shade(number, coloured=False).plain for number in (-4, -0.5, 0, 2, 4)]
    assert shades == ["-█", "-·", "  ", " ▒", " █"]


def test_heat_below_and_above_zero_have_different_colours_and_the_sign_stays():
    heat = heat_of(np.array([-1.0, 1.0]))
    assert heat.style(-1.0) != heat.style(1.0)
    assert heat.shade(-1.0, coloured=True).plain == "- "


def test_every_number_of_a_table_is_written_with_the_same_digits():
    written = number_format(np.array([0.5, 12.25, -3.0]))
    numbers = [written(number) for number in (0.5, 12.25, -3.0, 0.0)]
    assert numbers == ["0.50", "12.25", "-3.00", "0"]


def test_nothing_in_a_quoted_token_is_invisible():
    assert quoted(" the\n\x1b\u200b") == r'" the\n\x1b\u200b"'
    assert quoted('"') == "'\"'"


def test_running_text_keeps_line_breaks_and_loses_control_characters():
    assert harmless("one\ntwo\t\x1b[31m") == "one\ntwo\t\\x1b[31m"


def test_percentages_are_short_and_never_round_to_nothing():
    assert [percent(share) for share in (1.0, 0.3121, 0.0004, 0)] == [
        "100.0 %", "31.2 %", "<0.1 %", "0.0 %"]


def test_json_has_no_infinity(capsys):
    print_json({"relative": float("inf"), "rows": [1.5, float("nan")]})
    assert capsys.readouterr().out.split() == [
        "{", '"relative":', "null,", '"rows":', "[", "1.5,", "null", "]", "}"]


@pytest.mark.parametrize(("text", "name", "cells"), [
    ("h3.attention", "h3.attention", {}),
    ("h3.attention[head=1]", "h3.attention", {"head": 1}),
    ("h3.attention[head=1,position=quick]", "h3.attention", {"head": 1, "position": "quick"}),
    ('wte[vocabulary=" the", embed=0:8]', "wte", {"vocabulary": " the", "embed": slice(0, 8)}),
    ("wte[embed=:3]", "wte", {"embed": slice(None, 3)}),
    ("wte[embed=-2:]", "wte", {"embed": slice(-2, None)}),
    ('h0.scores[position="3"]', "h0.scores", {"position": "3"}),
    ("h0.scores[position=',]']", "h0.scores", {"position": ",]"}),
])
def test_an_address_names_a_table_and_its_cells(text, name, cells):
    address = parse_address(text)
    assert (address.name, address.cells) == (name, cells)


def test_an_address_is_written_as_it_was_read():
    text = 'wte[vocabulary=" the",embed=0:8]'
    assert str(parse_address(text)) == text


def test_a_change_is_an_address_and_what_comes_after_the_sign():
    address, value = parse_change('h3.scores[position="a=b"]= 0.5')
    assert address.cells == {"position": "a=b"} and value == "0.5"


def test_what_is_no_address_says_how_one_looks():
    with pytest.raises(UnknownTable, match=r"h3.attention\[head=1,position=quick\]"):
        parse_address("[head=1]")
