"""Ctrl-C, and what ends a program from outside, while something must not be left half done."""

import os
import signal
import stat
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass

from cutaway.cli.say import say

# SIGTERM is how a machine that shuts down ends programs, SIGHUP a terminal that is closed.
ENDINGS = tuple(getattr(signal, name) for name in ("SIGINT", "SIGTERM", "SIGHUP")
                if hasattr(signal, name))


@dataclass
class Interrupt:
    """Whether the program was asked to end."""

    asked: bool = False


@contextmanager
def first_interrupt_waits(words: str) -> Iterator[Interrupt]:
    """Within it, a first Ctrl-C, SIGTERM or SIGHUP only says `words` and is remembered.

    A second one stops at once.
    """
    interrupt = Interrupt()

    def remember(number: int, frame: object) -> None:
        interrupt.asked = True
        for one in ENDINGS:
            signal.signal(one, signal.default_int_handler if one == signal.SIGINT
                          else signal.SIG_DFL)
        if number not in (signal.SIGINT, signal.SIGTERM):
            _leave_the_terminal()
        say(f"\n{words}", err=True)

    before = {one: signal.getsignal(one) for one in ENDINGS}
    for one, handler in before.items():
        if handler != signal.SIG_IGN:  # nohup, or a shell's background: it stays deaf
            signal.signal(one, remember)
    try:
        yield interrupt
    finally:
        for one, handler in before.items():
            signal.signal(one, handler)


def _leave_the_terminal() -> None:
    """Lead what is printed to a terminal from here on to nowhere: it was closed."""
    for stream in (sys.stdout, sys.stderr):
        with suppress(OSError, ValueError):
            if stat.S_ISCHR(os.fstat(stream.fileno()).st_mode):
                os.dup2(os.open(os.devnull, os.O_WRONLY), stream.fileno())
