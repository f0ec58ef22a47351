"""The hidden folder in which something is written, and what becomes of one that was left behind.

    .gpt2.5f0c.../lock       held by the process that writes
    .gpt2.5f0c.../new/       what is written
    .gpt2.5f0c.../gone/      names of what goes without anything in its place
    .gpt2.5f0c.../old/       what was moved out of the way; there from when moving begins
    .gpt2.5f0c.../undone/    `new`, once it was decided that it shall not come

A process may end between any two operations. Who finds the folder then, with nobody holding its
lock, goes by what is in it: without `old` nothing was moved, and all of it is deleted; with `old`
the moving is brought to its end; with `undone` what is in `old` is put back.

The last half of the name is signed with a key that only this user's Cutaway has: a folder in a
stranger's archive that looks like one of these is none.
"""

import hmac
import os
import re
import shutil
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING
from uuid import uuid4

from cutaway.errors import DiskError
from cutaway.folders import state_folder

if TYPE_CHECKING:
    from filelock import BaseFileLock

LEFT = re.compile(r"\.(.+)\.([0-9a-f]{16})([0-9a-f]{16})")
KEY_BYTES = 32
LAST = "config.json"  # without it, weights are no model yet
_OWN_KEY = os.urandom(KEY_BYTES)
LOCK, NEW, GONE, OLD, UNDONE = PARTS = ("lock", "new", "gone", "old", "undone")


class Hidden:
    """A hidden folder beside what is written.  new: where to write"""

    def __init__(self, folder: Path):
        self.folder, self.place = folder, folder.parent
        self.new, self.gone, self.old, self.undone = (
            folder / part for part in (NEW, GONE, OLD, UNDONE))

    def move(self, instead_of: Iterable[str] = ()) -> None:
        """Move all that is in `new` to its place, or nothing.

        instead_of  names of what else goes away
        Raises:  OSError with all as it was; DiskError when something could not be put back
        """
        names = _names(self.new)
        self.gone.mkdir()
        for name in {*instead_of} - {*names}:  # or it would go once more, after it has come
            (self.gone / name).touch()
        self.old.mkdir()
        try:
            self._move()
        except BaseException:
            self._undo(names)
            raise

    def settle(self) -> None:
        """Bring to its end, or undo, what a process that has ended was doing; then delete it."""
        if self.undone.exists():
            self._put_back()
        elif self.old.exists() and self.new.exists():
            names = _names(self.new)
            try:
                self._move()
            except OSError:
                self._undo(names)
        self.delete()

    def delete(self) -> None:
        """Delete the folder, but never what is nowhere else."""
        with suppress(OSError):
            if self.undone.exists():
                if self.old.exists():
                    self.old.rmdir()  # fails where something could not be put back
            elif self.old.exists() and self.new.exists():
                self.new.rmdir()  # fails where something has still to be moved
            shutil.rmtree(self.folder)

    def _move(self) -> None:
        """First all that is old goes, then the new comes: no moment shows some of each."""
        names = _names(self.new)
        for name in sorted({*names, *_names(self.gone)}):
            if self._gives_way(name) and not os.path.lexists(self.old / name):
                (self.place / name).replace(self.old / name)
        for name in sorted(names, key=lambda name: (name == LAST, name)):
            (self.new / name).replace(self.place / name)

    def _gives_way(self, name: str) -> bool:
        """Whether what is there is moved aside. A folder in a file's place is not: it stays."""
        place, draft = self.place / name, self.new / name
        if place.is_symlink() or not draft.exists():
            return os.path.lexists(place)
        return place.exists() and place.is_dir() == draft.is_dir()

    def _undo(self, names: Iterable[str]) -> None:
        for name in names:
            if not (self.new / name).exists():
                (self.place / name).replace(self.new / name)
        self.new.rename(self.undone)
        self._put_back()

    def _put_back(self) -> None:
        for name in _names(self.old):
            put_back(self.old / name, self.place / name)


def put_back(aside: Path, place: Path) -> None:
    """Put what was put aside in its place again.

    Raises:  DiskError saying where it lies, when it cannot be moved
    """
    try:
        aside.replace(place)
    except OSError as error:
        raise DiskError(
            f"{place} could not be written, and what was there before could not be put back: "
            f"{reason_of(error)}. It lies in {aside.parent}: move it to {place.parent} by hand."
            ) from error


