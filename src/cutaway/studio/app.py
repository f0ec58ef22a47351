"""The studio's web app: every route in one list, behind one guard."""

import asyncio
import mimetypes
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from pathlib import Path

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import FileResponse, Response
from starlette.routing import Mount, Route, WebSocketRoute

from cutaway.studio import upload_routes
from cutaway.studio.books_on_disk import SavedBook
from cutaway.studio.document_lock import DocumentLock
from cutaway.studio.guard import Guard, Keys
from cutaway.studio.open_book import OpenBook
from cutaway.studio.process import Spare
from cutaway.studio.share import routes as share
from cutaway.studio.socket import socket
from cutaway.studio.static_files import StaticFiles

mimetypes.add_type("text/javascript", ".js")  # Windows may know it as text/plain
BODY_BYTES = 18 * 2**20  # a workbook's file with as many numbers as it may have
STATIC = Path(__file__).parent / "static"


async def page(request: Request) -> Response:
    """The page itself; it holds nothing secret."""
    return FileResponse(STATIC / "index.html")


async def key(request: Request) -> Response:
    """Nothing, to who has the key: the guard refuses everybody else."""
    return Response(status_code=204)


def inner_app(saved: SavedBook, lock: DocumentLock | None = None) -> Starlette:
    """The app without its guard: only tests and `make_app` use it so."""
    return Starlette(
        routes=[
            Route("/", page, methods=["GET"]),
            Route("/key", key, methods=["POST"]),
            WebSocketRoute("/socket", socket),
            *share.ROUTES,
            *upload_routes.ROUTES,
            Mount("/static", StaticFiles(STATIC)),
        ],
        lifespan=_life(saved, lock),
    )


def make_app(saved: SavedBook, keys: Keys, port: int,
             hosts: tuple[str, ...] = ("127.0.0.1", "localhost"), *,
             lock: DocumentLock | None = None) -> Guard:
    """The whole studio on one book.  lock: what keeps other servers off it"""
    return Guard(inner_app(saved, lock), keys, port, hosts, body_bytes=BODY_BYTES)


def _life(saved: SavedBook, lock: DocumentLock | None,
          ) -> Callable[[Starlette], AbstractAsyncContextManager[None]]:
    @asynccontextmanager
    async def life(app: Starlette) -> AsyncIterator[None]:
        """The worker calculates while the browser is still starting."""
        spare = Spare()
        book = app.state.book = OpenBook(saved, spare, lock)
        opening = asyncio.create_task(book.open())
        try:
            yield
        finally:
            opening.cancel()
            await book.close()
            await spare.close()

    return life
