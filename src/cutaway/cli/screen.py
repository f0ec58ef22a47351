"""Where a verb's output goes: a terminal with its width and colours, or a pipe as plain text.

Everything that is drawn passes through here, so that no prompt, token or name is ever read as
markup or as a command to the terminal. What is not drawn but said goes through `say`.
"""

import json
import math
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from itertools import zip_longest
from typing import TYPE_CHECKING, Any

from cutaway.cli.drawing.bars import BLUE, Bar
from cutaway.cli.say import say
from cutaway.words import harmless

if TYPE_CHECKING:
    from rich.console import Console, ConsoleOptions, RenderableType
    from rich.segment import Segment
    from rich.table import Table
    from rich.text import Text

    Cell = str | Text | Bar

PLAIN_WIDTH = 80      # for what is laid out in a pipe, so that it is the same everywhere
WIDEST = 120          # lines longer than this are hard to read on any terminal
LONGEST_BAR = 40
NARROWEST = 16        # for a column whose words may go on in the next line
UNLIMITED = 100_000   # a table in a pipe is as wide as it needs to be: nothing is cut off

# The one palette. Every colour stands beside a word, a number or a length that says the same.
TITLE, QUIET, STRONG = "bold", "dim", "bold"
RISE, FALL = "#d9822b", BLUE
TOKEN_STYLES = ("#16181d on #cfe3fb", "#16181d on #fde0bd")


