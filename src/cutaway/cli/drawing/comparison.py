"""Two runs beside each other: their next tokens, and the tables that differ, worst first."""

from collections.abc import Sequence
from dataclasses import asdict
from typing import Any

from cutaway.cli.screen import Screen, by, counted, percent
from cutaway.look import MovedGuess, moved_guesses
from cutaway.words import quoted
from cutaway.workbook import Difference, Run


def draw_comparison(screen: Screen, before: Run, after: Run, found: Sequence[Difference], *,
                    sides: tuple[str, str], top: int, tables: int) -> None:
    """The next tokens of both, then the tables that differ.

    sides   what the two are called
    top     how many tokens, and `tables` how many tables, to show
    """
    screen.heading("The next token", f"probability {sides[0]} and {sides[1]}")
    _draw_changes(screen, moved_guesses(before, after, top), sides)
    if not found:
        screen.print("")
        screen.note("Every number is the same in both.")
    elif tables:
        screen.heading("What differs", f"{counted(len(found), 'table')}, worst first; relative to "
                       "the table's largest number")
        _draw_differences(screen, found, tables, before)


def _draw_changes(screen: Screen, found: Sequence[MovedGuess], sides: tuple[str, str]) -> None:
    """The probabilities side by side on one scale, and how far each moved."""
    from rich.text import Text

    from cutaway.cli.drawing.bars import Bar
    from cutaway.cli.screen import FALL, RISE

    longest = max(max(change.before, change.after) for change in found)
    rows = []
    for change in found:
        moved = change.after - change.before
        style = RISE if moved > 0 else FALL if moved < 0 else ""
        rows.append([quoted(change.text), str(change.id),
                     percent(change.before), Bar(change.before / longest),
                     percent(change.after), Bar(change.after / longest),
                     Text(f"{moved * 100:+.1f}", style)])
    screen.table(["token", "id", sides[0], "", sides[1], "", "points"], rows, right=[1, 2, 4, 6])


def _draw_differences(screen: Screen, found: Sequence[Difference], count: int, before: Run) -> None:
    """The tables that differ, worst first, each with its worst cell."""
    rows = [[one.name, f"{one.relative:.1%}".replace("%", " %"), _place(before, one),
             f"{one.before:.4g}", f"{one.after:.4g}"] for one in found[:count]]
    screen.table(["table", "moved by", "most at", "from", "to"], rows,
                 right=[1, 3, 4], wrap=[2])
    if len(found) > count:
        more = counted(len(found) - count, "table")
        screen.note(f"{more} more: --tables {len(found)} shows all.")
    if lengths := [one for one in found if one.shapes[0] != one.shapes[1]]:
        shapes = " and ".join(by(shape) for shape in lengths[0].shapes)
        screen.note(f"Tables of different sizes ({lengths[0].name}: {shapes}) are compared in the "
                    "cells that both have.")


def _place(run: Run, one: Difference) -> str:
    """The worst cell in words: head 1, "moves", "Mike"."""
    words = []
    for axis, number in zip(run.book.axes(one.name), one.place, strict=True):
        label = run[one.name].label(axis, number)
        words.append(quoted(label) if label else f"{axis} {number}")
    return ", ".join(words)


def comparison_as_json(before: Run, after: Run, found: Sequence[Difference],
                       count: int) -> dict[str, Any]:
    """Both runs' candidates and every difference, for a program."""
    return {"next": [asdict(change) for change in moved_guesses(before, after, count)],
            "tables": [asdict(one) for one in found]}
