"""Running a cell's code, and telling its errors with the line in the user's own source."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from traceback import walk_tb
from types import CodeType, TracebackType
from typing import Any

from cutaway.errors import CodeError
from cutaway.scratch.source import VALUE
from cutaway.words import message

INTERRUPTED = "It was stopped before its end."
_WHAT_TO_DO = {
    "ModuleNotFoundError": " Install it where Cutaway is installed, then run this again.",
    "RecursionError": " A function calls itself and never comes to an end.",
    "MemoryError": " There is not enough memory for a table of that size; take fewer rows.",
    "SystemExit": " A cell needs no exit(): it ends with its last line.",
}
_READ_ONLY = "read-only"


@dataclass(frozen=True)
class Telling:
    """How errors are said in the words of the sheet.

    suggest  what to do about a name that nothing has
    place    the words for a cell, by the name of its file: "queen (cell 2)"
    """

    suggest: Callable[[str], str]
    place: Callable[[str], str]


def run_code(code: CodeType, names: dict[str, Any], telling: Telling) -> Any:
    """What code gives: an expression's value, or what a cell's last line left.

    names    what its words mean; the names that it makes are entered
    Raises:  CodeError for whatever goes wrong in it; KeyboardInterrupt passes through
    """
    try:
        value = eval(code, names)  # runs statements as well; they give None
    except (Exception, SystemExit) as error:
        said = _said(error)
        words = said + _what_to_do(error, said, telling) + _way(error, telling)
        raise CodeError(words, line_in(error.__traceback__, code.co_filename)) from error
    return names.pop(VALUE, value)


def line_in(trace: TracebackType | None, file: str) -> int | None:
    """The innermost line of a file that a traceback passes through."""
    lines = [line for name, line, _ in _frames(trace) if name == file]
    return lines[-1] if lines else None


def _frames(trace: TracebackType | None) -> Iterator[tuple[str, int, str]]:
    for frame, line in walk_tb(trace):
        yield frame.f_code.co_filename, line, frame.f_code.co_name


def _said(error: BaseException) -> str:
    """ValueError: what it says of itself; a class of the user's own may fail even at that."""
    try:
        text = "" if isinstance(error, SystemExit) else str(error).strip()
    except Exception as failure:
        text = f"its text cannot be made ({type(failure).__name__})"
    return f"{type(error).__name__}: {message(text)}" if text else f"{type(error).__name__}."


def _what_to_do(error: BaseException, said: str, telling: Telling) -> str:
    """The next sentence, where there is one."""
    stop = "" if said.endswith(".") else "."
    if isinstance(error, NameError) and error.name and not isinstance(error, UnboundLocalError):
        return stop + telling.suggest(error.name)
    if isinstance(error, ValueError) and _READ_ONLY in said:
        return (f"{stop} Tables are never written to: take a copy first, such as "
                f"mine = logits.copy().")
    hint = _WHAT_TO_DO.get(type(error).__name__, "")
    return stop + hint if hint else ""


def _way(error: BaseException, telling: Telling) -> str:
    """The functions between the line that ran and the one that failed."""
    calls = [(file, line, function) for file, line, function in _frames(error.__traceback__)
             if file.startswith("<cell ") and not function.startswith("<")]
    places = [f"{function}, line {line} of {telling.place(file)}" for file, line, function in calls]
    return f"\nIt happened in {'; called by '.join(places[::-1])}." if places else ""
