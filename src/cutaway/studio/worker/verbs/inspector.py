"""All that is known of one cell: its value now and before, where it comes from, what made it.

The sum that made a number is found in its step's trace. The parts of the trace are calculated again
from the tables that the step read, and what made the cell is said for the outermost part: the
addends of a sum, the products of a row and a column for `@`, the shares of a softmax, the cell that
was only moved.
"""

from decimal import Decimal
from typing import TYPE_CHECKING, Any

import numpy as np
from msgspec.structs import replace

from cutaway.errors import UnknownRow
from cutaway.look import Matrix, label_in
from cutaway.look.follow import (
    Cell,
    factors,
    made_from,
    one_cell,
    read_by,
    row_and_column,
    way_back,
)
from cutaway.look.parts import part_value, parts_of
from cutaway.studio.messages import worker_questions as asked
from cutaway.studio.worker.verbs.tables import shown
from cutaway.workbook import Run
from cutaway.workbook.symbol import Symbol

if TYPE_CHECKING:
    from cutaway.studio.worker.workspace import Workspace

MOST_ROWS = 8
SIGNS = {"add": "+", "subtract": "−", "multiply": "×", "divide": "÷"}
MOVES = {"table", "part", "split_heads", "merge_heads", "transpose", "last_row", "causal",
         "repeat_heads"}
CURVES = {"gelu", "silu", "exact_gelu", "quick_gelu", "relu"}  # of each cell by itself
NOT_TAKEN_APART = "is not taken apart further: step into it to see each line"

Index = tuple[int, ...]


def cell(workspace: "Workspace", question: asked.Cell) -> dict[str, Any]:
    """One number of a table, and its whole story.

    Raises:  UnknownRow for a cell outside the table
    """
    page = shown(workspace, question)
    row, column = question.row, question.column
    check_cell(page, row, column)
    table, run = page.table, workspace.run
    value = float(page.array[row, column])
    place = page.cells(row, column)
    answer: dict[str, Any] = {
        "table": table.name, "value": _plain(value), "words": _shortest(page.array[row, column]),
        "exact": format(Decimal(value), "f") if np.isfinite(value) else str(value),
        "address": _address(page, place), "labels": _labels(page, place), "before": None,
        "origin": "", "terms": None, "edited": False}
    if table.name.startswith("scratch."):
        return answer
    answer["before"] = _before(workspace, question, value)
    answer["edits"] = list(table.provenance.edits)
    answer["place"] = place_of(run, _cell_of(workspace, question))
    if table.name in run.book.weights:
        numbers = ", ".join(f"{axis} {index}" for axis, index in place.items())
        answer["origin"] = f"{table.provenance.origin}, {numbers}"
        return answer
    index = tuple(place[axis] for axis in table.axes)
    answer["terms"] = workspace.in_main(lambda: terms(run, table.name, index))
    answer["made_from"] = workspace.in_main(lambda: _made_from(run, Cell(table.name, index)))
    return answer


def back(workspace: "Workspace", question: asked.Back) -> dict[str, Any]:
    """The cells from a number back to a weight, along the largest contribution of each."""
    run, cell = workspace.run, _cell_of(workspace, question)
    way = workspace.in_main(lambda: way_back(run, cell))
    return {"way": [{**place_of(run, one), "value": _plain(float(run[one.table].array[one.index]))}
                    for one in way]}


def readers(workspace: "Workspace", question: asked.Readers) -> dict[str, Any]:
    """The cells that read a number, and how much each moves when the number becomes 0."""
    run, cell = workspace.run, _cell_of(workspace, question)
    found = workspace.in_main(lambda: read_by(run, cell))
    return {"readers": [{**place_of(run, one.cell), "value": _plain(one.value),
                         "moves": one.moves} for one in found]}


def _cell_of(workspace: "Workspace", question: asked.CellQuestion) -> Cell:
    page = shown(workspace, question)
    check_cell(page, question.row, question.column)
    place = page.cells(question.row, question.column)
    return Cell(page.table.name, tuple(place[axis] for axis in page.table.axes))


def _made_from(run: Run, cell: Cell) -> list[dict[str, Any]]:
    return [{**place_of(run, one.cell), "value": _plain(one.value), "amount": _plain(one.amount),
             "line": one.line} for one in made_from(run, cell)]


