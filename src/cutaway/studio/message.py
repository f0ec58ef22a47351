"""A message from the page: what it asks for, each field checked when it is read."""

import math
from collections.abc import Collection, Mapping
from typing import Any

from cutaway.errors import MessageError

MOST_CHARACTERS = 1_000_000
MOST_COUNT = 2**31 - 1


class Message:
    """The fields of one message. Each reader says what it found and what it expected.

        message = Message({"do": "tile", "row": 3})
        message.whole("row", most=785)              # 3

    Raises:  MessageError, from every reader, naming the field
    """

    def __init__(self, fields: Mapping[str, Any]):
        if not isinstance(fields, Mapping):
            raise MessageError(f"The message is {_short(fields)}; an object with the field "
                               f"'do' is expected.")
        self.fields = dict(fields)

    def __contains__(self, name: str) -> bool:
        return self.fields.get(name) is not None

    def text(self, name: str, most: int = MOST_CHARACTERS, default: str | None = None) -> str:
        """A text of at most so many characters."""
        value = self.fields.get(name, default)
        if not isinstance(value, str):
            raise self._wrong(name, value, "a text")
        if len(value) > most:
            raise MessageError(f"{name!r} has {len(value):,} characters; at most {most:,} are "
                               f"taken.")
        return value

    def whole(self, name: str, least: int = 0, most: int = MOST_COUNT,
              default: int | None = None) -> int:
        """A whole number within bounds; true and 1.0 are none."""
        value = self.fields.get(name, default)
        if isinstance(value, bool) or not isinstance(value, int) or not least <= value <= most:
            raise self._wrong(name, value, f"a whole number from {least:,} to {most:,}")
        return value

    def number(self, name: str, default: float | None = None) -> float:
        """A number that is finite."""
        value = self.fields.get(name, default)
        if isinstance(value, bool) or not isinstance(value, int | float):
            raise self._wrong(name, value, "a number")
        try:
            number = float(value)
        except OverflowError:
            number = math.inf
        if not math.isfinite(number):
            raise self._wrong(name, value, "a finite number")
        return number

    def flag(self, name: str, default: bool = False) -> bool:
        """True or false."""
        value = self.fields.get(name, default)
        if not isinstance(value, bool):
            raise self._wrong(name, value, "true or false")
        return value

    def choice(self, name: str, choices: Collection[str], default: str | None = None) -> str:
        """One of several words."""
        value = self.fields.get(name, default)
        if not isinstance(value, str) or value not in choices:
            raise self._wrong(name, value, f"one of {', '.join(choices)}")
        return value

    def mapping(self, name: str) -> dict[str, Any]:
        """An object; an empty one when the field is not there."""
        value = self.fields.get(name)
        if value is None:
            return {}
        if not isinstance(value, dict):
            raise self._wrong(name, value, "an object")
        return value

    def items(self, name: str, most: int) -> list[Any]:
        """A list of at most so many things; an empty one when the field is not there."""
        value = self.fields.get(name)
        if value is None:
            return []
        if not isinstance(value, list) or len(value) > most:
            raise self._wrong(name, value, f"a list of at most {most:,}")
        return value

    def message(self, name: str) -> "Message":
        """An object as a message of its own."""
        return Message(self.mapping(name))

    def select(self, name: str = "select") -> dict[str, int]:
        """Which page of a table is meant: an index by axis."""
        chosen = self.mapping(name)
        for axis, index in chosen.items():
            if isinstance(index, bool) or not isinstance(index, int) or index < 0:
                raise MessageError(f"{name!r}: {axis} is {_short(index)}; a whole number of at "
                                   f"least 0 is expected.")
        return chosen

    def _wrong(self, name: str, value: Any, expected: str) -> MessageError:
        found = "missing" if value is None else _short(value)
        return MessageError(f"{name!r} is {found}; {expected} is expected.")


def _short(value: Any) -> str:
    text = repr(value)
    return text if len(text) <= 60 else text[:57] + "..."
