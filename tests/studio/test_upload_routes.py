"""The address that takes files: from the network to the disk, and not through the memory."""

import os
import socket
import subprocess
import sys

import pytest
from starlette.applications import Starlette
from starlette.testclient import TestClient

from cutaway.studio.models.uploads import ROUTES
from tests.studio.dropping import PlayedBook, files_below, files_of_at_most, served, wait_until


@pytest.fixture
def book(tmp_path):
    return PlayedBook(tmp_path / "models")


@pytest.fixture
def app(book):
    app = Starlette(routes=ROUTES)
    app.state.document = book
    return app


def test_the_bytes_of_a_file_are_posted_to_its_number(app, book):
    upload, [file] = book.models.uploads.begin([("wte.csv", 3)])
    with TestClient(app) as client:
        answer = client.post(f"/upload/{upload.key}/{file.index}", content=b"1,2")
    assert answer.status_code == 200
    assert answer.json() == {"file": {
        "index": 0, "name": "wte.csv", "bytes": 3, "state": "here", "words": ""}}
    assert upload.path(file).read_bytes() == b"1,2"


@pytest.mark.parametrize(("address", "status"), [
    ("/upload/0123456789abcdef/0", 400), ("/upload/KEY/7", 400), ("/upload/KEY/-1", 404),
    ("/upload/KEY/0/../../x", 404), ("/upload/KEY/wte.csv", 404), ("/upload/..%2f..%2fx/0", 404)])
def test_an_address_of_no_awaited_file_takes_nothing(app, book, tmp_path, address, status):
    upload, _ = book.models.uploads.begin([("wte.csv", 3)])
    before = files_below(tmp_path)
    with TestClient(app) as client:
        answer = client.post(address.replace("KEY", upload.key), content=b"1,2")
        assert client.get(f"/upload/{upload.key}/0").status_code == 405
    assert answer.status_code == status
    if status == 400:
        assert answer.json()["error"]["kind"] == "MessageError"
    assert files_below(tmp_path) == before


def test_a_full_disk_is_told_even_when_the_browser_has_more_to_send(app, book):
    upload, [file] = book.models.uploads.begin([("wte.csv", 40_000_000)])
    with served(app) as address, files_of_at_most(1_000_000):
        status, body = post(address, f"/upload/{upload.key}/{file.index}", 40_000_000)
    assert status == 507
    assert b"wte.csv could not be written: File too large. Make room" in body


def post(address, path, size_bytes):
    """Status and body of a request that sends so many bytes before it listens."""
    import http.client

    connection = http.client.HTTPConnection(address, timeout=60)
    connection.request("POST", path, body=iter([bytes(65_536)] * (size_bytes // 65_536)
                                               + [bytes(size_bytes % 65_536)]),
                       headers={"Content-Length": str(size_bytes)})
    answer = connection.getresponse()
    body = answer.read()
    connection.close()
    return answer.status, body


def test_an_upload_that_breaks_off_leaves_nothing_and_is_awaited_again(app, book):
    upload, [file] = book.models.uploads.begin([("wte.csv", 9_000_000)])
    with served(app) as address:
        host, port = address.split(":")
        with socket.create_connection((host, int(port))) as connection:
            connection.sendall(f"POST /upload/{upload.key}/0 HTTP/1.1\r\nHost: {address}\r\n"
                               "Content-Length: 9000000\r\n\r\n".encode() + bytes(4_000_000))
            wait_until(lambda: files_below(upload.folder) == ["0.part"])
        wait_until(lambda: file.state == "awaited")
        assert files_below(upload.folder) == []


MEASURED = """
import resource, sys
from pathlib import Path
import uvicorn
from starlette.applications import Starlette
from starlette.responses import PlainTextResponse
from starlette.routing import Route
from cutaway.studio.models.uploads import ROUTES
from tests.studio.dropping import PlayedBook

async def most_memory(request):
    scale = 1 if sys.platform == "darwin" else 1024  # ru_maxrss: bytes there, kilobytes elsewhere
    return PlainTextResponse(str(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * scale))

async def begin(request):
    uploads = app.state.document.models.uploads
    return PlainTextResponse(uploads.begin([("x.csv", 300_000_000)])[0].key)

app = Starlette(routes=[*ROUTES, Route("/memory", most_memory), Route("/begin", begin)])
app.state.document = PlayedBook(Path(sys.argv[1]))
server = uvicorn.Server(uvicorn.Config(app, port=0, log_config=None, access_log=False))

async def main():
    import asyncio
    serving = asyncio.create_task(server.serve())
    while not server.started:
        await asyncio.sleep(0.01)
    print(server.servers[0].sockets[0].getsockname()[1], flush=True)
    await serving

import asyncio
asyncio.run(main())
"""


def get(address, path):
    import http.client

    connection = http.client.HTTPConnection(address, timeout=60)
    connection.request("GET", path)
    text = connection.getresponse().read().decode()
    connection.close()
    return text


def test_a_file_of_300_megabytes_goes_to_the_disk_and_not_into_the_memory(tmp_path):
    server = subprocess.Popen([sys.executable, "-c", MEASURED, str(tmp_path)], text=True,
                              stdout=subprocess.PIPE, env={**os.environ, "PYTHONPATH":
                                                           os.pathsep.join(sys.path)})
    try:
        address = f"127.0.0.1:{server.stdout.readline().strip()}"
        key = get(address, "/begin")
        before = int(get(address, "/memory"))
        assert post(address, f"/upload/{key}/0", 300_000_000)[0] == 200
        grown = int(get(address, "/memory")) - before
    finally:
        server.kill()
        server.communicate()
    assert grown < 16_000_000  # a few megabytes of buffers and one thread
