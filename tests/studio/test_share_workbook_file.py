"""The workbook as one Python file: written, read back without being run, and run by itself.

Over 400 lines: the three are tested on the same workbooks, which are made here.
"""

import ast
import os
import re
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import cutaway
from cutaway.axes import AXES
from cutaway.errors import DiskError, WorkbookFileError
from cutaway.studio.share.operation_code import OPERATIONS, names_of_plain_def
from cutaway.studio.share.workbook_file import (
    Workbook,
    read_workbook,
    read_workbook_file,
    save_workbook,
    written,
)
from cutaway.studio.worker.workspace import applied

SOURCE = Path(cutaway.__file__).parents[1]
DOCUMENTATION = Path(__file__).parents[2] / "docs" / "sharing.md"
PROMPT = "Mike is quick. He moves"
HEAD_OFF = {"kind": "numbers", "table": "h3.attention", "cells": {"head": 1}, "value": 0.0}
SHARPER = {"kind": "formula", "step": "h5.attention", "formula": "softmax(causal(scores * 2))"}
RELU = {"kind": "operation", "name": "gelu",
        "source": "def gelu(table):\n    # a corner instead of a curve\n"
                  "    return np.maximum(table, 0)"}
EVERY_KIND = [
    {"kind": "prompt", "text": "The end.<|endoftext|>Once", "special": True},
    {"kind": "prompt", "text": "Sally is slow. She moves"},
    {"kind": "append", "ids": [261]},
    {"kind": "append", "ids": [335, 44, 13]},
    HEAD_OFF,
    {"kind": "numbers", "table": "h0.attention", "cells": {"head": 0, "position": [6, 8]},
     "value": [[1 / 3] * 11, [0.125] * 11]},
    {"kind": "mean", "table": "h3.mixed", "cells": {"head": 1}},
    {"kind": "from_prompt", "table": "h1.residual", "cells": {"position": 1}, "prompt": "A fox"},
    SHARPER,
    RELU,
]


def workbook(*changes, cells=(), model="storybook", prompt=PROMPT):
    return Workbook(model, prompt, list(changes), list(cells))


def cell(source, kind="code", name="own"):
    return {"cell": "c1", "kind": kind, "name": name, "source": source}


# ---- There and back --------------------------------------------------------------------------

HOSTILE = ["'", '"', "'''", '"""', "\\", "\n", "\r", "\t", "\0", "\x1b[2J", "\u202e", "\u2028",
           "{", "}", "#", "\\N{DASH}", "\\u0041", "</script>", "<b>", "&amp;", "r'''", "é", "日本",
           "\U0001f600", "    ", "def f():", "import os", "\ufeff", "\x0c", "%s", "a" * 120, " "]
texts = st.lists(st.one_of(st.sampled_from(HOSTILE), st.text(st.characters(
    exclude_categories=["Cs"]), max_size=8)), max_size=12).map("".join)
numbers = st.floats(allow_nan=False, allow_infinity=False)
rows = st.integers(1, 40).flatmap(lambda n: st.lists(
    st.lists(numbers, min_size=n, max_size=n), min_size=1, max_size=4))
cells_of = st.dictionaries(st.sampled_from(list(AXES)), st.one_of(
    st.integers(0, 2**31 - 1), st.lists(st.integers(0, 2**31 - 1), min_size=2, max_size=2)))
plain_functions = st.tuples(st.sampled_from(sorted(OPERATIONS)), st.sampled_from([
    "    return np.exp(table)", "    return causal(table)", "    return softmax(table) * 2",
    "\n\n    # why\n\n    return table\n\n\n", "    '''doc'''\n\treturn 1", "    return run"]),
    st.sampled_from(["", "\n", "\n\n\n", "# about it\n", "@np.vectorize\n", "import os\n"])).map(
    lambda one: {"kind": "operation", "name": one[0],
                 "source": f"{one[2]}def {one[0]}(table):\n{one[1]}"})
