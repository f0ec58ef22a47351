"""Open books on the disk: what a book needs to be opened again, as one small JSON file each.

    CUTAWAY_HOME/books/5f0c.../book.json

A file is written whole or not at all, so that whatever happens to the server the last state
written is there. Nothing in it is run when it is read.
"""

import json
import re
import secrets
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import Any

from msgspec import structs

from cutaway.disk import whole_file
from cutaway.errors import MessageError
from cutaway.folders import data_folder
from cutaway.studio.messages.changes import PlainChange, checked_change
from cutaway.studio.messages.fields import checked
from cutaway.studio.messages.worker_questions import CellSource
from cutaway.studio.share.workbook import Workbook

IDENTITY = re.compile(r"[0-9a-f]{12}")
EXAMPLE = "Mike is quick. He moves"


@dataclass
class SavedBook:
    """All of an open book that must not be lost.

    changes  what was done, in order, also what was undone; `cursor` of them are in force
    cells    the scratch sheet: {"cell", "kind", "name", "source"}
    trusted  False until its owner of today has said that its code may run
    """

    identity: str
    model: str
    prompt: str
    changes: list[PlainChange] = field(default_factory=list)
    cursor: int = 0
    cells: list[dict[str, str]] = field(default_factory=list)
    trusted: bool = True


def new_book(model: str, prompt: str = EXAMPLE) -> SavedBook:
    """A book that nothing was changed in yet."""
    return SavedBook(secrets.token_hex(6), model, prompt)


def stranger_book(workbook: Workbook) -> SavedBook:
    """A book of what a file holds. It may be anybody's: nothing of it runs before a click."""
    return replace(new_book(workbook.model, workbook.prompt), changes=workbook.changes,
                   cursor=len(workbook.changes), cells=workbook.cells,
                   trusted=not (workbook.changes or workbook.cells))


def workbook_of(book: SavedBook) -> Workbook:
    """What of a book is worth a file: the changes in force, and the cells."""
    return Workbook(book.model, book.prompt, book.changes[:book.cursor], book.cells)


def books_folder() -> Path:
    """Where the books lie: beside the models of the store."""
    return data_folder() / "books"


def save(book: SavedBook) -> None:
    """Write a book down.  Raises:  DiskError; then the state before is still there"""
    with whole_file(books_folder() / book.identity / "book.json") as draft:
        draft.parent.mkdir(parents=True, exist_ok=True)
        draft.write_text(json.dumps(asdict(book), ensure_ascii=False, allow_nan=False,
                                    indent=1), encoding="utf-8")


def last_book() -> SavedBook | None:
    """The book that was changed last, if one can be read; a damaged file is passed over."""
    files = sorted(books_folder().glob("*/book.json"), key=_time, reverse=True)
    return next((book for book in map(_read, files) if book is not None), None)


def _time(file: Path) -> float:
    try:
        return file.stat().st_mtime
    except OSError:
        return 0.0


def _read(file: Path) -> SavedBook | None:
    try:
        fields = json.loads(file.read_text(encoding="utf-8"))
        book = SavedBook(**fields)
        book.changes = [checked_change(change) for change in book.changes]
        book.cells = [checked_cell(cell) for cell in book.cells]
    except (OSError, ValueError, TypeError, RecursionError, MessageError):
        return None
    whole = isinstance(book.cursor, int) and 0 <= book.cursor <= len(book.changes)
    texts = all(isinstance(text, str) for text in (book.identity, book.model, book.prompt))
    return book if whole and texts and IDENTITY.fullmatch(book.identity) else None


def checked_cell(fields: Any) -> dict[str, str]:
    """A cell of the scratch sheet with exactly its four texts.  Raises:  MessageError"""
    return structs.asdict(checked(CellSource, fields))
