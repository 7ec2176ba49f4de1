"""Each step of each lesson in the app, in a language that marks its texts: nothing in English, and nothing cut."""

import pytest
from all_screens import SIZES, english, hidden, texts
from app_helpers import at_once, until
from lesson_helpers import library
from lessons_taken import right, wrong
from made_lessons import NAMES_IN_LESSONS, TEXTS, pseudo_lesson
from pseudo_locale import is_whole, pseudo_locale
from trials import AT_LENGTH, drawn

from quadfit_tui.teaching.course.standing import Phase
from quadfit_tui.teaching.notation.lesson import StepKind
from quadfit_tui.teaching.ui.pane.lesson_pane import LessonText

TYPED = "because"  # four times, which is a sentence


def faults(app):
    """What is in English and no name, what is cut without an ellipsis, what is out of sight."""
    found = [f"{widget} is out of sight" for widget in hidden(app)]
    for widget, shown in texts(app):
        text = shown
        if isinstance(widget, LessonText):  # which may have to be scrolled
            text = "\n".join(line.text for line in widget._lines)
        if not is_whole(text):
            found.append(f"{widget} is cut:\n{text}")
        words = {*english(app, text)} - NAMES_IN_LESSONS - {TYPED}
        found += [f"{word} in {widget}" for word in words]
    return found


async def answered(course, step, lesson, facts, teaching):
    """Does what leads on from a step, right or not; tells of each moment that there is something to be seen."""
    for _ in step.hints:
        teaching.lesson.action_hint()
        yield "hint"
    if step.kind is StepKind.EXPLAIN:
        teaching.commit(" ".join([TYPED] * 4))
        yield "to be chosen"
    if step.answers:
        teaching.commit(wrong(lesson, step, facts))
        yield "wrong"
        if course.phase is Phase.ASKED:
            teaching.commit(right(lesson, step, facts))
    elif step.kind in (StepKind.DO, StepKind.DRAW):
        teaching.lesson.action_skip()
        yield "to be skipped"
        teaching.lesson.action_skip()


@pytest.mark.parametrize("name", drawn([*TEXTS], 1))
async def test_each_step_of_a_lesson(make_app, name):
    with pseudo_locale():
        lesson, facts = pseudo_lesson(name)
        app = make_app(library=library(lesson.id, lessons=(lesson,)), passing=True, runner=at_once)
        teaching = app.teaching

        async def look(*what):
            for size in reversed(SIZES if AT_LENGTH else SIZES[:1]):
                await pilot.resize_terminal(*size)
                await pilot.pause()
                assert faults(app) == [], (size, *what)

        async with app.run_test(size=SIZES[0]) as pilot:
            for number, step in enumerate(lesson.steps, 1):
                await until(pilot, lambda at=number: teaching.lesson and teaching.lesson.course.number == at, seconds=6)
                course = teaching.lesson.course
                await look(number)
                async for moment in answered(course, step, lesson, facts, teaching):
                    await look(number, moment)
                await until(pilot, lambda at=course: at.phase in (Phase.READING, Phase.ANSWERED), seconds=6)
                await until(pilot, lambda: not app.session.is_busy, seconds=6)
                await look(number, "done")
                while course.number == number and course.phase is not Phase.ENDED:
                    await pilot.press("enter")
                    await pilot.pause()
            await look("the end")
            step = course.wrong_prediction
            await pilot.press("enter")
            await until(pilot, lambda: course.is_again)
            await look("once more")
            teaching.commit(right(lesson, step, facts))
            await until(pilot, lambda: course.phase is Phase.ANSWERED and not app.session.is_busy)
            await look("answered once more")
            while course.phase is not Phase.ENDED:
                await pilot.press("enter")
                await pilot.pause()
            await pilot.press("enter")
            await until(pilot, lambda: len(app.screen_stack) > 1)
            await look("the list")
            await pilot.press("a")
            await until(pilot, lambda: len(app.screen_stack) > 2)
            await look("the answers")
