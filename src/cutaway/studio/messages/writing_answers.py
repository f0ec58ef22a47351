"""What is answered about the next token, and about a text that is compared with another."""

from typing import Literal, TypedDict

from cutaway.studio.messages.worker_answers import Likely, Moved

# ---- The next token --------------------------------------------------------------------------


class Heading(TypedDict):
    """What the probabilities of a column are: its words, and a sentence."""

    words: str
    sentence: str


class ChoiceRow(TypedDict):
    """A token at every stage.

    adds, held  the text that it would complete, and the bytes that would wait for the next token
    shares      its probability under each of the choice's headings
    """

    id: int
    text: str
    adds: str
    held: str
    shares: list[float]
    logit: float
    after_penalty: float
    repeats: bool
    scaled: float | None
    in_top_k: bool
    in_top_p: bool
    probability: float


class Choice(TypedDict):
    """The choice of a token, stage by stage; `interval` is where a draw falls that chooses it.

    `shown` are the stages that have a column, by their names, each with its sentence; `headings`
    those of the probabilities, from what the model says to what is drawn from.
    """

    headings: list[Heading]
    rows: list[ChoiceRow]
    shown: dict[str, str]
    n_vocabulary: int
    n_after_no_repeat: int
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


# ---- Comparing -------------------------------------------------------------------------------


class DifferentTable(TypedDict):
    table: str
    relative: float
    largest: float
    place: list[int]
    axes: list[str]
    before: float | None
    after: float | None
    cells: int


class RowsBeside(TypedDict):
    """Which rows are beside each other, in words; the tokens that are beside none."""

    how: Literal["start", "end", "word"]
    words: str
    only_here: list[int]
    only_there: list[int]


class Comparison(TypedDict):
    """`ids` are the tokens that were compared; places are those of the open run."""

    words: str
    ids: list[int]
    rows_beside: RowsBeside
    compared: int
    prediction: list[Likely]
    prediction_other: list[Likely]
    tokens_other: list[str]
    rows: list[DifferentTable]
