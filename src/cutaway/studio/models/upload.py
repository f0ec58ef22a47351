"""One upload: the dropped files that are to become one model, and which names they may have."""

import re
import time
import unicodedata
from collections.abc import Collection
from dataclasses import asdict, dataclass, field
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Any

from cutaway.errors import MessageError

GONE = "These files are no longer held: they waited too long, or were let go. Drop them again."
MOST_BYTES = 200  # a file system takes 255, and a working file adds a few
PLAIN = "._-+() "
RESERVED = re.compile(r"(con|prn|aux|nul|com\d|lpt\d)(\..*)?", re.IGNORECASE)

WANTED = ("*.csv", "*.zip", "*.safetensors", "*.bin", "*.pt", "*.pth", "*.index",
          "*.data-?????-of-?????", "*.json", "*.txt", "*.bpe", "readme.md")
# What training leaves beside a model's weights, under names that weights could have.
NOT_WEIGHTS = ("training_args.bin", "optimizer.*", "scheduler.*", "rng_state*", "scaler.pt")
READS = ("safetensors, a PyTorch state dict, OpenAI's checkpoint, the workshop's CSV files or a "
         "zip of them, and the config and tokenizer beside them")


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
        """Note that the file is here; forget an older one of its name, which it replaced."""
        file.state = "here"
        for index, other in list(self.dropped.items()):
            if index < file.index and other.name == file.name and other.state != "arriving":
                del self.dropped[index]

    def leave_out(self, index: int) -> None:
        """Take the file of that number away.  Raises:  MessageError while it arrives"""
        file = self.file(index)
        if file.state == "arriving":
            raise MessageError(f"{file.name} is arriving. Wait until it is here.")
        if file.state == "here":
            self.path(file).unlink(missing_ok=True)
        del self.dropped[index]

    def heard(self) -> None:
        """Begin to wait anew."""
        self.heard_at = time.monotonic()

    def has_waited(self, seconds: float) -> bool:
        """Whether nothing was heard of it for so long."""
        return time.monotonic() - self.heard_at >= seconds


def plain_name(text: str) -> str:
    """A dropped file's own name, without its folders, in letters that every disk takes.

        plain_name("gpt2/model.safetensors")     "model.safetensors"
        plain_name("C:\\\\csv\\\\tokens.csv")        "tokens.csv"
        plain_name("<b>tokens.csv")              "_b_tokens.csv"

    Raises:  MessageError for a name with control characters, for one that is too long, and for
             those that stand for a folder or for a device
    """
    if any(unicodedata.category(letter) in ("Cc", "Cs") for letter in text):
        raise MessageError(f"{_short(text)}: the name holds a character that no file name may "
                           "hold. Rename the file.")
    last = unicodedata.normalize("NFC", re.split(r"[/\\]", text)[-1])
    name = "".join(letter if letter.isalnum() or letter in PLAIN else "_" for letter in last)
    name = name.lstrip(" ").rstrip(" .")
    if not name or RESERVED.fullmatch(name):
        raise MessageError(f"{_short(text)} is no name that a file can have on every computer. "
                           "Rename the file.")
    if len(name.encode()) > MOST_BYTES:
        raise MessageError(f"{_short(text)}: the name takes {len(name.encode()):,} bytes; at most "
                           f"{MOST_BYTES} are taken. Give the file a shorter name.")
    return name


def left_out(name: str, names: Collection[str]) -> str:
    """Why a file is not taken; nothing when it is.

    names  all files that were dropped, this one among them
    """
    low = name.casefold()
    if low.startswith("."):
        return "a hidden file, which no model needs"
    if any(fnmatchcase(low, pattern) for pattern in NOT_WEIGHTS):
        return "what training left behind; the model does not need it"
    if not any(fnmatchcase(low, pattern) for pattern in WANTED):
        return f"not needed: Cutaway reads {READS}"
    if fnmatchcase(low, "pytorch_model*") and _has_safetensors(names):
        return "not needed: model.safetensors holds the same numbers"
    return ""


def _has_safetensors(names: Collection[str]) -> bool:
    return any(fnmatchcase(name.casefold(), "model*.safetensors") for name in names)


def _short(text: str) -> str:
    shown = ascii(text)
    return shown if len(shown) <= 60 else f"{shown[:57]}...'"