changes = st.lists(st.one_of(
    st.builds(lambda text, more: {"kind": "prompt", "text": text} | more, texts,
                                  st.sampled_from([{}, {"special": True}])),
    st.builds(lambda ids: {"kind": "append", "ids": ids},
              st.lists(st.integers(0, 2**31 - 1), min_size=1, max_size=60)),
    st.builds(lambda table, cells, value: {"kind": "numbers", "table": table, "cells": cells,
                                           "value": value},
              st.one_of(texts.map(lambda text: text[:200]), st.just("prompt")), cells_of,
              st.one_of(numbers, rows)),
    st.builds(lambda table, cells: {"kind": "mean", "table": table, "cells": cells},
              texts.map(lambda text: text[:200]), cells_of),
    st.builds(lambda table, cells, prompt: {"kind": "from_prompt", "table": table, "cells": cells,
                                            "prompt": prompt},
              texts.map(lambda text: text[:200]), cells_of, texts),
    st.builds(lambda step, formula: {"kind": "formula", "step": step, "formula": formula},
              texts.map(lambda text: text[:200]), texts),
    st.builds(lambda name, source: {"kind": "operation", "name": name, "source": source},
              texts.map(lambda text: text[:200]), texts),
    plain_functions), max_size=6)
own_cells = st.lists(st.builds(lambda kind, name, source: cell(source, kind, name),
                               st.sampled_from(["formula", "code"]),
                               texts.map(lambda text: text[:100]), texts), max_size=4)


@given(st.builds(Workbook, texts, texts, changes, own_cells), texts)
def test_what_was_written_is_read_back_whatever_its_texts_hold(saved, file_name):
    text = written(saved, file_name)
    assert read_workbook(text) == saved
    assert written(read_workbook(text), file_name) == text


@given(st.builds(Workbook, texts, texts, changes, own_cells), texts)
def test_what_was_written_is_python_in_which_every_character_can_be_seen(saved, file_name):
    text = written(saved, file_name)
    ast.parse(text)
    assert all(character.isprintable() or character in "\n\t" for character in text)


@given(texts)
def test_the_source_of_a_cell_is_exact_also_when_it_is_no_python(source):
    saved = workbook(cells=[cell(source), cell(source, "formula")])
    assert [one["source"] for one in read_workbook(written(saved)).cells] == [source, source]


def test_a_file_that_a_program_gave_windows_line_ends_and_a_mark_in_front_is_read_the_same():
    saved = workbook(RELU, cells=[cell("print(1)\nprint(2)")])
    assert read_workbook("\ufeff" + written(saved).replace("\n", "\r\n")) == saved


def test_cells_are_counted_so_that_a_workbook_saved_twice_is_the_same_file():
    one = workbook(cells=[cell("1") | {"cell": "c8f3a"}, cell("2") | {"cell": "c001b"}])
    assert [saved["cell"] for saved in one.cells] == ["c1", "c2"]


# ---- How it looks ----------------------------------------------------------------------------


def test_it_reads_like_a_program_that_somebody_wrote():
    saved = workbook(HEAD_OFF, SHARPER, RELU, cells=[
        cell('embedding(" king") - embedding(" man")', "formula", "queen"),
        cell("for one in nearest(queen):\n    print(one)", name="look")])
    assert written(saved, "quick.py") == '''\
"""A Cutaway workbook: storybook on "Mike is quick. He moves", 3 changes, 2 cells.

Open it in the studio:  cutaway open quick.py
Run it by itself:       python quick.py
"""

import numpy as np

import cutaway
from cutaway.studio.share.running import Cells, what_changed

model = cutaway.open_model("storybook")
run = model.run("Mike is quick. He moves")

run = run.edit("h3.attention", 0, head=1)
run = run.rewrite("h5.attention", "softmax(causal(scores * 2))")


def gelu(table):
    # a corner instead of a curve
    return np.maximum(table, 0)


run = run.redefine(gelu)

print(what_changed(model, run))

cells = Cells(model, run)
cells.formula("queen", 'embedding(" king") - embedding(" man")')
cells.code("look", r\'\'\'
for one in nearest(queen):
    print(one)
\'\'\')
cells.run()
'''


def test_the_file_in_the_documentation_is_what_is_written_today():
    text = DOCUMENTATION.read_text(encoding="utf-8")
    example = text.split("```python\n")[1].split("```")[0]
    assert written(read_workbook(example), "quick.py") == example
    refused = re.search(r"^    (theirs.*?)\n\n", text, re.DOTALL | re.MULTILINE)[1]
    with pytest.raises(WorkbookFileError) as error:
        read_workbook("import os", "theirs.py")
    assert str(error.value).split() == refused.split()


def test_one_more_change_is_one_more_line():
    few, more = (written(workbook(*EVERY_KIND[:count])).splitlines() for count in (4, 5))
    assert set(more) - set(few) == {'run = run.edit("h3.attention", 0, head=1)',
                                    more[0]}
    assert set(few) - set(more) == {few[0]}


