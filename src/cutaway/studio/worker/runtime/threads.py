"""The worker: threads that read, show and calculate, and who does what.

    reader  takes what the server asks, and gives each request to one of the others
    views   show what is calculated, one at a time; they go on while code of the user's runs
    main    does the jobs: it calculates, and runs the user's code
    writer, output, state   send replies and pushes, prints, and what the worker is doing
"""

import os
import socket
import sys
import threading
from collections.abc import Callable, Mapping
from concurrent.futures import Future
from queue import SimpleQueue
from typing import Any, TypeVar

from cutaway.errors import MessageError
from cutaway.studio.messages.fields import checked
from cutaway.studio.messages.question import Question, verb_of
from cutaway.studio.messages.worker_questions import Debug
from cutaway.studio.process.channel import Channel
from cutaway.studio.process.child import INTERNAL_ERROR, OUT_OF_MEMORY
from cutaway.studio.process.frames import packed
from cutaway.studio.process.limits import MemoryLimit, end_this_group, patiently
from cutaway.studio.worker.runtime.debugger import Debugger
from cutaway.studio.worker.runtime.errors import error_answer
from cutaway.studio.worker.runtime.interrupts import Interrupts, signals_elsewhere
from cutaway.studio.worker.runtime.output import Output
from cutaway.studio.worker.runtime.state import State

Result = TypeVar("Result")
Verb = Callable[[Any, Any], Any]  # (workspace, question) -> dict or (dict, bytes)
Verbs = Mapping[type[Question], Verb]

MOST_VIEWS = 16          # of which all but one wait for the main thread
VIEW_STACK_BYTES = 2**20
SWITCH_SECONDS = 0.001   # how long Python lets one thread run while others wait: views are quick


def run_worker(connection: socket.socket, views: Verbs, jobs: Verbs,
               make_workspace: Callable[[Any, Any], Any], memory: MemoryLimit) -> None:
    """Do what the server asks, until the server is gone. Never returns.

    views, jobs     who answers what: functions (workspace, question) -> dict or (dict, bytes)
    make_workspace  make_workspace(push, in_main); the workspace is then given `debugger`,
                    `output` and `interrupts`
    """
    threads = Threads(connection, views, jobs, memory)
    threads.start(make_workspace)
    threads.do_jobs()


