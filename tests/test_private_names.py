"""What we use of libraries that they keep to themselves, and the versions that have it.

Such names may change with any release. Each library has an upper bound in pyproject.toml; raise it
when this test passes with the newer version, and the tests that are named here as well.
"""

import importlib
import importlib.metadata
import inspect
import tomllib
from pathlib import Path

import pytest
from packaging.requirements import Requirement

PROJECT = tomllib.loads((Path(__file__).parents[1] / "pyproject.toml").read_text())["project"]
REQUIREMENTS = [Requirement(line) for line in [
    *PROJECT["dependencies"],
    *(line for extra in PROJECT["optional-dependencies"].values() for line in extra)]]

# Of each library: where a private name is, its parameters where we call or replace it, who uses it
# for what, and the tests that show whether it still works.
PRIVATE = {
    "tiktoken": [
        ("tiktoken:Encoding._core_bpe", None,
         "tokenizer/fast.py encodes checked texts with its encode_ordinary: tests/tokenizer"),
        ("tiktoken._tiktoken:CoreBPE.encode_ordinary", None,
         "tokenizer/fast.py calls it with one text: tests/tokenizer"),
    ],
    "XlsxWriter": [
        ("xlsxwriter.worksheet:Worksheet._check_dimensions",
         ["self", "row", "col", "ignore_row", "ignore_col"],
         "engines/xlsx/cells.py asks whether a cell exists: tests/engines/xlsx"),
        ("xlsxwriter.worksheet:Worksheet._write_single_row", ["self", "current_row_num"],
         "engines/xlsx/cells.py writes the row before: tests/engines/xlsx"),
        ("xlsxwriter.worksheet:Worksheet._write_cell", ["self", "row", "col", "cell"],
         "engines/xlsx/cells.py writes every digit in its place: tests/engines/xlsx"),
        ("xlsxwriter.format:Format._get_xf_index", ["self"],
         "engines/xlsx/cells.py names a cell's style: tests/engines/xlsx"),
        ("xlsxwriter:Workbook._get_packager", ["self"],
         "engines/xlsx/live.py signs the file: tests/engines/xlsx"),
        ("xlsxwriter.packager:Packager._write_app_file", ["self"],
         "engines/xlsx/live.py signs the file: tests/engines/xlsx"),
    ],
    "numba": [
        ("numba.core:cgutils.get_or_insert_function", ["module", "fnty", "name"],
         "engines/compiled/vector.py calls the system's sched_yield: tests/engines/compiled"),
    ],
    "torch": [
        ("torch:ops.mkldnn._linear_pointwise", None,
         "train/products.py multiplies with it: tests/train"),
        ("torch:ops.aten._softmax_backward_data", None,
         "train/attention.py takes the softmax's gradient with it: tests/train"),
        ("torch.serialization:_get_layout", None,
         "train/checkpoint.py lets checkpoints name it: tests/train"),
    ],
    "openvino": [
        ("openvino._offline_transformations:apply_make_stateful_transformation", None,
         "bench/contestants/open_vino.py keeps keys and values in the model: make bench"),
    ],
}


@pytest.mark.parametrize("library", PRIVATE)
def test_a_library_whose_private_names_we_use_has_an_upper_bound(library):
    ours = [one for one in REQUIREMENTS if one.name == library]
    assert ours
    for requirement in ours:
        assert any(one.operator == "<" for one in requirement.specifier), (
            f"pyproject.toml: {requirement} needs an upper bound, because we use "
            f"{', '.join(place for place, *_ in PRIVATE[library])}")


@pytest.mark.parametrize(("library", "place", "parameters", "use"), [
    pytest.param(library, *one, id=one[0]) for library, used in PRIVATE.items() for one in used])
def test_a_private_name_is_still_what_we_use(library, place, parameters, use):
    module, dotted = place.split(":")
    found = pytest.importorskip(module, reason=f"pip install {library}")
    version = importlib.metadata.version(library)
    bounds = {str(one.specifier) for one in REQUIREMENTS if one.name == library}
    advice = f"{library} {version} (pyproject.toml says {bounds}): look at {place}. {use}"
    assert all(version in one.specifier for one in REQUIREMENTS if one.name == library), advice
    for name in dotted.split("."):
        if name == "_core_bpe":  # an instance has it
            found = found("a", pat_str="a", mergeable_ranks={b"a": 0}, special_tokens={})
        assert hasattr(found, name), advice
        found = getattr(found, name)
    if parameters is not None:
        plain = inspect.unwrap(found)
        assert list(inspect.signature(plain).parameters) == parameters, advice