def test_no_line_of_a_long_list_or_text_runs_out_of_sight():
    many = {"kind": "numbers", "table": "wpe", "cells": {}, "value": [[i / 7 for i in range(99)]]}
    long = {"kind": "prompt", "text": "Once upon a time there was a fox. " * 30}
    text = written(workbook(many, long, {"kind": "append", "ids": list(range(200))},
                            prompt="word " * 100))
    assert max(map(len, text.splitlines())) <= 100


def test_an_operation_that_reads_more_than_a_file_gives_is_kept_as_text():
    """`helper` would be a name of the whole file, and `softmax` another function there."""
    two = {"kind": "operation", "name": "gelu", "source": "helper = 2\ndef gelu(t): return t"}
    reads = {"kind": "operation", "name": "gelu", "source": "def gelu(t): return softmax(t)"}
    sharp = {"kind": "operation", "name": "softmax", "source": "def softmax(t): return np.exp(t)"}
    assert "operation_from(" in written(workbook(two))
    assert "operation_from(" not in written(workbook(reads))
    assert "import softmax\n" in written(workbook(reads))
    assert "operation_from(" in written(workbook(reads, sharp))


def test_the_operations_named_here_are_those_of_the_workbook():
    from cutaway.workbook.operations import OPERATIONS as known

    assert known.keys() == OPERATIONS


@pytest.mark.parametrize("source", [
    "def other(t): return t", "async def gelu(t): return t", "gelu = abs", "def gelu(t:", "",
    "@cache\ndef gelu(t): return t", "def gelu(t): return t\nprint(1)", "def gelu(t=run): return t",
    "def gelu(t):\n    global run\n    run = 1", "def gelu(t):\r\n    return t", "-" * 5000 + "1",
    "def gelu(t):\n    return t  # \u202e", "def gelu(t):\n    return '\0'"])
def test_anything_but_one_plain_function_is_not_a_plain_function(source):
    assert names_of_plain_def("gelu", source) is None


# ---- Running by itself -----------------------------------------------------------------------


# As many threads as here: sums in another order have other last digits.
THREADS = {name: os.environ[name] for name in ("OMP_NUM_THREADS",) if name in os.environ}


def run_with_python(file, code=None):
    """What Python prints for the file alone, or for code beside it."""
    command = [sys.executable, *(["-c", code] if code else []), str(file)]
    done = subprocess.run(command, check=False, capture_output=True, text=True,
                          encoding="utf-8", cwd=file.parent,
                          env={"PYTHONPATH": str(SOURCE), "PYTHONUTF8": "1", **THREADS})
    assert done.returncode == 0, done.stderr
    return done.stdout


def run_of(saved):
    run = cutaway.open_model(saved.model).run(saved.prompt)
    for change in saved.changes:
        run = applied(run, change)
    return run


def test_run_by_itself_it_prints_the_prediction_that_the_studio_shows(tmp_path):
    saved = workbook(HEAD_OFF, SHARPER)
    save_workbook(saved, tmp_path / "quick.py")
    printed = run_with_python(tmp_path / "quick.py")

    before, after = run_of(workbook()), run_of(saved)
    best = int(after["next_probabilities"].array.argmax())
    shares = [f"{float(run['next_probabilities'].array[best]) * 100:.2f} %"
              for run in (before, after)]
    line = next(line for line in printed.splitlines() if f"  {best}  " in line)
    assert line.split()[-4:] == [*shares[0].split(), *shares[1].split()]
    assert '"Mike is quick. He moves"' in printed
    worst = before.diff(after, list(after.book.nodes))[0]
    moved = printed[printed.index("What moved"):].splitlines()[1]
    assert moved.split()[0] == worst.name


def test_run_by_itself_every_kind_of_change_gives_the_same_digits_as_in_the_studio(tmp_path):
    clash = {"kind": "operation", "name": "normalise", "source":
             "scale = 1.5\ndef normalise(table, eps):\n    return table / scale"}
    reads = {"kind": "operation", "name": "softmax", "source":
             "def softmax(table):\n    return np.exp(gelu(np.clip(table, -9, 3))) / 100"}
    for number, added in enumerate([(), (clash, reads)]):
        saved = workbook(*EVERY_KIND, *added)
        file = tmp_path / f"every{number}.py"
        save_workbook(saved, file)
        digits = run_with_python(file, "import runpy, sys; run = runpy.run_path(sys.argv[1])['run']"
                                 "; print(run['next_logits'].array.tobytes().hex())")
        found = np.frombuffer(bytes.fromhex(digits.split()[-1]), np.float32)
        np.testing.assert_array_equal(found, run_of(saved)["next_logits"].array)


