"""Writing whole folders or nothing: what is half written is never seen under its name."""

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from uuid import uuid4

from cutaway.errors import CutawayError, DiskError


@contextmanager
def whole_new_folder(folder: Path) -> Iterator[Path]:
    """A draft folder to write into, which becomes `folder` when the block ends well, else vanishes.

    Raises:  DiskError when it cannot be written; `folder` is then as absent as before
    """
    draft = folder.parent / f".{folder.name}.{uuid4().hex}"
    with _disk_errors(folder):
        try:
            draft.mkdir(parents=True)
            yield draft
            draft.rename(folder)
        finally:
            shutil.rmtree(draft, ignore_errors=True)


@contextmanager
def whole_files(folder: Path) -> Iterator[Path]:
    """A draft folder to write into; its files move into `folder` when the block ends well.

    Raises:  DiskError when it cannot be written; what `folder` held is then still there
    """
    was_there = folder.exists()
    draft = folder / f".{uuid4().hex}"
    with _disk_errors(folder):
        try:
            draft.mkdir(parents=True)
            yield draft
            for file in sorted(draft.iterdir()):
                file.replace(folder / file.name)
            draft.rmdir()
        except BaseException:
            shutil.rmtree(draft if was_there else folder, ignore_errors=True)
            raise


@contextmanager
def _disk_errors(folder: Path) -> Iterator[None]:
    """What the system says when it cannot write, in our words."""
    from safetensors import SafetensorError

    try:
        yield
    except CutawayError:
        raise
    except (OSError, SafetensorError) as error:
        reason = error.strerror if isinstance(error, OSError) and error.strerror else str(error)
        raise DiskError(f"{folder} could not be written: {reason}. What was there before is "
                        "unchanged. Make room, or choose another folder.") from error
