"""The folder of one server's uploads: how the next server tells whether it is still in use."""

import secrets
import shutil
from contextlib import suppress
from pathlib import Path

from filelock import FileLock, Timeout

from cutaway.errors import DiskError

FOLDER = ".uploads"
LOCK = "lock"


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
        """Nothing: all that lies in the folder is gone, and the lock is given back."""
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
    """Nothing: what servers that live no longer had taken is gone."""
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
