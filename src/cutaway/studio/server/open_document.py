"""The open document, as the server holds it: its journal, its tabs, and its worker.

The journal is the truth. The worker can be killed at any time: another one is given the journal
and stands where the first one stood. Whatever changes is on the disk within a second.
"""

import asyncio
import time
from collections.abc import Awaitable, Callable
from dataclasses import replace
from typing import Any

from msgspec import to_builtins

from cutaway.errors import CutawayError, DiskError, MessageError, WorkerError, WorkerStopped
from cutaway.studio.messages import worker_questions as asked
from cutaway.studio.messages.changes import PlainChange, checked_change, words_of
from cutaway.studio.messages.fields import checked
from cutaway.studio.messages.question import Question, verb_of
from cutaway.studio.messages.server_questions import Generate
from cutaway.studio.models.tasks import ModelTasks
from cutaway.studio.process.child import ChildProcess, Reply, Spare
from cutaway.studio.server.document_lock import DocumentLock
from cutaway.studio.server.documents import Document, document_of_file, save, workbook_of
from cutaway.studio.share.workbook import Workbook
from cutaway.words import message

SAVE_AFTER_SECONDS = 0.2
SAVE_AGAIN_SECONDS = 3.0  # a disk that was full may have room again
MOST_CHANGES = 10_000
MOST_ENDS = 3  # workers that end while they open the document, before the document is left closed
SILENT_SECONDS = 2
SILENT = {"state": "busy", "doing": "not answering"}

Push = dict[str, Any]


