"""The workshop's CSV files: one a parameter, in a folder or in a zip.

`model_wte.csv`, `model_h0_attn_c_attn_w.csv`, ...: OpenAI's names with `_` for `/`. Separated by
`;` or `,`, with or without a row of headings and a column of row labels, as the program that wrote
them happened to do. The first three lines tell the layout; DuckDB reads the numbers.
GPT-2 small is 124 million numbers, which take about 20 seconds to read: `cutaway add` does it once.
"""

import csv
import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from importlib.resources.abc import Traversable
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import IO, TYPE_CHECKING

import numpy as np

from cutaway.errors import CorruptFile
from cutaway.models import GPT2
from cutaway.models.architecture import Architecture
from cutaway.reading import readable
from cutaway.weights.mapping import Origin, StoredTensor
from cutaway.weights.names import is_vector, our_name
from cutaway.weights.progress import Progress, ProgressCallback

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

LONGEST_LINE = 10_000_000  # a row of GPT-2 XL's widest table: 6,400 numbers
UNDERSCORE = "\x1f"  # what stands for `_` in what DuckDB reads
# With a text that no cell has for "no number" (nullstr), an empty cell is one that cannot be read.
READ = """
    SELECT {numbers} FROM read_csv(?, auto_detect=false, header=false, quote='"', escape='"',
        delim=?, decimal_separator=?, skip=?, columns={columns}, nullstr='\x1e',
        ignore_errors=true, store_rejects=true)"""
FIRST_MISTAKE = """
    SELECT line, error_type, csv_line, error_message FROM reject_errors
    WHERE trim(csv_line, ' \t\r\n') <> '' ORDER BY line, column_idx LIMIT 1"""


@dataclass(frozen=True)
class Layout:
    """How a CSV is laid out around its numbers.

    cells          how many cells a row of numbers has, its label included
    row_labels     None for a lone row that begins with 0 or 1: its other cells do not tell
    decimal_comma  numbers are written 0,5: only where `;` separates them
    """

    delimiter: str
    cells: int
    headings: bool
    row_labels: bool | None
    decimal_comma: bool


def csv_names(folder: Traversable, architecture: Architecture = GPT2) -> dict[str, Traversable]:
    """The CSV files of parameters in a folder, by our names."""
    stems = {file.name.removesuffix(".csv"): file
             for file in folder.iterdir() if file.name.endswith(".csv")}
    return {name: file for stem, file in sorted(stems.items())
            if (name := our_name(stem, architecture))}


def read_csvs(folder: Traversable, progress: ProgressCallback,
              architecture: Architecture = GPT2) -> dict[str, StoredTensor]:
    """The numbers of every parameter's CSV in the folder, as float32, by the files' names.

    Raises:  CorruptFile naming the file and the row that cannot be read
    """
    import duckdb

    files = csv_names(folder, architecture)
    layouts = like_each_other({name: read_layout(file) for name, file in files.items()})
    tensors = {}
    with duckdb.connect() as database:
        for done, (name, file) in enumerate(files.items()):
            progress(Progress(f"reading {file.name}", done, len(files), "files"))
            table = read_csv(file, layouts[name], database)
            if is_vector(name, architecture) and 1 in table.shape:
                table = table.ravel()
            stem = file.name.removesuffix(".csv")
            origin = Origin(Path(str(file)), stem, "float32", table.shape)
            tensors[stem] = StoredTensor(origin, table.view)
    progress(Progress("CSV files read", len(files), len(files), "files"))
    return tensors


def like_each_other(layouts: dict[str, Layout]) -> dict[str, Layout]:
    """The layouts of files that one program wrote: what a lone row does not tell, the others do.

    It has a label in front of its numbers when every other table has labels and no headings.
    """
    telling = [layout for layout in layouts.values()
               if layout.cells > 1 and layout.row_labels is not None]
    labelled = bool(telling) and all(one.row_labels and not one.headings for one in telling)
    return {name: replace(layout, row_labels=labelled) if layout.row_labels is None else layout
            for name, layout in layouts.items()}


def read_layout(file: Traversable) -> Layout:
    """How a CSV is laid out.  Raises:  CorruptFile naming the file"""
    with _named(file), file.open("r", encoding="utf-8-sig") as lines:
        return find_layout([line for _ in range(3) if (line := _line_of(lines))])


def _line_of(lines: IO[str]) -> str:
    """The next line, "" at the end.  Raises:  ValueError for one that no table of a model has"""
    line = lines.readline(LONGEST_LINE + 1)
    if len(line) > LONGEST_LINE:
        raise ValueError(f"a line has more than {LONGEST_LINE:,} characters")
    return line


def read_csv(file: Traversable, layout: Layout | None = None,
             database: "DuckDBPyConnection | None" = None) -> np.ndarray:
    """The numbers of one CSV as float32, rows x columns, without headings and row labels.

    layout    how it is laid out, where its folder says more than the file does
    database  what reads it, for many files: to begin one takes longer than to read a small file
    Raises:   CorruptFile naming the file, and the line where one is to blame
    """
    import duckdb

    layout = layout or read_layout(file)
    with _named(file), TemporaryDirectory(prefix="cutaway-") as folder, \
            (database.cursor() if database else duckdb.connect()) as reader:
        path = Path(folder) / "numbers.csv"
        _copy(file, path)
        return _numbers(path, layout, reader)


