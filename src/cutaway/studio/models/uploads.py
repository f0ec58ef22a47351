"""Files that are dropped on the page: written to a folder of their own until a model is whole.

    <store>/.uploads/<this server>/<one upload>/files/model_wte.csv

    POST /upload/<key of the upload>/<number of the file>

That folder lies in the store's, hence on its disk. No name of a user's is ever joined to a path
before `plain_name` has made it plain; an upload and its files are asked for by key and number.
"""

import asyncio
import errno
import os
import secrets
import shutil
from collections.abc import AsyncIterator, Callable, Iterable
from contextlib import suppress
from pathlib import Path
from typing import IO

from filelock import FileLock, Timeout
from starlette.requests import ClientDisconnect, Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from cutaway.errors import CutawayError, DiskError, MessageError
from cutaway.studio.models.upload import GONE, DroppedFile, Limits, Upload, left_out, plain_name
from cutaway.words import message

FOLDER = ".uploads"
LOCK = "lock"
BUFFER_BYTES = 1 << 20  # written at once: a thread for each piece of the network would cost more
FULL = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)


class Uploads:
    """The uploads of one server.

        uploads = Uploads(store_folder)
        upload, files = uploads.begin([("model_wte.csv", 1024)])
        await uploads.receive(upload, files[0].index, chunks)
        uploads.drop(upload)

    free_bytes  how much room the disk of a folder has
    """

    def __init__(self, store_folder: Path, limits: Limits | None = None,
                 free_bytes: Callable[[Path], int] = lambda path: shutil.disk_usage(path).free):
        self.limits = limits or Limits()
        self._folder = UploadFolder(store_folder)
        self._free_bytes = free_bytes
        self._uploads: dict[str, Upload] = {}

    def begin(self, files: Iterable[tuple[str, int]],
              upload: Upload | None = None) -> tuple[Upload, list[DroppedFile]]:
        """An upload, new or gone on with, and an entry for each file that is announced.

        files    the name and the size in bytes of each
        Raises:  MessageError beyond a limit, DiskError when there is no room
        """
        files = list(files)
        self._expect_within_limits(files, upload)
        self._expect_room(sum(size for _, size in files))
        upload = upload or self._new_upload()
        upload.heard()
        return upload, _announce(upload, files)

    def find(self, key: str) -> Upload:
        """The upload of that key.  Raises:  MessageError when there is none any more"""
        if key not in self._uploads:
            raise MessageError(GONE)
        self._uploads[key].heard()
        return self._uploads[key]

    async def receive(self, upload: Upload, index: int, chunks: AsyncIterator[bytes]
                      ) -> DroppedFile:
        """The file of that number, whose bytes are now on the disk.

        Raises:  MessageError when it is not awaited, or when more or fewer bytes came than were
                 announced; DiskError when the disk is full. Nothing of the file is then left, and
                 it is awaited again.
        """
        file = upload.expect_awaited(index)
        file.state = "arriving"
        part = upload.folder / f"{index}.part"
        try:
            with part.open("xb") as opened:
                await _write(opened, upload, file, chunks)
            await asyncio.to_thread(os.replace, part, upload.path(file))
        except BaseException as error:
            file.state = "awaited"
            part.unlink(missing_ok=True)
            if isinstance(error, OSError):
                raise _disk_error(upload, file, error) from error
            raise
        upload.has_come(file)
        return file

    def drop(self, upload: Upload) -> None:
        """Delete the upload and all its files."""
        self._uploads.pop(upload.key, None)
        shutil.rmtree(upload.folder, ignore_errors=True)

    def drop_idle(self) -> None:
        """Delete the uploads of which nothing was heard for long."""
        for upload in list(self._uploads.values()):
            if upload.has_waited(self.limits.idle_seconds):
                self.drop(upload)

    def close(self) -> None:
        """Delete all uploads of this server."""
        self._uploads.clear()
        self._folder.close()

    def _new_upload(self) -> Upload:
        folder = self._folder.new_folder()
        upload = Upload(secrets.token_urlsafe(16), folder)
        upload.files_folder.mkdir()
        self._uploads[upload.key] = upload
        return upload

    def _expect_within_limits(self, files: list[tuple[str, int]], upload: Upload | None) -> None:
        held = list(upload.dropped.values()) if upload else []
        count = len(held) + len(files)
        if count > self.limits.files:
            raise MessageError(f"These are {count:,} files; at most {self.limits.files:,} are "
                               "taken for one model.")
        size = sum(file.bytes for file in held) + sum(size for _, size in files)
        if size > self.limits.bytes:
            raise MessageError(f"These files have {size:,} bytes; at most {self.limits.bytes:,} "
                               "are taken for one model.")
        if upload is None and len(self._uploads) >= self.limits.uploads:
            raise MessageError(f"{len(self._uploads)} models are being dropped already, in other "
                               "tabs. Finish one of them, or let it go.")

    def _expect_room(self, size: int) -> None:
        """Check that the disk has room for so many more bytes, with some to spare."""
        awaited = sum(upload.awaited_bytes() for upload in self._uploads.values())
        place = next(folder for folder in self._folder.path.parents if folder.exists())
        room = max(0, self._free_bytes(place) - self.limits.spare_bytes - awaited)
        if size > room:
            raise DiskError(
                f"There is no room for these {size:,} bytes: the disk of the store can take "
                f"{room:,}, with {self.limits.spare_bytes:,} kept free. Nothing was taken. Make "
                "room, or set CUTAWAY_HOME to a folder on another disk.")


