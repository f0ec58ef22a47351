"""The glossary: every word of a formula and of a table is in it, and its examples are right."""

import re
import runpy
import tomllib
from pathlib import Path

import numpy as np
import pytest

from cutaway.axes import AXES
from cutaway.glossary import KINDS, WORD, entries, find
from cutaway.models import ARCHITECTURES
from cutaway.models.config import Config
from cutaway.models.gpt2_variants import constants
from cutaway.workbook.operations import OPERATIONS
from tests.models.llama_like import LLAMA, LlamaConfig

ROOT = Path(__file__).parents[1]
SIGNS = ["@", "+", "-", "*", "/", "**"]  # as formulas write them


def of_kind(kind):
    return [entry.word for entry in entries() if entry.kind == kind]


def test_every_operation_sign_axis_and_constant_has_an_entry():
    assert set(of_kind("operation")) == OPERATIONS.keys()
    assert of_kind("sign") == SIGNS
    assert of_kind("axis") == list(AXES)
    known = {*constants(Config(scale_attn_by_inverse_layer_idx=True)), "theta"}
    known |= {name for record in ARCHITECTURES.values()
              for name in record.book(record.config_class()).constants}
    assert {name.rpartition(".")[2] for name in known} <= set(of_kind("constant"))


def test_what_a_formula_is_written_with_has_an_example_and_a_spreadsheets_word():
    for entry in entries():
        assert entry.meaning and entry.meaning.endswith((".", ")")), entry.word
        if entry.kind != WORD:
            assert entry.example and entry.spreadsheet, entry.word


def test_no_word_is_explained_twice_under_one_heading():
    found = [(entry.kind, entry.word) for entry in entries()]
    assert len(found) == len(set(found)) and {kind for kind, _ in found} == {*KINDS.values(), WORD}
    assert find("softmax").kind == "operation" and find("head").kind == "axis"
    assert find("precedent").meaning == find("dependent").meaning and find("gulu") is None


def worked():
    for entry in entries():
        found = re.fullmatch(r"([-\d. ]+) become ([-\d. ]+)", entry.example)
        if found:
            yield entry.word, *([float(one) for one in row.split()] for row in found.groups())


@pytest.mark.parametrize(("word", "given", "expected"), list(worked()))
def test_a_worked_example_is_what_the_operation_gives(word, given, expected):
    eps = [0.0] if "normalise" in word else []
    np.testing.assert_allclose(OPERATIONS[word](np.array([given]), *eps)[0], expected, atol=0.005)


def test_most_operations_of_numbers_have_a_worked_example():
    assert {word for word, *_ in worked()} == {
        "softmax", "normalise", "rms_normalise", "gelu", "exact_gelu", "quick_gelu", "relu", "silu"}


def test_an_installed_package_has_the_file_beside_the_module(tmp_path):
    build = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    wheel = build["tool"]["hatch"]["build"]["targets"]["wheel"]
    assert wheel["force-include"] == {"docs/glossary.md": "cutaway/glossary.md"}
    module = tmp_path / "cutaway" / "glossary.py"
    module.parent.mkdir()
    module.write_bytes((ROOT / "src/cutaway/glossary.py").read_bytes())
    module.with_name("glossary.md").write_bytes((ROOT / "docs/glossary.md").read_bytes())
    assert len(runpy.run_path(str(module))["entries"]()) == len(entries())


def test_a_constant_of_another_architecture_is_explained_where_its_operation_is_drawn():
    needed = {"eps", "n_head", "theta", "n_key_head"}
    assert needed <= LLAMA.book(LlamaConfig()).constants.keys()
    assert needed <= set(of_kind("constant"))
