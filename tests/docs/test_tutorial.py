"""docs/tutorial.md, done from its first line to its last, with ten steps of training."""

import contextlib
import io
import os
import shlex
import shutil
import subprocess
import sys
from pathlib import Path

import click

from cutaway.cli import main
from tests.docs.pages import DOCS, ROOT, Block, blocks

PAGE = DOCS / "tutorial.md"
NO_NETWORK = ("python3 -m venv", "source ", "pip install ")  # the set-up, done before any test


def test_every_command_and_every_program_runs_in_order(tmp_path, monkeypatch):
    (tmp_path / "docs").mkdir()
    for page in ("README.md", "docs/index.md", "docs/glossary.md"):
        shutil.copy(ROOT / page, tmp_path / page)
    monkeypatch.chdir(tmp_path)
    names, printed, done = {}, "", {"sh": 0, "python": 0, "text": 0}
    for block in blocks(PAGE):
        done[block.language] += 1
        if block.language == "sh":
            type_in(block, tmp_path)
        elif block.language == "python":
            printed = printed_by(block, names)
        else:
            assert block.code == printed, f"line {block.line}"
    assert done == {"sh": 8, "python": 7, "text": 5}
    assert {"config.json", "model.safetensors", "vocab.json"} <= {
        file.name for file in (tmp_path / "lighter-model").iterdir()}
    assert (tmp_path / "lighter.xlsx").stat().st_size > 0


def type_in(block: Block, folder: Path) -> None:
    """Run a block as a shell does; of what would not end, read the options."""
    if block.code.startswith(NO_NETWORK):
        return
    if block.code.startswith("cutaway open "):
        name, *rest = shlex.split(block.code)[1:]
        verb = main.get_command(click.Context(main), name)
        assert verb is not None and verb.make_context(name, rest)
        return
    programs = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    done = subprocess.run(["bash", "-euc", block.code], cwd=folder, capture_output=True, text=True,
                          encoding="utf-8", check=False,
                          env={**os.environ, "PATH": programs, "STEPS": "10",
                               "OMP_NUM_THREADS": "1", "PYTHONIOENCODING": "utf-8"})
    assert done.returncode == 0, f"line {block.line}: {done.stderr}"
    assert done.stdout.strip()


def printed_by(block: Block, names: dict) -> str:
    output = io.StringIO()
    with contextlib.redirect_stdout(output):
        exec(block.code, names)
    return output.getvalue()
