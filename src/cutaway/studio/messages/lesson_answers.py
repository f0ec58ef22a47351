"""The answers to `lessons`, `lesson_piece` and `lesson_answer`: the course as a page draws it."""

from typing import Any, NotRequired, TypedDict


class Words(TypedDict):
    """Words of one kind: "text", "strong", "emphasis", "code", "term" with the glossary's word in
    `to`, "value" or "code-value" with the expression in `to`."""

    kind: str
    text: str
    to: str


class Paragraph(TypedDict):
    """A "paragraph", "quote", "bullets" or "numbered" in lines, or a "table" in rows of cells."""

    kind: str
    lines: list[list[Words]]
    rows: list[list[list[Words]]]


class LessonOfCourse(TypedDict):
    """A lesson in the list: how many questions each piece asks, and the piece that was open last,
    counted from 0."""

    name: str
    number: int
    title: str
    question: list[Paragraph]
    minutes: int
    pieces: list[str]
    asks: list[int]
    at: int
    done: bool


class Course(TypedDict):
    lessons: list[LessonOfCourse]


class LessonPart(TypedDict):
    """A part of a piece. `kind` is "prose", "exercise", an act's verb, or "ask"."""

    kind: str
    blocks: NotRequired[list[Paragraph]]
    answer: NotRequired[list[Paragraph]]
    words: NotRequired[str]
    table: NotRequired[str]
    select: NotRequired[dict[str, int]]
    row: NotRequired[int | None]
    column: NotRequired[int | None]
    view: NotRequired[str]
    change: NotRequired[dict[str, Any]]
    fields: NotRequired[dict[str, str]]
    how: NotRequired[str]
    options: NotRequired[list[list[Paragraph]]]


class LessonPiece(TypedDict):
    """One screen. `told_of` is the model that the lesson is told of, where another one is open."""

    lesson: str
    title: str
    piece: int
    heading: str
    prompt: str
    told_of: str
    parts: list[LessonPart]


class Verdict(TypedDict):
    """What is said of an answer; `solution` are changes that do what was asked for."""

    right: bool
    answer: str
    because: list[Paragraph]
    wrong: list[Paragraph]
    solution: list[dict[str, Any]]
