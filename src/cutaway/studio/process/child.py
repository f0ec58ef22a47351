"""The server's end of a child process: start it, ask it, interrupt it, end it.

It runs in a process group of its own, which is ended as a whole: nothing that the user's code has
started stays behind.
"""

import asyncio
import contextlib
import itertools
import os
import signal
import socket
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from cutaway.errors import MessageError, StudioError, WorkerError, WorkerStopped
from cutaway.studio.process.frames import LENGTH, body_length, packed, unpacked

START_SECONDS = 120   # a slow disk takes long to import NumPy from
GRACE_SECONDS = 1.0   # between the end of the connection and the end of the process
SECONDS_TO_TIDY_UP = 5.0
OUT_OF_MEMORY = 77   # exit status of a worker that could not even tell that memory is full
INTERNAL_ERROR = 70  # exit status of a worker whose own parts the user's code has broken
LIKELY = {
    "SIGKILL": "something killed it, perhaps because the machine's memory was full",
    "SIGSEGV": "compiled code crashed, or the code called itself without end",
    "SIGABRT": "compiled code gave up",
    "SIGBUS": "compiled code crashed",
    "SIGFPE": "compiled code crashed",
    "SIGILL": "compiled code crashed",
}
PASSED_ON = frozenset({
    "PATH", "HOME", "USER", "LANG", "LANGUAGE", "TZ", "TMPDIR", "VIRTUAL_ENV", "HF_HOME",
    "HF_HUB_CACHE", "HF_HUB_OFFLINE", "LD_LIBRARY_PATH", "DYLD_LIBRARY_PATH", "PYTHONPATH",
    "PYTHONHOME", "PYTHONHASHSEED"})
BEGINNINGS = ("LC_", "XDG_", "CUTAWAY_", "CUDA_", "OMP_", "MKL_", "OPENBLAS_", "VECLIB_",
              "NUMEXPR_", "COVERAGE_")
SECRET = ("TOKEN", "SECRET", "PASSWORD", "CREDENTIAL", "KEY")


@dataclass(frozen=True)
class Program:
    """What runs in a child process.

    name   how errors call the process
    after  what errors say of what was done before
    open   whether it sees all of the environment and prints where the server does; code of the
           user's runs only where it does not
    """

    module: str
    name: str
    after: str
    open: bool = False


CALCULATES = Program("cutaway.studio.worker", "The process that calculates",
                     "Your changes are kept.")
READS_MODELS = Program("cutaway.studio.models.job", "The process that reads models",
                       "Nothing was changed. Try it once more.", open=True)


@dataclass(frozen=True)
class Reply:
    """What a child process answers.

    payload  numbers as they lie in memory, where the answer has any
    """

    ok: dict[str, Any]
    payload: bytes | None = None


