"""What a lesson is made of: pieces, one screen each, of prose, acts and questions."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Literal

How = Literal["pick", "number", "choose", "change"]


@dataclass(frozen=True)
class Span:
    """Some words of one kind.

    kind   "text", "strong", "emphasis", "code", "link", or "value": what an expression gives
    to     a link's address; a value's expression
    spec   how a value is written: "percent", "token", ".2f"
    """

    kind: str
    text: str
    to: str = ""
    spec: str = ""


@dataclass(frozen=True)
class Block:
    """A paragraph, or what stands in the place of one.

    kind   "paragraph", "quote", "bullets", "numbered" or "table"
    lines  the paragraphs' words; an item or a row each. The cells of a table's row are `cells` of
           its lines, and its first row is the heading
    """

    kind: str
    lines: tuple[tuple[Span, ...], ...]
    cells: tuple[tuple[tuple[Span, ...], ...], ...] = ()

    def spans(self) -> list[Span]:
        """All words, in their order."""
        return [span for line in self.lines for span in line] + \
            [span for row in self.cells for cell in row for span in cell]


@dataclass(frozen=True)
class Prose:
    """Paragraphs between acts."""

    blocks: tuple[Block, ...]


@dataclass(frozen=True)
class Act:
    """Something that is done on the workbook.

    verb   "prompt", "show", "place", "change", "cell" or "write"
    words  what follows it, as it stands in the lesson
    line   where it stands in the lesson's file
    """

    verb: str
    words: str
    line: int


@dataclass(frozen=True)
class Option:
    """One answer to choose, and why it is right or wrong."""

    words: tuple[Block, ...]
    reason: tuple[Block, ...]


@dataclass(frozen=True)
class Ask:
    """A question. What comes after it in its piece is shown when it was answered.

    how       "pick" a cell, a "number", "choose" one of the options, "change" the workbook
    answer    an expression: the row's text or number to pick, the number, the option counted from
              1. Nothing for a change
    table     for a pick, the table and the row in which a cell is picked
    within    how far off a number may be
    until     for a change, the expression that is then true; `now` in it is the open workbook
    solution  for a change, the changes that do it, as `cutaway edit` takes them
    because   why the answer is what it is
    wrong     what to say to a wrong guess, where its option says nothing
    """

    question: tuple[Block, ...]
    how: How
    line: int
    answer: str = ""
    table: str = ""
    within: float = 0.0
    spec: str = ""
    until: str = ""
    solution: tuple[str, ...] = ()
    options: tuple[Option, ...] = ()
    because: tuple[Block, ...] = ()
    wrong: tuple[Block, ...] = ()


@dataclass(frozen=True)
class Exercise:
    """Something to try alone, with an answer to open."""

    question: tuple[Block, ...]
    answer: tuple[Block, ...]
    line: int


Part = Prose | Act | Ask | Exercise


@dataclass(frozen=True)
class Piece:
    """One screen of a lesson, under a heading."""

    title: str
    parts: tuple[Part, ...]

    def asks(self) -> list[Ask]:
        """Its questions."""
        return [part for part in self.parts if isinstance(part, Ask)]


@dataclass(frozen=True)
class Lesson:
    """One lesson of the course.

    name      its file's name: "05-attention"
    question  what it begins with
    minutes   how long it takes
    shows     the items of the workshop that it shows: "W97"
    told_of   the model that its sentences are about; "" where they hold for each
    holds     expressions that are true of that model, or its sentences would not be
    """

    name: str
    number: int
    title: str
    question: str
    minutes: int
    pieces: tuple[Piece, ...]
    shows: tuple[str, ...] = ()
    told_of: str = ""
    holds: tuple[str, ...] = field(default=())

    def all_blocks(self) -> list[Block]:
        """Every paragraph, those of questions and answers among them."""
        return [block for piece in self.pieces for part in piece.parts for block in _blocks(part)]


def _blocks(part: Part) -> Sequence[Block]:
    match part:
        case Prose():
            return part.blocks
        case Ask():
            of_options = [block for one in part.options for block in (*one.words, *one.reason)]
            return [*part.question, *of_options, *part.because, *part.wrong]
        case Exercise():
            return [*part.question, *part.answer]
    return []
