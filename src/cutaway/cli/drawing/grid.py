"""A sheet of numbers on the screen: rows with their tokens, as many columns as fit."""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import chain

from cutaway.cli.drawing.bars import Bar
from cutaway.cli.drawing.heat import Heat
from cutaway.cli.drawing.numbers import Written
from cutaway.cli.drawing.slices import Slice
from cutaway.cli.screen import UNLIMITED, Screen, by, cell_width, laid_out
from cutaway.words import quoted

MOST_ROWS = 20
SHADE_WIDTH = 2


@dataclass(frozen=True)
class Style:
    """How the sheets of one table are drawn.

    written    how its numbers are written
    heat       its scale; None to draw numbers alone
    everything whether nothing is left out, however large it is
    """

    written: Written
    heat: Heat | None
    everything: bool


def draw_sheet(screen: Screen, sheet: Slice, style: Style) -> None:
    """A sheet of rows and columns, or of one row a number; what is left out is named."""
    if not sheet.axes:
        screen.print(f"  {style.written(sheet.array.item())}")
        return
    rows = UNLIMITED if style.everything else MOST_ROWS
    if len(sheet.axes) == 1:
        sheet = sheet.largest_first() if sheet.is_whole_vocabulary else sheet
        shown = sheet.cut(rows, 0)
        _draw_column(screen, shown, style)
    else:
        as_shades = style.heat is not None and not _fits(screen, sheet, style)
        that_fit = _shades_that_fit if as_shades else _columns_that_fit
        columns = UNLIMITED if style.everything else that_fit(
            screen, sheet.cut(rows, UNLIMITED), style)
        shown = sheet.cut(rows, columns)
        if style.everything and style.heat is None:
            screen.lines(_whole_lines(shown, style.written))
        else:
            (_draw_shades if as_shades else _draw_numbers)(screen, shown, style)
    _tell_what_is_left_out(screen, sheet, shown)


def _draw_column(screen: Screen, sheet: Slice, style: Style) -> None:
    """One number a row, with a bar beside it."""
    from cutaway.cli.drawing.heat import heat_of
    from cutaway.cli.screen import FALL, RISE

    heat = style.heat or heat_of(sheet.array)
    rows = [[*_row_labels(sheet, at), style.written(number),
             Bar(heat.share(number), FALL if number < 0 else RISE if heat.diverging else FALL)]
            for at, number in enumerate(sheet.array)]
    right = [*_numbers_in_front(sheet), len(_row_headings(sheet))]
    screen.table([*_row_headings(sheet), "value", ""], rows, right=right)


def _draw_numbers(screen: Screen, sheet: Slice, style: Style) -> None:
    """The numbers, on the colours of the heat where it is wanted; shares of 1 with their sum."""
    from rich.text import Text

    columns = [Text(heading, justify="right") for heading in _column_headings(sheet)]
    rows: list[list[str | Text]] = []
    for at, numbers in enumerate(sheet.array):
        cells: list[str | Text] = [Text(style.written(number),
                                        style.heat.style(number) if style.heat else "")
                                   for number in numbers]
        rows.append([*_row_labels(sheet, at), *cells, *_sum(sheet, at)])
    labels = _row_headings(sheet)
    sums = ["sum"] if _sum(sheet, 0) else []
    right = [*_numbers_in_front(sheet),
             *range(len(labels), len(labels) + len(columns) + 1)]
    screen.table([*labels, *columns, *sums], rows, right=right)


def _whole_lines(sheet: Slice, written: Written) -> Iterator[str]:
    """The lines of a table however large it is: only widths are kept of what was written."""
    front = [_row_labels(sheet, at) for at in range(len(sheet.array))]
    back = [_sum(sheet, at) for at in range(len(sheet.array))]
    headings = [heading.split("\n") for heading in _column_headings(sheet)]
    tallest = max(map(len, headings))
    words = [[""] * (tallest - len(heading)) + heading for heading in headings]
    widths = [max(map(cell_width, column)) for column in words]
    for row in sheet.array:
        widths = list(map(max, widths, map(len, map(written, row.tolist()))))
    above = [[" " * (width - cell_width(column[line])) + column[line]
              for column, width in zip(words, widths, strict=True)] for line in range(tallest)]
    below = (map(str.rjust, map(written, row.tolist()), widths) for row in sheet.array)
    empty = [[""] * len(front[0])] * (tallest - 1), [[""] * len(back[0])] * (tallest - 1)
    left = laid_out([*empty[0], _row_headings(sheet), *front], _numbers_in_front(sheet))
    right = laid_out([*empty[1], ["sum"] * len(back[0]), *back], [0])
    for before, numbers, behind in zip(left, chain(above, below), right, strict=True):
        yield "  " + "  ".join([*before, *numbers, *behind]).rstrip()


