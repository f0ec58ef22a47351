"""The workshop's CSV files: one a parameter, in a folder or in a zip.

`model_wte.csv`, `model_h0_attn_c_attn_w.csv`, ...: OpenAI's names with `_` for `/`. Separated by
`;` or `,`, with or without a row of headings and a column of row labels, as the program that wrote
them happened to do. GPT-2 small is 124 million numbers, which take about 20 seconds to read:
`cutaway add` does it once.
"""

import csv
import zipfile
import zlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from importlib.resources.abc import Traversable
from itertools import islice
from pathlib import Path

import numpy as np

from cutaway.errors import CorruptFile
from cutaway.weights.mapping import Origin, StoredTensor
from cutaway.weights.names import is_vector, our_name
from cutaway.weights.progress import Progress, ProgressCallback


@dataclass(frozen=True)
class Layout:
    """How a CSV is laid out around its numbers.

    decimal_comma  numbers are written 0,5: only where `;` separates them
    """

    delimiter: str
    headings: bool
    row_labels: bool
    decimal_comma: bool


def csv_names(folder: Traversable) -> dict[str, Traversable]:
    """The CSV files of parameters in a folder, by our names."""
    stems = {file.name.removesuffix(".csv"): file
             for file in folder.iterdir() if file.name.endswith(".csv")}
    return {name: file for stem, file in sorted(stems.items()) if (name := our_name(stem))}


def read_csvs(folder: Traversable, progress: ProgressCallback) -> dict[str, StoredTensor]:
    """The numbers of every parameter's CSV in the folder, as float32, by the files' names.

    Raises:  CorruptFile naming the file and the row that cannot be read
    """
    files = csv_names(folder)
    tensors = {}
    for done, (name, file) in enumerate(files.items()):
        progress(Progress(f"reading {file.name}", done, len(files), "files"))
        table = read_csv(file)
        if is_vector(name) and 1 in table.shape:
            table = table.ravel()
        stem = file.name.removesuffix(".csv")
        origin = Origin(Path(str(file)), stem, "float32", table.shape)
        tensors[stem] = StoredTensor(origin, table.view)
    progress(Progress("CSV files read", len(files), len(files), "files"))
    return tensors


def read_csv(file: Traversable) -> np.ndarray:
    """The numbers of one CSV as float32, rows x columns, without headings and row labels.

    Raises:  CorruptFile naming the file, and the line where one is to blame
    """
    try:
        with file.open("r", encoding="utf-8-sig") as lines:
            first_lines = list(islice(lines, 3))
        layout = find_layout(first_lines)
        with file.open("r", encoding="utf-8-sig") as lines:
            return _parse(lines, layout)
    except (ValueError, EOFError, zlib.error, zipfile.BadZipFile) as error:
        raise CorruptFile(f"{file.name} cannot be read as a table of numbers: "
                          f"{_first_mistake(file) or error}. Get the file again, or save it once "
                          "more as CSV.") from error


def find_layout(first_lines: list[str]) -> Layout:
    """How the CSV that begins with these lines is laid out; three lines tell.

        find_layout([",0,1", "0,0.5,-1.25", "1,0.75,2"])     headings and row labels
        find_layout(["0.5;-1.25", "0.75;2"])                 neither
    """
    if not first_lines or not first_lines[0].strip():
        raise ValueError("its first line is empty")
    delimiter = next((mark for mark in ";,\t" if mark in first_lines[0]), ",")
    rows = [row for row in csv.reader(first_lines, delimiter=delimiter) if row]
    headings = _are_headings(rows[0], rows[1:2])
    below = rows[headings:]
    labelled_by_heading = headings and (rows[0][0] == "" or len(below[0]) == len(rows[0]) + 1)
    row_labels = bool(labelled_by_heading or (
        len(below) > 1 and len(below[0]) > 1 and _counts_up([row[0] for row in below])))
    decimal_comma = delimiter == ";" and any("," in cell for row in below for cell in row)
    return Layout(delimiter, headings, row_labels, decimal_comma)


def _are_headings(first: list[str], second: list[list[str]]) -> bool:
    """Whether a first row is headings: words, or 0, 1, 2, ... where the row below is not such."""
    if not second:
        return False
    if not all(_is_number(cell) for cell in first):
        return True
    return _counts_up(first) and (len(first) > 2 or not all(cell.isdigit() for cell in second[0]))


def _counts_up(cells: list[str]) -> bool:
    """Whether cells are 0, 1, 2, ... or 1, 2, 3, ..."""
    return cells[0] in ("0", "1") and cells == [str(int(cells[0]) + i) for i in range(len(cells))]


def _is_number(cell: str) -> bool:
    try:
        float(cell.replace(",", "."))
    except ValueError:
        return False
    return True


def _parse(lines: Iterable[str], layout: Layout) -> np.ndarray:
    lines = iter(lines)
    if layout.headings:
        next(lines)
    if layout.decimal_comma:
        lines = (line.replace(",", ".") for line in lines)
    if layout.row_labels:
        lines = _without_row_labels(lines, layout.delimiter)
    return np.loadtxt(lines, dtype=np.float32, delimiter=layout.delimiter, quotechar='"',
                      comments=None, ndmin=2)


def _first_mistake(file: Traversable) -> str:
    """What is wrong with the first line that is no row of numbers; nothing if none is to blame."""
    try:
        with file.open("r", encoding="utf-8-sig") as opened:
            lines = opened.read().splitlines()
        layout = find_layout(lines[:3])
    except (ValueError, EOFError, zlib.error, zipfile.BadZipFile):
        return ""
    width = 0
    for number, line in list(enumerate(lines, start=1))[layout.headings:]:
        cells = next(csv.reader([line], delimiter=layout.delimiter), [])[layout.row_labels:]
        width = width or len(cells)
        if wrong := [cell for cell in cells if not _is_number(cell)]:
            return f"{wrong[0]!r} in line {number} is no number"
        if cells and len(cells) != width:
            return f"line {number} has {len(cells)} of them and the lines above it {width}"
    return ""


def _without_row_labels(lines: Iterable[str], delimiter: str) -> Iterator[str]:
    """Lines without their first cell, which may be any text in quotes, a token for one."""
    for line in lines:
        if line.startswith('"'):
            label_end = line.replace('""', "  ").index('"', 1) + 1
            yield line[label_end + 1:]
        else:
            yield line.partition(delimiter)[2]
