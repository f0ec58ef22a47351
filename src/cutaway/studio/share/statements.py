"""What one statement of a workbook's file says: a model, a prompt, a change or a cell.

Each function looks at a syntax tree and gives plain values. Only literals are taken for values.
"""

import ast
from typing import Any

from cutaway.studio.messages.changes import PlainChange
from cutaway.studio.share.literals import unframed

DEEPEST = 4  # of lists in lists: batch, head, position, source
LONGEST = 100  # characters of a statement that is always the same


class NotInAWorkbook(Exception):
    """A statement, or the part of one that is given, of another make than those of a workbook."""


def is_exactly(statement: ast.stmt | None, *texts: str) -> bool:
    """Whether a statement is one of a few that are always the same."""
    if not isinstance(statement, ast.Assign | ast.Expr) or statement.lineno != statement.end_lineno:
        return False
    short = (statement.end_col_offset or 0) - statement.col_offset <= LONGEST
    return short and ast.unparse(statement) in texts


def opened(statement: ast.stmt) -> str:
    """The model's name in `model = cutaway.open_model("...")`."""
    match statement:
        case ast.Assign([ast.Name("model")],
                        ast.Call(ast.Attribute(ast.Name("cutaway"), "open_model"), [name], [])):
            return _text(name)
    raise NotInAWorkbook


def prompted(statement: ast.stmt) -> str:
    """The prompt in `run = model.run("...")`."""
    match statement:
        case ast.Assign([ast.Name("run")],
                        ast.Call(ast.Attribute(ast.Name("model"), "run"), [prompt], [])):
            return _text(prompt)
    raise NotInAWorkbook


def change_of(statement: ast.stmt) -> PlainChange:
    """The change that a statement makes to the run; not yet checked further than its make."""
    match statement:
        case ast.For(ast.Name("token"), ids, [body], []) \
                if is_exactly(body, "run = run.append(token)"):
            return {"kind": "append", "ids": _numbers(ids)}
        case ast.Assign([ast.Name("run")],
                        ast.Call(ast.Attribute(ast.Name("run"), method), given, keywords)):
            return _of_method(method, given, keywords)
        case ast.Assign([ast.Name("run")],
                        ast.Call(ast.Name(function), [ast.Name("run"), *given], keywords)):
            return _of_function(function, given, keywords)
    raise NotInAWorkbook


def _of_method(method: str, given: list[ast.expr], keywords: list[ast.keyword]) -> PlainChange:
    match method, given, keywords:
        case "edit", [ast.Constant("prompt"), ast.Constant(str() as text)], []:
            return {"kind": "prompt", "text": text}
        case "edit", [table, value], _:
            return {"kind": "numbers", "table": _text(table), "cells": _cells(keywords),
                    "value": _numbers(value)}
        case "append", [token], []:
            return {"kind": "append", "ids": [_number(token)]}
        case "rewrite", [step, formula], []:
            return {"kind": "formula", "step": _text(step), "formula": _text(formula)}
        case "redefine", [ast.Call(ast.Name("operation_from"), [name, source], [])], []:
            return {"kind": "operation", "name": _text(name), "source": unframed(_text(source))}
    raise NotInAWorkbook


def _of_function(function: str, given: list[ast.expr], keywords: list[ast.keyword]) -> PlainChange:
    match function, given:
        case "mean_of", [table]:
            return {"kind": "mean", "table": _text(table), "cells": _cells(keywords)}
        case "from_prompt", [table, prompt]:
            return {"kind": "from_prompt", "table": _text(table), "cells": _cells(keywords),
                    "prompt": _text(prompt)}
    raise NotInAWorkbook


def cell_of(statement: ast.stmt) -> tuple[str, str, str]:
    """The kind, name and source in `cells.formula("...", "...")` or `cells.code(...)`."""
    match statement:
        case ast.Expr(ast.Call(ast.Attribute(ast.Name("cells"), ("formula" | "code") as kind),
                               [name, source], [])):
            return kind, _text(name), _text(source)
    raise NotInAWorkbook


# ---- Literals --------------------------------------------------------------------------------


def _text(node: ast.expr) -> str:
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        return node.value
    raise NotInAWorkbook(node)


def _number(node: ast.expr) -> int | float:
    match node:
        case ast.Constant(int() | float() as number) if not isinstance(number, bool):
            return number
        case ast.UnaryOp(ast.USub(), ast.Constant(int() | float() as number)) \
                if not isinstance(number, bool):
            return -number
    raise NotInAWorkbook(node)


def _numbers(node: ast.expr, depth: int = 0) -> Any:
    """A number, or lists of numbers in lists."""
    if not isinstance(node, ast.List):
        return _number(node)
    if depth == DEEPEST:
        raise NotInAWorkbook(node)
    return [_numbers(item, depth + 1) for item in node.elts]


def _cells(keywords: list[ast.keyword]) -> dict[str, int | list[int]]:
    """For each axis that is named: an index, or [from, to) for slice(from, to)."""
    cells = {}
    for keyword in keywords:
        if keyword.arg is None or keyword.arg in cells:
            raise NotInAWorkbook(keyword.value)
        match keyword.value:
            case ast.Call(ast.Name("slice"), [first, last], []):
                cells[keyword.arg] = [_number(first), _number(last)]
            case index:
                cells[keyword.arg] = _number(index)
    return cells
