"""The names that a user may rely on: a change here is told in CHANGELOG.md."""

import importlib

import pytest

import cutaway

PUBLIC = {
    "cutaway": ["PUBLISHED", "Book", "Config", "CutawayError", "Model", "NumpyEngine", "Run",
                "Sheet", "Table", "gpt2", "open_model", "open_tokenizer", "start_run"],
    "cutaway.workbook": ["Book", "Difference", "Node", "Provenance", "Run", "Sheet", "Step",
                         "Table", "differences", "formula_of", "from_prompt",
                         "function_from_formula", "mean_of", "start_run"],
    "cutaway.widgets": ["TableWidget", "show"],
    "cutaway.scratch": ["Cell", "Labelled", "Neighbour", "Neighbours", "Result", "Scratch",
                        "reads"],
}

ERRORS = {
    "CutawayError", "PromptError", "EmptyPrompt", "PromptTooLong", "NotText", "SettingError",
    "BookError", "UnknownTable", "UnknownRow", "MissingInput", "NoSuchRole", "ShapeMismatch",
    "FormulaError", "UnsupportedStep", "DatabaseError", "MemoryBudgetExceeded",
    "TokenizerError", "UnknownToken", "TokenizerFileError", "WeightsError", "MissingTensors",
    "WrongShape", "NotFinite", "CorruptFile", "UnsafeArchive", "ModelError", "UnknownModel",
    "ConfigError", "DownloadFailed", "TrainingError", "DiskError", "MissingExtra",
    "DocumentInUse", "StudioError", "MessageError", "WorkerStopped", "WorkerError", "CodeError",
    "WorkbookFileError", "LessonError"}


@pytest.mark.parametrize("package", PUBLIC)
def test_the_public_names_are_these(package):
    module = importlib.import_module(package)
    assert set(module.__all__) == set(PUBLIC[package])
    assert len(module.__all__) == len(PUBLIC[package])
    assert all(hasattr(module, name) for name in module.__all__)


def test_the_exceptions_are_these_and_all_are_cutaways():
    from cutaway import errors

    found = {name for name, kind in vars(errors).items()
             if isinstance(kind, type) and issubclass(kind, errors.CutawayError)}
    assert found == ERRORS
    for name in found:
        assert f" {name} " in f"{errors.__doc__}".replace("\n", " "), f"{name} is not in the tree"


def test_an_unknown_table_is_told_without_quotes_around_the_message():
    """KeyError, which it is as well, would show its message as a Python string."""
    from cutaway.errors import UnknownTable

    assert str(UnknownTable("There is no table 'x'.")) == "There is no table 'x'."


def test_the_version_is_that_of_the_package():
    assert cutaway.__version__.count(".") == 2
