"""Writing whole or not at all: nothing that is half written is ever seen under its name."""

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from uuid import uuid4

from cutaway.errors import CutawayError, DiskError

NOT_WRITTEN = ("{place} could not be written: {reason}. What was there before is unchanged. "
               "Make room, or choose another folder.")


@contextmanager
def whole_file(path: Path, failure: str = NOT_WRITTEN) -> Iterator[Path]:
    """A draft beside `path` to write to, which becomes `path` when the block ends well.

    failure  what to say when it cannot be written, with `{place}` and `{reason}` in it
    Raises:  DiskError when it cannot be written; a file that was there is unchanged
    """
    draft = _hidden_beside(path)
    with _disk_errors(path, failure):
        try:
            yield draft
            _write_through(draft)
            draft.replace(path)
        finally:
            with suppress(OSError):
                draft.unlink()


@contextmanager
def whole_files(folder: Path, failure: str = NOT_WRITTEN) -> Iterator[Path]:
    """A folder to write drafts into; all of them move into `folder` when the block ends well.

    Other files in `folder` stay, and `folder` itself is made if it is not there.

    failure  what to say when they cannot be written, with `{place}` and `{reason}` in it
    Raises:  DiskError when one cannot be written or moved; what `folder` held is then unchanged
    """
    was_there = folder.exists()
    hidden = _hidden_beside(folder / "files")
    drafts, aside = hidden / "new", hidden / "old"
    with _disk_errors(folder, failure):
        try:
            folder.mkdir(parents=True, exist_ok=True)
            drafts.mkdir(parents=True)
            aside.mkdir()
            yield drafts
            _move_all(drafts, folder, aside)
        except BaseException:
            shutil.rmtree(drafts, ignore_errors=True)
            _remove_empty(aside, hidden, *(() if was_there else (folder,)))
            raise
        shutil.rmtree(hidden, ignore_errors=True)


@contextmanager
def whole_new_folder(folder: Path) -> Iterator[Path]:
    """A draft folder to write into, which becomes `folder` when the block ends well, else vanishes.

    Raises:  DiskError when it cannot be written; `folder` is then as absent as before
    """
    draft = _hidden_beside(folder)
    with _disk_errors(folder, NOT_WRITTEN):
        try:
            draft.mkdir(parents=True)
            yield draft
            for file in draft.rglob("*"):
                if file.is_file():
                    _write_through(file)
            draft.rename(folder)
        finally:
            shutil.rmtree(draft, ignore_errors=True)


def put_back(aside: Path, place: Path) -> None:
    """Put what was put aside in its place again.

    Raises:  DiskError saying where it lies, when it cannot be moved
    """
    try:
        aside.replace(place)
    except OSError as error:
        raise DiskError(
            f"{place} could not be written, and what was there before could not be put back: "
            f"{_reason(error)}. It lies in {aside.parent}: move it to {place.parent} by hand."
            ) from error


def _move_all(drafts: Path, folder: Path, aside: Path) -> None:
    """Every file of `drafts` is in `folder`, or none; what they replace waits in `aside`."""
    files = sorted(drafts.iterdir())
    for draft in files:
        _write_through(draft)
    new = [folder / draft.name for draft in files if not os.path.lexists(folder / draft.name)]
    try:
        for draft in files:
            place = folder / draft.name
            if place.is_file() or place.is_symlink():  # a folder stays, and the next line fails
                place.replace(aside / draft.name)
            draft.replace(place)
    except BaseException:
        for place in new:
            place.unlink(missing_ok=True)
        for old in sorted(aside.iterdir()):
            put_back(old, folder / old.name)
        raise


def _hidden_beside(path: Path) -> Path:
    """A name that nothing has, in the same folder: moving from there takes one step."""
    return path.parent / f".{path.name}.{uuid4().hex}"


def _write_through(file: Path) -> None:
    """Bring the file to the disk, so that a full one is noticed here and not after the moving."""
    with file.open("r+b") as opened:
        os.fsync(opened.fileno())


def _remove_empty(*folders: Path) -> None:
    for folder in folders:
        with suppress(OSError):  # what could not be put back is never deleted
            folder.rmdir()


@contextmanager
def _disk_errors(place: Path, failure: str) -> Iterator[None]:
    """What the system says when it cannot write, in our words."""
    try:
        yield
    except CutawayError:
        raise
    except Exception as error:
        if not _tells_of_the_disk(error):
            raise
        raise DiskError(failure.format(place=str(place), reason=_reason(error))) from error


def _tells_of_the_disk(error: Exception) -> bool:
    if isinstance(error, OSError):
        return True
    from safetensors import SafetensorError  # a full disk, as the library that writes weights says

    return isinstance(error, SafetensorError)


def _reason(error: Exception) -> str:
    return getattr(error, "strerror", None) or str(error)
