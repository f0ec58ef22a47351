"""What the server answers itself. Every other verb of the page is the worker's."""

import secrets
from collections.abc import Awaitable, Callable, Mapping
from typing import Any

from cutaway.errors import MessageError
from cutaway.studio.message import Message
from cutaway.studio.models import verbs as models
from cutaway.studio.server.documents import CELL_KINDS, new_book
from cutaway.studio.server.open_document import OpenBook
from cutaway.studio.worker_verbs import RELAYED, WITH_CELLS

MOST_CELLS = 200

Answer = dict[str, Any] | None


async def hello(book: OpenBook, message: Message) -> Answer:
    """The state, for a tab that has just come."""
    return book.state() if book.told else {}


async def change(book: OpenBook, message: Message) -> Answer:
    return await book.change(message.mapping("change"))


async def undo(book: OpenBook, message: Message) -> Answer:
    await book.go_to(max(0, book.saved.cursor - 1))


async def redo(book: OpenBook, message: Message) -> Answer:
    await book.go_to(min(len(book.saved.changes), book.saved.cursor + 1))


async def reset(book: OpenBook, message: Message) -> Answer:
    """Back before all changes; redo brings them again."""
    await book.go_to(0)


async def go_to(book: OpenBook, message: Message) -> Answer:
    await book.go_to(message.whole("cursor"))


async def generate(book: OpenBook, message: Message) -> Answer:
    return await book.generate(message.fields)


async def stop(book: OpenBook, message: Message) -> Answer:
    book.stop()


async def interrupt(book: OpenBook, message: Message) -> Answer:
    book.interrupt()


async def kill(book: OpenBook, message: Message) -> Answer:
    await book.kill()


async def trust(book: OpenBook, message: Message) -> Answer:
    await book.trust()


async def open_model(book: OpenBook, message: Message) -> Answer:
    """A new book on the same prompt with another model."""
    prompt = book.state()["prompt"]
    await book.open_other(new_book(message.text("name", 4000), prompt))


async def new(book: OpenBook, message: Message) -> Answer:
    """A new book; the one that is open stays on the disk."""
    prompt = message.text("prompt", default=book.saved.prompt)
    await book.open_other(new_book(book.saved.model, prompt))


async def cell_add(book: OpenBook, message: Message) -> Answer:
    """A new cell below another one, or at the end."""
    cells, after = book.saved.cells, message.text("after", 40, default="")
    if len(cells) >= MOST_CELLS:
        raise MessageError(f"The scratch sheet holds {MOST_CELLS} cells. Delete some first.")
    cell = {"cell": f"c{secrets.token_hex(4)}",
            "kind": message.choice("kind", CELL_KINDS, default="formula"),
            "name": message.text("name", 100, default=""),
            "source": message.text("source", 200_000, default="")}
    place = next((i + 1 for i, one in enumerate(cells) if one["cell"] == after), len(cells))
    book.set_cells([*cells[:place], cell, *cells[place:]])
    return {"cell": cell["cell"]}


async def cell_set(book: OpenBook, message: Message) -> Answer:
    """Another source, name or kind for a cell."""
    place, cell = _cell(book, message)
    new = {"cell": cell["cell"],
           "kind": message.choice("kind", CELL_KINDS, default=cell["kind"]),
           "name": message.text("name", 100, default=cell["name"]),
           "source": message.text("source", 200_000, default=cell["source"])}
    book.set_cells([*book.saved.cells[:place], new, *book.saved.cells[place + 1:]])


async def cell_delete(book: OpenBook, message: Message) -> Answer:
    """The cell that was deleted, so that the page can offer to put it back."""
    place, cell = _cell(book, message)
    book.set_cells([*book.saved.cells[:place], *book.saved.cells[place + 1:]])
    return {**cell, "place": place}


async def cell_move(book: OpenBook, message: Message) -> Answer:
    place, cell = _cell(book, message)
    others = [*book.saved.cells[:place], *book.saved.cells[place + 1:]]
    to = message.whole("to", 0, len(others))
    book.set_cells([*others[:to], cell, *others[to:]])


def _cell(book: OpenBook, message: Message) -> tuple[int, dict[str, str]]:
    name = message.text("cell", 40)
    for place, cell in enumerate(book.saved.cells):
        if cell["cell"] == name:
            return place, cell
    raise MessageError(f"There is no cell {name!r} any more. Another tab may have deleted it.")


async def debug(book: OpenBook, message: Message) -> Answer:
    """A command for the debugger, while it is paused."""
    return (await book.ask("debug", message.fields)).ok


VERBS: Mapping[str, Callable[[OpenBook, Message], Awaitable[Answer]]] = {
    verb.__name__: verb for verb in (
        hello, change, undo, redo, reset, go_to, generate, stop, interrupt, kill, trust,
        open_model, new,
        cell_add, cell_set, cell_delete, cell_move, debug)
} | models.VERBS

__all__ = ["RELAYED", "VERBS", "WITH_CELLS"]
