"""What the server answers itself. Every other verb of the page is the worker's."""

import secrets
from collections.abc import Awaitable, Callable, Mapping
from typing import Any

from msgspec.structs import replace

from cutaway.errors import MessageError
from cutaway.studio.messages import server_questions as asked
from cutaway.studio.messages.changes import fields_of
from cutaway.studio.messages.fields import checked
from cutaway.studio.messages.questions import PAGE
from cutaway.studio.messages.worker_questions import CellSource, Debug, StepInto, WithCells
from cutaway.studio.models import verbs as models
from cutaway.studio.process.child import Reply
from cutaway.studio.server.documents import new_book
from cutaway.studio.server.open_document import OpenBook

MOST_CELLS = 200

Answer = dict[str, Any] | None


async def hello(book: OpenBook, question: asked.Hello) -> Answer:
    return book.state() if book.told else {}


async def change(book: OpenBook, question: asked.Change) -> Answer:
    return await book.change(fields_of(question.change))


async def undo(book: OpenBook, question: asked.Undo) -> Answer:
    await book.go_to(max(0, book.saved.cursor - 1))


async def redo(book: OpenBook, question: asked.Redo) -> Answer:
    await book.go_to(min(len(book.saved.changes), book.saved.cursor + 1))


async def reset(book: OpenBook, question: asked.Reset) -> Answer:
    await book.go_to(0)


async def go_to(book: OpenBook, question: asked.GoTo) -> Answer:
    await book.go_to(question.cursor)


async def generate(book: OpenBook, question: asked.Generate) -> Answer:
    return await book.generate(question)


async def stop(book: OpenBook, question: asked.Stop) -> Answer:
    book.stop()


async def interrupt(book: OpenBook, question: asked.Interrupt) -> Answer:
    book.interrupt()


async def kill(book: OpenBook, question: asked.Kill) -> Answer:
    await book.kill()


async def trust(book: OpenBook, question: asked.Trust) -> Answer:
    await book.trust()


async def open_model(book: OpenBook, question: asked.OpenModel) -> Answer:
    await book.open_other(new_book(question.name, book.state()["prompt"]))


async def new(book: OpenBook, question: asked.New) -> Answer:
    prompt = book.saved.prompt if question.prompt is None else question.prompt
    await book.open_other(new_book(book.saved.model, prompt))


async def cell_add(book: OpenBook, question: asked.CellAdd) -> Answer:
    cells = book.saved.cells
    if len(cells) >= MOST_CELLS:
        raise MessageError(f"The scratch sheet holds {MOST_CELLS} cells. Delete some first.")
    cell = {"cell": f"c{secrets.token_hex(4)}", "kind": question.kind, "name": question.name,
            "source": question.source}
    place = next((i + 1 for i, one in enumerate(cells) if one["cell"] == question.after),
                 len(cells))
    book.set_cells([*cells[:place], cell, *cells[place:]])
    return {"cell": cell["cell"]}


async def cell_set(book: OpenBook, question: asked.CellSet) -> Answer:
    place, cell = _cell(book, question.cell)
    given = {"kind": question.kind, "name": question.name, "source": question.source}
    new = cell | {name: text for name, text in given.items() if text is not None}
    book.set_cells([*book.saved.cells[:place], new, *book.saved.cells[place + 1:]])


async def cell_delete(book: OpenBook, question: asked.CellDelete) -> Answer:
    place, cell = _cell(book, question.cell)
    book.set_cells([*book.saved.cells[:place], *book.saved.cells[place + 1:]])
    return {**cell, "place": place}


async def cell_move(book: OpenBook, question: asked.CellMove) -> Answer:
    place, cell = _cell(book, question.cell)
    others = [*book.saved.cells[:place], *book.saved.cells[place + 1:]]
    if question.to > len(others):
        raise MessageError(f"'to' is {question.to}; a whole number from 0 to {len(others)} is "
                           f"expected.")
    book.set_cells([*others[:question.to], cell, *others[question.to:]])


def _cell(book: OpenBook, name: str) -> tuple[int, dict[str, str]]:
    for place, cell in enumerate(book.saved.cells):
        if cell["cell"] == name:
            return place, cell
    raise MessageError(f"There is no cell {name!r} any more. Another tab may have deleted it.")


async def debug(book: OpenBook, question: Debug) -> Answer:
    return (await book.ask(question)).ok


async def answered(book: OpenBook, verb: str, fields: dict[str, Any]) -> Reply:
    """What a page is answered that asks for a verb.

    Raises:  MessageError for a verb that there is not, or fields that are wrong; CutawayError
    """
    if verb not in PAGE:
        raise MessageError(f"'do' is {verb!r:.60}; nothing of that name can be asked.")
    question = checked(PAGE[verb], fields)
    if verb in VERBS:
        return Reply(await VERBS[verb](book, question) or {})
    if isinstance(question, WithCells | StepInto):
        book.expect_trust()
    if isinstance(question, WithCells):
        question = replace(question, cells=[
            checked(CellSource, cell) for cell in book.saved.cells])
    return await book.ask(question)


VERBS: Mapping[str, Callable[[OpenBook, Any], Awaitable[Answer]]] = {
    verb.__name__: verb for verb in (
        hello, change, undo, redo, reset, go_to, generate, stop, interrupt, kill, trust,
        open_model, new,
        cell_add, cell_set, cell_delete, cell_move, debug)
} | models.VERBS
