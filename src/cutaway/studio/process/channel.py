"""The child's end of the socket to the server.

One thread writes everything, so that no interrupt can leave half a frame behind; what is pushed
while it writes goes along in one frame.
"""

import os
import socket
import threading
from collections.abc import Callable, Iterator
from queue import SimpleQueue
from typing import Any

from cutaway.errors import MessageError
from cutaway.studio.process.frames import (
    LENGTH,
    as_json,
    body_length,
    packed,
    packed_pushes,
    unpacked,
)
from cutaway.studio.process.limits import end_this_group, patiently

MOST_IN_A_FRAME = 2**20  # bytes of pushes that go together


class Channel:
    """Frames to and from the server.

    lost  is called when nothing can be written any more; this process then ends, if it is not given
    """

    def __init__(self, connection: socket.socket, lost: Callable[[], None] = end_this_group):
        self._socket, self._lost = connection, lost
        self._outgoing: SimpleQueue[tuple[bool, bytes]] = SimpleQueue()  # is a push, bytes

    def start(self) -> None:
        """Begin to write."""
        threading.Thread(target=self._write, name="writer", daemon=True).start()
        os.register_at_fork(after_in_child=self._socket.close)

    def send(self, head: dict[str, Any]) -> None:
        """Send a message that is small."""
        self.send_frame(packed(head))

    def send_frame(self, frame: bytes) -> None:
        """Send a frame after everything that was sent or pushed before."""
        self._outgoing.put((False, frame))

    def push(self, message: dict[str, Any]) -> None:
        """Send a message for the page.  Raises:  MessageError when it is no JSON"""
        self._outgoing.put((True, as_json(message)))

    def requests(self) -> Iterator[dict[str, Any]]:
        """What the server asks, until the server is gone."""
        while (beginning := self._exactly(LENGTH.size)) is not None:
            try:
                body = self._exactly(body_length(beginning))
                if body is None:
                    return
                yield patiently(unpacked, body)[0]
            except MessageError:
                return  # not our server

    def _exactly(self, count: int) -> bytes | None:
        """So many bytes; None when the server is gone."""
        pieces = []
        while count:
            try:
                piece = patiently(self._socket.recv, min(count, 2**20))
            except OSError:  # the user's code closed it
                return None
            if not piece:
                return None
            pieces.append(piece)
            count -= len(piece)
        return patiently(b"".join, pieces)

    def _write(self) -> None:
        while True:
            batch = [patiently(self._outgoing.get)]
            while not self._outgoing.empty():
                batch.append(self._outgoing.get())
            try:
                for frame in patiently(_frames, batch):
                    self._socket.sendall(frame)
            except OSError:
                self._lost()
                return


def _frames(batch: list[tuple[bool, bytes]]) -> list[bytes]:
    """The same things in the same order, pushes in a row joined into one frame."""
    frames: list[bytes] = []
    together: list[bytes] = []
    for is_push, data in [*batch, (False, b"")]:
        if together and (not is_push or sum(map(len, together)) > MOST_IN_A_FRAME):
            frames.append(packed_pushes(together))
            together = []
        (together if is_push else frames).append(data)
    return [frame for frame in frames if frame]
