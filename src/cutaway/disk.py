"""Writing whole or not at all, whatever ends the process: nothing half written has its name.

All is written in a hidden folder beside its place, which is locked for as long as its process lives
(`hidden_folder.py`). A process that ends in between leaves that folder, and the next start settles
it: what was being moved is moved to the end, and what was only being written is deleted.

    with whole_file(path) as draft:              one file
    with whole_files(folder) as drafts:          several, into a folder that keeps its others
    with whole_new_folder(folder) as draft:      a folder that is not there yet
    with whole_replacement(folder) as draft:     a folder in the place of one that is
    remove_whole(folder)
    replace_folder(draft, folder)                a whole folder, into the place of another one
    settle_leftovers(folder)                     what the next start does for all that is in it
    settle_files(folder)                         the same, and for the folder itself
"""

import os
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path

from cutaway.errors import CutawayError, DiskError
from cutaway.hidden_folder import Hidden, hidden_beside, put_back, reason_of, settle_leftovers

__all__ = ["NOT_WRITTEN", "put_back", "remove_whole", "replace_folder", "settle_files",
           "settle_leftovers", "whole_file", "whole_files", "whole_new_folder", "whole_replacement"]

FILES = "files"  # what a hidden folder for several files is called after

NOT_WRITTEN = ("{place} could not be written: {reason}. What was there before is unchanged. "
               "Make room, or choose another folder.")
NOT_REMOVED = ("{place} could not be removed: {reason}. It is still there. Close what has it open, "
               "and check that its folder is yours.")


@contextmanager
def whole_file(path: Path, failure: str = NOT_WRITTEN, *,
               parents: bool = False) -> Iterator[Path]:
    """A draft to write to, which becomes `path` when the block ends well.

    What else is written beside the draft goes when the block ends.
    failure  what to say when it cannot be written, with `{place}` and `{reason}` in it
    parents  whether to make the folder that it lies in, as in `Path.mkdir`
    Raises:  DiskError when it cannot be written; a file that was there is unchanged
    """
    with _disk_errors(path, failure), _beside_file(path, parents) as hidden:
        draft = hidden.new / path.name
        yield draft
        _write_through(draft)
        draft.replace(path)


@contextmanager
def whole_files(folder: Path, failure: str = NOT_WRITTEN,
                instead_of: Iterable[str] = ()) -> Iterator[Path]:
    """A folder to write drafts into; all of them move into `folder` when the block ends well.

    Other files in `folder` stay, and `folder` itself is made if it is not there. Old and new files
    never lie beside each other: first the old ones go, then the new ones come, config.json last.

    failure     what to say when they cannot be written, with `{place}` and `{reason}` in it
    instead_of  names of further files and folders that go when the new ones come
    Raises:  DiskError when one cannot be written or moved; what `folder` held is then unchanged
    """
    settle_files(folder)
    if not os.path.lexists(folder):
        with whole_new_folder(folder, failure) as draft:
            yield draft
        return
    with _disk_errors(folder, failure), _beside_files(folder) as hidden:
        yield hidden.new
        _write_all_through(hidden.new)
        hidden.move(instead_of)


@contextmanager
def whole_new_folder(folder: Path, failure: str = NOT_WRITTEN) -> Iterator[Path]:
    """A draft folder to write into, which becomes `folder` when the block ends well, else vanishes.

    failure  as in `whole_file`
    Raises:  DiskError when it cannot be written; `folder` is then as absent as before
    """
    with _disk_errors(folder, failure), _draft_folder(folder) as hidden:
        draft = hidden.new / folder.name
        yield draft
        _write_all_through(draft)
        draft.rename(folder)


@contextmanager
def whole_replacement(folder: Path) -> Iterator[Path]:
    """A draft folder to write into, which takes the place of `folder` when the block ends well.

    Raises:  DiskError when it cannot be written; the old folder is then still there
    """
    with _disk_errors(folder, NOT_WRITTEN), _draft_folder(folder) as hidden:
        yield hidden.new / folder.name
        _write_all_through(hidden.new)
        hidden.move()


def replace_folder(draft: Path, folder: Path) -> None:
    """Move a folder that is whole into the place of `folder`, whether there is one or not.

    Raises:  OSError when it cannot be moved; the old folder is then still there
    """
    with hidden_beside(folder) as hidden:
        draft.rename(hidden.new / folder.name)
        hidden.move()


def remove_whole(folder: Path) -> None:
    """Delete a folder: it is gone in one step, and never there in part.

    Raises:  DiskError when it cannot be deleted; it is then still there
    """
    with _disk_errors(folder, NOT_REMOVED), hidden_beside(folder) as hidden:
        hidden.move([folder.name])


def settle_files(folder: Path) -> None:
    """Settle what was left in a folder, and beside it from when it was made. Nothing is raised."""
    settle_leftovers(folder)
    settle_leftovers(folder.parent, folder.name)


@contextmanager
def _beside_file(path: Path, parents: bool) -> Iterator[Hidden]:
    if parents:
        path.parent.mkdir(parents=True, exist_ok=True)
    with hidden_beside(path) as hidden:
        yield hidden


@contextmanager
def _beside_files(folder: Path) -> Iterator[Hidden]:
    folder.mkdir(exist_ok=True)  # which fails where it is no folder
    with hidden_beside(folder / FILES) as hidden:
        yield hidden


@contextmanager
def _draft_folder(folder: Path) -> Iterator[Hidden]:
    folder.parent.mkdir(parents=True, exist_ok=True)
    with hidden_beside(folder) as hidden:
        (hidden.new / folder.name).mkdir()
        yield hidden


def _write_all_through(folder: Path) -> None:
    for file in sorted(folder.rglob("*")):
        if file.is_file():
            _write_through(file)


def _write_through(file: Path) -> None:
    """Bring the file to the disk, so that a full one is noticed here and not after the moving."""
    with file.open("r+b") as opened:
        os.fsync(opened.fileno())


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
        raise DiskError(failure.format(place=str(place), reason=reason_of(error))) from error


def _tells_of_the_disk(error: Exception) -> bool:
    if isinstance(error, OSError):
        return True
    from safetensors import SafetensorError  # a full disk, as the library that writes weights says

    return isinstance(error, SafetensorError)
