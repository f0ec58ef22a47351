"""The course: its lessons with the open model's numbers, and what is said of an answer."""

from collections.abc import Callable
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from cutaway.course.acts import doing
from cutaway.course.lesson import Act, Ask, Exercise, Lesson, Part, Prose
from cutaway.course.progress import Place, places, remember
from cutaway.course.prose import blocks
from cutaway.course.read import find_lesson, lessons
from cutaway.course.stage import Judged, Stage
from cutaway.errors import LessonError
from cutaway.studio.messages import lesson_questions as asked

if TYPE_CHECKING:
    from cutaway.studio.worker.workspace import Workspace


def all_lessons(workspace: "Workspace", question: asked.Lessons) -> dict[str, Any]:
    """The list of lessons."""
    known = places()
    return {"lessons": [_in_the_list(lesson, known.get(lesson.name, Place()))
                        for lesson in lessons()]}


def _in_the_list(lesson: Lesson, place: Place) -> dict[str, Any]:
    told = [{"kind": "paragraph", "rows": [], "lines": [
        [{"kind": one.kind, "text": one.text, "to": one.to} for one in line]
        for block in blocks(lesson.question) for line in block.lines]}]
    return {"name": lesson.name, "number": lesson.number, "title": lesson.title, "question": told,
            "minutes": lesson.minutes, "pieces": [piece.title for piece in lesson.pieces],
            "asks": [len(piece.asks()) for piece in lesson.pieces],
            "at": min(place.piece, len(lesson.pieces) - 1), "done": place.done}


def lesson_piece(workspace: "Workspace", question: asked.LessonPiece) -> dict[str, Any]:
    """One screen of a lesson.

    Raises:  LessonError when there is none, or when it does not work with the open model
    """
    stage, number = _stage(workspace, question.lesson), question.piece
    lesson = stage.lesson
    if number >= len(lesson.pieces):
        raise LessonError(f"{lesson.title} has no piece {number}: it has {len(lesson.pieces)}, "
                          f"counted from 0.")
    piece = lesson.pieces[number]

    def made() -> list[dict[str, Any]]:
        return [_part(workspace, stage, part, number, place)
                for place, part in enumerate(piece.parts)]

    parts = workspace.in_main(made)
    remember(lesson.name, number)
    return {"lesson": lesson.name, "title": lesson.title, "piece": number, "heading": piece.title,
            "prompt": stage.prompt_at(number), "parts": parts,
            "told_of": lesson.told_of if stage.told_of_another else ""}


def _part(workspace: "Workspace", stage: Stage, part: Part, piece: int,
          place: int) -> dict[str, Any]:
    seen = stage.seen_at(piece, place, workspace.run)
    match part:
        case Act():
            return _act(stage, part, piece, place)
        case Prose():
            return {"kind": "prose", "blocks": stage.told(part.blocks, seen)}
        case Exercise():
            return {"kind": "exercise", "blocks": stage.told(part.question, seen),
                    "answer": stage.told(part.answer, seen)}
        case Ask() if not stage.can_ask(part, piece, place):
            return {"kind": "missing", "words": "A question"}
        case Ask():
            asking: dict[str, Any] = {"kind": "ask", "blocks": stage.told(part.question, seen),
                                      "how": part.how,
                                      "options": [stage.told(one.words, seen)
                                                  for one in part.options]}
            if part.table:
                shown = _act(stage, Act("show", part.table, part.line), piece, place)
                asking |= {name: shown[name] for name in ("table", "select", "row", "column")}
            return asking


def _act(stage: Stage, act: Act, piece: int, place: int) -> dict[str, Any]:
    """An act; one that the open model cannot do is shown as words alone."""
    try:
        done = asdict(stage.doing(act, piece, place))
    except LessonError:
        return {"kind": "missing", "words": act.words}
    return {"kind": done.pop("verb"), **done}


def lesson_done(workspace: "Workspace", question: asked.LessonDone) -> dict[str, Any]:
    """Keep that a lesson was read to its end.  Raises:  LessonError"""
    lesson = find_lesson(question.lesson)
    remember(lesson.name, len(lesson.pieces) - 1, done=True)
    return {}


def lesson_answer(workspace: "Workspace", question: asked.LessonAnswer) -> dict[str, Any]:
    """What is said of an answer.

    Raises:  LessonError when there is no such question, or it is no answer
    """
    stage = _stage(workspace, question.lesson)
    ask = _question(stage.lesson, question.piece, question.part)

    def judged() -> dict[str, Any]:
        seen = stage.seen_at(question.piece, question.part, workspace.run)
        found = _revealed(stage, ask, question) if question.reveal else \
            stage.judge(ask, question.given, seen)
        told = found.right or question.reveal
        run = stage.run_of(stage.prompt_at(question.piece, question.part))
        solution = [doing(Act("change", change, ask.line), run).change
                    for change in ask.solution] if told else []
        return {"right": found.right, "answer": found.answer if told else "",
                "because": stage.told(found.because, seen) if told else [],
                "wrong": [] if told else stage.told(found.wrong, seen), "solution": solution}

    return workspace.in_main(judged)


def _revealed(stage: Stage, ask: Ask, question: asked.LessonAnswer) -> Judged:
    seen = stage.seen_at(question.piece, question.part)
    if ask.how == "change":
        return Judged(False, "", ask.because)
    return stage.judge(ask, str(seen.value(ask.answer)), seen)


def _question(lesson: Lesson, piece: int, part: int) -> Ask:
    parts = lesson.pieces[piece].parts if piece < len(lesson.pieces) else ()
    found = parts[part] if part < len(parts) else None
    if not isinstance(found, Ask):
        raise LessonError(f"{lesson.title} asks nothing at piece {piece}, part {part}.")
    return found


def _stage(workspace: "Workspace", name: str) -> Stage:
    """A lesson with the open model; what it has calculated is kept while the lesson is open."""
    known = workspace.stage
    if known is None or known.lesson.name != name or known.model is not workspace.model:
        workspace.stage = Stage(find_lesson(name), workspace.model)
    return workspace.stage  # type: ignore[return-value]


VIEWS: dict[type, Callable[..., dict[str, Any]]] = {
    asked.Lessons: all_lessons, asked.LessonPiece: lesson_piece,
    asked.LessonDone: lesson_done, asked.LessonAnswer: lesson_answer}
