"""Signals that reach the user's code in the main thread, and nothing else.

Python runs a signal's handler in the main thread wherever that is. Whether it is in code that may
be interrupted is seen from the stack: there is no moment between a flag and what it stands for.
"""

import signal
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import FrameType
from typing import Any, TypeVar

Result = TypeVar("Result")

INTERRUPT, PAUSE = signal.SIGINT, signal.SIGUSR1


class Interrupts:
    """Runs what may be interrupted.

    pause_at  is called with the frame at which the user asked for a pause
    held      whether what runs has been done, so that an interrupt comes too late
    """

    def __init__(self, pause_at: Callable[[FrameType], None]):
        self._pause_at = pause_at
        self.held = False

    def listen(self) -> None:
        """Take the signals, in the main thread; again and again, for code may take them away."""
        if signal.getsignal(INTERRUPT) != self._interrupted:
            signal.signal(INTERRUPT, self._interrupted)
        if signal.getsignal(PAUSE) != self._paused:
            signal.signal(PAUSE, self._paused)
        signal.pthread_sigmask(signal.SIG_UNBLOCK, {INTERRUPT, PAUSE})

    def run(self, function: Callable[..., Result], *arguments: Any) -> Result:
        """What a function returns.

        Raises:  what it raises; KeyboardInterrupt when the user interrupts it
        """
        self.held = False
        return _may_be_interrupted(function, *arguments)

    def hold(self) -> None:
        """From here on what runs cannot be interrupted: its result is being entered."""
        self.held = True

    def pause(self) -> None:
        """Ask the main thread to stop at its next line. Called in another thread."""
        main = threading.main_thread().ident
        if main is not None:
            signal.pthread_kill(main, PAUSE)

    def _interrupted(self, number: int, frame: FrameType | None) -> None:
        if not self.held and _is_inside(frame):
            raise KeyboardInterrupt

    def _paused(self, number: int, frame: FrameType | None) -> None:
        if frame is not None and not self.held and _is_inside(frame):
            self._pause_at(frame)


@contextmanager
def signals_elsewhere() -> Iterator[None]:
    """Threads that are started within leave the signals to the main thread, even asleep."""
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {INTERRUPT, PAUSE})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


def _may_be_interrupted(function: Callable[..., Result], *arguments: Any) -> Result:
    return function(*arguments)


def _is_inside(frame: FrameType | None) -> bool:
    while frame is not None:
        if frame.f_code is _may_be_interrupted.__code__:
            return True
        frame = frame.f_back
    return False
