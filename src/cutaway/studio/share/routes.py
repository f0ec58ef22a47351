"""The addresses under /save/: what a page takes away from an open book, and what it brings.

    POST /save/workbook  {"name"}                     the workbook as a Python file
    POST /save/page      {"table", "select"}          the page as one HTML file
    POST /save/table     {"table"}                    a table as CSV
    POST /save/numbers   {"table", "select", "text"}  numbers of a CSV, typed over a table
    POST /save/look      {"name", "text"}             what a workbook's file holds
    POST /save/open      {"name", "text"}             that workbook opened; nothing of it runs yet

The open book is `request.app.state.book`. A mistake is told as {"error": {"kind", "message"}}.
"""

import asyncio
import tempfile
from collections.abc import Awaitable, Callable, Iterator
from datetime import date
from functools import wraps
from typing import IO, Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response, StreamingResponse
from starlette.routing import Route

from cutaway.errors import CutawayError, MessageError, ShapeMismatch
from cutaway.studio.changes import words_of
from cutaway.studio.message import Message
from cutaway.studio.server.open_document import OpenBook, error_told
from cutaway.studio.share.csv_numbers import numbers_from_csv
from cutaway.studio.share.page_html import page_html
from cutaway.studio.share.read_workbook import MOST_BYTES, read_workbook
from cutaway.studio.share.workbook import Workbook
from cutaway.studio.share.workbook_file import written

MOST_NAME = 200
MOST_CSV = 32 * 2**20
IN_MEMORY = 8 * 2**20
STATE = ("model", "prompt", "tokens", "n_prompt", "prediction", "prediction_before", "moved",
         "edited", "rewritten", "operations", "cells")

Handler = Callable[[OpenBook, Message], Awaitable[Response]]


def _route(path: str) -> Callable[[Handler], Route]:
    """The route of a function that takes the open book and what was sent."""

    def routed(handler: Handler) -> Route:
        @wraps(handler)
        async def answer(request: Request) -> Response:
            try:
                return await handler(request.app.state.book, await _message(request))
            except CutawayError as error:
                return JSONResponse({"error": error_told(error)}, 400)

        return Route(path, answer, methods=["POST"])

    return routed


async def _message(request: Request) -> Message:
    try:
        fields = await request.json()
    except (ValueError, RecursionError):
        raise MessageError("What was sent is no JSON; an object is expected.") from None
    return Message(fields)


@_route("/save/workbook")
async def save_workbook(book: OpenBook, message: Message) -> Response:
    """The workbook as a Python file."""
    name = message.text("name", MOST_NAME, default="workbook.py")
    text = await asyncio.to_thread(written, book.saved_workbook(), name)
    return Response(text, media_type="text/x-python")


@_route("/save/page")
async def save_page(book: OpenBook, message: Message) -> Response:
    """The page as one HTML file that is read without a server."""
    state = book.state()
    shown = {"table": message.text("table", 200), "select": message.select()}
    reply = await book.ask("snapshot", {"table": shown["table"], "moved": state["moved"]})
    in_force = book.saved.changes[:book.saved.cursor] if book.saved.trusted else []
    snapshot = {**{name: state[name] for name in STATE}, **reply.ok, "shown": shown,
                "changes": [{"words": words_of(change)} for change in in_force],
                "saved": _saved_words()}
    return Response(await asyncio.to_thread(page_html, snapshot), media_type="text/html")


def _saved_words() -> str:
    from cutaway import __version__

    today = date.today()
    return f"Saved on {today.day} {today:%B %Y} with Cutaway {__version__}."


@_route("/save/table")
async def save_table(book: OpenBook, message: Message) -> Response:
    """A table as CSV. It is whole before its first byte is sent, or there is an error instead."""
    name, version = message.text("table", 200), book.version
    file = tempfile.SpooledTemporaryFile(IN_MEMORY)  # noqa: SIM115  closed when it has been sent
    try:
        following: int | None = 0
        while following is not None:
            told = (await book.ask("csv_rows", {"table": name, "first": following})).ok
            await asyncio.to_thread(file.write, told["text"].encode())
            following = told["next"]
            _tell_progress(book, name, told)
            if book.version != version:
                raise MessageError(f"{name} was changed while it was written down. Save it once "
                                   f"more.")
    except BaseException:
        file.close()
        raise
    file.seek(0)
    return StreamingResponse(_pieces(file), media_type="text/csv")


def _tell_progress(book: OpenBook, name: str, told: dict[str, Any]) -> None:
    """Tell the tabs how much of a table is written that takes more than one piece."""
    rows = 1
    for count in told["shape"][:-1] or told["shape"]:
        rows *= count
    done = rows if told["next"] is None else told["next"]
    book.push({"push": "progress", "what": f"{name} as CSV", "done": done, "of": rows})


def _pieces(file: IO[bytes]) -> Iterator[bytes]:
    with file:
        while piece := file.read(2**20):
            yield piece


@_route("/save/numbers")
async def take_numbers(book: OpenBook, message: Message) -> Response:
    """Numbers of a CSV typed over a table, or over the page of it that is shown."""
    name, text = message.text("table", 200), message.text("text", MOST_CSV)
    told = (await book.ask("table_shape", {"table": name})).ok
    shape = dict(zip(told["axes"], told["shape"], strict=True))
    cells, value = await asyncio.to_thread(_placed, name, text, shape, message.select())
    await book.change({"kind": "numbers", "table": name, "cells": cells, "value": value})
    return JSONResponse({"cells": cells, "words": _place_words(name, cells)})


def _placed(name: str, text: str, shape: dict[str, int],
            select: dict[str, int]) -> tuple[dict[str, int], list]:
    """The cells that a CSV's numbers are for, and the numbers: a whole table, or one page of it.

    Raises:  ShapeMismatch when they fit neither
    """
    lengths, pages = [*shape.values()], {axis: select.get(axis, 0) for axis in [*shape][:-2]}
    try:
        return {}, numbers_from_csv(text, lengths, name)
    except ShapeMismatch as error:
        if not pages:
            raise
        try:
            return pages, numbers_from_csv(text, lengths[-2:], _place_words(name, pages))
        except ShapeMismatch as other:
            raise ShapeMismatch(f"{error} Nor is it for the page that is shown: {other}") from None


def _place_words(name: str, cells: dict[str, int]) -> str:
    words = ", ".join(f"{axis} {index}" for axis, index in cells.items())
    return f"{words} of {name}" if words else name


@_route("/save/look")
async def look(book: OpenBook, message: Message) -> Response:
    """What is in a workbook's file, for its reader to judge. Nothing of it runs."""
    workbook = await _read(message)
    changes = [{"words": words_of(change), "code": change.get("source") or change.get("formula")}
               for change in workbook.changes]
    return JSONResponse({"model": workbook.model, "prompt": workbook.prompt, "changes": changes,
                         "cells": workbook.cells})


@_route("/save/open")
async def open_workbook(book: OpenBook, message: Message) -> Response:
    """A workbook's file in place of the open book. Nothing of it runs before its reader says so."""
    await book.open_workbook(await _read(message))
    return JSONResponse({})


async def _read(message: Message) -> Workbook:
    name, text = message.text("name", MOST_NAME), message.text("text", MOST_BYTES)
    return await asyncio.to_thread(read_workbook, text, name)


ROUTES = [save_workbook, save_page, save_table, take_numbers, look, open_workbook]