def find_layout(first_lines: list[str]) -> Layout:
    """How the CSV that begins with these lines is laid out; three lines tell.

        find_layout([",0,1", "0,0.5,-1.25", "1,0.75,2"])     headings and row labels
        find_layout(["0.5;-1.25", "0.75;2"])                 neither

    Raises:  ValueError for an empty line, a comment, a cell of more than 131,072 letters
    """
    if not first_lines or not first_lines[0].strip():
        raise ValueError("its first line is empty")
    delimiter = next((mark for mark in ";,\t" if mark in first_lines[0]), ",")
    try:
        rows = [row for row in csv.reader(first_lines, delimiter=delimiter) if row]
    except csv.Error as error:
        raise ValueError(f"its first lines cannot be parted into cells ({error})") from None
    headings = _are_headings(rows[0], rows[1:2])
    below = rows[headings:]
    _expect_no_comment(rows, headings)
    return Layout(delimiter, len(below[0]), headings, _have_labels(rows[0], below, headings),
                  delimiter == ";" and any("," in cell for row in below for cell in row))


def _have_labels(first: list[str], below: list[list[str]], headings: bool) -> bool | None:
    """Whether rows of numbers begin with a label; None when a lone row does not tell."""
    row = below[0]
    if len(row) == 1:
        return False
    if not _is_number(row[0]) or (headings and (first[0] == "" or len(row) == len(first) + 1)):
        return True
    if len(below) == 1:
        return None if row[0] in ("0", "1") and not headings else False
    return _counts_up([row[0] for row in below])


def _are_headings(first: list[str], second: list[list[str]]) -> bool:
    """Whether a first row is headings: words, or 0, 1, 2, ... where the row below is not such."""
    if not second:
        return False
    if not all(_is_number(cell) for cell in first[1:]) or not first[0]:
        return True
    if not _is_number(first[0]):  # a word before numbers is a row's label, if the next row has one
        return len(first) == 1 or _counts_up(first[1:]) or _is_number(second[0][0])
    return _counts_up(first) and (len(first) > 2 or not all(cell.isdigit() for cell in second[0]))


def _expect_no_comment(rows: list[list[str]], headings: bool) -> None:
    """Raises:  ValueError when the first line is a comment, which is no part of a CSV"""
    first = rows[0]
    if not headings or not first[0].startswith("#"):
        return
    columns = len(rows[1])
    if len(first) == 1 or len(first) not in (columns, columns - 1) or _are_headings(
            rows[1], rows[2:3]):
        raise ValueError(f"line 1 is a comment, {','.join(first)!r:.60}, which a table of numbers "
                         "has no place for: delete that line")


def _counts_up(cells: list[str]) -> bool:
    """Whether cells are 0, 1, 2, ... or 1, 2, 3, ..."""
    return cells[0] in ("0", "1") and cells == [str(int(cells[0]) + i) for i in range(len(cells))]


def _is_number(cell: str) -> bool:
    try:
        float(cell.replace(",", "."))
    except ValueError:
        return False
    return True


@contextmanager
def _named(file: Traversable) -> Iterator[None]:
    """What a reader raises as one message that names the file.  Raises:  CorruptFile"""
    with readable(file.name, CorruptFile, "{name} cannot be read as a table of numbers: {reason}. "
                  "Get the file again, or save it once more as CSV."):
        yield


def _copy(file: Traversable, path: Path) -> None:
    """Write a CSV's text to a file that DuckDB can open: out of a zip, with one kind of line end.

    DuckDB reads 1_000 as a number, which no other program writes: another sign stands for `_`.
    """
    with file.open("r", encoding="utf-8-sig") as text, \
            path.open("w", encoding="utf-8", newline="\n") as copy:
        while piece := text.read(1 << 20):
            copy.write(piece.replace("_", UNDERSCORE))


def _numbers(path: Path, layout: Layout, reader: "DuckDBPyConnection") -> np.ndarray:
    """The numbers of a text file.  Raises:  ValueError saying which line is no row of numbers"""
    import duckdb

    labels = int(bool(layout.row_labels))
    types = {f"c{i}": "VARCHAR" if i < labels else "FLOAT" for i in range(layout.cells)}
    query = READ.format(numbers=", ".join(list(types)[labels:]), columns=types)
    options = [str(path), layout.delimiter, "," if layout.decimal_comma else ".",
               int(layout.headings)]
    try:
        read = reader.execute(query, options).fetchnumpy()
        mistake = reader.execute(FIRST_MISTAKE).fetchone()
    except duckdb.Error as error:
        raise ValueError(str(error).partition("\n")[0]) from error
    if mistake:
        raise ValueError(_in_words(*mistake, labels=labels))
    return np.stack(list(read.values()), axis=1)


def _in_words(line: int, kind: str, text: str, said: str, *, labels: int) -> str:
    """What DuckDB says of a line that is no row of numbers, in our words."""
    if (text := text.strip()).startswith("#") and (
            kind == "MISSING COLUMNS" or not labels):
        return f"line {line} is {text!r:.60}; if that is a comment, delete the line"
    if kind == "CAST" and (wrong := re.search(r'string "(.*)" to \'FLOAT\'', said, re.DOTALL)):
        cell = wrong[1].replace(UNDERSCORE, "_")
        return f"{cell!r:.60} in line {line} is no number"
    if counts := re.fullmatch(r"Expected Number of Columns: (\d+) Found: (\d+)", said):
        wanted, found = (int(count) - labels for count in counts.groups())
        return f"line {line} has {found} of them and the lines above it {wanted}"
    return f"line {line}: {said}"
