"""The spreadsheet engine: a model as a workbook of live formulas."""

from cutaway.engines.xlsx.forms import FORMS
from cutaway.engines.xlsx.size import Size, size_of
from cutaway.engines.xlsx.write import write_xlsx

__all__ = ["FORMS", "Size", "size_of", "write_xlsx"]
