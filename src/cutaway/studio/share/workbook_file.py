'''A workbook as one Python file that is pleasant to read, runs by itself, and diffs well.

    """A Cutaway workbook: storybook on "Mike is quick. He moves", 2 changes, 1 cell."""

    import cutaway
    from cutaway.studio.share.running import Cells, what_changed

    model = cutaway.open_model("storybook")
    run = model.run("Mike is quick. He moves")

    run = run.edit("h3.attention", 0, head=1)
    run = run.rewrite("h5.attention", "softmax(causal(scores * 2))")

    print(what_changed(model, run))

    cells = Cells(model, run)
    cells.formula("queen", "embedding(' king') - embedding(' man')")
    cells.run()

Nothing that is written here was calculated, and `read_workbook` runs nothing: both need no NumPy.
'''

import shlex
from pathlib import Path

from cutaway.disk import whole_file
from cutaway.errors import WorkbookFileError
from cutaway.studio.messages.changes import PlainChange
from cutaway.studio.share.literals import (
    WIDTH,
    literal,
    written_call,
    written_numbers,
    written_source,
    written_text,
)
from cutaway.studio.share.operation_code import OPERATIONS, clashes, names_of_plain_def
from cutaway.studio.share.read_workbook import read_workbook, read_workbook_file
from cutaway.studio.share.workbook import Cell, Workbook
from cutaway.words import in_one_line

__all__ = ["Workbook", "read_workbook", "read_workbook_file", "save_workbook", "written"]

SHORT = 40
FUNCTIONS = {"from_prompt": "from_prompt", "mean": "mean_of"}  # by the kind of a change


def written(workbook: Workbook, file_name: str = "workbook.py") -> str:
    """The workbook as the text of a Python file; the same workbook is always the same text.

    file_name  what its first lines call it
    """
    parts = [_docstring(workbook, file_name), _imports(workbook), _opening(workbook)]
    if workbook.changes:
        parts.append(_changes(workbook))
    parts.append("print(what_changed(model, run))\n")
    if workbook.cells:
        parts.append(_cells(workbook.cells))
    return "\n".join(parts)


def save_workbook(workbook: Workbook, path: Path, *, replace: bool = False) -> None:
    """Write the workbook to a file, whole or not at all.

    replace  whether another file of that name may go
    Raises:  WorkbookFileError when there is one and it may not; DiskError when it cannot be written
    """
    if path.exists() and not replace:
        raise WorkbookFileError(f"{path} is there already. Choose another name, or say that it may "
                                f"be replaced.")
    with whole_file(path) as draft:
        draft.write_text(written(workbook, path.name), encoding="utf-8", newline="\n")


# ---- What stands above the changes -----------------------------------------------------------


def _docstring(workbook: Workbook, file_name: str) -> str:
    counts = [_counted(workbook.changes, "change"), _counted(workbook.cells, "cell")]
    what = ", ".join(count for count in counts if count) or "unchanged"
    model, prompt, name = (in_one_line(text, SHORT)
                           for text in (workbook.model, workbook.prompt, file_name))
    path = shlex.quote(name)
    lines = [f"A Cutaway workbook: {model} on {literal(prompt)}, {what}.", "",
             f"Open it in the studio:  cutaway open {path}",
             f"Run it by itself:       python {path}", ""]
    inside = "\n".join(lines).replace("\\", "\\\\").replace('"""', '\\"\\"\\"')
    return f'"""{inside}"""\n'


def _counted(things: list, word: str) -> str:
    return f"{len(things)} {word}{'' if len(things) == 1 else 's'}" if things else ""


def _imports(workbook: Workbook) -> str:
    """Only what the file uses, in the order in which Python files have it."""
    kinds = {change["kind"] for change in workbook.changes}
    reads, as_text = _operation_names(workbook)
    used = {"Cells": bool(workbook.cells), "operation_from": as_text, "what_changed": True}
    lines = ["import numpy as np\n"] if "np" in reads else []
    lines += ["import cutaway",
              *_import_from("cutaway.studio.share.running", [name for name in used if used[name]]),
              *_import_from("cutaway.workbook", [function for kind, function in FUNCTIONS.items()
                                                 if kind in kinds]),
              *_import_from("cutaway.workbook.operations", sorted(reads & OPERATIONS))]
    return "\n".join(lines) + "\n"


