"""What people look for in a run, found once for the command line, the page, notebooks and SQL."""

from cutaway.look.checks import Check, checks
from cutaway.look.cost import multiplications, multiplications_to_predict, parameter_count
from cutaway.look.guesses import (
    Guess,
    MovedGuess,
    guess_after,
    guesses_by_block,
    likeliest,
    moved_guesses,
)
from cutaway.look.machine import Machine, machine
from cutaway.look.matrix import (
    Matrix,
    label_in,
    labels,
    matrix,
    number_range,
    order,
    shape_words,
    tile,
    token_ids,
)
from cutaway.look.shares import is_shares, look_like_shares
from cutaway.look.sheets import SheetPart, sheet_parts, sheets_of_weights
from cutaway.look.surprise import Loss, Surprise, loss, surprises

__all__ = [
    "Check",
    "Guess",
    "Loss",
    "Machine",
    "Matrix",
    "MovedGuess",
    "SheetPart",
    "Surprise",
    "checks",
    "guess_after",
    "guesses_by_block",
    "is_shares",
    "label_in",
    "labels",
    "likeliest",
    "look_like_shares",
    "loss",
    "machine",
    "matrix",
    "moved_guesses",
    "multiplications",
    "multiplications_to_predict",
    "number_range",
    "order",
    "parameter_count",
    "shape_words",
    "sheet_parts",
    "sheets_of_weights",
    "surprises",
    "tile",
    "token_ids",
]
