"""What each verb answers, and what is pushed to a page unasked.

Numbers that JSON has no word for are texts where they are shown ("inf", "nan"), and null else.
"""

from typing import Any, Literal, NotRequired, TypedDict

Shown = str | list[str | int]  # a token's text, or its parts: a number for each lone byte


class Nothing(TypedDict):
    """Done, and nothing to be told."""


# ---- The document ----------------------------------------------------------------------------


class Token(TypedDict):
    id: int
    text: str


class Likely(TypedDict):
    """A likely next token; `was` is its probability without the edits."""

    id: int
    text: str
    probability: float
    logit: float
    was: float | None


class Summary(TypedDict):
    """The document in short, after a change."""

    tokens: list[Token]
    n_prompt: int
    prediction: list[Likely]
    prediction_before: list[Likely] | None
    moved: list[str]
    edited: list[str]
    rewritten: dict[str, str]
    operations: list[str]
    n_recalculated: int
    n_multiplications: int | None


class StepName(TypedDict):
    name: str
    number: str


class SheetOfModel(TypedDict):
    key: str
    sheet: str
    block: int | None
    steps: list[StepName]
    weights: list[str]


class ModelCard(TypedDict):
    """The open model's name and shape, and all its tables."""

    name: str
    n_layer: int
    n_head: int
    n_embd: int
    n_positions: int
    n_vocabulary: int
    parameters: int
    map: list[SheetOfModel]


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


class Written(TypedDict):
    ids: list[int]
    ended: Literal["count", "stopped", "positions", "end of text"]


class ChangeLine(TypedDict):
    """A line of the journal: what was changed, in words, and what it cost where that is known."""

    kind: str
    words: str
    seconds: NotRequired[float]
    recalculated: NotRequired[int]
    first_row: NotRequired[int]
    note: NotRequired[str]


class StoredCell(TypedDict):
    cell: str
    kind: str
    name: str
    source: str


class DeletedCell(StoredCell):
    place: int


class CellId(TypedDict):
    cell: str


class WorkerState(TypedDict):
    state: str
    doing: str


class State(TypedDict, total=False):
    """All that a page needs beside tables; nothing before the worker has told of the document."""

    push: Literal["state"]
    book: str
    version: int
    prompt: str
    changes: list[ChangeLine]
    cursor: int
    cells: list[StoredCell]
    worker: WorkerState
    trusted: bool
    model: ModelCard
    tokens: list[Token]
    n_prompt: int
    prediction: list[Likely]
    prediction_before: list[Likely] | None
    moved: list[str]
    edited: list[str]
    rewritten: dict[str, str]
    operations: list[str]
    n_recalculated: int
    n_multiplications: int | None


# ---- Tables ----------------------------------------------------------------------------------


class Tile(TypedDict):
    """A page gets the numbers after a header of 16 bytes, as one binary message."""

    rows: int
    columns: int


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


class Product(TypedDict):
    index: int
    left: float
    right: float
    product: float


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


class Terms(TypedDict):
    """How a number was made, outermost operation first."""

    formula: str
    parts: list[Part]
    products: Products | None
    note: str
    shares: NotRequired[list[Share]]


class CellStory(TypedDict):
    table: str
    value: float | None
    words: str
    address: str
    labels: list[Place]
    before: float | None
    origin: str
    terms: Terms | None
    edited: bool
    edits: NotRequired[list[str]]


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


class DifferentTable(TypedDict):
    table: str
    relative: float
    largest: float
    place: list[int]
    axes: list[str]
    before: float | None
    after: float | None
    cells: int


class Comparison(TypedDict):
    words: str
    compared: int
    prediction: list[Likely]
    prediction_other: list[Likely]
    tokens_other: list[str]
    rows: list[DifferentTable]


class TableShape(TypedDict):
    axes: list[str]
    shape: list[int]


class CsvRows(TableShape):
    text: str
    next: int | None


class LeftOut(TypedDict):
    name: str
    bytes: int


class WeightsLeftOut(TypedDict):
    count: int
    parameters: int


# ---- The next token --------------------------------------------------------------------------


class ChoiceRow(TypedDict):
    id: int
    text: str
    logit: float
    scaled: float
    in_top_k: bool
    in_top_p: bool
    probability: float


class Choice(TypedDict):
    """The choice of a token, stage by stage; `interval` is where a draw falls that chooses it."""

    rows: list[ChoiceRow]
    n_vocabulary: int
    n_after_top_k: int
    n_after_top_p: int
    greedy: bool
    draw: float | None
    token: int | None
    text: str | None
    interval: list[float] | None


class WrittenToken(Moved):
    """`ended` says why the text ends here, if it does."""

    id: int | None
    choice: Choice
    ended: str


class WrittenText(Moved):
    ids: list[int]


# ---- Cells -----------------------------------------------------------------------------------


class PageCount(TypedDict):
    axis: str
    count: int


class Preview(TypedDict):
    """The first rows and columns of a table's first page."""

    rows: list[list[float | str]]
    row_axis: str
    column_axis: str
    row_labels: list[str]
    column_labels: list[str]
    n_rows: int
    n_columns: int
    pages: list[PageCount]
    lowest: float
    largest: float


class Made(TypedDict):
    name: str
    words: str
    table: str | None


class Ranked(TypedDict):
    token: str
    id: int
    cosine: float


