"""What the worker answers about cells of the scratch sheet, ranges, and a page that is kept."""

from typing import Any, NotRequired, TypedDict

from cutaway.studio.messages.worker_answers import LeftOut, Token, WeightsLeftOut


class RangeSum(TypedDict):
    count: int
    sum: float | None
    mean: float | None


class Calculated(TypedDict):
    value: float


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
