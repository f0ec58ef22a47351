"""Do what a how-to says, on a copy of the source: make its files, put its lines in their places.

Above each block of Python on such a page a line says where it belongs:

    Make `tests/models/test_echo.py`:                               a new file
    In [`models/__init__.py`](...), at the end:                     behind the last line
    In [`models/__init__.py`](...), among the imports:              behind the last import
    In [`workbook/symbol.py`](...), in `GIVES`:                     behind the line that opens it
    In [`engines/torch.py`](...), above `with_fused_attention`:     before what is called so
    In [`workbook/operations.py`](...), in place of `sqrt`:         instead of what is called so

A block without such a line is an example to run.
"""

import ast
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

from tests.docs.pages import ROOT, parsed

MAKE = re.compile(r"Make `(?P<file>[^`]+)`:")
PUT = re.compile(r"In \[?`(?P<file>[^`]+)`(?:\]\([^)]*\))?, (?P<place>.+):")


def copy_of_source(folder: Path, *tests: str) -> Path:
    """The package's source, without the page; the bundled model is linked to.

    tests  files of tests that are copied as well
    """
    source = ROOT / "src" / "cutaway"
    target = folder / "src" / "cutaway"
    shutil.copytree(source, target,
                    ignore=shutil.ignore_patterns("__pycache__", "static", "bundled"))
    (target / "bundled").symlink_to(source / "bundled")
    for name in tests:
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(ROOT / name, folder / name)
    return folder


def follow(page: Path, folder: Path) -> list[Path]:
    """Do all that a page says in a copy of the source.  returns  the files that it makes

    Raises:  AssertionError where the place of a block is not found
    """
    made, before = [], ""
    for token in parsed(page):
        if token.type == "fence" and token.info == "python":
            if found := MAKE.fullmatch(before):
                file = folder / found["file"]
                file.parent.mkdir(parents=True, exist_ok=True)
                assert not file.exists()
                file.write_text(token.content, encoding="utf-8")
                made.append(file)
            elif found := PUT.fullmatch(before):
                top = folder if found["file"].startswith("tests/") else folder / "src" / "cutaway"
                put(top / found["file"], found["place"], token.content)
            else:
                made.append(_example(folder, page, token.content))
        if token.type == "inline":
            before = token.content.splitlines()[-1]
    return made


def _example(folder: Path, page: Path, code: str) -> Path:
    """A test that runs a program of the page."""
    name = page.stem.replace("-", "_")
    file = folder / f"test_example_{name}.py"
    file.write_text(f"def test_it_runs():\n    exec({code!r}, {{}})\n", encoding="utf-8")
    return file


def put(file: Path, place: str, code: str) -> None:
    """Put lines into a file at a place, as the first lines of this module tell."""
    text = file.read_text(encoding="utf-8")
    lines, statements = text.splitlines(keepends=True), ast.parse(text).body
    name = place.partition("`")[2].rstrip("`")
    if place == "at the end":
        line = len(lines)
    elif place == "among the imports":
        line = max(one.end_lineno or 0 for one in statements
                   if isinstance(one, ast.Import | ast.ImportFrom))
    else:
        statement = next((one for one in statements if name in _names(one)), None)
        assert statement is not None, f"{file.name} has no {name}"
        first = min([statement.lineno, *(one.lineno for one in
                                         getattr(statement, "decorator_list", ()))])
        if place.startswith("above "):
            line = first - 1
        elif place.startswith("in place of "):
            line = first - 1
            del lines[line:statement.end_lineno]
        else:
            line = statement.lineno
            assert lines[line - 1].rstrip().endswith(("{", "(", "["))
    lines.insert(line, code)
    file.write_text("".join(lines), encoding="utf-8")


def _names(statement: ast.stmt) -> set[str]:
    """What a statement of a module defines."""
    if isinstance(statement, ast.FunctionDef | ast.ClassDef):
        return {statement.name}
    targets = getattr(statement, "targets", None) or [getattr(statement, "target", None)]
    return {one.id for one in targets if isinstance(one, ast.Name)}


def ruff_in(folder: Path, *files: Path) -> "subprocess.CompletedProcess[str]":
    """What the linter says of these files."""
    return subprocess.run([sys.executable, "-m", "ruff", "check", "--no-cache", "--config",
                           str(ROOT / "pyproject.toml"), *map(str, files)], cwd=folder,
                          capture_output=True, text=True, encoding="utf-8", check=False)


def pytest_in(folder: Path, *arguments: str | Path) -> "subprocess.CompletedProcess[str]":
    """Run tests on the source of that folder, in a process of their own."""
    return subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "--noconftest", "-p", "no:cacheprovider",
         f"--rootdir={folder}", *map(str, arguments)], cwd=folder, capture_output=True, text=True,
        encoding="utf-8", check=False,
        env={**os.environ, "PYTHONPATH": str(folder / "src"), "OMP_NUM_THREADS": "1",
             "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1"})  # they take longer than the tests
