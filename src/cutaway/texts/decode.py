"""Bytes of a file as text, piece by piece, with the place of the first byte that is none."""

import codecs
from collections.abc import Iterator
from pathlib import Path

from cutaway.errors import NotText

PIECE = 2**20
WIDE_MARKS = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)


def decoded(file: Path, encoding: str = "utf-8") -> Iterator[str]:
    """The text of a file, a piece at a time; a byte order mark in front is left out.

    Raises:  NotText saying which byte, where, and what to try
    """
    exact = "utf-8-sig" if codecs.lookup(encoding).name == "utf-8" else encoding
    decoder, place, start = codecs.getincrementaldecoder(exact)(), 0, b""
    with file.open("rb") as content:
        while True:
            piece = content.read(PIECE)
            start = start or piece[:2]
            waiting = len(decoder.getstate()[0])
            try:
                yield decoder.decode(piece, final=not piece)
            except UnicodeDecodeError as error:
                wrong = place - waiting + error.start
                byte = error.object[error.start]
                raise NotText(f"The byte 0x{byte:02X} at place {wrong} (counting from 0) is not "
                              f"{_spelled(encoding)} ({error.reason}). {_advice(start)}") from None
            place += len(piece)
            if not piece:
                return


def _spelled(encoding: str) -> str:
    return codecs.lookup(encoding).name.upper()


def _advice(start: bytes) -> str:
    if start in WIDE_MARKS:
        return "It begins as UTF-16 does: read it with --encoding utf-16."
    return ("Text is expected: save it as UTF-8, or say how it was saved, such as "
            "--encoding cp1252.")
