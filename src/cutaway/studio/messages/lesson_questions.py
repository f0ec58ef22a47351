"""What a page asks about the course."""

from typing import Annotated

from msgspec import Meta

from cutaway.studio.messages import lesson_answers as answers
from cutaway.studio.messages.fields import Index, Name
from cutaway.studio.messages.question import Question


class Lessons(Question):
    """All lessons, and how far each was read."""

    answer = answers.Course


class LessonPiece(Question):
    """One screen of a lesson, with the numbers of the open model. It is remembered as the last."""

    answer = answers.LessonPiece
    lesson: Name
    piece: Index = 0


class LessonDone(Question):
    """A lesson was read to its end."""

    lesson: Name


class LessonAnswer(Question):
    """An answer to a question of a lesson; or, with `reveal`, the right one."""

    answer = answers.Verdict
    lesson: Name
    piece: Index
    part: Index
    given: Annotated[str, Meta(max_length=1_000)] = ""
    reveal: bool = False


VERBS: tuple[type[Question], ...] = (Lessons, LessonPiece, LessonDone, LessonAnswer)
