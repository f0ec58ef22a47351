"""Work on models in a process of its own: whatever a file does there, the page stays alive.

The process is `python -m cutaway.studio.models.job`. It is told its work on its standard input, and
reports in lines of JSON; when that input ends, it stops and tidies up.
"""

import asyncio
import json
import sys
from asyncio.subprocess import PIPE, Process
from collections.abc import Callable
from contextlib import suppress
from typing import Any

from cutaway.errors import WorkerError, WorkerStopped
from cutaway.studio.process.child import how_it_ended

Report = Callable[[dict[str, Any]], None]

LINE_BYTES = 1 << 26  # the checklist of a large model is one line
SECONDS_TO_TIDY_UP = 5.0


class ModelProcess:
    """One piece of work, to be done once.

        process = ModelProcess("check", {"folder": "..."})
        answer = await process.run(print)

    Another task may call `stop`; `run` then raises WorkerStopped.

    stopped  whether it was called
    """

    def __init__(self, work: str, fields: dict[str, Any]):
        self._order = {"work": work, **fields}
        self._process: Process | None = None
        self.stopped = False

    async def run(self, report: Report) -> dict[str, Any]:
        """What the work gave.

        report   called with each report of progress
        Raises:  WorkerError as the process told it; WorkerStopped when it ended without an answer
        """
        self._process = await _started()
        try:
            return await self._talk(self._process, report)
        finally:
            await _end(self._process)

    def stop(self) -> None:
        """Nothing: the process is told to stop, and tidies up."""
        self.stopped = True
        if self._process is not None and self._process.stdin is not None:
            self._process.stdin.close()

    async def _talk(self, process: Process, report: Report) -> dict[str, Any]:
        assert process.stdin and process.stdout
        if self.stopped:  # while it was started
            raise WorkerStopped("It was stopped.")
        process.stdin.write(json.dumps(self._order).encode() + b"\n")
        async for line in process.stdout:
            told = json.loads(line)
            if "progress" in told:
                report(told["progress"])
            elif "error" in told:
                raise WorkerError(told["error"]["kind"], told["error"]["message"])
            else:
                return told["answer"]
        if self.stopped:
            raise WorkerStopped("It was stopped.")
        ending = how_it_ended(await process.wait())
        raise WorkerStopped(f"The process that reads models {ending}. Nothing was changed. Try it "
                            "once more.")


async def _started() -> Process:
    """The process, which waits for its order.  Raises:  WorkerStopped when there can be none"""
    try:
        # -P: a file in the current folder that is called like a library must not be imported.
        return await asyncio.create_subprocess_exec(
            sys.executable, "-P", "-m", "cutaway.studio.models.job",
            stdin=PIPE, stdout=PIPE, limit=LINE_BYTES, start_new_session=True)
    except OSError as error:
        raise WorkerStopped(f"The process that reads models cannot start: {error.strerror}. "
                            "Nothing was changed. Try it once more.") from error


async def _end(process: Process) -> None:
    """The process is gone, if need be without having tidied up."""
    assert process.stdin
    process.stdin.close()
    try:
        with suppress(TimeoutError):
            await asyncio.wait_for(process.wait(), SECONDS_TO_TIDY_UP)
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()
