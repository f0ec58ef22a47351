"""`cutaway lesson`: the course in the terminal, and on paper."""

import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from cutaway.cli.options import examples, json_option, model_option

if TYPE_CHECKING:
    from cutaway.course.lesson import Lesson
    from cutaway.model import Model


@click.command(epilog=examples(
    "cutaway lesson",
    "cutaway lesson 5",
    "cutaway lesson 5 --piece 3",
    "cutaway lesson 5 --handout",
    "cutaway lesson 5 --handout --answers -o attention.html"))
@click.argument("number", metavar="[NUMBER|NAME]", required=False)
@click.option("--piece", default=None, type=click.IntRange(1), metavar="N",
              help="Begin at this piece.  [default: where you were]")
@click.option("--handout", is_flag=True, help="Print the lesson as one page instead.")
@click.option("--answers", is_flag=True, help="With the answers, at the end of the hand-out.")
@click.option("-o", "--out", metavar="FILE",
              help="Write the hand-out to a file: Markdown, or HTML when it ends in .html.")
@model_option
@json_option
def lesson(*, number: str | None, piece: int | None, handout: bool, answers: bool,
           out: str | None, model: str, as_json: bool) -> None:
    """The course: lessons on how a GPT works, each done on the open model.

    Without a NUMBER: the list, and how far you are. With one, the lesson in this terminal; the same
    lessons stand beside the living workbook on the page (`cutaway open`). Every number in them is
    calculated when it is shown.
    """
    from cutaway.course.read import find_lesson

    _expect_together(number, handout, answers or out is not None)
    if number is None:
        _print_as_json() if as_json else _draw_list()
        return
    found, opened = find_lesson(number), _opened(model)
    if handout:
        _hand_out(found, opened, answers, out)
    else:
        from cutaway.cli.drawing.lesson import Teller

        begin = _begin(found, piece)
        Teller(found, opened, _is_a_person()).tell(begin)


def _expect_together(number: str | None, handout: bool, of_handout: bool) -> None:
    if handout and number is None:
        raise click.UsageError("Which lesson? cutaway lesson 5 --handout")
    if of_handout and not handout:
        raise click.UsageError("--answers and --out belong to --handout.")


def _opened(name: str) -> "Model":
    from cutaway.model import open_model

    return open_model(name)


def _is_a_person() -> bool:
    return sys.stdin.isatty() and sys.stdout.isatty()


def _begin(found: "Lesson", piece: int | None) -> int:
    from cutaway.course.progress import Place, places

    if piece is not None:
        if piece > len(found.pieces):
            raise click.UsageError(f"Lesson {found.number} has {len(found.pieces)} pieces.")
        return piece - 1
    place = places().get(found.name, Place())
    return 0 if place.done or not _is_a_person() else min(place.piece, len(found.pieces) - 1)


def _hand_out(found: "Lesson", model: "Model", answers: bool, out: str | None) -> None:
    from cutaway.cli.files import write_whole
    from cutaway.cli.say import say
    from cutaway.course.handout import handout, printed

    page = handout(found, model, answers)
    if out is None:
        say(page, nl=False)
        return
    html = out.lower().endswith((".html", ".htm"))
    text = printed(page, found.title) if html else page
    write_whole(Path(out), lambda file: file.writelines([text]))
    say(f"{out}: lesson {found.number}, {found.title}"
        f"{', with the answers' if answers else ''}.")


def _draw_list() -> None:
    from cutaway.cli.screen import open_screen
    from cutaway.course.prose import blocks, one_line
    from cutaway.course.read import lessons

    screen = open_screen()
    screen.heading("The course", f"{sum(one.minutes for one in lessons())} minutes in all")
    screen.table(["", "lesson", "begins with", ""],
                 [[str(one.number), one.title, one_line(blocks(one.question)), _how_far(one)]
                  for one in lessons()], right=[0], wrap=[1, 2])
    screen.hint("Begin, here or on the page:", "cutaway lesson 1", "cutaway open")


def _how_far(one: "Lesson") -> str:
    from cutaway.course.progress import Place, places

    place = places().get(one.name, Place())
    if place.done:
        return "done"
    return f"piece {place.piece + 1} of {len(one.pieces)}" if place.piece else \
        f"{one.minutes} minutes"


def _print_as_json() -> None:
    from cutaway.cli.screen import print_json
    from cutaway.course.progress import Place, places
    from cutaway.course.read import lessons

    known = places()
    print_json([{"number": one.number, "name": one.name, "title": one.title,
                 "question": one.question, "minutes": one.minutes, "shows": one.shows,
                 "pieces": [piece.title for piece in one.pieces],
                 "piece": known.get(one.name, Place()).piece + 1,
                 "done": known.get(one.name, Place()).done} for one in lessons()])
