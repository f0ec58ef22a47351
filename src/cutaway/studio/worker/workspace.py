"""What the worker holds: the model, and a run for each change of the open book."""

import linecache
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, TypeVar, cast

import numpy as np

from cutaway.errors import CodeError, CutawayError, FormulaError, UnknownTable
from cutaway.model import Model, open_model
from cutaway.studio.messages.changes import PlainChange
from cutaway.tokenizer import Tokenizer
from cutaway.workbook import Run, Table, from_prompt, mean_of
from cutaway.workbook.operations import OPERATIONS

if TYPE_CHECKING:
    from cutaway.course.stage import Stage
    from cutaway.scratch import Scratch
    from cutaway.studio.worker.runtime.debugger import Debugger
    from cutaway.studio.worker.runtime.interrupts import Interrupts
    from cutaway.studio.worker.runtime.output import Output
    from cutaway.studio.worker.verbs.writing import Text

Result = TypeVar("Result")

MOST_RUNS = 24  # runs kept for undo; an older one is made again from its changes


class Workspace:
    """One open book, calculated.

    push      sends a message to the page
    in_main   has something done by the thread that calculates, and gives what it returns
    model     the open model
    changes   what was done, in order; `cursor` of them are in force
    cells     the scratch sheet, once one of its cells has run
    writing   the text that is being written, if one is
    stage     the lesson that is open, if one is
    debugger, output, interrupts  the worker's own, which it sets
    """

    debugger: "Debugger"
    output: "Output"
    interrupts: "Interrupts | None" = None

    def __init__(self, push: Callable[[dict[str, Any]], None],
                 in_main: Callable[[Callable[[], Any]], Any]):
        self.push, self.in_main = push, in_main
        self.changes: list[PlainChange] = []
        self.cursor = 0
        self.cells: Scratch | None = None
        self.writing: Text | None = None
        self._first_prompt = ""
        self.stage: Stage | None = None
        self._runs: list[Run | None] = []
        self._baseline: Run | None = None
        self._models: dict[str, Model] = {}

    # ---- Opening and changing ------------------------------------------------------------

    def open(self, model: str, prompt: str) -> None:
        """Begin a book anew.  Raises:  what opening a model raises; EmptyPrompt, PromptTooLong"""
        opened = self.model_named(model)
        start, self._first_prompt = opened.run(prompt), prompt
        self.model, self.changes, self.cursor = opened, [], 0
        self._runs, self._baseline, self.cells, self.writing = [start], None, None, None

    def model_named(self, name: str) -> Model:
        """A model, opened once."""
        if name not in self._models:
            self._models[name] = open_model(name)
        return self._models[name]

    def change(self, change: PlainChange) -> None:
        """Do one more change, in place of those that were undone.

        Raises:  CutawayError; then nothing has changed
        """
        try:
            run = applied(self.run, change)
            last = run.book.find_role("next_probabilities") or [*run.book.nodes][-1]
            _ = run[last]  # an edit that does not calculate is refused now
        except CutawayError as error:
            raise with_line(error) from error
        self.enter(change, run)

    def enter(self, change: PlainChange, run: Run) -> None:
        """Take a run as what a change made of the one before."""
        if self.interrupts is not None:
            self.interrupts.hold()  # from here to the reply: what is entered is not interrupted
        self.changes = [*self.changes[:self.cursor], change]
        self._runs = [*self._runs[:self.cursor + 1], run]
        self.cursor += 1
        if self.cursor > MOST_RUNS:
            self._runs[self.cursor - MOST_RUNS] = None

    def show_growing(self, run: Run) -> None:
        """Show a run that is still being written, in place of the newest."""
        self._runs[self.cursor] = run

    def go_to(self, cursor: int) -> None:
        """Back, or forward again, to the state after so many changes."""
        self.cursor = min(cursor, len(self.changes))

    # ---- Reading -------------------------------------------------------------------------

    @property
    def run(self) -> Run:
        """The run after the changes that are in force."""
        return self._run_at(self.cursor)

    def _run_at(self, cursor: int) -> Run:
        run = self._runs[cursor]
        if run is None:
            run = applied(self._run_at(cursor - 1), self.changes[cursor - 1])
            self._runs[cursor] = run
        return run

    @property
    def baseline(self) -> Run:
        """The same prompt with the model's own numbers and formulas: what `before` means."""
        run = self.run
        if not self.edited:
            return run
        known = self._baseline
        if known is None or not np.array_equal(known.ids, run.ids):
            longer = known is not None and np.array_equal(known.ids, run.ids[:-1])
            self._baseline = known.append(int(run.ids[-1])) if known and longer else \
                self.model.run(run.ids)
        return self._baseline  # type: ignore[return-value]

    @property
    def prompt(self) -> tuple[str, bool]:
        """The prompt as it was typed, and whether marks in it are the model's own tokens."""
        typed = [change for change in self.changes[:self.cursor] if change["kind"] == "prompt"]
        return (typed[-1]["text"], typed[-1].get("special", False)) if typed \
            else (self._first_prompt, False)

    @property
    def edited(self) -> bool:
        """Whether anything besides the prompt was changed."""
        return bool(self.run.edits or self.run.book.replaced)

    def table(self, name: str, of: str = "now") -> Table:
        """A table of the run, or of the run without edits; calculated if it is not held.

        of       "now" or "before"
        Raises:  UnknownTable; ShapeMismatch for a result of a cell that is no block of numbers
        """
        if name.startswith("scratch."):
            if self.cells is None:
                raise UnknownTable(f"{name}: no cell of the scratch sheet has run yet. Run it "
                                   f"first.")
            return self.cells.table(name.removeprefix("scratch."))
        run = self.run if of == "now" else self.baseline
        if name in run.book.constants or name not in run.book:
            run.book.check_name(name)
            raise UnknownTable(f"{name} is a plain number of the model's shape, and no table.")
        return run[name] if run.holds(name) else self.in_main(lambda: run[name])


