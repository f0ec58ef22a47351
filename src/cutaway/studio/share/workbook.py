"""A workbook as it is saved: what makes an open book again, and nothing that was calculated."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from msgspec import Struct, structs

from cutaway.errors import MessageError, WorkbookFileError
from cutaway.studio.messages.changes import PlainChange, checked_change
from cutaway.studio.messages.fields import Path, Text, checked
from cutaway.studio.messages.worker_questions import CellSource

MOST_CHANGES = 10_000
MOST_CELLS = 200

Cell = dict[str, str]


class _Beginning(Struct):
    model: Path
    prompt: Text


@dataclass(frozen=True)
class Workbook:
    """A model, a prompt, what was changed, and the cells of the scratch sheet.

    model    as `cutaway models` lists it, or the path that it was opened from
    changes  those in force, as `cutaway.studio.messages.changes` describes them
    cells    {"cell", "kind", "name", "source"}; "cell" counts them: "c1", "c2", ...
    Raises:  WorkbookFileError when a part of it is not what it should be
    """

    model: str
    prompt: str
    changes: list[PlainChange]
    cells: list[Cell]

    def __post_init__(self):
        try:
            self._check()
        except MessageError as error:
            raise WorkbookFileError(str(error)) from None

    def _check(self) -> None:
        checked(_Beginning, {"model": self.model, "prompt": self.prompt})
        _expect_at_most(self.changes, MOST_CHANGES, "changes")
        _expect_at_most(self.cells, MOST_CELLS, "cells")
        changes = [checked_change(change) for change in self.changes]
        cells = [_checked_cell(cell, place) for place, cell in enumerate(self.cells, start=1)]
        _expect_text([self.model, self.prompt, *_texts(changes), *_texts(cells)])
        object.__setattr__(self, "changes", changes)
        object.__setattr__(self, "cells", cells)


def _checked_cell(fields: Mapping[str, Any], place: int) -> Cell:
    return structs.asdict(checked(CellSource, {**fields, "cell": f"c{place}"}))


def _expect_at_most(items: list, most: int, things: str) -> None:
    if len(items) > most:
        raise WorkbookFileError(f"The workbook has {len(items):,} {things}; at most {most:,} are "
                                f"taken.")


def _texts(items: Iterable[Mapping[str, Any]]) -> list[str]:
    return [value for item in items for value in item.values() if isinstance(value, str)]


def _expect_text(texts: list[str]) -> None:
    """Raises:  WorkbookFileError for half of a surrogate pair, which no file can hold"""
    for text in texts:
        try:
            text.encode("utf-8")
        except UnicodeEncodeError as error:
            start = max(0, error.start - 10)
            raise WorkbookFileError(
                f"{text[start:error.end + 10]!a} holds half of a surrogate pair, which is no "
                f"character and cannot be written to a file. Remove it.") from None
