"""Dropped files: written as they come, counted, and gone when nobody wants them."""

import asyncio
import os

import pytest

from cutaway.errors import DiskError, MessageError
from cutaway.studio.models.upload import Limits
from cutaway.studio.models.uploads import Uploads
from tests.studio.dropping import PlayedBook, files_below, files_of_at_most, pieces


@pytest.fixture
def uploads(tmp_path):
    return Uploads(tmp_path / "models")


async def drop(uploads, name, data, upload=None):
    """The upload after one file was announced and sent."""
    upload, [file] = uploads.begin([(name, len(data))], upload)
    await uploads.receive(upload, file.index, pieces(data))
    return upload


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
