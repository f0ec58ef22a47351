"""The changes of an open book: what the journal holds, checked, and in a line of words.

A change is a plain dict, as it comes from the page and as it lies on the disk:

    {"kind": "prompt", "text": "Sally is slow. She moves"}
    {"kind": "append", "ids": [261, 335]}
    {"kind": "numbers", "table": "h3.attention", "cells": {"head": 1}, "value": 0}
    {"kind": "mean", "table": "h3.mixed", "cells": {"head": 1}}
    {"kind": "from_prompt", "table": "h3.residual", "cells": {}, "prompt": "Sally is slow."}
    {"kind": "formula", "step": "h3.attention", "formula": "softmax(causal(scores) * 2)"}
    {"kind": "operation", "name": "gelu", "source": "def gelu(table): ..."}

`cells` gives for an axis an index, or two numbers [from, to), or nothing for the whole axis.
"""

from collections.abc import Callable
from typing import Any

from cutaway.axes import AXES
from cutaway.errors import MessageError
from cutaway.studio.message import Message

KINDS = ("prompt", "append", "numbers", "mean", "from_prompt", "formula", "operation")
MOST_NUMBERS = 250_000
MOST_NAME = 200
MOST_CODE = 100_000
MOST_IDS = 100_000

Change = dict[str, Any]


def checked_change(fields: Any) -> Change:
    """A change with exactly the fields of its kind, each of the right make.

    Raises:  MessageError
    """
    message = Message(fields)
    kind = message.choice("kind", KINDS)
    change: Change = {"kind": kind}
    if kind == "prompt":
        change["text"] = message.text("text")
    elif kind == "append":
        change["ids"] = _ids(message)
    elif kind == "formula":
        change |= {"step": message.text("step", MOST_NAME),
                   "formula": message.text("formula", MOST_CODE)}
    elif kind == "operation":
        change |= {"name": message.text("name", MOST_NAME),
                   "source": message.text("source", MOST_CODE)}
    else:
        change |= {"table": message.text("table", MOST_NAME), "cells": _cells(message)}
        if kind == "numbers":
            change["value"] = _numbers(message.fields.get("value"))
        if kind == "from_prompt":
            change["prompt"] = message.text("prompt")
    return change


def words_of(change: Change) -> str:
    """What was changed, in a line: "h3.attention[head=1] = 0"."""
    return _WORDS[change["kind"]](change)


def _written(change: Change) -> str:
    count = len(change["ids"])
    return f"{count} token{'' if count == 1 else 's'} written"


def _place(change: Change) -> str:
    """h3.attention[head=1, position=2:5]"""
    written = [f"{axis}={chosen}" if isinstance(chosen, int) else f"{axis}={chosen[0]}:{chosen[1]}"
               for axis, chosen in change["cells"].items()]
    return change["table"] + (f"[{', '.join(written)}]" if written else "")


def _value(change: Change) -> str:
    value = change["value"]
    return f"{value:g}" if isinstance(value, float) else "numbers"


_WORDS: dict[str, Callable[[Change], str]] = {
    "prompt": lambda change: f"the prompt is {_short(change['text'])}",
    "append": _written,
    "numbers": lambda change: f"{_place(change)} = {_value(change)}",
    "mean": lambda change: f"{_place(change)} = its mean over positions",
    "from_prompt": lambda change: f"{_place(change)} = as for {_short(change['prompt'])}",
    "formula": lambda change: f"{change['step']} is {_short(change['formula'])}",
    "operation": lambda change: f"the operation {change['name']} has other code",
}


def _ids(message: Message) -> list[int]:
    ids = message.items("ids", MOST_IDS)
    if not ids or not all(type(one) is int and 0 <= one < 2**31 for one in ids):
        raise MessageError("'ids' are not token ids; a list of whole numbers is expected.")
    return ids


def _cells(message: Message) -> dict[str, int | list[int]]:
    """For each axis named: an index, or [from, to)."""
    cells = message.mapping("cells")
    for axis, chosen in cells.items():
        if axis not in AXES:
            raise MessageError(f"'cells': {axis!r:.60} is no axis. The axes are: "
                               f"{', '.join(AXES)}.")
        numbers = chosen if isinstance(chosen, list) and len(chosen) == 2 else [chosen]
        if not all(type(one) is int and 0 <= one < 2**31 for one in numbers):
            raise MessageError(f"'cells': {axis} is {chosen!r:.60}; an index, or [from, to] with "
                               f"two whole numbers of at least 0, is expected.")
    return cells


def _numbers(value: Any) -> float | list:
    """A number, or lists of numbers of one length at each depth; never NaN or infinity."""
    count = 0

    def checked(one: Any, depth: int) -> Any:
        nonlocal count
        if isinstance(one, list) and depth < 4:
            if not one or any(isinstance(item, list) != isinstance(one[0], list) for item in one):
                raise MessageError("'value': an empty or a ragged list is no block of numbers.")
            return [checked(item, depth + 1) for item in one]
        count += 1
        if count > MOST_NUMBERS:
            raise MessageError(f"'value' has more than {MOST_NUMBERS:,} numbers. Change a smaller "
                               f"range, or a table's file.")
        return Message({"value": one}).number("value")

    return checked(value, 0)


def _short(text: str) -> str:
    line = " ".join(text.split())
    return f"“{line if len(line) <= 60 else line[:57] + '...'}”"