def test_run_by_itself_it_runs_the_cells_and_one_that_fails_does_not_keep_the_others(tmp_path):
    saved = workbook(cells=[
        cell("later + 1", "formula", "first"), cell("1 + 1", "formula", "later"),
        cell("x = (1,\n", name="unfinished"), cell("print('seen')\n1 / 0", name="broken"),
        cell("h0.attention", "formula", "table"), cell("print(first)", name="")])
    save_workbook(saved, tmp_path / "cells.py")
    printed = run_with_python(tmp_path / "cells.py")
    told = printed[printed.index("first:"):]
    assert told.splitlines() == [
        "first: 3", "later: 2", "unfinished: SyntaxError: '(' was never closed. (line 1)", "seen",
        "broken: ZeroDivisionError: division by zero (line 2)", "table: 6 x 8 x 8",
        "3", "c6: done"]


def test_run_by_itself_an_unchanged_workbook_tells_its_prediction_alone(tmp_path):
    save_workbook(workbook(), tmp_path / "plain.py")
    printed = run_with_python(tmp_path / "plain.py")
    assert printed.splitlines()[2].split() == ["The", "next", "token", "id"]
    assert "What moved" not in printed


def test_run_by_itself_changes_that_change_nothing_are_told_so(tmp_path):
    same = {"kind": "formula", "step": "h0.attention", "formula": "softmax(causal(scores))"}
    save_workbook(workbook(same), tmp_path / "same.py")
    assert "Every number is the same as before." in run_with_python(tmp_path / "same.py")


# ---- Reading what somebody else wrote --------------------------------------------------------

HEAD = 'import cutaway\nmodel = cutaway.open_model("storybook")\nrun = model.run("Mike")\n'
REFUSED = {
    "import os": (1, "import os"),
    "import cutaway, os": (1, "import cutaway, os"),
    "from cutaway.workbook import *": (1, "import *"),
    "from cutaway.errors import CutawayError": (1, "cutaway.errors"),
    "from . import run": (1, "from . import"),
    "import cutaway as os": (1, "cutaway as os"),
    "print('hello')": (1, "hello"),
    "model = cutaway.open_model('a' + 'b')": (1, "'a' + 'b'"),
    "model = cutaway.open_model(f'{1}')": (1, "open_model"),
    "model = cutaway.open_model(b'a')": (1, "open_model"),
    "model = cutaway.open_model('a', 'b')": (1, "open_model"),
    "model = other = cutaway.open_model('a')": (1, "other"),
    "model = cutaway.open_model('a')\nimport os": (2, "import os"),
    "model = cutaway.open_model('a')\nrun = model.run(input())": (2, "input"),
    HEAD + "run = run.edit('wte', __import__('os').getpid())": (4, "__import__"),
    HEAD + "run = run.edit('wte', 1 + 1)": (4, "1 + 1"),
    HEAD + "run = run.edit('wte', True)": (4, "True"),
    HEAD + "run = run.edit('wte', 1j)": (4, "1j"),
    HEAD + "run = run.edit('wte', ~1)": (4, "~1"),
    HEAD + "run = run.edit('wte', -True)": (4, "-True"),
    HEAD + "run = run.edit('wte', [[[[[1]]]]])": (4, "[[[[[1]]]]]"),
    HEAD + "run = run.edit('wte', 0, **{'head': 1})": (4, "**"),
    HEAD + "run = run.edit('wte', 0, head=1, head=2)": (4, "head=2"),
    HEAD + "run = run.edit('wte', 0, head=slice(1, 2, 3))": (4, "slice(1, 2, 3)"),
    HEAD + "run = run.edit('wte', lambda cells: cells)": (4, "lambda"),
    HEAD + "run = run.append(token)": (4, "append(token)"),
    HEAD + "run = run.replace(print)": (4, "replace"),
    HEAD + "run = other.edit('wte', 0)": (4, "other"),
    HEAD + "run = mean_of(other, 'wte')": (4, "mean_of"),
    HEAD + "run = exec('1')": (4, "exec"),
    HEAD + "for token in [1, 2]:\n    print(token)": (4, "for token"),
    HEAD + "for token in [1]:\n    run = run.append(token)\nelse:\n    exit()": (4, "for token"),
    HEAD + "while True: pass": (4, "while True"),
    HEAD + "def f(): pass": (4, "def f()"),
    HEAD + "def f(): pass\nrun = run.redefine(g)": (5, "redefine(g)"),
    HEAD + "run = run.redefine(print)": (4, "print"),
    HEAD + "class A: pass": (4, "class A"),
    HEAD + "run = run.edit('wte', 0); import os": (4, "import os"),
    HEAD + "print(what_changed(model, run))\nimport os": (5, "import os"),
    HEAD + "cells = Cells(model, run)\ncells.code('a', open('b').read())": (5, "open("),
    HEAD + "cells = Cells(model, run)\ncells.delete('a', 'b')": (5, "delete"),
    HEAD + "cells = Cells(model, run)\ncells.run()\nimport os": (6, "import os"),
    HEAD + "cells = Cells(model, run)\nrun = run.edit('wte', 0)": (5, "run.edit"),
}


