"""The course by keyboard alone: every question answered, every button used, every lesson to its end.

What is right is asked of the library; a mouse is nowhere. Where a question wants a change, one of
them is typed into its cell; for the others the way is shown, at a key, and then taken.
"""

import pytest
from playwright.sync_api import Locator, expect

from cutaway.course.lesson import Act, Ask, Exercise, Lesson
from cutaway.course.read import find_lesson, lessons
from cutaway.course.stage import Stage
from tests.studio.pages.test_keyboard import FOCUSED, Keys

TYPED = "05-attention"  # in this lesson the change is made by hand
MOST_KEYS = 40          # from one control of a lesson to the next

IS_AHEAD = "(element) => document.activeElement.compareDocumentPosition(element) & 4"


class Reader:
    """Somebody who goes through lessons with the keyboard."""

    def __init__(self, keys: Keys, model):
        self.keys, self.page, self.model = keys, keys.page, model
        self.column = keys.page.get_by_role("complementary", name="Lesson")

    def begin(self, number: int = 1) -> None:
        """The list of lessons by Ctrl+K, one of them, and its first screen."""
        self.keys.choose("lessons")
        self.use(self.page.locator(".course-entry").nth(number - 1))
        expect(self.column).to_be_visible()
        self.use(self.column.locator(".lesson-progress button").first)  # a test may have read on

    def read(self, lesson: Lesson) -> None:
        """A lesson from its first screen to its end."""
        stage = Stage(lesson, self.model)
        for number, piece in enumerate(lesson.pieces):
            expect(self.column.get_by_role("heading", name=piece.title, exact=True)).to_be_focused()
            for place, part in enumerate(piece.parts):
                if isinstance(part, Ask):
                    self.answer(stage, part, number, place)
                elif isinstance(part, Act) and part.verb in ("change", "cell", "write"):
                    self.press(part)
                elif isinstance(part, Exercise):
                    self.open_answer(part, [one for one in piece.parts
                                            if isinstance(one, Exercise)].index(part))
            last = piece is lesson.pieces[-1]
            self.use(self.column.get_by_role(
                "button", name="End of the lesson" if last else "Go on", exact=True))

    # ---- What there is to do --------------------------------------------------------------

    def answer(self, stage: Stage, ask: Ask, number: int, place: int) -> None:
        """Answer the question that waits."""
        waiting = self.column.locator(".lesson-ask:not(.over)")
        expect(waiting).to_have_count(1)
        before = self.column.locator(".lesson-ask.over").count()
        seen = stage.seen_at(number, place)
        right = "" if ask.how == "change" else str(seen.value(ask.answer))
        if ask.how == "choose":
            self.use(waiting.locator(".lesson-option").nth(int(right) - 1))
        elif ask.how == "number":
            self.to(waiting.get_by_role("textbox", name="Your guess"))
            self.page.keyboard.type(right)
            self.page.keyboard.press("Enter")
        elif ask.how == "pick":
            self.pick(waiting, stage, ask, number, place)
        elif stage.lesson.name == TYPED:
            self.type_over()
        else:
            self.use(waiting.get_by_role("button", name="Show me one way"))
        over = self.column.locator(".lesson-ask.over")
        expect(over).to_have_count(before + 1)
        shown = ask.how == "change" and stage.lesson.name != TYPED
        expect(over.last.locator(".label")).to_have_text("The answer" if shown else "✓ Right")

    def pick(self, waiting: Locator, stage: Stage, ask: Ask, number: int, place: int) -> None:
        """Go to a cell of the row or column with the arrow keys."""
        done = stage.doing(Act("show", ask.table, ask.line), number, place)
        self.keys.visit.settled(done.table, **done.select)
        row = stage.seen_at(number, place).value(
            f"{done.table}[{', '.join(map(str, [*done.select.values(), done.row]))}]"
            if done.row is not None else f"{done.table}[:, {done.column}]")
        steps = int(abs(row).argmax())
        self.to(self.keys.visit.grid)
        self.page.keyboard.press("Home" if done.row is not None else "Control+Home")
        if done.row is None:
            for _ in range(done.column):
                self.page.keyboard.press("ArrowRight")
        for _ in range(steps):
            self.page.keyboard.press("ArrowRight" if done.row is not None else "ArrowDown")
        answer = waiting.get_by_role("button", name="Answer")
        self.use(answer)

    def type_over(self) -> None:
        """The cell is selected: type another number over it."""
        self.keys.visit.settled("h4.attention", head=2)
        self.to(self.keys.visit.grid)
        self.page.keyboard.type("0")
        self.page.keyboard.press("Enter")

    def press(self, act: Act) -> None:
        """Use the button of an act; a change is put back."""
        words = {"change": "Change", "cell": "Put on the scratch sheet",
                 "write": f"Write {act.words}"}[act.verb]
        line = self.column.locator(".lesson-act").filter(
            has=self.page.get_by_role("button", name=words))
        if act.verb != "write":
            line = line.filter(has=self.page.get_by_text(act.words, exact=True))
        self.use(line.get_by_role("button").first)
        if act.verb == "change":
            back = self.column.get_by_role("button", name="Put back")
            expect(back).to_have_count(1)
            self.use(back)
            expect(back).to_have_count(0)

    def open_answer(self, part: Exercise, place: int) -> None:
        exercise = self.column.locator(".lesson-exercise").nth(place)
        if part.answer:
            self.use(exercise.locator("summary"))
            expect(exercise.locator("details")).to_have_attribute("open", "")

    # ---- Keys -----------------------------------------------------------------------------

    def to(self, target: Locator) -> None:
        """Tab to a control, on or back, whichever way it is, within few keys."""
        expect(target).to_be_enabled()
        key = "Tab" if target.evaluate(IS_AHEAD) else "Shift+Tab"
        for _ in range(MOST_KEYS):
            if target.evaluate(FOCUSED):
                return
            self.page.keyboard.press(key)
        raise AssertionError(f"{target} cannot be reached with Tab")

    def use(self, target: Locator) -> None:
        self.to(target)
        self.page.keyboard.press("Enter")


@pytest.fixture
def reader(visit, model):
    return Reader(Keys(visit.page), model)


def test_a_lesson_with_every_kind_of_question_is_done_by_keyboard(reader):
    """Of the course, which `make test-long` goes through as a whole, the lesson on attention."""
    lesson = find_lesson(TYPED)
    asks = [part for piece in lesson.pieces for part in piece.asks()]
    assert {ask.how for ask in asks} == {"pick", "number", "choose", "change"}
    reader.begin(lesson.number)
    reader.read(lesson)


@pytest.mark.long
def test_the_whole_course_is_done_by_keyboard(reader):
    reader.begin()
    every = lessons()
    for lesson in every:
        reader.read(lesson)
        expect(reader.column.locator("h3")).to_have_text(f"Lesson {lesson.number} is read")
        onward = "All lessons" if lesson is every[-1] else "Next:"
        reader.use(reader.column.get_by_role("button", name=onward))
    expect(reader.column).to_have_count(0)  # after the last one, the map is back
    expect(reader.keys.visit.map).to_be_visible()
