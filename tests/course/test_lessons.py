"""Every lesson works: its acts, its values, its questions; its rules hold.

What is right is never written in a lesson: it is what the open model gives. The tests of the model
hold its numbers against Hugging Face's; here every lesson is done with the bundled model.
"""

import re

import pytest

import cutaway
from cutaway.course.lesson import Act, Ask, Exercise, Lesson, Prose
from cutaway.course.read import FOLDER, find_lesson, lessons
from cutaway.course.stage import Stage, typed_number
from cutaway.errors import LessonError
from cutaway.glossary import find

LESSONS = lessons()
MOST_WORDS = 400
# A measured number that is written down: a decimal, or one with a percent sign.
WRITTEN_DOWN = re.compile(r"\d+\.\d|\d ?%")
NOT_OURS = ("simply", "just", "obviously", "easy", "easily", "trivial")


@pytest.fixture(scope="module")
def model():
    return cutaway.open_model()


@pytest.fixture(params=LESSONS, ids=[one.name for one in LESSONS])
def lesson(request) -> Lesson:
    return request.param


@pytest.fixture(scope="module")
def stages(model) -> dict[str, Stage]:
    """Each lesson with the model, for all tests: its runs are calculated once."""
    return {one.name: Stage(one, model, strict=True) for one in LESSONS}


@pytest.fixture
def stage(stages, lesson) -> Stage:
    return stages[lesson.name]


def parts(lesson: Lesson, kind: type):
    for number, piece in enumerate(lesson.pieces):
        for place, part in enumerate(piece.parts):
            if isinstance(part, kind):
                yield number, place, part


def test_no_two_lessons_have_one_number():
    numbers = [one.number for one in LESSONS]
    assert numbers == sorted(set(numbers))


def test_every_act_works(lesson, stage):
    for number, place, act in parts(lesson, Act):
        done = stage.doing(act, number, place)
        if done.verb == "cell":
            assert stage.cell(done, number, place) is not None
        if done.verb == "place":
            assert not done.fields["text"].startswith('"'), "the marks are no part of the text"


def test_every_change_that_is_offered_changes_something(lesson, stage):
    from cutaway.workbook.address import changed

    for number, place, act in parts(lesson, Act):
        if act.verb == "change":
            run = stage.run_of(stage.prompt_at(number, place))
            assert run.diff(changed(run, act.words)), act.words


def test_every_value_has_one(lesson, stage):
    for number, place, part in parts(lesson, Prose | Ask | Exercise):
        seen = stage.seen_at(number, place)
        blocks = [part.blocks] if isinstance(part, Prose) else \
            [part.question, part.answer] if isinstance(part, Exercise) else \
            [part.question, part.because, part.wrong,
             *[one.words + one.reason for one in part.options]]
        for some in blocks:
            stage.told(some, seen)  # raises where a value has none


def test_every_question_has_the_answer_that_the_model_gives(lesson, stage):
    for number, place, ask in parts(lesson, Ask):
        seen = stage.seen_at(number, place)
        assert ask.because or any(one.reason for one in ask.options), f"line {ask.line}: no reason"
        if ask.how == "change":
            assert not stage.judge(ask, "", seen).right, f"line {ask.line}: true from the start"
            after = stage.solved(ask, number, place)
            assert stage.judge(ask, "", stage.seen_at(number, place, after)).right
            continue
        right = seen.value(ask.answer)
        assert stage.judge(ask, str(right), seen).right
        if ask.how == "choose":
            assert len(ask.options) >= 2
            assert all(one.reason for place, one in enumerate(ask.options, 1) if place != right), \
                f"line {ask.line}: a wrong answer without its reason"
        else:
            assert ask.wrong, f"line {ask.line}: nothing is said to a wrong guess"
            wrong = str(float(right) + 10 * (ask.within or 1)) if ask.how == "number" else "?"
            assert not stage.judge(ask, wrong, seen).right


def test_what_the_sentences_take_for_granted_holds(lesson, stage):
    last = len(lesson.pieces) - 1
    for expression in lesson.holds:
        seen = stage.seen_at(last, len(lesson.pieces[last].parts))
        assert seen.value(expression), expression
    assert bool(lesson.holds) == bool(lesson.told_of)
    assert lesson.told_of in ("", "storybook")


def test_a_lesson_is_short_asks_twice_and_ends_with_something_to_do(lesson):
    words = " ".join(span.text for piece in lesson.pieces for part in piece.parts
                     if isinstance(part, Prose) for block in part.blocks for span in block.spans())
    assert len(words.split()) <= MOST_WORDS
    assert len([*parts(lesson, Ask)]) >= 2
    assert any(isinstance(part, Exercise) for part in lesson.pieces[-1].parts)
    assert lesson.question.rstrip("*_").endswith("?")
    for number, piece in enumerate(lesson.pieces):
        assert piece.parts, f"{piece.title} is empty"
        for part in piece.parts:
            if isinstance(part, Prose):
                long = " ".join(span.text for block in part.blocks for span in block.spans())
                assert len(long.split()) <= 110, f"piece {number + 1}: too long without an act"


def test_what_is_linked_is_there_and_a_word_stands_in_the_glossary(lesson):
    for block in lesson.all_blocks():
        for span in block.spans():
            if span.kind == "link":
                file, _, word = span.to.partition("#")
                assert (FOLDER / file).is_file(), span.to
                assert not file.endswith("glossary.md") or find(word), span.to


def test_numbers_are_calculated_and_words_are_plain(lesson):
    for block in lesson.all_blocks():
        for span in block.spans():
            if span.kind not in ("code", "value", "link"):
                assert not WRITTEN_DOWN.search(span.text), span.text
                assert "!" not in span.text, span.text
                said = set(re.findall(r"[a-z]+", span.text.lower()))
                assert not said & set(NOT_OURS), span.text


def test_a_change_of_the_fetched_copy_is_no_change_of_the_list():
    stage = Stage(find_lesson("3"), cutaway.open_model())
    number, place, ask = next(one for one in parts(stage.lesson, Ask) if one[2].how == "change")
    copy = stage.run_of(stage.prompt_at(number, place)).edit(
        "token_embeddings", 5, position=1, embed=0)
    assert not stage.judge(ask, "", stage.seen_at(number, place, copy)).right
    solved = stage.solved(ask, number, place)
    assert stage.judge(ask, "", stage.seen_at(number, place, solved)).right


@pytest.mark.parametrize(("text", "number"), [
    ("h2", 2), (" h11 ", 11), ("70,5", 70.5), ("−3", -3), ("25 %", 25)])
def test_a_number_is_read_as_people_write_it(text, number):
    assert typed_number(text) == number


@pytest.mark.parametrize("text", ["h", "h2h", "abc", "", "1.2.3"])
def test_what_is_no_number_is_told(text):
    with pytest.raises(LessonError, match="is no number"):
        typed_number(text)
