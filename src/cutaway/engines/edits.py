"""A run's edits, for the engines that write a model down: SQL and the spreadsheet."""

from collections.abc import Mapping

from cutaway.errors import UnsupportedStep
from cutaway.workbook.book import Book
from cutaway.workbook.edit import Edit
from cutaway.workbook.run import Run


def edits_of(like: Run | None, book: Book, where: str) -> Mapping[str, tuple[Edit, ...]]:
    """What was typed over the tables of a run, when it can be typed over another one's.

    like    the run whose edits and formulas are taken over; None for none
    book    of the model that is written down
    where   "SQL", "a spreadsheet": where to
    Raises: UnsupportedStep when the run is one of another model, or has several prompts
    """
    if like is None:
        return {}
    if like.book.weights != book.weights or like.book.sizes != book.sizes:
        raise UnsupportedStep(f"The run whose changes are to be written into {where} is one of a "
                              f"model of another shape. Give a run of this model.")
    for name, edits in like.edits.items():
        if any(len(edit.index) != len(book.axes(name)) for edit in edits):
            raise UnsupportedStep(f"{name}: its numbers were typed over several prompts at once, "
                                  f"and {where} holds one prompt. Edit a run of one prompt.")
    return like.edits
