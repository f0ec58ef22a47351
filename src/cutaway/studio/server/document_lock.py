"""One server for one document: two of them would overwrite each other's changes.

    CUTAWAY_HOME/books/5f0c.../lock       locked for as long as a server has the document open
    CUTAWAY_HOME/books/5f0c.../address    that server's address, readable by its owner only

The system takes a lock away from a process that ends, however it ends.
"""

import os
from contextlib import suppress
from pathlib import Path

from filelock import FileLock, Timeout

from cutaway.errors import DiskError, DocumentInUse
from cutaway.studio.server.documents import documents_folder


class DocumentLock:
    """The lock of the one document that a server has open.

    address  where that server can be reached, with its key
    """

    def __init__(self, address: str):
        self.address = address
        self._lock: FileLock | None = None

    def take(self, identity: str) -> None:
        """Lock a document, and let go of the one before.

        Raises:  DocumentInUse while another server has it; DiskError when its folder cannot be
                 written. The one before is then locked as it was
        """
        lock = _lock_of(identity)
        if self._lock is not None and self._lock.lock_file == lock.lock_file:
            return
        try:
            Path(lock.lock_file).parent.mkdir(parents=True, exist_ok=True)
            lock.acquire(blocking=False)
            _write_address(_address_file(identity), self.address)
        except Timeout:
            raise DocumentInUse(
                "This workbook is open in another cutaway. Go on in its browser window, or begin a "
                "new workbook: cutaway open --new") from None
        except OSError as error:
            lock.release()
            raise DiskError(f"{lock.lock_file} could not be written: {error.strerror}. Make room, "
                            "or set CUTAWAY_HOME to another folder.") from error
        self.release()
        self._lock = lock

    def take_where_writable(self, identity: str) -> str:
        """The same, but where its folder cannot be written no document is locked.

        Nothing can be saved there either; whoever saves takes the lock first.

        Returns:  why its folder cannot be written; "" when it can
        Raises:  DocumentInUse while another server has it
        """
        try:
            self.take(identity)
        except DiskError as error:
            self.release()
            return str(error)
        return ""

    @property
    def is_held(self) -> bool:
        """Whether a document is locked."""
        return self._lock is not None

    def release(self) -> None:
        """Let go of the document."""
        if self._lock is not None:
            with suppress(OSError):
                (Path(self._lock.lock_file).parent / "address").unlink(missing_ok=True)
            self._lock.release()
            self._lock = None


def address_of(identity: str) -> str | None:
    """Return the address of the server that has a document open; None when none has.

    A document without an address has its lock left alone: who takes it just then is not refused.
    """
    try:
        address = _address_file(identity).read_text(encoding="utf-8")
    except OSError:
        return None
    lock = _lock_of(identity)
    try:
        lock.acquire(blocking=False)
    except Timeout:
        return address
    except OSError:  # a folder that can only be read
        return None
    lock.release()
    return None


def _lock_of(identity: str) -> FileLock:
    # Taken in one thread and let go of in another: by default, each thread has a lock of its own.
    return FileLock(documents_folder() / identity / "lock", thread_local=False)


def _address_file(identity: str) -> Path:
    return documents_folder() / identity / "address"


def _write_address(file: Path, address: str) -> None:
    """Write the address where only its owner can read it: it holds the key."""
    file.unlink(missing_ok=True)
    with os.fdopen(os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w",
                   encoding="utf-8") as opened:
        opened.write(address)