@pytest.mark.parametrize("text", REFUSED)
def test_what_no_workbook_holds_is_refused_with_its_line(text):
    line, found = REFUSED[text]
    with pytest.raises(WorkbookFileError) as refused:
        read_workbook(text, "theirs.py")
    message = str(refused.value)
    assert message.startswith(f"theirs.py, line {line}: ")
    assert found in message.replace('\\"', '"').replace("\\'", "'")
    assert "Expected: " in message
    assert message.endswith("Nothing of the file was run. If it is a program of yours, run it with "
                            "python instead.")


REFUSED_VALUES = {
    "run = run.edit('wte', 1e999)": "'value' is inf; a finite number is expected",
    "run = run.edit('wte', [])": "an empty or a ragged list",
    "run = run.edit('wte', [[1], [1, [2]]])": "an empty or a ragged list",
    "run = run.edit('wte', 0, vertical=1)": "'vertical' is no axis",
    "run = run.edit('wte', 0, head=-1)": "head is -1",
    "run = run.edit('wte', 0, head=1.5)": "head is 1.5",
    "run = run.edit('wte', 0, head=slice(0, 99999999999))": "99999999999",
    "run = run.append(-1)": "'ids[0]' is -1; a whole number",
    "run = run.append(1.0)": "'ids[0]' is 1.0; a whole number",
    "run = run.edit('" + "w" * 201 + "', 0)": "'table' has 201 characters",
}


@pytest.mark.parametrize("change", REFUSED_VALUES)
def test_a_value_that_no_change_takes_is_refused_with_its_line(change):
    with pytest.raises(WorkbookFileError, match=r"theirs\.py, line 4: this is ") as found:
        read_workbook(HEAD + change, "theirs.py")
    assert REFUSED_VALUES[change] in str(found.value)


NOT_PYTHON = {
    "x = (": "was never closed",
    "(" * 1000: "too many nested parentheses",
    "x = " + "-" * 100_000 + "1": "it is nested too deeply",
    "x = a" + ".b" * 100_000: "it is nested too deeply",
    "x = " + "not " * 100_000 + "1": "it is nested too deeply",
    "x = 1" + "+1" * 100_000: "it is nested too deeply",
    "x = " + "9" * 10_000: "Exceeds the limit",
    "x = '\0'": "null",
    "x = '\ud800'": "surrogates not allowed",
    "PK\x03\x04\x14": "cannot be read as Python",
    "{\"cells\": [], \"nbformat\": 4": "never closed",
    "if 1:\nx": "expected an indented block",
}


@pytest.mark.parametrize("text", NOT_PYTHON)
def test_what_is_not_python_is_refused_and_says_why(text):
    with pytest.raises(WorkbookFileError) as refused:
        read_workbook(text, "theirs.py")
    assert "cannot be read as Python" in str(refused.value)
    assert NOT_PYTHON[text] in str(refused.value)


def test_a_file_that_ends_too_early_says_what_is_missing():
    for text, expected in (("", "model = cutaway.open_model"), ("import cutaway", "open_model"),
                           ("model = cutaway.open_model('a')", 'run = model.run("...")')):
        with pytest.raises(WorkbookFileError, match=r"it ends too early\. Expected: ") as refused:
            read_workbook(text)
        assert expected in str(refused.value)


def test_a_file_of_more_pieces_than_any_workbook_is_refused_before_it_is_parsed():
    with pytest.raises(WorkbookFileError, match="more than 1,000,000 words, numbers and signs"):
        read_workbook("x = [" + "a," * 600_000 + "]")


def test_the_largest_change_that_the_journal_takes_is_read_back():
    most = {"kind": "numbers", "table": "wpe", "cells": {},
            "value": [[-1.2345678e-05] * 500] * 500}
    saved = workbook(most)
    assert read_workbook(written(saved)) == saved


