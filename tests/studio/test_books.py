"""Workbooks listed, named, deleted, and opened in each other's place: nothing is ever lost."""

import asyncio
from contextlib import asynccontextmanager
from dataclasses import replace

import pytest

from cutaway.errors import CutawayError, DiskError, DocumentInUse, MessageError
from cutaway.studio.messages.questions import PAGE
from cutaway.studio.process.child import Spare
from cutaway.studio.server.books import (
    begun_book,
    book_called,
    book_of,
    delete_book,
    listed_books,
    name_book,
)
from cutaway.studio.server.document_lock import DocumentLock, address_of
from cutaway.studio.server.documents import (
    documents_folder,
    last_document,
    new_document,
    save,
)
from cutaway.studio.server.open_document import OpenDocument
from cutaway.studio.server.verbs import answered
from tests.studio.asking import as_promised

HEAD_OFF = {"kind": "numbers", "table": "h3.attention", "cells": {"head": 1}, "value": 0}
OTHER_PROMPT = {"kind": "prompt", "text": "The king"}
CELL = {"cell": "c1", "kind": "formula", "name": "", "source": "1 + 1"}


def kept(used, *, model="storybook", **fields):
    """A workbook on the disk that was used at a time."""
    document = replace(new_document(model, "Once"), **fields)
    save(document, used)
    return document


@pytest.fixture
def locked():
    """Take a workbook as another server does."""
    lock = DocumentLock("http://elsewhere/")
    yield lock.take
    lock.release()


# ---- The list --------------------------------------------------------------------------------


def test_the_list_tells_of_each_what_it_is_and_which_was_used_last(locked):
    old = kept(1e9, changes=[HEAD_OFF, OTHER_PROMPT, HEAD_OFF], cursor=2, cells=[CELL])
    gone = kept(2e9, model="gone", name="my study")
    stranger = kept(3e9, changes=[OTHER_PROMPT], cursor=1, trusted=False)
    locked(old.identity)
    (documents_folder() / "damaged").mkdir()
    (documents_folder() / "damaged" / "book.json").write_text("{")
    here, *others = listed_books(gone)
    assert here.pop("used") > 1.7e9  # now
    assert here == {"book": gone.identity, "name": "my study", "model": "gone", "prompt": "Once",
                    "changes": 0, "cells": 0, "open": "here", "has_model": False, "trusted": True}
    assert others == [
        {"book": stranger.identity, "name": "", "model": "storybook", "prompt": "Once",
         "changes": 1, "cells": 0, "used": 3e9, "open": "", "has_model": True, "trusted": False},
        {"book": old.identity, "name": "", "model": "storybook", "prompt": "The king",
         "changes": 2, "cells": 1, "used": 1e9, "open": "elsewhere", "has_model": True,
         "trusted": True}]


@pytest.mark.parametrize("model", ["x" * 5_000, "a\0b", "~nobody-of-that-name/x", "",
                                   "/dev/null/x"])
def test_a_model_that_cannot_even_be_a_path_is_listed_as_gone(model):
    kept(1e9, model=model)
    [one] = listed_books()
    assert not one["has_model"] and len(one["model"]) <= 200


def test_a_model_that_is_a_folder_is_there_as_long_as_the_folder_is(tmp_path):
    kept(1e9, model=str(tmp_path / "mine"))
    assert [one["has_model"] for one in listed_books()] == [False]
    (tmp_path / "mine").mkdir()
    assert [one["has_model"] for one in listed_books()] == [True]


def test_a_workbook_is_found_by_its_name_or_its_key():
    named, other = kept(1e9, name="heads off"), kept(2e9)
    assert book_called("heads off") == named and book_called(other.identity) == other
    with pytest.raises(MessageError, match=r"no workbook 'head of'\. Did you mean 'heads off'"):
        book_called("head of")
    for key in ("0123456789ab", "../../etc", "x" * 5_000, ""):
        with pytest.raises(MessageError, match="no workbook"):
            book_of(key)


# ---- Names -----------------------------------------------------------------------------------


def test_a_name_is_kept_and_does_not_change_when_the_workbook_was_used():
    old, new = kept(1e9, changes=[HEAD_OFF], cursor=1), kept(2e9)
    name_book(old.identity, "  heads \t off\n")
    assert book_of(old.identity) == replace(old, name="heads off")
    assert last_document() == new
    assert [one["used"] for one in listed_books()] == [2e9, 1e9]
    name_book(old.identity, "")
    assert book_of(old.identity) == old


@pytest.mark.parametrize(("name", "message"), [
    ("x" * 5_000, "has 5,000 characters; at most 100 are taken"),
    ("\x1b]0;mine\x07", r"'\\\\x1b\]0;mine\\\\x07' holds a character that nobody sees"),
    ("left\u202eright", "u202e"), ("half \ud800", "ud800"), ("a\0b", "x00"),
    ("taken", "Another workbook is called 'taken'"),
])
def test_what_is_no_name_is_refused_in_words_and_the_old_one_stays(name, message):
    book = kept(1e9, name="before")
    kept(2e9, name="taken")
    with pytest.raises(MessageError, match=message):
        name_book(book.identity, name)
    assert book_of(book.identity) == book


