"""What a tab is told: the whole state once, and after a change what differs."""

import asyncio
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cutaway.studio.process.child import Spare
from cutaway.studio.server.documents import new_document
from cutaway.studio.server.open_document import OpenDocument
from cutaway.studio.server.tab import Tab, news

FIELDS = st.dictionaries(st.sampled_from(["tokens", "moved", "prompt", "cursor"]),
                         st.integers() | st.text() | st.lists(st.integers()))


def applied(state, message):
    """The state as the page makes it, said once more in Python (static/server.js)."""
    lists = {name: [*state[name][:place], *rest]
             for name, (place, rest) in message["longer"].items()}
    return {**state, **message["fields"], **lists}


@given(FIELDS, FIELDS)
def test_the_state_before_and_the_news_make_the_state_now(before, now):
    now = {**before, **now}
    assert applied(before, news(before, now)) == now


def test_a_written_token_is_one_token_and_not_the_whole_text_or_the_map():
    state = {"push": "state", "book": "b", "version": 1, "model": {"map": ["every table"]},
             "tokens": [{"id": 1}, {"id": 2}], "changes": []}
    after = {**state, "version": 2, "tokens": [*state["tokens"], {"id": 3}]}
    assert news(state, after) == {
        "push": "changed", "fields": {"version": 2}, "longer": {"tokens": [2, [{"id": 3}]]}}


class Socket:
    """A socket that keeps what is sent, and that nobody writes to."""

    def __init__(self):
        self.sent = []

    async def send_text(self, text):
        self.sent += json.loads(text)

    async def receive_text(self):
        await asyncio.Event().wait()

    def states(self):
        return [one for one in self.sent if one["push"] in ("state", "changed")]


async def until(condition):
    for _ in range(1000):  # turns of the loop
        if condition():
            return
        await asyncio.sleep(0)
    raise AssertionError("it did not come to that")


@pytest.mark.parametrize("same_document", [True, False])
def test_a_page_is_told_the_map_once_a_document(same_document):
    async def talked():
        book, socket = OpenDocument(new_document("storybook", "Mike"), Spare()), Socket()
        book.summary = {"model": {"map": ["every table"]}, "tokens": [1]}
        talk = asyncio.create_task(Tab(socket, book).talk())
        await until(lambda: len(socket.states()) == 1)
        if not same_document:
            book.saved = new_document("storybook", "Sally")
        book._tell({"tokens": [1, 2]}, save_it=False)
        await until(lambda: len(socket.states()) == 2)
        talk.cancel()
        return socket.states()

    sent = asyncio.run(talked())
    maps = [one["push"] for one in sent if "model" in one or "model" in one.get("fields", {})]
    assert maps == ["state"] if same_document else ["state", "state"]
