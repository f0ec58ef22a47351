"""A lesson in the terminal: its words, the tables that it shows, and its questions."""

import shlex
from collections.abc import Sequence
from typing import TYPE_CHECKING

import click

from cutaway.cli.drawing.grid import Style, draw_sheet
from cutaway.cli.drawing.heat import heat_of
from cutaway.cli.drawing.numbers import number_format
from cutaway.cli.drawing.slices import slice_of
from cutaway.cli.screen import QUIET, STRONG, open_screen, percent
from cutaway.course.acts import doing
from cutaway.course.lesson import Act, Ask, Block, Exercise, Lesson, Piece, Prose
from cutaway.course.progress import remember
from cutaway.course.prose import blocks
from cutaway.course.seen import Seen
from cutaway.course.stage import Judged, Stage
from cutaway.errors import CutawayError
from cutaway.look import likeliest
from cutaway.model import Model
from cutaway.words import quoted
from cutaway.workbook import Run
from cutaway.workbook.address import Address, changed, parse_address

if TYPE_CHECKING:
    from rich.text import Text

_STYLES = {"strong": STRONG, "emphasis": "italic", "value": STRONG, "code-value": STRONG}
_SKIP = "?"
_ELSEWHERE = {"overview": "the whole machine", "tokens": "the tokens", "writing": "writing",
              "scratch": "the scratch sheet", "weights": "the weights",
              "learning": "the learning of tokens"}


