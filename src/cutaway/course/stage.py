"""A lesson on an open model: what its acts are there, its values, and what is a right answer."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from cutaway.course.acts import Doing, doing
from cutaway.course.lesson import Act, Ask, Block, Lesson, Span
from cutaway.course.prose import blocks
from cutaway.course.seen import Seen
from cutaway.course.values import NO_VALUE, written
from cutaway.errors import CutawayError, LessonError
from cutaway.glossary import find
from cutaway.model import Model
from cutaway.scratch import Scratch
from cutaway.words import quoted
from cutaway.workbook import Run
from cutaway.workbook.address import changed

# Some words: their kind, themselves, and a value's expression or a term's word in the glossary.
Shown = tuple[str, str, str]


@dataclass(frozen=True)
class Judged:
    """What is said of an answer.

    right    whether it is
    answer   the right one in words; nothing for a change
    because  why, and `wrong` what was wrong about another one
    """

    right: bool
    answer: str
    because: tuple[Block, ...]
    wrong: tuple[Block, ...] = ()


class Stage:
    """One lesson with one model.

    told_of_another  whether the lesson's sentences are about another model than the open one
    strict           whether a value that the model does not have is an error, as it is to a test;
                     to a reader it is a dash
    """

    def __init__(self, lesson: Lesson, model: Model, *, strict: bool = False):
        self.lesson, self.model, self.strict = lesson, model, strict
        self.told_of_another = bool(lesson.told_of) and lesson.told_of != model.name
        self._runs: dict[str, Run] = {}
        self._cells: Scratch | None = None

    # ---- Where a piece stands ------------------------------------------------------------

    def prompt_at(self, piece: int, part: int = 0) -> str:
        """The prompt that is open when a part of a piece begins: that of the last act before it.

        Raises:  LessonError when no act has set one
        """
        found = ""
        for number, one in enumerate(self.lesson.pieces[:piece + 1]):
            acts = one.parts if number < piece else one.parts[:part]
            for act in acts:
                if isinstance(act, Act) and act.verb == "prompt":
                    found = act.words
        return found or self._first_prompt()

    def _first_prompt(self) -> str:
        for piece in self.lesson.pieces:
            for part in piece.parts:
                if isinstance(part, Act) and part.verb == "prompt":
                    return part.words
        raise LessonError(f"{self.lesson.name} sets no prompt. Begin with: prompt TEXT")

    def run_of(self, prompt: str) -> Run:
        """The model's run on a prompt, calculated once."""
        if prompt not in self._runs:
            self._runs[prompt] = self.model.run(prompt)
        return self._runs[prompt]

    def seen_at(self, piece: int, part: int = 0, now: Run | None = None) -> Seen:
        """What expressions in a part of a piece are about."""
        return Seen(self.model, self.run_of(self.prompt_at(piece, part)), now, self._runs)

    # ---- Acts and words ------------------------------------------------------------------

    def doing(self, act: Act, piece: int, part: int) -> Doing:
        """An act with the numbers of its rows and columns.

        Raises:  LessonError with its line
        """
        try:
            return doing(act, self.run_of(self.prompt_at(piece, part)))
        except CutawayError as error:
            raise LessonError(f"{self.lesson.name}, line {act.line}: {error}") from error

    def words(self, spans: Sequence[Span], seen: Seen) -> Iterator[Shown]:
        """Words as they are shown. A value that the model does not have is a dash."""
        for span in spans:
            if span.kind == "value":
                text = self._value(span, seen)
                code = span.spec in ("token", "list") or text[:1] in "\"'"
                yield "code-value" if code else "value", text, span.to
            elif span.kind == "link" and (entry := find(span.to.partition("#")[2])):
                yield "term", span.text, entry.word
            else:
                yield span.kind, span.text, span.to

    def _value(self, span: Span, seen: Seen) -> str:
        try:
            return written(seen.value(span.to), span.spec)
        except LessonError:
            if self.strict:
                raise
            return NO_VALUE

    def cell(self, done: Doing, piece: int, part: int) -> Any:
        """What a cell gives on the lesson's scratch sheet; it may read those put there before.

        Raises:  CodeError
        """
        run = self.run_of(self.prompt_at(piece, part))
        if self._cells is None:
            self._cells = Scratch(run, self.model)
        list(self._cells.use(run))
        return self._cells.formula(done.fields["name"], done.fields["source"])

    # ---- Questions -----------------------------------------------------------------------

    def judge(self, ask: Ask, given: str, seen: Seen) -> Judged:
        """What is said of an answer to a question.

        given    the text or the number of the row that was picked, a number, an option counted from
                 1; nothing for a change, where the open workbook answers
        Raises:  LessonError when it cannot be an answer
        """
        if ask.how == "change":
            return Judged(bool(seen.value(ask.until)), "", ask.because, ask.wrong)
        right = seen.value(ask.answer)
        if ask.how == "number":
            return self._judge_number(ask, given, float(right))
        if ask.how == "choose":
            return self._judge_choice(ask, given, int(right))
        return Judged(given in (str(right), str(right).strip()), written(right), ask.because,
                      ask.wrong)

    def _judge_number(self, ask: Ask, given: str, right: float) -> Judged:
        number = typed_number(given)
        meant = min(_readings(number, given, ask.spec), key=lambda one: abs(one - right))
        side = blocks("Too low." if meant < right else "Too high.")
        return Judged(abs(meant - right) <= ask.within, written(right, ask.spec), ask.because,
                      (*side, *ask.wrong))

    def _judge_choice(self, ask: Ask, given: str, right: int) -> Judged:
        if not given.isdigit() or not 1 <= int(given) <= len(ask.options):
            raise LessonError(f"{given!r:.40} is none of the answers; a number from 1 to "
                              f"{len(ask.options)} is expected.")
        chosen = ask.options[int(given) - 1]
        why = ask.options[right - 1].reason + ask.because
        return Judged(int(given) == right, str(right), why, chosen.reason or ask.wrong)

    def can_ask(self, ask: Ask, piece: int, part: int) -> bool:
        """Whether the open model has an answer: it may lack a table that the lesson asks about."""
        try:
            self.seen_at(piece, part).value(ask.until or ask.answer)
            self.solved(ask, piece, part)
            if ask.table:
                self.doing(Act("show", ask.table, ask.line), piece, part)
        except CutawayError:
            return False
        return True

    def solved(self, ask: Ask, piece: int, part: int) -> Run:
        """The run in which a change that was asked for is made."""
        run = self.run_of(self.prompt_at(piece, part))
        for change in ask.solution:
            run = changed(run, change)
        return run

    def told(self, blocks: Sequence[Block], seen: Seen) -> list[dict[str, Any]]:
        """Paragraphs with their values, as plain data."""
        def shown(spans: Sequence[Span]) -> list[dict[str, str]]:
            return [{"kind": kind, "text": text, "to": to}
                    for kind, text, to in self.words(spans, seen)]

        return [{"kind": block.kind, "lines": [shown(line) for line in block.lines],
                 "rows": [[shown(cell) for cell in row] for row in block.cells]}
                for block in blocks]


def typed_number(text: str) -> float:
    """The number that somebody wrote, with a point or a comma, and perhaps a percent sign.

    Raises:  LessonError when it is none
    """
    plain = text.strip().removesuffix("%").strip().replace(",", ".").replace("−", "-")
    if re.fullmatch(r"h\d+", plain):  # a block by its name
        plain = plain[1:]
    try:
        return float(plain)
    except ValueError:
        raise LessonError(f"{quoted(text[:40])} is no number; one such as 0.25, or 25 %, is "
                          f"expected.") from None


def _readings(number: float, text: str, spec: str) -> list[float]:
    """What a number may mean: of a share, 25 is 25 % as well."""
    if text.strip().endswith("%"):
        return [number / 100]
    return [number, number / 100] if spec == "percent" else [number]
