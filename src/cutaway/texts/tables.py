"""The texts of a column of CSV, JSON lines or Parquet, read by DuckDB in bounded memory."""

import codecs
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from cutaway.errors import SettingError
from cutaway.texts.decode import decoded
from cutaway.words import in_one_line

LONGEST_REASON = 300    # characters of what DuckDB says, or of columns' names
ROWS = 1000             # fetched at once
MEMORY = "1GB"
LONGEST_ROW = 16 * 2**20
PIECE_OF_A_LINE = 2**16
USUAL = "text"          # the column of texts in most data sets
SEPARATORS = (",", ";", "\t", "|")


def rows_of_table(file: Path, kind: str, column: str | None, encoding: str) -> Iterator[str]:
    """The texts of a column from top to bottom; what has none is left out.

    kind     csv, jsonl or parquet
    column   None for `text`, or the only column that holds texts
    Raises:  SettingError when there is no such column or the file cannot be read so; NotText
    """
    import duckdb

    with _as_utf8(file, kind, encoding) as readable, duckdb.connect() as database:
        for setting in (f"memory_limit = '{MEMORY}'", "threads = 1",
                        "autoinstall_known_extensions = false"):
            database.execute(f"SET {setting}")
        try:
            source, values = _source(readable, kind)
            found = database.execute(f"DESCRIBE SELECT * FROM {source}", values).fetchall()
            name = _column(file, found, column).replace('"', '""')
            rows = database.execute(f'SELECT "{name}" FROM {source}', values)
            while some := rows.fetchmany(ROWS):
                yield from (text for text, in some if text)
        except duckdb.Error as error:
            reason = in_one_line(str(error).partition("\n")[0], LONGEST_REASON)
            raise SettingError(f"{file} cannot be read as {kind}: {reason} Name the kind with "
                               "--as, or read it as plain text with --as text.") from None


def _source(readable: Path, kind: str) -> tuple[str, dict[str, Any]]:
    """The table as DuckDB reads it, and the values of its settings."""
    if kind == "parquet":
        return "read_parquet($file)", {"file": str(readable)}
    if kind == "jsonl":
        return ("read_json($file, maximum_object_size = $most)",
                {"file": str(readable), "most": LONGEST_ROW})
    return ("read_csv($file, header = true, all_varchar = true, delim = $separator, quote = '\"', "
            "escape = '\"', max_line_size = $most, parallel = false)",
            {"file": str(readable), "most": LONGEST_ROW, "separator": _separator(readable)})


def _separator(file: Path) -> str:
    """The one of the usual separators that the first line has most; a comma where it has none."""
    with file.open(encoding="utf-8") as content:
        line = content.readline(PIECE_OF_A_LINE)
    return max(SEPARATORS, key=line.count)


def _column(file: Path, found: list[tuple[Any, ...]], wanted: str | None) -> str:
    """The name of the column to read.  found: of each its name and its type"""
    texts = [name for name, kind, *_ in found if kind == "VARCHAR"]
    if wanted is not None and wanted in texts:
        return wanted
    if wanted is None and (USUAL in texts or len(texts) == 1):
        return USUAL if USUAL in texts else texts[0]
    which = f"has no column of texts {wanted!r}" if wanted else "has several columns of texts"
    names = in_one_line(", ".join(name for name, *_ in found), LONGEST_REASON)
    raise SettingError(f"{file} {which if texts else 'has no column of texts'}. Its columns are: "
                       f"{names}. Choose one with --column.")


@contextmanager
def _as_utf8(file: Path, kind: str, encoding: str) -> Iterator[Path]:
    """The file itself where it is UTF-8, else a copy that is.  Raises:  NotText"""
    if kind == "parquet":
        yield file
    elif codecs.lookup(encoding).name == "utf-8":
        for _ in decoded(file):
            pass
        yield file
    else:
        with tempfile.TemporaryDirectory() as folder:
            copy = Path(folder) / file.name
            with copy.open("w", encoding="utf-8", newline="") as written:
                written.writelines(decoded(file, encoding))
            yield copy
