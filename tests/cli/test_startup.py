"""What a command imports before it answers: names, not seconds; `bench/startup.py` has those."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from tests.cli.conftest import PROMPT

SOURCE = str(Path(__file__).parents[2] / "src")
SCRIPT = """
import json, sys
before = set(sys.modules)
from cutaway.cli import main
try:
    main(sys.argv[1:])
except SystemExit as end:
    assert not end.code, end.code
print(json.dumps(sorted(set(sys.modules) - before)), file=sys.stderr)
"""
# Each of these takes longer than a prompt is answered in, or nearly.
NEVER = {"numba", "llvmlite", "torch", "tiktoken", "regex", "tokenizers", "transformers",
         "safetensors", "huggingface_hub", "duckdb", "starlette", "uvicorn", "asyncio",
         "multiprocessing", "importlib.metadata"}


def imported(tmp_path, monkeypatch, *arguments):
    """The names of all modules that a command line imports beyond what Python itself does."""
    monkeypatch.setenv("PYTHONPATH", SOURCE)
    monkeypatch.setenv("CUTAWAY_HOME", str(tmp_path))
    monkeypatch.delenv("CUTAWAY_ENGINE", raising=False)
    done = subprocess.run([sys.executable, "-c", SCRIPT, *arguments], capture_output=True,
                          text=True, check=True, cwd=tmp_path)
    return set(json.loads(done.stderr))


def libraries(modules):
    """The packages that do not come with Python."""
    roots = {name.partition(".")[0] for name in modules} - {"cutaway"}
    return {root for root in roots - sys.stdlib_module_names if "cython" not in root}  # NumPy's own


def parts(modules):
    return {name.split(".")[1] for name in modules if name.startswith("cutaway.")}


def test_help_imports_neither_a_verb_nor_what_opens_a_model(tmp_path, monkeypatch):
    modules = imported(tmp_path, monkeypatch, "--help")
    assert libraries(modules) == {"click"}
    assert not modules & NEVER
    assert not parts(modules) & {"models", "engines", "tokenizer", "weights", "generate",
                                   "scratch", "studio", "train"}
    assert {name for name in modules if name.startswith("cutaway.cli.")} == {
        "cutaway.cli.encoding", "cutaway.cli.group", "cutaway.cli.say"}


@pytest.mark.parametrize("options", [(), ("--json",), ("--max-tokens", "0"),
                                     ("--temperature", "0.8", "--seed", "1")])
def test_a_prompt_imports_what_calculates_and_draws_and_nothing_heavier(
        tmp_path, monkeypatch, options):
    modules = imported(tmp_path, monkeypatch, PROMPT, *options)
    assert libraries(modules) <= {"click", "numpy", "rich"}
    assert not modules & NEVER
    assert not parts(modules) & {"scratch", "studio", "train", "widgets"}
    assert not {"cutaway.engines.sql", "cutaway.engines.xlsx", "cutaway.engines.torch"} & modules


def test_a_prompt_that_is_not_ascii_needs_the_tokenizer_s_libraries_only(tmp_path, monkeypatch):
    modules = imported(tmp_path, monkeypatch, "Once upon a time, the naïve king", "--json")
    assert libraries(modules) <= {"click", "numpy", "tiktoken", "tiktoken_ext", "regex"}
    assert not modules & (NEVER - {"tiktoken", "regex"})


@pytest.mark.parametrize("arguments", [["--help"], ["models"], ["generate", "Mike is quick"]])
def test_ctrl_c_while_the_modules_load_is_silent(tmp_path, monkeypatch, arguments):
    """It comes with the first module that our own code loads: there is no moment to guess."""
    monkeypatch.setenv("PYTHONPATH", SOURCE)
    code = ("import builtins, os, signal, sys\n"
            "from cutaway.__main__ import main\n"
            "signal.signal(signal.SIGINT, signal.default_int_handler)\n"
            "load = builtins.__import__\n"
            "def press(name, *rest):\n"
            "    if name == 'click': os.kill(os.getpid(), signal.SIGINT)\n"
            "    return load(name, *rest)\n"
            "builtins.__import__ = press\n"
            f"sys.argv[1:] = {arguments!r}\n"
            "main()\n")
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True,
                          cwd=tmp_path, check=False)
    assert (done.returncode, done.stderr) == (130, "")
