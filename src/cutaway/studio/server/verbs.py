"""What the server answers itself. Every other verb of the page is the worker's."""

import secrets
from asyncio import to_thread
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import asdict
from typing import Any

from msgspec.structs import replace

from cutaway.errors import MessageError
from cutaway.glossary import entries
from cutaway.studio.messages import server_questions as asked
from cutaway.studio.messages.changes import fields_of
from cutaway.studio.messages.fields import checked
from cutaway.studio.messages.questions import PAGE
from cutaway.studio.messages.worker_questions import CellSource, Debug, StepInto, WithCells
from cutaway.studio.models import verbs as models
from cutaway.studio.process.child import Reply
from cutaway.studio.server import books
from cutaway.studio.server.open_document import OpenDocument

MOST_CELLS = 200

Answer = dict[str, Any] | None


async def hello(document: OpenDocument, question: asked.Hello) -> Answer:
    return document.state() if document.summary else {}


async def glossary(document: OpenDocument, question: asked.Glossary) -> Answer:
    return {"entries": [asdict(entry) for entry in entries()]}


async def change(document: OpenDocument, question: asked.Change) -> Answer:
    return await document.change(fields_of(question.change))


async def undo(document: OpenDocument, question: asked.Undo) -> Answer:
    await document.go_to(max(0, document.saved.cursor - 1))


async def redo(document: OpenDocument, question: asked.Redo) -> Answer:
    await document.go_to(min(len(document.saved.changes), document.saved.cursor + 1))


async def reset(document: OpenDocument, question: asked.Reset) -> Answer:
    await document.go_to(0)


async def go_to(document: OpenDocument, question: asked.GoTo) -> Answer:
    await document.go_to(question.cursor)


async def generate(document: OpenDocument, question: asked.Generate) -> Answer:
    return await document.generate(question)


async def stop(document: OpenDocument, question: asked.Stop) -> Answer:
    document.stop()


async def interrupt(document: OpenDocument, question: asked.Interrupt) -> Answer:
    document.interrupt()


async def kill(document: OpenDocument, question: asked.Kill) -> Answer:
    await document.kill()


async def trust(document: OpenDocument, question: asked.Trust) -> Answer:
    await document.trust()


async def open_model(document: OpenDocument, question: asked.OpenModel) -> Answer:
    await document.open_other(
        await to_thread(books.begun_book, question.name, document.saved.prompt_in_force))


async def new(document: OpenDocument, question: asked.New) -> Answer:
    prompt = document.saved.prompt if question.prompt is None else question.prompt
    await document.open_other(await to_thread(books.begun_book, document.saved.model, prompt))


async def list_books(document: OpenDocument, question: asked.Books) -> Answer:
    return {"books": await to_thread(books.listed_books, document.saved)}


async def book_open(document: OpenDocument, question: asked.BookOpen) -> Answer:
    if question.book != document.saved.identity:
        await document.open_other(await to_thread(books.book_of, question.book))


async def book_name(document: OpenDocument, question: asked.BookName) -> Answer:
    if question.book != document.saved.identity:
        await to_thread(books.name_book, question.book, question.name)
        document.push({"push": "books"})
    else:
        document.set_name(await to_thread(books.checked_name, question.name, question.book))


async def book_delete(document: OpenDocument, question: asked.BookDelete) -> Answer:
    if question.book == document.saved.identity:
        raise MessageError("This workbook is open. Open another one first, then delete it.")
    await to_thread(books.delete_book, question.book)
    document.push({"push": "books"})


async def cell_add(document: OpenDocument, question: asked.CellAdd) -> Answer:
    cells = document.saved.cells
    if len(cells) >= MOST_CELLS:
        raise MessageError(f"The scratch sheet holds {MOST_CELLS} cells. Delete some first.")
    cell = {"cell": f"c{secrets.token_hex(4)}", "kind": question.kind, "name": question.name,
            "source": question.source}
    place = next((i + 1 for i, one in enumerate(cells) if one["cell"] == question.after),
                 len(cells))
    document.set_cells([*cells[:place], cell, *cells[place:]])
    return {"cell": cell["cell"]}


async def cell_set(document: OpenDocument, question: asked.CellSet) -> Answer:
    place, cell = _cell(document, question.cell)
    given = {"kind": question.kind, "name": question.name, "source": question.source}
    new = cell | {name: text for name, text in given.items() if text is not None}
    document.set_cells([*document.saved.cells[:place], new, *document.saved.cells[place + 1:]])


async def cell_delete(document: OpenDocument, question: asked.CellDelete) -> Answer:
    place, cell = _cell(document, question.cell)
    document.set_cells([*document.saved.cells[:place], *document.saved.cells[place + 1:]])
    return {**cell, "place": place}


async def cell_move(document: OpenDocument, question: asked.CellMove) -> Answer:
    place, cell = _cell(document, question.cell)
    others = [*document.saved.cells[:place], *document.saved.cells[place + 1:]]
    if question.to > len(others):
        raise MessageError(f"'to' is {question.to}; a whole number from 0 to {len(others)} is "
                           f"expected.")
    document.set_cells([*others[:question.to], cell, *others[question.to:]])


def _cell(document: OpenDocument, name: str) -> tuple[int, dict[str, str]]:
    for place, cell in enumerate(document.saved.cells):
        if cell["cell"] == name:
            return place, cell
    raise MessageError(f"There is no cell {name!r} any more. Another tab may have deleted it.")


async def debug(document: OpenDocument, question: Debug) -> Answer:
    return (await document.ask(question)).ok


async def answered(document: OpenDocument, verb: str, fields: dict[str, Any]) -> Reply:
    """What a page is answered that asks for a verb.

    Raises:  MessageError for a verb that there is not, or fields that are wrong; CutawayError
    """
    if verb not in PAGE:
        raise MessageError(f"'do' is {verb!r:.60}; nothing of that name can be asked.")
    question = checked(PAGE[verb], fields)
    if verb in VERBS:
        return Reply(await VERBS[verb](document, question) or {})
    if isinstance(question, WithCells | StepInto):
        document.expect_trust()
    if isinstance(question, WithCells):
        question = replace(question, cells=[
            checked(CellSource, cell) for cell in document.saved.cells])
    return await document.ask(question)


VERBS: Mapping[str, Callable[[OpenDocument, Any], Awaitable[Answer]]] = {
    verb.__name__: verb for verb in (
        hello, glossary, change, undo, redo, reset, go_to, generate, stop, interrupt, kill,
        trust, open_model, new, book_open, book_name, book_delete,
        cell_add, cell_set, cell_delete, cell_move, debug)
} | {"books": list_books} | models.VERBS
