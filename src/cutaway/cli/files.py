"""Files that a user names on the command line, read and written with errors in their words."""

import sys
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, TextIO

import click

from cutaway.disk import whole_file

if TYPE_CHECKING:
    from cutaway.texts import Reading


def read_standard_input() -> bytes:
    """All that comes on standard input."""
    return sys.stdin.buffer.read()


def read_bytes(path: Path) -> bytes:
    """What a file holds.

    Raises:  click.UsageError when there is no such file, or it cannot be read
    """
    try:
        return path.read_bytes()
    except OSError as error:
        raise click.UsageError(f"{path} cannot be read: {error.strerror}. Check the spelling, and "
                               "whether it is a file that you may read.") from None


def documents_of(path: Path, reading: "Reading") -> tuple[str, ...]:
    """The documents of a file or a folder.

    Raises:  click.UsageError when it cannot be opened; NotText, SettingError
    """
    from cutaway.texts import read_documents

    try:
        return tuple(read_documents(path, reading))
    except OSError as error:
        raise click.UsageError(f"{path} cannot be read: {error.strerror}. Check the spelling, and "
                               "whether it is a file that you may read.") from None


def write_whole(path: Path, write: Callable[[TextIO], None]) -> None:
    """A text file, whole or not at all.

    Raises:  DiskError when it cannot be written; a file that was there is unchanged
    """
    with whole_file(path) as draft, draft.open("w", encoding="utf-8", newline="") as file:
        write(file)
