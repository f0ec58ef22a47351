"""Steps, sheets, books and runs: a model as named tables, each made by one short formula."""

from cutaway.workbook.book import Book, Node
from cutaway.workbook.change import from_prompt, mean_of
from cutaway.workbook.difference import Difference, differences
from cutaway.workbook.run import Run, start_run
from cutaway.workbook.sheet import Sheet
from cutaway.workbook.step import Step, formula_of, function_from_formula
from cutaway.workbook.table import Provenance, Table

__all__ = ["Book", "Difference", "Node", "Provenance", "Run", "Sheet", "Step", "Table",
           "differences", "formula_of", "from_prompt", "function_from_formula", "mean_of",
           "start_run"]
