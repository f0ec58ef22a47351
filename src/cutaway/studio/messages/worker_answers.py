"""What the worker answers.

Numbers that JSON has no word for are texts where they are shown ("inf", "nan"), and null else.
"""

from typing import Literal, NotRequired, TypedDict

from cutaway.studio.messages.follow_answers import CellPlace, MadeFrom


class Nothing(TypedDict):
    """Done; there is no answer."""


# ---- The document ----------------------------------------------------------------------------


class Token(TypedDict):
    id: int
    text: str


class TextToken(Token):
    """A token of the run: the text that it completes, and what is held back after it.

    held   the bytes of a character that is not whole yet, in hexadecimal: "F0 9F"; mostly empty
    mark   whether it is a special token, and no letters
    """

    adds: str
    held: str
    mark: bool


class Likely(TypedDict):
    """A likely next token; `was` is its probability without the edits."""

    id: int
    text: str
    probability: float
    logit: float | None
    was: float | None


class TypedPrompt(TypedDict):
    """How the prompt was read.

    special  whether marks in it are the model's own tokens
    marks    those that are in it; `unread` are those that were read as letters
    hints    what its writer should know
    """

    special: bool
    marks: list[str]
    unread: list[str]
    hints: list[str]


class Summary(TypedDict):
    """The document in short, after a change."""

    typed: TypedPrompt
    tokens: list[TextToken]
    n_prompt: int
    prediction: list[Likely]
    prediction_before: list[Likely] | None
    moved: list[str]
    moved_by: dict[str, float]
    edited: list[str]
    rewritten: dict[str, str]
    operations: list[str]
    n_recalculated: int
    n_multiplications: int | None


class StepName(TypedDict):
    """A step; where it is the first of a part of a block, the part's heading."""

    name: str
    number: str
    heading: str


class Meaning(TypedDict):
    words: str
    formula: str


class SheetOfModel(TypedDict):
    key: str
    sheet: str
    block: int | None
    steps: list[StepName]
    weights: list[str]


class ModelCard(TypedDict):
    """The open model's name and shape, what its tables are for, and all of them.

    meanings  what each table is, by its name without the block
    marks     the special tokens that a prompt may hold
    """

    name: str
    n_layer: int
    n_head: int
    n_embd: int
    n_positions: int
    n_vocabulary: int
    parameters: int
    roles: dict[str, str]
    map: list[SheetOfModel]
    marks: list[str]
    meanings: dict[str, Meaning]


class Cost(TypedDict):
    """What a change cost: how long it took, and how many tables were calculated from which row."""

    seconds: float
    recalculated: int
    first_row: int
    note: NotRequired[str]


class Failed(TypedDict):
    words: str
    message: str


class Moved(TypedDict):
    summary: Summary


class Changed(Moved):
    done: Cost


class Opened(Moved):
    model: ModelCard
    done: list[Cost]
    failed: Failed | None


# ---- Tables ----------------------------------------------------------------------------------


class Tile(TypedDict):
    """A page gets the numbers after a header of 16 bytes, as one binary message."""

    rows: int
    columns: int


class Order(TypedDict):
    order: list[int]


class Labels(TypedDict):
    labels: list[str]
    ids: list[int] | None


class FoundRow(TypedDict):
    index: int
    id: int | None
    text: str


class Found(TypedDict):
    found: list[FoundRow]


class PageOfTable(TypedDict):
    axis: str
    count: int
    chosen: int


class Check(TypedDict):
    words: str
    ok: bool
    found: str


class TableView(TypedDict):
    """All that the page tells of a table beside its numbers."""

    name: str
    kind: Literal["step", "weight", "input", "scratch"]
    explanation: str
    shape_words: str
    axes: list[str]
    size: list[int]
    rows: int
    columns: int
    row_axis: str
    column_axis: str
    row_words: str
    column_words: str
    pages: list[PageOfTable]
    lowest: float
    largest: float
    share: bool
    editable: bool
    drawings: list[str]
    precedents: list[str]
    dependents: list[str]
    checks: list[Check]
    edited: bool
    edits: list[str]
    origin: NotRequired[str]
    number: NotRequired[str]
    sheet: NotRequired[str]
    block: NotRequired[int | None]
    step: NotRequired[str]
    formula: NotRequired[str]
    formula_before: NotRequired[str]
    operations: NotRequired[list[str]]
    constants: NotRequired[list[str]]
    seconds: NotRequired[float | None]


class Histogram(TypedDict):
    counts: list[int]
    edges: list[float]
    total: int
    not_finite: int
    zeros: int
    mean: float
    deviation: float


class Place(TypedDict):
    axis: str
    index: int
    count_from_1: int
    text: str


class Part(TypedDict):
    words: str
    value: float
    cell: CellPlace | None


class Result(TypedDict):
    words: str
    value: float | None


class Product(TypedDict):
    index: int
    left: float
    right: float
    product: float
    cells: list[CellPlace | None]


class Products(TypedDict):
    """A row times a column: the largest products, and what the others come to."""

    left: str
    right: str
    count: int
    total: float
    rows: list[Product]
    rest: float


class Share(TypedDict):
    index: int
    score: float | None
    share: float
    text: str
    cell: CellPlace | None


class SharesLeft(TypedDict):
    """The numbers of a row that are in no list: how many, and their shares together."""

    count: int
    share: float


class Terms(TypedDict):
    """How a number was made, outermost operation first."""

    formula: str
    parts: list[Part]
    products: Products | None
    note: str
    shares: NotRequired[list[Share]]
    shares_left: NotRequired[SharesLeft]
    result: NotRequired[Result]


class CellStory(TypedDict):
    table: str
    value: float | None
    words: str
    exact: str
    address: str
    labels: list[Place]
    before: float | None
    origin: str
    terms: Terms | None
    edited: bool
    edits: NotRequired[list[str]]
    place: NotRequired[CellPlace]
    made_from: NotRequired[list[MadeFrom]]


class EveryProduct(TypedDict, total=False):
    """Empty where no tables were multiplied."""

    left: str
    right: str
    row: list[float]
    column: list[float]
    products: list[float]
    sums: list[float]


class BlockGlance(TypedDict):
    id: int
    text: str
    probability: float
    changes: list[float]


class Glance(TypedDict):
    blocks: list[BlockGlance]


class Hint(TypedDict, total=False):
    table: str
    select: dict[str, int]
    row: int
    column: int
    value: int
    before: str
    after: str


class OperationSource(TypedDict):
    name: str
    source: str


class TableShape(TypedDict):
    axes: list[str]
    shape: list[int]


class CsvRows(TableShape):
    text: str
    next: int | None


class SqlScript(TypedDict):
    text: str


class LeftOut(TypedDict):
    name: str
    bytes: int


class WeightsLeftOut(TypedDict):
    count: int
    parameters: int
