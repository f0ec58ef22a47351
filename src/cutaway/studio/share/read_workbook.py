"""A workbook's file read back. Nothing of it is run: its statements are looked at, one by one.

Only what `written` writes is understood, in the same order, and literals only. Everything else is
refused with its line, so that a file from somebody else is either a workbook or refused as a whole.
"""

import ast
import re
import warnings
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from cutaway.errors import MessageError, WorkbookFileError
from cutaway.reading import expect_file
from cutaway.studio.messages.changes import MOST_NUMBERS, PlainChange, checked_change
from cutaway.studio.share.literals import unframed
from cutaway.studio.share.operation_code import OPERATIONS
from cutaway.studio.share.workbook import Workbook

MOST_BYTES = 16 * 2**20
MOST_PIECES = 4 * MOST_NUMBERS  # words, numbers and signs: Python's parser takes 1 kB for each
PIECE = re.compile(r"\d[\w.]*(?:(?<=[eE])[+-]\d+)?|\w+|[^\w\s]")
CODING = re.compile(r"^[ \t\f]*#.*?coding[:=][ \t]*([-\w.]+)")
NOT_PYTHON = (SyntaxError, ValueError, RecursionError, MemoryError)
IMPORTS = {
    "cutaway.studio.share.running": {"Cells", "operation_from", "what_changed"},
    "cutaway.workbook": {"mean_of", "from_prompt"},
    "cutaway.workbook.operations": OPERATIONS,
}
PRINTS = "print(what_changed(model, run))"
BEGINS_CELLS = "cells = Cells(model, run)"
RUNS_CELLS = "cells.run()"
DEEPEST = 4  # of lists in lists: batch, head, position, source
LONGEST = 100  # characters of a statement that is always the same


def read_workbook_file(path: Path) -> Workbook:
    """The workbook that a file on the disk holds.

    Raises:  WorkbookFileError when it cannot be read, or holds anything else
    """
    try:
        expect_file(path, WorkbookFileError)
        with path.open("rb") as file:
            data = file.read(MOST_BYTES + 1)
    except OSError as error:
        raise WorkbookFileError(f"{path} cannot be read: {error.strerror}.") from None
    return workbook_from_bytes(data, path.name)


def workbook_from_bytes(data: bytes, name: str) -> Workbook:
    """The workbook that a file's bytes are.  Raises:  WorkbookFileError"""
    _expect_size(len(data), name)
    try:
        return read_workbook(data.decode("utf-8-sig"), name)
    except UnicodeDecodeError as error:
        raise WorkbookFileError(
            f"{name}: byte 0x{data[error.start]:02X} at place {error.start:,} is not UTF-8. A "
            f"workbook is a Python file in UTF-8: save it as such.") from None


def read_workbook(text: str, name: str = "The workbook") -> Workbook:
    """The workbook that the text of a file is. Nothing in it is run.

    name     what errors call the file
    Raises:  WorkbookFileError saying the line, what stands there, and what is expected
    """
    text = text.removeprefix("\ufeff").replace("\r\n", "\n").replace("\r", "\n")
    _expect_size(len(text), name)
    _expect_utf8(text, name)
    return _Reading(text, name).workbook()


def _expect_size(size: int, name: str) -> None:
    if size > MOST_BYTES:
        raise WorkbookFileError(f"{name} is larger than {MOST_BYTES // 2**20} MB, which no "
                                f"workbook is. Is it another file?")


def _expect_utf8(text: str, name: str) -> None:
    """Raises:  WorkbookFileError where a first line tells Python to read it in another encoding"""
    for line in text.split("\n", 2)[:2]:
        found = CODING.match(line)
        if found and found[1].lower().replace("_", "-") not in ("utf-8", "utf8"):
            raise WorkbookFileError(f"{name} says that it is written in {found[1]!r}. A workbook "
                                    f"is written in UTF-8: save it so, and take that line out.")


