"""The models of this computer, as the page asks for them: list, remove, fetch, take in.

Each function of `VERBS` answers one kind of message. `book.desk` is the server's `ModelDesk`, and
`book.push` tells all tabs. Nothing here reads a file of weights: processes of their own do.
"""

import re
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any, Protocol

from cutaway.errors import MessageError
from cutaway.studio.message import Message
from cutaway.studio.models.tasks import ModelDesk
from cutaway.studio.models.upload import Upload

MOST_NAME = 200
MOST_HEADS = 10_000
# What the hub can have in a name, and nothing that could lead to another address.
HUB_NAME = re.compile(r"[A-Za-z0-9][\w.-]{0,95}(/[A-Za-z0-9][\w.-]{0,95})?", re.ASCII)

Answer = dict[str, Any]


class Book(Protocol):
    """What is needed of an open book."""

    desk: ModelDesk

    def push(self, message: dict[str, Any], /) -> None:
        """Tell all tabs."""


async def models(book: Book, message: Message) -> Answer:
    """The bundled models and the store's, where the store is, and the download that runs."""
    fetching = book.desk.fetching
    return {**await book.desk.work("list"), "store": _shown(book.desk.store_folder),
            "fetch": fetching and fetching.to_dict()}


async def model_tensors(book: Book, message: Message) -> Answer:
    """Every tensor of one model: name, axes, size, type and file."""
    return await book.desk.work("tensors", {"name": message.text("name", MOST_NAME)})


async def model_remove(book: Book, message: Message) -> Answer:
    """A model of the store is deleted."""
    await book.desk.work("remove", {"name": message.text("name", MOST_NAME)})
    book.push({"push": "models"})
    return {}


async def model_fetch(book: Book, message: Message) -> Answer:
    """A download from the hub begins; `fetch` is pushed until its state is no longer "running"."""
    name = message.text("name", MOST_NAME).strip()
    if not HUB_NAME.fullmatch(name):
        raise MessageError(f"{name!r} is no model of the hub. Give gpt2, gpt2-medium, gpt2-large, "
                           "gpt2-xl, or a repository as OWNER/NAME.")
    return {"fetch": book.desk.fetch(name, book.push).to_dict()}


async def model_fetch_stop(book: Book, message: Message) -> Answer:
    """The download stops; what has come is kept."""
    book.desk.stop_fetching()
    return {}


async def upload_begin(book: Book, message: Message) -> Answer:
    """Files are announced. Their bytes go to /upload/<upload>/<index>, each that is "awaited"."""
    limits = book.desk.uploads.limits
    given = [Message(file) for file in message.items("files", limits.files)]
    files = [(file.text("name"), file.whole("bytes", most=limits.bytes)) for file in given]
    upload = _upload(book, message) if "upload" in message else None
    upload, announced = book.desk.uploads.begin(files, upload)
    book.desk.watch_uploads()
    return {"upload": upload.key, "files": [file.to_dict() for file in announced]}


async def upload_check(book: Book, message: Message) -> Answer:
    """What has come so far: which tensors are there, which are missing, what is wrong."""
    upload = _upload(book, message)
    found = await book.desk.work_on(upload, "check", _choices(message), book.push)
    return {**found, "upload": upload.key, "files": _files(upload, found["files"])}


async def upload_finish(book: Book, message: Message) -> Answer:
    """The files become a model of the store, and are let go."""
    upload = _upload(book, message)
    fields = {"name": message.text("name", MOST_NAME), "replace": message.flag("replace"),
              **_choices(message)}
    kept = await book.desk.work_on(upload, "keep", fields, book.push)
    book.desk.drop(upload)
    book.push({"push": "models"})
    return kept


async def upload_leave_out(book: Book, message: Message) -> Answer:
    """One file is taken away again."""
    upload = _upload(book, message)
    upload.leave_out(message.whole("index"))
    return {"upload": upload.key, "files": _files(upload, [])}


async def upload_drop(book: Book, message: Message) -> Answer:
    """All files of an upload are let go."""
    book.desk.drop(_upload(book, message))
    return {}


VERBS: dict[str, Callable[[Any, Message], Awaitable[Answer]]] = {
    "models": models,
    "model_tensors": model_tensors,
    "model_remove": model_remove,
    "model_fetch": model_fetch,
    "model_fetch_stop": model_fetch_stop,
    "upload_begin": upload_begin,
    "upload_check": upload_check,
    "upload_finish": upload_finish,
    "upload_leave_out": upload_leave_out,
    "upload_drop": upload_drop,
}


def _shown(folder: Path) -> str:
    """A folder's path as people write it."""
    home = Path.home()
    return f"~/{folder.relative_to(home)}" if folder.is_relative_to(home) else str(folder)


def _upload(book: Book, message: Message) -> Upload:
    return book.desk.uploads.find(message.text("upload", MOST_NAME))


def _choices(message: Message) -> dict[str, Any]:
    """What the user has to say where the files do not: the number of heads, a tokenizer."""
    heads = message.whole("n_head", 1, MOST_HEADS) if "n_head" in message else None
    lender = message.text("tokenizer", MOST_NAME) if "tokenizer" in message else None
    return {"n_head": heads, "tokenizer": lender}


def _files(upload: Upload, verdicts: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """The files with what was found out about those that are here."""
    found = {verdict["index"]: verdict for verdict in verdicts}
    return [{**file.to_dict(), **found.get(index, {})} for index, file in upload.dropped.items()]