@pytest.mark.parametrize("first", ["# -*- coding: latin-1 -*-", "#!/bin/python\n# coding=utf-7"])
def test_a_file_that_says_it_is_in_another_encoding_is_refused(first):
    with pytest.raises(WorkbookFileError, match="A workbook is written in UTF-8"):
        read_workbook(f"{first}\n{written(workbook())}")


def test_half_of_a_surrogate_pair_is_refused_when_it_is_written_and_when_it_is_read():
    with pytest.raises(WorkbookFileError, match="half of a surrogate pair"):
        workbook(prompt="Mike \ud800")
    with pytest.raises(WorkbookFileError, match=r"theirs\.py: .*half of a surrogate pair"):
        read_workbook(HEAD.replace("Mike", "\\ud800"), "theirs.py")


def test_a_workbook_that_is_none_is_refused_when_it_is_built():
    with pytest.raises(WorkbookFileError, match="'kind' is 'magic'"):
        workbook({"kind": "magic"})
    with pytest.raises(WorkbookFileError, match="'kind' is 'cake'"):
        workbook(cells=[cell("1", "cake")])
    with pytest.raises(WorkbookFileError, match="'prompt' is missing"):
        replace(workbook(), prompt=None)
    with pytest.raises(WorkbookFileError, match="has 201 cells; at most 200"):
        workbook(cells=[cell("1")] * 201)


@given(st.text() | texts.map(lambda text: HEAD + text))
def test_any_text_is_read_or_refused_with_a_message_and_never_anything_else(text):
    try:
        read_workbook(text)
    except WorkbookFileError as error:
        assert str(error)


def test_reading_runs_nothing_and_loads_no_numpy(tmp_path):
    """In a Python that has only the reader's own modules, and no package above them."""
    saved = workbook({**RELU, "source": "def gelu(table=print('RUN')):\n    return table"},
                     cells=[cell("print('RUN')")])
    save_workbook(saved, tmp_path / "theirs.py")
    program = (
        "import sys, types; from pathlib import Path\n"
        "package = types.ModuleType('cutaway'); package.__path__ = [sys.argv[1]]\n"
        "sys.modules['cutaway'] = package; sys.modules['numpy'] = None\n"
        "from cutaway.studio.share.workbook_file import read_workbook_file, written\n"
        "found = read_workbook_file(Path(sys.argv[2]))\n"
        "print(len(written(found, 'theirs.py')))\n")
    done = subprocess.run([sys.executable, "-c", program, str(SOURCE / "cutaway"),
                           str(tmp_path / "theirs.py")], check=False, capture_output=True,
                          text=True, env={"PYTHONPATH": str(SOURCE)})
    assert done.stderr == ""
    assert done.stdout.split() == [str(len(written(saved, "theirs.py")))]


# ---- On the disk -----------------------------------------------------------------------------


def test_another_file_is_not_overwritten_unasked(tmp_path):
    path = tmp_path / "thesis.py"
    path.write_text("years of work")
    with pytest.raises(WorkbookFileError, match=r"thesis\.py is there already"):
        save_workbook(workbook(), path)
    assert path.read_text() == "years of work"
    save_workbook(workbook(), path, replace=True)
    assert read_workbook_file(path) == workbook()


def test_a_failed_write_leaves_the_old_file(tmp_path):
    path = tmp_path / "folder"
    path.mkdir()
    with pytest.raises(DiskError, match="could not be written"):
        save_workbook(workbook(), path, replace=True)
    assert [one.name for one in tmp_path.iterdir()] == ["folder"]


def test_bytes_that_are_not_utf8_are_told_with_their_place(tmp_path):
    path = tmp_path / "latin.py"
    path.write_bytes(b'"""caf\xe9"""')
    with pytest.raises(WorkbookFileError, match="byte 0xE9 at place 6 is not UTF-8"):
        read_workbook_file(path)
    path.write_bytes("\ufeff".encode() + written(workbook()).encode())
    assert read_workbook_file(path) == workbook()


def test_a_file_that_is_not_there_or_too_large_is_told(tmp_path):
    with pytest.raises(WorkbookFileError, match=r"no\.py cannot be read: No such file"):
        read_workbook_file(tmp_path / "no.py")
    with (tmp_path / "huge.py").open("wb") as file:
        file.truncate(17 * 2**20)
    with pytest.raises(WorkbookFileError, match="larger than 16 MB"):
        read_workbook_file(tmp_path / "huge.py")
