"""What the guard's tests share: requests as a server hands them on, an app to guard, a server.

insider         a request that the guard lets in; tests spoil it with `having`
answer_of       what an app answers to a request, without a server
stand_in        a small app with a page, files, a change, an upload and a socket
served          the same over a real port, in a thread
"""

import asyncio
import socket
import threading
import time
from contextlib import contextmanager
from dataclasses import dataclass, field

import uvicorn
from starlette.applications import Starlette
from starlette.responses import JSONResponse, PlainTextResponse, Response
from starlette.routing import Mount, Route, Router, WebSocketRoute

from cutaway.studio.server.connection import Connection
from cutaway.studio.server.guard import Guard, Keys

PORT = 8765
HOME = f"127.0.0.1:{PORT}"
KEYS = Keys(token="T" * 43, cookie="C" * 43, page="P" * 43)


def insider(path="/", method="GET", *, is_socket=False, query=b""):
    """A request of our own page, with all that the guard asks for."""
    kind = "application/octet-stream" if path.startswith("/upload/") else "application/json"
    headers = {"host": HOME, "origin": f"http://{HOME}", "sec-fetch-site": "same-origin",
               "cookie": f"cutaway_{PORT}={KEYS.cookie}"}
    scope = {"type": "http", "method": method, "path": path, "query_string": query,
             "root_path": "", "headers": []}
    if is_socket:
        protocols = ["cutaway", f"cutaway.{KEYS.page}"]
        del scope["method"]
        scope |= {"type": "websocket", "subprotocols": protocols}
        headers["sec-websocket-protocol"] = ", ".join(protocols)
    else:
        headers["x-cutaway-page"] = KEYS.page
    if method == "POST":
        headers |= {"content-type": kind, "content-length": "2"}
    for name, value in headers.items():
        scope = having(scope, name, value)
    return scope


def having(scope, name, *values):
    """The same request with just these values of a header: none, one or several."""
    kept = [header for header in scope["headers"] if header[0] != name.encode()]
    encoded = [value if isinstance(value, bytes) else value.encode("latin-1") for value in values]
    scope = {**scope, "headers": kept + [(name.encode(), value) for value in encoded]}
    if name == "sec-websocket-protocol":
        scope["subprotocols"] = [part.strip() for value in values for part in value.split(",")]
    return scope


@dataclass
class Answer:
    """What came back: the status of an HTTP answer, or whether a socket was accepted."""

    status: int = 0
    headers: list[tuple[str, str]] = field(default_factory=list)
    body: bytes = b""
    is_accepted: bool = False
    subprotocol: str | None = None

    def __getitem__(self, name):
        found = [value for key, value in self.headers if key == name]
        assert len(found) == 1, f"{name}: {found}"
        return found[0]

    def take(self, message):
        """Note one message of the app."""
        if message["type"] == "http.response.start":
            self.status = message["status"]
            self.headers = [(name.decode(), value.decode()) for name, value in message["headers"]]
        elif message["type"] == "http.response.body":
            self.body += message.get("body", b"")
        elif message["type"] == "websocket.accept":
            self.is_accepted, self.subprotocol = True, message.get("subprotocol")
        elif message["type"] == "websocket.close" and not self.is_accepted:
            self.status = 403  # as the ASGI specification has it: a close before the handshake


def answer_of(app, scope, pieces=(b"{}",)):
    """The answer of an app to one request, whose body comes in these pieces."""
    answer = Answer()
    is_socket = scope["type"] == "websocket"
    waiting = [{"type": "websocket.connect"}, {"type": "websocket.disconnect", "code": 1000}]
    if not is_socket:
        waiting = [{"type": "http.request", "body": piece, "more_body": number < len(pieces)}
                   for number, piece in enumerate(pieces, 1)]

    async def receive():
        return waiting.pop(0) if waiting else {"type": "http.disconnect"}

    async def send(message):
        answer.take(message)

    asyncio.run(app({**scope}, receive, send))
    return answer


@dataclass
class Seen:
    """What reached the app behind the guard."""

    scopes: list = field(default_factory=list)
    bodies: list = field(default_factory=list)

    @property
    def calls(self):
        return [f"{scope.get('method', 'SOCKET')} {scope['path']}" for scope in self.scopes]


def stand_in(seen=None, page="<!doctype html><title>Inside</title>", script=""):
    """An app with one of each: page, files, change, upload, socket, and some of them in mounts."""
    seen = Seen() if seen is None else seen

    async def look(request):
        seen.scopes.append(request.scope)
        text, kind = (script, "text/javascript") if "static" in request.url.path else (
            page, "text/html")
        return Response(text, media_type=kind, headers={"Access-Control-Allow-Origin": "*"})

    async def change(request):
        seen.bodies.append(await request.body())
        seen.scopes.append(request.scope)
        return JSONResponse({"ok": {}})

    async def talk(websocket):
        seen.scopes.append(websocket.scope)
        offered = websocket.scope["subprotocols"]
        await websocket.accept("cutaway" if "cutaway" in offered else None)
        await websocket.close()

    async def files(scope, receive, send):
        seen.scopes.append(scope)
        await PlainTextResponse("file")(scope, receive, send)

    return Starlette(routes=[
        Route("/", look), Route("/static/{name:path}", look), Route("/table.csv", look),
        Route("/do/{verb}", change, methods=["POST"]),
        Route("/upload/{name}", change, methods=["POST"]),
        WebSocketRoute("/socket", talk),
        Mount("/deep", routes=[Route("/page", look), WebSocketRoute("/socket", talk),
                               Mount("/er", app=Router([Route("/page/{row:int}", look)]))]),
        Mount("/files", app=files)])


def guarded(seen=None, **options):
    """The stand-in behind the guard, at PORT, with KEYS."""
    return Guard(stand_in(seen), KEYS, PORT, **options)


@contextmanager
def served(make_app):
    """The port of a server that runs `make_app(port)` until the block ends, with uvicorn's log."""
    listening = socket.create_server(("127.0.0.1", 0))
    port = listening.getsockname()[1]
    config = uvicorn.Config(make_app(port), log_config=None, log_level="info",
                            http=Connection)
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run, args=([listening],))
    thread.start()
    while not server.started and thread.is_alive():
        time.sleep(0.01)
    try:
        yield port
    finally:
        server.should_exit = True
        thread.join()
        listening.close()
