"""The line debugger: pauses the user's code, shows where it is, and waits for a command.

It stops in cells, in formulas and operations of the user's own, and in the mathematics (models/
and workbook/operations.py). The engine room between them runs on without a stop.
"""

import bdb
import linecache
import os
import sys
import threading
from collections.abc import Callable, Mapping
from contextlib import suppress
from queue import Empty, SimpleQueue
from types import FrameType
from typing import Any, TypeVar

from cutaway.errors import MessageError
from cutaway.studio.messages.worker_questions import Debug
from cutaway.studio.worker.runtime.paused import described, frames_of_interest, place_of, said

Result = TypeVar("Result")

MOST_SAID = 1000  # characters of an error
WAKE_SECONDS = 0.1


class Stopped(BaseException):
    """The user ended the paused code. No Exception, so that no `except` of the code's keeps it."""


class Debugger(bdb.Bdb):
    """Steps through what runs in the main thread.

        debugger.call(step.function, *arguments)      # stops at its first line

    paused   is called with all that is to be shown, at each pause
    resumed  is called when the code goes on
    """

    def __init__(self, paused: Callable[[dict[str, Any]], None], resumed: Callable[[], None]):
        super().__init__()
        self._tell_paused, self._tell_resumed = paused, resumed
        self._commands: SimpleQueue[str] = SimpleQueue()
        self._watch: list[str] = []
        self._waiting = False  # paused, until what the command means is arranged
        self._going = False    # paused still, but a command to go on has come
        self._asked = False    # a pause is asked for that has not come yet
        self._raising: FrameType | None = None
        self._process = os.getpid()

    # ---- Called by the reader's thread ---------------------------------------------------

    def receive(self, question: Debug) -> None:
        """A command of the page's: for code that is paused, or what is to be watched.

        Raises:  MessageError when nothing is paused
        """
        command = question.command
        self.take_watch(question)
        if self._waiting:
            self._going = self._going or command != "watch"
            self._commands.put(command)
        elif command != "watch":
            raise MessageError("The code is not paused, so it cannot go on.")

    def take_watch(self, question: Debug) -> None:
        """What is to be watched from here on, where a question says so."""
        if question.watch is not None:
            self._watch = question.watch

    def ask_for_pause(self) -> bool:
        """Have a pause come. Returns whether the main thread must be asked, by `pause_at`."""
        self._asked = self._going or not self._waiting
        return self._asked

    # ---- Called in the main thread -------------------------------------------------------

    def call(self, function: Callable[..., Result], *arguments: Any) -> Result:
        """What a function returns; it stops at the first line of the mathematics in it.

        Raises:  Stopped when the user ends it there
        """
        _remember_formula(function)
        self.reset()
        sys.settrace(self.trace_dispatch)
        try:
            return function(*arguments)
        finally:
            self.let_go()

    def breakpoint_hook(self, *arguments: Any, **keywords: Any) -> None:
        """What `breakpoint()` does: it stops there."""
        frames = frames_of_interest(sys._getframe(1))
        if not frames or self._waiting or not self._here():
            return
        self.set_trace(frames[0])
        sys.settrace(None)  # what the pause itself runs is not stepped through
        if self._pause(frames[0]) != "continue":
            sys.settrace(self.trace_dispatch)

    def pause_at(self, frame: FrameType) -> None:
        """Stop at the next line of what runs."""
        if self._asked and not self._waiting and self._here():
            self._asked = False
            self.set_trace(frame)

    def begin(self) -> None:
        """A job begins: nothing is left of an earlier one."""
        sys.breakpointhook = self.breakpoint_hook
        self._raising, self._asked = None, False
        while not self._commands.empty():
            self._commands.get()

    def let_go(self) -> None:
        """Trace nothing any more. A frame that kept its trace would be slow in a later pause."""
        sys.settrace(None)
        frame: FrameType | None = sys._getframe()
        while frame is not None:
            frame.f_trace = None
            frame = frame.f_back

    def _here(self) -> bool:
        """Whether this is the worker's own main thread; only there somebody listens."""
        return (threading.current_thread() is threading.main_thread()
                and os.getpid() == self._process)

    # ---- Called by bdb -------------------------------------------------------------------

    def stop_here(self, frame: FrameType) -> bool:
        return place_of(frame.f_code.co_filename) is not None and super().stop_here(frame)

    def user_line(self, frame: FrameType) -> None:
        self._raising = None
        self._pause(frame)

    def user_return(self, frame: FrameType, return_value: Any) -> None:
        if frame is self._raising:  # it does not return: an exception leaves it
            return
        if frame.f_code.co_name != "<module>":
            self._pause(frame, gives=(return_value,))
        elif self.returnframe is frame:
            self.set_continue()

    def user_exception(self, frame: FrameType, exc_info: Any) -> None:
        kind, error, _ = exc_info
        # The other ends are no mistakes: a loop that is done, an interrupt.
        if issubclass(kind, Exception) and not issubclass(kind, StopIteration | StopAsyncIteration):
            self._raising = frame
            self._pause(frame, raised=f"{kind.__name__}: {said(error)}"[:MOST_SAID])

    # ---- A pause -------------------------------------------------------------------------

    def _pause(self, frame: FrameType, *, gives: tuple[Any, ...] = (), raised: str = "") -> str:
        """Show the frame, wait for a command, and arrange for it.  Raises:  Stopped"""
        self._going = self._asked = False
        self._waiting = True
        try:
            command = "watch"
            while command == "watch":
                self._tell_paused(described(frame, self._watch, gives=gives, raised=raised))
                command = self._next_command()
            self._arrange(command, frame, bool(gives))
        finally:
            self._waiting = False
            self._tell_resumed()
        self.pause_at(frame)  # if that was asked for while this pause came to its end
        return command

    def _next_command(self) -> str:
        """Wait for a command.  Raises:  KeyboardInterrupt"""
        while True:
            # Not for ever at once: a signal that comes just before Python begins to wait is
            # handled when it wakes.
            with suppress(Empty):
                return self._commands.get(timeout=WAKE_SECONDS)

    def _arrange(self, command: str, frame: FrameType, is_returning: bool) -> None:
        """Set up where the code will stop next.  Raises:  Stopped"""
        if command == "stop":
            sys.settrace(None)
            raise Stopped
        ways: Mapping[str, Callable[[], None]] = {
            "step": self.set_step, "next": lambda: self.set_next(frame),
            "return": lambda: self._return_from(frame, is_returning),
            "continue": self.set_continue}
        ways[command]()

    def _return_from(self, frame: FrameType, is_returning: bool) -> None:
        """Go on to the end of this function; from there, to the end of the one that called it."""
        callers = frames_of_interest(frame.f_back)
        if not is_returning:
            self.set_return(frame)
        elif callers:
            callers[0].f_trace = self.trace_dispatch
            self.set_return(callers[0])
        else:
            self.set_continue()


def _remember_formula(function: Callable) -> None:
    """Have the text of a formula that was typed in at hand, to be shown."""
    formula, code = getattr(function, "formula", None), getattr(function, "__code__", None)
    if formula is not None and code is not None and place_of(code.co_filename):
        lines = [line + "\n" for line in formula.splitlines()]
        linecache.cache[code.co_filename] = (len(formula), None, lines, code.co_filename)