# ---- A change of the journal, done to a run --------------------------------------------------


def applied(run: Run, change: PlainChange) -> Run:
    """The run that a change makes of another.

    Raises:  CutawayError, in the words of what refused it
    """
    return _DOING[change["kind"]](run, change)


def _with_prompt(run: Run, change: PlainChange) -> Run:
    if not change.get("special"):
        return run.edit("prompt", change["text"])
    return run.edit("ids", cast(Tokenizer, run.vocabulary).encode_with_special(change["text"]))


def _appended(run: Run, change: PlainChange) -> Run:
    for token in change["ids"]:
        run = run.append(token)
    return run


_DOING: dict[str, Callable[[Run, PlainChange], Run]] = {
    "prompt": _with_prompt,
    "append": _appended,
    "numbers": lambda run, change: run.edit(
        change["table"], change["value"], **selectors(change["cells"])),
    "mean": lambda run, change: mean_of(run, change["table"], **selectors(change["cells"])),
    "from_prompt": lambda run, change: from_prompt(
        run, change["table"], change["prompt"], **selectors(change["cells"])),
    "formula": lambda run, change: run.rewrite(change["step"], change["formula"]),
    "operation": lambda run, change: run.redefine(
        operation_from(change["name"], change["source"])),
}


def selectors(cells: dict[str, Any]) -> dict[str, Any]:
    """The cells of a change as a run selects them: an index stays, [from, to) becomes a slice."""
    return {axis: slice(*chosen) if isinstance(chosen, list) else chosen
            for axis, chosen in cells.items()}


def with_line(error: CutawayError) -> CutawayError:
    """An error with the line of the user's operation that raised it, where one did."""
    line, traceback = None, error.__cause__.__traceback__ if error.__cause__ else None
    while traceback is not None:
        if traceback.tb_frame.f_code.co_filename.startswith("<operation "):
            line = traceback.tb_lineno
        traceback = traceback.tb_next
    return error if line is None else CodeError(str(error), line)


def operation_from(name: str, source: str) -> Callable:
    """The function that a user's code defines under an operation's name.

    Raises:  CodeError with the line; FormulaError when it defines no such function
    """
    file = f"<operation {name}>"
    linecache.cache[file] = (len(source), None, source.splitlines(keepends=True), file)
    names: dict[str, Any] = {**OPERATIONS, "np": np}
    try:
        exec(compile(source, file, "exec"), names)
    except SyntaxError as error:
        raise CodeError(f"{name}: this code cannot be read ({error.msg}).", error.lineno) from None
    except Exception as error:
        raise CodeError(f"{name}: {type(error).__name__}: {error}") from error
    function = names.get(name)
    if function is OPERATIONS.get(name) or not hasattr(function, "__code__"):
        raise FormulaError(f"The code defines no function {name!r}. Write it as: "
                           f"def {name}(table): ...")
    return function  # type: ignore[return-value]
