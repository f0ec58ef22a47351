"""Lessons from their files: Markdown that reads well anywhere, with acts in fenced blocks.

    ---
    title: Who listens to whom
    question: Whom does *She* mean?
    minutes: 6
    shows: W97 W101-W103
    told_of: storybook
    ---

    ## One screen is what stands under a heading of the second level

    Prose, with values in braces: She reads {h4.attention[4, " She", " Lily"]:percent} of it.

    ```do
    prompt Tom and Lily went to the park. She was happy because
    show h4.attention[head=4, position=" She", source=" Lily"] as heat
    change h4.attention[head=4]=0
    ```

    ```ask
    Which token does ` She` read most?
    pick: h4.attention[head=4, position=" She"]
    answer: most(h4.attention[4, " She"])
    because: It reads {...} of its row from there.
    ```

    ```exercise
    What to try.
    answer: What comes out.
    ```

    ```holds
    h4.attention[4, " She", " Lily"] > 0.5
    ```

A field of an `ask` may go on in the lines below it when they begin with spaces. The options of a
question are lines that begin with a dash, each with its reason behind a bar: `- yes | because ...`.
"""

import re
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from cutaway.course.lesson import Act, Ask, Exercise, How, Lesson, Option, Part, Piece, Prose
from cutaway.course.prose import blocks, blocks_of, parser, split_spec
from cutaway.errors import LessonError

if TYPE_CHECKING:
    from markdown_it.token import Token

FOLDER = Path(__file__).parents[1] / "lessons"
VERBS = ("prompt", "show", "place", "change", "cell", "write")
FIELDS = ("pick", "number", "answer", "within", "until", "solution", "because", "wrong")
NEEDED: dict[How, tuple[str, ...]] = {
    "pick": ("answer",), "number": ("answer", "within"), "choose": ("answer",),
    "change": ("solution",)}
_FIELD = re.compile(rf"({'|'.join(FIELDS)}):\s*(.*)")


@cache
def lessons() -> tuple[Lesson, ...]:
    """All lessons of the course, in their order."""
    return tuple(read_lesson(path) for path in sorted(FOLDER.glob("[0-9][0-9]-*.md")))


def find_lesson(name: str) -> Lesson:
    """A lesson by its number or its name.

    Raises:  LessonError with what there is
    """
    for lesson in lessons():
        if name in (str(lesson.number), lesson.name, lesson.name.partition("-")[2]):
            return lesson
    listed = ", ".join(f"{one.number} {one.title}" for one in lessons())
    raise LessonError(f"There is no lesson {name!r}. The lessons are: {listed}.")


def read_lesson(path: Path) -> Lesson:
    """A lesson's file.

    Raises:  LessonError with the line
    """
    text = path.read_text(encoding="utf-8")
    head, body, first = _head(path, text)
    holds: list[str] = []
    pieces: list[tuple[str, list[Part]]] = []
    prose: list[Token] = []

    def end_prose() -> None:
        if prose:
            pieces[-1][1].append(Prose(blocks_of(prose)))
            prose.clear()

    tokens = parser().parse(body)
    place = 0
    while place < len(tokens):
        token = tokens[place]
        line = first + (token.map or [0])[0]
        try:
            if token.type == "heading_open":
                if pieces:
                    end_prose()
                pieces.append((tokens[place + 1].content, []))
                place += 2
            elif token.type == "fence" and token.info == "holds":
                holds += [one for one in token.content.splitlines() if one.strip()]
            elif token.type == "fence":
                end_prose()
                pieces[-1][1].extend(_fenced(token.info, token.content, line + 1))
            else:
                prose.append(token)
        except LessonError as error:
            raise LessonError(f"{path.name}, line {line}: {error}") from None
        place += 1
    end_prose()
    return Lesson(path.stem, int(path.stem[:2]), head["title"], head["question"],
                  int(head["minutes"]),
                  tuple(Piece(title, tuple(parts)) for title, parts in pieces),
                  tuple(_items(head.get("shows", ""))), head.get("told_of", ""), tuple(holds))


def _head(path: Path, text: str) -> tuple[dict[str, str], str, int]:
    """The fields in front of a lesson, its text, and the line on which that begins."""
    found = re.match(r"---\n(.*?)\n---\n", text, re.DOTALL)
    if not found:
        raise LessonError(f"{path.name} has no head: title, question, minutes between two lines "
                          f"of three dashes are expected.")
    fields = dict(re.split(r":\s*", line, maxsplit=1) for line in found[1].splitlines())
    if missing := {"title", "question", "minutes"} - fields.keys():
        raise LessonError(f"{path.name}: its head has no {' and no '.join(sorted(missing))}.")
    return fields, text[found.end():], found[0].count("\n") + 1


def _items(words: str) -> list[str]:
    """W97 W101-W103 as W97, W101, W102, W103."""
    found = []
    for word in words.split():
        first, _, last = word.replace("W", "").partition("-")
        found += [f"W{number}" for number in range(int(first), int(last or first) + 1)]
    return found


def _fenced(info: str, content: str, line: int) -> list[Part]:
    if info == "do":
        return [_act(one, line + place) for place, one in enumerate(content.splitlines())]
    if info == "ask":
        return [_ask(content, line)]
    if info == "exercise":
        question, _, answer = content.partition("\nanswer:")
        return [Exercise(blocks(question), blocks(answer), line)]
    raise LessonError(f"A fenced block is {info!r}; do, ask, exercise or holds is expected.")


def _act(text: str, line: int) -> Act:
    verb, _, words = text.partition(" ")
    if verb not in VERBS:
        raise LessonError(f"{text!r} begins with no act. The acts are: {', '.join(VERBS)}.")
    return Act(verb, words, line)


def _ask(content: str, line: int) -> Ask:
    question, fields, options = _fields(content)
    how = _how(fields, options)
    lacking = [one for one in NEEDED[how] if one not in fields]
    if lacking:
        raise LessonError(f"This question lacks {' and '.join(lacking)}.")
    answer, spec = split_spec(fields.get("answer", ""))
    return Ask(blocks(question), how, line, answer, fields.get("pick", ""),
               float(fields.get("within", 0)), spec, fields.get("until", ""),
               tuple(filter(None, fields.get("solution", "").split("; "))),
               tuple(_option(one) for one in options),
               blocks(fields.get("because", "")), blocks(fields.get("wrong", "")))


def _how(fields: dict[str, str], options: list[str]) -> How:
    if "pick" in fields:
        return "pick"
    if "until" in fields:
        return "change"
    return "choose" if options else "number"


def _fields(content: str) -> tuple[str, dict[str, str], list[str]]:
    """The question's own words, its fields, and its options."""
    question, fields, options, last = [], {}, [], None
    for line in content.splitlines():
        if found := _FIELD.match(line):
            last = found[1]
            fields[last] = found[2]
        elif line.startswith("- "):
            options.append(line[2:])
            last = None
        elif line.startswith(" ") and last:
            fields[last] += f" {line.strip()}"
        elif line.startswith(" ") and options:
            options[-1] += f" {line.strip()}"
        else:
            question.append(line)
    return "\n".join(question), fields, options


def _option(words: str) -> Option:
    text, _, reason = words.partition(" | ")
    return Option(blocks(text), blocks(reason))