def place_of(run: Run, cell: Cell) -> dict[str, Any]:
    """A cell as the page goes to it, with the label or the number of each of its places."""
    table = run[cell.table]
    *front, row, column = table.axes if len(table.axes) > 1 else (*table.axes, "")
    at = dict(zip(table.axes, cell.index, strict=True))
    return {"table": cell.table, "select": {axis: at[axis] for axis in front}, "row": at[row],
            "column": at.get(column, 0), "weight": cell.table in run.book.weights,
            "labels": [label_in(table, axis, place) or str(place) for axis, place in at.items()]}


def products(workspace: "Workspace", question: asked.Products) -> dict[str, Any]:
    """Every product of the row and the column behind a number, to be stepped through.

    returns  what `every_product` gives; empty where no tables were multiplied
    """
    page = shown(workspace, question)
    row, column = question.row, question.column
    check_cell(page, row, column)
    place, run, name = page.cells(row, column), workspace.run, page.table.name
    index = tuple(place[axis] for axis in page.table.axes)
    return workspace.in_main(lambda: every_product(run, name, index)) or {}


def check_cell(page: Matrix, row: int, column: int) -> None:
    """Raise UnknownRow for a cell outside a page."""
    n_rows, n_columns = page.array.shape
    if row >= n_rows or column >= n_columns:
        raise UnknownRow(f"{page.table.name} has no cell in row {row}, column {column}: it is "
                         f"{n_rows} x {n_columns}, counted from 0.")


def _before(workspace: "Workspace", question: asked.Cell, value: float) -> float | None:
    """The value without the edits, where it was another."""
    if not workspace.edited:
        return None
    before = shown(workspace, replace(question, of="before")).array
    row, column = question.row, question.column
    if row >= before.shape[0] or column >= before.shape[1]:
        return None
    number = float(before[row, column])
    return None if number == value else _plain(number)


def _shortest(number: np.floating | np.integer) -> str:
    """The shortest text that is read back as this very number: 0.9, as it was typed."""
    return str(number)


def _plain(value: float) -> float | None:
    """A number as JSON can hold it; infinity is none."""
    return value if np.isfinite(value) else None


def _address(page: Matrix, place: dict[str, int]) -> str:
    """h3.attention[head=1, position=5, source=1]"""
    return f"{page.table.name}[{', '.join(f'{axis}={i}' for axis, i in place.items())}]"


def _labels(page: Matrix, place: dict[str, int]) -> list[dict[str, Any]]:
    """Each axis with its index, counted from 1 as well, and the token there if it is one."""
    return [{"axis": axis, "index": index, "count_from_1": index + 1,
             "text": page.table.label(axis, index)} for axis, index in place.items()]


# ---- What made a number ----------------------------------------------------------------------


def terms(run: Run, name: str, index: Index) -> dict[str, Any] | None:
    """How the number at `index` of a table was made, outermost operation first.

    returns  {"formula", "parts": [{"words", "value"}], "products": {"left", "right", "rows": [...],
             "rest", "count"} or None, "note", "result": what the parts come to, if there are any};
             None for a weight or an input, which nothing made
    """
    if name not in run.book.nodes:
        return None
    formula, symbol = run.book.nodes[name].step.formula, parts_of(run, name)
    found: dict[str, Any] = {"note": NOT_TAKEN_APART}
    if symbol is not None:
        found = _taken_apart(run, symbol, index)
    if symbol is not None and found.get("parts"):
        words = f"= {symbol}" if len(found["parts"]) == 1 else "="
        typed = run[name].provenance.edits
        made = _at(part_value(run, symbol) if typed else run[name].array, index)
        found["result"] = {"words": words, "value": _plain(made)}
    return {"formula": formula, "parts": [], "products": None, "note": ""} | found


def every_product(run: Run, name: str, index: Index) -> dict[str, Any] | None:
    """The whole row and the whole column whose product is in a number, in their order.

    returns  {"left", "right", "row", "column", "products", "sums"}: the names of the two tables,
             and for each place its two numbers, their product, and the sum so far;
             None where the formula multiplies no tables
    """
    symbol = parts_of(run, name) if name in run.book.nodes else None
    product = None if symbol is None else _product_in(symbol, *symbol.arguments)
    if product is None:
        return None
    row, column = row_and_column(run, product, index)
    products = row.astype(np.float64) * column
    left, right = map(str, product.arguments)
    return {"left": left, "right": right, "row": row.tolist(), "column": column.tolist(),
            "products": products.tolist(), "sums": products.cumsum().tolist()}


def _at(value: Any, index: Index) -> float:
    """A table's number at a cell, broadcast as NumPy does; a plain number is itself."""
    array = np.asarray(value)
    own = index[len(index) - array.ndim:] if array.ndim else ()
    return float(array[tuple(min(one, size - 1) for one, size
                             in zip(own, array.shape, strict=True))])


