"""A hub on this computer: the few addresses of the Hugging Face hub that a download asks for.

It answers as the hub does (a list of files with checksums, parts of files by Range), from a folder
that transformers' own writer has filled. It can break off in the middle of a file, or damage it.
"""

import hashlib
import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

REVISION = "1234567890abcdef1234567890abcdef12345678"


@dataclass
class Hub:
    """What the server serves, how it is to fail, and what it was asked.

    break_after  bytes of model.safetensors after which the connection breaks, once
    then_status  what it answers to each request for that file after the break
    damaged      whether the last byte of model.safetensors arrives changed
    requests     (method, path, the Range that was asked for)
    """

    repository: str
    folder: Path
    break_after: int | None = None
    then_status: int | None = None
    damaged: bool = False
    requests: list[tuple[str, str, str | None]] = field(default_factory=list)
    address: str = ""
    broken: bool = False

    def ranges(self) -> list[str | None]:
        """The parts of model.safetensors that were asked for, in order."""
        return [part for method, path, part in self.requests
                if method == "GET" and path.endswith("model.safetensors")]


def described(file: Path) -> dict:
    """A file as the hub lists it: large ones, which it keeps apart, with their checksum."""
    size = file.stat().st_size
    entry = {"rfilename": file.name, "size": size, "blobId": "0" * 40}
    if file.suffix == ".safetensors":
        sha256 = hashlib.sha256(file.read_bytes()).hexdigest()
        entry["lfs"] = {"sha256": sha256, "size": size, "pointerSize": 134}
    return entry


@contextmanager
def running(hub: Hub) -> Iterator[Hub]:
    """The hub, answering at `hub.address` while the block runs."""

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def log_message(self, *_):
            pass

        def do_HEAD(self):
            self.answer("HEAD")

        def do_GET(self):
            self.answer("GET")

        def answer(self, method):
            path = self.path.split("?")[0]
            part = self.headers.get("Range")
            hub.requests.append((method, path, part))
            prefix = f"/{hub.repository}/resolve/{REVISION}/"
            if path == f"/api/models/{hub.repository}":
                files = [described(file) for file in sorted(hub.folder.iterdir())]
                self.send(200, json.dumps(
                    {"id": hub.repository, "sha": REVISION, "siblings": files}).encode())
            elif path.startswith(prefix) and (file := hub.folder / path[len(prefix):]).is_file():
                self.send_file(method, file, part)
            else:
                self.send(404, b"{}", {"X-Error-Code": "RepoNotFound"})

        def send_file(self, method, file, part):
            data = file.read_bytes()
            if hub.damaged and file.name == "model.safetensors":
                data = data[:-1] + bytes([data[-1] ^ 1])
            is_weights = file.name == "model.safetensors" and method == "GET"
            if is_weights and hub.broken and hub.then_status:
                return self.send(hub.then_status, b"")
            headers = {"X-Repo-Commit": REVISION, "Accept-Ranges": "bytes"}
            start = int(part.removeprefix("bytes=").split("-")[0]) if part else 0
            if part:
                headers["Content-Range"] = f"bytes {start}-{len(data) - 1}/{len(data)}"
            breaks = is_weights and hub.break_after is not None and not hub.broken
            self.send(206 if part else 200, data[start:], headers,
                      only=hub.break_after if breaks else None, without_body=method == "HEAD")

        def send(self, status, body, headers=None, only=None, without_body=False):
            self.send_response(status)
            for name, value in {"Content-Length": str(len(body)), **(headers or {})}.items():
                self.send_header(name, value)
            self.end_headers()
            if not without_body:
                self.wfile.write(body[:only])
            if only is not None:
                hub.broken = True
                self.close_connection = True

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    hub.address = f"http://127.0.0.1:{server.server_port}"
    try:
        yield hub
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
