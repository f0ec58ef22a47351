"""What a page asks of the server: every verb that the server answers itself, with its fields."""

from typing import Annotated

from msgspec import Meta, Struct, field

from cutaway.studio.messages import server_answers as answers
from cutaway.studio.messages.changes import Change as AnyChange
from cutaway.studio.messages.fields import (
    CellName,
    Code,
    Index,
    Key,
    Name,
    Path,
    Text,
)
from cutaway.studio.messages.question import Question
from cutaway.studio.messages.worker_answers import Cost
from cutaway.studio.messages.worker_questions import CellKind, WriteBegin


class Hello(Question):
    """The state, for a tab that has just come."""

    answer = answers.State


class Glossary(Question):
    """Every word of the glossary, with what it means."""

    answer = answers.Glossary


class Change(Question):
    """Do a change."""

    answer = Cost
    change: AnyChange


class Undo(Question):
    """Take back the last change."""


class Redo(Question):
    """Do the change again that was taken back."""


class Reset(Question):
    """Back before all changes; redo brings them again."""


class GoTo(Question):
    """The state after so many changes."""

    cursor: Index


class Generate(WriteBegin, kw_only=True):
    """Write tokens; all of them together are one change."""

    answer = answers.Written
    count: Annotated[int, Meta(ge=1, le=4096)]


class Stop(Question):
    """End the text that is being written after the token at hand."""


class Interrupt(Question):
    """Stop what the worker runs, as Ctrl-C does."""


class Kill(Question):
    """End the worker, whatever it does; another one starts."""


class Trust(Question):
    """The document's owner has read it: its changes are done, and its code may run."""


class OpenModel(Question):
    """A new document on the same prompt with another model."""

    name: Path


class New(Question):
    """A new document; the one that is open stays on the disk."""

    prompt: Text | None = None


class Books(Question):
    """The workbooks of this computer, the one that was used last first."""

    answer = answers.Books


class BookOpen(Question):
    """Open a workbook of the list in this one's place."""

    book: Key


class BookName(Question):
    """Call a workbook of the list something; without a name it goes by its prompt."""

    book: Key
    name: Text


class BookDelete(Question):
    """Delete a workbook of the list for good."""

    book: Key


class CellAdd(Question):
    """A new cell below another one, or at the end."""

    answer = answers.CellId
    after: Key = ""
    kind: CellKind = "formula"
    name: CellName = ""
    source: Code = ""


class CellSet(Question):
    """Another source, name or kind for a cell."""

    cell: Key
    kind: CellKind | None = None
    name: CellName | None = None
    source: Code | None = None


class CellDelete(Question):
    """Delete a cell; the answer is all of it, so that the page can offer to put it back."""

    answer = answers.DeletedCell
    cell: Key


class CellMove(Question):
    """Move a cell to a place, counted from 0."""

    cell: Key
    to: Index


class Models(Question):
    """The bundled models and the store's, where the store is, and the download that runs."""

    answer = answers.Models


class ModelTensors(Question):
    """Every tensor of one model."""

    answer = answers.ModelTensors
    name: Name


class ModelRemove(Question):
    """Delete a model of the store."""

    name: Name


class ModelFetch(Question):
    """Begin a download from the hub; `fetch` is pushed until its state is not "running"."""

    answer = answers.Fetched
    name: Name


class ModelFetchStop(Question):
    """Stop the download; what has come is kept."""


class AnnouncedFile(Struct, kw_only=True):
    """A file that is to be uploaded."""

    name: Text
    bytes: Annotated[int, Meta(ge=0, le=40_000_000_000)]


class UploadBegin(Question):
    """Announce files. Their bytes go to /upload/<upload>/<index>, each that is "awaited"."""

    answer = answers.Upload
    files: Annotated[list[AnnouncedFile], Meta(max_length=5_000)] = field(default_factory=list)
    upload: Name | None = None


class OneUpload(Question):
    """An upload that was begun."""

    upload: Name


class UploadCheck(OneUpload):
    """What has come so far: which tensors are there, which are missing, what is wrong."""

    answer = answers.CheckedUpload
    n_head: Annotated[int, Meta(ge=1, le=10_000)] | None = None
    tokenizer: Name | None = None


class UploadFinish(UploadCheck, kw_only=True):
    """Make the files a model of the store, and let them go."""

    answer = answers.KeptModel
    name: Name
    replace: bool = False


class UploadLeaveOut(OneUpload):
    """Take one file away again."""

    answer = answers.Upload
    index: Index


class UploadDrop(OneUpload):
    """Let all files of an upload go."""


VERBS: tuple[type[Question], ...] = (
    Hello, Glossary, Change, Undo, Redo, Reset, GoTo, Generate, Stop, Interrupt, Kill, Trust,
    OpenModel, New, Books, BookOpen, BookName, BookDelete, CellAdd, CellSet, CellDelete, CellMove,
    Models, ModelTensors, ModelRemove, ModelFetch, ModelFetchStop, UploadBegin, UploadCheck,
    UploadFinish, UploadLeaveOut, UploadDrop)
