"""The models of this computer, as the page asks for them: list, remove, fetch, take in.

Each function of `VERBS` answers the question of its name. `document.models` is the server's
`ModelTasks`, and `document.push` tells all tabs. Nothing here reads a file of weights: child
processes do.
"""

import re
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any, Protocol

from cutaway.errors import MessageError
from cutaway.studio.messages import server_questions as asked
from cutaway.studio.models.tasks import ModelTasks
from cutaway.studio.models.upload import Upload

# What the hub can have in a name, and nothing that could lead to another address.
HUB_NAME = re.compile(r"[A-Za-z0-9][\w.-]{0,95}(/[A-Za-z0-9][\w.-]{0,95})?", re.ASCII)

Answer = dict[str, Any]


class OpenDocument(Protocol):
    """What is needed of an open document."""

    models: ModelTasks

    def push(self, message: dict[str, Any], /) -> None:
        """Tell all tabs."""


async def models(document: OpenDocument, question: asked.Models) -> Answer:
    fetching = document.models.fetching
    return {**await document.models.work("list"), "store": _shown(document.models.store_folder),
            "fetch": fetching and fetching.to_dict()}


async def model_tensors(document: OpenDocument, question: asked.ModelTensors) -> Answer:
    return await document.models.work("tensors", {"name": question.name})


async def model_remove(document: OpenDocument, question: asked.ModelRemove) -> Answer:
    await document.models.work("remove", {"name": question.name})
    document.push({"push": "models"})
    return {}


async def model_fetch(document: OpenDocument, question: asked.ModelFetch) -> Answer:
    name = question.name.strip()
    if not HUB_NAME.fullmatch(name):
        raise MessageError(f"{name!r} is no model of the hub. Give gpt2, gpt2-medium, gpt2-large, "
                           "gpt2-xl, or a repository as OWNER/NAME.")
    return {"fetch": document.models.fetch(name, document.push).to_dict()}


async def model_fetch_stop(document: OpenDocument, question: asked.ModelFetchStop) -> Answer:
    document.models.stop_fetching()
    return {}


async def upload_begin(document: OpenDocument, question: asked.UploadBegin) -> Answer:
    uploads = document.models.uploads
    upload = uploads.find(question.upload) if question.upload is not None else None
    upload, announced = uploads.begin([(file.name, file.bytes) for file in question.files], upload)
    document.models.watch_uploads()
    return {"upload": upload.key, "files": [file.to_dict() for file in announced]}


async def upload_check(document: OpenDocument, question: asked.UploadCheck) -> Answer:
    upload = document.models.uploads.find(question.upload)
    found = await document.models.work_on(upload, "check", _choices(question), document.push)
    return {**found, "upload": upload.key, "files": _files(upload, found["files"])}


async def upload_finish(document: OpenDocument, question: asked.UploadFinish) -> Answer:
    upload = document.models.uploads.find(question.upload)
    fields = {"name": question.name, "replace": question.replace, **_choices(question)}
    kept = await document.models.work_on(upload, "keep", fields, document.push)
    document.models.drop(upload)
    document.push({"push": "models"})
    return kept


async def upload_leave_out(document: OpenDocument, question: asked.UploadLeaveOut) -> Answer:
    upload = document.models.uploads.find(question.upload)
    upload.leave_out(question.index)
    return {"upload": upload.key, "files": _files(upload, [])}


async def upload_drop(document: OpenDocument, question: asked.UploadDrop) -> Answer:
    document.models.drop(document.models.uploads.find(question.upload))
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
