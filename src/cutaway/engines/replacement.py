"""Faster formulas in the place of a definition's own, where it states what they stand for.

A faster formula is an edit like any other. It is written for the formulas of one architecture, so
that it is put in where a book has those very formulas, and left out of every other book.
"""

from collections.abc import Callable, Mapping

from cutaway.workbook.book import Book


def replaced(book: Book, functions: Callable | list[Callable], where: Mapping[str, str]) -> Book:
    """The book with these formulas in the place of its own; the same book where it has others.

        replaced(book, mixed, where={"mixed": "attention @ values"})

    functions  each is called like the step that it makes
    where      the formulas that they stand for, by the step's name: all tables of that name have it
    """
    if not states(book, where):
        return book
    for function in functions if isinstance(functions, list) else [functions]:
        book = book.replace(function)
    return book


def states(book: Book, formulas: Mapping[str, str]) -> bool:
    """Whether there are tables of these step names, all of them made by these formulas."""
    found = {name: set() for name in formulas}
    for node in book.nodes.values():
        if node.step.name in found:
            found[node.step.name].add(node.step.formula)
    return all(found[name] == {formula} for name, formula in formulas.items())
