"""What --teacher shows in the app's pane."""

from dataclasses import replace

import pytest
from diary import RATE

from quadfit_tui.teaching.course.course import Course
from quadfit_tui.teaching.course.transcript import Transcript
from quadfit_tui.teaching.judging.facts import Facts
from quadfit_tui.teaching.notation.lesson import Prose, StatedNumber
from quadfit_tui.teaching.ui.pane.lesson_text import StepText

NOTE = Prose("Wait {0} minutes.", (StatedNumber("?", "ten.lr", 1),))


@pytest.mark.parametrize("shows_notes", [False, True])
def test_notes_are_for_teachers(shows_notes):
    lesson = replace(RATE, steps=(replace(RATE.steps[0], notes=(NOTE,)), *RATE.steps[1:]))
    course = Course(lesson, Facts(lesson), Transcript(None), shows_notes=shows_notes)
    course.start()
    text = StepText(course)
    text.begin()
    said = [said.text for said in text.page().paragraphs]
    assert said == ["One update an epoch", "Read.", *["Note for the teacher: Wait 1 minutes."] * shows_notes]