class CellResult(TypedDict):
    """What came of a cell; of one that runs, its state alone."""

    state: str
    message: NotRequired[str]
    line: NotRequired[int | None]
    count: NotRequired[int]
    seconds: NotRequired[float | None]
    table: NotRequired[str | None]
    shape_words: NotRequired[str]
    text: NotRequired[str]
    made: NotRequired[list[Made]]
    ranking: NotRequired[list[Ranked]]
    preview: NotRequired[Preview]


class RanCell(TypedDict):
    cell: str
    result: CellResult | None


class Evaluated(TypedDict):
    text: str


class CellResults(TypedDict):
    results: dict[str, CellResult]


class NameToUse(TypedDict):
    name: str
    kind: str
    words: str


class CellNames(TypedDict):
    names: list[NameToUse]


class Snapshot(TypedDict):
    """The tables for a page that is kept; see `cutaway.studio.share.page_html`."""

    tables: list[dict[str, Any]]
    left_out: list[LeftOut]
    weights: WeightsLeftOut
    vocabulary: list[Token]
    results: dict[str, CellResult]


# ---- Tokens ----------------------------------------------------------------------------------


class ShownToken(TypedDict):
    """A token of the vocabulary: its id, its text and its bytes."""

    id: int
    text: Shown
    hex: str


class PromptToken(ShownToken):
    """A token of the prompt, with the text beside it and the piece that it is in."""

    before: str
    after: str
    piece: int
    first_byte: int


class Counts(TypedDict):
    n_characters: int
    n_bytes: int


class PromptTokens(Counts):
    text: Shown
    tokens: list[PromptToken]
    pieces: list[Shown]


class TokensText(Counts):
    text: Shown
    tokens: list[ShownToken]


class Letter(TypedDict):
    text: str
    n_bytes: int


class MergeStep(TypedDict):
    """One merge: `ranks` has one for each two neighbours in `tokens`."""

    tokens: list[Shown]
    sizes: list[int]
    ranks: list[int | None]
    rank: int
    left: Shown
    right: Shown
    makes: Shown
    joined: list[int]


class Piece(TypedDict):
    text: str
    letters: str
    hex: str
    characters: list[Letter]
    steps: list[MergeStep]
    tokens: list[ShownToken]


class MergeSteps(Counts):
    text: str
    pattern: str
    pieces: list[Piece]


class Spelling(Counts):
    text: str
    tokens: list[ShownToken]
    case: NotRequired[str]
    front: NotRequired[str]


class Spellings(TypedDict):
    spellings: list[Spelling]


class VocabularyRow(ShownToken):
    n_bytes: int
    kind: Literal["special", "merge", "byte"]
    rank: int | None
    n_part_of: int


class MergeRow(TypedDict):
    rank: int
    left: ShownToken
    right: ShownToken
    makes: ShownToken


class VocabularyToken(VocabularyRow):
    letters: str
    made_by: list[MergeRow]
    part_of: list[MergeRow]


class FoundRows(TypedDict):
    """How the query was read, and how many rows match it in all."""

    query: str
    total: int
    first: int


class VocabularyRows(FoundRows):
    rows: list[VocabularyRow]


class MergeRows(FoundRows):
    rows: list[MergeRow]


class Learned(TypedDict):
    passes: int
    stopped: bool


# ---- Models ----------------------------------------------------------------------------------


class ListedModel(TypedDict):
    """A model as it is listed; of one that cannot be read, its name and the problem."""

    name: str
    kept: Literal["bundled", "store"]
    problem: str
    parameters: NotRequired[int]
    bytes: NotRequired[int]
    n_layer: NotRequired[int]
    n_head: NotRequired[int]
    n_embd: NotRequired[int]
    n_positions: NotRequired[int]
    n_vocabulary: NotRequired[int]
    n_tensors: NotRequired[int]
    has_tokenizer: NotRequired[bool]


class Fetching(TypedDict):
    """A download from the hub; `message` says how it ended."""

    name: str
    state: Literal["running", "done", "stopped", "failed"]
    what: str
    done: int
    of: int | None
    unit: str
    message: str


class Fetched(TypedDict):
    fetch: Fetching


class Models(TypedDict):
    models: list[ListedModel]
    store: str
    fetch: Fetching | None


class Tensor(TypedDict):
    name: str
    axes: list[str]
    size: list[int]
    dtype: str
    file: str
    stored_as: str


class ModelTensors(TypedDict):
    tensors: list[Tensor]


class KeptModel(TypedDict):
    model: ListedModel


class UploadedFile(TypedDict):
    """A dropped file: what was announced and, once it was looked into, what is in it."""

    index: int
    name: str
    bytes: int
    state: str
    words: str
    n_tensors: NotRequired[int]


class Upload(TypedDict):
    upload: str
    files: list[UploadedFile]


class WantedTensor(TypedDict):
    name: str
    axes: list[str]
    size: list[int | None]
    words: str
    state: Literal["there", "missing", "wrong"]
    file: NotRequired[str]
    stored_as: NotRequired[str]
    dtype: NotRequired[str]


class FoundTokenizer(TypedDict):
    state: Literal["there", "absent", "wrong"]
    words: str
    lenders: list[str]


class FoundShape(TypedDict, total=False):
    said_by: str
    n_layer: int | None
    n_head: int | None
    n_embd: int | None
    n_positions: int | None
    vocab_size: int | None
    layer_norm_epsilon: float


class CheckedUpload(Upload):
    shape: FoundShape
    tensors: list[WantedTensor]
    missing: list[str]
    there: int
    parameters: int
    problems: list[str]
    notes: list[str]
    tokenizer: FoundTokenizer
    ready: bool
