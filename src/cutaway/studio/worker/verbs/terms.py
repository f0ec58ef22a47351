"""The sum that made a number: a step's formula, taken apart at one cell.

The formula's syntax tree is calculated again, part by part, from the tables that the step read.
What made the cell is then told for the outermost part: the addends of a sum, the products of a
row and a column for `@`, the shares of a softmax, the cell that was only moved.
"""

import ast
from dataclasses import dataclass
from typing import Any

import numpy as np

from cutaway.workbook import Run
from cutaway.workbook.operations import OPERATIONS

MOST_ROWS = 8
SIGNS = {ast.Add: "+", ast.Sub: "−", ast.Mult: "×", ast.Div: "÷"}
NOT_TAKEN_APART = "is not taken apart further: step into it to see each line"


@dataclass(frozen=True)
class Part:
    """One part of a formula at a cell."""

    words: str
    value: float


def terms(run: Run, name: str, index: tuple[int, ...]) -> dict[str, Any] | None:
    """How the number at `index` of a table was made, outermost operation first.

    returns  {"formula", "value" (what the formula gives there), "parts": [{"words", "value"}],
             "products": {"left", "right", "rows": [...], "rest", "count"} or None, "note"};
             None for a weight or an input, which nothing made
    """
    if name not in run.book.nodes:
        return None
    node = run.book.nodes[name]
    scope, words = _scope(run, name)
    try:
        tree = ast.parse(node.step.formula, mode="eval").body
    except SyntaxError:  # a function of several lines
        return {"formula": node.step.formula, "parts": [], "products": None,
                "note": NOT_TAKEN_APART}
    told = _told(tree, scope, index, words)
    return {"formula": node.step.formula, "parts": [], "products": None, "note": ""} | told


def _value(tree: ast.expr, scope: dict[str, Any]) -> Any:
    expression = ast.fix_missing_locations(ast.Expression(tree))
    with np.errstate(all="ignore"):
        return eval(compile(expression, "<part of a formula>", "eval"), scope)


def _at(value: Any, index: tuple[int, ...]) -> float:
    """A table's number at a cell, broadcast as NumPy does; a plain number is itself."""
    array = np.asarray(value)
    own = index[len(index) - array.ndim:] if array.ndim else ()
    return float(array[tuple(min(one, size - 1) for one, size
                             in zip(own, array.shape, strict=True))])


def _told(tree: ast.expr, scope: dict[str, Any], index: tuple[int, ...],
          words: dict[str, str]) -> dict[str, Any]:
    """What is told of a formula's outermost operation."""
    if isinstance(tree, ast.BinOp) and isinstance(tree.op, ast.MatMult):
        return {"products": _products(tree, scope, index, words)}
    if isinstance(tree, ast.BinOp) and type(tree.op) in SIGNS:
        parts = [(tree.left, ""), (tree.right, SIGNS[type(tree.op)])]
        told: dict[str, Any] = {"parts": [
            {"words": f"{sign} {_named(one, words)}".strip(),
             "value": _at(_value(one, scope), index)}
            for one, sign in parts]}
        inner = next((one for one, _ in parts if isinstance(one, ast.BinOp)
                      and isinstance(one.op, ast.MatMult)), None)
        if inner is not None:
            told["products"] = _products(inner, scope, index, words)
        return told
    if isinstance(tree, ast.Call) and isinstance(tree.func, ast.Name):
        return _called(tree, scope, index, words)
    if isinstance(tree, ast.Name):
        return {"parts": [{"words": _named(tree, words), "value": _at(_value(tree, scope), index)}]}
    return {"note": NOT_TAKEN_APART}


def every_product(run: Run, name: str, index: tuple[int, ...]) -> dict[str, Any] | None:
    """The whole row and the whole column whose product stands in a number, in their order.

    returns  {"left", "right", "row", "column", "products", "sums"}: the names of the two tables,
             and for each place its two numbers, their product, and the sum so far;
             None where the formula multiplies no tables
    """
    if name not in run.book.nodes:
        return None
    scope, words = _scope(run, name)
    try:
        tree = ast.parse(run.book.nodes[name].step.formula, mode="eval").body
    except SyntaxError:
        return None
    product = next((one for one in (tree, *ast.iter_child_nodes(tree))
                    if isinstance(one, ast.BinOp) and isinstance(one.op, ast.MatMult)), None)
    if product is None:
        return None
    row, column = _row_and_column(product, scope, index)
    products = row.astype(np.float64) * column
    return {"left": _named(product.left, words), "right": _named(product.right, words),
            "row": row.tolist(), "column": column.tolist(), "products": products.tolist(),
            "sums": products.cumsum().tolist()}


