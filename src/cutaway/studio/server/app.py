"""The studio's web app: every route in one list, behind one guard."""

import asyncio
import mimetypes
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from hashlib import blake2b
from mimetypes import guess_type
from pathlib import Path

from starlette.applications import Starlette
from starlette.datastructures import Headers
from starlette.requests import Request
from starlette.responses import FileResponse, PlainTextResponse, Response
from starlette.routing import Mount, Route, WebSocketRoute
from starlette.types import Receive, Scope, Send

from cutaway.studio.models import uploads
from cutaway.studio.process.child import Spare
from cutaway.studio.server.document_lock import DocumentLock
from cutaway.studio.server.documents import Document
from cutaway.studio.server.guard import Guard, Keys
from cutaway.studio.server.open_document import OpenDocument
from cutaway.studio.server.tab import socket
from cutaway.studio.share import routes as share

mimetypes.add_type("text/javascript", ".js")  # Windows may know it as text/plain
BODY_BYTES = 18 * 2**20  # a workbook's file with as many numbers as it may have
STATIC = Path(__file__).parents[1] / "static"


async def page(request: Request) -> Response:
    """The page itself; it holds nothing secret."""
    return FileResponse(STATIC / "index.html")


async def key(request: Request) -> Response:
    """Answer nothing to who has the key: the guard refuses everybody else."""
    return Response(status_code=204)


def inner_app(saved: Document, lock: DocumentLock | None = None) -> Starlette:
    """The app without its guard: only tests and `make_app` use it so."""
    return Starlette(
        routes=[
            Route("/", page, methods=["GET"]),
            Route("/key", key, methods=["POST"]),
            WebSocketRoute("/socket", socket),
            *share.ROUTES,
            *uploads.ROUTES,
            Mount("/static", StaticFiles(STATIC)),
        ],
        lifespan=_life(saved, lock),
    )


def make_app(saved: Document, keys: Keys, port: int,
             hosts: tuple[str, ...] = ("127.0.0.1", "localhost"), *,
             lock: DocumentLock | None = None) -> Guard:
    """The whole studio on one document.  lock: what keeps other servers off it"""
    return Guard(inner_app(saved, lock), keys, port, hosts, body_bytes=BODY_BYTES)


def _life(saved: Document, lock: DocumentLock | None,
          ) -> Callable[[Starlette], AbstractAsyncContextManager[None]]:
    @asynccontextmanager
    async def life(app: Starlette) -> AsyncIterator[None]:
        """The worker calculates while the browser is still starting."""
        spare = Spare()
        document = app.state.document = OpenDocument(saved, spare, lock)
        opening = asyncio.create_task(document.open())
        try:
            yield
        finally:
            opening.cancel()
            await document.close()
            await spare.close()

    return life


class StaticFiles:
    """An app that answers with the files of a folder, and with nothing else.

    Only what stood in the folder at the start can be asked for, so that no path leads out of it.
    """

    def __init__(self, folder: Path):
        self.files = {file.relative_to(folder).as_posix(): _answer(file)
                      for file in sorted(folder.rglob("*")) if file.is_file()}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        path = scope["path"].removeprefix(scope.get("root_path", "")).lstrip("/")
        await self._answer(scope["method"], path, Headers(scope=scope))(scope, receive, send)

    def _answer(self, method: str, path: str, headers: Headers) -> Response:
        if method not in ("GET", "HEAD"):
            return PlainTextResponse("Method Not Allowed", 405, {"allow": "GET, HEAD"})
        found = self.files.get(path)
        if found is None:
            return PlainTextResponse("Not Found", 404)
        if headers.get("if-none-match") == found.headers["etag"]:
            return Response(status_code=304, headers={"etag": found.headers["etag"]})
        return found


def _answer(file: Path) -> Response:
    """The answer with a file's bytes; the browser may keep it, and asks whether it is still so."""
    content = file.read_bytes()
    tag = f'"{blake2b(content, digest_size=16).hexdigest()}"'
    return Response(content, media_type=guess_type(file.name)[0], headers={"etag": tag})
