"""The scratch sheet: cells of one's own beside a run, calculated again when what they read changes.

    scratch = Scratch(run, model)
    queen = scratch.formula("queen", 'embedding(" king") - embedding(" man")')
    scratch.code("sums", "total = h3.attention.sum(axis=-1)\\nprint(total)")
"""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from functools import partial
from time import perf_counter
from typing import Any

from cutaway.errors import CodeError
from cutaway.model import Model
from cutaway.scratch.called import called, called_by_file, who_makes
from cutaway.scratch.cell import Cell, Result
from cutaway.scratch.changed import changed_between
from cutaway.scratch.labelled import read_only
from cutaway.scratch.names import Names
from cutaway.scratch.order import behind, circle_through, in_order, makers, read_by
from cutaway.scratch.run_code import INTERRUPTED, Telling, line_in
from cutaway.scratch.shown import table_from
from cutaway.scratch.source import compiled
from cutaway.scratch.space import Space
from cutaway.workbook import Provenance, Run, Table

EDITED = "It was changed after it ran."


class Scratch:
    """Cells, what came of them, and the names that they have made.

    cells    what was written, in the order of the sheet, by id
    results  what came of each cell that has run, by id
    names    the tables and operations that a cell can name
    space    what the cells have made
    """

    def __init__(self, run: Run, model: Model | None = None):
        self.cells: dict[str, Cell] = {}
        self.results: dict[str, Result] = {}
        self.names, self.space = Names(run, model), Space()
        self._edited: set[str] = set()  # cells that were changed after they ran

    # ---- In a program of one's own -------------------------------------------------------

    def formula(self, name: str, source: str) -> Any:
        """The value of a new formula cell: one expression over tables.

        Raises:  CodeError
        """
        return self._added(Cell(name, "formula", name, source))

    def code(self, name: str, source: str) -> Any:
        """What the last line of a new code cell gives; the names it makes are there for the others.

        Raises:  CodeError
        """
        return self._added(Cell(name, "code", name, source))

    def _added(self, cell: Cell) -> Any:
        others = [one for one in self.cells.values() if one.id != cell.id]
        self.put([*others, cell])
        for _ in self.calculate(cell.id):
            pass
        result = self.results[cell.id]
        if result.state == "error":
            raise CodeError(result.message, result.line)
        return result.value

    def __getitem__(self, name: str) -> Any:
        """What the cells have made under a name.  Raises:  UnknownTable"""
        return self.space[name]

    def table(self, name: str) -> Table:
        """What the cells have made under a name, as the table `scratch.NAME`.

        Raises:  UnknownTable; ShapeMismatch when it is no block of numbers
        """
        value = self[name]
        of = makers(self.cells.values()).get(name, [])
        origin = f"the scratch sheet, {called(self.cells, of[-1].id)}" if of else "the console"
        formula = of[-1].source if of and of[-1].is_formula else ""
        reads = tuple(sorted(of[-1].words.reads)) if of else ()
        return table_from(f"scratch.{name}", value, Provenance(formula, reads, origin))

    # ---- Writing -------------------------------------------------------------------------

    def put(self, cells: Sequence[Cell]) -> list[Result]:
        """Take all cells, in their order. Gives what has become stale by it; nothing runs."""
        old, self.cells = self.cells, {cell.id: cell for cell in cells}
        changed = [cell for id, cell in old.items() if self.cells.get(id) != cell]
        left = {name for cell in cells for name in cell.makes}
        for cell in changed:
            if cell.id not in self.cells:
                self.results.pop(cell.id, None)
                self._edited.discard(cell.id)
            elif cell.id in self.results:
                self._edited.add(cell.id)
            self.space.forget(cell.makes - left)
        edited = [self._stale(self.results[cell.id], EDITED)
                  for cell in changed if cell.id in self._edited]
        return edited + list(self._follow(set(), {name for cell in changed for name in cell.makes}))

    # ---- Calculating ---------------------------------------------------------------------

    def use(self, run: Run, model: Model | None = None) -> Iterator[Result]:
        """Take another run. Yields the formulas that read what changed, calculated again.

        Code cells that read it only become stale: they may print, and have effects.
        """
        changed = changed_between(self.names.run, run)
        if model is not None and model is not self.names.model:
            changed.add("model")
        self.names = Names(run, model or self.names.model)
        yield from self._follow(changed)

    def calculate(self, id: str) -> Iterator[Result]:
        """Run a cell: first the formulas behind it that have no value yet, then itself, then the
        formulas that read it. Yields what came of each.

        Raises:  KeyboardInterrupt when it is interrupted; the results say so as well
        """
        cell = self.cells[id]
        for one in behind(cell, self.cells.values()):
            known = self.results.get(one.id)
            if one.is_formula and (known is None or known.state == "stale"):
                yield self._run(one)
        try:
            yield self._run(cell)
        except BaseException:
            yield from self._follow(set(), cell.makes, itself=id)
            raise
        yield from self._follow(cell.makes, itself=id)

    def calculate_all(self, until: str | None = None) -> Iterator[Result]:
        """Run the cells from the first on, to `until` or the last; ends at the first error.

        Raises:  KeyboardInterrupt
        """
        for id, cell in list(self.cells.items()):
            known = self.results.get(id)
            if not (cell.is_formula and known and known.state == "done" and id != until):
                yield from self.calculate(id)
            if id == until or self.results[id].state == "error":
                return

    def evaluate(self, source: str, number: int = 1) -> tuple[Any, Iterator[Result]]:
        """What a line on a console gives; and the formulas that read what it made, calculated
        again as they are taken.

        number   which line it is, for tracebacks: `<console 1>`
        Raises:  CodeError, KeyboardInterrupt
        """
        cell = Cell("console", "code", "_", source)
        value = self._execute(cell, f"<console {number}>")
        return value, self._follow(set(cell.words.makes))

    # ---- One cell after the other --------------------------------------------------------

    def _follow(self, changed: set[str], waiting: set[str] | None = None,
                itself: str | None = None) -> Iterator[Result]:
        """What reads something that changed: formulas calculated again, code marked stale.

        waiting  names that have to be made again first: what reads them becomes stale
        """
        changed, waiting = set(changed), set(waiting or ())
        stopped: BaseException | None = None
        for cell in in_order(self.cells.values()):
            known = self.results.get(cell.id)
            if known is None or cell.id == itself:
                continue
            reads = cell.words.reads | self.names.behind(cell.words.reads)
            by_hand = not cell.is_formula or cell.id in self._edited or stopped
            if reads & changed and not reads & waiting and not by_hand:
                try:
                    yield self._run(cell)
                except BaseException as error:  # the others become stale
                    stopped = error
                changed |= cell.makes
            elif reads & (changed | waiting):
                yield self._stale(known, self._why(cell, changed | waiting))
            if self.results[cell.id].state == "stale":
                waiting |= cell.makes
        if stopped is not None:
            raise stopped

    def _stale(self, result: Result, message: str) -> Result:
        self.results[result.cell] = replace(result, state="stale", message=message, line=None)
        return self.results[result.cell]

    def _why(self, cell: Cell, changed: set[str]) -> str:
        """Which words of a cell mean something that has changed."""
        words = sorted(word for word in cell.words.reads
                       if word in changed or self.names.behind([word]) & changed)
        return f"What it reads has changed since it ran: {', '.join(words)}."

    def begins(self, cell: Cell) -> None:
        """Called each time before a cell runs, for whoever wants to show it."""

    def _run(self, cell: Cell) -> Result:
        """Run one cell, and keep what came of it."""
        self.begins(cell)
        self._edited.discard(cell.id)
        before = self.results.get(cell.id)
        count, started = (before.count if before else 0) + 1, perf_counter()

        def result(state: str, message: str, line: int | None = None, value: Any = None) -> Result:
            seconds = perf_counter() - started
            made = Result(cell.id, state, value, message, line, count, seconds)
            self.results[cell.id] = made
            return made

        try:
            value = self._value(cell)
        except CodeError as error:
            return result("error", str(error), error.line)
        except BaseException as error:  # an interrupt, or the debugger's "stop"
            result("error", INTERRUPTED, line_in(error.__traceback__, cell.file))
            raise
        waits = self._waits_for(cell)
        return result("stale" if waits else "done", waits or " ".join(self.names.tokens.notes),
                      value=value)

    def _waits_for(self, cell: Cell) -> str:
        """Why a cell that has just run is stale all the same; nothing when it is not."""
        stale = [called(self.cells, one.id) for one in read_by(cell, makers(self.cells.values()))
                 if (known := self.results.get(one.id)) and known.state == "stale"]
        return f"It reads {', '.join(stale)}, which has to run again first." if stale else ""

    def _value(self, cell: Cell) -> Any:
        """What a cell gives, which from now on stands under the cell's name."""
        if cell.is_formula:
            self.space.forget([cell.name])  # after an error nobody is to read the old value
        circle = circle_through(cell, self.cells.values())
        if circle:
            raise CodeError(f"{', which reads '.join(circle)}: these formulas go in a circle. One "
                            f"of them has to do without the others.")
        value = self._execute(cell, cell.file)
        value = read_only(value) if cell.is_formula else value
        if value is not None and cell.name and cell.name not in cell.words.makes:
            self.space.make(cell.name, value)
        return value

    def _execute(self, cell: Cell, file: str) -> Any:
        tree = cell.tree()
        others = [one for one in self.cells.values() if one.name and one.id != cell.id]
        cell.check_names(self.names, {one.name: called(self.cells, one.id) for one in others})
        words = set(cell.words.reads)
        for one in behind(cell, self.cells.values()):
            words |= one.words.reads
        code = compiled(tree, cell.source, file)
        telling = Telling(partial(who_makes, self.cells, self.results, self.names),
                          partial(called_by_file, self.cells))
        return self.space.run(code, words, self.names, telling)
