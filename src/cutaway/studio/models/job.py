"""`python -m cutaway.studio.models.job SOCKET PIPE MEMORY`: one piece of work on models.

It is asked as the worker is, and pushes its progress. When the server's end is closed, whoever
asked has gone or no longer wants it: the work stops, as at Ctrl-C, and tidies up.
"""

import os
import signal
import socket
import sys
import threading
import traceback
from collections.abc import Callable
from queue import SimpleQueue
from typing import Any

from cutaway.errors import CutawayError
from cutaway.studio.models.check import check, keep
from cutaway.studio.models.store import fetch_model, list_models, list_tensors, remove_model
from cutaway.studio.process.channel import Channel
from cutaway.studio.process.limits import tame_this_process
from cutaway.weights.progress import Progress, ProgressCallback
from cutaway.words import message

Work = Callable[[dict[str, Any], ProgressCallback], dict[str, Any]]
WORKS: dict[str, Work] = {
    "list": list_models,
    "tensors": list_tensors,
    "remove": remove_model,
    "fetch": fetch_model,
    "check": check,
    "keep": keep,
}


def main() -> None:
    """The work that the server asks for."""
    number, watched, _ = map(int, sys.argv[1:4])
    os.close(watched)  # what is begun is tidied up also when the server has gone
    signal.signal(signal.SIGINT, signal.default_int_handler)
    tame_this_process()
    os.dup2(2, 1)  # what a library prints goes where the server's own mistakes go
    try:
        Job(socket.socket(fileno=number)).run()
    except KeyboardInterrupt:
        sys.exit(1)


class Job:
    """One piece of work, its reports of progress and its answer."""

    def __init__(self, connection: socket.socket):
        self._channel = Channel(connection, lost=self._stop)
        self._requests: SimpleQueue[dict[str, Any] | None] = SimpleQueue()
        self._is_done = threading.Event()

    def run(self) -> None:
        """Do the work, and stay until the server has taken the answer.

        Raises:  KeyboardInterrupt when the server wants it no longer, or has gone
        """
        self._channel.start()
        threading.Thread(target=self._read, daemon=True).start()
        self._channel.send({"hello": os.getpid()})
        request = self._requests.get()
        if request is not None:
            answer = _answer(request["do"], request["args"], self._report)
            self._is_done.set()
            self._channel.send({"re": request["id"], **answer})
            self._requests.get()

    def _read(self) -> None:
        for request in self._channel.requests():
            self._requests.put(request)
        self._requests.put(None)
        self._stop()

    def _report(self, progress: Progress) -> None:
        self._channel.push({"what": progress.doing, "done": progress.done, "of": progress.total,
                            "unit": progress.unit})

    def _stop(self) -> None:
        main_thread = threading.main_thread().ident
        if not self._is_done.is_set() and main_thread is not None:
            signal.pthread_kill(main_thread, signal.SIGINT)  # which also wakes a read that waits


def _answer(work: str, order: dict[str, Any], report: ProgressCallback) -> dict[str, Any]:
    """The answer, or the error in its place."""
    try:
        return {"ok": WORKS[work](order, report)}
    except (CutawayError, MemoryError) as error:
        words = str(error) or "There is not enough memory for this model. Nothing was changed."
        return {"error": {"kind": type(error).__name__, "message": message(words)}}
    except Exception as error:
        traceback.print_exc()
        words = (f"Cutaway failed at this ({type(error).__name__}: {error}), which is a mistake of "
                 "its own. Nothing was changed.")
        return {"error": {"kind": type(error).__name__, "message": message(words)}}


if __name__ == "__main__":
    main()
