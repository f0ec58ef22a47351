"""What the process that calculates may take of the machine, so that the machine stays usable.

Not a sandbox: code that a user runs has the user's rights. It may lift these limits again, and a
program that it starts in a session of its own outlives it.
"""

import contextlib
import os
import resource
import signal
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, NoReturn, TypeVar

from cutaway.machine_memory import machine_memory

Result = TypeVar("Result")

MOST_MEMORY = 8 * 2**30
SHARE_OF_MEMORY = 0.6
RESERVE = 4 * 2**20      # held while their code runs, and let go of first
OWN_MEMORY = 64 * 2**20  # what our code may use beyond that, to tell that the memory is full


class MemoryLimit:
    """How much memory the user's code may ask for; beyond it Python raises MemoryError.

    On Linux what a process allocates is counted (RLIMIT_DATA). Elsewhere the address space is
    limited where the system does so; macOS does not.
    """

    def __init__(self, most_bytes: int):
        self.most_bytes = most_bytes
        on_linux = sys.platform == "linux"
        self._kind = resource.RLIMIT_DATA if on_linux else resource.RLIMIT_AS
        self.loosen()

    def tighten(self) -> None:
        """Before code of the user's runs."""
        self._reserve = bytearray(RESERVE)
        self._set(self.most_bytes)

    def loosen(self) -> None:
        """For our own code, which has to answer when the user's has taken everything."""
        self._reserve = None  # raising the limit needs a little memory itself
        self._set(self.most_bytes + OWN_MEMORY)

    def _set(self, wanted: int) -> None:
        _, hard = resource.getrlimit(self._kind)
        soft = wanted if hard == resource.RLIM_INFINITY else min(wanted, hard)
        with contextlib.suppress(ValueError, OSError):  # a system that has no such limit
            resource.setrlimit(self._kind, (soft, hard))

    def in_words(self) -> str:
        """ "8.0 GB" """
        size = self.most_bytes
        return f"{size / 2**30:.1f} GB" if size >= 2**30 else f"{size / 2**20:.0f} MB"


def usual_memory() -> int:
    """60 % of the machine's memory, or of the container's, and at most 8 GiB."""
    return min(MOST_MEMORY, int((machine_memory() or MOST_MEMORY) * SHARE_OF_MEMORY))


def tame_this_process() -> None:
    """No core files, and the kernel takes this process first when the machine's memory ends."""
    _, hard = resource.getrlimit(resource.RLIMIT_CORE)
    resource.setrlimit(resource.RLIMIT_CORE, (0, hard))
    with contextlib.suppress(OSError):
        Path("/proc/self/oom_score_adj").write_text("500", "ascii")


def end_this_group() -> NoReturn:
    """End this process at once, with everything in its group, if it is a group of our own."""
    if os.getpgrp() == os.getsid(0):
        os.killpg(0, signal.SIGKILL)
    os._exit(1)


def patiently(function: Callable[..., Result], *arguments: Any) -> Result:
    """What a function returns; called again while the user's code holds all memory."""
    while True:
        try:
            return function(*arguments)
        except MemoryError:
            time.sleep(0.01)


def start_watcher(descriptor: int, *others: int) -> None:
    """Begin to watch; before there are threads, which do not survive a fork.

    descriptor  a pipe's end whose other end the server holds, and no other process
    others      what the watcher is not to keep open
    """
    child = os.fork()
    if child:
        os.close(descriptor)
        os.waitpid(child, 0)
        return
    # A grandchild: code of the user's that waits for its children must not wait for this one.
    if os.fork() == 0:
        for other in others:
            os.close(other)
        while os.read(descriptor, 1):
            pass
        end_this_group()
    os._exit(0)
