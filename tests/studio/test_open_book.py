"""The open book: its journal is never lost, whatever becomes of the worker or the disk."""

import asyncio
import json
import os
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from cutaway import open_model
from cutaway.errors import MessageError, WorkerError, WorkerStopped
from cutaway.studio.messages.questions import PAGE
from cutaway.studio.messages.server_questions import Generate
from cutaway.studio.messages.worker_questions import CellEval
from cutaway.studio.process.child import Spare
from cutaway.studio.server import documents, open_document
from cutaway.studio.server.documents import document_of_file, last_document, new_document, save
from cutaway.studio.server.open_document import OpenDocument
from cutaway.studio.server.verbs import answered
from cutaway.studio.share.workbook import Workbook
from tests.studio.asking import as_promised

PROMPT = "Mike is quick. He moves"
HEAD_OFF = {"kind": "numbers", "table": "h3.attention", "cells": {"head": 1}, "value": 0}
SHARPER = {"kind": "formula", "step": "attention", "formula": "softmax(causal(scores) * 2)"}


@asynccontextmanager
async def opened(saved=None):
    """A started book, and all that it pushes."""
    spare = Spare()
    book, pushed = OpenDocument(saved or new_document("storybook", PROMPT), spare), []
    book.tabs.add(pushed.append)
    try:
        await book.start()
        yield book, pushed
    finally:
        await book.close()
        await spare.close()


async def ask(book, verb, fields):
    """What a page is answered, which is what the registry says that it is."""
    return as_promised(PAGE[verb].answer, (await answered(book, verb, fields)).ok)


def run_async(work):
    asyncio.run(asyncio.wait_for(work(), 120))


async def until(condition):
    for _ in range(600):
        if condition():
            return
        await asyncio.sleep(0.1)
    raise AssertionError("it did not come to that")


def probability(run):
    return float(run["next_probabilities"].array.max())


def now(book):
    return book.state()["prediction"][0]["probability"]


def on_disk():
    book = last_document()
    assert book is not None
    return book


def test_changes_go_forth_and_back_and_give_the_librarys_numbers():
    async def work():
        run = open_model().run(PROMPT)
        async with opened() as (book, _):
            assert now(book) == probability(run)
            await book.change(HEAD_OFF)
            await book.change(SHARPER)
            both = run.edit("h3.attention", 0, head=1).rewrite(
                "attention", "softmax(causal(scores) * 2)")
            assert now(book) == probability(both)
            await ask(book, "undo", {})
            assert now(book) == probability(run.edit("h3.attention", 0, head=1))
            await ask(book, "reset", {})
            assert now(book) == probability(run)
            await book.go_to(2)
            assert now(book) == probability(both)
            await book.go_to(1)
            await book.change({"kind": "prompt", "text": "Once upon a time"})
            assert [change["kind"] for change in book.saved.changes] == ["numbers", "prompt"]
            assert book.state()["prompt"] == "Once upon a time"

    run_async(work)


@pytest.mark.parametrize(("change", "kind", "message"), [
    ({"kind": "formula", "step": "h3.attention", "formula": "softmax(scores"}, "FormulaError",
     "cannot be read"),
    ({"kind": "formula", "step": "h3.attention", "formula": "scores[0]"}, "ShapeMismatch",
     "6 x 8 x 8 is expected"),
    ({"kind": "formula", "step": "h3.attention", "formula": "scores * 0 / 0"}, "FormulaError",
     "gives NaN"),
    ({"kind": "formula", "step": "h3.atention", "formula": "scores"}, "UnknownTable",
     "Did you mean"),
    ({"kind": "operation", "name": "gelu", "source": "def gelu(:"}, "CodeError", "cannot be read"),
    ({"kind": "operation", "name": "gelu", "source": "x = 1"}, "FormulaError", "no function"),
    ({"kind": "numbers", "table": "h3.attention", "cells": {"head": 6}, "value": 0}, "UnknownRow",
     "has no head 6"),
    ({"kind": "prompt", "text": ""}, "EmptyPrompt", "no token"),
    ({"kind": "prompt", "text": "a " * 5000}, "PromptTooLong", "256"),
])
def test_a_change_that_cannot_be_done_leaves_everything_as_it_was(change, kind, message):
    async def work():
        async with opened() as (book, _):
            await book.change(HEAD_OFF)
            before = now(book)
            with pytest.raises(WorkerError, match=message) as caught:
                await book.change(change)
            assert caught.value.kind == kind
            assert book.saved.changes == [HEAD_OFF] and now(book) == before
            await book.change(SHARPER)

    run_async(work)


def test_after_a_kill_the_changes_are_done_again():
    async def work():
        async with opened() as (book, pushed):
            await book.change(HEAD_OFF)
            await book.change(SHARPER)
            before, old = now(book), book.worker
            await book.kill()
            await until(lambda: book.worker is not None and book.worker is not old
                        and book.worker_state["state"] == "ready")
            assert now(book) == before and book.saved.cursor == 2
            assert any("your changes are kept" in message.get("text", "") for message in pushed)

    run_async(work)


