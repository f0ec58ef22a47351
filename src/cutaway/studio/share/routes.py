"""The addresses under /save/: what a page takes away from an open document, and what it brings.

    POST /save/workbook  {"name"}                     the workbook as a Python file
    POST /save/page      {"table", "select"}          the page as one HTML file
    POST /save/table     {"table"}                    a table as CSV
    POST /save/xlsx      {}                           a spreadsheet with live formulas
    POST /save/sql       {}                           a file of SQL
    POST /save/numbers   {"table", "select", "text"}  numbers of a CSV, typed over a table
    POST /save/look      {"name", "text"}             what a workbook's file holds
    POST /save/open      {"name", "text"}             that workbook opened; nothing of it runs yet

The open document is `request.app.state.document`. A mistake is answered as
{"error": {"kind", "message"}}.
"""

import asyncio
import shutil
import tempfile
from collections.abc import Awaitable, Callable, Iterator
from datetime import date
from functools import wraps
from pathlib import Path
from typing import IO, Annotated, Any

from msgspec import Meta, Struct
from starlette.requests import Request
from starlette.responses import JSONResponse, Response, StreamingResponse
from starlette.routing import Route

from cutaway.errors import CutawayError, MessageError, ShapeMismatch
from cutaway.studio.messages import worker_questions as asked
from cutaway.studio.messages.changes import words_of
from cutaway.studio.messages.fields import Name, Select, checked, read_json
from cutaway.studio.server.open_document import OpenDocument, error_answer
from cutaway.studio.share.csv_numbers import numbers_from_csv
from cutaway.studio.share.page_html import page_html
from cutaway.studio.share.read_workbook import MOST_BYTES, read_workbook
from cutaway.studio.share.workbook import Workbook
from cutaway.studio.share.workbook_file import written

IN_MEMORY = 8 * 2**20
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
STATE = ("model", "prompt", "tokens", "n_prompt", "prediction", "prediction_before", "moved",
         "edited", "rewritten", "operations", "cells")

Handler = Callable[[OpenDocument, Any], Awaitable[Response]]


class Named(Struct):
    """What a file is to be called."""

    name: Name = "workbook.py"


class ShownTable(Struct):
    """A table, and the page of it that is looked at."""

    table: Name
    select: Select = {}


class Whole(Struct):
    """Nothing is to be said: it is all of the document."""


class Csv(ShownTable, kw_only=True):
    """A CSV for a table."""

    text: Annotated[str, Meta(max_length=32 * 2**20)]


class WorkbookFile(Struct):
    """A workbook's file."""

    name: Name
    text: Annotated[str, Meta(max_length=MOST_BYTES)]


def _route(path: str, kind: type[Struct]) -> Callable[[Handler], Route]:
    """The route of a function that takes the open document and what was sent."""

    def routed(handler: Handler) -> Route:
        @wraps(handler)
        async def answer(request: Request) -> Response:
            try:
                sent = checked(kind, read_json(await request.body()))
                return await handler(request.app.state.document, sent)
            except CutawayError as error:
                return JSONResponse({"error": error_answer(error)}, 400)

        return Route(path, answer, methods=["POST"])

    return routed


@_route("/save/workbook", Named)
async def save_workbook(document: OpenDocument, sent: Named) -> Response:
    """The workbook as a Python file."""
    text = await asyncio.to_thread(written, document.saved_workbook(), sent.name)
    return Response(text, media_type="text/x-python")


@_route("/save/page", ShownTable)
async def save_page(document: OpenDocument, sent: ShownTable) -> Response:
    """The page as one HTML file that is read without a server."""
    state = document.state()
    shown = {"table": sent.table, "select": sent.select}
    reply = await document.ask(asked.Snapshot(sent.table, state["moved"]))
    in_force = document.saved.changes[:document.saved.cursor] if document.saved.trusted else []
    snapshot = {**{name: state[name] for name in STATE}, **reply.ok, "shown": shown,
                "changes": [{"words": words_of(change)} for change in in_force],
                "saved": _saved_words()}
    return Response(await asyncio.to_thread(page_html, snapshot), media_type="text/html")