def _import_from(module: str, names: list[str]) -> list[str]:
    return [f"from {module} import {', '.join(names)}"] if names else []


def _opening(workbook: Workbook) -> str:
    room = WIDTH - len("run = model.run()")
    return (f"model = {written_call('cutaway.open_model', [written_text(workbook.model, room)])}\n"
            f"run = {written_call('model.run', [written_text(workbook.prompt, room)])}\n")


# ---- The changes -----------------------------------------------------------------------------


def _changes(workbook: Workbook) -> str:
    """A statement for each change; operations stand apart, as functions do."""
    pieces = []
    for change in workbook.changes:
        piece = _written_change(change, workbook)
        apart = piece.startswith("\n") and not pieces
        pieces.append(piece.removeprefix("\n") if apart else piece)
    return "".join(pieces)


def _written_change(change: PlainChange, workbook: Workbook) -> str:
    kind = change["kind"]
    if kind == "append":
        return _written_append(change["ids"])
    if kind == "operation":
        return _written_operation(change, workbook)
    return f"run = {_written_call(change)}\n"


def _written_call(change: PlainChange) -> str:
    kind, room = change["kind"], WIDTH - len("run = run.rewrite()") - 8
    if kind == "prompt" and change.get("special"):
        ids = written_call("model.tokenizer.encode_with_special",
                           [written_text(change["text"], room)])
        return f'run.edit("ids", {ids})'
    if kind == "prompt":
        return written_call("run.edit", ['"prompt"', written_text(change["text"], room)])
    if kind == "formula":
        step, formula = change["step"], change["formula"]
        return written_call("run.rewrite", [written_text(step), written_text(formula, room)])
    cells = [f"{axis}={_written_cells(chosen)}" for axis, chosen in change["cells"].items()]
    table = written_text(change["table"])
    if kind == "mean":
        return written_call("mean_of", ["run", table, *cells])
    if kind == "from_prompt":
        return written_call("from_prompt", ["run", table, written_text(change["prompt"], room),
                                            *cells])
    return written_call("run.edit", [table, written_numbers(change["value"]), *cells])


def _written_cells(chosen: int | list[int]) -> str:
    return str(chosen) if isinstance(chosen, int) else f"slice({chosen[0]}, {chosen[1]})"


def _written_append(ids: list[int]) -> str:
    if len(ids) == 1:
        return f"run = run.append({ids[0]})\n"
    return f"for token in {written_numbers(ids)}:\n    run = run.append(token)\n"


def _written_operation(change: PlainChange, workbook: Workbook) -> str:
    """The code as a function of the file, or as a text where it would mean something else there."""
    name, source = change["name"], change["source"]
    if _stands_plain(change, workbook):
        return f"\n\n{source}\n\n\nrun = run.redefine({name})\n"
    made = _with_source("operation_from", name, source)
    return f"run = run.redefine({made})\n"


def _with_source(function: str, name: str, source: str) -> str:
    """A call with a name and some code; lines between triple quotes stay where they are."""
    code = written_source(source)
    call = f"{function}({written_text(name)}, {code})"
    return call if code.startswith("r") else written_call(function, [written_text(name), code])


def _stands_plain(change: PlainChange, workbook: Workbook) -> bool:
    names = names_of_plain_def(change["name"], change["source"])
    redefined = {one["name"] for one in workbook.changes if one["kind"] == "operation"}
    return names is not None and not clashes(change["name"], names, redefined)


def _operation_names(workbook: Workbook) -> tuple[frozenset[str], bool]:
    """The names that the file's functions read, and whether some operation is written as text."""
    reads, as_text = frozenset(), False
    for change in workbook.changes:
        if change["kind"] != "operation":
            continue
        if _stands_plain(change, workbook):
            names = names_of_plain_def(change["name"], change["source"]) or frozenset()
            reads |= names - {change["name"]}
        else:
            as_text = True
    return reads, as_text


# ---- The cells -------------------------------------------------------------------------------


def _cells(cells: list[Cell]) -> str:
    lines = ["cells = Cells(model, run)\n"]
    lines += [_with_source(f"cells.{cell['kind']}", cell["name"], cell["source"]) + "\n"
              for cell in cells]
    return "".join([*lines, "cells.run()\n"])