def test_a_worker_that_dies_by_itself_is_replaced():
    async def work():
        async with opened() as (book, _):
            await book.change(HEAD_OFF)
            before, old = now(book), book.worker
            with pytest.raises(WorkerStopped):
                await book.ask(CellEval(source="import os; os._exit(3)"))
            await until(lambda: book.worker is not None and book.worker is not old
                        and book.worker_state["state"] == "ready")
            assert now(book) == before

    run_async(work)


def test_what_was_written_before_a_kill_stays():
    async def work():
        async with opened() as (book, pushed):
            writing = asyncio.create_task(book.generate(
                Generate(temperature=0.8, seed=1, count=200)))
            await until(lambda: sum(m["push"] == "token" for m in pushed) >= 3)
            await book.kill()
            with pytest.raises(WorkerStopped):
                await writing
            await until(lambda: book.worker_state["state"] == "ready")
            written, = book.saved.changes
            assert written["kind"] == "append" and len(written["ids"]) >= 3
            assert len(book.state()["tokens"]) == 8 + len(written["ids"])

    run_async(work)


def test_what_was_written_is_kept_once_also_when_the_worker_ends_later():
    async def work():
        async with opened() as (book, _):
            told = await book.generate(Generate(temperature=0, count=2))
            await book.go_to(0)
            old = book.worker
            await book.kill()
            await until(lambda: book.worker is not None and book.worker is not old
                        and book.worker_state["state"] == "ready")
            assert book.saved.changes == [{"kind": "append", "ids": told["ids"]}]
            assert book.saved.cursor == 0

    run_async(work)


def test_writing_stops_when_it_is_told_and_is_one_change():
    async def work():
        async with opened() as (book, pushed):
            writing = asyncio.create_task(book.generate(Generate(temperature=0, count=200)))
            await until(lambda: any(m["push"] == "token" for m in pushed))
            await ask(book, "stop", {})
            told = await writing
            assert told["ended"] == "stopped" and 1 <= len(told["ids"]) < 200
            assert book.saved.changes == [{"kind": "append", "ids": told["ids"]}]
            await book.go_to(0)
            assert len(book.state()["tokens"]) == 8

    run_async(work)


def test_a_change_is_on_the_disk_soon_and_opens_again():
    async def work():
        async with opened() as (book, pushed):
            await book.change(HEAD_OFF)
            await until(lambda: any(m["push"] == "saved" for m in pushed))
            assert on_disk().changes == [HEAD_OFF]
            probability_before = now(book)
        async with opened(on_disk()) as (book, _):
            assert now(book) == probability_before and book.state()["cursor"] == 1

    run_async(work)


def test_undone_changes_are_still_there_to_be_redone_after_a_restart():
    async def work():
        async with opened() as (book, _):
            await book.change(HEAD_OFF)
            await book.go_to(0)
        async with opened(on_disk()) as (book, _):
            assert book.state()["cursor"] == 0
            await ask(book, "redo", {})
            assert "h3.attention" in book.state()["edited"]

    run_async(work)


def test_a_disk_that_takes_nothing_is_told_and_nothing_is_lost_in_the_page(monkeypatch):
    async def work():
        async with opened() as (book, pushed):
            def full(path, *_, **__):
                raise OSError(28, "No space left on device")

            monkeypatch.setattr(Path, "write_text", full)
            await book.change(HEAD_OFF)
            await until(lambda: any("Not saved" in m.get("text", "") for m in pushed))
            told = next(m["text"] for m in pushed if "Not saved" in m.get("text", ""))
            assert "No space left on device" in told
            monkeypatch.undo()
            await book.change(SHARPER)
            await until(lambda: any(m["push"] == "saved" for m in pushed))
            assert on_disk().changes == [HEAD_OFF, SHARPER]

    run_async(work)


@pytest.mark.parametrize("fault", [OSError(28, "No space left on device"), ValueError("odd")])
def test_what_could_not_be_saved_is_saved_later_without_another_change(monkeypatch, fault):
    async def work():
        monkeypatch.setattr(open_document, "SAVE_AGAIN_SECONDS", 0.05)
        async with opened() as (book, pushed):
            def failing(path, *_, **__):
                raise fault

            write_text = Path.write_text
            monkeypatch.setattr(Path, "write_text", failing)
            await book.change(HEAD_OFF)
            await until(lambda: any("Not saved" in m.get("text", "") for m in pushed))
            assert book.not_kept
            monkeypatch.setattr(Path, "write_text", write_text)
            await until(lambda: any(m["push"] == "saved" for m in pushed))
            assert on_disk().changes == [HEAD_OFF] and not book.not_kept
            assert sum("Not saved" in m.get("text", "") for m in pushed) == 1

    run_async(work)


