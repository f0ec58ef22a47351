"""The socket of one tab: questions in, answers, tiles and pushes out.

A page has the whole state of a document once, with all tables of the model; after a change it is
sent what differs.

Whatever is to be said within one turn of the loop goes out as one message: 200 updates then cost
as much as a dozen that are sent one by one.
"""

import asyncio
import json
import struct
from collections import deque
from typing import Annotated, Any

from msgspec import Meta, Struct
from starlette.websockets import WebSocket, WebSocketDisconnect

from cutaway.errors import CutawayError
from cutaway.studio.messages.fields import Key, checked, read_json
from cutaway.studio.server.open_document import OpenDocument, error_answer
from cutaway.studio.server.verbs import answered

MOST_AT_ONCE = 256       # questions of one tab that wait for an answer
MOST_WAITING_BYTES = 2**26  # what a tab that does not listen may be owed
TILE_HEADER = struct.Struct("<4I")  # the question's number, rows, columns, 0


class Envelope(Struct):
    """What every question has beside its fields: its number, and the verb."""

    id: Annotated[int, Meta(ge=0, le=2**32 - 1)]
    do: Key


class Tab:
    """One tab's end of the talk."""

    def __init__(self, websocket: WebSocket, document: OpenDocument):
        self.websocket, self.document = websocket, document
        self._said: deque[str | bytes] = deque()
        self._said_bytes = 0
        self._something = asyncio.Event()
        self._asked: set[asyncio.Task] = set()
        self._state: dict[str, Any] = {}  # as the page has it

    async def talk(self) -> None:
        """Until the tab is closed."""
        sending = asyncio.create_task(self._send_all())
        self.document.tabs.add(self.push)
        try:
            self.push({"push": "worker", **self.document.worker_state})
            if self.document.summary:
                self.push(self.document.state())
            await self._receive_all()
        except (WebSocketDisconnect, RuntimeError):
            pass  # RuntimeError: starlette's word for a socket that closed while it was read
        finally:
            self.document.tabs.discard(self.push)
            sending.cancel()
            for task in self._asked:
                task.cancel()

    def push(self, message: dict[str, Any]) -> None:
        """Say something as soon as the loop comes round; of a state only what the page has not."""
        if message.get("push") == "state":
            before, self._state = self._state, message
            if before.get("book") == message["book"]:
                message = news(before, message)
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
            fields = read_json(text)
            asked = checked(Envelope, fields)
            number = asked.id
            reply = await answered(self.document, asked.do, fields)
        except CutawayError as error:
            self.push({"re": number, "error": error_answer(error)})
            return
        if reply.payload is not None:
            head = TILE_HEADER.pack(number, reply.ok["rows"], reply.ok["columns"], 0)
            self._say(head + reply.payload)
        else:
            self.push({"re": number, "ok": reply.ok})


def news(before: dict[str, Any], now: dict[str, Any]) -> dict[str, Any]:
    """What a page that has one state of a document needs to have another.

    returns  {"push": "changed", "fields": those that differ, "longer": lists that are the same up
             to a place, as [that place, what follows]}
    """
    fields: dict[str, Any] = {}
    longer: dict[str, list[Any]] = {}
    for name, value in now.items():
        old = before.get(name)
        if name in before and (old is value or old == value):
            continue
        if isinstance(old, list) and isinstance(value, list):
            same = next((place for place, (one, other) in enumerate(zip(old, value, strict=False))
                         if one != other), min(len(old), len(value)))
            longer[name] = [same, value[same:]]
        else:
            fields[name] = value
    return {"push": "changed", "fields": fields, "longer": longer}


async def socket(websocket: WebSocket) -> None:
    """The endpoint. The guard has let in only our own page."""
    await websocket.accept(subprotocol="cutaway")
    await Tab(websocket, websocket.app.state.document).talk()
