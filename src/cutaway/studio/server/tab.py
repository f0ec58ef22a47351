"""The socket of one tab: questions in, answers, tiles and pushes out.

Whatever is to be said within one turn of the loop goes out as one message: 200 updates then cost
as much as a dozen that are sent one by one.
"""

import asyncio
import json
import struct
from collections import deque
from typing import Any

from starlette.websockets import WebSocket, WebSocketDisconnect

from cutaway.errors import CutawayError, MessageError
from cutaway.studio.message import Message
from cutaway.studio.server.open_document import OpenBook, error_told
from cutaway.studio.server.verbs import RELAYED, VERBS, WITH_CELLS

MOST_AT_ONCE = 256       # questions of one tab that wait for an answer
MOST_WAITING_BYTES = 2**26  # what a tab that does not listen may be owed
TILE_HEADER = struct.Struct("<4I")  # the question's number, rows, columns, 0


class Tab:
    """One tab's end of the talk."""

    def __init__(self, websocket: WebSocket, book: OpenBook):
        self.websocket, self.book = websocket, book
        self._said: deque[str | bytes] = deque()
        self._said_bytes = 0
        self._something = asyncio.Event()
        self._asked: set[asyncio.Task] = set()

    async def talk(self) -> None:
        """Until the tab is closed."""
        sending = asyncio.create_task(self._send_all())
        self.book.tabs.add(self.push)
        try:
            self.push({"push": "worker", **self.book.worker_state})
            if self.book.told:
                self.push(self.book.state())
            await self._receive_all()
        except (WebSocketDisconnect, RuntimeError):
            pass  # RuntimeError: starlette's word for a socket that closed while it was read
        finally:
            self.book.tabs.discard(self.push)
            sending.cancel()
            for task in self._asked:
                task.cancel()

    def push(self, message: dict[str, Any]) -> None:
        """Say something as soon as the loop comes round."""
        self._say(json.dumps(message))

    def _say(self, message: str | bytes) -> None:
        self._said.append(message)
        self._said_bytes += len(message)
        self._something.set()

    async def _send_all(self) -> None:
        while True:
            await self._something.wait()
            self._something.clear()
            texts: list[str] = []
            while self._said:
                one = self._said.popleft()
                self._said_bytes -= len(one)
                if isinstance(one, str):
                    texts.append(one)
                    continue
                await self._send_texts(texts)
                await self.websocket.send_bytes(one)
            await self._send_texts(texts)

    async def _send_texts(self, texts: list[str]) -> None:
        if texts:
            await self.websocket.send_text(f"[{','.join(texts)}]")
            texts.clear()

    async def _receive_all(self) -> None:
        while True:
            text = await self.websocket.receive_text()
            while len(self._asked) >= MOST_AT_ONCE:
                await asyncio.wait(self._asked, return_when=asyncio.FIRST_COMPLETED)
            if self._said_bytes > MOST_WAITING_BYTES:
                await self.websocket.close(1008, "The page does not take its answers.")
                return
            task = asyncio.create_task(self._answer(text))
            self._asked.add(task)
            task.add_done_callback(self._asked.discard)

    async def _answer(self, text: str) -> None:
        """Answer one question, with what it asks for or with what is wrong."""
        number: Any = None
        try:
            message = Message(_read(text))
            number = message.whole("id", most=2**32 - 1)
            payload, answer = await self._answered(message)
        except CutawayError as error:
            self.push({"re": number, "error": error_told(error)})
            return
        if payload is not None:
            head = TILE_HEADER.pack(number, answer["rows"], answer["columns"], 0)
            self._say(head + payload)
        else:
            self.push({"re": number, "ok": answer})

    async def _answered(self, message: Message) -> tuple[bytes | None, dict[str, Any]]:
        verb = message.text("do", 40)
        if verb in VERBS:
            return None, await VERBS[verb](self.book, message) or {}
        if verb in RELAYED:
            reply = await self.book.ask(verb, message.fields)
            return reply.payload, reply.ok
        if verb in WITH_CELLS:
            self.book.expect_trust()
            cells = {"cells": self.book.saved.cells}
            return None, (await self.book.ask(verb, message.fields | cells)).ok
        raise MessageError(f"'do' is {verb!r:.60}; nothing of that name can be asked.")


def _read(text: str) -> Any:
    """A message's JSON; NaN and Infinity, which are none, are refused.  Raises:  MessageError"""
    def refuse(word: str) -> None:
        raise MessageError(f"{word} was found in the message; finite numbers are expected.")

    try:
        return json.loads(text, parse_constant=refuse)
    except MessageError:  # a ValueError too
        raise
    except (ValueError, RecursionError):
        raise MessageError("The message is no JSON.") from None


async def socket(websocket: WebSocket) -> None:
    """The endpoint. The guard has let in only our own page."""
    await websocket.accept(subprotocol="cutaway")
    await Tab(websocket, websocket.app.state.book).talk()
