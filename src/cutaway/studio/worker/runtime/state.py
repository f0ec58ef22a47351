"""What the page shows of the worker: ready, busy with what, or paused in the debugger."""

import threading
from contextlib import suppress
from queue import Empty, SimpleQueue
from typing import Any

from cutaway.studio.process.channel import Channel
from cutaway.studio.process.limits import patiently

PATIENCE_SECONDS = 0.15  # what is done sooner is not worth saying


class State:
    """Tells of each change of state, in their order, from a thread of its own.

    What lasts only an instant is not sent: a quick job, or the moment between two pauses.
    """

    def __init__(self, channel: Channel):
        self._channel = channel
        self._changes: SimpleQueue[tuple[str, Any]] = SimpleQueue()

    def start(self) -> None:
        threading.Thread(target=self._follow, name="state", daemon=True).start()

    def busy(self, doing: str) -> None:
        """A job has begun, or goes on after a pause."""
        self._changes.put(("busy", doing))

    def paused(self, where: dict[str, Any]) -> None:
        """The debugger has stopped."""
        self._changes.put(("paused", where))

    def ready(self) -> None:
        """The job has ended."""
        self._changes.put(("ready", ""))

    def _follow(self) -> None:
        said = "ready"
        while True:
            state, what = self._changes.get()
            if state == "busy":
                with suppress(Empty):  # then it lasts
                    state, what = self._changes.get(timeout=PATIENCE_SECONDS)
            said = self._tell(said, state, what)

    def _tell(self, said: str, state: str, what: Any) -> str:
        """Push what has changed, and return what the page now knows."""
        if state != said:
            doing = "" if state == "paused" else what
            self._push({"push": "worker", "state": state, "doing": doing})
        if state == "paused":
            self._push({"push": "paused", **what})
        elif said == "paused":
            self._push({"push": "resumed"})
        return state

    def _push(self, message: dict[str, Any]) -> None:
        patiently(self._channel.push, message)