def reason_of(error: Exception) -> str:
    """What the system says went wrong."""
    return getattr(error, "strerror", None) or str(error)


@contextmanager
def hidden_beside(path: Path) -> Iterator[Hidden]:
    """A hidden folder beside `path`, deleted at the end; what others left there is settled first.

    Raises:  OSError when it cannot be made
    """
    settle_leftovers(path.parent, path.name)
    hidden, lock = _locked_folder(path)
    try:
        yield hidden
    finally:
        hidden.delete()
        lock.release()
        hidden.delete()  # on Windows no file is deleted that is locked


def settle_leftovers(folder: Path, name: str | None = None) -> None:
    """Settle each hidden folder in `folder` that no living process holds. Nothing is raised.

    name  of what was written; without one, whatever it was
    """
    with suppress(OSError):
        for entry in sorted(os.listdir(folder)):
            found = LEFT.fullmatch(entry)
            if found and name in (None, found[1]) and _is_signed(*found.groups()):
                _settle(Hidden(folder / entry))


def _settle(hidden: Hidden) -> None:
    if not _is_ours(hidden):
        return
    lock = _lock(hidden)
    with suppress(OSError, NotImplementedError, DiskError):
        lock.acquire(blocking=False)  # fails while its process lives
        try:
            hidden.settle()
        finally:
            lock.release()


def _is_ours(hidden: Hidden) -> bool:
    """Whether the folder holds only what is written here, and no links that lead elsewhere."""
    if hidden.folder.is_symlink() or not hidden.folder.is_dir():
        return False
    parts = [hidden.folder / name for name in _names(hidden.folder)]
    return all(part.name in PARTS and not part.is_symlink() for part in parts)


def _locked_folder(path: Path) -> "tuple[Hidden, BaseFileLock]":
    """A new hidden folder beside `path`, held by this process."""
    from filelock import Timeout

    while True:
        hidden = Hidden(path.parent / signed_name(path.name, uuid4().hex[:16]))
        hidden.folder.mkdir(mode=0o700)
        lock = _lock(hidden)
        try:
            lock.acquire(blocking=False)
        except Timeout:
            continue  # another process took it for a leftover before it was locked
        except (OSError, NotImplementedError):
            pass  # a disk without locks: nobody settles anything there
        try:
            hidden.new.mkdir()
        except FileNotFoundError:
            lock.release()  # as above
        except OSError:
            hidden.delete()
            lock.release()
            raise
        else:
            return hidden, lock


def signed_name(name: str, nonce: str) -> str:
    """What a hidden folder beside `name` is called.  nonce: 16 hexadecimal digits"""
    return f".{name}.{nonce}{_signature(name, nonce)}"


def _is_signed(name: str, nonce: str, signature: str) -> bool:
    return hmac.compare_digest(_signature(name, nonce), signature)


def _signature(name: str, nonce: str) -> str:
    return hmac.new(_key(), f"{name}.{nonce}".encode(errors="surrogateescape"),
                    "sha256").hexdigest()[:16]


def _key() -> bytes:
    """The key of this user's Cutaway, made when it is first asked for.

    Where it cannot be kept, one of this process alone: what the process leaves stays there.
    """
    file = state_folder() / "leftovers.key"
    with suppress(OSError):
        if len(key := file.read_bytes()) == KEY_BYTES:
            return key
    with suppress(OSError):
        file.parent.mkdir(parents=True, exist_ok=True)
        draft = file.with_name(f"{file.name}.{uuid4().hex}")
        draft.touch(mode=0o600)
        draft.write_bytes(_OWN_KEY)
        draft.replace(file)
    return _OWN_KEY


def _lock(hidden: Hidden) -> "BaseFileLock":
    from filelock import FileLock

    # Taken in one thread and let go of in another: by default, each thread has a lock of its own.
    return FileLock(hidden.folder / LOCK, thread_local=False)


def _names(folder: Path) -> list[str]:
    return sorted(os.listdir(folder)) if folder.exists() else []
