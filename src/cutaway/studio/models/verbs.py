"""The models of this computer, as the page asks for them: list, remove, fetch, take in.

Each function of `VERBS` answers the question of its name. `book.desk` is the server's `ModelDesk`,
and `book.push` tells all tabs. Nothing here reads a file of weights: processes of their own do.
"""

import re
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any, Protocol

from cutaway.errors import MessageError
from cutaway.studio.messages import server_questions as asked
from cutaway.studio.models.tasks import ModelDesk
from cutaway.studio.models.upload import Upload

# What the hub can have in a name, and nothing that could lead to another address.
HUB_NAME = re.compile(r"[A-Za-z0-9][\w.-]{0,95}(/[A-Za-z0-9][\w.-]{0,95})?", re.ASCII)

Answer = dict[str, Any]


class Book(Protocol):
    """What is needed of an open book."""

    desk: ModelDesk

    def push(self, message: dict[str, Any], /) -> None:
        """Tell all tabs."""


async def models(book: Book, question: asked.Models) -> Answer:
    fetching = book.desk.fetching
    return {**await book.desk.work("list"), "store": _shown(book.desk.store_folder),
            "fetch": fetching and fetching.to_dict()}


async def model_tensors(book: Book, question: asked.ModelTensors) -> Answer:
    return await book.desk.work("tensors", {"name": question.name})


async def model_remove(book: Book, question: asked.ModelRemove) -> Answer:
    await book.desk.work("remove", {"name": question.name})
    book.push({"push": "models"})
    return {}


async def model_fetch(book: Book, question: asked.ModelFetch) -> Answer:
    name = question.name.strip()
    if not HUB_NAME.fullmatch(name):
        raise MessageError(f"{name!r} is no model of the hub. Give gpt2, gpt2-medium, gpt2-large, "
                           "gpt2-xl, or a repository as OWNER/NAME.")
    return {"fetch": book.desk.fetch(name, book.push).to_dict()}


async def model_fetch_stop(book: Book, question: asked.ModelFetchStop) -> Answer:
    book.desk.stop_fetching()
    return {}


async def upload_begin(book: Book, question: asked.UploadBegin) -> Answer:
    uploads = book.desk.uploads
    upload = uploads.find(question.upload) if question.upload is not None else None
    upload, announced = uploads.begin([(file.name, file.bytes) for file in question.files], upload)
    book.desk.watch_uploads()
    return {"upload": upload.key, "files": [file.to_dict() for file in announced]}


async def upload_check(book: Book, question: asked.UploadCheck) -> Answer:
    upload = book.desk.uploads.find(question.upload)
    found = await book.desk.work_on(upload, "check", _choices(question), book.push)
    return {**found, "upload": upload.key, "files": _files(upload, found["files"])}


async def upload_finish(book: Book, question: asked.UploadFinish) -> Answer:
    upload = book.desk.uploads.find(question.upload)
    fields = {"name": question.name, "replace": question.replace, **_choices(question)}
    kept = await book.desk.work_on(upload, "keep", fields, book.push)
    book.desk.drop(upload)
    book.push({"push": "models"})
    return kept


async def upload_leave_out(book: Book, question: asked.UploadLeaveOut) -> Answer:
    upload = book.desk.uploads.find(question.upload)
    upload.leave_out(question.index)
    return {"upload": upload.key, "files": _files(upload, [])}


async def upload_drop(book: Book, question: asked.UploadDrop) -> Answer:
    book.desk.drop(book.desk.uploads.find(question.upload))
    return {}


VERBS: dict[str, Callable[[Any, Any], Awaitable[Answer]]] = {
    verb.__name__: verb for verb in (
        models, model_tensors, model_remove, model_fetch, model_fetch_stop, upload_begin,
        upload_check, upload_finish, upload_leave_out, upload_drop)}


def _shown(folder: Path) -> str:
    """A folder's path as people write it."""
    home = Path.home()
    return f"~/{folder.relative_to(home)}" if folder.is_relative_to(home) else str(folder)


def _choices(question: asked.UploadCheck) -> dict[str, Any]:
    """What the user has to say where the files do not: the number of heads, a tokenizer."""
    return {"n_head": question.n_head, "tokenizer": question.tokenizer}


def _files(upload: Upload, verdicts: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """The files with what was found out about those that are here."""
    found = {verdict["index"]: verdict for verdict in verdicts}
    return [{**file.to_dict(), **found.get(index, {})} for index, file in upload.dropped.items()]
