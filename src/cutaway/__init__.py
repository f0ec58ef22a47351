"""Cutaway: GPT-2 with the casing off. A GPT as a workbook of named tables.

    import cutaway
    model = cutaway.open_model()
    run = model.run("Mike is quick. He moves")
    run["h3.attention"].select(head=1, position=" quick")
"""

from importlib import import_module
from importlib.util import find_spec
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from cutaway.engines.numpy import NumpyEngine
    from cutaway.errors import CutawayError
    from cutaway.model import Model, open_model, open_tokenizer
    from cutaway.models.config import PUBLISHED, Config
    from cutaway.models.gpt2 import gpt2
    from cutaway.workbook import Book, Run, Sheet, Table, start_run

__version__ = "0.1.0"
__all__ = ["PUBLISHED", "Book", "Config", "CutawayError", "Model", "NumpyEngine", "Run", "Sheet",
           "Table", "gpt2", "open_model", "open_tokenizer", "start_run"]

# Fetched at first use: the command line begins, and hears Ctrl-C, before NumPy is loaded.
_WHERE = {"NumpyEngine": "engines.numpy", "CutawayError": "errors", "Model": "model",
          "open_model": "model", "open_tokenizer": "model", "PUBLISHED": "models.config",
          "Config": "models.config", "gpt2": "models.gpt2", "Book": "workbook", "Run": "workbook",
          "Sheet": "workbook", "Table": "workbook", "start_run": "workbook"}


def __getattr__(name: str) -> Any:
    if name in _WHERE:
        return getattr(import_module(f"cutaway.{_WHERE[name]}"), name)
    if not name.startswith("_") and find_spec(f"cutaway.{name}"):
        return import_module(f"cutaway.{name}")
    raise AttributeError(f"module 'cutaway' has no attribute {name!r}")


def __dir__() -> list[str]:
    return sorted([*globals(), *__all__])
