"""The documents of a file or a folder, whichever way it holds them."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from cutaway.errors import NotText, SettingError
from cutaway.texts.decode import decoded
from cutaway.texts.tables import rows_of_table
from cutaway.tokenizer.special import END_OF_TEXT

# What a file's ending says of what is in it; all others are plain text.
ENDINGS = {".csv": "csv", ".tsv": "csv", ".jsonl": "jsonl", ".ndjson": "jsonl",
           ".parquet": "parquet"}
KINDS = ("text", "lines", "csv", "jsonl", "parquet")
OF_A_FOLDER = (".txt", ".text", ".md", *ENDINGS)


@dataclass(frozen=True)
class Reading:
    """How files are read.

    kind      one of KINDS; None for what each file's ending says
    column    the column or field that has the texts; None for `text`, or the only one of texts
    encoding  of text, CSV and JSON, as Python calls it
    Raises:   SettingError for a kind or an encoding that nobody knows
    """

    kind: str | None = None
    column: str | None = None
    encoding: str = "utf-8"

    def __post_init__(self):
        if self.kind is not None and self.kind not in KINDS:
            raise SettingError(f"{self.kind!r} is no way to read a file: "
                               f"{', '.join(KINDS)} are.")
        try:
            "".encode(self.encoding)
        except LookupError:
            raise SettingError(f"{self.encoding!r} is no encoding that Python knows. Try utf-8, "
                               "utf-16, cp1252 or latin-1.") from None

    def kind_of(self, file: Path) -> str:
        """How a file is read."""
        return self.kind or ENDINGS.get(file.suffix.lower(), "text")


def read_documents(path: Path, reading: Reading) -> Iterator[str]:
    """The documents of a file; of a folder, those of its texts and tables, in order of their names.

    An end mark ends a document wherever it is. Documents without a letter or sign are left out.

    Raises:  NotText naming the file; SettingError when a table has no such column, or a folder no
             texts; OSError
    """
    if not path.is_dir():
        yield from _of_file(path, reading)
        return
    files = [file for file in sorted(path.rglob("*"))
             if file.suffix.lower() in OF_A_FOLDER and file.is_file()
             and not any(part.startswith(".") for part in file.relative_to(path).parts)]
    if not files:
        raise SettingError(f"{path} has no file that ends with {', '.join(OF_A_FOLDER)}. Name the "
                           "files themselves.")
    for file in files:
        yield from _of_file(file, reading)


def _of_file(file: Path, reading: Reading) -> Iterator[str]:
    kind = reading.kind_of(file)
    try:
        if kind in ("text", "lines"):
            text = "".join(decoded(file, reading.encoding))
            pieces = text.splitlines() if kind == "lines" else [text]
        else:
            pieces = rows_of_table(file, kind, reading.column, reading.encoding)
        for piece in pieces:
            yield from split_documents(piece)
    except NotText as error:
        raise NotText(f"{file}: {error}") from None


def split_documents(text: str) -> tuple[str, ...]:
    """The documents of a text in which `<|endoftext|>` ends each, on a line of its own or not."""
    pieces = re.split(rf"[ \t]*{re.escape(END_OF_TEXT)}[ \t]*", text)
    return tuple(piece.strip("\r\n") for piece in pieces if piece.strip())
