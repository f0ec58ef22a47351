"""Every verb that can be asked, with its fields and its answer. Whoever answers reads it typed.

`{"id": 7, "do": "tile", "table": "wte", "row": 0, "column": 0}` asks for a Tile. A page may ask
whatever is in `PAGE`: the server answers some itself, and passes the others on to the worker.
`INNER` is what the server alone asks of the worker. static/messages.d.ts says the same in
TypeScript; `python tools/message_types.py` writes it.
"""

import re
from typing import Annotated, Any, ClassVar, Literal

from msgspec import Meta, Struct, field

from cutaway.studio.messages import answers
from cutaway.studio.messages.changes import Change as AnyChange
from cutaway.studio.messages.fields import (
    CellName,
    Code,
    Index,
    Key,
    Name,
    Number,
    Path,
    Select,
    Text,
)

Side = Literal["row", "column"]
Of = Literal["now", "before"]
CellKind = Literal["formula", "code"]
ShortText = Annotated[str, Meta(max_length=1_000)]  # whose merges are shown


class Question(Struct, omit_defaults=True):
    """What is asked; a subclass is a verb, under its own name: CellRun is `cell_run`."""

    answer: ClassVar[Any] = answers.Nothing


class CellSource(Struct, kw_only=True):
    """A cell of the scratch sheet."""

    cell: Key
    kind: CellKind
    name: CellName = ""
    source: Code = ""


# ---- Answered by the server ------------------------------------------------------------------


class Hello(Question):
    """The state, for a tab that has just come."""

    answer = answers.State


class Change(Question):
    """Do a change."""

    answer = answers.Cost
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


class Sampling(Question):
    """How the next token is chosen."""

    temperature: Number = 1.0
    top_k: Annotated[int, Meta(ge=1, le=2**31 - 1)] | None = None
    top_p: Number | None = None


class WriteBegin(Sampling):
    """Begin a text with its settings; each token is a job of its own. Asked by the server alone."""

    seed: Index | None = None


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


class Debug(Question):
    """A command for the debugger, or what is to be watched."""

    command: Literal["step", "next", "return", "continue", "stop", "watch", "pause"]
    watch: Annotated[list[Text], Meta(max_length=50)] | None = None


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
    files: Annotated[list[AnnouncedFile], Meta(max_length=5_000)] = []
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


# ---- Passed on to the worker -----------------------------------------------------------------


class Shown(Question):
    """A page of a table, now or before the edits."""

    table: Name
    select: Select = {}
    of: Of = "now"


class Tile(Shown, kw_only=True):
    """64 x 64 numbers, float32, row after row; smaller at the edges."""

    answer = answers.Tile
    row: Index
    column: Index


class Labels(Shown, kw_only=True):
    """The texts of rows or columns: the tokens with their ids, or else their numbers."""

    answer = answers.Labels
    axis: Side
    first: Index
    count: Annotated[int, Meta(ge=1, le=1000)]


class Find(Shown, kw_only=True):
    """Rows or columns by number, by id, or by a token's text."""

    answer = answers.Found
    axis: Side
    query: Name


class Sheet(Shown):
    """All that the page tells of a table beside its numbers."""

    answer = answers.TableView


class Histogram(Shown):
    """How often which size of number is in a page."""

    answer = answers.Histogram


class CellQuestion(Shown, kw_only=True):
    """One number of a table."""

    row: Index
    column: Index


class Cell(CellQuestion):
    """A number and its whole story."""

    answer = answers.CellStory


class Products(CellQuestion):
    """Every product of the row and the column behind a number."""

    answer = answers.EveryProduct


class Glance(Question):
    """The blocks at a glance."""

    answer = answers.Glance


class Hint(Question):
    """One cell of an attention table whose change flips the prediction; empty when none is."""

    answer = answers.Hint


class Stages(Sampling):
    """How the next token would be chosen, stage by stage, and where a draw falls."""

    answer = answers.Choice
    draw: Number | None = None


class OperationSource(Question):
    """The code of an operation as it is in force."""

    answer = answers.OperationSource
    name: Name


class Other(Struct, kw_only=True):
    """What the open document is compared with: one of these."""

    before: bool = False
    prompt: Text | None = None
    model: Path | None = None


class Compare(Question):
    """The document's run against another one."""

    answer = answers.Comparison
    other: Other = field(name="with", default_factory=Other)


class StepInto(Question):
    """Calculate a step once more, line by line in the debugger."""

    table: Name


class WithCells(Question):
    """What runs code. The server adds the sources of all cells."""

    cells: Annotated[list[CellSource], Meta(max_length=1000)] = []


class CellRun(WithCells, kw_only=True):
    """Run one cell, and the formulas that read it."""

    answer = answers.RanCell
    cell: Key


class CellRunTo(WithCells, kw_only=True):
    """Run the cells from the first down to this one."""

    answer = answers.RanCell
    cell: Key


class CellRunAll(WithCells):
    """Run all cells, the first first."""


