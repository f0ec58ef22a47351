"""The whole machine for one prompt, small enough to be drawn: strips of numbers, plates of blocks.

A strip is one position's row, drawn in `CELLS` cells: of each stretch of neighbouring columns the
number that is farthest from 0.
"""

from dataclasses import dataclass, field
from math import prod

import numpy as np

from cutaway.look.guesses import Guess, guesses_by_block
from cutaway.look.sheets import sheet_parts
from cutaway.workbook.book import Book
from cutaway.workbook.run import Run

CELLS = 24
# Rows that a drawing begins with, in the order in which they are made.
FIRST_ROLES = ("token_embeddings", "position_embeddings", "embeddings")
GUESSING = {"block_output", "next_probabilities"}


@dataclass(frozen=True)
class Strips:
    """A table as strips, and what the table means.

    rows  (position, at most `CELLS`)
    """

    role: str
    table: str
    meaning: str
    rows: list[list[float]]


@dataclass(frozen=True)
class Reading:
    """Who reads whom in one block: of all heads, the one that reads most.

    shares  (position source): the largest share that any head reads
    heads   (position source): which head that is
    """

    table: str
    meaning: str
    n_heads: int
    shares: list[list[float]]
    heads: list[list[int]]


@dataclass(frozen=True)
class Plate:
    """One block: who reads whom, which neurons fire, the rows that it hands on, the guess there.

    firing  how many neurons of the newest position are above 0
    change  (position) how much the block changes a row: the size of what it adds, as a share of the
            size of what it received
    """

    block: int
    reading: Reading | None
    neurons: Strips | None
    firing: int
    n_neurons: int
    output: Strips | None
    change: list[float]
    guess: Guess | None


@dataclass(frozen=True)
class Area:
    """A part of the machine by how many numbers it has learned, and its largest table."""

    key: str
    words: str
    block: int | None
    numbers: int
    table: str


@dataclass(frozen=True)
class Machine:
    """All that a drawing of the whole machine shows of a run. The positions are the newest ones."""

    first_position: int
    first: list[Strips]
    plates: list[Plate]
    last: Strips | None
    areas: list[Area] = field(default_factory=list)


def machine(run: Run, positions: int) -> Machine:
    """The machine with the newest positions of a run.

    What an edit has made infinite counts as the largest float32.

    Raises:  FormulaError when an edit has left a table without numbers
    """
    book = run.book
    guesses = guesses_by_block(run) if book.roles.keys() >= GUESSING else [None] * len(book.blocks)
    first = [found for role in FIRST_ROLES if (found := strips(run, role, None, positions))]
    return Machine(
        first_position=max(0, len(run.ids) - positions), first=first,
        plates=[_plate(run, block, guess, positions)
                for block, guess in zip(book.blocks, guesses, strict=True)],
        last=strips(run, "last_hidden", None, positions), areas=areas(book))


def strips(run: Run, role: str, block: int | None, positions: int) -> Strips | None:
    """The newest rows of a table; None when the model has no such table of rows."""
    name = run.book.find_role(role, block)
    if name is None or run[name].array.ndim != 2:
        return None
    return Strips(role, name, run.book.nodes[name].step.explanation,
                  [strip(row) for row in _finite(run[name].array[-positions:])])


def strip(row: np.ndarray) -> list[float]:
    """A row in at most `CELLS` cells: of each stretch the number that is farthest from 0."""
    return [float(part[np.abs(part).argmax()])
            for part in np.array_split(row, min(CELLS, len(row)))]


def areas(book: Book) -> list[Area]:
    """The parts of a model by how many numbers they have learned, from the first to the last.

    A block's weights are parted by the half that they serve: what is read before its attention is
    done, and what is read after it.
    """
    reads_first = {name: node.name for node in reversed(book.nodes.values()) for name in node.reads}
    found = []
    for part in sheet_parts(book):
        done = book.find_role("after_attention", part.block) if part.block is not None else None
        order = [node.name for node in part.nodes]
        halves: dict[str, list[str]] = {}
        for name in part.weights:
            reader = reads_first.get(name)  # none where an edited formula reads it no more
            late = done in order and reader in order and order.index(reader) > order.index(done)
            half = "" if done is None else "MLP" if late else "attention"
            halves.setdefault(name if part.block is None else half, []).append(name)
        for half, names in halves.items():
            sizes = {name: prod(book.sizes[axis] for axis in book.weights[name]) for name in names}
            largest = max(sizes, key=sizes.__getitem__)
            found.append(Area(part.key, half, part.block, sum(sizes.values()), largest))
    return found


def _plate(run: Run, block: int, guess: Guess | None, positions: int) -> Plate:
    neurons = strips(run, "neurons", block, positions)
    fired = run[neurons.table].array[-1] if neurons else np.zeros(0)
    return Plate(block, _reading(run, block, positions), neurons, int((fired > 0).sum()),
                 len(fired), strips(run, "block_output", block, positions),
                 _change(run, block, positions), guess)


def _reading(run: Run, block: int, positions: int) -> Reading | None:
    name = run.book.find_role("attention", block)
    if name is None or run[name].array.ndim != 3:
        return None
    shares = _finite(run[name].array[:, -positions:, -positions:])
    return Reading(name, run.book.nodes[name].step.explanation, len(shares),
                   shares.max(axis=0).tolist(), shares.argmax(axis=0).tolist())


def _change(run: Run, block: int, positions: int) -> list[float]:
    ends = [run.book.find_role(role, block) for role in ("block_input", "block_output")]
    if None in ends:
        return []
    before, after = (_finite(run[name].array[-positions:]).astype(np.float64)
                     for name in ends if name)
    with np.errstate(all="ignore"):  # squares of large numbers are infinite
        sizes = np.linalg.norm(before, axis=-1)
        return _finite(np.linalg.norm(after - before, axis=-1) / np.maximum(sizes, 1e-9)).tolist()


def _finite(array: np.ndarray) -> np.ndarray:
    most = float(np.finfo(np.float32).max)
    return np.nan_to_num(array, posinf=most, neginf=-most)