class Teller:
    """Tells one lesson with one model.

    asks  whether somebody is there to answer; otherwise the answers stand below the questions
    """

    def __init__(self, lesson: Lesson, model: Model, asks: bool):
        self.stage, self.asks = Stage(lesson, model), asks
        self.lesson, self.model = lesson, model
        self._screen = open_screen()

    def tell(self, begin: int = 0) -> None:
        """From one screen to the end. After Ctrl-C it goes on where it was left."""
        self._screen.heading(f"Lesson {self.lesson.number}: {self.lesson.title}",
                             f"{self.lesson.minutes} minutes")
        self._paragraphs(blocks(self.lesson.question), self.stage.seen_at(0))
        if self.stage.told_of_another:
            self._screen.note(f"This lesson is told of the model {self.lesson.told_of}. The "
                              f"numbers are those of {self.model.name}: where it differs, the "
                              f"sentences do not fit.")
        for number, piece in list(enumerate(self.lesson.pieces))[begin:]:
            if self.asks:
                remember(self.lesson.name, number)
            self._tell_piece(piece, number)
        if self.asks:
            remember(self.lesson.name, len(self.lesson.pieces) - 1, done=True)

    def _tell_piece(self, piece: Piece, number: int) -> None:
        self._screen.heading(piece.title, f"{number + 1} of {len(self.lesson.pieces)}")
        for place, part in enumerate(piece.parts):
            seen = self.stage.seen_at(number, place)
            match part:
                case Prose():
                    self._paragraphs(part.blocks, seen)
                case Act():
                    self._act(part, number, place)
                case Ask():
                    self._ask(part, number, place)
                case Exercise():
                    self._exercise(part, seen)
        if self.asks and number + 1 < len(self.lesson.pieces):
            click.prompt("\n  Enter goes on", default="", show_default=False, prompt_suffix=" ")

    # ---- Words ---------------------------------------------------------------------------

    def _paragraphs(self, some: Sequence[Block], seen: Seen) -> None:
        from rich.padding import Padding

        for block in some:
            if block.kind == "table":
                head, *rows = [[self._text(cell, seen) for cell in row] for row in block.cells]
                self._screen.table(head, rows, wrap=range(len(head)))
                continue
            for number, line in enumerate(block.lines, 1):
                mark = {"bullets": "- ", "numbered": f"{number}. ",
                        "quote": "| "}.get(block.kind, "")
                words = self._text(line, seen)
                self._screen.print(Padding(_marked(mark, words), (0 if mark else 1, 0, 0, 2)))

    def _text(self, spans: Sequence, seen: Seen) -> "Text":
        from rich.text import Text

        return Text.assemble(*[(quoted(text) if kind == "code" and text[:1] == " " else text,
                                _STYLES.get(kind, ""))
                               for kind, text, _ in self.stage.words(spans, seen)])

    # ---- Acts ----------------------------------------------------------------------------

    def _act(self, act: Act, number: int, place: int) -> None:
        run = self.stage.run_of(self.stage.prompt_at(number, place))
        try:
            self._done(act, run, number, place)
        except CutawayError as error:
            self._screen.note(f"{act.words}: not in this model. {error}")

    def _done(self, act: Act, run: Run, number: int, place: int) -> None:
        match act.verb:
            case "prompt":
                self._said("Prompt", act.words)
            case "show":
                words, _, view = act.words.partition(" as ")
                self._show(parse_address(words), run, heat=view == "heat")
            case "place":
                self._place(doing(act, run).fields)
            case "change":
                self._said("What if", act.words)
                self._next(changed(run, act.words), before=run)
            case "cell":
                done = self.stage.doing(act, number, place)
                self._said(act.words, str(self.stage.cell(done, number, place)))
            case "write":
                text = Seen(self.model, run).writes(int(act.words))
                self._said("It goes on", text)

    def _place(self, fields: dict[str, str]) -> None:
        """A place of the page, and the command that shows the same here, where there is one."""
        text = fields["text"]
        here = f" Here: cutaway tokens {shlex.quote(text)} --steps" if text else ""
        if text and fields["vocabulary"]:
            here += f" --tokenizer {fields['vocabulary']}"
        self._screen.note(f"On the page this opens {_ELSEWHERE[fields['place']]}.{here}")

    def _said(self, what: str, words: str) -> None:
        from rich.text import Text

        self._screen.print("", Text.assemble(("  " + what + "   ", QUIET), words))

    def _show(self, address: Address, run: Run, *, heat: bool = False, whole: bool = False) -> None:
        """A table; of one with heads, the head that is meant.

        whole  whether the address is shown as it is: a row, and all of it
        """
        front = run[address.name].axes[:-2]
        cells = {axis: cell for axis, cell in address.cells.items() if whole or axis in front}
        shown = slice_of(run, Address(address.name, cells))
        self._said("Table", str(Address(address.name, cells)))
        style = Style(number_format(shown.array), heat_of(shown.array) if heat else None, whole)
        for _, sheet in list(shown.sheets())[:1]:
            draw_sheet(self._screen, sheet, style)

    def _next(self, run: Run, before: Run | None = None) -> None:
        now = likeliest(run, 1)[0]
        words = f"{quoted(now.text)} {percent(now.probability)}"
        was = likeliest(before, 1)[0] if before else None
        self._said("Next token", words + (f", was {quoted(was.text)} {percent(was.probability)}"
                                          if was else ""))

    # ---- Questions -----------------------------------------------------------------------

    def _ask(self, ask: Ask, number: int, place: int) -> None:
        from rich.text import Text

        seen = self.stage.seen_at(number, place)
        if not self.stage.can_ask(ask, number, place):
            self._screen.note(f"{self.model.name} has no answer to a question that stands here.")
            return
        self._screen.print("", Text("  Your turn", STRONG))
        self._paragraphs(ask.question, seen)
        for count, option in enumerate(ask.options, 1):
            words = Text(" ").join(self._text(line, seen) for block in option.words
                                   for line in block.lines)
            self._screen.print(_marked(f"    {count}. ", words))
        if ask.table:
            self._show(parse_address(ask.table), self.stage.run_of(
                self.stage.prompt_at(number, place)), whole=True)
        if self.asks:
            self._until_answered(ask, number, place)
        else:
            self._verdict(ask, *self._judged(ask, number, place, _SKIP), given=_SKIP)

    def _until_answered(self, ask: Ask, number: int, place: int) -> None:
        while True:
            given = click.prompt(f"\n  {_INVITATIONS[ask.how]} ({_SKIP}: the answer)",
                                 prompt_suffix=": ")
            try:
                judged, seen = self._judged(ask, number, place, given)
            except CutawayError as error:
                self._screen.note(str(error))
                continue
            if judged.right or given == _SKIP:
                self._verdict(ask, judged, seen, given)
                return
            self._screen.note("Not that one.")
            self._paragraphs(judged.wrong, seen)

    def _judged(self, ask: Ask, number: int, place: int, given: str) -> tuple[Judged, Seen]:
        seen = self.stage.seen_at(number, place)
        if ask.how == "change":
            run = self.stage.run_of(self.stage.prompt_at(number, place))
            changes = ask.solution if given == _SKIP else (given,)
            for change in changes:
                run = changed(run, change)
            self._next(run, before=self.stage.run_of(self.stage.prompt_at(number, place)))
            seen = self.stage.seen_at(number, place, run)
        elif given == _SKIP:
            given = str(seen.value(ask.answer))
        return self.stage.judge(ask, given, seen), seen

    def _verdict(self, ask: Ask, judged: Judged, seen: Seen, given: str) -> None:
        words = "Right." if given != _SKIP else \
            f"One way: {'; '.join(ask.solution)}" if ask.how == "change" else "The answer:"
        self._said(words, "" if ask.how == "choose" and given != _SKIP else judged.answer)
        self._paragraphs(judged.because, seen)

    def _exercise(self, exercise: Exercise, seen: Seen) -> None:
        from rich.text import Text

        self._screen.print("", Text("  Try it", STRONG))
        self._paragraphs(exercise.question, seen)
        if self.asks and exercise.answer:
            click.prompt("\n  Enter shows the answer", default="", show_default=False,
                         prompt_suffix=" ")
        self._paragraphs(exercise.answer, seen)


_INVITATIONS = {"pick": "The token", "number": "Your guess", "choose": "Which number",
                "change": "A change, such as h4.attention[head=4]=0"}


def _marked(mark: str, words: "Text") -> "Text":
    from rich.text import Text

    return Text.assemble(mark, words)