class ChildProcess:
    """One child process.

        child = await ChildProcess.start(on_push=print)
        reply = await child.ask("tile", {"table": "h3.attention", "row": 0, "column": 0})
        await child.kill()

    on_push  is called with each message that the child pushes
    on_end   is called once with how the process ended, in words
    running  whether a job runs that can be interrupted
    ended    how the process ended; None while it lives
    """

    def __init__(self, process: asyncio.subprocess.Process, reader: asyncio.StreamReader,
                 writer: asyncio.StreamWriter, watched: int, program: Program = CALCULATES):
        self.program = program
        self.on_push: Callable[[dict[str, Any]], None] = lambda message: None
        self.on_end: Callable[[str], None] = lambda words: None
        self.running = False
        self.ended: str | None = None
        self._process, self._reader, self._writer = process, reader, writer
        self._watched = watched  # open as long as this process lives
        self._numbers = itertools.count(1)
        self._waiting: dict[int, asyncio.Future[Reply]] = {}
        self._hello: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._cause = ""  # why we ended it, where we did
        self._life = asyncio.create_task(self._live())

    @classmethod
    async def start(cls, on_push: Callable[[dict[str, Any]], None] | None = None,
                    on_end: Callable[[str], None] | None = None, *, memory_bytes: int = 0,
                    program: Program = CALCULATES) -> "ChildProcess":
        """A child that is ready, with its imports done.

        memory_bytes  how much the user's code may allocate; 0 is what suits the machine
        Raises:  WorkerStopped, saying why it could not start
        """
        if sys.platform == "win32":
            raise StudioError("The studio runs on Linux and macOS. On Windows, install it in WSL "
                              "(`wsl --install`), and start it there.")
        try:
            worker = cls(*await _started(program, memory_bytes), program)
        except OSError as error:
            raise WorkerStopped(f"{program.name} cannot start: {error.strerror}. "
                                f"{program.after}") from error
        worker.on_push, worker.on_end = on_push or worker.on_push, on_end or worker.on_end
        try:
            async with asyncio.timeout(START_SECONDS):
                await worker._hello
        except TimeoutError:
            await worker.kill("was ended: it was not ready in time")
            raise WorkerStopped(f"{program.name} was not ready after {START_SECONDS} "
                                f"seconds.") from None
        except BaseException:
            await worker.kill()
            raise
        return worker

    async def ask(self, verb: str, args: Mapping[str, Any] | None = None) -> Reply:
        """What the worker answers to a verb.

        Raises:  WorkerError, an error as the worker tells it; WorkerStopped when the process has
                 ended, or ends before it has answered; MessageError when the arguments are no JSON
        """
        number = next(self._numbers)
        frame = packed({"id": number, "do": verb, "args": dict(args or {})})
        if self.ended is not None:
            raise self._stopped(self.ended)
        future = self._waiting[number] = asyncio.get_running_loop().create_future()
        try:
            self._writer.write(frame)
            with contextlib.suppress(ConnectionError):  # the future has its end
                await self._writer.drain()
            return await future
        finally:
            self._waiting.pop(number, None)

    def interrupt(self) -> bool:
        """Interrupt the job that runs, as Ctrl-C does. Returns whether one was running."""
        if self.running and self.ended is None:
            with contextlib.suppress(ProcessLookupError):
                self._process.send_signal(signal.SIGINT)  # to this process alone, not its group
                return True
        return False

    async def kill(self, words: str = "was ended") -> None:
        """End the process, and everything that it started. Returns when nothing is left of it."""
        self._cause = self._cause or words
        if self.ended is None:
            self._kill_group()
        await asyncio.shield(self._life)

    def stop(self) -> None:
        """Have the child stop and tidy up: it hears that nothing more is asked."""
        with contextlib.suppress(OSError, RuntimeError):  # it has ended
            self._writer.write_eof()

    async def close(self) -> None:
        """Stop the child; end it if it takes too long to tidy up."""
        self.stop()
        try:
            await asyncio.wait({self._life}, timeout=SECONDS_TO_TIDY_UP)
        finally:
            await self.kill()

    @property
    def pid(self) -> int:
        return self._process.pid

    def _stopped(self, words: str) -> WorkerStopped:
        return WorkerStopped(f"{self.program.name} {words}. {self.program.after}")

    # ---- The life of the process ---------------------------------------------------------

    async def _live(self) -> None:
        """Read what it sends until it ends, then tidy up and tell everybody."""
        reading = asyncio.create_task(self._read())
        waiting = asyncio.create_task(self._process.wait())
        await asyncio.wait({reading, waiting}, return_when=asyncio.FIRST_COMPLETED)
        if not waiting.done():  # the connection has ended, and the process will, at once
            await asyncio.wait({waiting}, timeout=GRACE_SECONDS)
        if not waiting.done():
            self._cause = self._cause or "closed its connection to the server, and was ended"
        self._kill_group()
        status = await waiting
        await asyncio.wait({reading}, timeout=GRACE_SECONDS)  # what it said last
        reading.cancel()
        self._writer.close()
        os.close(self._watched)
        self._end(self._cause or how_it_ended(status))

    def _kill_group(self) -> None:
        with contextlib.suppress(ProcessLookupError, PermissionError):  # nothing of it is left
            os.killpg(self._process.pid, signal.SIGKILL)

    def _end(self, words: str) -> None:
        self.ended, self.running = words, False
        for future in (self._hello, *self._waiting.values()):
            if not future.done():
                future.set_exception(self._stopped(words))
        if not self._hello.cancelled():
            self._hello.exception()  # looked at, so that asyncio does not complain of it
        self.on_end(words)

    async def _read(self) -> None:
        """Take its frames until the connection ends, or is no longer to be understood."""
        with contextlib.suppress(asyncio.IncompleteReadError, ConnectionError):
            while True:
                try:
                    count = body_length(await self._reader.readexactly(LENGTH.size))
                    head, payload = unpacked(await self._reader.readexactly(count))
                except MessageError:
                    self._cause = "sent what cannot be read, and was ended"
                    return
                self._take(head, payload)

    def _take(self, head: dict[str, Any], payload: bytes | None) -> None:
        """Hand on one frame."""
        for message in head.get("pushes", ()):
            self.on_push(message)
        if "running" in head:
            self.running = head["running"]
        elif "hello" in head and not self._hello.done():
            self._hello.set_result(None)
        elif "failed" in head:
            self._cause = f"could not start ({head['failed']})"
        future = self._waiting.get(head.get("re", 0))
        if future is None or future.done():
            return
        if "error" in head:
            error = head["error"]
            future.set_exception(WorkerError(error["kind"], error["message"], error.get("line")))
        else:
            future.set_result(Reply(head["ok"], payload))


