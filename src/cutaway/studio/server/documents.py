"""Documents on the disk: what one needs to be opened again, as one small JSON file each.

    CUTAWAY_HOME/books/5f0c.../book.json

A file is written whole or not at all, so that whatever happens to the server the last state
written is there. Nothing in it is run when it is read.
"""

import json
import os
import re
import secrets
from collections.abc import Iterator
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import Any

from msgspec import structs

from cutaway.disk import settle_leftovers, whole_file
from cutaway.errors import CutawayError
from cutaway.folders import data_folder
from cutaway.reading import expect_file, json_of
from cutaway.studio.messages.changes import PlainChange, checked_change
from cutaway.studio.messages.fields import checked
from cutaway.studio.messages.worker_questions import CellSource
from cutaway.studio.share.workbook import Workbook

IDENTITY = re.compile(r"[0-9a-f]{12}")
MOST_BYTES = 500_000_000  # 10,000 changes, some of which are tables of numbers
EXAMPLE = "Mike is quick. He moves"


@dataclass
class Document:
    """All of an open document that must not be lost.

    changes  what was done, in order, also what was undone; `cursor` of them are in force
    cells    the scratch sheet: {"cell", "kind", "name", "source"}
    trusted  False until its owner of today has said that its code may run
    name     what its owner calls it; "" where it goes by its prompt
    """

    identity: str
    model: str
    prompt: str
    changes: list[PlainChange] = field(default_factory=list)
    cursor: int = 0
    cells: list[dict[str, str]] = field(default_factory=list)
    trusted: bool = True
    name: str = ""

    @property
    def is_untouched(self) -> bool:
        """Whether nothing was changed in it, and it has no cells and no name."""
        return not (self.changes or self.cells or self.name)

    @property
    def prompt_in_force(self) -> str:
        """The prompt that was typed last, of the changes that are in force."""
        in_force = self.changes[:self.cursor] if self.trusted else []
        typed = [change["text"] for change in in_force if change["kind"] == "prompt"]
        return typed[-1] if typed else self.prompt


def new_document(model: str, prompt: str = EXAMPLE) -> Document:
    """A document that nothing was changed in yet."""
    return Document(secrets.token_hex(6), model, prompt)


def document_of_file(workbook: Workbook) -> Document:
    """A document of what a file holds. It may be anybody's: nothing of it runs before a click."""
    return replace(new_document(workbook.model, workbook.prompt), changes=workbook.changes,
                   cursor=len(workbook.changes), cells=workbook.cells,
                   trusted=not (workbook.changes or workbook.cells))


def workbook_of(document: Document) -> Workbook:
    """What of a document is worth a file: the changes in force, and the cells."""
    return Workbook(document.model, document.prompt, document.changes[:document.cursor],
                    document.cells)


def documents_folder() -> Path:
    """Where the books lie: beside the models of the store."""
    return data_folder() / "books"


def save(document: Document, used: float | None = None) -> None:
    """Write a document down, for its owner only: it holds texts of theirs.

    used     when it was used last, in seconds since 1970; now, where nothing is given
    Raises:  DiskError; then the state before is still there
    """
    file = documents_folder() / document.identity / "book.json"
    with whole_file(file, parents=True) as draft:
        draft.write_text(json.dumps(asdict(document), ensure_ascii=False, allow_nan=False,
                                    indent=1), encoding="utf-8")
        draft.chmod(0o600)
        if used is not None:
            os.utime(draft, (used, used))


def last_document() -> Document | None:
    """The document that was used last, if one can be read; a damaged file is passed over."""
    return next((document for document, _ in documents()), None)


def documents() -> Iterator[tuple[Document, float]]:
    """Every document that can be read, with when it was used, the last one first.

    What processes that have ended left half written, or half deleted, is settled.
    """
    settle_leftovers(documents_folder())
    folders = list(documents_folder().glob("[!.]*"))
    for folder in folders:
        settle_leftovers(folder)
    files = sorted(((_time(folder / "book.json"), folder / "book.json") for folder in folders),
                   reverse=True)
    for used, file in files:
        if (document := read_document(file)) is not None:
            yield document, used


def _time(file: Path) -> float:
    try:
        return file.stat().st_mtime
    except OSError:
        return 0.0


def read_document(file: Path) -> Document | None:
    """The document of a file; None for one that is damaged, or is in another one's folder."""
    try:
        expect_file(file)
        document = Document(**json_of(file, MOST_BYTES))
        document.changes = [checked_change(change) for change in document.changes]
        document.cells = [checked_cell(cell) for cell in document.cells]
    except (OSError, ValueError, TypeError, RecursionError, MemoryError, CutawayError):
        return None
    whole = isinstance(document.cursor, int) and 0 <= document.cursor <= len(document.changes)
    texts = all(isinstance(text, str)
                for text in (document.identity, document.model, document.prompt, document.name))
    return document if whole and texts and document.identity == file.parent.name \
        and IDENTITY.fullmatch(document.identity) else None


def checked_cell(fields: Any) -> dict[str, str]:
    """A cell of the scratch sheet with exactly its four texts.  Raises:  MessageError"""
    return structs.asdict(checked(CellSource, fields))
