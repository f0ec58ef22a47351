"""What a workbook's file calls when it runs by itself: its last page, its cells, operation code.

    print(what_changed(model, run))
"""

from collections.abc import Callable

import numpy as np

from cutaway.errors import CodeError
from cutaway.look import Guess, MovedGuess, likeliest, moved_guesses
from cutaway.model import Model
from cutaway.scratch import Cell, Result, Scratch
from cutaway.studio.share.literals import literal, unframed
from cutaway.studio.worker import workspace
from cutaway.words import shape_in_words
from cutaway.workbook import Difference, Run

TOKENS = 8
TABLES = 8


def what_changed(model: Model, run: Run) -> str:
    """The next token as text: before and after the changes, and the tables that moved most."""
    text = model.tokenizer.decode([int(id) for id in run.ids])
    is_changed = bool(run.edits or run.book.replaced)
    before = model.run(run.ids) if is_changed else None
    lines = [literal(text), "", *_next_token(before, run)]
    if before is None:
        return "\n".join(lines)
    lines.append("")
    found = before.diff(run, _reached(model, run))
    if not found:
        return "\n".join([*lines, "Every number is the same as before."])
    moved = [_difference_row(run, one) for one in found[:TABLES]]
    lines += _columns(["What moved", "by", "most at", "from", "to"], moved, left=(0, 2))
    more = len(found) - TABLES
    return "\n".join([*lines, f"and {more} more"] if more > 0 else lines)


def _next_token(before: Run | None, run: Run) -> list[str]:
    """Lines with the likeliest next tokens; in two runs, where there are two."""
    if run.book.find_role("next_probabilities") is None:
        return ["This model has no table of the next token's probabilities."]
    if before is None:
        return _columns(["The next token", "id", ""],
                        [_token_row(one, one.probability) for one in likeliest(run, TOKENS)])
    return _columns(["The next token", "id", "before", "after"],
                    [_token_row(one, one.before, one.after)
                     for one in moved_guesses(before, run, TOKENS)])


def operation_from(name: str, source: str) -> Callable:
    """The function that operation code defines, with names of its own.

    Raises:  CodeError with the line; FormulaError when it defines no such function
    """
    return workspace.operation_from(name, unframed(source))


class Cells:
    """The cells of a workbook, run from the first to the last.

        cells = Cells(model, run)
        cells.formula("queen", "embedding(' king') - embedding(' man')")
        cells.run()
    """

    def __init__(self, model: Model, run: Run):
        self.scratch = Scratch(run, model)
        self.cells: list[Cell] = []

    def formula(self, name: str, source: str) -> None:
        """Enter a cell with one expression over tables."""
        self._enter("formula", name, source)

    def code(self, name: str, source: str) -> None:
        """Enter a cell with any Python."""
        self._enter("code", name, source)

    def _enter(self, kind: str, name: str, source: str) -> None:
        self.cells.append(Cell(f"c{len(self.cells) + 1}", kind, name, unframed(source)))

    def run(self) -> None:
        """Run every cell and print what came of it; one that fails does not keep the others."""
        self.scratch.put(self.cells)
        for cell in self.cells:
            for result in self.scratch.calculate(cell.id):
                if result.cell == cell.id:
                    print(_shown(cell, result))


def _shown(cell: Cell, result: Result) -> str:
    """What came of a cell: a small value itself, a table's shape, or the error with its line."""
    name = cell.name or cell.id
    if result.state == "error":
        error = CodeError(result.message, result.line)
        return f"{name}: {error}" + (f" (line {error.line})" if error.line else "")
    value = result.value
    if isinstance(value, np.ndarray) and value.size > TOKENS:
        return f"{name}: {shape_in_words(value.shape)}"
    return f"{name}: done" if value is None else f"{name}: {value!r}"


def _token_row(token: Guess | MovedGuess, *shares: float) -> list[str]:
    return [f"  {literal(token.text)}", str(token.id),
            *(f"{share * 100:.2f} %" for share in shares)]


def _reached(model: Model, run: Run) -> list[str]:
    """The tables that the changes, or their consequences, reach."""
    own = model.book.nodes
    touched = {name for name, node in run.book.nodes.items() if node != own[name]}
    touched |= run.edits.keys()
    reached = touched | run.book.downstream(touched)
    return [name for name in run.book.nodes if name in reached]


def _difference_row(run: Run, one: Difference) -> list[str]:
    place = ", ".join(f"{axis} {number}" for axis, number
                      in zip(run.book.axes(one.name), one.place, strict=True))
    return [f"  {one.name}", f"{one.relative * 100:.1f} %", place, f"{one.before:.4g}",
            f"{one.after:.4g}"]


def _columns(heading: list[str], rows: list[list[str]], left: tuple[int, ...] = (0,)) -> list[str]:
    """Lines in which the same columns stand below each other."""
    widths = [max(map(len, column)) for column in zip(heading, *rows, strict=True)]
    return ["  ".join(word.ljust(width) if place in left else word.rjust(width)
                      for place, (word, width) in enumerate(zip(row, widths, strict=True))).rstrip()
            for row in [heading, *rows]]
