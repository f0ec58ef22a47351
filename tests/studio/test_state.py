"""What the page is told of the worker's state."""

import threading
from typing import cast

from cutaway.studio.process.channel import Channel
from cutaway.studio.worker.runtime.state import State

PATIENCE_SECONDS = 60


class Recorded:
    """A channel that keeps what is pushed; the first push of `until` ends the wait."""

    def __init__(self, until):
        self.pushes, self.until, self.done = [], until, threading.Event()

    def push(self, message):
        self.pushes.append(message)
        if message == self.until:
            self.done.set()


def test_what_lasts_an_instant_is_not_told():
    end = {"push": "paused", "line": 9}
    channel = Recorded(end)
    state = State(cast(Channel, channel))
    for _ in range(3):
        state.busy("a quick job")
        state.ready()
    state.busy("a paused job")
    for line in (1, 2):
        state.paused({"line": line})
        state.busy("a step")
    state.ready()
    state.paused({"line": 9})
    state.start()
    assert channel.done.wait(PATIENCE_SECONDS)
    paused = {"push": "worker", "state": "paused", "doing": ""}
    assert channel.pushes == [
        paused, {"push": "paused", "line": 1}, {"push": "paused", "line": 2},
        {"push": "worker", "state": "ready", "doing": ""}, {"push": "resumed"}, paused, end]
