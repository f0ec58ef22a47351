"""The verbs of the course: every screen of every lesson, and every question answered."""

import pytest

from cutaway.course.lesson import Ask
from cutaway.course.progress import Place, places, progress_file, remember
from cutaway.course.read import lessons
from cutaway.course.stage import Stage
from cutaway.errors import LessonError
from cutaway.studio.messages import lesson_answers as answers
from cutaway.studio.messages.fields import checked
from cutaway.studio.messages.questions import RELAYED
from cutaway.studio.worker import verbs
from cutaway.studio.worker.workspace import Workspace

LESSONS = lessons()


@pytest.fixture(autouse=True)
def home(tmp_path, monkeypatch):
    """A home where no lesson was read yet."""
    monkeypatch.setenv("CUTAWAY_HOME", str(tmp_path))


@pytest.fixture(scope="module")
def workspace():
    made = Workspace(lambda message: None, lambda calculate: calculate())
    made.open("storybook", "Mike is quick. He moves")
    return made


def asked(workspace, verb: str, **fields):
    question = checked(RELAYED[verb], fields)
    answer = verbs.VIEWS[type(question)](workspace, question)
    kind = {"lessons": answers.Course, "lesson_piece": answers.LessonPiece,
            "lesson_answer": answers.Verdict}.get(verb)
    if kind:
        checked(kind, answer)  # it has the fields that the page is promised
    return answer


@pytest.mark.parametrize("lesson", LESSONS, ids=lambda one: one.name)
def test_every_screen_comes_and_every_question_can_be_answered(workspace, lesson):
    stage = Stage(lesson, workspace.model)
    for number, piece in enumerate(lesson.pieces):
        screen = asked(workspace, "lesson_piece", lesson=lesson.name, piece=number)
        assert [part["kind"] for part in screen["parts"]] == [
            getattr(part, "verb", type(part).__name__.lower()) for part in piece.parts]
        assert screen["told_of"] == ""
        for place, part in enumerate(piece.parts):
            if not isinstance(part, Ask):
                continue
            where = {"lesson": lesson.name, "piece": number, "part": place}
            revealed = asked(workspace, "lesson_answer", **where, reveal=True)
            assert revealed["because"] or revealed["solution"]
            if part.how != "change":
                right = str(stage.seen_at(number, place).value(part.answer))
                verdict = asked(workspace, "lesson_answer", **where, given=right)
                assert verdict["right"] and not verdict["wrong"]


def test_a_wrong_answer_gets_its_reason_and_not_the_right_one(workspace):
    lesson, number, place, _ = next(
        (lesson, number, place, part) for lesson in LESSONS
        for number, piece in enumerate(lesson.pieces)
        for place, part in enumerate(piece.parts)
        if isinstance(part, Ask) and part.how == "pick")
    verdict = asked(workspace, "lesson_answer", lesson=lesson.name, piece=number, part=place,
                    given="no such token")
    assert not verdict["right"] and verdict["wrong"]
    assert not (verdict["answer"] or verdict["because"] or verdict["solution"])


def test_where_one_is_is_kept_and_a_lesson_that_was_done_stays_done(workspace):
    first = LESSONS[0]
    asked(workspace, "lesson_piece", lesson=first.name, piece=1)
    assert asked(workspace, "lessons")["lessons"][0]["at"] == 1
    asked(workspace, "lesson_done", lesson=first.name)
    asked(workspace, "lesson_piece", lesson=first.name, piece=0)
    found = asked(workspace, "lessons")["lessons"][0]
    assert found["done"] and found["at"] == 0


@pytest.mark.parametrize("damaged", ["", "[", "[1]", '{"01-one-job": 3}', '{"a": {"piece": "x"}}'])
def test_a_damaged_file_of_places_counts_as_none(damaged):
    progress_file().parent.mkdir(parents=True, exist_ok=True)
    progress_file().write_text(damaged, encoding="utf-8")
    assert places() == {}
    assert remember("05", 2)
    assert places() == {"05": Place(2, False)}


def test_a_home_that_cannot_be_written_keeps_nobody_from_reading(workspace, monkeypatch, tmp_path):
    (tmp_path / "file").write_text("", encoding="utf-8")
    monkeypatch.setenv("CUTAWAY_HOME", str(tmp_path / "file"))
    assert asked(workspace, "lesson_piece", lesson=LESSONS[0].name)["piece"] == 0
    assert not remember("05", 2)


@pytest.mark.parametrize(("verb", "fields", "words"), [
    ("lesson_piece", {"lesson": "no such"}, "There is no lesson 'no such'"),
    ("lesson_piece", {"lesson": LESSONS[0].name, "piece": 99}, "no piece 99"),
    ("lesson_answer", {"lesson": LESSONS[0].name, "piece": 99, "part": 0}, "asks nothing"),
    ("lesson_done", {"lesson": "../.."}, "There is no lesson"),
])
def test_what_is_not_there_is_said(workspace, verb, fields, words):
    with pytest.raises(LessonError, match=words):
        asked(workspace, verb, **fields)
