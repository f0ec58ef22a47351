"""The workbooks of this computer: listed, found by name, named, deleted.

    CUTAWAY_HOME/books/5f0c.../book.json

One that a server has open is changed by that server alone, which would write over anything else.
"""

import time
from dataclasses import replace

from cutaway.disk import remove_whole
from cutaway.errors import DocumentInUse, MessageError
from cutaway.studio.messages.changes import words_of
from cutaway.studio.messages.server_answers import ListedBook
from cutaway.studio.server.document_lock import address_of
from cutaway.studio.server.documents import (
    IDENTITY,
    Document,
    documents,
    documents_folder,
    new_document,
    read_document,
    save,
)
from cutaway.weights.find import is_here
from cutaway.words import did_you_mean, harmless, in_one_line

MOST_NAME = 100    # characters
MOST_PROMPT = 200  # characters of a prompt, where it is listed


def listed_books(here: Document | None = None) -> list[ListedBook]:
    """All workbooks, the one that was used last first; damaged ones are passed over.

    here  the one that this server has open, as it is now: it may not be written down yet
    """
    found = [(one, used) for one, used in documents() if not here or one.identity != here.identity]
    if here is not None:
        found.insert(0, (here, time.time()))
    has_model = {name: is_here(name) for name in {one.model for one, _ in found}}
    return [_listed(one, used, here, has_model=has_model[one.model]) for one, used in found]


def _listed(document: Document, used: float, here: Document | None, *,
            has_model: bool) -> ListedBook:
    is_this = here is not None and here.identity == document.identity
    is_open = is_this or address_of(document.identity) is not None
    return {"book": document.identity, "name": in_one_line(document.name, MOST_NAME),
            "model": in_one_line(document.model, MOST_PROMPT),
            "prompt": in_one_line(document.prompt_in_force, MOST_PROMPT),
            "changes": document.cursor, "cells": len(document.cells), "used": used,
            "open": "" if not is_open else "here" if is_this else "elsewhere",
            "has_model": has_model, "trusted": document.trusted}


def book_of(identity: str) -> Document:
    """A workbook by its key.  Raises:  MessageError when there is none"""
    found = read_document(documents_folder() / identity / "book.json") \
        if IDENTITY.fullmatch(identity) else None
    if found is None:
        raise MessageError(f"There is no workbook {identity!r:.60} any more. It may have been "
                           f"deleted elsewhere: look at the list again.")
    return found


def book_called(name: str) -> Document:
    """A workbook by its name, or by its key.  Raises:  MessageError saying what there is"""
    every = [one for one, _ in documents()]
    for one in every:
        if name in (one.name, one.identity):
            return one
    names = [one.name for one in every if one.name]
    raise MessageError(f"There is no workbook {in_one_line(name, MOST_NAME)!r}."
                       f"{did_you_mean(name[:MOST_NAME], names)} `cutaway books` lists all of "
                       f"them, each with its name or its key.")


def changes_in_words(document: Document) -> list[str]:
    """What was changed in a workbook, a line each, also what was undone."""
    return [words_of(change) for change in document.changes]


def checked_name(name: str, identity: str) -> str:
    """What a workbook may be called, in one line; "" lets it go by its prompt.

    identity  of the one that is to be called so
    Raises:  MessageError
    """
    line = " ".join(name.split())
    if len(line) > MOST_NAME:
        raise MessageError(f"The name has {len(line):,} characters; at most {MOST_NAME} are "
                           f"taken. Choose a shorter one.")
    if harmless(line) != line:
        raise MessageError(f"The name {harmless(line)!r} holds a character that nobody sees, and "
                           f"that a terminal may obey. Leave it out.")
    if line and any(one.name == line and one.identity != identity for one, _ in documents()):
        raise MessageError(f"Another workbook is called {line!r}. Choose another name.")
    return line


def name_book(identity: str, name: str) -> None:
    """Call a workbook something else; when it was used last stays as it was.

    Raises:  MessageError, DocumentInUse, DiskError; then it is called as before
    """
    document = book_of(identity)
    expect_closed(identity)
    file = documents_folder() / identity / "book.json"
    save(replace(document, name=checked_name(name, identity)), file.stat().st_mtime)


def delete_book(identity: str) -> None:
    """Delete a workbook for good, whole or not at all.

    Raises:  MessageError, DocumentInUse, DiskError; then it is still there
    """
    book_of(identity)
    expect_closed(identity)
    remove_whole(documents_folder() / identity)


def begun_book(model: str, prompt: str) -> Document:
    """A workbook in which nothing was changed yet: one that is there already, else a new one.

    So whoever goes back and forth between two models leaves no trail of empty workbooks.
    """
    return next((one for one, _ in documents()
                 if one.is_untouched and (one.model, one.prompt) == (model, prompt)
                 and address_of(one.identity) is None), None) or new_document(model, prompt)


def expect_closed(identity: str) -> None:
    """Raises:  DocumentInUse while a server has the workbook open"""
    if address_of(identity) is not None:
        raise DocumentInUse("This workbook is open in a cutaway. Open another one there first, or "
                            "end it with Ctrl-C.")
