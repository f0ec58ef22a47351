"""A lesson on paper: one page of Markdown or HTML, with or without the answers."""

from collections.abc import Iterator, Sequence
from html import escape

from cutaway.course.lesson import Act, Ask, Block, Exercise, Lesson, Prose, Span
from cutaway.course.prose import blocks, parser
from cutaway.course.seen import Seen
from cutaway.course.stage import Stage
from cutaway.course.values import NO_VALUE, written
from cutaway.model import Model
from cutaway.workbook.address import parse_address

_LINES = "_" * 40
_SPECIAL = str.maketrans({sign: f"\\{sign}" for sign in "\\`*_[]<>#|"})
_STYLE = """body{max-width:42rem;margin:2rem auto;font:12pt/1.5 Georgia,serif;color:#111}
h1,h2{font-family:sans-serif;line-height:1.2}code{font-size:.9em;background:#eee;padding:0 .2em}
table{border-collapse:collapse}td,th{border:1px solid #999;padding:.1em .5em}
blockquote{border-left:3px solid #999;margin-left:0;padding-left:1em}
h2{break-after:avoid}li,p{break-inside:avoid}@page{margin:18mm}"""


def handout(lesson: Lesson, model: Model, answers: bool = False) -> str:
    """A lesson as one page of Markdown, with the numbers of a model.

    answers  whether what is right stands at the end; without them there is room to write
    """
    stage = Stage(lesson, model)
    lines = [f"# {lesson.number}. {_plain(lesson.title)}", "",
             f"*{_plain(f'{lesson.minutes} minutes, with the model {model.name}.')}*", "",
             *_paragraphs(stage, blocks(lesson.question), stage.seen_at(0)), ""]
    told: list[str] = []
    for number, piece in enumerate(lesson.pieces):
        lines += [f"## {_plain(piece.title)}", ""]
        asked = False
        for place, part in enumerate(piece.parts):
            seen = stage.seen_at(number, place)
            asked = asked or isinstance(part, Ask)
            match part:
                case Prose() if asked:  # it tells what the question asks
                    told[-1] += f" {' '.join(_paragraphs(stage, part.blocks, seen))}"
                case Prose():
                    lines += [*_paragraphs(stage, part.blocks, seen), ""]
                case Act():
                    lines += [f"- {_said(part, quietly=asked)}", ""]
                case Ask() if not stage.can_ask(part, number, place):
                    lines += [f"*{_plain(model.name)} has no answer to a question here.*", ""]
                    told.append(f"{len(told) + 1}. {NO_VALUE}")
                case Ask():
                    told.append(f"{len(told) + 1}. {_answer(stage, part, seen)}")
                    lines += [*_question(stage, part, seen, len(told)), ""]
                case Exercise():
                    words = " ".join(_paragraphs(stage, part.answer, seen))
                    told.append(f"{len(told) + 1}. {words}")
                    question = " ".join(_paragraphs(stage, part.question, seen))
                    lines += [f"**{len(told)}. Try it.** {question}", "", _plain(_LINES), ""]
    if answers:
        lines += ["## The answers", "", *told, ""]
    return "\n".join(lines)


def printed(markdown: str, title: str) -> str:
    """The same as a page of HTML for a printer. Nothing in it is fetched or run."""
    return (f'<!doctype html><html lang="en"><meta charset="utf-8"><title>{escape(title)}</title>'
            f"<style>{_STYLE}</style>\n{parser().render(markdown)}</html>\n")


def _question(stage: Stage, ask: Ask, seen: Seen, number: int) -> Iterator[str]:
    yield f"**{number}.** {' '.join(_paragraphs(stage, ask.question, seen))}"
    yield ""
    for place, option in enumerate(ask.options):
        yield f"- ({chr(ord('a') + place)}) {' '.join(_paragraphs(stage, option.words, seen))}"
    if not ask.options:
        yield _plain(_LINES)


def _answer(stage: Stage, ask: Ask, seen: Seen) -> str:
    if ask.how == "change":
        why = ask.because
        words = f"One way: `{'`, `'.join(ask.solution)}`."
    elif ask.how == "choose":
        right = int(seen.value(ask.answer))
        why = ask.options[right - 1].reason + ask.because
        words = f"({chr(ord('a') + right - 1)})"
    else:
        why = ask.because
        words = f"**{_plain(written(seen.value(ask.answer), ask.spec))}.**"
    return " ".join([words, *_paragraphs(stage, why, seen)])


def _said(act: Act, quietly: bool) -> str:
    """An act in words for somebody with a terminal, or with the page.

    quietly  whether a table is named without its cells, which would tell an answer
    """
    before = {"prompt": "Prompt:", "show": "Look at", "place": "Open", "change": "Change",
              "cell": "On the scratch sheet:", "write": "Write so many tokens:"}[act.verb]
    words = act.words.partition(" as ")[0] if act.verb == "show" else act.words
    if quietly and act.verb == "show":
        words = parse_address(words).name
    return f"{before} {_code(words)}"


def _paragraphs(stage: Stage, some: Sequence[Block], seen: Seen) -> Iterator[str]:
    """Paragraphs as Markdown, their values written out."""
    for block in some:
        if block.kind == "table":
            head, *rows = [[_line(stage, cell, seen) for cell in row] for row in block.cells]
            yield f"\n| {' | '.join(head)} |\n|{'---|' * len(head)}"
            yield from (f"| {' | '.join(row)} |" for row in rows)
            continue
        mark = {"quote": "> ", "bullets": "- ", "numbered": "1. "}.get(block.kind, "")
        for line in block.lines:
            yield mark + _line(stage, line, seen)
            yield ""


def _line(stage: Stage, spans: Sequence[Span], seen: Seen) -> str:
    return "".join(_span(kind, text) for kind, text, _ in stage.words(spans, seen))


def _span(kind: str, text: str) -> str:
    if kind in ("code", "code-value"):
        return _code(text)
    mark = {"strong": "**", "emphasis": "*"}.get(kind, "")
    return f"{mark}{_plain(text)}{mark}"


def _code(text: str) -> str:
    """A code span, whatever is in it; a space at its ends stays."""
    fence = "``" if "`" in text else "`"
    room = " " if fence == "``" or (text.startswith(" ") and text.endswith(" ")) else ""
    return f"{fence}{room}{text}{room}{fence}"


def _plain(text: str) -> str:
    """Text in which nothing is a sign of Markdown."""
    return text.translate(_SPECIAL)
