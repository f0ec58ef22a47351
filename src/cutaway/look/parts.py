"""A step's formula taken apart, and what each of its parts comes to in a run.

The parts are those of the formula's trace; they are calculated again from the tables that the step
has read.
"""

from typing import Any

import numpy as np

from cutaway.workbook.operations import OPERATIONS
from cutaway.workbook.run import Run
from cutaway.workbook.step import with_operations
from cutaway.workbook.symbol import Symbol, table_symbol

SIGNED = {"add": np.add, "subtract": np.subtract, "multiply": np.multiply, "divide": np.divide,
          "power": np.power, "product": np.matmul, "negative": np.negative}


def parts_of(run: Run, name: str) -> Symbol | None:
    """What a step does, in the operations that it names, also where their code was replaced.

    None for a formula that cannot be traced
    """
    book, node = run.book, run.book.nodes[name]
    function = with_operations(node.step.function, {word: OPERATIONS[word]
                                                    for word in book.operations})
    given = [book.constants[word] if word in book.constants
             else table_symbol(book, word, len(run.ids)) for word in node.reads]
    try:
        made = function(*given)
    except Exception:  # whatever a formula of the user's does with what is no array
        return None
    return made if isinstance(made, Symbol) else None


def part_value(run: Run, part: Any, instead: dict[str, np.ndarray] | None = None) -> Any:
    """A part of a trace, calculated.  instead: numbers for some of the tables that it reads"""
    if not isinstance(part, Symbol):
        return part
    if part.operation == "table":
        return (instead or {}).get(part.name, run[part.name].array)
    return calculated(run, part.operation, [part_value(run, one, instead)
                                            for one in part.arguments])


def calculated(run: Run, operation: str, given: list[Any]) -> Any:
    """What an operation, or a sign, makes of arrays and numbers, by the code that is in force."""
    operations = SIGNED | OPERATIONS | run.book.operations
    with np.errstate(all="ignore"):
        return operations[operation](*given)
