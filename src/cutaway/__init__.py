"""Cutaway: GPT-2 with the casing off. A GPT as a workbook of named tables.

    import cutaway
    model = cutaway.open_model()
    run = model.run("Mike is quick. He moves")
    run["h3.attention"].select(head=1, position=" quick")
"""

from cutaway.engines.numpy import NumpyEngine
from cutaway.errors import CutawayError
from cutaway.model import Model, open_model, open_tokenizer
from cutaway.models.config import PUBLISHED, Config
from cutaway.models.gpt2 import gpt2
from cutaway.workbook import Book, Run, Sheet, Table, start_run

__version__ = "0.1.0"
__all__ = ["PUBLISHED", "Book", "Config", "CutawayError", "Model", "NumpyEngine", "Run", "Sheet",
           "Table", "gpt2", "open_model", "open_tokenizer", "start_run"]
