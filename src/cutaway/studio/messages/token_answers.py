"""What the worker answers about tokens, and whose they are."""

from typing import Literal, NotRequired, TypedDict

Shown = str | list[str | int]  # a token's text, or its parts: a number for each lone byte


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


class NamedTokenizer(TypedDict):
    name: Literal["model", "gpt2"]
    title: str
    n_tokens: int


class Tokenizers(TypedDict):
    tokenizers: list[NamedTokenizer]


class PromptTokens(Counts):
    text: Shown
    n_prompt: int
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


class LikelierToken(TypedDict):
    id: int
    text: str
    probability: float


class SurprisingToken(TypedDict):
    """A token with its surprise; null for the first, which nothing comes before.

    level  the shade that it is shown in: 0 for what was expected
    """

    place: int
    id: int
    text: str
    adds: str
    bits: float | None
    probability: float | None
    rank: int | None
    level: int
    likelier: list[LikelierToken]


class Surprised(TypedDict):
    """The surprise of every token of a text, and of all together.

    levels       the bits at which each shade after the first begins
    perplexity   null where it is beyond any number
    in_windows   whether the text is longer than the model's positions, and was read in pieces
    """

    tokens: list[SurprisingToken]
    levels: list[float]
    n_predicted: int
    bits: float
    nats: float
    mean: float
    perplexity: float | None
    in_windows: bool
