"""An error in the worker as the server gets it: kind, message and line."""

from types import TracebackType
from typing import Any

from cutaway.errors import CutawayError
from cutaway.studio.worker.runtime.debugger import Stopped
from cutaway.studio.worker.runtime.paused import said
from cutaway.words import message

TOLD = (
    (KeyboardInterrupt, "Interrupted", "Interrupted. Nothing was changed."),
    (Stopped, "Stopped", "Stopped in the debugger. Nothing was changed."),
    (MemoryError, "MemoryError", "This asked for more memory than it may use: {memory} in all. "
                                 "Nothing was changed."),
    (RecursionError, "RecursionError", "A function calls itself without end ({text})."),
    (SystemExit, "SystemExit", "The code asked to leave Python. It was stopped there; the worker "
                               "goes on."),
)


def error_answer(error: BaseException, memory: str) -> dict[str, Any]:
    """An error in words.

    memory  how much the user's code may use, in words
    """
    kind, words = _kind_and_message(error, memory)
    line = vars(error).get("line")
    if not isinstance(line, int):
        line = _line_in_cell(error.__traceback__)
    answer = {"kind": kind, "message": message(words)}
    return answer if line is None else {**answer, "line": line}


def _kind_and_message(error: BaseException, memory: str) -> tuple[str, str]:
    kind, text = type(error).__name__, said(error)
    if isinstance(error, CutawayError):
        return kind, text
    for known, name, words in TOLD:
        if isinstance(error, known):
            return name, words.format(memory=memory, text=text)
    return kind, f"{kind}: {text}" if text else kind


def _line_in_cell(traceback: TracebackType | None) -> int | None:
    """The innermost line of a cell that an error went through."""
    line = None
    while traceback is not None:
        if traceback.tb_frame.f_code.co_filename.startswith("<cell "):
            line = traceback.tb_lineno
        traceback = traceback.tb_next
    return line
