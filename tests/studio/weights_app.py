"""The weights' place on a stage of its own: the real tasks and routes, a played document around."""

import asyncio
import json
import re
from pathlib import Path

from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.responses import HTMLResponse, PlainTextResponse, Response
from starlette.routing import Mount, Route, WebSocketRoute
from starlette.staticfiles import StaticFiles
from starlette.websockets import WebSocketDisconnect

import cutaway
from cutaway.errors import CutawayError
from cutaway.studio.messages import questions
from cutaway.studio.messages.fields import checked
from cutaway.studio.messages.server_questions import OpenModel
from cutaway.studio.models.uploads import ROUTES
from cutaway.studio.models.verbs import VERBS
from cutaway.weights import Store
from tests.studio.dropping import PlayedBook
from tests.studio.stages import POLICY, STATIC

PAGE = """<!doctype html>
<html lang="en"><head><meta charset="utf-8"><title>Weights</title>
<meta name="viewport" content="width=device-width, initial-scale=1">{links}</head>
<body><main class="view stage" id="stage"></main>
<script type="module" src="/stage.js"></script></body></html>"""
CHOOSER = "input[type=file][multiple]"
SCRIPT = """
import {html, render} from "/static/vendor/ui.js";
import {book, table, toasts, view} from "/static/state.js";
import {connect, onPush} from "/static/server.js";
import {WeightsView} from "/static/panels/weights.js";
onPush("state", (state) => { book.value = state; });
view.value = "weights";
function Stage() {
  return html`${book.value && html`<${WeightsView} />`}
    <div role="log">${toasts.value.map(({key, text}) => html`<p key=${key}>${text}</p>`)}</div>`;
}
globalThis.stage = {book, table, view};
connect();
render(html`<${Stage} />`, document.getElementById("stage"));
"""
STYLE = "body { margin: 0; } .stage { display: block; min-height: 100vh; }"


class StagedBook(PlayedBook):
    """A played book that can open a model; the tabs hear what it pushes."""

    def __init__(self, store_folder: Path):
        super().__init__(store_folder)
        self.model = cutaway.open_model()
        self.tabs: list[asyncio.Queue] = []

    def push(self, message: dict) -> None:
        super().push(message)
        for tab in self.tabs:
            tab.put_nowait(message)

    def state(self) -> dict:
        config = self.model.config
        return {"push": "state", "book": "b1", "version": 1, "model": {
            "name": self.model.name, "n_layer": config.n_layer, "n_head": config.n_head}}

    async def open_model(self, question: OpenModel) -> dict:
        self.model = await asyncio.to_thread(cutaway.open_model, question.name)
        self.push(self.state())
        return {}


async def socket(websocket) -> None:
    book, said = websocket.app.state.document, asyncio.Queue()
    await websocket.accept(subprotocol="cutaway")
    book.tabs.append(said)
    said.put_nowait(book.state())
    tasks = {asyncio.create_task(_say(websocket, said))}
    try:
        while True:
            fields = json.loads(await websocket.receive_text())
            tasks.add(asyncio.create_task(_answer(book, fields, said)))
    except WebSocketDisconnect:
        book.tabs.remove(said)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


async def _say(websocket, said: asyncio.Queue) -> None:
    while True:
        await websocket.send_text(json.dumps([await said.get()]))


async def _answer(book: StagedBook, fields: dict, said: asyncio.Queue) -> None:
    try:
        verb = VERBS.get(fields["do"])
        question = checked(questions.PAGE[fields["do"]], fields)
        answer = await (verb(book, question) if verb else book.open_model(question))
        said.put_nowait({"re": fields["id"], "ok": answer})
    except CutawayError as error:
        told = {"kind": getattr(error, "kind", type(error).__name__), "message": str(error)}
        said.put_nowait({"re": fields["id"], "error": told})


class Policy:
    """The page's policy on every answer."""

    def __init__(self, app):
        self.app = app

    async def __call__(self, scope, receive, send):
        async def with_policy(message):
            if message["type"] == "http.response.start":
                message["headers"].append((b"content-security-policy", POLICY.encode()))
            await send(message)
        await self.app(scope, receive, with_policy)


async def page(request) -> Response:
    names = [f"/static/style/{path.name}" for path in sorted((STATIC / "style").glob("*.css"))]
    links = "".join(f'<link rel="stylesheet" href="{name}">' for name in [*names, "/stage.css"])
    return HTMLResponse(PAGE.replace("{links}", links))


async def script(request) -> Response:
    return PlainTextResponse(SCRIPT, media_type="text/javascript")


async def style(request) -> Response:
    return PlainTextResponse(STYLE, media_type="text/css")


async def nothing(request) -> Response:
    return Response(status_code=204)


def weights_app(store_folder: Path) -> Starlette:
    """The app, with its book at `state.book`; open /#page=secret."""
    app = Starlette(middleware=[Middleware(Policy)], routes=[
        Route("/", page), Route("/stage.js", script), Route("/stage.css", style),
        Route("/favicon.ico", nothing), Route("/key", nothing, methods=["POST"]),
        WebSocketRoute("/socket", socket), *ROUTES,
        Mount("/static", StaticFiles(directory=STATIC))])
    app.state.document = StagedBook(store_folder)
    return app


def choose(page, *files):
    """Files chosen in the browser's own dialog."""
    page.locator(CHOOSER).set_input_files([str(file) for file in files])


def line(page, name):
    """The line of a model in the list."""
    return page.get_by_role("row").filter(has=page.get_by_role("rowheader", name=name))


def box(page, name):
    """The box of a tensor in the drawing."""
    own = page.locator(".wt-own", has_text=re.compile(f"{name}$"))
    return page.locator(".wt-box").filter(has=own)


def drop(page, files):
    """Files let fall in the middle of the place, as a browser gives them to the page."""
    held = page.evaluate_handle("""(files) => {
      const held = new DataTransfer();
      for (const {name, bytes} of files) held.items.add(new File([new Uint8Array(bytes)], name));
      return held;
    }""", [{"name": name, "bytes": list(data)} for name, data in files])
    place = page.get_by_role("region", name="Models", exact=True)
    for kind in ("dragenter", "dragover", "drop"):
        place.dispatch_event(kind, {"dataTransfer": held})


def store_of(app):
    """The store that the app keeps models in."""
    return Store(app.state.document.models.store_folder)
