"""The file itself: what stands in it, and what becomes of it when something goes wrong."""

import re
import zipfile
from dataclasses import replace
from pathlib import Path

import numpy as np
import openpyxl
import pytest
from openpyxl.worksheet.formula import ArrayFormula

from cutaway import PUBLISHED, NumpyEngine, gpt2
from cutaway.engines.xlsx import size_of, write_xlsx
from cutaway.engines.xlsx.layout import lay_out
from cutaway.errors import (
    EmptyPrompt,
    NotText,
    PromptError,
    PromptTooLong,
    SettingError,
    UnsupportedStep,
)
from cutaway.tokenizer import Tokenizer
from tests.engines.xlsx.models import random_model

PROMPT = "Mike is quick."
# In both Excel 2016 and LibreOffice 7.4.
# Source: Microsoft's "Excel functions (by category)", LibreOffice Help, "Functions by Category"
ALLOWED = {"AND", "AVERAGE", "CHAR", "CHOOSE", "COLUMN", "EXP", "IF", "IFERROR", "INDEX", "INT",
           "LARGE", "LEN", "MATCH", "MAX", "MID", "MIN", "MMULT", "MOD", "OR", "PI", "SMALL",
           "SQRT", "SUBSTITUTE", "SUM", "SUMPRODUCT", "TANH", "TRANSPOSE", "VARP",
           "_xlfn.UNICHAR", "_xlfn.UNICODE"}  # Excel 2013 and later, written with this prefix


@pytest.fixture(scope="module")
def model():
    return random_model(6, 2, 2)


@pytest.fixture(scope="module")
def path(model, tmp_path_factory) -> Path:
    path = tmp_path_factory.mktemp("written") / "gpt.xlsx"
    write_xlsx(model, PROMPT, path, 8)
    return path


def formulas(path: Path) -> list[str]:
    found = []
    for sheet in openpyxl.load_workbook(path):
        for row in sheet.iter_rows():
            for cell in row:
                if isinstance(cell.value, ArrayFormula):
                    found.append(str(cell.value.text))
                elif cell.data_type == "f":
                    found.append(str(cell.value))
    return found


def test_every_function_is_one_that_excel_2016_and_libreoffice_7_4_have(path):
    written = formulas(path)
    used = {name for formula in written
            for name in re.findall(r"([\w.]+)\(", re.sub(r'"[^"]*"', "", formula))}
    assert used <= ALLOWED
    assert len(written) > 3000
    assert max(map(len, written)) <= 8192  # what Excel takes
    assert max(len(text) for formula in written for text in re.findall(r'"([^"]*)"', formula)) < 256


def test_the_cells_hold_every_digit_of_every_weight(model, path):
    book = openpyxl.load_workbook(path, data_only=True)
    places = lay_out(model.book, 8).places
    for name in model.book.weights:
        place = places.of(name)
        cells = [[cell.value for cell in row] for row in book[place.sheet].iter_rows(
            place.row + 1, place.row + place.n_rows, place.column + 1,
            place.column + place.n_columns)]
        np.testing.assert_array_equal(np.array(cells), np.atleast_2d(
            model.weights[name].astype(np.float64)))


def test_the_cells_of_every_step_hold_the_numpy_engines_numbers(model, path):
    book, run = openpyxl.load_workbook(path, data_only=True), model.run(
        PROMPT, engine=NumpyEngine(np.float64))
    places = lay_out(model.book, 8).places
    for name in run.book.nodes:
        for front, place in places.by_name[name].items():
            cells = np.array([[cell.value for cell in row] for row in book[place.sheet].iter_rows(
                place.row + 1, place.row + place.n_rows, place.column + 1,
                place.column + place.n_columns)])
            truth = np.atleast_2d(run[name].array[front])
            cells = cells.T if place.down else cells
            np.testing.assert_array_equal(cells[:truth.shape[0], :truth.shape[1]], truth, name)


def test_every_step_is_told_with_its_formula_and_explanation(model, path):
    book = openpyxl.load_workbook(path)
    said = {cell.value for sheet in book for row in sheet.iter_rows() for cell in row}
    for node in model.book.nodes.values():
        assert f"{node.step.name} = {node.step.formula}" in said
        assert " ".join(node.step.explanation.split()) in said


def test_the_front_page_leads_to_every_other_page(path):
    book = openpyxl.load_workbook(path)
    front, *others = book.sheetnames
    leads = [cell.hyperlink.location for row in book[front].iter_rows() for cell in row
             if cell.hyperlink]
    assert leads == [f"'{name}'!A1" if " " in name else f"{name}!A1" for name in others]


def test_no_macros_and_nothing_of_newer_excels(path):
    with zipfile.ZipFile(path) as archive:
        assert not [name for name in archive.namelist() if "vba" in name or "metadata" in name]
        sheets = [archive.read(name) for name in archive.namelist() if "worksheets/sheet" in name]
    assert not any(b' cm="' in sheet for sheet in sheets)  # the mark of a dynamic array


