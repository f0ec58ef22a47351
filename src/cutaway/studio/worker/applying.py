"""A change of the journal, done to a run."""

import linecache
from collections.abc import Callable
from typing import Any

import numpy as np

from cutaway.errors import CodeError, CutawayError, FormulaError
from cutaway.studio.messages.changes import PlainChange
from cutaway.workbook import Run, from_prompt, mean_of
from cutaway.workbook.operations import OPERATIONS


def applied(run: Run, change: PlainChange) -> Run:
    """The run that a change makes of another.

    Raises:  CutawayError, in the words of what refused it
    """
    return _DOING[change["kind"]](run, change)


def _appended(run: Run, change: PlainChange) -> Run:
    for token in change["ids"]:
        run = run.append(token)
    return run


_DOING: dict[str, Callable[[Run, PlainChange], Run]] = {
    "prompt": lambda run, change: run.edit("prompt", change["text"]),
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
