"""Dropped files: named plainly, written as they come, counted, and gone when nobody wants them."""

import asyncio
import os
import resource
import signal
import socket
import subprocess
import sys
from contextlib import contextmanager

import pytest
from starlette.applications import Starlette
from starlette.testclient import TestClient

from cutaway.errors import DiskError, MessageError
from cutaway.studio.file_names import left_out, plain_name
from cutaway.studio.upload import Limits
from cutaway.studio.upload_routes import ROUTES
from cutaway.studio.uploads import Uploads
from tests.studio.dropping import PlayedBook, pieces, served, wait_until


@pytest.fixture
def uploads(tmp_path):
    return Uploads(tmp_path / "models")


def files_below(folder):
    return sorted(path.relative_to(folder).as_posix() for path in folder.rglob("*")
                  if path.is_file())


async def drop(uploads, name, data, upload=None):
    """The upload after one file was announced and sent."""
    upload, [file] = uploads.begin([(name, len(data))], upload)
    await uploads.receive(upload, file.index, pieces(data))
    return upload


@pytest.mark.parametrize(("given", "plain"), [
    ("model_wte.csv", "model_wte.csv"),
    ("model.ckpt.data-00000-of-00001", "model.ckpt.data-00000-of-00001"),
    ("gpt2/model.safetensors", "model.safetensors"),
    ("../../etc/passwd", "passwd"),
    ("C:\\Windows\\wte.csv", "wte.csv"),
    ("C:wte.csv", "C_wte.csv"),
    ("<img src=x onerror=alert(1)>.csv", "_img src_x onerror_alert(1)_.csv"),
    ("мои веса.zip", "мои веса.zip"),
    ("a\u202egnp.csv", "a_gnp.csv"),
    ("wte.csv. . ", "wte.csv"),
    ("%2e%2e%2fwte.csv", "_2e_2e_2fwte.csv"),
    ("wte.csv;rm -rf ~", "wte.csv_rm -rf _"),
])
def test_a_name_is_taken_apart_to_plain_letters(given, plain):
    assert plain_name(given) == plain


@pytest.mark.parametrize("given", [
    "", ".", "..", "/", "a/", "../..", "wte\0.csv", "wte\n.csv", "\ud800.csv", "nul", "CON.csv",
    "lpt1", "x" * 201, "ж" * 101, " . "])
def test_a_name_that_no_file_can_have_everywhere_is_refused(given):
    with pytest.raises(MessageError, match=r"Rename the file\.|Give the file a shorter name\."):
        plain_name(given)


@pytest.mark.parametrize("name", [
    "model_wte.csv", "MODEL.ZIP", "model.safetensors", "model-00001-of-00002.safetensors",
    "model.safetensors.index.json", "pytorch_model.bin", "model.ckpt.index", "vocab.bpe",
    "model.ckpt.data-00000-of-00001", "merges.txt", "tokenizer.json", "README.md"])
def test_what_a_model_can_consist_of_is_taken(name):
    assert left_out(name, [name]) == ""


@pytest.mark.parametrize(("name", "why"), [
    (".gitattributes", "hidden"), ("tf_model.h5", "not needed"), ("photo.png", "not needed"),
    ("training_args.bin", "training left"), ("optimizer.pt", "training left"),
    ("pytorch_model.bin", "same numbers")])
def test_what_no_model_needs_is_not_even_sent(name, why):
    assert why in left_out(name, [name, "model.safetensors"])


def test_the_bytes_lie_under_the_plain_name_in_a_folder_that_only_its_owner_sees(uploads, tmp_path):
    data = os.urandom(3_000_001)
    upload = asyncio.run(drop(uploads, "../../../../model_wte.csv", data))
    assert (upload.folder / "files" / "model_wte.csv").read_bytes() == data
    assert upload.folder.is_relative_to(tmp_path / "models" / ".uploads")
    assert upload.folder.stat().st_mode & 0o077 == 0
    assert [path for path in files_below(tmp_path) if not path.endswith("/lock")] == [
        (upload.folder / "files" / "model_wte.csv").relative_to(tmp_path).as_posix()]


def test_a_name_that_is_refused_is_told_and_the_others_are_awaited(uploads):
    _, files = uploads.begin([("nul", 3), ("model_wte.csv", 3), ("photo.png", 3)])
    assert [file.state for file in files] == ["left out", "awaited", "left out"]
    assert "'nul' is no name" in files[0].words


