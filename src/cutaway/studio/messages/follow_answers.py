"""What the worker answers to a page that follows a number from cell to cell."""

from typing import Literal, NotRequired, TypedDict


class CellPlace(TypedDict):
    """A cell of a table as the page goes to it; `labels` has a text for each of its axes.

    line  of the cell's table is read with it: its "row", its "column", or "" for none
    """

    table: str
    select: dict[str, int]
    row: int
    column: int
    weight: bool
    labels: list[str]
    line: NotRequired[Literal["row", "column", ""]]


class MadeFrom(CellPlace):
    """A cell that a number was made from, and what would be missing without it."""

    value: float | None
    amount: float | None


class OnTheWay(CellPlace):
    value: float | None


class WayBack(TypedDict):
    way: list[OnTheWay]


class MovedReader(CellPlace):
    value: float | None
    moves: float


class CellReaders(TypedDict):
    readers: list[MovedReader]
