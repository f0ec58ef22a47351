"""What came of a cell, as the page shows it below the cell."""

from typing import Any

import numpy as np

from cutaway.scratch import Cell, Neighbours, Result, Scratch
from cutaway.scratch.shown import in_text, in_words, is_block, table_from
from cutaway.workbook import Provenance, Table

MOST_ROWS, MOST_COLUMNS = 8, 12
MOST_NAMES = 20  # that a code cell made, listed below it


def shown(scratch: Scratch, id: str) -> dict[str, Any]:
    """A cell's result: state, message, line, count, seconds, and the value as words, text, numbers.

    table    the name under which the grid shows the value; None when it cannot
    preview  the first rows and columns of a table
    ranking  tokens, the nearest first
    made     the names that a code cell has made, each with what it is
    """
    cell, result = scratch.cells[id], scratch.results[id]
    told = {"state": result.state, "message": result.message, "line": result.line,
            "count": result.count, "seconds": result.seconds, "table": None, "shape_words": "",
            "text": "", "made": _made(scratch, cell)}
    if result.value is None:
        return told
    return told | _value(cell, result)


def _value(cell: Cell, result: Result) -> dict[str, Any]:
    value = result.value
    told: dict[str, Any] = {"shape_words": in_words(value)}
    if is_block(value):
        named = bool(cell.name) and cell.name not in cell.words.makes
        told["table"] = f"scratch.{cell.name}" if named else None
    if isinstance(value, Neighbours):
        return told | {"ranking": [one._asdict() for one in value[:MOST_ROWS * 4]]}
    if is_block(value):
        return told | {"preview": preview(table_from("", value, Provenance()))}
    return told | {"text": in_text(value)}


def _made(scratch: Scratch, cell: Cell) -> list[dict[str, Any]]:
    """The names that a code cell left behind: values, not the functions and modules."""
    made = scratch.space.made()
    found = []
    for name in sorted(cell.words.makes, key=lambda word: cell.words.makes[word]):
        if name in made and not callable(value := scratch[name]) and not _is_module(value):
            found.append({"name": name, "words": in_words(value),
                          "table": f"scratch.{name}" if is_block(value) else None})
    return found[:MOST_NAMES]


def _is_module(value: Any) -> bool:
    return type(value).__name__ == "module"


def preview(table: Table) -> dict[str, Any]:
    """The first rows and columns of a table's first page. One axis alone is shown as a row.

    numbers that are not finite are texts: "inf", "-inf", "nan"
    """
    array, axes = table.array, table.axes
    *pages, row_axis, column_axis = axes if len(axes) > 1 else ("", *axes)
    page = array[(0,) * len(pages)] if pages else np.atleast_2d(array)
    part = page[:MOST_ROWS, :MOST_COLUMNS]
    finite = array[np.isfinite(array)] if not np.isfinite(array).all() else array
    return {"rows": [[_number(cell) for cell in row] for row in part],
            "row_axis": row_axis, "column_axis": column_axis,
            "row_labels": _labels(table, row_axis, len(part)),
            "column_labels": _labels(table, column_axis, part.shape[1]),
            "n_rows": page.shape[0], "n_columns": page.shape[1],
            "pages": [{"axis": axis, "count": count} for axis, count
                      in zip(pages, array.shape, strict=False)],
            "lowest": float(finite.min()) if finite.size else 0.0,
            "largest": float(finite.max()) if finite.size else 0.0}


def _labels(table: Table, axis: str, count: int) -> list[str]:
    return [table.label(axis, index) for index in range(count)] if axis else []


def _number(cell: Any) -> float | str:
    """A number with six digits, or its name where JSON has none for it."""
    return float(f"{cell:.6g}") if np.isfinite(cell) else str(float(cell))
