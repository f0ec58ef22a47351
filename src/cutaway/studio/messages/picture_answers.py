"""The answer to `picture`: how a number was made. `cutaway.look.picture` says what is in it."""

from typing import TypedDict

Number = float | str


class Line(TypedDict):
    """A row or a column of a table, or a plain number."""

    words: str
    table: str
    axis: str
    place: dict[str, int]
    count: int
    first: int
    labels: list[str]
    numbers: list[Number]
    lit: int
    sizes: dict[str, int]
    whole: bool


class Patch(TypedDict):
    """Some rows and columns of a table around the cell in question."""

    words: str
    table: str
    row_axis: str
    column_axis: str
    place: dict[str, int]
    n_rows: int
    n_columns: int
    first_row: int
    first_column: int
    row_labels: list[str]
    column_labels: list[str]
    numbers: list[list[Number]]
    lit: list[int]


class OneShare(TypedDict):
    index: int
    label: str
    score: Number
    raised: Number
    share: Number


class Stage(TypedDict):
    """One operation; `kind` is which picture it has."""

    operation: str
    kind: str
    words: str
    value: Number
    inputs: list[Line]
    result: Line
    patches: list[Patch]
    shares: list[OneShare]
    values: dict[str, Number]
    series: dict[str, list[Number]]
    code: str


class Picture(TypedDict):
    """`made` is what the formula gives where numbers were typed over the table.

    `prediction` says whether the next token is chosen by this table.
    """

    table: str
    formula: str
    value: Number
    made: Number
    typed: bool
    stages: list[Stage]
    heads: list[Patch]
    prediction: bool
