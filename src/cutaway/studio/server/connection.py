"""A visitor's connection before there is a request: how many, how long, and what is answered.

The guard sees requests. What never becomes one is met here: connections without end, a request
whose head arrives letter by letter or not at all, and bytes that are no HTTP.
"""

import asyncio

import h11
from uvicorn.protocols.http.h11_impl import STATUS_PHRASES, H11Protocol

from cutaway.studio.server.guard import policy

MOST_CONNECTIONS = 200  # a browser opens six, and one for each tab's socket
HEAD_SECONDS = 20.0
BUSY = "Too many connections are open. Close some tabs, or wait a moment, and load the page again."
SLOW = "The head of the request did not arrive in time."
HEADERS = [*policy(()).items(), (b"cache-control", b"no-store"), (b"connection", b"close"),
           (b"content-type", b"text/plain; charset=utf-8")]


class Connection(H11Protocol):
    """uvicorn's connection, with an end to what a stranger may hold open."""

    _waiting: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        super().connection_made(transport)
        if len(self.connections) > MOST_CONNECTIONS:
            self._refuse(503, BUSY)
        else:
            self._wait_for_the_head()

    def data_received(self, data: bytes) -> None:
        super().data_received(data)
        if self.conn.their_state is not h11.IDLE:
            self._stop_waiting()
        elif self._waiting is None and not self.transport.is_closing():
            self._wait_for_the_head()

    def connection_lost(self, exc: Exception | None) -> None:
        self._stop_waiting()
        super().connection_lost(exc)

    def send_400_response(self, msg: str) -> None:
        self._refuse(400, msg)

    def _wait_for_the_head(self) -> None:
        self._waiting = self.loop.call_later(HEAD_SECONDS, self._refuse, 408, SLOW)

    def _stop_waiting(self) -> None:
        if self._waiting:
            self._waiting.cancel()
            self._waiting = None

    def _refuse(self, status: int, words: str) -> None:
        """Answer once, with the headers of every other answer, and hang up."""
        self._stop_waiting()
        if self.transport.is_closing():
            return
        if self.conn.our_state in (h11.IDLE, h11.SEND_RESPONSE):
            for event in (h11.Response(status_code=status, headers=HEADERS,
                                       reason=STATUS_PHRASES[status]),
                          h11.Data(data=words.encode()), h11.EndOfMessage()):
                self.transport.write(self.conn.send(event) or b"")
        self.transport.close()
