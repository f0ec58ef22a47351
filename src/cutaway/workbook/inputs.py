"""Inputs: the numbers that a run is given, and does not calculate."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from cutaway.axes import parse_axes
from cutaway.errors import (
    EmptyPrompt,
    MissingInput,
    PromptTooLong,
    ShapeMismatch,
    UnknownRow,
    UnknownTable,
    UnknownToken,
)
from cutaway.words import did_you_mean, shape_in_words

if TYPE_CHECKING:
    from cutaway.workbook.book import Book

Inputs = Mapping[str, np.ndarray]


@dataclass(frozen=True)
class Input:
    """One table that a run is given.

        Input("position", rows_of="vocabulary")     # a token id for each position
        Input("")                                   # one number, a learning rate perhaps

    axes     what its rows and columns are; one with "position" grows when a token is appended
    rows_of  the axis whose rows it numbers, from 0; None for real numbers
    counted  whether it is 0, 1, 2, ... unless it is given: the positions themselves
    """

    axes: Any
    rows_of: str | None = None
    counted: bool = False

    def __post_init__(self):
        object.__setattr__(self, "axes", parse_axes(self.axes))

    @property
    def grows(self) -> bool:
        """Whether it has a number for each position."""
        return "position" in self.axes


# What every run is given: the prompt's token ids; and counted, where each of them stands.
PROMPT = {"ids": Input("position", rows_of="vocabulary"),
          "positions": Input("position", rows_of="position", counted=True)}


def checked_ids(book: "Book", ids: Any) -> np.ndarray:
    """The ids of a prompt as a read-only array, (position) or (batch position).

    Raises:  EmptyPrompt, PromptTooLong, UnknownToken, ShapeMismatch
    """
    try:
        array = np.array(ids)
    except ValueError:
        raise ShapeMismatch("The prompts of a batch must all have the same number of tokens.") \
            from None
    if array.size == 0:
        raise EmptyPrompt("The prompt has no token. Give at least one word.")
    if array.dtype.kind not in "iu":
        raise UnknownToken(f"{ids!r} is no list of token ids: whole numbers from 0 to "
                           f"{book.sizes['vocabulary'] - 1} are expected.")
    if array.ndim not in (1, 2):
        raise ShapeMismatch(f"The ids have {array.ndim} axes; one (position) or two (batch "
                            f"position) are expected.")
    check_tokens(book, array)
    check_length(book, array.shape[-1])
    array = array.astype(np.int64)
    array.flags.writeable = False
    return array


def checked_input(book: "Book", name: str, value: Any, ids: np.ndarray) -> np.ndarray:
    """An input as a read-only array with its own axes, the batch's axis in front.

    value    numbers for one prompt or for each, or one number for all cells
    ids      the prompt's, which tell how many positions there are
    Raises:  UnknownTable, ShapeMismatch, UnknownRow, UnknownToken
    """
    one = input_named(book, name)
    if name == "ids":
        return checked_ids(book, value)
    try:
        array = np.array(value)
    except ValueError:
        raise ShapeMismatch(f"{name}: {value!r:.60} has rows of different lengths.") from None
    counts = {**book.sizes, "position": ids.shape[-1], "source": ids.shape[-1]}
    expected = tuple(counts[axis] for axis in one.axes)
    batched = (*ids.shape[:-1], *expected)
    if array.shape not in ((), expected, batched):
        axes = " ".join(one.axes) or "one number"
        raise ShapeMismatch(f"{name} is {shape_in_words(array.shape)}, but "
                            f"{shape_in_words(batched)} is expected ({axes}).")
    array = np.broadcast_to(_checked_numbers(book, name, one, array), batched)
    array.flags.writeable = False
    return array


def _checked_numbers(book: "Book", name: str, one: Input, array: np.ndarray) -> np.ndarray:
    """Whole numbers of the rows that there are, or finite real numbers."""
    if one.rows_of is None:
        if array.dtype.kind not in "iuf" or not np.isfinite(array).all():
            raise ShapeMismatch(f"{name} holds something that is no finite number.")
        return array.astype(np.float64)
    count = book.sizes[one.rows_of]
    if array.dtype.kind not in "iu":
        raise ShapeMismatch(f"{name} numbers the rows of {one.rows_of}: whole numbers from 0 to "
                            f"{count - 1} are expected, and {array.dtype} was given.")
    wrong = array[(array < 0) | (array >= count)]
    if wrong.size:
        error = UnknownToken if one.rows_of == "vocabulary" else UnknownRow
        raise error(f"{name} holds {wrong.flat[0]}; it numbers the rows of {one.rows_of}, from 0 "
                    f"to {count - 1}.")
    return array.astype(np.int64)


def input_named(book: "Book", name: str) -> Input:
    """Raises:  UnknownTable when the book has no such input"""
    if name not in book.inputs:
        raise UnknownTable(f"There is no input {name!r}.{did_you_mean(name, book.inputs)} "
                           f"The inputs are: {', '.join(book.inputs)}.")
    return book.inputs[name]


def given_rows(book: "Book", inputs: Inputs, name: str, first: int) -> np.ndarray:
    """An input's numbers from a position on; all of them where it has no positions.

    Raises:  MissingInput when the run was not given it
    """
    one, n_positions = book.inputs[name], inputs["ids"].shape[-1]
    if name in inputs:
        return inputs[name][..., first:] if one.grows else inputs[name]
    if one.counted:
        return np.arange(first, n_positions)
    raise MissingInput(f"This run was not given {name} ({' '.join(one.axes) or 'one number'}), "
                       f"which this table needs. Give it when the run starts: "
                       f"model.run(prompt, inputs={{{name!r}: ...}}).")


def grown(book: "Book", inputs: Inputs, token: Any, others: Mapping[str, Any]) -> dict[str, Any]:
    """The inputs of a run that is one token longer.

    token    an id; with a batch, one id for each prompt
    others   the new position's number for every other input that has one for each position
    Raises:  MissingInput, UnknownTable, UnknownToken, UnknownRow, ShapeMismatch, PromptTooLong
    """
    ids = inputs["ids"]
    new = np.asarray(token)
    if new.shape != ids.shape[:-1] or new.dtype.kind not in "iu":
        prompts = "one id" if ids.ndim == 1 else f"{len(ids)} ids, one a prompt,"
        raise ShapeMismatch(f"{token!r} cannot be appended: {prompts} is expected, "
                            f"a whole number.")
    check_tokens(book, new)
    check_length(book, ids.shape[-1] + 1)
    longer = {**inputs, "ids": _one_longer(ids, new)}
    for name in others:
        input_named(book, name)
    for name, given in inputs.items():
        one = book.inputs[name]
        if name == "ids" or not one.grows:
            continue
        if name not in others and not one.counted:
            raise MissingInput(f"{name} has a number for each position, so the appended one needs "
                               f"its own: append(token, {name}=...).")
        value = np.asarray(others.get(name, ids.shape[-1]))
        if value.shape not in ((), ids.shape[:-1]):
            raise ShapeMismatch(f"{name}: one number for the new position is expected, and "
                                f"{shape_in_words(value.shape)} was given.")
        numbers = _checked_numbers(book, name, one, value)
        longer[name] = _one_longer(given, np.broadcast_to(numbers, ids.shape[:-1]))
    return longer


def _one_longer(array: np.ndarray, last: np.ndarray) -> np.ndarray:
    """The same array with a number more along its last axis, read-only."""
    longer = np.empty((*array.shape[:-1], array.shape[-1] + 1), array.dtype)
    longer[..., :-1], longer[..., -1] = array, last
    longer.flags.writeable = False
    return longer


def check_tokens(book: "Book", ids: np.ndarray) -> None:
    """Raises:  UnknownToken"""
    n_vocabulary = book.sizes["vocabulary"]
    wrong = [id for id in ids.reshape(-1).tolist() if not 0 <= id < n_vocabulary]
    if wrong:
        raise UnknownToken(f"{wrong[0]} is no token of this vocabulary: ids are whole numbers from "
                           f"0 to {n_vocabulary - 1}.")


def check_length(book: "Book", n_tokens: int) -> None:
    """Raises:  PromptTooLong"""
    excess = n_tokens - book.sizes["position"]
    if excess > 0:
        raise PromptTooLong(
            f"The prompt is {n_tokens} tokens long; this model has {book.sizes['position']} "
            f"positions. Shorten it by {excess}.")
