"""What is asked of the worker, by a page or by the server alone: every verb with its fields.

Longer than 400 lines: it is one list, whose types are built on each other.
"""

from typing import Annotated, Literal

from msgspec import Meta, Struct, field

from cutaway.studio.messages import cell_answers as of_cells
from cutaway.studio.messages import follow_answers as of_following
from cutaway.studio.messages import machine_answers as of_machine
from cutaway.studio.messages import picture_answers as of_pictures
from cutaway.studio.messages import worker_answers as answers
from cutaway.studio.messages import writing_answers as of_writing
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
from cutaway.studio.messages.question import Question

Side = Literal["row", "column"]
Of = Literal["now", "before"]
CellKind = Literal["formula", "code"]
ShortText = Annotated[str, Meta(max_length=1_000)]


# ---- Tables ------------------------------------------------------------------------------------


class CellSource(Struct, kw_only=True):
    """A cell of the scratch sheet."""

    cell: Key
    kind: CellKind
    name: CellName = ""
    source: Code = ""


class Sampling(Question):
    """How the next token is chosen."""

    temperature: Number = 1.0
    top_k: Annotated[int, Meta(ge=1, le=2**31 - 1)] | None = None
    top_p: Number | None = None
    repetition_penalty: Number | None = None
    no_repeat_ngram: Annotated[int, Meta(ge=1, le=2**31 - 1)] | None = None


class Shown(Question):
    """A page of a table, now or before the edits."""

    table: Name
    select: Select = field(default_factory=dict)
    of: Of = "now"


class Tile(Shown, kw_only=True):
    """64 x 64 numbers, float32, row after row; smaller at the edges."""

    answer = answers.Tile
    row: Index
    column: Index
    rows: Annotated[list[Index], Meta(min_length=1, max_length=64)] | None = None


class Order(Shown, kw_only=True):
    """The rows of a page as they are seen when they are sorted by a column."""

    answer = answers.Order
    column: Index
    descending: bool


class Labels(Shown, kw_only=True):
    """The texts of rows or columns: the tokens with their ids, or else their numbers."""

    answer = answers.Labels
    axis: Side
    first: Index
    count: Annotated[int, Meta(ge=1, le=1000)]
    rows: Annotated[list[Index], Meta(min_length=1, max_length=1000)] | None = None


class Find(Shown, kw_only=True):
    """Rows or columns by number, by id, or by a token's text."""

    answer = answers.Found
    axis: Side
    query: Name


class TableView(Shown):
    """All that the page tells of a table beside its numbers."""

    answer = answers.TableView


class Histogram(Shown):
    """How often which size of number is in a page."""

    answer = answers.Histogram


class CellQuestion(Shown, kw_only=True):
    """One number of a table."""

    row: Index
    column: Index


class RangeSum(CellQuestion, kw_only=True):
    """Sum, mean and count of a range of cells; both ends belong to it."""

    answer = of_cells.RangeSum
    row_end: Index
    column_end: Index


class Calculate(Question):
    """The number that is meant by what was typed: arithmetic, percent, a sum over tables."""

    answer = of_cells.Calculated
    text: ShortText


class Cell(CellQuestion):
    """A number and its whole story."""

    answer = answers.CellStory


class Products(CellQuestion):
    """Every product of the row and the column behind a number."""

    answer = answers.EveryProduct


class Picture(CellQuestion):
    """The operations that made a number, each with its inputs and its result, as they are drawn."""

    answer = of_pictures.Picture


class Back(CellQuestion):
    """The cells from a number back to a weight, along the largest contributions."""

    answer = of_following.WayBack


class Readers(CellQuestion):
    """The cells that read a number, and how much each moves when it becomes 0."""

    answer = of_following.CellReaders


class Glance(Question):
    """The blocks at a glance."""

    answer = answers.Glance


class Overview(Question):
    """The whole machine for the newest positions, as it is drawn."""

    answer = of_machine.Overview
    positions: Annotated[int, Meta(ge=1, le=64)] = 12