class Spare:
    """A worker that waits, started and with its imports done, so that a restart takes no time.

    start  what starts a worker; ChildProcess.start unless it is to be another
    """

    def __init__(self, start: Callable[[], Any] = ChildProcess.start):
        self._start = start
        self._next: asyncio.Task[ChildProcess] | None = None

    def prepare(self) -> None:
        """Begin to start one, unless one is there."""
        if self._next is None:
            self._next = asyncio.create_task(self._start())

    async def take(self, on_push: Callable[[dict[str, Any]], None],
                   on_end: Callable[[str], None]) -> ChildProcess:
        """A worker that is ready, the spare one if it lives; the next spare is begun.

        Raises:  WorkerStopped when none can be started
        """
        worker = await self._taken()
        if worker is None or worker.ended is not None:
            worker = await self._start()
        worker.on_push, worker.on_end = on_push, on_end
        self.prepare()
        return worker

    async def close(self) -> None:
        """End the spare."""
        worker = await self._taken()
        if worker is not None:
            await worker.kill()

    async def _taken(self) -> ChildProcess | None:
        task, self._next = self._next, None
        if task is not None:
            with contextlib.suppress(WorkerStopped, OSError):
                return await task
        return None


async def _started(program: Program, memory_bytes: int) -> tuple[
        asyncio.subprocess.Process, asyncio.StreamReader, asyncio.StreamWriter, int]:
    """The process, the connection to it, and the pipe that tells it of our end."""
    ours, its = socket.socketpair()
    watched, watching = os.pipe()
    output = None if program.open else asyncio.subprocess.DEVNULL
    try:
        process = await asyncio.create_subprocess_exec(
            # -P: a file numpy.py in the folder that one stands in is not to be imported.
            sys.executable, "-P", "-m", program.module, str(its.fileno()), str(watched),
            str(memory_bytes), stdin=asyncio.subprocess.DEVNULL, stdout=output, stderr=output,
            pass_fds=[its.fileno(), watched], start_new_session=True,
            env=None if program.open else passed_on(os.environ))
    except BaseException:
        ours.close()
        os.close(watching)
        raise
    finally:
        its.close()
        os.close(watched)
    return process, *await asyncio.open_connection(sock=ours, limit=2**20), watching


def how_it_ended(status: int) -> str:
    """An exit status as the rest of "The process ...".

        how_it_ended(3)         # 'ended with exit status 3'
        how_it_ended(-9)        # 'ended by signal 9 (SIGKILL): something killed it, ...'
    """
    if status == OUT_OF_MEMORY:
        return "used more memory than it may, and ended"
    if status == INTERNAL_ERROR:
        return "ended, because the code that it ran had broken what it stands on"
    if status >= 0:
        return f"ended with exit status {status}"
    try:
        kind = signal.Signals(-status)
    except ValueError:
        return f"ended by signal {-status}"
    cause = f": {LIKELY[kind.name]}" if kind.name in LIKELY else ""
    return f"ended by signal {-status} ({kind.name}){cause}"


def passed_on(environment: Mapping[str, str]) -> dict[str, str]:
    """The variables that programs need, and nothing that may be secret."""
    return {name: value for name, value in environment.items()
            if (name in PASSED_ON or name.startswith(BEGINNINGS))
            and not any(word in name.upper() for word in SECRET)}
