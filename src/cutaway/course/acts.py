"""What the acts of a lesson are on an open workbook: places, cells and changes by their numbers."""

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from cutaway.course.lesson import Act
from cutaway.errors import LessonError
from cutaway.look import matrix
from cutaway.workbook import Run
from cutaway.workbook.address import Address, as_number, parse_address, parse_change

VIEWS = ("numbers", "heat", "picture", "arcs", "heads", "bars", "histogram")
PLACES = ("overview", "tokens", "writing", "scratch", "weights", "learning")
_AS = re.compile(rf"(.*) as ({'|'.join(VIEWS)})")


@dataclass(frozen=True)
class Doing:
    """An act as a page does it.

    words    in a line, for the button
    table    the table that is shown, its pages in `select`, its cell in `row` and `column`
    view     how it is drawn; "" as it was
    change   an entry of the workbook's journal
    fields   what else the act is given
    """

    verb: str
    words: str
    table: str = ""
    select: dict[str, int] = field(default_factory=dict)
    row: int | None = None
    column: int | None = None
    view: str = ""
    change: dict[str, Any] = field(default_factory=dict)
    fields: dict[str, str] = field(default_factory=dict)


def doing(act: Act, run: Run) -> Doing:
    """What an act is on a run.

    Raises:  UnknownTable, UnknownRow, FormulaError, LessonError
    """
    return _DOING[act.verb](act.words, run)


def _prompt(words: str, run: Run) -> Doing:
    return Doing("prompt", words, change={"kind": "prompt", "text": words})


def _show(words: str, run: Run) -> Doing:
    found = _AS.fullmatch(words)
    address, view = parse_address(found[1] if found else words), found[2] if found else ""
    table = run[address.name]
    cells = numbers_of(address, run)
    page = matrix(table, {})
    pages = {axis: index for axis, index in cells.items()
             if axis in page.pages and isinstance(index, int)}
    return Doing("show", str(address), address.name, pages, _one(cells.get(page.rows)),
                 _one(cells.get(page.columns)), view)


def _one(chosen: int | list[int] | None) -> int | None:
    return chosen[0] if isinstance(chosen, list) else chosen


def _place(words: str, run: Run) -> Doing:
    """tokens, or tokens gpt2: "a text", whose merges are shown."""
    place, _, text = words.partition(": ")
    text = text[1:-1] if text[:1] == text[-1:] == '"' else text  # in quotes a space can be seen
    name, _, vocabulary = place.partition(" ")
    if name not in PLACES:
        raise LessonError(f"{name!r} is no place. The places are: {', '.join(PLACES)}.")
    return Doing("place", words, fields={"place": name, "vocabulary": vocabulary, "text": text})


def _change(words: str, run: Run) -> Doing:
    address, value = parse_change(words)
    number = as_number(value)
    if number is None:
        return Doing("change", words,
                     change={"kind": "formula", "step": address.name, "formula": value})
    cells = numbers_of(address, run)
    return Doing("change", words, change={"kind": "numbers", "table": address.name,
                                          "cells": cells, "value": number})


def _cell(words: str, run: Run) -> Doing:
    name, equals, source = words.partition(" = ")
    if not equals or not name.isidentifier():
        raise LessonError(f"{words!r} is no cell: NAME = FORMULA is expected.")
    return Doing("cell", words, fields={"name": name, "source": source})


def _write(words: str, run: Run) -> Doing:
    if not words.isdigit() or not 1 <= int(words) <= 100:
        raise LessonError(f"{words!r}: how many tokens to write is expected, from 1 to 100.")
    return Doing("write", words, fields={"count": words})


_DOING: dict[str, Callable[[str, Run], Doing]] = {
    "prompt": _prompt, "show": _show, "place": _place, "change": _change, "cell": _cell,
    "write": _write}


def numbers_of(address: Address, run: Run) -> dict[str, int | list[int]]:
    """The cells of an address by their numbers: an index, or [from, to).

    Raises:  UnknownTable, UnknownRow
    """
    table = run[address.name]
    chosen = table.selection(**address.cells)
    numbers = dict(zip(table.axes, chosen.numbers(table.shape), strict=True))
    return {axis: numbers[axis][0] if len(numbers[axis]) == 1 else
            [numbers[axis][0], numbers[axis][-1] + 1] for axis in address.cells}
