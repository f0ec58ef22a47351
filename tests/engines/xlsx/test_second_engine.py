"""The workbook calculated by another program than a spreadsheet: the PyPI package `formulas`.

It reads the file and calculates every formula in Python, from the text in the prompt's cell through
all blocks to the probabilities. Expected: the NumPy engine in float64, which is held to Hugging
Face step by step.
"""

from collections import OrderedDict
from functools import wraps
from typing import Any

import numpy as np
import pytest
from xlsxwriter.utility import xl_rowcol_to_cell

from cutaway import NumpyEngine
from cutaway.engines.xlsx import write_xlsx
from cutaway.engines.xlsx.layout import lay_out
from cutaway.engines.xlsx.places import Place
from cutaway.tokenizer import Tokenizer
from tests.engines.xlsx.models import FEW_MERGES, random_model

formulas = pytest.importorskip("formulas", reason="pip install formulas")
EMOJI = [(b"\xf0", b"\x9f"), (b"\xf0\x9f", b"\x98"), (b"\xf0\x9f\x98", b"\x80"),
         (b"\xf0\x9f", b"\xa6"), (b"\xf0\x9f\xa6", b"\x8a")]  # each of two is one token
MODEL = random_model(4, 2, 2, n_positions=5,
                     tokenizer=Tokenizer.from_merges([*FEW_MERGES, *EMOJI], special=()))
POSITIONS = 5  # the library takes long for each
PROMPT = "é the7"  # a letter of two bytes, a word of three merges, a digit
COUNTING = ("LEN", "MID", "_XLFN.UNICODE")
PROMPT_CELL = "CUTAWAY'!B5"


@pytest.fixture(scope="module")
def counting():
    """The functions that count characters: the library's, until a test puts others in."""
    library = formulas.get_functions()
    return {name: library[name] for name in COUNTING}


@pytest.fixture(scope="module")
def functions(counting):
    """The library's functions; it takes INDEX(table, row, 0) for column 1, where a row is meant."""
    found = formulas.get_functions()
    original = found["INDEX"]

    def index(compiling, array, row, column=None):
        if not compiling and column is not None and np.ravel(column)[0] == 0:
            number = int(np.ravel(getattr(row, "value", row))[0])
            return array.value[number - 1:number]
        return original["function"](compiling, array, row, column)

    def called(name):
        @wraps(counting[name])
        def call(*values):
            return counting[name](*values)

        return call

    originals = {name: found[name] for name in ("INDEX", *COUNTING)}
    found.update({name: called(name) for name in COUNTING})
    found["INDEX"] = {"extra_inputs": OrderedDict(original["extra_inputs"]), "function": index}
    yield
    found.update(originals)


@pytest.fixture(scope="module")
def workbook(tmp_path_factory, functions) -> Any:
    path = tmp_path_factory.mktemp("formulas") / "tiny.xlsx"
    write_xlsx(MODEL, "the", path, POSITIONS)
    return formulas.ExcelModel().loads(str(path)).finish()


def calculated(workbook, prompt: str) -> Any:
    return workbook.calculate(inputs={f"'[tiny.xlsx]{PROMPT_CELL}": prompt})


@pytest.fixture(scope="module")
def solution(workbook) -> Any:
    """All that is calculated from the prompt."""
    return calculated(workbook, PROMPT)


def cells_by_address(solution) -> dict[tuple[str, str], Any]:
    """Every calculated number: the library knows some of them as cells, some as blocks."""
    found = {}
    for name, block in solution.items():
        if "!" not in str(name) or not hasattr(block, "ranges") or len(block.ranges) != 1:
            continue
        place, sheet = block.ranges[0], str(name).partition("]")[2].partition("'")[0]
        top, left = int(place["r1"]) - 1, place["n1"] - 1
        for (row, column), value in np.ndenumerate(block.value):
            found[sheet, xl_rowcol_to_cell(top + row, left + column)] = value
    return found


def table(cells: dict[tuple[str, str], Any], place: Place) -> np.ndarray:
    """The numbers of a table, rows and columns as it has them."""
    numbers = np.empty((place.n_rows, place.n_columns))
    for row, column in np.ndindex(numbers.shape):
        address = xl_rowcol_to_cell(place.row + row, place.column + column)
        numbers[row, column] = cells[place.sheet.upper(), address]
    return numbers.T if place.down else numbers


def test_every_table_from_the_prompt_to_the_probabilities_is_the_numpy_engines(solution):
    cells = cells_by_address(solution)
    run = MODEL.run(PROMPT, engine=NumpyEngine(np.float64))
    places = lay_out(MODEL.book, POSITIONS).places
    for name in run.book.nodes:
        for front, place in places.by_name[name].items():
            truth = np.atleast_2d(run[name].array[front])
            found = table(cells, place)[:truth.shape[0], :truth.shape[1]]
            assert np.abs(found - truth).max() <= 1e-9 * np.abs(truth).max(), (name, front)


def test_the_predicted_token_is_the_numpy_engines(solution):
    best = int(MODEL.run(PROMPT)["next_logits"].array.argmax())
    assert solution["'[tiny.xlsx]CUTAWAY'!H13"].value[0, 0] == best


def test_halves_of_an_emoji_are_passed_over_where_texts_are_counted_in_utf_16(
        workbook, counting, monkeypatch):
    """As Excel counts; LibreOffice and this library count whole characters."""
    from formulas.functions import wrap_ufunc

    def units(text: str) -> list[str]:
        raw = str(text).encode("utf-16-le")
        return [raw[place:place + 2].decode("utf-16-le", "surrogatepass")
                for place in range(0, len(raw), 2)]

    def code(text: str) -> Any:
        joined = text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "surrogatepass")
        if not joined or 0xDC00 <= ord(joined[0]) <= 0xDFFF:
            raise ValueError("#VALUE!, as Excel says of half a character")
        return ord(joined[0])

    as_excel = {"LEN": lambda text: len(units(text)),
                "MID": lambda text, start, count: "".join(
                    units(text)[int(start) - 1:int(start) - 1 + int(count)]),
                "_XLFN.UNICODE": code}

    def as_given(*values: Any) -> tuple[Any, ...]:
        return values

    for name, function in as_excel.items():
        monkeypatch.setitem(counting, name, wrap_ufunc(function, input_parser=as_given,
                                                       args_parser=as_given))
    cells = cells_by_address(calculated(workbook, "a😀 🦊b"))
    found = table(cells, lay_out(MODEL.book, POSITIONS).places.of("ids"))[0]
    assert [int(one) for one in found] == MODEL.tokenizer.encode("a😀 🦊b")
