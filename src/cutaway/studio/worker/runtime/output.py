"""What the user's code prints, from wherever it prints: brought to the console in small portions.

The descriptors 1 and 2 lead into pipes, so that what compiled code and child processes print is
seen as well. A thread empties them. What a job prints beyond MOST_CHARACTERS is counted and left
out.
"""

import codecs
import contextlib
import fcntl
import io
import os
import resource
import select
import struct
import sys
import termios
import threading
from collections.abc import Callable
from time import monotonic
from typing import Any

from cutaway.studio.process.limits import end_this_group, patiently
from cutaway.studio.worker.runtime.interrupts import signals_elsewhere

MOST_CHARACTERS = 100_000
PORTION_SECONDS = 0.03
CUT = "\n… output cut here: more than {:,} characters\n"
HIGH = 900  # descriptors from here on are left alone by code that closes "all" of them
DESCRIPTORS = {"out": 1, "error": 2}


class Output:
    """Standard output and standard error of the worker.

    cell  whose prints they are at the moment, if a cell's
    """

    def __init__(self, push: Callable[[dict[str, Any]], None]):
        self._push = push
        self._lock = threading.Lock()
        self._null = out_of_the_way(os.open(os.devnull, os.O_RDONLY))
        self._pipes: dict[str, tuple[int, int]] = {}
        self._streams: dict[str, io.TextIOWrapper] = {}
        self._decoders: dict[str, codecs.IncrementalDecoder] = {}
        self._collected: list[tuple[str, str]] = []
        self._due = 0.0
        self._emptied = True  # by this process
        self.cell: str | None = None
        self._count = self._dropped = 0

    def start(self) -> None:
        """Take over the descriptors, and begin to empty the pipes."""
        decoder = codecs.getincrementaldecoder("utf-8")
        for stream in DESCRIPTORS:
            read, write = os.pipe()
            self._pipes[stream] = out_of_the_way(read), out_of_the_way(write)
            self._decoders[stream] = decoder("backslashreplace")
        self._put_right()
        with signals_elsewhere():
            threading.Thread(target=self._empty, name="output", daemon=True).start()
        # What is half printed when code forks would come twice.
        os.register_at_fork(before=self.flush, after_in_child=self._leave_to_parent)

    def begin(self, cell: str | None) -> None:
        """A job or a cell begins: its prints are counted from here, and belong to that cell."""
        self._tell_dropped()
        with self._lock:
            self.cell, self._count = cell, 0

    def settle(self) -> None:
        """Everything printed so far is on its way to the page before this returns."""
        self.flush()
        with self._lock:
            self._take()
            self._send()

    def finish(self) -> None:
        """A job has ended: what it closed or replaced is put right, and its prints are sent."""
        self._put_right()
        self.settle()
        self._tell_dropped()
        self.cell = None

    def _tell_dropped(self) -> None:
        with self._lock:
            dropped, self._dropped = self._dropped, 0
        if dropped:
            self._push({"push": "print", "stream": "error", "cell": self.cell,
                        "text": f"… {dropped:,} characters were left out\n"})

    def _put_right(self) -> None:
        """The descriptors 0, 1 and 2 and Python's own streams as they should be."""
        os.dup2(self._null, 0)
        for stream, descriptor in DESCRIPTORS.items():
            os.dup2(self._pipes[stream][1], descriptor)
            if stream not in self._streams or self._streams[stream].closed:
                self._streams[stream] = _text_stream(descriptor)
        sys.stdout = sys.__stdout__ = self._streams["out"]
        sys.stderr = sys.__stderr__ = self._streams["error"]

    def flush(self) -> None:
        """What Python still holds back goes into the pipes."""
        for stream in list(self._streams.values()):
            with contextlib.suppress(OSError, ValueError):
                stream.flush()

    def _leave_to_parent(self) -> None:
        """A child that the code forked prints into the same pipes; only its parent empties them."""
        self._lock = threading.Lock()  # a thread that the child does not have may hold the old one
        self._emptied = False

    # ---- In the thread -------------------------------------------------------------------

    def _empty(self) -> None:
        poll = select.poll()
        for read, _ in self._pipes.values():
            poll.register(read, select.POLLIN)
        while True:
            for _, event in patiently(self._wait, poll):
                if not event & select.POLLIN:
                    end_this_group()  # the user's code has closed the pipes
            with self._lock:
                patiently(self._take)
                if monotonic() >= self._due:
                    patiently(self._send)

    def _wait(self, poll: select.poll) -> list[tuple[int, int]]:
        """Wait for something printed, but not longer than what is collected may wait."""
        left = max(0.0, self._due - monotonic()) * 1000 if self._collected else None
        return poll.poll(left)

    # ---- With the lock -------------------------------------------------------------------

    def _take(self) -> None:
        """Read what lies in the pipes now, and not what comes meanwhile."""
        if not self._emptied:
            return
        for stream, (read, _) in self._pipes.items():
            size = struct.unpack("i", fcntl.ioctl(read, termios.FIONREAD, bytes(4)))[0]
            if size:
                self._keep(stream, self._decoders[stream].decode(os.read(read, size)))

    def _keep(self, stream: str, text: str) -> None:
        room = MOST_CHARACTERS - self._count
        self._count += len(text)
        if len(text) > room:
            self._dropped += len(text) - max(0, room)
            # `room` is negative once something was dropped: the line is said a single time.
            text = text[:room] + CUT.format(MOST_CHARACTERS) if room >= 0 else ""
        if text:
            self._collected.append((stream, text))

    def _send(self) -> None:
        """Push what is collected, the pieces of one stream together."""
        self._due = monotonic() + PORTION_SECONDS
        while self._collected:
            stream = self._collected[0][0]
            count = next((place for place, (other, _) in enumerate(self._collected)
                          if other != stream), len(self._collected))
            text = "".join(piece for _, piece in self._collected[:count])
            self._push({"push": "print", "text": text, "stream": stream, "cell": self.cell})
            del self._collected[:count]


def out_of_the_way(descriptor: int) -> int:
    """The same open file under a high number, where code that closes all low ones leaves it."""
    soft, _ = resource.getrlimit(resource.RLIMIT_NOFILE)
    least = HIGH if soft == resource.RLIM_INFINITY else max(3, min(soft - 16, HIGH))
    high = fcntl.fcntl(descriptor, fcntl.F_DUPFD_CLOEXEC, least)
    os.close(descriptor)
    return high


def _text_stream(descriptor: int) -> io.TextIOWrapper:
    """A stream that writes line by line, and can write any text."""
    binary = io.BufferedWriter(io.FileIO(descriptor, "w", closefd=False))
    return io.TextIOWrapper(binary, encoding="utf-8", errors="backslashreplace",
                            line_buffering=True)