class OpenDocument:
    """One workbook that is open in any number of tabs.

    saved    all that must not be lost
    lock     what keeps other servers off the document that is open
    not_kept why the newest changes could not be written down; "" when they were
    summary  the newest from the worker: model, tokens, prediction, what moved
    costs    for each change of the journal, how long it took and how much it calculated
    version  grows with everything that makes numbers change
    """

    def __init__(self, saved: Document, spare: Spare, lock: DocumentLock | None = None):
        self.saved, self.spare, self.models = saved, spare, ModelTasks()
        self._lock = lock
        self.not_kept = ""
        self.summary: dict[str, Any] = {}
        self.costs: list[dict[str, Any]] = []
        self.version = time.time_ns() // 1_000_000  # a tab that outlives the server sees it grow
        self.worker: ChildProcess | None = None
        self.worker_state: Push = {"state": "starting", "doing": ""}
        self.tabs: set[Callable[[Push], None]] = set()
        self._turn = asyncio.Lock()
        self._writing = asyncio.Lock()  # or an older state could be written over a newer one
        self._saving: asyncio.Task | None = None
        self._tasks: set[asyncio.Task] = set()
        self._ends = 0
        self._closing = False
        self._written: list[int] = []  # of the text that is being written
        self._stop = False

    # ---- The worker ----------------------------------------------------------------------

    async def start(self) -> None:
        """Have a worker calculate the document as the journal has it.

        Raises:  WorkerError when the model or the prompt cannot be opened
        """
        async with self._turn:
            await self._start()

    async def _start(self) -> None:
        self._worker_is("starting")
        self.worker = await self.spare.take(self._hear, self._worker_ended)
        reply = await self.worker.ask("open", to_builtins(self._journal()))
        self.summary = {**reply.ok["summary"], "model": reply.ok["model"]}
        self.costs = [*reply.ok["done"], *[{}] * len(self.saved.changes)]
        self._ends = 0
        if failed := reply.ok["failed"]:
            self.saved = replace(self.saved, cursor=len(reply.ok["done"]))
            self.push({"push": "note", "kind": "error",
                       "text": f"“{failed['words']}” could not be repeated, so the document stands "
                               f"before it: {failed['message']}"})
        self._worker_is("ready")
        self._changed(save_it=False)

    def _journal(self) -> asked.Open:
        """What a worker needs to stand where the journal stands; nothing of a stranger's runs."""
        document = self.saved
        fields = {"model": document.model, "prompt": document.prompt}
        return checked(asked.Open, fields | (
            {"changes": document.changes, "cursor": document.cursor} if document.trusted else {}))

    def _worker_ended(self, words: str) -> None:
        """The process is gone, by itself or killed: start another, unless we are closing."""
        self.worker = None
        if self._closing:
            return
        self._ends += 1
        self._keep_what_was_written()
        if self._ends > MOST_ENDS:
            self._worker_is("stopped", words)
            return
        self.push({"push": "note", "kind": "note",
                   "text": f"The process that calculates {words}. Another one starts; your changes "
                           f"are kept."})
        self._soon(self.open())

    async def open(self) -> None:
        """Start the worker; the tabs get what goes wrong."""
        try:
            await self.start()
        except CutawayError as error:
            if not isinstance(error, WorkerStopped):  # that one has an end of its own
                self._worker_is("stopped", str(error))

    def _keep_what_was_written(self) -> None:
        """The tokens of a text whose writer was killed stay, as a change."""
        if self._written:
            self._enter({"kind": "append", "ids": self._written}, {})
            self._written = []

    async def kill(self) -> None:
        """End the worker, whatever it does; `_worker_ended` starts another."""
        self._ends = 0
        if self.worker is not None:
            await self.worker.kill()
        else:
            await self.open()

    def interrupt(self) -> None:
        """Stop what the worker runs, as Ctrl-C does."""
        if self.worker is not None:
            self.worker.interrupt()

    async def close(self) -> None:
        """Save, and end the worker."""
        self._closing = True
        if self._saving is not None:
            self._saving.cancel()
        self.not_kept = await self._write_down(self.saved)
        await self.models.close()
        if self.worker is not None:
            await self.worker.kill()

    async def ask(self, question: Question) -> Reply:
        """Ask the worker.  Raises:  WorkerStopped, WorkerError"""
        if self.worker is None:
            raise WorkerStopped("The process that calculates is starting. Try again in a moment.")
        worker, loop = self.worker, asyncio.get_running_loop()
        silence = loop.call_later(SILENT_SECONDS, self._worker_is_silent)
        try:
            return await worker.ask(verb_of(type(question)), to_builtins(question))
        finally:
            silence.cancel()
            if self.worker is worker and self.worker_state == SILENT:
                self._worker_is("ready")

    def _worker_is_silent(self) -> None:
        """Compiled code that holds the interpreter keeps a worker even from saying it is busy."""
        if self.worker_state["state"] == "ready":
            self._worker_is(**SILENT)

    # ---- Changing ------------------------------------------------------------------------

    async def change(self, change: PlainChange) -> dict[str, Any]:
        """Do a change; it enters the journal when the worker has done it.

        Raises:  MessageError, WorkerError; then nothing has changed
        """
        change = checked_change(change)
        self.expect_trust()
        if len(self.saved.changes) >= MOST_CHANGES:
            raise MessageError(f"The journal holds {MOST_CHANGES:,} changes. Save the workbook, "
                               f"and begin a new one.")
        async with self._turn:
            reply = await self.ask(checked(asked.DoChange, {"change": change}))
            self._enter(change, reply.ok["done"])
            self._tell(reply.ok["summary"])
        return reply.ok["done"]

    async def go_to(self, cursor: int) -> None:
        """The state after so many of the changes.  Raises:  MessageError"""
        if not 0 <= cursor <= len(self.saved.changes):
            raise MessageError(f"'cursor' is {cursor}; the journal has {len(self.saved.changes)} "
                               f"changes.")
        self.expect_trust()
        async with self._turn:
            reply = await self.ask(asked.DoGoTo(cursor))
            self.saved = replace(self.saved, cursor=cursor)
            self._tell(reply.ok["summary"])

    async def generate(self, question: Generate) -> dict[str, Any]:
        """Write tokens; all of them together are one change."""
        count = question.count
        async with self._turn:
            self._written, self._stop, ended = [], False, ""
            await self.ask(asked.WriteBegin(
                question.temperature, question.top_k, question.top_p, question.repetition_penalty,
                question.no_repeat_ngram, question.seed))
            try:
                while len(self._written) < count and not (ended or self._stop):
                    ended = await self._write_token(count)
            finally:
                ids = await self._end_of_text()
                self._written = []  # it is a change now: a later end of the worker keeps no more
        return {"ids": ids, "ended": ended or ("stopped" if self._stop else "count")}

    async def _write_token(self, count: int) -> str:
        """One more token in every tab; why the text ends with it, if it does."""
        try:
            written = (await self.ask(asked.WriteToken())).ok
        except WorkerError as error:
            if error.kind == "Interrupted":
                return "stopped"
            raise
        if written["id"] is not None:
            self._written.append(written["id"])
        self._tell(written.pop("summary"), save_it=False)
        self.push({"push": "token", **written, "done": len(self._written), "of": count})
        return written["ended"]

    async def _end_of_text(self) -> list[int]:
        """What was written becomes one change; if the worker has ended, its end sees to it."""
        if self.worker is None:
            return []
        reply = await self.ask(asked.WriteEnd())
        if reply.ok["ids"]:
            self._enter({"kind": "append", "ids": reply.ok["ids"]}, {})
        self._tell(reply.ok["summary"])
        return reply.ok["ids"]

    def stop(self) -> None:
        """End the text that is being written after the token at hand."""
        self._stop = True

    async def open_other(self, saved: Document) -> None:
        """Open another document in this one's place.

        Raises:  WorkerError when it cannot be opened, DocumentInUse when another server has it,
                 DiskError when this one cannot be kept; then this one stays open
        """
        async with self._turn:
            before = self.saved
            await self._expect_kept(before)  # what was changed a moment ago is not written yet
            self.saved = saved
            try:
                reply = await self.ask(self._journal())
                if self._lock is not None:
                    self._lock.take_where_writable(saved.identity)
            except CutawayError:
                self.saved = before
                await self._reopen()
                raise
            self.summary = {**reply.ok["summary"], "model": reply.ok["model"]}
            self.costs = [*reply.ok["done"], *[{}] * len(saved.changes)]
            self._changed()

    async def _expect_kept(self, document: Document) -> None:
        """Write a document down before another one takes its place.

        Raises:  DiskError when that fails, unless it was said from the start that nothing is kept
        """
        reason = await self._write_down(document)
        was_writable = self._lock is None or self._lock.is_held
        if reason and was_writable and not document.is_untouched:
            raise DiskError(f"The workbook that is open could not be written down, so it stays "
                            f"open: {reason} Or save it as a file first.")

    async def _reopen(self) -> None:
        """Let the worker stand where it stood before a document that could not be opened."""
        reply = await self.ask(self._journal())
        self._tell(reply.ok["summary"])

    def saved_workbook(self) -> Workbook:
        """What of the document is worth a file."""
        return workbook_of(self.saved)

    async def open_workbook(self, workbook: Workbook) -> None:
        """Open what a file holds, in this document's place; nothing of it runs before `trust`.

        Raises:  WorkerError when its model or prompt cannot be opened
        """
        await self.open_other(document_of_file(workbook))

    async def trust(self) -> None:
        """Its owner of today has read the document: its changes are done, and its code may run."""
        await self.open_other(replace(self.saved, trusted=True))

    def set_cells(self, cells: list[dict[str, str]]) -> None:
        """Other sources of the scratch sheet."""
        self.saved = replace(self.saved, cells=cells)
        self._changed(numbers=False)

    def set_name(self, name: str) -> None:
        """What its owner calls the document."""
        self.saved = replace(self.saved, name=name)
        self._changed(numbers=False)

    def _enter(self, change: PlainChange, cost: dict[str, Any]) -> None:
        document = self.saved
        changes = [*document.changes[:document.cursor], change]
        self.costs = [*self.costs[:document.cursor], cost]
        self.saved = replace(document, changes=changes, cursor=len(changes))

    def expect_trust(self) -> None:
        """Raises:  MessageError when nothing of this document may run yet"""
        if not self.saved.trusted:
            raise MessageError("This workbook came from a file, and nothing of it runs before you "
                               "say so. Read it, then press “Run this workbook”.")

    # ---- Telling -------------------------------------------------------------------------

    def state(self) -> Push:
        """All that a page needs beside tables."""
        document, summary = self.saved, self.summary
        costs = [*self.costs, *[{}] * len(document.changes)]
        changes = [{"kind": change["kind"], "words": words_of(change), **cost}
                   for change, cost in zip(document.changes, costs, strict=False)]
        return {"push": "state", "book": document.identity, "name": document.name,
                "version": self.version, "prompt": document.prompt_in_force, "changes": changes,
                "cursor": document.cursor, "cells": document.cells, "worker": self.worker_state,
                "trusted": document.trusted, **summary}

    def push(self, message: Push) -> None:
        """Send a message to every tab."""
        for tab in self.tabs:
            tab(message)

    def _hear(self, message: Push) -> None:
        """What the worker says of its own accord."""
        if message["push"] == "worker":
            self._worker_is(message["state"], message.get("doing", ""))
            return
        self.push(message)

    def _worker_is(self, state: str, doing: str = "") -> None:
        self.worker_state = {"state": state, "doing": doing}
        self.push({"push": "worker", **self.worker_state})

    def _tell(self, summary: dict[str, Any], *, save_it: bool = True) -> None:
        self.summary |= summary
        self._changed(save_it=save_it)

    def _changed(self, *, numbers: bool = True, save_it: bool = True) -> None:
        """Push the state, and have it written down."""
        self.version += numbers
        if self.summary:
            self.push(self.state())
        if save_it and (self._saving is None or self._saving.done()):
            self._saving = self._soon(self._save())

    async def _save(self) -> None:
        """Write down what is true a moment from now: many changes in a row are one write.

        What could not be written is told, and tried again until it is.
        """
        wait = SAVE_AFTER_SECONDS
        while True:
            await asyncio.sleep(wait)
            written, told = self.saved, self.not_kept
            self.not_kept = await self._write_down(written)
            if self.not_kept and self.not_kept != told:
                self.push({"push": "note", "kind": "error", "text": f"Not saved: {self.not_kept}"})
            elif not self.not_kept:
                self.push({"push": "saved"})
                if self.saved is written:
                    return
            wait = SAVE_AGAIN_SECONDS if self.not_kept else SAVE_AFTER_SECONDS

    async def _write_down(self, document: Document) -> str:
        """Write a document down.  returns why it could not be written; "" when it was"""
        try:
            if self._lock is not None and not self._lock.is_held:  # its folder took nothing before
                self._lock.take(document.identity)
            async with self._writing:
                await asyncio.to_thread(save, document)
        except Exception as error:  # whatever it is, nobody may believe that it is kept
            return str(error) if isinstance(error, CutawayError) else f"{error!r}"
        return ""

    def _soon(self, work: Awaitable[None]) -> asyncio.Task:
        """A task that is kept until it has ended."""
        task = asyncio.ensure_future(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        return task


def error_answer(error: CutawayError) -> dict[str, Any]:
    """An error as the page gets it."""
    if isinstance(error, WorkerError):
        return {"kind": error.kind, "message": message(str(error)), "line": error.line}
    return {"kind": type(error).__name__, "message": message(str(error))}
