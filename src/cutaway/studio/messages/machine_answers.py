"""The answer to `overview`: what a drawing of the whole machine shows."""

from typing import TypedDict

from cutaway.studio.messages.worker_answers import Token


class Strips(TypedDict):
    """A table in strips: (position) x (cells), each cell the number farthest from 0 there."""

    role: str
    table: str
    meaning: str
    rows: list[list[float]]


class Reading(TypedDict):
    """Who reads whom in a block: (position source) the largest share, and the head that has it."""

    table: str
    meaning: str
    n_heads: int
    shares: list[list[float]]
    heads: list[list[int]]


class GuessThere(TypedDict):
    id: int
    text: str
    probability: float


class Plate(TypedDict):
    block: int
    reading: Reading | None
    neurons: Strips | None
    firing: int
    n_neurons: int
    output: Strips | None
    change: list[float]
    guess: GuessThere | None


class Area(TypedDict):
    key: str
    words: str
    block: int | None
    numbers: int
    table: str


class Overview(TypedDict):
    tokens: list[Token]
    first_position: int
    first: list[Strips]
    plates: list[Plate]
    last: Strips | None
    areas: list[Area]