class Threads:
    """The worker's threads and what they share."""

    def __init__(self, connection: socket.socket, views: Verbs, jobs: Verbs, memory: MemoryLimit):
        self._views, self._jobs, self._memory = views, jobs, memory
        self._kinds = {verb_of(kind): kind for kind in (*views, *jobs, Debug)}
        self._process = os.getpid()
        self._channel = Channel(connection)
        self._state = State(self._channel)
        self._output = Output(self._channel.push)
        self._debugger = Debugger(self._paused, self._resumed)
        self._interrupts = Interrupts(self._debugger.pause_at)
        self._to_do: SimpleQueue[Callable[[], None]] = SimpleQueue()
        self._to_show: SimpleQueue[Callable[[], None]] = SimpleQueue()
        self._baton = threading.Lock()  # held by the view that runs
        self._thread = threading.local()
        self._doing = ""

    def start(self, make_workspace: Callable[[Any, Any], Any]) -> None:
        """Start all threads but the main one, which calls this."""
        self._interrupts.listen()
        self._output.start()
        self._workspace = make_workspace(self._channel.push, self.in_main)
        self._workspace.debugger, self._workspace.output = self._debugger, self._output
        self._workspace.interrupts = self._interrupts
        with signals_elsewhere():
            self._channel.start()
            self._state.start()
            threading.Thread(target=self._read, name="reader", daemon=True).start()
            # All at once: when the user's code holds all memory, no thread can be started.
            threading.stack_size(VIEW_STACK_BYTES)
            for number in range(MOST_VIEWS):
                threading.Thread(target=self._show, name=f"view {number}", daemon=True).start()
            threading.stack_size(0)
        self._channel.send({"hello": self._process})

    # ---- The reader's thread -------------------------------------------------------------

    def _read(self) -> None:
        for request in self._channel.requests():
            try:
                self._route(request["id"], request["do"], request["args"])
            except Exception as error:  # no request may end the reader
                self._refuse(request.get("id"), error)
        end_this_group()

    def _route(self, number: int, verb: str, fields: dict[str, Any]) -> None:
        """Give a request to the thread that answers it."""
        if verb not in self._kinds:
            raise MessageError(f"The worker knows no verb {verb!r:.60}.")
        question = checked(self._kinds[verb], fields)
        if isinstance(question, Debug):
            self._debug(question)
            self._channel.send({"re": number, "ok": {}})
        elif type(question) in self._views:
            self._to_show.put(lambda: self._view(number, verb, question))
        else:
            self._to_do.put(lambda: self._job(number, verb, question))

    def _debug(self, question: Debug) -> None:
        """A command for the debugger; a pause is for the code that runs."""
        if question.command == "pause":
            self._debugger.take_watch(question)
            self._pause()
        else:
            self._debugger.receive(question)

    def _pause(self) -> None:
        if not self._doing:
            raise MessageError("No code is running that could be paused.")
        if self._debugger.ask_for_pause():
            self._interrupts.pause()

    def _refuse(self, number: Any, error: BaseException) -> None:
        self._channel.send({"re": number, "error": error_answer(error, self._memory.in_words())})

    # ---- The views' threads --------------------------------------------------------------

    def _show(self) -> None:
        """One view after the other, for ever."""
        self._thread.shows = True
        while True:
            patiently(self._to_show.get)()

    def _view(self, number: int, verb: str, question: Question) -> None:
        try:
            with self._baton:
                frame = self._answer(number, verb,
                                     lambda: self._views[type(question)](self._workspace, question))
            self._channel.send_frame(frame)
        except MemoryError as error:  # not even enough for the reply: a job holds all memory
            patiently(self._refuse, number, error)

    def in_main(self, function: Callable[[], Result]) -> Result:
        """What a function returns that the main thread calls when it is its turn.

        A view waits for jobs that came before it; other views go on meanwhile. Any other caller
        is in the main thread already, or in a thread of the user's, and calls it itself.
        """
        if not getattr(self._thread, "shows", False):
            return function()
        future: Future[Result] = Future()
        self._to_do.put(lambda: self._calculate(function, future))
        self._baton.release()
        try:
            return future.result()
        finally:
            self._baton.acquire()

    # ---- The main thread -----------------------------------------------------------------

    def do_jobs(self) -> None:
        """One job after the other, for ever."""
        try:
            while True:
                self._to_do.get()()
        except MemoryError:
            os._exit(OUT_OF_MEMORY)
        except BaseException:  # the user's code has broken what this process needs
            os._exit(INTERNAL_ERROR)

    def _job(self, number: int, verb: str, question: Question) -> None:
        cell = getattr(question, "cell", None)
        doing = verb.replace("_", " ") + (f" {cell}" if cell else "")
        self._begin(doing, cell)
        frame = self._answer(number, verb, lambda: self._guarded(
            self._jobs[type(question)], self._workspace, question))
        self._end()
        self._channel.send_frame(frame)

    def _calculate(self, function: Callable[[], Result], future: "Future[Result]") -> None:
        """Do what a view waits for."""
        self._begin("calculating", None)
        try:
            future.set_result(self._guarded(function))
        except BaseException as error:
            future.set_exception(error)
        del future  # the error knows this frame: no circle is to keep what it failed with
        self._end()

    def _begin(self, doing: str, cell: str | None) -> None:
        sys.setswitchinterval(SWITCH_SECONDS)
        self._interrupts.listen()
        self._debugger.begin()
        self._output.begin(cell)
        self._doing = doing
        self._state.busy(doing)
        self._channel.send({"running": True})

    def _end(self) -> None:
        self._doing = ""
        self._output.finish()
        self._state.ready()
        self._channel.send({"running": False})

    def _guarded(self, function: Callable[..., Result], *arguments: Any) -> Result:
        """Call what the user may interrupt, within the limits."""
        self._memory.tighten()
        try:
            return self._interrupts.run(function, *arguments)
        finally:
            self._memory.loosen()
            if os.getpid() != self._process:  # a child that the code forked has come to its end
                self._output.flush()
                os._exit(0)
            self._debugger.let_go()

    # ---- For all -------------------------------------------------------------------------

    def _answer(self, number: int, verb: str, function: Callable[[], Any]) -> bytes:
        """The reply's frame; of what went wrong, when something did."""
        what = f"answer to {verb!r}"
        try:
            result = function()
            ok, numbers = result if isinstance(result, tuple) else (result, None)
            return packed({"re": number, "ok": ok}, numbers, what)
        except BaseException as error:
            return packed({"re": number, "error": error_answer(error, self._memory.in_words())})

    def _paused(self, described: dict[str, Any]) -> None:
        self._output.settle()
        self._state.paused(described)

    def _resumed(self) -> None:
        self._state.busy(self._doing)