def _scope(run: Run, name: str) -> tuple[dict[str, Any], dict[str, str]]:
    """What a formula's words stand for, and the tables' full names behind them."""
    node = run.book.nodes[name]
    scope: dict[str, Any] = {**OPERATIONS, **run.book.operations}
    words = dict(zip(node.step.parameters, node.reads, strict=True))
    for word, full in words.items():
        constant = full in run.book.constants
        scope[word] = run.book.constants[full] if constant else run[full].array
    return scope, words


def _row_and_column(tree: ast.BinOp, scope: dict[str, Any],
                    index: tuple[int, ...]) -> tuple[np.ndarray, np.ndarray]:
    left, right = np.asarray(_value(tree.left, scope)), np.asarray(_value(tree.right, scope))
    if left.ndim == 1:  # one row only: predicted_embedding
        return left, right[..., index[-1]]
    front = index[:-2]
    return (left[(*front[len(front) - (left.ndim - 2):], index[-2])],
            right[(*front[len(front) - (right.ndim - 2):], slice(None), index[-1])])


def _products(tree: ast.BinOp, scope: dict[str, Any], index: tuple[int, ...],
              words: dict[str, str]) -> dict[str, Any]:
    """The row of the left table times the column of the right one, the largest products first."""
    row, column = _row_and_column(tree, scope, index)
    products = row.astype(np.float64) * column
    order = np.argsort(-np.abs(products), kind="stable")[:MOST_ROWS]
    return {
        "left": _named(tree.left, words), "right": _named(tree.right, words),
        "count": len(products), "total": float(products.sum()),
        "rows": [{"index": int(i), "left": float(row[i]), "right": float(column[i]),
                  "product": float(products[i])} for i in order],
        "rest": float(products.sum() - products[order].sum())}


def _called(tree: ast.Call, scope: dict[str, Any], index: tuple[int, ...],
            words: dict[str, str]) -> dict[str, Any]:
    """An operation at a cell: the row that a softmax shares out, or the number that went in."""
    name, first = tree.func.id, tree.args[0]  # type: ignore[union-attr]
    if name == "softmax":
        row = np.asarray(_value(first, scope))[index[:-1]].astype(np.float64)
        return _shares(row, index[-1], _named(first, words))
    if name in ("gelu", "normalise"):
        return {"parts": [{"words": f"{name} of {_named(first, words)}",
                           "value": _at(_value(first, scope), index)}]}
    if name == "look_up":
        row = int(np.asarray(_value(tree.args[1], scope))[index[:-1]])
        return {"note": f"row {row:,} of {_named(first, words)}"}
    source = _moved_from(tree, scope, index, words)
    return {"note": source} if source else {"note": NOT_TAKEN_APART}


def _shares(row: np.ndarray, at: int, words: str) -> dict[str, Any]:
    """exp(own score) among the exp() of the whole row."""
    raised = np.exp(row - row.max())
    order = np.argsort(-raised, kind="stable")[:MOST_ROWS]
    return {"parts": [{"words": f"e^({words} − its row's largest)", "value": float(raised[at])},
                      {"words": "÷ the sum of these over the row", "value": float(raised.sum())}],
            "shares": [{"index": int(i), "score": float(row[i]) if np.isfinite(row[i]) else None,
                        "share": float(raised[i] / raised.sum())} for i in order if raised[i] > 0]}


def _moved_from(tree: ast.expr, scope: dict[str, Any], index: tuple[int, ...],
                words: dict[str, str]) -> str:
    """Which cell a number was only moved from, found by moving the cells' own numbers about."""
    names = [one.id for one in ast.walk(tree) if isinstance(one, ast.Name) and one.id in words
             and np.ndim(scope[one.id])]
    for word in names:
        table = np.asarray(scope[word])
        numbered = np.arange(table.size, dtype=np.float64).reshape(table.shape)
        moved = np.asarray(_value(tree, {**scope, word: numbered}))
        place = np.unravel_index(int(moved[index]), table.shape)
        return f"moved here from {words[word]} at {', '.join(map(str, map(int, place)))}"
    return ""


def _named(tree: ast.expr, words: dict[str, str]) -> str:
    """A part of a formula with the tables' full names in it."""
    class Full(ast.NodeTransformer):
        def visit_Name(self, node: ast.Name) -> ast.AST:
            return ast.copy_location(ast.Name(words.get(node.id, node.id), node.ctx), node)

    copy = ast.parse(ast.unparse(tree), mode="eval").body
    return ast.unparse(Full().visit(copy))
