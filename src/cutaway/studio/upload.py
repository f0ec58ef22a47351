"""One upload: the dropped files that are to become one model."""

import time
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from cutaway.errors import MessageError

GONE = "These files are no longer held: they waited too long, or were let go. Drop them again."


@dataclass(frozen=True)
class Limits:
    """What is taken at most.

    bytes         of one upload; as much as GPT-2 XL takes as CSV files
    spare_bytes   of the disk, which stay free
    idle_seconds  after which an upload of which nothing is heard is let go
    """

    files: int = 5_000
    bytes: int = 40_000_000_000
    uploads: int = 8
    spare_bytes: int = 500_000_000
    idle_seconds: float = 3_600


@dataclass
class DroppedFile:
    """One file of an upload.

    bytes  how many it has, as the page said
    state  "awaited", "arriving", "here" or "left out"
    words  why it was left out
    """

    index: int
    name: str
    bytes: int
    state: str
    words: str = ""

    def to_dict(self) -> dict[str, Any]:
        """The fields, as the page hears them."""
        return asdict(self)


@dataclass
class Upload:
    """The files of one model to be, by number.

    folder    where they lie: those that have come in `files`, under their plain names
    heard_at  when something was last heard of it, on the monotonic clock
    """

    key: str
    folder: Path
    dropped: dict[int, DroppedFile] = field(default_factory=dict)
    count: int = 0
    heard_at: float = field(default_factory=time.monotonic)

    @property
    def files_folder(self) -> Path:
        """Where the files lie that have come."""
        return self.folder / "files"

    def path(self, file: DroppedFile) -> Path:
        """Where a file lies once it is here."""
        return self.files_folder / file.name

    def here(self) -> list[DroppedFile]:
        """The files that are here, in the order in which they were dropped."""
        return [file for file in self.dropped.values() if file.state == "here"]

    def awaited_bytes(self) -> int:
        """How many bytes were announced and are not yet on the disk."""
        return sum(file.bytes for file in self.dropped.values()
                   if file.state in ("awaited", "arriving"))

    def add(self, name: str, size: int, left_out: str) -> DroppedFile:
        """A new entry; `left_out` says why the file is not wanted, where it is not."""
        state = "left out" if left_out else "awaited"
        file = DroppedFile(self.count, name, size, state, left_out)
        self.dropped[file.index] = file
        self.count += 1
        return file

    def file(self, index: int) -> DroppedFile:
        """The file of that number.  Raises:  MessageError when there is none"""
        if index not in self.dropped:
            raise MessageError(f"There is no file number {index} among them. Drop it once more.")
        return self.dropped[index]

    def expect_awaited(self, index: int) -> DroppedFile:
        """The file of that number, which is to come.  Raises:  MessageError when it is not"""
        file = self.file(index)
        if file.state != "awaited":
            raise MessageError(f"{file.name} is not awaited. Drop it once more.")
        return file

    def has_come(self, file: DroppedFile) -> None:
        """Nothing: the file is here; an older one of its name, which it replaced, is forgotten."""
        file.state = "here"
        for index, other in list(self.dropped.items()):
            if index < file.index and other.name == file.name and other.state != "arriving":
                del self.dropped[index]

    def leave_out(self, index: int) -> None:
        """Nothing: the file of that number is gone.  Raises:  MessageError while it arrives"""
        file = self.file(index)
        if file.state == "arriving":
            raise MessageError(f"{file.name} is arriving. Wait until it is here.")
        if file.state == "here":
            self.path(file).unlink(missing_ok=True)
        del self.dropped[index]

    def heard(self) -> None:
        """Nothing: from now on it waits anew."""
        self.heard_at = time.monotonic()

    def has_waited(self, seconds: float) -> bool:
        """Whether nothing was heard of it for so long."""
        return time.monotonic() - self.heard_at >= seconds
