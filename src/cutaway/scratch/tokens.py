"""Rows named by tokens: from a token's text to its row in a table, and back."""

from collections.abc import Sequence

import numpy as np

from cutaway.errors import UnknownRow, UnknownToken
from cutaway.tokenizer import Tokenizer
from cutaway.workbook import Run
from cutaway.workbook.selection import select_cells

_OF_THE_PROMPT = ("position", "source")


class TokenRows:
    """The rows of a run's tables that bear a token's text.

    notes  what a reader should know about texts that were looked up since they were last cleared
    """

    def __init__(self, run: Run):
        vocabulary = run.vocabulary
        self.tokenizer = vocabulary if isinstance(vocabulary, Tokenizer) else None
        self.prompt = [int(id) for id in run.ids] if run.ids.ndim == 1 else []
        self.notes: list[str] = []

    def bears_labels(self, axis: str) -> bool:
        """Whether the rows along an axis are tokens."""
        return self.tokenizer is not None and (
            axis == "vocabulary" or (axis in _OF_THE_PROMPT and bool(self.prompt)))

    def label(self, axis: str, index: int) -> str:
        """The text of the token whose row this is; nothing where no token is."""
        if self.tokenizer is None or not self.bears_labels(axis):
            return ""
        if axis == "vocabulary":
            return self.tokenizer.text_of(index)
        return self.tokenizer.text_of(self.prompt[index]) if index < len(self.prompt) else ""

    def id_of(self, text: str) -> int:
        """The id of a token: the one with exactly this text, or with a space in front of it.

        Raises:  UnknownToken, naming the pieces when the text is several tokens
        """
        if self.tokenizer is None:
            raise UnknownToken(f"{text!r} cannot be looked up: this run has no tokenizer. "
                               f"Give an id.")
        if not text:
            raise UnknownToken("The empty text is no token. Give the text of exactly one token.")
        found = [_id_or_none(self.tokenizer, spelled) for spelled in (text, f" {text}")]
        if found[0] is None:
            if found[1] is None:
                raise UnknownToken(self._pieces(self.tokenizer, text))
            return found[1]
        if found[1] is not None and text.isalpha():
            note = (f"{text!r} is the token {found[0]}, a piece without a space in front of it. "
                    f"The word is {' ' + text!r}, the token {found[1]}.")
            self.notes += [note] if note not in self.notes else []
        return found[0]

    def number(self, table: str, axis: str, rows: Sequence[int], text: str) -> int:
        """Where along an axis the token's row stands.

        rows     the numbers that the rows have in the whole table
        Raises:  UnknownToken; UnknownRow for an axis without labels, and a token that is not there
                 or is there more than once
        """
        if not self.bears_labels(axis):
            raise UnknownRow(f"{table}: {text!r} cannot be looked up along {axis}, whose rows bear "
                             f"no labels. Give a number from 0 to {len(rows) - 1}.")
        if axis == "vocabulary":
            id = self.id_of(text)
            if id in rows:
                return rows.index(id)
            raise UnknownRow(f"{table} has no {axis} {text!r}: of the whole table only "
                             f"{len(rows)} rows are left.")
        names = [self.label(axis, row) for row in rows]
        chosen = select_cells(table, (axis,), (len(rows),), lambda axis: names, {axis: text})
        return chosen.numbers((len(rows),))[0][0]

    def _pieces(self, tokenizer: Tokenizer, text: str) -> str:
        """Why a text is not one token."""
        spellings = [text] if text.startswith(" ") else [text, f" {text}"]
        ways = [" + ".join(map(repr, _texts(tokenizer, spelled))) for spelled in spellings]
        return (f"{text!r} is several tokens in this vocabulary: "
                f"{', or with a space in front '.join(ways)}. Give one of them, or another word.")


def _id_or_none(tokenizer: Tokenizer, text: str) -> int | None:
    try:
        return tokenizer.id_of(text)
    except UnknownToken:
        return None


def _texts(tokenizer: Tokenizer, text: str) -> list[str]:
    return [tokenizer.text_of(id) for id in tokenizer.encode(text)]


def as_id(rows: TokenRows, token: str | int, n_vocabulary: int) -> int:
    """The id of a token that is given by its text or by its id.

    Raises:  UnknownToken
    """
    if isinstance(token, str):
        return rows.id_of(token)
    whole = isinstance(token, int | np.integer) and not isinstance(token, bool)
    if not whole or not 0 <= token < n_vocabulary:
        raise UnknownToken(f"{token!r} is no token: the text of one is expected, or an id from 0 "
                           f"to {n_vocabulary - 1}.")
    return int(token)
