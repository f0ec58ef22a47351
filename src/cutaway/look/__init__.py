"""What people look for in a run, found once for the command line, the page, notebooks and SQL."""

from cutaway.look.guesses import (
    Guess,
    MovedGuess,
    guess_after,
    guesses_by_block,
    likeliest,
    moved_guesses,
)
from cutaway.look.shares import is_shares

__all__ = ["Guess", "MovedGuess", "guess_after", "guesses_by_block", "is_shares", "likeliest",
           "moved_guesses"]
