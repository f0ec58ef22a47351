"""A paused frame as the debugger's panel shows it: where it is, and its locals as tables."""

import linecache
import reprlib
import types
from collections.abc import Iterable, Mapping
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np

import cutaway
from cutaway.words import shape_in_words

MOST_SHOWN = 12        # rows and columns
MOST_CHARACTERS = 160  # of a value's text
MOST_LOCALS = 60
PACKAGE = Path(cutaway.__file__).parent
MATHEMATICS = (PACKAGE / "models", PACKAGE / "workbook" / "operations.py")
TYPED_IN = ("<cell ", "<formula of ", "<operation ")
_NOT_SHOWN = (types.ModuleType, types.FunctionType, types.BuiltinFunctionType, types.MethodType,
              type)


@cache
def place_of(file: str) -> str | None:
    """How a code's file is called for a reader; None in the engine room, where nothing stops.

    Cells, formulas and operations that were typed in have their own names; of Cutaway's files it
    is the models and the operations: the mathematics.
    """
    if file.startswith(TYPED_IN):
        return file
    path = Path(file)
    if any(path == one or one in path.parents for one in MATHEMATICS):
        return path.relative_to(PACKAGE).as_posix()
    return None


def described(frame: types.FrameType, watch: Iterable[str], *,
              gives: tuple[Any, ...] = (), raised: str = "") -> dict[str, Any]:
    """All that the panel shows of a pause.

    watch   expressions to evaluate in the frame
    gives   what the function is about to return, if it is
    raised  the exception that has just been raised, in words
    """
    locals_shown = [shown(name, value) for name, value in _locals(frame)]
    return {**_position(frame), "event": "raised" if raised else "gives" if gives else "line",
            "source": "".join(linecache.getlines(frame.f_code.co_filename)),
            "stack": [_position(one) for one in frames_of_interest(frame)],
            "raised": raised,
            "locals": [shown("gives", value) for value in gives] + locals_shown,
            "watch": [watched(expression, frame) for expression in watch]}


def frames_of_interest(frame: types.FrameType | None) -> list[types.FrameType]:
    """The frames of a stack that a reader knows, innermost first."""
    found = []
    while frame is not None:
        if place_of(frame.f_code.co_filename):
            found.append(frame)
        frame = frame.f_back
    return found


def _position(frame: types.FrameType) -> dict[str, Any]:
    return {"where": place_of(frame.f_code.co_filename), "function": frame.f_code.co_name,
            "line": frame.f_lineno}


def _locals(frame: types.FrameType) -> list[tuple[str, Any]]:
    """The variables that hold something to look at; of a cell, what it made last comes first."""
    found = [(name, value) for name, value in list(frame.f_locals.items())
             if not name.startswith(("_", ".")) and _is_shown(value)]
    return (found[::-1] if frame.f_code.co_name == "<module>" else found)[:MOST_LOCALS]


def _is_shown(value: Any) -> bool:
    """Whether it is a value: no code, and none of Cutaway's objects that a cell is given."""
    ours = str(type(value).__module__).startswith("cutaway.")
    return not issubclass(type(value), _NOT_SHOWN) and (_numbers(value) is not None or not ours)


def watched(expression: str, frame: types.FrameType) -> dict[str, Any]:
    """An expression's value in a frame; an error is its text."""
    names: Mapping[str, Any] = frame.f_locals
    try:
        # Inner scopes of the expression, such as a comprehension's, look names up in the globals.
        value = eval(compile(expression.strip(), "<watch>", "eval"),
                     {**frame.f_globals, **names}, names)
        return shown(expression, value) | {"error": False}
    except KeyboardInterrupt:
        return _failed(expression, "Interrupted.")
    except BaseException as error:
        return _failed(expression, f"{type(error).__name__}: {said(error)}")


def said(error: BaseException) -> str:
    """What an error says of itself; it may be of the user's own making."""
    try:
        return str(error)
    except Exception:
        return f"a {type(error).__name__} that cannot be shown"


def _failed(expression: str, words: str) -> dict[str, Any]:
    return {"name": expression, "text": words[:MOST_CHARACTERS], "error": True}


def shown(name: str, value: Any) -> dict[str, Any]:
    """A value as text and, where it is a table of numbers, with its first rows.

    rows  at most 12 x 12 numbers; of a table with more axes, the first page. What is no finite
          number is a text: "inf", "-inf", "nan"
    """
    numbers = _numbers(value)
    if numbers is None:
        return {"name": name, "text": _text(value)}
    shown = {"name": name, "text": _text(value), "shape_words": shape_in_words(numbers.shape)}
    if not numbers.size:
        return shown
    page = numbers
    while page.ndim > 2:
        page = page[0]
    page = np.atleast_2d(page)[:MOST_SHOWN, :MOST_SHOWN]
    return shown | {"lowest": _plain(numbers.min()), "largest": _plain(numbers.max()),
                   "rows": [[_plain(number) for number in row] for row in page]}


def _numbers(value: Any) -> np.ndarray | None:
    """The array in anything that is one, tables and tensors too."""
    try:
        if not hasattr(type(value), "__array__") or not value.shape:
            return None
        numbers = np.asarray(value)
    except Exception:  # whatever the code of somebody's own array may do
        return None
    return numbers if numbers.dtype.kind in "biuf" else None


def _plain(number: Any) -> float | int | bool | str:
    """A number with six digits, as JSON can say it."""
    if number.dtype.kind != "f":
        return number.item()
    return float(f"{number:.6g}") if np.isfinite(number) else str(number)


def _text(value: Any) -> str:
    if issubclass(type(value), np.generic):
        return str(value)[:MOST_CHARACTERS]
    short = reprlib.Repr()
    short.maxstring = short.maxother = MOST_CHARACTERS
    try:
        with np.printoptions(threshold=20, edgeitems=2, precision=4):
            text = short.repr(value)
    except Exception as error:
        text = f"<{type(value).__name__}: no text of it, {type(error).__name__}>"
    return " ".join(text.split())[:MOST_CHARACTERS]