def _part(run: Run, words: str, part: Any, index: Index) -> dict[str, Any]:
    cell = one_cell(run, part, index)
    return {"words": words, "value": _at(part_value(run, part), index),
            "cell": place_of(run, cell) if cell else None}


def _product_in(*parts: Any) -> Symbol | None:
    """The first of some parts that multiplies tables."""
    return next((one for one in parts if isinstance(one, Symbol) and one.operation == "product"),
                None)


def _taken_apart(run: Run, symbol: Symbol, index: Index) -> dict[str, Any]:
    """What made a cell: what the outermost operation was given there."""
    operation, given = symbol.operation, symbol.arguments
    if operation == "product":
        return {"products": _products(run, symbol, index)}
    if operation in SIGNS:
        words = [f"{given[0]}", f"{SIGNS[operation]} {given[1]}"]
        found: dict[str, Any] = {"parts": [_part(run, words, one, index)
                                           for words, one in zip(words, given, strict=True)]}
        product = _product_in(*given)
        return found | ({"products": _products(run, product, index)} if product else {})
    if operation == "softmax":
        row = np.asarray(part_value(run, given[0]))[index[:-1]].astype(np.float64)
        found = _shares(row, index[-1], str(given[0]))
        own = one_cell(run, given[0], index)
        found["parts"][0]["cell"] = place_of(run, own) if own else None
        for share in found["shares"]:
            cell = one_cell(run, given[0], (*index[:-1], share["index"]))
            share["cell"] = place_of(run, cell) if cell else None
            share["text"] = share["cell"]["labels"][-1] if cell else str(share["index"])
        return found
    if operation in ("table", "normalise", "rms_normalise", *CURVES):
        inner = symbol if operation == "table" else given[0]
        return {"parts": [_part(run, str(inner), inner, index)]}
    if operation == "look_up":
        row = int(np.asarray(part_value(run, given[1]))[index[:-1]])
        return {"note": f"row {row:,} of {given[0]}"}
    return {"note": _moved_from(run, symbol, index) or NOT_TAKEN_APART}


def _products(run: Run, product: Symbol, index: Index) -> dict[str, Any]:
    """The row of the left table times the column of the right one, the largest products first."""
    row, column = row_and_column(run, product, index)
    products = row.astype(np.float64) * column
    order = np.argsort(-np.abs(products), kind="stable")[:MOST_ROWS]
    left, right = map(str, product.arguments)

    def cells(place: int) -> list[dict[str, Any] | None]:
        return [{**place_of(run, cell), "line": line} if cell else None
                for cell, line in factors(run, product, index, place)]

    return {
        "left": left, "right": right, "count": len(products), "total": float(products.sum()),
        "rows": [{"index": int(i), "left": float(row[i]), "right": float(column[i]),
                  "product": float(products[i]), "cells": cells(int(i))} for i in order],
        "rest": float(np.delete(products, order).sum())}


def _shares(row: np.ndarray, at: int, words: str) -> dict[str, Any]:
    """exp(own score) among the exp() of the whole row."""
    raised = np.exp(row - row.max())
    order = np.argsort(-raised, kind="stable")[:MOST_ROWS]
    return {"parts": [{"words": f"e^({words} − its row's largest)", "value": float(raised[at]),
                       "cell": None},
                      {"words": "÷ the sum of these over the row", "value": float(raised.sum()),
                       "cell": None}],
            "shares": [{"index": int(i), "score": float(row[i]) if np.isfinite(row[i]) else None,
                        "share": float(raised[i] / raised.sum())} for i in order if raised[i] > 0],
            "shares_left": {"count": len(row) - int(np.count_nonzero(raised[order])),
                            "share": float(np.delete(raised, order).sum() / raised.sum())}}


def _moved_from(run: Run, symbol: Symbol, index: Index) -> str:
    """Which cell a number was only moved from, found by moving the cells' own numbers about."""
    if any(one.operation not in MOVES for one in symbol.walk()):
        return ""
    name = next(one for one in symbol.walk() if one.operation == "table").name
    table = run[name].array
    numbered = np.arange(table.size, dtype=np.float64).reshape(table.shape)
    number = np.asarray(part_value(run, symbol, {name: numbered}))[index]
    if not np.isfinite(number):  # a place that `causal` has shut
        return ""
    place = np.unravel_index(int(number), table.shape)
    return f"moved here from {name} at {', '.join(map(str, map(int, place)))}"
