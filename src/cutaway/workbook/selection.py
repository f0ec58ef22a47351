"""Which cells of a table are meant: by axis, with an index, a label, a slice or a list."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from cutaway.errors import UnknownRow

Selector = int | str | slice | Sequence[int | str] | None


@dataclass(frozen=True)
class Selection:
    """Cells of a table, an axis at a time.

    index   for each axis a slice or a list of numbers; slice(None) for an axis taken whole
    single  for each axis, whether one index or one label selected it
    """

    index: tuple[slice | list[int], ...]
    single: tuple[bool, ...]

    def of(self, array: np.ndarray) -> np.ndarray:
        """The cells, without the axes that were selected by one index. Not writing to `array`."""
        for axis, along in enumerate(self.index):
            array = array[(slice(None),) * axis + (along,)]
        return array.squeeze(tuple(axis for axis, gone in enumerate(self.single) if gone)).view()

    def numbers(self, shape: Sequence[int]) -> list[list[int]]:
        """The row numbers selected along each axis."""
        return [list(range(count)[along]) if isinstance(along, slice) else along
                for along, count in zip(self.index, shape, strict=True)]


def select_cells(name: str, axes: Sequence[str], shape: Sequence[int],
                 labels: Callable[[str], list[str]],
                 selectors: Mapping[str, Selector]) -> Selection:
    """The cells of a table that selectors by axis name mean.

    Raises:  UnknownRow for an axis that the table does not have, an index outside it, a label that
             no row or more than one row bears, or a selection of nothing
    """
    for axis in selectors:
        if axis not in axes:
            raise UnknownRow(f"{name} has no axis {axis!r}; its axes are: {', '.join(axes)}.")
    chosen = [selectors.get(axis) for axis in axes]
    index = tuple(_along(name, axis, count, labels, selector)
                  for axis, count, selector in zip(axes, shape, chosen, strict=True))
    return Selection(index, tuple(isinstance(one, int | str | np.integer) for one in chosen))


def _along(name: str, axis: str, count: int, labels: Callable[[str], list[str]],
           selector: Selector) -> slice | list[int]:
    """What one selector means along its axis."""
    if selector is None:
        return slice(None)
    if isinstance(selector, slice):
        try:
            chosen = range(count)[selector]
        except (TypeError, ValueError):
            raise UnknownRow(f"{name}: {axis} {in_words(selector)} is no slice; give whole numbers "
                             f"and a step that is not 0.") from None
    else:
        listed = isinstance(selector, list | tuple | np.ndarray | range)
        chosen = [_number(name, axis, count, labels, one)
                  for one in (selector if listed else [selector])]
    if len(chosen) == 0:
        raise UnknownRow(f"{name}: {axis} {in_words(selector)} selects nothing; it has {count}, "
                         f"from 0 to {count - 1}.")
    if isinstance(chosen, range) and chosen.step > 0:
        return slice(chosen.start, chosen.stop, chosen.step)
    return slice(chosen[0], chosen[0] + 1) if len(chosen) == 1 else list(chosen)


def _number(name: str, axis: str, count: int, labels: Callable[[str], list[str]],
            one: object) -> int:
    """The row number that an index or a label means."""
    if isinstance(one, str):
        return _labelled(name, axis, labels(axis), one)
    if isinstance(one, bool | np.bool_) or not isinstance(one, int | np.integer):
        raise UnknownRow(f"{name}: {axis} {one!r} is neither a whole number nor a label.")
    if not -count <= one < count:
        raise UnknownRow(f"{name} has no {axis} {one}: it has {count}, from 0 to {count - 1}.")
    return int(one) % count


def _labelled(name: str, axis: str, labels: list[str], text: str) -> int:
    """The one row that bears a label, with or without the space in front."""
    word = text.strip()
    exact = [i for i, label in enumerate(labels) if label == text]
    found = exact or [i for i, label in enumerate(labels) if word and label.strip() == word]
    if len(found) == 1:
        return found[0]
    if found:
        raise UnknownRow(f"{name} has several {axis} rows {text!r}: "
                         f"{', '.join(map(str, found))}. Give the number.")
    raise UnknownRow(f"{name} has no {axis} {text!r}. Give a number from 0 to {len(labels) - 1}, "
                     f"or the text of a token in it.")


def in_words(selector: object) -> str:
    """A selector as one types it: 100:200."""
    if not isinstance(selector, slice):
        return str(selector)
    bounds = [selector.start, selector.stop]
    if selector.step is not None:
        bounds.append(selector.step)
    return ":".join("" if bound is None else str(bound) for bound in bounds)
