"""Every name that tools, benchmarks, docs, examples and tests take from the package is there.

A name that moved inside the package is otherwise missed by programs that few tests start.
"""

import ast
import importlib
from pathlib import Path

import pytest

REPOSITORY = Path(__file__).parents[1]
PROGRAMS = sorted(
    file for folder in ("bench", "docs", "examples", "tests", "tools")
    for file in (REPOSITORY / folder).rglob("*.py") if "node_modules" not in file.parts)


def taken_names(file: Path) -> list[tuple[int, str, str]]:
    """Of each `from cutaway... import name` in a file: its line, the module and the name."""
    tree = ast.parse(file.read_text(encoding="utf-8"))
    return [(node.lineno, node.module, name.name)
            for node in ast.walk(tree)
            if isinstance(node, ast.ImportFrom) and not node.level
            and node.module and node.module.split(".")[0] == "cutaway"
            for name in node.names]


def exists(module: str, name: str) -> bool:
    """Whether a module has a name, or a module of that name inside it."""
    try:
        if hasattr(importlib.import_module(module), name):
            return True
        importlib.import_module(f"{module}.{name}")
    except ModuleNotFoundError:
        return False
    return True


def test_a_name_that_moved_is_found_missing(tmp_path):
    file = tmp_path / "program.py"
    file.write_text("from cutaway.train.data import Source, split_documents\n"
                    "from cutaway.no_such_part import anything\n"
                    "from cutaway import train\n")
    missing = [name for _, module, name in taken_names(file) if not exists(module, name)]
    assert missing == ["split_documents", "anything"]


@pytest.mark.parametrize("folder", ["bench", "docs", "examples", "tests", "tools"])
def test_programs_take_only_names_that_the_package_has(folder):
    files = [file for file in PROGRAMS if file.relative_to(REPOSITORY).parts[0] == folder]
    assert files
    missing = [f"{file.relative_to(REPOSITORY)}:{line}: from {module} import {name}"
               for file in files for line, module, name in taken_names(file)
               if not exists(module, name)]
    assert not missing