class Hint(Question):
    """One cell of an attention table whose change flips the prediction; empty when none is."""

    answer = answers.Hint


class Stages(Sampling):
    """How the next token would be chosen, stage by stage, and where a draw falls."""

    answer = of_writing.Choice
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
    """The document's run against another one; rows beside each other as it suits, or as asked."""

    answer = of_writing.Comparison
    rows: Literal["start", "end", "word"] | None = None
    other: Other = field(name="with", default_factory=Other)


class StepInto(Question):
    """Calculate a step once more, line by line in the debugger."""

    table: Name


class WithCells(Question):
    """What runs code. The server adds the sources of all cells."""

    cells: Annotated[list[CellSource], Meta(max_length=1000)] = field(default_factory=list)


class CellRun(WithCells, kw_only=True):
    """Run one cell, and the formulas that read it."""

    answer = of_cells.RanCell
    cell: Key


class CellRunTo(WithCells, kw_only=True):
    """Run the cells from the first down to this one."""

    answer = of_cells.RanCell
    cell: Key


class CellRunAll(WithCells):
    """Run all cells, the first first."""


class CellEval(WithCells, kw_only=True):
    """A line on the console."""

    answer = of_cells.Evaluated
    source: Code


class CellResults(Question):
    """What has come of the cells so far."""

    answer = of_cells.CellResults


class CellNames(Question):
    """All that a cell can name."""

    answer = of_cells.CellNames


class Debug(Question):
    """A command for the debugger, or what is to be watched."""

    command: Literal["step", "next", "return", "continue", "stop", "watch", "pause"]
    watch: Annotated[list[Text], Meta(max_length=50)] | None = None


# ---- Asked by the server alone ---------------------------------------------------------------


class Open(Question):
    """Open a model on a prompt and do the changes again."""

    answer = answers.Opened
    model: Path
    prompt: Text
    changes: Annotated[list[AnyChange], Meta(max_length=10_000)] = field(default_factory=list)
    cursor: Index | None = None


class DoChange(Question):
    """Do one change."""

    answer = answers.Changed
    change: AnyChange


class DoGoTo(Question):
    """The state after so many changes: undo, redo and reset."""

    answer = answers.Moved
    cursor: Index


class WriteBegin(Sampling):
    """Begin a text with its settings; each token is a job of its own. Asked by the server alone."""

    seed: Index | None = None


class WriteToken(Question):
    """Choose one token and append it."""

    answer = of_writing.WrittenToken


class WriteEnd(Question):
    """Take what was written as one change."""

    answer = of_writing.WrittenText


class Snapshot(Question):
    """Every calculated table, the edited weights and the cells' results, up to a size."""

    answer = of_cells.Snapshot
    table: Name = ""
    moved: Annotated[list[Name], Meta(max_length=10_000)] = field(default_factory=list)
    bytes: Annotated[int, Meta(ge=0, le=45 * 2**20)] = 18 * 2**20  # with all else below 20 MB


class CsvRows(Question):
    """A piece of a table's CSV, and the row that the next begins with."""

    answer = answers.CsvRows
    table: Name
    first: Index = 0


class WriteSpreadsheet(Question):
    """Write the document as a spreadsheet with live formulas to a path of the server's."""

    path: Path


class SqlScript(Question):
    """The document as a file of SQL."""

    answer = answers.SqlScript


class TableShape(Question):
    """The axes of a table and how long each is."""

    answer = answers.TableShape
    table: Name


RELAYED: tuple[type[Question], ...] = (
    Tile, Order, Labels, Find, TableView, Histogram, RangeSum, Calculate, Cell, Products, Picture,
    Back, Readers, Glance, Overview, Hint, Stages, OperationSource, Compare, StepInto, CellRun,
    CellRunTo, CellRunAll, CellEval, CellResults, CellNames)
INNER: tuple[type[Question], ...] = (
    Open, DoChange, DoGoTo, WriteBegin, WriteToken, WriteEnd, Snapshot, CsvRows, TableShape,
    WriteSpreadsheet, SqlScript)