@pytest.mark.parametrize(("sent", "message"), [
    (b"12345678", "wte.csv has more than the 6 bytes that were announced. It has changed "
                  "meanwhile: drop it once more."),
    (b"1234", "wte.csv broke off after 4 of 6 bytes. Drop it once more."),
])
def test_a_file_of_another_size_than_announced_leaves_nothing(uploads, sent, message):
    upload, [file] = uploads.begin([("wte.csv", 6)])
    with pytest.raises(MessageError) as caught:
        asyncio.run(uploads.receive(upload, file.index, pieces(sent)))
    assert str(caught.value) == message
    assert files_below(upload.folder) == [] and file.state == "awaited"
    asyncio.run(uploads.receive(upload, file.index, pieces(b"123456")))
    assert files_below(upload.folder) == ["files/wte.csv"]


def test_a_file_is_taken_once(uploads):
    upload = asyncio.run(drop(uploads, "wte.csv", b"1"))
    for index in (0, 1):
        with pytest.raises(MessageError, match="Drop it once more"):
            asyncio.run(uploads.receive(upload, index, pieces(b"2")))
    assert (upload.folder / "files" / "wte.csv").read_bytes() == b"1"


def test_a_file_dropped_again_takes_the_place_of_the_older_one(uploads):
    upload = asyncio.run(drop(uploads, "wte.csv", b"old"))
    asyncio.run(drop(uploads, "wte.csv", b"newer", upload))
    assert [file.bytes for file in upload.here()] == [5]
    assert (upload.folder / "files" / "wte.csv").read_bytes() == b"newer"


def test_two_files_of_one_name_in_one_drop_are_both_taken_and_the_later_one_stays(uploads):
    upload, files = uploads.begin([("a/wte.csv", 3), ("b/wte.csv", 5)])
    for file, data in zip(files, (b"old", b"newer"), strict=True):
        asyncio.run(uploads.receive(upload, file.index, pieces(data)))
    assert [file.bytes for file in upload.here()] == [5]


def test_a_file_that_is_arriving_cannot_be_left_out(uploads):
    async def leave_out_meanwhile():
        upload, [file] = uploads.begin([("wte.csv", 2)])

        async def chunks():
            yield b"1"
            with pytest.raises(MessageError, match="is arriving"):
                upload.leave_out(file.index)
            yield b"2"
        await uploads.receive(upload, file.index, chunks())
        return upload

    assert len(asyncio.run(leave_out_meanwhile()).here()) == 1


def test_a_file_that_is_left_out_is_gone(uploads):
    upload = asyncio.run(drop(uploads, "wte.csv", b"1"))
    upload.leave_out(0)
    assert upload.here() == [] and files_below(upload.folder) == []


@pytest.mark.parametrize(("limits", "message"), [
    (Limits(files=1), "These are 2 files; at most 1 are taken for one model."),
    (Limits(bytes=9), "These files have 10 bytes; at most 9 are taken for one model."),
    (Limits(uploads=0), "0 models are being dropped already, in other tabs. Finish one of them, or "
                        "let it go."),
])
def test_a_limit_is_stated(tmp_path, limits, message):
    uploads = Uploads(tmp_path / "models", limits)
    with pytest.raises(MessageError) as caught:
        uploads.begin([("wte.csv", 5), ("wpe.csv", 5)])
    assert str(caught.value) == message
    assert not (tmp_path / "models").exists()


def test_a_limit_counts_what_an_upload_holds_already(tmp_path):
    uploads = Uploads(tmp_path / "models", Limits(bytes=9))
    upload = asyncio.run(drop(uploads, "wte.csv", b"12345"))
    with pytest.raises(MessageError, match="have 10 bytes; at most 9"):
        uploads.begin([("wpe.csv", 5)], upload)


def test_a_disk_without_room_refuses_before_anything_is_sent(tmp_path):
    uploads = Uploads(tmp_path / "models", Limits(spare_bytes=100), lambda folder: 1_100)
    upload, _ = uploads.begin([("wte.csv", 900)])
    with pytest.raises(DiskError) as caught:
        uploads.begin([("wpe.csv", 101)], upload)
    assert str(caught.value) == (
        "There is no room for these 101 bytes: the disk of the store can take 100, with 100 kept "
        "free. Nothing was taken. Make room, or set CUTAWAY_HOME to a folder on another disk.")
    assert [file.name for file in upload.dropped.values()] == ["wte.csv"]