def _announce(upload: Upload, files: list[tuple[str, int]]) -> list[DroppedFile]:
    """An entry for each file; those that are of no use are left out from the start."""
    names = [name for name, _ in files] + [file.name for file in upload.dropped.values()]
    entries = []
    for given, size in files:
        try:
            name = plain_name(given)
            words = left_out(name, names)
        except MessageError as error:
            name, words = ascii(given)[1:61], str(error)
        entries.append(upload.add(name, size, words))
    return entries


async def _write(opened: IO[bytes], upload: Upload, file: DroppedFile,
                 chunks: AsyncIterator[bytes]) -> None:
    """The bytes, as they come, in a thread: a slow disk holds up nothing else."""
    buffer = bytearray()
    count = 0
    async for chunk in chunks:
        buffer += chunk
        count += len(chunk)
        if count > file.bytes:
            raise MessageError(f"{file.name} has more than the {file.bytes:,} bytes that were "
                               "announced. It has changed meanwhile: drop it once more.")
        if len(buffer) >= BUFFER_BYTES:
            await asyncio.to_thread(opened.write, buffer)
            upload.heard()
            buffer = bytearray()
    await asyncio.to_thread(opened.write, buffer)
    if count < file.bytes:
        raise MessageError(f"{file.name} broke off after {count:,} of {file.bytes:,} bytes. Drop "
                           "it once more.")


def _disk_error(upload: Upload, file: DroppedFile, error: OSError) -> Exception:
    """What the system says when it cannot write, in our words."""
    if not upload.folder.exists():
        return MessageError(GONE)
    advice = "Make room and drop it once more" if error.errno in FULL else "Drop it once more"
    return DiskError(f"{file.name} could not be written: {error.strerror}. {advice}; the other "
                     "files are still held.")


class UploadFolder:
    """A folder in the store that is locked for as long as this process lives.

        <store>/.uploads/4f1c0d.../lock

    The system takes a lock away from a process that ends, however it ends. A folder without one is
    what a server left behind, and the next server removes it.
    """

    def __init__(self, store_folder: Path):
        self.path = store_folder / FOLDER / secrets.token_hex(8)
        self._lock: FileLock | None = None
        remove_leftovers(store_folder)

    def new_folder(self) -> Path:
        """A folder within, with a name that nobody can guess.

        Raises:  DiskError when it cannot be made
        """
        try:
            self._take_the_lock()
            folder = self.path / secrets.token_hex(8)
            folder.mkdir(mode=0o700)
        except OSError as error:
            raise DiskError(f"{self.path} could not be written: {error.strerror}. Nothing was "
                            "taken. Make room, or set CUTAWAY_HOME to another folder.") from error
        return folder

    def close(self) -> None:
        """Delete all that is in the folder, and give the lock back."""
        shutil.rmtree(self.path, ignore_errors=True)
        if self._lock is not None:
            self._lock.release()
            self._lock = None
        _remove_if_empty(self.path.parent)

    def _take_the_lock(self) -> None:
        if self._lock is not None and self.path.exists():
            return
        self.path.mkdir(parents=True, exist_ok=True, mode=0o700)
        self._lock = _lock_in(self.path)
        self._lock.acquire(blocking=False)


def remove_leftovers(store_folder: Path) -> None:
    """Delete what servers that live no longer had taken."""
    for folder in (store_folder / FOLDER).glob("*"):
        with suppress(OSError):
            if not _is_held(folder):
                shutil.rmtree(folder, ignore_errors=True)
    _remove_if_empty(store_folder / FOLDER)


def _is_held(folder: Path) -> bool:
    """Whether a living process has this folder's lock."""
    lock = _lock_in(folder)
    try:
        lock.acquire(blocking=False)
    except Timeout:
        return True
    lock.release()
    return False


def _lock_in(folder: Path) -> FileLock:
    # Taken in one thread and let go of in another: by default, each thread has a lock of its own.
    return FileLock(folder / LOCK, thread_local=False)


def _remove_if_empty(folder: Path) -> None:
    with suppress(OSError):
        folder.rmdir()


async def receive_file(request: Request) -> Response:
    """The bytes of one file, written as they come, for the document that is open."""
    uploads: Uploads = request.app.state.document.models.uploads
    try:
        upload = uploads.find(request.path_params["upload"])
        file = await uploads.receive(upload, request.path_params["index"], request.stream())
    except ClientDisconnect:
        return Response(status_code=400)  # nobody hears it: the page has gone
    except CutawayError as error:
        await _read_to_the_end(request)
        status = 507 if isinstance(error, DiskError) else 400
        answer = {"kind": type(error).__name__, "message": message(str(error))}
        return JSONResponse({"error": answer}, status)
    return JSONResponse({"file": file.to_dict()})


async def _read_to_the_end(request: Request) -> None:
    """Read what is left: a browser takes an answer only when it has sent all that it wanted to."""
    with suppress(ClientDisconnect):
        async for _ in request.stream():
            pass


ROUTES = [Route("/upload/{upload}/{index:int}", receive_file, methods=["POST"])]
