"""Who may import whom, what an import loads, and how long a file may be.

docs/architecture.md states the order: arrows point down only.
"""

import ast
import re
import subprocess
import sys
from collections.abc import Collection
from functools import cache
from pathlib import Path

import pytest

import cutaway

SOURCE = Path(cutaway.__file__).parent
REPOSITORY = Path(__file__).parents[1]

FOUNDATION = {"errors", "axes", "disk", "hidden_folder", "folders", "words", "reading",
              "machine_memory", "tokenizer_rule", "glossary"}
DEFINITION = FOUNDATION | {"workbook", "models"}
MAY_IMPORT = {
    "errors": set(),
    "machine_memory": set(),
    "axes": set(),
    "glossary": set(),
    "folders": {"errors"},
    "hidden_folder": {"errors", "folders"},
    "disk": {"errors", "hidden_folder"},
    "words": {"errors"},
    "reading": {"errors", "words"},
    "fast_paths": set(),
    "tokenizer_rule": set(),
    "workbook": FOUNDATION,
    "models": FOUNDATION | {"workbook"},
    "tokenizer": {"errors", "disk", "words", "reading", "fast_paths", "tokenizer_rule"},
    "texts": {"errors", "tokenizer", "words"},
    "weights": DEFINITION,
    "engines": DEFINITION | {"weights", "fast_paths", "engines/compiled"},
    "engines/compiled": DEFINITION | {"engines", "fast_paths"},
    "model": DEFINITION | {"weights", "engines", "tokenizer"},
    "generate": DEFINITION | {"weights", "engines", "tokenizer", "model"},
    "engines/sql": DEFINITION | {"weights", "engines", "tokenizer", "model", "generate"},
    "engines/xlsx": DEFINITION | {"weights", "engines", "tokenizer", "model", "generate"},
    "train": DEFINITION | {"fast_paths", "weights", "engines", "tokenizer", "model",
                            "texts"},
    "__init__": DEFINITION | {"weights", "engines", "tokenizer", "model", "generate"},
    "look": DEFINITION,
    "scratch": DEFINITION | {"weights", "engines", "tokenizer", "model", "generate"},
    "verify": DEFINITION | {"weights", "engines", "model"},
    "claims": DEFINITION | {"weights", "engines", "tokenizer", "model", "generate", "scratch"},
    "course": DEFINITION | {"weights", "engines", "tokenizer", "model", "generate", "scratch",
                            "look"},
    "studio/messages": DEFINITION,
    "studio/worker": DEFINITION | {"weights", "engines", "engines/sql", "engines/xlsx", "tokenizer",
                                   "model", "generate", "scratch", "look", "course", "claims",
                                   "verify", "studio", "studio/messages", "__init__"},
    "studio": DEFINITION | {"studio/messages", "studio/worker", "weights", "engines", "tokenizer",
                            "model", "generate", "scratch", "look", "__init__"},
    "widgets": DEFINITION | {"studio/messages", "look", "__init__"},
    "cli": DEFINITION | {"weights", "engines", "engines/sql", "engines/xlsx", "tokenizer", "model",
                         "generate", "train", "texts", "studio", "look", "course", "claims",
                         "verify", "__init__"},
    "__main__": {"cli"},
}
# Libraries that take long to load or that not every installation has: only inside functions,
# except in the packages that are themselves imported on first use.
HEAVY = {"torch": {"engines/torch.py", "engines/torch_text.py", "models/gpt2_peer.py", "train"},
         "tiktoken": set(), "tokenizers": set(),
         "transformers": {"models/gpt2_peer.py"}, "safetensors": set(),
         "huggingface_hub": set(), "rich": set(),
         "click": {"cli"}, "duckdb": set(), "nanoarrow": set(),
         "psycopg": set(), "pgvector": set(), "xlsxwriter": {"engines/xlsx"},
         "numba": {"engines/compiled"}, "llvmlite": {"engines/compiled"},
         "starlette": {"studio"}, "uvicorn": {"studio"},
         "anywidget": {"widgets"}, "markdown_it": set()}


def files() -> list[Path]:
    return sorted(SOURCE.rglob("*.py"))


