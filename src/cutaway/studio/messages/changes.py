"""The changes of a document: what its journal holds, checked, and in a line of words.

A change is a plain dict, as it comes from the page and as it lies on the disk:

    {"kind": "prompt", "text": "Sally is slow. She moves"}
    {"kind": "prompt", "text": "The end.<|endoftext|>", "special": true}
    {"kind": "append", "ids": [261, 335]}
    {"kind": "numbers", "table": "h3.attention", "cells": {"head": 1}, "value": 0}
    {"kind": "mean", "table": "h3.mixed", "cells": {"head": 1}}
    {"kind": "from_prompt", "table": "h3.residual", "cells": {}, "prompt": "Sally is slow."}
    {"kind": "formula", "step": "h3.attention", "formula": "softmax(causal(scores) * 2)"}
    {"kind": "operation", "name": "gelu", "source": "def gelu(table): ..."}

`cells` gives for an axis an index, or two numbers [from, to), or nothing for the whole axis.
"""

from collections.abc import Callable
from typing import Annotated, Any

from msgspec import Meta, Struct, to_builtins

from cutaway.axes import AXES
from cutaway.errors import MessageError
from cutaway.studio.messages.fields import LARGEST, Name, Text, checked, short

MOST_NUMBERS = 250_000
WHOLE = "an index, or [from, to] with two whole numbers of at least 0"

Code = Annotated[str, Meta(max_length=100_000)]
PlainChange = dict[str, Any]  # a change as a plain dict


class Prompt(Struct, kw_only=True, tag_field="kind", tag="prompt", omit_defaults=True):
    """Another prompt; `special` makes marks in it the model's own tokens."""

    text: Text
    special: bool = False


class Append(Struct, kw_only=True, tag_field="kind", tag="append"):
    """Tokens written."""

    ids: Annotated[list[Annotated[int, Meta(ge=0, le=2**31 - 1)]],
                   Meta(min_length=1, max_length=100_000)]


class Mean(Struct, kw_only=True, tag_field="kind", tag="mean"):
    """The mean over positions, in cells of a table."""

    table: Name
    cells: dict[str, int | list[int]] = {}

    def __post_init__(self) -> None:
        _check_cells(self.cells)


class Numbers(Mean, kw_only=True, tag_field="kind", tag="numbers"):
    """A number for all cells, or a block of them."""

    value: float | list[Any]

    def __post_init__(self) -> None:
        _check_cells(self.cells)
        self.value = _numbers(self.value)


class FromPrompt(Mean, kw_only=True, tag_field="kind", tag="from_prompt"):
    """The numbers that another prompt gives."""

    prompt: Text


class Formula(Struct, kw_only=True, tag_field="kind", tag="formula"):
    """Another formula for a step."""

    step: Name
    formula: Code


class Operation(Struct, kw_only=True, tag_field="kind", tag="operation"):
    """Other code for an operation."""

    name: Name
    source: Code


Change = Prompt | Append | Numbers | Mean | FromPrompt | Formula | Operation
KINDS = ("prompt", "append", "numbers", "mean", "from_prompt", "formula", "operation")


def checked_change(fields: Any) -> PlainChange:
    """A change with exactly the fields of its kind, each of the right make.

    Raises:  MessageError
    """
    return fields_of(checked(Change, fields))


def fields_of(change: Change) -> PlainChange:
    """A change as a plain dict."""
    return to_builtins(change)


def words_of(change: PlainChange) -> str:
    """What was changed, in a line: "h3.attention[head=1] = 0"."""
    return _WORDS[change["kind"]](change)


def _written(change: PlainChange) -> str:
    count = len(change["ids"])
    return f"{count} token{'' if count == 1 else 's'} written"


def _place(change: PlainChange) -> str:
    """h3.attention[head=1, position=2:5]"""
    written = [f"{axis}={chosen}" if isinstance(chosen, int) else f"{axis}={chosen[0]}:{chosen[1]}"
               for axis, chosen in change["cells"].items()]
    return change["table"] + (f"[{', '.join(written)}]" if written else "")


def _value(change: PlainChange) -> str:
    value = change["value"]
    return f"{value:g}" if isinstance(value, float) else "numbers"


_WORDS: dict[str, Callable[[PlainChange], str]] = {
    "prompt": lambda change: f"the prompt is {_short(change['text'])}"
    + (", its marks the model's own tokens" if change.get("special") else ""),
    "append": _written,
    "numbers": lambda change: f"{_place(change)} = {_value(change)}",
    "mean": lambda change: f"{_place(change)} = its mean over positions",
    "from_prompt": lambda change: f"{_place(change)} = as for {_short(change['prompt'])}",
    "formula": lambda change: f"{change['step']} is {_short(change['formula'])}",
    "operation": lambda change: f"the operation {change['name']} has other code",
}


def _check_cells(cells: dict[str, int | list[int]]) -> None:
    """Raises:  MessageError for what is no axis, no index and no [from, to)"""
    for axis, chosen in cells.items():
        if axis not in AXES:
            raise MessageError(f"'cells': {axis!r:.60} is no axis. The axes are: "
                               f"{', '.join(AXES)}.")
        numbers = chosen if isinstance(chosen, list) and len(chosen) == 2 else [chosen]
        if not all(isinstance(one, int) and 0 <= one < 2**31 for one in numbers):
            raise MessageError(f"'cells': {axis} is {short(chosen)}; {WHOLE} is expected.")


def _numbers(value: Any) -> float | list:
    """A number, or lists of numbers of one length at each depth; never NaN or infinity."""
    count = 0

    def number(one: Any, depth: int) -> Any:
        nonlocal count
        if isinstance(one, list) and depth < 4:
            if not one or any(isinstance(item, list) != isinstance(one[0], list) for item in one):
                raise MessageError("'value': an empty or a ragged list is no block of numbers.")
            return [number(item, depth + 1) for item in one]
        count += 1
        if count > MOST_NUMBERS:
            raise MessageError(f"'value' has more than {MOST_NUMBERS:,} numbers. Change a smaller "
                               f"range, or a table's file.")
        if isinstance(one, bool) or not isinstance(one, int | float) \
                or not -LARGEST <= one <= LARGEST:
            raise MessageError(f"'value' is {short(one)}; a finite number is expected.")
        return float(one)

    return number(value, 0)


def _short(text: str) -> str:
    line = " ".join(text.split())
    return f"“{line if len(line) <= 60 else line[:57] + '...'}”"
