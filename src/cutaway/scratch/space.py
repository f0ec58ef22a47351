"""The names that cells share: those that they have made, and those that the run lends them."""

from collections.abc import Iterable
from types import CodeType
from typing import Any

from cutaway.errors import CodeError, CutawayError, UnknownTable
from cutaway.scratch.names import Names
from cutaway.scratch.run_code import Telling, run_code
from cutaway.words import did_you_mean


class Space:
    """One dictionary, in which all code runs: a function that a cell defines sees what is there
    when it is called, and not what was there when it was defined.
    """

    def __init__(self):
        self._names: dict[str, Any] = {"__name__": "__main__"}
        self._lent: set[str] = set()

    def __getitem__(self, name: str) -> Any:
        """What the cells have made under a name.  Raises:  UnknownTable"""
        if name not in self.made():
            raise UnknownTable(f"No cell has made {name!r}.{did_you_mean(str(name), self.made())}")
        return self._names[name]

    def made(self) -> list[str]:
        """The names that the cells, and lines on the console, have made."""
        return [name for name in list(self._names)
                if name not in self._lent and not name.startswith("__")]

    def make(self, name: str, value: Any) -> None:
        """Enter a cell's value under its name."""
        self._names[name] = value

    def forget(self, names: Iterable[str]) -> None:
        """Take away what cells have made."""
        for name in set(names) - self._lent:
            self._names.pop(name, None)

    def run(self, code: CodeType, words: Iterable[str], names: Names,
            telling: Telling) -> Any:
        """What code gives.

        words    those in it and in the code that it calls: the tables among them are calculated
        Raises:  CodeError; KeyboardInterrupt passes through
        """
        names.tokens.notes.clear()
        try:
            lent = names.meaning(words)
        except CutawayError as error:
            raise CodeError(f"{type(error).__name__}: {error}") from error
        for name in self._lent:
            self._names.pop(name, None)
        self._lent = set(lent)
        self._names.update(lent)
        return run_code(code, self._names, telling)
