"""Whoever leaves a lesson, anywhere, and comes back finds the same step with its run, whatever was run meanwhile."""

from copy import deepcopy

import pytest
from lessons_taken import take_step
from made_lessons import TEXTS, packaged

from quadfit_tui.core.config.parameters import RunConfig
from quadfit_tui.core.session.session import RunSession
from quadfit_tui.teaching.course.course import Course
from quadfit_tui.teaching.course.script import Script
from quadfit_tui.teaching.course.transcript import Transcript


def come_back(taken):
    """The course of somebody who comes back to it, and the session, which had another run."""
    session = RunSession(RunConfig(samples=4, epochs=1), speed=None)
    course = Course(taken.lesson, taken.facts, deepcopy(taken.transcript))
    course.start()
    script = Script(course, session, session.restart)
    script.compare()
    script.set_up(True)
    while session.is_busy:
        session.advance(1.0)
    return course, session


@pytest.mark.parametrize("name", [*TEXTS])
def test_every_step_and_end_resumes(name):
    lesson, facts = packaged(name)
    taken = Course(lesson, facts, Transcript(None))
    taken.start()
    while taken.step is not None:
        back, session = come_back(taken)
        assert back.step is taken.step
        if taken.step.run is not None and not back.is_asked:
            assert session.config == lesson.runs[taken.step.run]
        take_step(taken)
        come_back(taken)
        assert taken.confirm()
    back, _ = come_back(taken)
    assert back.step is None
    assert back.phase == taken.phase
