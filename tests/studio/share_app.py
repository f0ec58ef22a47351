"""The save menu on a stage of its own: the real routes and worker's verbs, a played book around.

share_app(workbook)    the app; its book is at `state.book`
answered(app, path, fields)    what a route answers, without a server: status, and body
"""

import asyncio
import json

from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.responses import HTMLResponse, JSONResponse, PlainTextResponse, Response
from starlette.routing import Mount, Route
from starlette.staticfiles import StaticFiles

from cutaway.errors import CutawayError, WorkerError
from cutaway.studio.messages.changes import checked_change, words_of
from cutaway.studio.messages.question import Question
from cutaway.studio.process.child import Reply
from cutaway.studio.server.documents import Document, document_of_file, workbook_of
from cutaway.studio.share.routes import ROUTES
from cutaway.studio.worker.verbs import JOBS, VIEWS
from cutaway.studio.worker.verbs.summary import model_card, summary
from cutaway.studio.worker.workspace import Workspace
from tests.studio.asking import as_promised
from tests.studio.stages import STATIC
from tests.studio.weights_app import Policy

PAGE = """<!doctype html>
<html lang="en"><head><meta charset="utf-8"><title>Save</title>{links}</head>
<body><main id="stage"></main><div id="log" role="log"></div>
<script type="module" src="/stage.js"></script></body></html>"""
SCRIPT = """
import {effect, html, render} from "/static/vendor/ui.js";
import {book, select, table, tableInfo, toasts, view} from "/static/state.js";
import {SaveMenu} from "/static/panels/save.js";
effect(() => {
  document.getElementById("log").textContent = toasts.value.map(({text}) => text).join("\\n");
});
globalThis.stage = {
  view, select, tableInfo, table,
  refresh: async () => { book.value = await (await fetch("/state.json")).json(); },
};
view.value = "table";
table.value = "h3.attention";
tableInfo.value = {editable: true};
await stage.refresh();
render(html`<header class="row"><span>Cutaway</span><${SaveMenu} /></header>`,
  document.getElementById("stage"));
document.documentElement.dataset.drawn = "yes";
"""
STYLE = "body { margin: 0; } header { justify-content: flex-end; padding: 12px; }"


class PlayedBook:
    """An open book whose worker is a workspace in this very process."""

    def __init__(self, saved: Document):
        self.version = 0
        self.pushed: list[dict] = []
        self.workspace = Workspace(lambda message: None, lambda function: function())
        self._open(saved)

    def _open(self, saved: Document) -> None:
        self.workspace.open(saved.model, saved.prompt)
        self.saved = saved
        if saved.trusted:
            for change in saved.changes:
                self.workspace.change(change)

    def push(self, message: dict) -> None:
        self.pushed.append(message)

    async def ask(self, question: Question) -> Reply:
        try:
            told = await asyncio.to_thread((VIEWS | JOBS)[type(question)], self.workspace, question)
            as_promised(question.answer, told)
        except CutawayError as error:
            raise WorkerError(type(error).__name__, str(error)) from None
        return Reply(json.loads(json.dumps(told, allow_nan=False)))

    async def change(self, change: dict) -> None:
        self.workspace.change(checked_change(change))
        self.version += 1
        self.saved.changes = [*self.saved.changes, change]
        self.saved.cursor += 1

    def saved_workbook(self):
        return workbook_of(self.saved)

    async def open_workbook(self, workbook) -> None:
        try:
            self._open(document_of_file(workbook))
        except CutawayError as error:
            raise WorkerError(type(error).__name__, str(error)) from None

    def state(self) -> dict:
        return {"model": model_card(self.workspace), "prompt": self.saved.prompt,
                "cells": self.saved.cells, "trusted": self.saved.trusted, "cursor":
                self.saved.cursor, "changes": [{"words": words_of(change)} for change
                                               in self.saved.changes], **summary(self.workspace)}


async def page(request) -> Response:
    names = [f"/static/style/{path.name}" for path in sorted((STATIC / "style").glob("*.css"))]
    links = "".join(f'<link rel="stylesheet" href="{name}">' for name in [*names, "/stage.css"])
    return HTMLResponse(PAGE.replace("{links}", links))


async def script(request) -> Response:
    return PlainTextResponse(SCRIPT, media_type="text/javascript")


async def style(request) -> Response:
    return PlainTextResponse(STYLE, media_type="text/css")


async def state(request) -> Response:
    return JSONResponse(request.app.state.document.state())


async def nothing(request) -> Response:
    return Response(status_code=204)


def share_app(saved: Document) -> Starlette:
    """The app on a book."""
    app = Starlette(middleware=[Middleware(Policy)], routes=[
        Route("/", page), Route("/stage.js", script), Route("/stage.css", style),
        Route("/state.json", state), Route("/favicon.ico", nothing), *ROUTES,
        Mount("/static", StaticFiles(directory=STATIC))])
    app.state.document = PlayedBook(saved)
    return app


def answered(app: Starlette, path: str, body: dict | bytes) -> tuple[int, bytes]:
    """What a route answers."""
    sent = body if isinstance(body, bytes) else json.dumps(body).encode()
    scope = {"type": "http", "method": "POST", "path": path, "query_string": b"", "headers": [
        (b"content-type", b"application/json")], "root_path": "", "http_version": "1.1"}
    told: list[dict] = []
    waiting = [{"type": "http.request", "body": sent, "more_body": False}]

    async def receive():
        return waiting.pop() if waiting else await asyncio.Event().wait()

    async def send(message):
        told.append(message)

    asyncio.run(app(scope, receive, send))
    return told[0]["status"], b"".join(one.get("body", b"") for one in told)