def part(file: Path) -> str:
    """The part of the architecture that a file belongs to: its first folder, or itself.

    Some folders are parts of their own: below engines/ those that translate whole books, below
    studio/ the messages, which notebooks use as well, and the worker, which only the studio knows.
    """
    return _part(file.relative_to(SOURCE).as_posix().removesuffix(".py").replace("/", "."))


def _part(dotted: str) -> str:
    first, second, *_ = [*dotted.split("."), ""]
    return f"{first}/{second}" if f"{first}/{second}" in MAY_IMPORT else first


@cache
def parsed(file: Path) -> ast.Module:
    """The text of a file, read once for all tests."""
    return ast.parse(file.read_text(encoding="utf-8"))


@cache
def imports(file: Path, typing: bool = True) -> list[tuple[int, str, bool]]:
    """Every import in a file: its line, the module's full name, and whether it runs on import.

    typing  whether those that only a type checker reads are among them
    """
    tree = parsed(file)
    unread = {node for outer in ast.walk(tree) if isinstance(outer, ast.If)
              and "TYPE_CHECKING" in ast.unparse(outer.test) for node in ast.walk(outer)}
    late = unread | {node for outer in ast.walk(tree)
                     if isinstance(outer, ast.FunctionDef | ast.Lambda) for node in ast.walk(outer)}
    found = []
    for node in ast.walk(tree):
        if node in unread and not typing:
            continue
        if isinstance(node, ast.Import):
            found += [(node.lineno, alias.name, node not in late) for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            names = [node.module or ""]
            if node.module == "cutaway":  # from cutaway import errors, or a name of __init__
                names = [f"cutaway.{alias.name}" for alias in node.names]
            found += [(node.lineno, name, node not in late) for name in names]
            if node.level:
                found.append((node.lineno, "a relative import", True))
    return found


def test_arrows_point_down_only():
    wrong = []
    for file in files():
        own = part(file)
        assert own in MAY_IMPORT, f"{file.name}: say in this test what {own} may import"
        for line, name, _ in imports(file):
            first, _, rest = name.partition(".")
            if first != "cutaway":
                continue
            target = _part(rest)
            if target not in MAY_IMPORT:
                target = "__init__"
            if target != own and target not in MAY_IMPORT[own]:
                wrong.append(f"{file.relative_to(SOURCE.parent)}:{line} {own} imports {name}")
    assert not wrong, "\n" + "\n".join(wrong)


def test_no_modules_import_each_other_in_a_circle():
    names = {_module(file): file for file in files()}
    reads = {name: {one for _, found, _ in imports(file, typing=False)
                    for one in _modules_in(found, file, names)} - {name}
             for name, file in names.items()}
    assert circle(reads) == []


def _module(file: Path) -> str:
    dotted = file.relative_to(SOURCE.parent).as_posix().removesuffix(".py").replace("/", ".")
    return dotted.removesuffix(".__init__")


def _modules_in(found: str, file: Path, names: Collection[str]) -> set[str]:
    """The modules that an import of a file names: `from package import module` names both."""
    modules = set(names) & {f"{found}.{alias}" for alias in _names_from(file).get(found, ())}
    # Of a package whose modules alone are named, its own text is not what is wanted.
    return modules or ({found} & set(names))


@cache
def _names_from(file: Path) -> dict[str, set[str]]:
    """What a file imports from each module by name."""
    named: dict[str, set[str]] = {}
    for node in ast.walk(parsed(file)):
        if isinstance(node, ast.ImportFrom) and node.module:
            named.setdefault(node.module, set()).update(alias.name for alias in node.names)
    return named


def circle(reads: dict[str, set[str]]) -> list[str]:
    """The first modules found that read each other in a circle; none where there is no circle."""
    left = {name: set(read) for name, read in reads.items()}
    while ends := [name for name, read in left.items() if not read & left.keys()]:
        for name in ends:
            del left[name]
    path = [*left][:1]
    while path and path[-1] not in path[:-1]:
        path.append(sorted(left[path[-1]] & left.keys())[0])
    return path[path.index(path[-1]):] if path else []


def test_a_circle_is_found():
    assert circle({"a": {"b"}, "b": {"c"}, "c": {"d", "b"}, "d": set()}) == ["b", "c", "b"]
    assert circle({"a": {"b"}, "b": {"c"}, "c": set()}) == []


def test_no_import_is_relative():
    wrong = [f"{file.relative_to(SOURCE.parent)}:{line}" for file in files()
             for line, name, _ in imports(file) if name == "a relative import"]
    assert not wrong


def test_heavy_libraries_are_imported_on_first_use():
    wrong = []
    for file in files():
        place = file.relative_to(SOURCE).as_posix()
        for line, name, on_import in imports(file):
            homes = HEAVY.get(name.partition(".")[0])
            if on_import and homes is not None and place not in homes and part(file) not in homes:
                wrong.append(f"{place}:{line} imports {name} when it is imported itself")
    assert not wrong, "\n" + "\n".join(wrong)


@pytest.mark.parametrize(("module", "numpy"), [
    ("cutaway", False), ("cutaway.cli", False), ("cutaway.model", True), ("cutaway.weights", True),
    ("cutaway.tokenizer", True), ("cutaway.generate", True)])
def test_an_import_loads_numpy_at_most_and_nothing_heavier(module, numpy):
    allowed = {"click"} if module == "cutaway.cli" else set()
    heavy = ", ".join(map(repr, HEAVY.keys() - allowed))
    script = (f"import sys; sys.path.insert(0, {str(SOURCE.parent)!r}); import {module}; "
              f"print(*sorted({{{heavy}}} & set(sys.modules)), 'numpy' in sys.modules)")
    done = subprocess.run([sys.executable, "-c", script],
                          capture_output=True, text=True, check=True)
    assert done.stdout.split() == [str(numpy)]


def test_no_source_file_is_longer_than_400_lines():
    lengths = {str(file.relative_to(SOURCE)): len(file.read_text(encoding="utf-8").splitlines())
               for file in files()}
    assert {name: length for name, length in lengths.items() if length > 400} == {}


def test_a_style_or_a_test_of_over_400_lines_says_why_in_its_first_lines():
    ours = [file for file in [*SOURCE.rglob("*.css"), *(REPOSITORY / "tests").rglob("*.py")]
            if "vendor" not in file.parts]
    texts = {file: file.read_text(encoding="utf-8").splitlines() for file in ours}
    silent = [file.name for file, lines in texts.items()
              if len(lines) > 400 and "Over 400 lines" not in "\n".join(lines[:6])]
    assert not silent


def written_files() -> list[Path]:
    """Every text file that somebody wrote: no caches, no build results, no data."""
    folders = ("src", "tests", "docs", "examples", "bench", "tools", ".ci")
    kinds = {".py", ".md", ".toml", ".txt", ".cfg", ".yml", ".yaml", ".json", ".sh", ""}
    found = [file for folder in folders for file in sorted((REPOSITORY / folder).rglob("*"))]
    found += sorted(REPOSITORY.glob("*"))
    return [file for file in found if file.is_file() and file.suffix in kinds
            and file.stat().st_size < 1_000_000
            and not {"__pycache__", "node_modules"} & set(file.parts)]


# Pieced together, so that this file does not hold what it looks for.
NEVER_WRITTEN = re.compile("|".join([
    r"(?<![\w.])/(?:wo" r"rk|ho" r"me|ro" r"ot|t" r"mp|Use" r"rs)/\w", r"[A-Z]:\\\\Use" r"rs",
    "index" "-url", "index" "_url", "arti" "factory", r"files\.python" r"hosted",
    r"pypi\.or" r"g/simple",
    r"127\.0\.0\.1:\d{4}/si" "mple"]))


def test_no_file_mentions_a_machines_path_or_a_registrys_address():
    wrong = []
    for file in written_files():
        lines = file.read_text(encoding="utf-8", errors="replace").splitlines()
        for number, line in enumerate(lines, 1):
            if NEVER_WRITTEN.search(line):
                wrong.append(f"{file.relative_to(REPOSITORY)}:{number} {line.strip()[:80]}")
    assert not wrong, "\n" + "\n".join(wrong)


def test_the_search_for_machine_paths_finds_one():
    """A test that cannot fail would be worth nothing."""
    for text in ("see /ho" "me/somebody/model", "pip --index" "-url x", "open('/t" "mp/a')"):
        assert NEVER_WRITTEN.search(text)
    for text in ("docs/home/page", "1/tmp", "https://pypi.org/project/cutaway"):
        assert not NEVER_WRITTEN.search(text)
