"""Text and tokens that run over the screen's lines."""

from collections.abc import Iterable, Sequence
from typing import Protocol

from cutaway.cli.say import say
from cutaway.cli.screen import QUIET, STRONG, TOKEN_STYLES, Screen, error_screen
from cutaway.words import harmless, quoted


class Written(Protocol):
    """A token of a text that is being written: what is certain of it, and whether the model's
    positions were all taken."""

    @property
    def text(self) -> str: ...

    @property
    def restarted(self) -> bool: ...


def print_tokens(screen: Screen, tokens: Sequence[str], ids: Sequence[int | str], *,
                 under: str = "id", styles: Sequence[str] = ()) -> None:
    """Tokens side by side with their ids beneath, or something else; as many a line as fit.

    styles  of each token, on a screen with colours; two in turn when none are given
    """
    from rich.cells import cell_len
    from rich.text import Text

    words = [quoted(token) for token in tokens]
    widths = [max(cell_len(word), len(str(id))) for word, id in zip(words, ids, strict=True)]
    for line in _lines(widths, screen.width - 9):
        above, below = Text.assemble(("  token  ", QUIET)), Text.assemble((f"  {under:7}", QUIET))
        for place in line:
            own = styles[place] if styles else TOKEN_STYLES[place % 2]
            style = own if screen.has_colour else ""
            above.append(words[place], style)
            above.append(" " * (widths[place] - cell_len(words[place]) + 1))
            below.append(str(ids[place]).ljust(widths[place] + 1))
        screen.print(above, below)


def _lines(widths: Sequence[int], room: int) -> list[list[int]]:
    """The places of the cells on each line; only a cell wider than the room stands out."""
    lines: list[list[int]] = []
    left = 0
    for place, width in enumerate(widths):
        if width + 1 > left or not lines:
            lines.append([])
            left = room
        lines[-1].append(place)
        left -= width + 1
    return lines


def write_text(screen: Screen, prompt: str, written: Iterable[Written]) -> None:
    """A prompt, and after it the tokens of the text as they come.

    When the model's positions were all taken on the way, a line on standard error says so.
    """
    flow, restarted = TextFlow(screen), False
    flow.write(prompt, QUIET)
    for token in written:
        flow.write(token.text, STRONG)
        restarted |= token.restarted
    flow.end()
    if restarted:
        error_screen().note("All positions of the model were taken: the newest half of the text "
                            "went on as a prompt of its own.")


class TextFlow:
    """Text that appears while it is written: wrapped between words on a terminal only."""

    def __init__(self, screen: Screen):
        self._screen, self._word, self._style, self._column = screen, "", "", 0

    def write(self, text: str, style: str = "") -> None:
        """Show the text as far as its words are whole. The style is drawn on a terminal only."""
        text = harmless(text)
        if not self._screen.is_terminal:
            say(text, nl=False)
            return
        if style != self._style:
            self._show_word()
            self._style = style
        for letter in text:
            if letter.isspace():
                self._show_word()
            if letter == "\n":
                self._end_line()
            else:
                self._word += letter

    def end(self) -> None:
        """Show what is left, and end the line."""
        self._show_word()
        self._end_line()

    def _end_line(self) -> None:
        say()
        self._column = 0

    def _show_word(self) -> None:
        from rich.cells import cell_len

        word = self._word
        if self._column and self._column + cell_len(word) > self._screen.width:
            self._end_line()
            word = word.lstrip(" ")
        self._screen.write(word, self._style)
        self._column += cell_len(word)
        self._word = ""