def test_a_damaged_file_is_passed_over(tmp_path):
    good = new_document("storybook", "Once")
    save(good)
    folder = documents.documents_folder()
    for number, text in enumerate([
            "{", "[]", '{"identity": "x"}', "null", "[" * 100_000,
            json.dumps({**vars(good), "cursor": 9}), json.dumps({**vars(good), "model": 3}),
            json.dumps({**vars(good), "identity": "../../x"}),
            json.dumps({**vars(good), "changes": [{"kind": "shell"}]})]):
        (folder / f"damaged{number}").mkdir()
        file = folder / f"damaged{number}" / "book.json"
        file.write_text(text)
        os.utime(file, (4e9, 4e9))
    assert on_disk() == good


@pytest.mark.parametrize("make", [
    os.mkfifo, os.mkdir, lambda file: file.symlink_to("/dev/zero"),
    lambda file: file.symlink_to(file.name), lambda file: file.write_bytes(b"\xff\xfe")])
def test_a_document_that_is_no_file_is_passed_over(make):
    good = new_document("storybook", "Once")
    save(good)
    (documents.documents_folder() / "bad").mkdir()
    make(documents.documents_folder() / "bad" / "book.json")
    assert on_disk() == good


def test_only_its_owner_can_read_a_document():
    """It holds what they typed."""
    document = new_document("storybook", "Once")
    save(document)
    file = documents.documents_folder() / document.identity / "book.json"
    file.chmod(0o644)
    save(document)
    assert file.stat().st_mode & 0o777 == 0o600


def test_nothing_of_a_strangers_workbook_runs_before_it_is_trusted(tmp_path):
    mark = tmp_path / "ran"
    code = f"def gelu(table):\n    open({str(mark)!r}, 'w').close()\n    return table\n"
    book_file = Workbook("storybook", PROMPT, [
        {"kind": "operation", "name": "gelu", "source": code}, SHARPER], [
        {"cell": "c1", "kind": "formula", "name": "x", "source": f"open({str(mark)!r}, 'w')"}])

    async def work():
        async with opened(document_of_file(book_file)) as (book, _):
            assert not book.state()["trusted"] and book.state()["operations"] == []
            assert now(book) == probability(open_model().run(PROMPT))
            with pytest.raises(MessageError, match="nothing of it runs before you say so"):
                await book.change(HEAD_OFF)
            with pytest.raises(MessageError, match="nothing of it runs"):
                await book.go_to(1)
            await ask(book, "cell_add", {"kind": "formula", "source": "1 + 1"})
            assert not mark.exists()
            await book.trust()
            assert mark.exists() and book.state()["operations"] == ["gelu"]

    run_async(work)


def test_a_change_of_the_last_moment_is_kept_when_another_document_is_opened():
    """It is written down a moment after it was made; by then another document stood there."""
    async def work():
        async with opened() as (book, _):
            before = book.saved.identity
            await book.change(HEAD_OFF)
            await ask(book, "cell_add", {"kind": "formula", "source": "1 + 1"})
            await ask(book, "new", {"prompt": "Once"})
            assert book.saved.identity != before
            file = documents.documents_folder() / before / "book.json"
            kept = json.loads(file.read_text(encoding="utf-8"))
            assert kept["changes"] == [HEAD_OFF] and kept["cells"][0]["source"] == "1 + 1"

    run_async(work)


def test_a_model_that_cannot_be_opened_leaves_the_open_one():
    async def work():
        async with opened() as (book, _):
            await book.change(HEAD_OFF)
            before = now(book)
            with pytest.raises(WorkerError, match="nowhere") as caught:
                await ask(book, "open_model", {"name": "nowhere"})
            assert caught.value.kind == "UnknownModel"
            assert now(book) == before and book.saved.changes == [HEAD_OFF]

    run_async(work)


def test_a_change_that_cannot_be_repeated_is_told_and_the_book_stands_before_it():
    async def work():
        saved = new_document("storybook", PROMPT)
        saved.changes = [HEAD_OFF, {"kind": "prompt", "text": "a " * 9000}, SHARPER]
        saved.cursor = 3
        async with opened(saved) as (book, pushed):
            assert book.state()["cursor"] == 1
            assert any("could not be repeated" in m.get("text", "") for m in pushed)

    run_async(work)


def test_cells_are_added_changed_moved_and_deleted():
    async def work():
        async with opened() as (book, _):
            async def do(verb, **fields):
                return await ask(book, verb, fields)

            first = (await do("cell_add", kind="formula", source="1"))["cell"]
            last = (await do("cell_add", kind="code", source="2"))["cell"]
            middle = (await do("cell_add", after=first, source="3"))["cell"]
            assert [one["cell"] for one in book.saved.cells] == [first, middle, last]
            await do("cell_set", cell=middle, name="three", source="1 + 2")
            await do("cell_move", cell=middle, to=0)
            assert book.saved.cells[0] == {
                "cell": middle, "kind": "formula", "name": "three", "source": "1 + 2"}
            assert (await do("cell_delete", cell=first))["place"] == 1
            with pytest.raises(MessageError, match=r"no cell .* any more"):
                await do("cell_set", cell=first, source="")

    run_async(work)