class _Reading:
    """One file being read, from its first statement to its last."""

    def __init__(self, text: str, name: str):
        self.name, self.lines = name, text.split("\n")
        self.statements = self._parsed(text)
        self.end = 0  # the last line of what was read
        self.changes: list[PlainChange] = []
        self.cells: list[dict[str, str]] = []

    def workbook(self) -> Workbook:
        waiting = iter(self.statements)
        statement = self._past_the_head(waiting)
        model = self._expect(opened, statement, 'model = cutaway.open_model("...")')
        prompt = self._expect(prompted, next(waiting, None), 'run = model.run("...")')
        statement = next(waiting, None)
        while statement is not None and not is_exactly(statement, PRINTS, BEGINS_CELLS):
            self._read_change(statement, waiting)
            statement = next(waiting, None)
        if is_exactly(statement, PRINTS):
            statement = next(waiting, None)
        if statement is not None:
            self._read_cells(statement, waiting)
        try:
            return Workbook(model, prompt, self.changes, self.cells)
        except WorkbookFileError as error:
            raise WorkbookFileError(f"{self.name}: {error}") from None

    def _parsed(self, text: str) -> list[ast.stmt]:
        if sum(1 for _ in PIECE.finditer(text)) > MOST_PIECES:
            raise WorkbookFileError(f"{self.name} has more than {MOST_PIECES:,} words, numbers and "
                                    f"signs, which no workbook has. Is it another file?")
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")  # of a backslash in somebody's text
                return ast.parse(text).body
        except NOT_PYTHON as error:
            deep = isinstance(error, RecursionError | MemoryError)
            said = "it is nested too deeply" if deep else getattr(error, "msg", None) or str(error)
            raise self._error(getattr(error, "lineno", None), f"this cannot be read as Python "
                              f"({said}).") from None

    def _past_the_head(self, waiting: Iterator[ast.stmt]) -> ast.stmt | None:
        """The first statement after the file's own words and its imports."""
        statement = next(waiting, None)
        if isinstance(statement, ast.Expr) and isinstance(statement.value, ast.Constant):
            statement = next(waiting, None)
        while isinstance(statement, ast.Import | ast.ImportFrom):
            if not _is_import_of_ours(statement):
                raise self._refused(statement, "the imports that Cutaway writes, and no others")
            statement = next(waiting, None)
        return statement

    def _read_change(self, statement: ast.stmt, waiting: Iterator[ast.stmt]) -> None:
        """One change of the run; for an operation that is a function, with the line below it."""
        before, self.end = self.end, statement.end_lineno or 0
        if isinstance(statement, ast.FunctionDef):
            below = next(waiting, None)
            if below is None or not is_exactly(below, f"run = run.redefine({statement.name})"):
                raise self._refused(below or statement, f"run = run.redefine({statement.name}), "
                                    f"below the function")
            change = {"kind": "operation", "name": statement.name,
                      "source": self._between(before, below.lineno)}
            self.end = below.end_lineno or 0
        else:
            change = self._expect(change_of, statement, "a change, such as run = run.edit(...)")
        try:
            self.changes.append(checked_change(change))
        except MessageError as error:
            raise self._error(statement.lineno, f"this is no change: {error}") from None

    def _between(self, before: int, below: int) -> str:
        """The lines of a function, less the two empty ones that stand above and below it."""
        lines = self.lines[before:below - 1]
        for _ in range(2):
            lines = lines[1:] if lines and not lines[0] else lines
            lines = lines[:-1] if lines and not lines[-1] else lines
        return "\n".join(lines)

    def _read_cells(self, statement: ast.stmt, waiting: Iterator[ast.stmt]) -> None:
        if not is_exactly(statement, BEGINS_CELLS):
            raise self._refused(statement, BEGINS_CELLS)
        for cell in waiting:
            if is_exactly(cell, RUNS_CELLS):
                break
            kind, name, source = self._expect(cell_of, cell, 'cells.formula("name", "...")')
            self.cells.append({"cell": "", "kind": kind, "name": name, "source": unframed(source)})
        for more in waiting:
            raise self._refused(more, f"nothing after {RUNS_CELLS}")

    def _expect(self, read, statement: ast.stmt | None, expected: str):
        """What `read` makes of a statement.  Raises:  WorkbookFileError with its line"""
        if statement is None:
            raise self._error(None, f"it ends too early. Expected: {expected}.")
        self.end = statement.end_lineno or 0
        try:
            return read(statement)
        except NotInAWorkbook as found:
            raise self._refused(found.args[0] if found.args else statement, expected) from None

    def _refused(self, node: ast.AST, expected: str) -> WorkbookFileError:
        line = getattr(node, "lineno", 1)
        return self._error(line, f"{_short(self.lines[line - 1])} cannot stand here in a workbook. "
                                 f"Expected: {expected}.")

    def _error(self, line: int | None, words: str) -> WorkbookFileError:
        place = f"{self.name}, line {line}" if line else self.name
        return WorkbookFileError(f"{place}: {words} Nothing of the file was run. If it is a "
                                 f"program of yours, run it with python instead.")


def _is_import_of_ours(statement: ast.Import | ast.ImportFrom) -> bool:
    if isinstance(statement, ast.Import):
        return ast.unparse(statement) in ("import cutaway", "import numpy as np")
    names = {alias.name for alias in statement.names if alias.asname is None}
    if len(names) < len(statement.names) or statement.level:
        return False
    return names <= IMPORTS.get(statement.module or "", set())


def _short(line: str) -> str:
    shown = ascii(line.strip())
    return shown if len(shown) <= 70 else f"{shown[:67]}..."


# ---- What one statement says: plain values, of literals only ----------------------------------


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
        case "edit", [ast.Constant("ids"), ast.Call(
                ast.Attribute(ast.Attribute(ast.Name("model"), "tokenizer"),
                              "encode_with_special"), [text], [])], []:
            return {"kind": "prompt", "text": _text(text), "special": True}
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