def _draw_shades(screen: Screen, sheet: Slice, style: Style) -> None:
    """Two columns of the screen for each number, so that many of them are seen at once."""
    from rich.text import Text

    assert style.heat is not None
    rows = []
    for at, numbers in enumerate(sheet.array):
        shades = [style.heat.shade(number, screen.has_colour) for number in numbers]
        rows.append([*_row_labels(sheet, at), Text.assemble(*shades), *_sum(sheet, at)])
    sums = ["sum"] if _sum(sheet, 0) else []
    screen.table([*_row_headings(sheet), _ruler(sheet), *sums], rows,
                 right=_numbers_in_front(sheet))
    screen.note(style.heat.legend(screen.has_colour))


def _ruler(sheet: Slice) -> str:
    """The numbers of every fifth column, above it."""
    words = ""
    for place in range(0, len(sheet.numbers[-1]), 5):
        words = words.ljust(place * SHADE_WIDTH + 1) + str(sheet.numbers[-1][place])
    return words


def _row_headings(sheet: Slice) -> list[str]:
    axis = sheet.axes[0]
    if sheet.is_long:
        return ["row", "id", "token"]
    return ["", axis] if _has_tokens(sheet) else [axis]


def _has_tokens(sheet: Slice) -> bool:
    return any(sheet.label(sheet.axes[0], number) for number in sheet.numbers[0])


def _row_labels(sheet: Slice, at: int) -> list[str]:
    """A row's place from 0 and the token there; in a long table also its row in a spreadsheet."""
    axis, number = sheet.axes[0], sheet.numbers[0][at]
    row = [str(number + 1)] if sheet.is_long else []
    token = [quoted(sheet.label(axis, number))] if _has_tokens(sheet) else []
    return [*row, str(number), *token]


def _numbers_in_front(sheet: Slice) -> list[int]:
    """The places of the labels that are numbers."""
    return [0, 1] if sheet.is_long else [0]


def _column_headings(sheet: Slice) -> list[str]:
    axis = sheet.axes[1]
    labels = [sheet.label(axis, number) for number in sheet.numbers[1]]
    return [f"{number}\n{quoted(label)}" if label else str(number)
            for number, label in zip(sheet.numbers[1], labels, strict=True)]


def _sum(sheet: Slice, at: int) -> list[str]:
    """The sum of a row whose numbers are shares of 1, as long as all of them are on the screen."""
    if not (sheet.shares and sheet.whole_rows):
        return []
    return [f"{float(sheet.array[at].sum()):.3f}"]


def _fits(screen: Screen, sheet: Slice, style: Style) -> bool:
    """Whether the numbers themselves fit, on a screen whose colours can stand behind them."""
    rows = sheet.cut(MOST_ROWS, UNLIMITED)
    return screen.has_colour and _columns_that_fit(screen, rows, style) >= len(sheet.numbers[1])


def _columns_that_fit(screen: Screen, sheet: Slice, style: Style) -> int:
    """How many columns of numbers the screen has room for; at least one."""
    from rich.cells import cell_len

    left, count = screen.width - _label_width(sheet), 0
    headings = _column_headings(sheet.cut(1, 60))
    for place, heading in enumerate(headings):
        column = sheet.array[:, place]
        words = [*map(style.written, column), *heading.split("\n")]
        left -= 2 + max(map(cell_len, words))
        if left < -2 and count:
            break
        count += 1
    return count


def _shades_that_fit(screen: Screen, sheet: Slice, style: Style) -> int:
    return max(1, (screen.width - _label_width(sheet)) // SHADE_WIDTH)


def _label_width(sheet: Slice) -> int:
    """The columns that stand beside the numbers: the labels in front, the sums behind."""
    from rich.cells import cell_len

    rows = [_row_labels(sheet, at) for at in range(len(sheet.numbers[0]))]
    columns = zip(_row_headings(sheet), *rows, strict=True)
    widths = [max(map(cell_len, column)) for column in columns]
    return 2 + sum(width + 2 for width in widths) + (len("1.000") + 2 if _sum(sheet, 0) else 0)


def _tell_what_is_left_out(screen: Screen, sheet: Slice, shown: Slice) -> None:
    """Which rows and columns are not on the screen, and how to see them."""
    left = []
    for axis, all_numbers, numbers in zip(sheet.axes, sheet.numbers, shown.numbers, strict=False):
        hidden = all_numbers[len(numbers):]
        if hidden:
            left.append(f"{axis} {hidden[0]} to {hidden[-1]}" if len(hidden) > 1
                        else f"{axis} {hidden[0]}")
    if sheet.is_whole_vocabulary and len(sheet.axes) == 1:
        screen.note(f"The largest of {len(sheet.numbers[0]):,}; all of them with --all or --csv.")
    elif left:
        axis = sheet.axes[-1] if len(shown.numbers[-1]) < len(sheet.numbers[-1]) else sheet.axes[0]
        screen.note(f"Of {by(sheet.array.shape)}; not shown: {', '.join(left)}. "
                    f"Choose with [{axis}=FROM:TO], or take all with --all or --csv.")
