"""A table as an array that also takes the text of a token as an index, and keeps its labels."""

from typing import Any

import numpy as np

from cutaway.errors import UnknownRow
from cutaway.scratch.carried import NONE, Rows, rows_after
from cutaway.scratch.tokens import TokenRows
from cutaway.workbook import Table


class Labelled(np.ndarray):
    """A table's numbers, read-only, whose rows can be named by their tokens.

        logits[" quick"]                          # the row of a token
        h3.attention[1, " quick", " is"]          # head 1, one position, one source
        h3.attention[" quick"]                    # a text alone: along the first axis with labels

    What is picked out of it keeps its labels; so does what is calculated from it number by number,
    added up along an axis, or as a matrix product. Whatever else NumPy makes of it has none.

    name  the table's; nothing for what was calculated
    rows  by axis, the numbers that the rows have in the whole table; nothing without labels
    """

    name: str
    rows: Rows
    tokens: TokenRows | None

    @property
    def axes(self) -> tuple[str, ...]:
        """What the rows and columns are, outer to inner."""
        return tuple(self.rows)

    def __array_finalize__(self, obj: Any) -> None:
        self.name, self.rows, self.tokens = "", NONE, None

    def __array_ufunc__(self, ufunc: Any, method: str, *inputs: Any, **keywords: Any) -> Any:
        out = keywords.get("out")
        if out is not None:
            keywords["out"] = tuple(map(plain, out))
        found = getattr(ufunc, method)(*map(plain, inputs), **keywords)
        if out is not None:
            return out[0] if len(out) == 1 else out
        sizes = [(getattr(one, "rows", NONE), np.shape(one)) for one in inputs]
        rows = rows_after(ufunc, method, sizes, keywords, np.shape(found))
        tokens = next((one.tokens for one in inputs if isinstance(one, Labelled)), None)
        return with_labels(found, "", rows, tokens) if rows else found

    def __array_wrap__(self, array: Any, *context: Any) -> Any:
        return plain(array)

    def __getitem__(self, key: Any) -> Any:
        parts = list(key) if isinstance(key, tuple) else [key]
        if not self.rows or not all(map(_is_part, parts)):
            return _by_numbers_alone(plain(self), key, parts)
        if isinstance(key, str):
            parts = [slice(None)] * self._first_with_labels() + [key]
        index = list(map(self._number, self.axes, self._for_every_axis(parts)))
        found = plain(self)[tuple(index)]
        # With a list and a number side by side NumPy may put the axes in another order.
        mixed = any(isinstance(one, list) for one in index) and found.ndim < self.ndim
        return found if mixed or not isinstance(found, np.ndarray) else self._picked(found, index)

    @property
    def T(self) -> np.ndarray:  # type: ignore[override]
        """Rows become columns."""
        return self.transpose()

    def transpose(self, *order: Any) -> np.ndarray:
        """The axes in another order; in the reverse order when none is given."""
        found = plain(self).transpose(*order)
        if not self.rows:
            return found
        wanted = order[0] if len(order) == 1 and not isinstance(order[0], int) else order
        places = [place % self.ndim for place in wanted or reversed(range(self.ndim))]
        rows = {self.axes[place]: self.rows[self.axes[place]] for place in places}
        return with_labels(found, self.name, rows, self.tokens)

    def swapaxes(self, axis1: Any, axis2: Any) -> np.ndarray:
        """Two axes in each other's place."""
        order = [*range(self.ndim)]
        order[axis1], order[axis2] = order[axis2], order[axis1]
        return self.transpose(*order)

    def sort(self, *arguments: Any, **keywords: Any) -> None:
        self.rows = NONE  # the rows do not stand any more where the labels say
        super().sort(*arguments, **keywords)

    def __repr__(self) -> str:
        if not self.rows:
            return repr(plain(self))
        counts = [f"{count} {axis}" for count, axis in zip(self.shape, self.axes, strict=True)]
        return f"<{self.name or 'calculated'}: {' x '.join(counts)}>\n{plain(self)}"

    def _first_with_labels(self) -> int:
        """The first axis whose rows are tokens; the first of all where none is."""
        bearing = [place for place, axis in enumerate(self.axes)
                   if self.tokens and self.tokens.bears_labels(axis)]
        return bearing[0] if bearing else 0

    def _for_every_axis(self, parts: list[Any]) -> list[Any]:
        """As many parts as axes: what is not named is taken whole."""
        given = [one for one in parts if one is not ...]
        if len(given) > self.ndim:
            raise UnknownRow(f"{self._called()} has {self.ndim} axes ({', '.join(self.axes)}), but "
                             f"{len(given)} indices were given.")
        place = next((place for place, one in enumerate(parts) if one is ...), len(given))
        return given[:place] + [slice(None)] * (self.ndim - len(given)) + given[place:]

    def _number(self, axis: str, one: Any) -> Any:
        """One part of an index, its texts replaced by the numbers of their rows."""
        if isinstance(one, list):
            return [self._number(axis, each) for each in one]
        if isinstance(one, str) and self.tokens:
            return self.tokens.number(self._called(), axis, self.rows[axis], one)
        return one

    def _called(self) -> str:
        return self.name or "What was calculated here"

    def _picked(self, found: np.ndarray, index: list[Any]) -> "Labelled":
        """A part of this array, with the labels of the rows that are left."""
        rows = {axis: numbers[one] if isinstance(one, slice) else [numbers[i] for i in one]
                for (axis, numbers), one in zip(self.rows.items(), index, strict=True)
                if isinstance(one, slice | list)}
        return with_labels(found, self.name, rows, self.tokens)


def labelled(table: Table, tokens: TokenRows) -> Labelled:
    """A table of a run as such an array."""
    rows = dict(zip(table.axes, map(range, table.shape), strict=True))
    return with_labels(table.array, table.name, rows, tokens)


def with_labels(array: np.ndarray, name: str, rows: Rows, tokens: TokenRows | None) -> Labelled:
    """The same numbers under these labels."""
    made = array.view(Labelled)
    made.name, made.rows, made.tokens = name, rows, tokens
    return made


def plain(value: Any) -> Any:
    """The same array without labels; anything else as it is."""
    return value.view(np.ndarray) if isinstance(value, Labelled) else value


def read_only(value: Any) -> Any:
    """The same numbers, which nobody can write to through what is given back."""
    if not isinstance(value, np.ndarray):
        return value
    view = value.view()
    if isinstance(value, Labelled):
        view = with_labels(view, value.name, value.rows, value.tokens)
    view.flags.writeable = False
    return view


def _is_part(one: object) -> bool:
    """Whether a part of an index is one that labels survive: a number, a text, a slice, a list."""
    if isinstance(one, list):
        return all(isinstance(each, str) or _is_whole(each) for each in one)
    return isinstance(one, str | slice) or one is ... or _is_whole(one)


def _is_whole(one: object) -> bool:
    return isinstance(one, int | np.integer) and not isinstance(one, bool)


def _by_numbers_alone(array: np.ndarray, key: Any, parts: list[Any]) -> Any:
    """What NumPy's own rules give: masks, arrays of numbers, new axes."""
    if any(isinstance(one, str) for one in parts):
        raise UnknownRow(f"{key!r} cannot be looked up: this array has lost its labels on the way. "
                         f"Pick the row from the table itself, or give a number.")
    return array[key]
