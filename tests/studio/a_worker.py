"""A worker with a few verbs of its own: `python -m tests.studio.a_worker`, and how to start it."""

import asyncio
import contextlib
import functools
import linecache
import os
import subprocess
import sys
import threading
from dataclasses import replace
from pathlib import Path
from time import monotonic
from typing import Any
from unittest.mock import patch

from msgspec import to_builtins

from cutaway.studio.messages.question import Question
from cutaway.studio.process.child import CALCULATES, ChildProcess

ROOT = Path(__file__).parents[2]
MODULE = "tests.studio.a_worker"
PATIENCE_SECONDS = 120  # until a test is given up


class Workspace:
    def __init__(self, push, in_main):
        self.push, self.in_main = push, in_main
        self.names = {}


class Run(Question):
    source: str
    cell: str = "c1"


class StepInto(Question):
    formula: str | None = None


class Echo(Question):
    a: Any = None
    number: int | None = None


class JobEcho(Echo):
    pass


class Numbers(Question):
    tens: int


class Many(Question):
    count: int


class JobMany(Many):
    pass


class InMain(Question):
    source: str


class Odd(Question):
    what: str


def run(workspace, question):
    """Run code as a cell does; names stay from one to the next."""
    source, file = question.source, f"<cell {question.cell}>"
    linecache.cache[file] = (len(source), None, source.splitlines(keepends=True), file)
    workspace.names["workspace"] = workspace
    exec(compile(source, file, "exec"), workspace.names)
    return {"result": workspace.names.get("result")}


def step_into(workspace, question):
    """Step into the model's attention, or another formula for it, with a table of threes."""
    import numpy as np

    from cutaway.models.gpt2 import attention
    from cutaway.workbook import function_from_formula

    if question.formula is not None:
        attention = function_from_formula("attention", question.formula)
    table = np.full((2, 3, 3), 3, np.float32)
    return {"sum": float(workspace.debugger.call(attention, table).sum())}


def echo(workspace, question):
    return {"fields": to_builtins(question), "thread": threading.current_thread().name}


def numbers(workspace, question):
    return {"rows": 2}, b"0123456789" * question.tens


def many(workspace, question):
    return {"many": "x" * question.count}


def in_main(workspace, question):
    """A view that has something calculated."""
    def calculate():
        exec(question.source, workspace.names)
        return threading.current_thread() is threading.main_thread()

    return {"in_main": workspace.in_main(calculate)}


def odd(workspace, question):
    """Answers that cannot be passed on, and one that can."""
    odd = {"nan": float("nan"), "object": object(), "text": "lone \ud800"}
    return {"odd": odd[question.what]}


VIEWS = {Echo: echo, Numbers: numbers, Many: many, InMain: in_main, Odd: odd}
JOBS = {Run: run, StepInto: step_into, JobEcho: echo, JobMany: many}


def on_the_path():
    """Within it, a worker finds this file."""
    paths = [str(ROOT), str(ROOT / "src"), os.environ.get("PYTHONPATH", "")]
    return patch.dict(os.environ, PYTHONPATH=os.pathsep.join(filter(None, paths)))


class Started:
    """A worker, with what it has pushed and how it ended.

        async with Started() as started:
            await started.run("print(1)")
    """

    def __init__(self, memory_bytes=0):
        self.pushes, self.ends, self._memory = [], [], memory_bytes
        self._begun = []
        self._news = asyncio.Event()

    async def __aenter__(self):
        with on_the_path():
            self.worker = await ChildProcess.start(
                self._pushed, self._ended, memory_bytes=self._memory,
                program=replace(CALCULATES, module=MODULE))
        return self

    async def __aexit__(self, *exception):
        await self.worker.kill()
        # How they ended is of no interest any more; an error that nobody looks at is logged later,
        # in the middle of another test.
        await asyncio.gather(*self._begun, return_exceptions=True)

    def _pushed(self, message):
        self.pushes.append(message)
        self._news.set()

    def _ended(self, words):
        self.ends.append(words)
        self._news.set()

    async def ask(self, verb, **args):
        async with asyncio.timeout(PATIENCE_SECONDS):
            return (await self.worker.ask(verb, args)).ok

    async def run(self, source, **args):
        return await self.ask("run", source=source, **args)

    def begin(self, source, **args):
        """Begin to run code, without waiting for its end."""
        self._begun.append(asyncio.create_task(self.run(source, **args)))
        return self._begun[-1]

    async def until(self, condition):
        """Wait until something pushed makes a condition true."""
        end = monotonic() + PATIENCE_SECONDS
        while not condition():
            assert monotonic() < end, f"given up; last of {len(self.pushes)}: {self.pushes[-5:]}"
            self._news.clear()
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(0.05):
                    await self._news.wait()

    async def until_printed(self, text):
        await self.until(lambda: text in self.printed())

    async def until_paused(self, count=1):
        """The so-many-th pause."""
        await self.until(lambda: len(self.pauses()) >= count)
        return self.pauses()[count - 1]

    async def command(self, word, **fields):
        """Give the debugger a command."""
        await self.ask("debug", command=word, **fields)

    async def goes(self, word):
        """Give a command, and return the pause that it leads to."""
        before = len(self.pauses())
        await self.command(word)
        return await self.until_paused(before + 1)

    def printed(self, stream=None):
        return "".join(push["text"] for push in self.pushes if push["push"] == "print"
                       and stream in (None, push["stream"]))

    def pauses(self):
        return [push for push in self.pushes if push["push"] == "paused"]

    def states(self):
        return [push["state"] for push in self.pushes if push["push"] == "worker"]


def stands(pause):
    """Where a pause is, or a frame of its stack."""
    return pause["where"], pause["function"], pause["line"]


def local(pause, name):
    """A variable as it is shown."""
    return next(row for row in pause["locals"] if row["name"] == name)


def promise(test):
    """A test that is a coroutine, run to its end."""
    @functools.wraps(test)
    def runs(*arguments, **keywords):
        asyncio.run(test(*arguments, **keywords))

    return runs


def alive(process):
    """Whether a process still runs; one that only waits to be noted as ended does not."""
    if sys.platform != "linux":
        state = subprocess.run(["ps", "-o", "stat=", "-p", str(process)], capture_output=True,
                               text=True, check=False).stdout.strip()
        return bool(state) and not state.startswith("Z")
    try:
        status = Path(f"/proc/{process}/stat").read_text(encoding="utf-8")
    except (FileNotFoundError, ProcessLookupError):
        return False
    return status.rpartition(")")[2].split()[0] not in "ZX"


if __name__ == "__main__":
    from cutaway.studio.worker.runtime.start import start

    start(lambda: (VIEWS, JOBS, Workspace))
