"""`cutaway books`: the workbooks that are kept on this computer, and what they are called."""

import sys
from collections.abc import Sequence
from datetime import datetime
from typing import TYPE_CHECKING

import click

from cutaway.cli.group import EXIT_MISTAKE
from cutaway.cli.options import examples, json_option
from cutaway.cli.say import say

if TYPE_CHECKING:
    from cutaway.studio.server.books import ListedBook
    from cutaway.studio.server.documents import Document

SHOWN_PROMPT = 48  # characters of a prompt, where it stands for a name


@click.command(epilog=examples(
    "cutaway books",
    "cutaway books --json",
    'cutaway books 1f3a5c7e9b2d --name "heads off"',
    'cutaway open --book "heads off"',
    'cutaway books "heads off" --delete --yes'))
@click.argument("book", required=False, metavar="[NAME|KEY]")
@click.option("--name", metavar="TEXT", help="What to call it; \"\" lets it go by its prompt.")
@click.option("--delete", is_flag=True, help="Delete it for good, after a question.")
@click.option("--yes", is_flag=True, help="The answer to that question.")
@json_option
@click.pass_context
def books(context: click.Context, *, book: str | None, name: str | None, delete: bool, yes: bool,
          as_json: bool) -> None:
    """The workbooks on this computer: model, prompt, your changes and cells.

    Each is kept by itself; opening another model or prompt begins a new one. Without a name or key
    all are listed, the one that was used last first; with one its changes are shown. One that is
    open in a browser is named and deleted there.
    """
    from cutaway.cli.screen import print_json
    from cutaway.studio.server.books import book_called, listed_books
    from cutaway.studio.server.documents import documents_folder

    if book is None:
        if name is not None or delete:
            raise click.UsageError("Which workbook? Give its name or its key: cutaway books lists "
                                   "them.")
        listed = listed_books()
        if as_json:
            print_json({"folder": str(documents_folder()), "books": listed})
        else:
            _draw(listed)
        return
    if name is not None and delete:
        raise click.UsageError("--name and --delete together make no sense: give one of them.")
    found = book_called(book)
    if name is not None:
        _name(found, name)
    elif delete:
        context.exit(_delete(found, yes=yes))
    elif as_json:
        print_json(next(one for one in listed_books() if one["book"] == found.identity))
    else:
        _draw_one(found)


def _name(found: "Document", name: str) -> None:
    from cutaway.studio.server.books import book_of, name_book

    name_book(found.identity, name)
    said = book_of(found.identity).name
    say(f"It is called {said!r} now: cutaway open --book {found.identity}" if said else
        f"It goes by its prompt now: cutaway open --book {found.identity}")


def _delete(found: "Document", *, yes: bool) -> int:
    """Delete a workbook after a question.  returns the exit status"""
    from cutaway.studio.server.books import delete_book, expect_closed

    expect_closed(found.identity)
    if not yes:
        say(f"Delete {_title(found.name, found.prompt_in_force)} with {_holds(found)} for good? "
            f"[y/N] ", nl=False)
        yes = sys.stdin.readline().strip().lower() in ("y", "yes")
    if not yes:
        say("Nothing was deleted. --yes answers the question.", err=True)
        return EXIT_MISTAKE
    delete_book(found.identity)
    say(f"{_title(found.name, found.prompt_in_force)} is deleted.")
    return 0


def _title(name: str, prompt: str) -> str:
    """A workbook's name; where it has none, its prompt in quotation marks."""
    from cutaway.words import in_one_line

    return name or f"“{in_one_line(prompt, SHOWN_PROMPT)}”"


def _holds(found: "Document") -> str:
    from cutaway.cli.screen import counted

    return f"{counted(found.cursor, 'change')} and {counted(len(found.cells), 'cell')}"


def _draw(listed: "Sequence[ListedBook]") -> None:
    from cutaway.cli.screen import open_screen
    from cutaway.studio.server.documents import documents_folder

    screen = open_screen()
    screen.heading("Workbooks")
    if listed:
        screen.table(["name or prompt", "key", "model", "changes", "cells", "last used", ""],
                     [[_title(one["name"], one["prompt"]), one["book"], one["model"],
                       f"{one['changes']:,}", f"{one['cells']:,}", _when(one["used"]),
                       _remark(one)] for one in listed],
                     right=(3, 4), wrap=(0, 2, 6))
    else:
        screen.note("There is none yet: cutaway open begins one.")
    screen.print("")
    screen.note(f"They are in {documents_folder()}.")
    screen.hint("Open one, or begin anew:", "cutaway open --book NAME", "cutaway open --new")


def _when(used: float) -> str:
    return datetime.fromtimestamp(used).strftime("%Y-%m-%d %H:%M")


def _remark(one: "ListedBook") -> str:
    remarks = ["open" if one["open"] else "",
               "" if one["has_model"] else "its model is not on this computer",
               "" if one["trusted"] else "from a file, not run yet"]
    return ", ".join(filter(None, remarks))


def _draw_one(found: "Document") -> None:
    from cutaway.cli.screen import open_screen
    from cutaway.studio.server.books import changes_in_words

    screen = open_screen()
    screen.heading(_title(found.name, found.prompt_in_force), found.identity)
    screen.table(["", ""], [["model", found.model], ["prompt", found.prompt_in_force],
                            ["holds", _holds(found)]], wrap=(1,))
    if found.changes:
        screen.heading("Changes", "in order; what was undone is in brackets")
        screen.table(["", ""], [
            [str(place + 1), words if place < found.cursor else f"({words})"]
            for place, words in enumerate(changes_in_words(found))], right=(0,), wrap=(1,))
    screen.hint("Open it:", f"cutaway open --book {found.identity}")