def test_tokens_that_look_like_formulas_or_cannot_stand_in_xml_stay_texts(tmp_path):
    tokenizer = Tokenizer.from_merges([(b"=", b"1"), (b"\x00", b"\x01"), (b"_", b"x"),
                                       (b"\xc3", b"\xa9"), (b"<", b"&")])
    model = random_model(2, 1, 1, tokenizer=tokenizer)
    write_xlsx(model, "=1", tmp_path / "gpt.xlsx", 4)
    book = openpyxl.load_workbook(tmp_path / "gpt.xlsx", data_only=True)
    texts = [book["wte"].cell(7 + id, 3).value for id in range(256, 261)]
    assert texts == ["=1", "<0x00><0x01>", "_x", "é", "<&"]
    assert book["Cutaway"]["B5"].value == "=1"
    assert openpyxl.load_workbook(tmp_path / "gpt.xlsx")["Cutaway"]["B5"].data_type == "s"


def test_the_same_model_and_prompt_give_the_same_sheets_twice(model, path, tmp_path):
    write_xlsx(model, PROMPT, tmp_path / "again.xlsx", 8)
    with zipfile.ZipFile(path) as one, zipfile.ZipFile(tmp_path / "again.xlsx") as other:
        for name in one.namelist():
            if name != "docProps/core.xml":  # the time of writing
                assert one.read(name) == other.read(name), name


@pytest.mark.parametrize(("prompt", "positions", "error", "said"), [
    ("", 8, EmptyPrompt, "no token"), ("The cat. The dog. " * 3, 8, PromptTooLong, "--positions"),
    ("\udc80", 8, NotText, "lone surrogate"), ("a\rb", 8, PromptError, r"U\+000D"),
    ("a\x00b", 8, PromptError, r"U\+0000"), ("a", 0, SettingError, "0 positions cannot"),
    ("a", 25, SettingError, "1 to 24 tokens"),
])
def test_what_cannot_be_written_is_said_and_leaves_no_file(model, tmp_path, prompt, positions, *,
                                                           error, said):
    with pytest.raises(error, match=said):
        write_xlsx(model, prompt, tmp_path / "gpt.xlsx", positions)
    assert list(tmp_path.iterdir()) == []


def test_an_interrupted_write_leaves_the_old_file_and_nothing_else(model, tmp_path):
    path = tmp_path / "gpt.xlsx"
    path.write_bytes(b"old")

    def interrupt(progress):
        if progress.done:
            raise KeyboardInterrupt

    large = random_model(48, 1, 1)  # more cells than are written between two reports
    with pytest.raises(KeyboardInterrupt):
        write_xlsx(large, PROMPT, path, 8, interrupt)
    assert path.read_bytes() == b"old"
    assert list(tmp_path.iterdir()) == [path]


def test_a_formula_without_a_form_is_refused_before_anything_is_written(model, tmp_path):
    run = model.run(PROMPT).rewrite("mlp_active", "mlp_up.clip(0)")
    with pytest.raises(UnsupportedStep, match="mlp_active"):
        write_xlsx(replace(model, book=run.book), PROMPT, tmp_path / "gpt.xlsx", 8)
    assert list(tmp_path.iterdir()) == []


def test_the_size_is_known_before_writing(model, path):
    size, told = size_of(model, 8), []
    write_xlsx(model, PROMPT, path.with_name("told.xlsx"), 8, told.append)
    assert told[0].total == size.cells
    assert 0.2 < path.stat().st_size / size.bytes < 5
    assert not size.is_much


def test_gpt2_small_has_a_size_and_is_said_to_be_much(model):
    config = PUBLISHED["gpt2"]
    size = size_of(replace(model, config=config, book=gpt2(config)), 16)
    parameters = 124_439_808  # as published; the tables of 16 positions come on top
    assert parameters < size.cells < 1.05 * parameters
    assert size.is_much
    assert size.bytes > 1e9


@pytest.mark.parametrize(("name", "words"), [("h0.scores", "h0.scores: infinity was typed"),
                                             ("wpe", "wpe: infinity was typed")])
def test_typed_infinity_is_refused_by_name(model, tmp_path, name, words):
    like = model.run(PROMPT).edit(name, -np.inf)
    with pytest.raises(UnsupportedStep, match=words):
        write_xlsx(model, PROMPT, tmp_path / "gpt.xlsx", 8, like=like)
    assert not (tmp_path / "gpt.xlsx").exists()


def test_typed_numbers_of_several_prompts_are_refused_by_name(model, tmp_path):
    like = model.run([[1, 2], [3, 4]]).edit("h0.mixed", 0)
    with pytest.raises(UnsupportedStep, match=r"h0\.mixed: .*several prompts"):
        write_xlsx(model, PROMPT, tmp_path / "gpt.xlsx", 8, like=like)
