"""How far an edit reaches: which rows it leaves alone, and which later tokens it lets in."""

from collections.abc import Mapping

from cutaway.workbook.book import Book
from cutaway.workbook.edit import Edit

Edits = Mapping[str, tuple[Edit, ...]]


def rows_above(book: Book, edits: Edits, name: str, edit: Edit, n_positions: int) -> int:
    """How many rows of every table a new edit leaves as they are: nothing reaches back.

    edits    what was typed before; where it makes a row read ahead, no row is safe
    returns  0 where a formula of one's own may look anywhere, and for a weight
    """
    if name not in book.nodes or "position" not in book.axes(name) or book.replaced:
        return 0
    typed = [(one, old) for one, olds in edits.items() for old in olds]
    if any(_looks_ahead(book, *one, n_positions) for one in [*typed, (name, edit)]):
        return 0
    return min(edit.cells(book.axes(name).index("position"), n_positions), default=0)


def _looks_ahead(book: Book, name: str, edit: Edit, n_positions: int) -> bool:
    """Whether an edit makes a row read from a token that comes after it."""
    axes = book.axes(name)
    if "source" not in axes or not edit.value.any():
        return False
    rows = edit.cells(axes.index("position"), n_positions)
    sources = edit.cells(axes.index("source"), n_positions)
    return max(sources, default=0) > min(rows, default=0)


def shows_new_sources(book: Book, edits: Edits) -> bool:
    """Whether an edit makes earlier rows read from tokens that are appended later."""
    for name, typed in edits.items():
        axes = book.axes(name)
        if "source" in axes and any(one.index[axes.index("source") - len(axes)] == slice(None)
                                    and one.value.any() for one in typed):
            return True
    return False
