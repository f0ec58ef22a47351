"""What the server answers a page: the document's state, and the models of this computer."""

from typing import Literal, NotRequired, TypedDict

from cutaway.studio.messages.worker_answers import Likely, ModelCard, TextToken, TypedPrompt


class GlossaryEntry(TypedDict):
    """A word; `cutaway.glossary` says what each field is."""

    word: str
    kind: str
    meaning: str
    example: str
    spreadsheet: str


class Glossary(TypedDict):
    entries: list[GlossaryEntry]


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


class ListedBook(TypedDict):
    """A workbook as it is listed.

    book       its key
    used       when it was used last, in seconds since 1970
    open       whether this server has it open, or another one
    has_model  whether its model is on this computer
    """

    book: str
    name: str
    model: str
    prompt: str
    changes: int
    cells: int
    used: float
    open: Literal["", "here", "elsewhere"]
    has_model: bool
    trusted: bool


class Books(TypedDict):
    books: list[ListedBook]


class WorkerState(TypedDict):
    state: str
    doing: str


class State(TypedDict, total=False):
    """All that a page needs beside tables; nothing before the worker has opened the document."""

    push: Literal["state"]
    book: str
    name: str
    version: int
    prompt: str
    changes: list[ChangeLine]
    cursor: int
    cells: list[StoredCell]
    worker: WorkerState
    trusted: bool
    model: ModelCard
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


# ---- Models ----------------------------------------------------------------------------------


class ListedModel(TypedDict):
    """A model as it is listed; of one that cannot be read, its name and the problem.

    about  what its card says of it, in a sentence
    """

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
    about: NotRequired[str]


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
    sheet: str
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
    sheet: str
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