class Screen:
    """The output of one verb.

    width        columns to lay things out in: the terminal's, up to 120; 80 in a pipe
    is_terminal  whether a person is looking at it now
    has_colour   whether it shows colours (NO_COLOR and TERM=dumb are respected)
    """

    def __init__(self, console: "Console"):
        self._console = console
        self.is_terminal = console.is_terminal
        self.has_colour = console.color_system is not None and not console.no_color
        self.width = min(console.width, WIDEST) if self.is_terminal else PLAIN_WIDTH

    def widened(self) -> "Screen":
        """The same screen for a table that is shown whole, however far its lines run on."""
        screen = Screen(self._console)
        screen.width = UNLIMITED
        return screen

    def print(self, *drawings: "RenderableType") -> None:
        """Each drawing on lines of its own; in a pipe without spaces at the ends of lines."""
        for drawing in drawings:
            self._print(drawing, self.width if self.is_terminal else UNLIMITED)

    def _print(self, drawing: "RenderableType", width: int) -> None:
        self._console.width = width
        if self.is_terminal:
            self._console.print(_Harmless(drawing), crop=False)
            return
        with self._console.capture() as captured:
            self._console.print(_Harmless(drawing))
        lines = captured.get().splitlines()
        say("\n".join(line.rstrip() for line in lines), file=self._console.file)

    def write(self, words: str, style: str = "") -> None:
        """Words where the last ones ended, at once."""
        from rich.text import Text

        self._console.print(Text(harmless(words), style), end="", soft_wrap=True)

    def heading(self, title: str, note: str = "") -> None:
        """An empty line, then a title with a quieter note behind it."""
        from rich.text import Text

        self.print("", Text.assemble((harmless(title), TITLE),
                                     (f"   {harmless(note)}" if note else "", QUIET)))

    def note(self, words: str) -> None:
        """A quiet sentence, wrapped at the width."""
        from rich.padding import Padding
        from rich.text import Text

        self._print(Padding(Text(harmless(words), QUIET), (0, 0, 0, 2)), self.width)

    def hint(self, words: str, *commands: str) -> None:
        """What one could do next; only for people, never in a pipe."""
        from rich.text import Text

        if self.is_terminal:
            self.print("", Text(harmless(words), QUIET))
            for command in commands:
                self.print(Text(f"  {harmless(command)}", no_wrap=True, overflow="fold"))

    @contextmanager
    def moving_line(self, total: int) -> "Iterator[Callable[[int, str], None]]":
        """A line at the bottom of a terminal, drawn again with how much is done, and words."""
        from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn

        bars = Progress(BarColumn(bar_width=16), MofNCompleteColumn(),
                        TextColumn("{task.description}", markup=False), console=self._console)
        with bars:
            task = bars.add_task("", total=total)
            yield lambda done, words: bars.update(task, completed=done,
                                                  description=harmless(words))

    def table(self, columns: Sequence["str | Text"], rows: Iterable[Sequence["Cell"]],
              right: Iterable[int] = (), wrap: Iterable[int] = ()) -> None:
        """Rows under quiet headings; bars share the room that the other cells leave.

        right  the places of the columns that hold numbers and end at the same place
        wrap   the places of those that go on in the next line where a terminal is too narrow; the
               others are never cut: on a screen too narrow for them the lines run over
        """
        from rich.padding import Padding

        rows, wrap = [list(row) for row in rows], set(wrap)
        room = self._room_for_bars(columns, rows)
        if not self.is_terminal:
            drawn = [[cell.drawn(room) if isinstance(cell, Bar) else cell for cell in row]
                     for row in rows]
            say("\n".join(_plain_lines(columns, drawn, set(right))), file=self._console.file)
            return
        grid = _empty_table(columns, set(right), wrap)
        for row in rows:
            grid.add_row(*[cell.drawn(room) if isinstance(cell, Bar) else as_text(cell)
                           for cell in row])
        least = 2 + sum(2 + (NARROWEST if place in wrap else width)
                        for place, width in enumerate(_widths(columns, rows)))
        self._print(Padding(grid, (0, 0, 0, 2), expand=False), max(self.width, least))

    def lines(self, lines: Iterable[str]) -> None:
        """Lines that are laid out already, each as soon as it is there."""
        for line in lines:
            say(line, file=self._console.file)

    def _room_for_bars(self, columns: Sequence["str | Text"],
                       rows: Sequence[Sequence["Cell"]]) -> int:
        """How wide each of a table's bars may be."""
        bars = {place for row in rows for place, cell in enumerate(row) if isinstance(cell, Bar)}
        if not bars:
            return 0
        left = self.width - 2 - sum(_widths(columns, rows)) - 2 * (len(columns) - 1)
        return max(0, min(LONGEST_BAR, left // len(bars)))


class _Harmless:
    """A drawing whose words cannot steer the terminal, whoever wrote them."""

    def __init__(self, drawing: "RenderableType"):
        self._drawing = drawing

    def __rich_console__(self, console: "Console",
                         options: "ConsoleOptions") -> "Iterator[Segment]":
        from rich.segment import Segment

        for piece in console.render(self._drawing, options):
            yield Segment(harmless(piece.text), piece.style, piece.control)


def open_screen() -> Screen:
    """The screen on standard output."""
    from rich.console import Console

    console = Console(highlight=False, markup=False, emoji=False)
    if not console.is_terminal:
        console.width = UNLIMITED
    return Screen(console)


def error_screen() -> Screen:
    """The screen on standard error: progress and remarks, which are no part of the result."""
    from rich.console import Console

    return Screen(Console(highlight=False, markup=False, emoji=False, stderr=True))


def as_text(cell: Any) -> "Text":
    """A cell as text that is drawn as it stands.

    It is made harmless before Rich sees it, which would leave some control characters out.
    """
    from rich.text import Text

    return Text(harmless(cell)) if isinstance(cell, str) else cell


def _widths(columns: Sequence["str | Text"], rows: Sequence[Sequence["Cell"]]) -> list[int]:
    """How wide each column's words are; bars have none."""
    return [max(max(map(cell_width, str(as_text(cell)).split("\n")), default=0)
                for cell in column if not isinstance(cell, Bar))
            for column in zip(columns, *rows, strict=True)]


def _plain_lines(columns: Sequence["str | Text"], rows: "Sequence[Sequence[str | Text]]",
                 right: set[int]) -> Iterator[str]:
    """A table's lines in a pipe, where nothing is wrapped: rich would measure each cell often."""
    cells = [[str(as_text(cell)).split("\n") for cell in row] for row in rows]
    if any(columns):
        heading = [str(as_text(name)).split("\n") for name in columns]
        tallest = max(map(len, heading))
        cells.insert(0, [[""] * (tallest - len(name)) + name for name in heading])
    widths = [max(cell_width(line) for cell in column for line in cell)
              for column in zip(*cells, strict=True)]
    for row in cells:
        for lines in zip_longest(*row, fillvalue=""):
            aligned = [_aligned(line, width, place in right) for place, (line, width)
                       in enumerate(zip(lines, widths, strict=True))]
            yield ("  " + "  ".join(aligned)).rstrip()


def laid_out(rows: Sequence[Sequence[str]], right: Iterable[int] = ()) -> list[list[str]]:
    """Each row's words as wide as their columns.  right: the columns that end at one place"""
    widths = [max(map(cell_width, column)) for column in zip(*rows, strict=True)]
    return [[_aligned(words, width, place in set(right))
             for place, (words, width) in enumerate(zip(row, widths, strict=True))] for row in rows]


def _aligned(words: str, width: int, to_the_right: bool) -> str:
    spaces = " " * (width - cell_width(words))
    return spaces + words if to_the_right else words + spaces


def cell_width(words: str) -> int:
    """How many columns of a terminal some words take."""
    from rich.cells import cell_len

    return cell_len(words)


def _empty_table(columns: Sequence["str | Text"], right: set[int], wrap: set[int]) -> "Table":
    from rich.table import Table

    grid = Table(box=None, padding=(0, 2, 0, 0), pad_edge=False, header_style=QUIET,
                 show_header=any(columns))
    for place, name in enumerate(columns):
        grid.add_column(as_text(name), justify="right" if place in right else "left",
                        overflow="fold", no_wrap=place not in wrap)
    return grid


def percent(share: float) -> str:
    """A share of 1 for people: 31.2 %."""
    return f"{share:.1%}".replace("%", " %") if share >= 0.001 or share == 0 else "<0.1 %"


def counted(count: int, thing: str) -> str:
    """1 token, 6 tokens."""
    return f"{count:,} {thing}" if count == 1 else f"{count:,} {thing}s"


def sized(sizes: Iterable[int], axes: Iterable[str]) -> str:
    """A shape with what its rows and columns are: 6 heads x 8 positions x 192 embed."""
    plural = {"head", "position", "source", "block"}
    return " x ".join(counted(size, axis) if axis in plural else f"{size:,} {axis}"
                      for size, axis in zip(sizes, axes, strict=True)) or "one number"


def by(sizes: Iterable[int]) -> str:
    """A shape as people write it: 6 x 192."""
    return " x ".join(f"{size:,}" for size in sizes) or "one number"


def print_json(value: Any) -> None:
    """A value as JSON for programs: one object, two spaces a level, infinity and NaN as null."""
    say(json.dumps(_finite(value), indent=2))


def _finite(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _finite(inner) for key, inner in value.items()}
    if isinstance(value, list | tuple):
        return [_finite(inner) for inner in value]
    return None if isinstance(value, float) and not math.isfinite(value) else value