def _saved_words() -> str:
    from cutaway import __version__

    today = date.today()
    return f"Saved on {today.day} {today:%B %Y} with Cutaway {__version__}."


@_route("/save/table", ShownTable)
async def save_table(document: OpenDocument, sent: ShownTable) -> Response:
    """A table as CSV. It is whole before its first byte is sent, or there is an error instead."""
    name, version = sent.table, document.version
    file = tempfile.SpooledTemporaryFile(IN_MEMORY)  # noqa: SIM115  closed when it has been sent
    try:
        following: int | None = 0
        while following is not None:
            piece = (await document.ask(asked.CsvRows(name, following))).ok
            await asyncio.to_thread(file.write, piece["text"].encode())
            following = piece["next"]
            _tell_progress(document, name, piece)
            if document.version != version:
                raise MessageError(f"{name} was changed while it was written down. Save it once "
                                   f"more.")
    except BaseException:
        file.close()
        raise
    file.seek(0)
    return StreamingResponse(_pieces(file), media_type="text/csv")


def _tell_progress(document: OpenDocument, name: str, piece: dict[str, Any]) -> None:
    """Tell the tabs how much of a table is written that takes more than one piece."""
    rows = 1
    for count in piece["shape"][:-1] or piece["shape"]:
        rows *= count
    done = rows if piece["next"] is None else piece["next"]
    document.push({"push": "progress", "what": f"{name} as CSV", "done": done, "of": rows})


def _pieces(file: IO[bytes]) -> Iterator[bytes]:
    with file:
        while piece := file.read(2**20):
            yield piece


@_route("/save/xlsx", Whole)
async def save_spreadsheet(document: OpenDocument, sent: Whole) -> Response:
    """The model with its changes as a spreadsheet; the tabs hear how far it is."""
    file = tempfile.TemporaryFile()  # noqa: SIM115  closed when it has been sent
    try:
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder, "cutaway.xlsx")
            await document.ask(asked.WriteSpreadsheet(str(path)))
            with path.open("rb") as written_file:
                await asyncio.to_thread(shutil.copyfileobj, written_file, file)
    except BaseException:
        file.close()
        raise
    file.seek(0)
    return StreamingResponse(_pieces(file), media_type=XLSX)


@_route("/save/sql", Whole)
async def save_sql(document: OpenDocument, sent: Whole) -> Response:
    """The model with its changes as a file of SQL, for a database that holds its weights."""
    script = (await document.ask(asked.SqlScript())).ok["text"]
    return Response(script, media_type="application/sql")


@_route("/save/numbers", Csv)
async def take_numbers(document: OpenDocument, sent: Csv) -> Response:
    """Numbers of a CSV typed over a table, or over the page of it that is shown."""
    name = sent.table
    found = (await document.ask(asked.TableShape(name))).ok
    shape = dict(zip(found["axes"], found["shape"], strict=True))
    cells, value = await asyncio.to_thread(_placed, name, sent.text, shape, sent.select)
    await document.change({"kind": "numbers", "table": name, "cells": cells, "value": value})
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


@_route("/save/look", WorkbookFile)
async def look(document: OpenDocument, sent: WorkbookFile) -> Response:
    """What is in a workbook's file, for its reader to judge. Nothing of it runs."""
    workbook = await _read(sent)
    changes = [{"words": words_of(change), "code": change.get("source") or change.get("formula")}
               for change in workbook.changes]
    return JSONResponse({"model": workbook.model, "prompt": workbook.prompt, "changes": changes,
                         "cells": workbook.cells})


@_route("/save/open", WorkbookFile)
async def open_workbook(document: OpenDocument, sent: WorkbookFile) -> Response:
    """Open a workbook's file in place of the open document. Nothing of it runs before `trust`."""
    await document.open_workbook(await _read(sent))
    return JSONResponse({})


async def _read(sent: WorkbookFile) -> Workbook:
    return await asyncio.to_thread(read_workbook, sent.text, sent.name)


ROUTES = [save_workbook, save_page, save_table, save_spreadsheet, save_sql, take_numbers, look,
          open_workbook]