def test_one_that_another_server_has_open_is_neither_named_nor_deleted(locked):
    book = kept(1e9)
    locked(book.identity)
    for act in (delete_book, lambda identity: name_book(identity, "mine")):
        with pytest.raises(DocumentInUse, match="open in a cutaway"):
            act(book.identity)
    assert book_of(book.identity) == book


def test_one_whose_server_was_killed_can_be_deleted():
    """What it leaves is an address; the system took the lock away."""
    book = kept(1e9)
    (documents_folder() / book.identity / "address").write_text("http://gone/")
    (documents_folder() / book.identity / "lock").touch()
    delete_book(book.identity)
    assert not (documents_folder() / book.identity).exists() and listed_books() == []


def test_what_cannot_be_deleted_is_told_and_is_still_there(monkeypatch):
    book = kept(1e9)

    def refuse(*_, **__):
        raise PermissionError(13, "Permission denied")

    with monkeypatch.context() as patched:
        patched.setattr("pathlib.Path.replace", refuse)
        with pytest.raises(DiskError, match="could not be removed: Permission denied"):
            delete_book(book.identity)
    assert book_of(book.identity) == book


def test_an_empty_workbook_is_used_again_and_any_other_is_not(locked):
    kept(5e9, changes=[HEAD_OFF])  # undone, but not gone
    kept(4e9, name="mine")
    kept(3e9, cells=[CELL])
    empty = kept(1e9)
    assert begun_book("storybook", "Once") == empty
    assert begun_book("storybook", "Twice").identity != empty.identity
    locked(empty.identity)
    assert begun_book("storybook", "Once").identity not in [one["book"] for one in listed_books()]


# ---- In the open page's place ----------------------------------------------------------------


@asynccontextmanager
async def opened(lock):
    spare, pushed = Spare(), []
    book = OpenDocument(new_document("storybook", "Once"), spare, lock)
    lock.take(book.saved.identity)
    book.tabs.add(pushed.append)
    try:
        await book.start()
        yield book, pushed
    finally:
        await book.close()
        await spare.close()
        lock.release()


async def ask(document, verb, **fields):
    return as_promised(PAGE[verb].answer, (await answered(document, verb, fields)).ok)


async def refused(document, verb, **fields):
    with pytest.raises(CutawayError) as caught:
        await answered(document, verb, fields)
    return str(caught.value)


def test_going_to_another_workbook_and_back_brings_everything_again(locked, monkeypatch):
    """One server for all of it: what starts one takes most of the time."""
    async def work():
        async with opened(DocumentLock("http://here/")) as (book, pushed):
            first = book.saved.identity
            await book.change(HEAD_OFF)
            await ask(book, "cell_add", kind="formula", source="1 + 1")
            await ask(book, "book_name", book=first, name="heads off")
            before = book.state()
            assert before["name"] == "heads off"

            await ask(book, "open_model", name="storybook")
            second = book.saved.identity
            assert book.state()["changes"] == [] and book.state()["cells"] == []
            assert address_of(first) is None and address_of(second) == "http://here/"
            listed = (await ask(book, "books"))["books"]
            assert [(one["book"], one["name"], one["changes"], one["cells"], one["open"])
                    for one in listed if one["book"] != second] == [
                        (first, "heads off", 1, 1, "")]

            await ask(book, "book_open", book=first)
            after = book.state()
            same = ("book", "name", "prompt", "cursor", "cells", "prediction", "moved", "edited")
            assert {name: after[name] for name in same} == {name: before[name] for name in same}
            assert address_of(first) == "http://here/" and address_of(second) is None

            assert "This workbook is open" in await refused(book, "book_delete", book=first)
            await ask(book, "book_name", book=second, name="empty")
            assert "Another workbook is called 'empty'" in await refused(
                book, "book_name", book=first, name="empty")
            await ask(book, "book_delete", book=second)
            assert [one["push"] for one in pushed].count("books") == 2
            assert [one["book"] for one in listed_books()] == [first]
            assert "no workbook" in await refused(book, "book_open", book=second)

            gone = kept(1e9, model="gone")
            assert "There is no model and no file 'gone'" in await refused(
                book, "book_open", book=gone.identity)
            used = kept(1e9)
            locked(used.identity)
            assert "open in another cutaway" in await refused(book, "book_open", book=used.identity)

            def full(path, *_, **__):
                raise OSError(28, "No space left on device")

            await book.change(OTHER_PROMPT)
            with monkeypatch.context() as patched:
                patched.setattr("pathlib.Path.write_text", full)
                told = await refused(book, "new", prompt="Once")
            assert "could not be written down, so it stays open" in told
            assert "No space left on device" in told
            assert book.saved.identity == first and book.state()["prompt"] == "The king"

    asyncio.run(asyncio.wait_for(work(), 120))
