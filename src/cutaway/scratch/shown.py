"""A cell's value for people to look at: as a table, in words, as text."""

import reprlib
from collections.abc import Callable
from typing import Any

import numpy as np

from cutaway.errors import ShapeMismatch
from cutaway.scratch.labelled import Labelled, plain
from cutaway.scratch.nearest import Neighbours
from cutaway.words import shape_in_words
from cutaway.workbook import Provenance, Table

PLACES = ("book", "page", "row", "column")  # what axes are called that nothing is known of
MOST_AXES = len(PLACES)
MOST_CHARACTERS = 4000
_WORDS = {type(None): "nothing", (bool, np.bool_): "true or false", str: "text",
          (int, float, np.number, np.ndarray): "a number"}


def table_from(name: str, value: Any, provenance: Provenance) -> Table:
    """A value as a table, with the labels that it has.

    Raises:  ShapeMismatch when it is no block of numbers with one to four axes
    """
    if not is_block(value):
        raise ShapeMismatch(f"{name} is {in_words(value)}, and no table: one to four axes of "
                            f"numbers are expected.")
    if isinstance(value, Table):
        return Table(name, value.axes, value.array, provenance, value.label)
    if isinstance(value, Neighbours):
        cosines = np.array([[one.cosine] for one in value])
        return Table(name, ("row", "column"), cosines, provenance,
                     lambda axis, i: value[i].token if axis == "row" else "cosine")
    array = np.asarray(plain(value))
    if array.dtype.kind != "f":
        array = array.astype(np.float64)
    axes = value.axes if isinstance(value, Labelled) and value.rows else PLACES[-array.ndim:]
    return Table(name, axes, array, provenance, _labels_of(value))


def is_block(value: Any) -> bool:
    """Whether a value is what a grid can show."""
    if isinstance(value, Table):
        value = value.array
    return (isinstance(value, Neighbours) and len(value) > 0) or (
        isinstance(value, np.ndarray) and 1 <= value.ndim <= MOST_AXES
        and value.dtype.kind in "fiub" and value.size > 0)


def in_words(value: Any) -> str:
    """What a value is, in a few words: "6 head x 8 position", "a number", "a dict"."""
    if isinstance(value, Labelled | Table) and value.axes:
        counts = zip(value.shape, value.axes, strict=True)
        return " x ".join(f"{count} {axis}" for count, axis in counts)
    if isinstance(value, np.ndarray) and value.ndim:
        kind = "" if value.dtype.kind in "fiub" else f" of {value.dtype}"
        return shape_in_words(value.shape) + kind
    if isinstance(value, Neighbours):
        return f"{len(value)} tokens, the nearest first"
    for kind, words in _WORDS.items():
        if isinstance(value, kind):
            return words
    name = type(value).__name__
    return f"{'an' if name[:1].lower() in tuple('aeiou') else 'a'} {name}"


def in_text(value: Any) -> str:
    """A value as Python writes it, cut where it is long."""
    if value is None:
        return ""
    try:
        if isinstance(value, np.generic):
            return str(value)
        whole = isinstance(value, np.ndarray | Table | Neighbours)
        text = repr(value) if whole else _SHORT.repr(value)
    except Exception as error:  # whatever a class of the user's own may do here
        return f"<{type(value).__name__}, whose text cannot be made: {type(error).__name__}>"
    return text if len(text) <= MOST_CHARACTERS else f"{text[:MOST_CHARACTERS]}..."


def _labels_of(value: Any) -> Callable[[str, int], str]:
    if not isinstance(value, Labelled) or value.tokens is None:
        return lambda axis, index: ""
    rows, tokens = value.rows, value.tokens
    return lambda axis, index: tokens.label(axis, rows[axis][index])


def _short_repr() -> reprlib.Repr:
    """Python's own way of writing long things short, with more room than it takes by default."""
    short = reprlib.Repr()
    short.maxlist = short.maxtuple = short.maxset = short.maxdict = 100
    short.maxstring = short.maxother = short.maxlong = MOST_CHARACTERS
    return short


_SHORT = _short_repr()
