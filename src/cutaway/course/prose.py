"""Markdown as words that page, terminal and paper can show: the few kinds that lessons are in.

An expression in braces is a value: `{h4.attention[4, " She", " Lily"]:percent}`. A brace that is
meant as such stands in a code span.
"""

import re
from collections.abc import Iterator, Sequence
from functools import cache
from typing import TYPE_CHECKING

from cutaway.course.lesson import Block, Span
from cutaway.errors import LessonError

if TYPE_CHECKING:
    from markdown_it import MarkdownIt
    from markdown_it.token import Token

_QUOTED = re.compile(r'"[^"]*"|\'[^\']*\'')
_LISTS = {"bullet_list_open": "bullets", "ordered_list_open": "numbered"}


@cache
def parser() -> "MarkdownIt":
    """What reads CommonMark with tables; raw HTML is text to it."""
    from markdown_it import MarkdownIt

    return MarkdownIt("commonmark", {"html": False}).enable("table")


def blocks(markdown: str) -> tuple[Block, ...]:
    """The paragraphs of a text.

    Raises:  LessonError for a kind of paragraph that lessons do not have
    """
    return blocks_of(parser().parse(markdown.strip()))


def blocks_of(tokens: "Sequence[Token]") -> tuple[Block, ...]:
    """The same for what is parsed already."""
    found, waiting = [], list(tokens)
    while waiting:
        token = waiting.pop(0)
        if token.type == "paragraph_open":
            found.append(Block("paragraph", (_spans(waiting[0]),)))
            waiting = waiting[2:]
        elif token.type in _LISTS or token.type in ("blockquote_open", "table_open"):
            end = next(place for place, one in enumerate(waiting)
                       if one.level == token.level and one.nesting == -1)
            found.append(_block(token, waiting[:end]))
            waiting = waiting[end + 1:]
        else:
            raise LessonError(f"A lesson has no {token.type.removesuffix('_open')!r}: paragraphs, "
                              f"quotes, lists and tables are expected.")
    return tuple(found)


def _block(first: "Token", inside: "Sequence[Token]") -> Block:
    lines = [(one, spans) for one, spans in _lines(inside)]
    if first.type == "table_open":
        rows: list[list[tuple[Span, ...]]] = []
        for kind, spans in lines:
            if kind == "row":
                rows.append([])
            else:
                rows[-1].append(spans)
        return Block("table", (), tuple(map(tuple, rows)))
    return Block(_LISTS.get(first.type, "quote"), tuple(spans for _, spans in lines))


def _lines(inside: "Sequence[Token]") -> Iterator[tuple[str, tuple[Span, ...]]]:
    for token in inside:
        if token.type == "tr_open":
            yield "row", ()
        elif token.type == "inline":
            yield "line", _spans(token)


def _spans(token: "Token") -> tuple[Span, ...]:
    """The words of a paragraph, each run of them of one kind."""
    found: list[Span] = []
    kinds, link = ["text"], ""
    for one in token.children or []:
        if one.type == "text":
            found += _with_values(one.content, kinds[-1], link)
        elif one.type == "code_inline":
            found.append(Span("code", one.content))
        elif one.type in ("softbreak", "hardbreak"):
            found.append(Span("text", " "))
        elif one.type == "link_open":
            link = str(one.attrs["href"])
            kinds.append("link")
        elif one.type in ("strong_open", "em_open"):
            kinds.append({"strong_open": "strong", "em_open": "emphasis"}[one.type])
        elif one.type in ("strong_close", "em_close", "link_close"):
            kinds.pop()
        else:
            raise LessonError(f"A lesson has no {one.type!r} in its paragraphs.")
    return tuple(found)


def _with_values(text: str, kind: str, link: str) -> Iterator[Span]:
    """The words of a text and the expressions between them."""
    at = 0
    while (start := text.find("{", at)) >= 0:
        if start > at:
            yield Span(kind, text[at:start], link)
        end = _end_of_value(text, start)
        expression, spec = split_spec(text[start + 1:end])
        yield Span("value", "", expression, spec)
        at = end + 1
    if at < len(text):
        yield Span(kind, text[at:], link)


def _end_of_value(text: str, start: int) -> int:
    """Where the brace is closed.  Raises:  LessonError"""
    bare = _QUOTED.sub(lambda found: "_" * len(found[0]), text)
    end = bare.find("}", start)
    if end < 0:
        raise LessonError(f"{text[start:start + 60]!r}: this brace is not closed.")
    return end


def split_spec(value: str) -> tuple[str, str]:
    """An expression, and how it is written: what comes after the last colon outside of brackets."""
    bare = _QUOTED.sub(lambda found: "_" * len(found[0]), value)
    depth, place = 0, -1
    for at, sign in enumerate(bare):
        depth += (sign in "([{") - (sign in ")]}")
        if sign == ":" and depth == 0:
            place = at
    return (value.strip(), "") if place < 0 else (value[:place].strip(), value[place + 1:].strip())


def one_line(some: Sequence[Block]) -> str:
    """The words of paragraphs as one line of text, values by their expressions."""
    return " ".join("".join(span.text or f"{{{span.to}}}" for span in block.spans())
                    for block in some)
