"""Cells of one's own beside a run: formulas over its tables, and code."""

from cutaway.scratch.cell import Cell, Result
from cutaway.scratch.labelled import Labelled
from cutaway.scratch.nearest import Neighbour, Neighbours
from cutaway.scratch.scratch import Scratch
from cutaway.scratch.source import reads

__all__ = ["Cell", "Labelled", "Neighbour", "Neighbours", "Result", "Scratch", "reads"]