@contextmanager
def files_of_at_most(size_bytes):
    """The system breaks off every file at this length, as it does when the disk is full."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size_bytes, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


def test_a_disk_that_fills_up_meanwhile_loses_only_that_file(uploads):
    upload = asyncio.run(drop(uploads, "wte.csv", b"12345"))
    _, [file] = uploads.begin([("wpe.csv", 5_000_000)], upload)
    with files_of_at_most(1_000_000), pytest.raises(DiskError) as caught:
        asyncio.run(uploads.receive(upload, file.index, pieces(bytes(5_000_000))))
    assert str(caught.value) == ("wpe.csv could not be written: File too large. Make room and drop "
                                 "it once more; the other files are still held.")
    assert files_below(upload.folder) == ["files/wte.csv"]
    assert [file.state for file in upload.dropped.values()] == ["here", "awaited"]


def test_an_upload_that_is_let_go_leaves_nothing(uploads, tmp_path):
    upload = asyncio.run(drop(uploads, "wte.csv", b"1"))
    uploads.drop(upload)
    assert not upload.folder.exists()
    with pytest.raises(MessageError, match=r"no longer held.*Drop them again"):
        uploads.find(upload.key)
    uploads.close()
    assert not (tmp_path / "models" / ".uploads").exists()


def test_an_upload_of_which_nothing_is_heard_is_let_go(tmp_path):
    patient = Uploads(tmp_path / "patient", Limits(idle_seconds=3_600))
    upload = asyncio.run(drop(patient, "wte.csv", b"1"))
    patient.drop_idle()
    assert upload.folder.exists()
    impatient = Uploads(tmp_path / "impatient", Limits(idle_seconds=0))
    upload = asyncio.run(drop(impatient, "wte.csv", b"1"))
    impatient.drop_idle()
    assert not upload.folder.exists()


def test_a_server_lets_idle_uploads_go_by_itself(tmp_path):
    async def wait():
        book = PlayedBook(tmp_path, Limits(idle_seconds=0.2))
        await book.ask("upload_begin", files=[{"name": "wte.csv", "bytes": 1}])
        for _ in range(1_000):
            if not list(tmp_path.glob(".uploads/*/*/")):
                return
            await asyncio.sleep(0.01)
        pytest.fail("it is still there")

    asyncio.run(wait())


HOLDING = """
import asyncio, sys
from pathlib import Path
from cutaway.studio.uploads import Uploads

async def byte():
    yield b"1"

uploads = Uploads(Path(sys.argv[1]))
upload, files = uploads.begin([("wte.csv", 1)])
asyncio.run(uploads.receive(upload, 0, byte()))
print(upload.folder, flush=True)
sys.stdin.read()
"""


def test_what_a_killed_server_had_taken_is_removed_by_the_next_and_a_living_ones_stays(tmp_path):
    servers = [subprocess.Popen([sys.executable, "-c", HOLDING, str(tmp_path)], text=True,
                                stdin=subprocess.PIPE, stdout=subprocess.PIPE) for _ in "ab"]
    try:
        dead, living = [server.stdout.readline().strip() for server in servers]
        servers[0].send_signal(signal.SIGKILL)
        servers[0].wait()
        assert os.path.exists(dead)
        Uploads(tmp_path)
        assert not os.path.exists(dead)
        assert os.path.exists(os.path.join(living, "files", "wte.csv"))
    finally:
        for server in servers:
            server.kill()
            server.communicate()
    Uploads(tmp_path)
    assert files_below(tmp_path) == [] and not (tmp_path / ".uploads").exists()


@pytest.fixture
def book(tmp_path):
    return PlayedBook(tmp_path / "models")


@pytest.fixture
def app(book):
    app = Starlette(routes=ROUTES)
    app.state.book = book
    return app


def test_the_bytes_of_a_file_are_posted_to_its_number(app, book):
    upload, [file] = book.desk.uploads.begin([("wte.csv", 3)])
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
    upload, _ = book.desk.uploads.begin([("wte.csv", 3)])
    before = files_below(tmp_path)
    with TestClient(app) as client:
        answer = client.post(address.replace("KEY", upload.key), content=b"1,2")
        assert client.get(f"/upload/{upload.key}/0").status_code == 405
    assert answer.status_code == status
    if status == 400:
        assert answer.json()["error"]["kind"] == "MessageError"
    assert files_below(tmp_path) == before


def test_a_full_disk_is_told_even_when_the_browser_has_more_to_send(app, book):
    upload, [file] = book.desk.uploads.begin([("wte.csv", 40_000_000)])
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
    upload, [file] = book.desk.uploads.begin([("wte.csv", 9_000_000)])
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
from cutaway.studio.upload_routes import ROUTES
from tests.studio.dropping import PlayedBook

async def most_memory(request):
    scale = 1 if sys.platform == "darwin" else 1024  # ru_maxrss: bytes there, kilobytes elsewhere
    return PlainTextResponse(str(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * scale))

async def begin(request):
    return PlainTextResponse(app.state.book.desk.uploads.begin([("x.csv", 300_000_000)])[0].key)

app = Starlette(routes=[*ROUTES, Route("/memory", most_memory), Route("/begin", begin)])
app.state.book = PlayedBook(Path(sys.argv[1]))
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
