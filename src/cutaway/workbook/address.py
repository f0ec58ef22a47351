"""How a table, or some of its cells, is written: on the command line and in lessons.

    h3.attention                              the whole table
    h3.attention[head=1]                      one head of it
    h3.attention[head=1,position=quick]       a row, by the token in it
    logits[vocabulary=" the",position=0:8]    in quotes where a space or a sign belongs to it

Numbers count from 0. A slice a:b is a to b - 1.
"""

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from cutaway.axes import AXES
from cutaway.errors import FormulaError, UnknownRow, UnknownTable
from cutaway.words import did_you_mean, in_one_line

if TYPE_CHECKING:
    from cutaway.workbook.run import Run

_ADDRESS = re.compile(r"""\s*(?P<name>[\w.]+)\s*
                          (?:\[(?P<cells>(?:"[^"]*"|'[^']*'|[^]"'])*)\])?\s*""", re.VERBOSE)
_SELECTOR = re.compile(r"""\s*(?P<axis>\w+)\s*=\s*
                           (?:"(?P<double>[^"]*)"|'(?P<single>[^']*)'|(?P<bare>[^,"']*?))\s*
                           (?:,|$)""", re.VERBOSE)
_SLICE = re.compile(r"(-?\d+)?:(-?\d+)?")
MOST_DIGITS = 18  # of an index: a table has fewer rows than that


@dataclass(frozen=True)
class Address:
    """A table and the selectors of its cells, by axis."""

    name: str
    cells: dict[str, int | str | slice]

    def __str__(self) -> str:
        inside = ",".join(f"{axis}={_written(cell)}" for axis, cell in self.cells.items())
        return f"{self.name}[{inside}]" if inside else self.name


def parse_address(text: str) -> Address:
    """The address that a text is.

    Raises:  UnknownTable when it cannot be read as one
    """
    address, rest = _read(text)
    if rest.startswith("[") and "]" not in rest:
        raise UnknownTable(f"{text!r}: the bracket is not closed. {_EXPECTED}")
    if rest:
        raise UnknownTable(f"{text!r} is no table: after {text[:len(text) - len(rest)]!r} nothing "
                           f"more is expected. {_EXPECTED}")
    return address


def parse_change(text: str) -> tuple[Address, str]:
    """The address on the left of `=` and what stands on the right.

    Raises:  UnknownTable when it cannot be read so
    """
    address, rest = _read(text)
    if not rest.startswith("="):
        raise UnknownTable(f"{text!r} changes nothing: TABLE[CELLS]=VALUE is expected, such as "
                           "h3.attention[head=1]=0.")
    return address, rest[1:].strip()


def changed(run: "Run", change: str) -> "Run":
    """The run after one change, written as TABLE[CELLS]=VALUE or TABLE=FORMULA.

    Raises:  UnknownTable, UnknownRow, ShapeMismatch, FormulaError, BookError
    """
    address, value = parse_change(change)
    if address.name == "prompt":
        raise FormulaError("A prompt is no table. To see what another one changes: "
                           "cutaway compare PROMPT OTHER_PROMPT")
    number = as_number(value)
    if number is not None:
        return run.edit(address.name, number, **address.cells)
    if address.cells:
        raise FormulaError(f"{change!r}: a formula is for a whole step, not for some of its cells. "
                           f"Leave the brackets out, or give a number.")
    return run.rewrite(address.name, value)


def as_number(text: str) -> float | None:
    """The number that a text is; None for a formula."""
    try:
        return float(text)
    except ValueError:
        return None


_EXPECTED = "Write it as h3.attention or h3.attention[head=1,position=quick]."


def _read(text: str) -> tuple[Address, str]:
    """An address at the start of a text, and what comes after it."""
    found = _ADDRESS.match(text)
    if not found:
        raise UnknownTable(f"{text!r} is no table. {_EXPECTED}")
    return Address(found["name"], _selectors(found["cells"] or "")), text[found.end():]


def _selectors(text: str) -> dict[str, int | str | slice]:
    cells, at = {}, 0
    while text[at:].strip():
        found = _SELECTOR.match(text, at)
        if not found:
            raise UnknownRow(f"[{text}]: {text[at:].strip()!r} is no selection of cells. Write "
                             "AXIS=NUMBER, AXIS=FROM:TO or AXIS=TOKEN, with commas between them.")
        if found["axis"] not in AXES:
            near = did_you_mean(found["axis"], AXES)
            raise UnknownRow(f"{found['axis']!r} is no axis of any table.{near} "
                             f"The axes are: {', '.join(AXES)}.")
        if found["axis"] in cells:
            raise UnknownRow(f"[{text}] chooses {found['axis']} twice. Choose each axis once.")
        quoted = found["double"] if found["double"] is not None else found["single"]
        cells[found["axis"]] = quoted if quoted is not None else _selector(found["bare"])
        at = found.end()
    return cells


def _selector(word: str) -> int | str | slice:
    """A number, a slice, or else the text of a token."""
    if re.fullmatch(r"-?\d+", word):
        return _index(word)
    if ends := _SLICE.fullmatch(word):
        return slice(*(_index(end) if end else None for end in ends.groups()))
    return word


def _index(word: str) -> int:
    """A place in a table.  Raises:  UnknownRow for more digits than any place has"""
    if len(word) > MOST_DIGITS:
        raise UnknownRow(f"{in_one_line(word, 20)} is a number of {len(word):,} digits; no table "
                         f"has so many rows or columns.")
    return int(word)


def _written(cell: int | str | slice) -> str:
    if isinstance(cell, slice):
        return ":".join("" if end is None else str(end) for end in (cell.start, cell.stop))
    return f'"{cell}"' if isinstance(cell, str) else str(cell)
