"""The page's own files, read once: an answer is then some bytes that are at hand."""

from hashlib import blake2b
from mimetypes import guess_type
from pathlib import Path

from starlette.datastructures import Headers
from starlette.responses import PlainTextResponse, Response
from starlette.types import Receive, Scope, Send


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