class CellEval(WithCells, kw_only=True):
    """A line on the console."""

    answer = answers.Evaluated
    source: Code


class CellResults(Question):
    """What has come of the cells so far."""

    answer = answers.CellResults


class CellNames(Question):
    """All that a cell can name."""

    answer = answers.CellNames


class TokensPrompt(Question):
    """The tokens of the run, each with its bytes, its piece and the text beside it."""

    answer = answers.PromptTokens


class TokensText(Question):
    """Ids back to text."""

    answer = answers.TokensText
    ids: Annotated[list[Index], Meta(max_length=4_096)] = []


class TokensSteps(Question):
    """The pieces of a text, and for each every merge with all the pairs that it beat."""

    answer = answers.MergeSteps
    text: ShortText


class TokensSpellings(Question):
    """The tokens of several texts; or of one word, in three cases, with space and quote."""

    answer = answers.Spellings
    text: ShortText = ""
    texts: Annotated[list[ShortText], Meta(max_length=24)] | None = None


class Rows(Question):
    """Rows of a long table that match a query."""

    query: Name = ""
    first: Index = 0
    count: Annotated[int, Meta(ge=1, le=500)] = 100


class Vocabulary(Rows):
    """Rows of the vocabulary."""

    answer = answers.VocabularyRows


class Merges(Rows):
    """Rows of the table of merges."""

    answer = answers.MergeRows


class VocabularyToken(Question):
    """One token: how the files write it, the merges that make it and those it takes part in."""

    answer = answers.VocabularyToken
    token: Index


class Learn(Question):
    """Learn merges from a text; each pass is pushed.

    boundary  "front": GPT-2's pieces of bytes, the space in front; "end": words of letters with a
              mark at the end, as in the paper
    first     passes before this one are not pushed: the page has them already
    lesson    a word of the page's own that every push bears
    """

    answer = answers.Learned
    text: Annotated[str, Meta(max_length=200_000)]
    merges: Annotated[int, Meta(ge=1, le=1_000)] = 10
    boundary: Literal["front", "end"] = "front"
    ties: Literal["first-seen", "lowest-ids"] = "first-seen"
    first: Annotated[int, Meta(ge=0, le=1_000)] = 0
    lesson: Key = ""


# ---- Asked by the server alone ---------------------------------------------------------------


class Open(Question):
    """Open a model on a prompt and do the changes again."""

    answer = answers.Opened
    model: Path
    prompt: Text
    changes: Annotated[list[AnyChange], Meta(max_length=10_000)] = []
    cursor: Index | None = None


class DoChange(Question):
    """Do one change."""

    answer = answers.Changed
    change: AnyChange


class DoGoTo(Question):
    """The state after so many changes: undo, redo and reset."""

    answer = answers.Moved
    cursor: Index


class WriteToken(Question):
    """Choose one token and append it."""

    answer = answers.WrittenToken


class WriteEnd(Question):
    """Take what was written as one change."""

    answer = answers.WrittenText


class Snapshot(Question):
    """Every calculated table, the edited weights and the cells' results, up to a size."""

    answer = answers.Snapshot
    table: Name = "next_probabilities"
    moved: Annotated[list[Name], Meta(max_length=10_000)] = []
    bytes: Annotated[int, Meta(ge=0, le=45 * 2**20)] = 18 * 2**20  # with all else below 20 MB


class CsvRows(Question):
    """A piece of a table's CSV, and the row that the next begins with."""

    answer = answers.CsvRows
    table: Name
    first: Index = 0


class TableShape(Question):
    """The axes of a table and how long each is."""

    answer = answers.TableShape
    table: Name


# ---- The registry ----------------------------------------------------------------------------


def verb_of(question: type[Question]) -> str:
    """The name under which a verb is asked."""
    return re.sub(r"(?<!^)(?=[A-Z])", "_", question.__name__).lower()


def _verbs(*questions: type[Question]) -> dict[str, type[Question]]:
    return {verb_of(question): question for question in questions}


SERVER = _verbs(
    Hello, Change, Undo, Redo, Reset, GoTo, Generate, Stop, Interrupt, Kill, Trust, OpenModel,
    New, CellAdd, CellSet, CellDelete, CellMove, Debug, Models, ModelTensors, ModelRemove,
    ModelFetch, ModelFetchStop, UploadBegin, UploadCheck, UploadFinish, UploadLeaveOut, UploadDrop)
RELAYED = _verbs(
    Tile, Labels, Find, Sheet, Histogram, Cell, Products, Glance, Hint, Stages, OperationSource,
    Compare, StepInto, CellRun, CellRunTo, CellRunAll, CellEval, CellResults, CellNames,
    TokensPrompt, TokensText, TokensSteps, TokensSpellings, Vocabulary, VocabularyToken, Merges,
    Learn)
INNER = _verbs(Open, DoChange, DoGoTo, WriteBegin, WriteToken, WriteEnd, Snapshot, CsvRows,
               TableShape)
PAGE = SERVER | RELAYED
