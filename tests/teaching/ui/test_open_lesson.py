"""OpenLesson without an app: what is worked out beside the event loop, and what by the event loop itself."""

from collections import deque

import pytest
from app_helpers import go
from lesson_helpers import StillApp, small

from quadfit_tui.core.session.session import RunSession
from quadfit_tui.teaching.course.course import Course
from quadfit_tui.teaching.course.standing import Phase
from quadfit_tui.teaching.course.transcript import Transcript
from quadfit_tui.teaching.judging.facts import Facts, TooMuchWorkError
from quadfit_tui.teaching.judging.trained_run import LessonRun
from quadfit_tui.teaching.notation.expression import ExpressionError
from quadfit_tui.teaching.ui.open_lesson import OpenLesson
from quadfit_tui.teaching.ui.pane.lesson_text import PREPARING, WORKING


class Taken:
    """The small lesson in an OpenLesson, some steps answered before; its jobs are done by `work`."""

    runs = True  # whether a run that is played comes to its end at once

    def __init__(self, *answered, lesson=None):
        lesson, transcript = lesson or small(), Transcript(None)
        course = Course(lesson, Facts(lesson), transcript)
        course.start()
        for typed in answered:
            assert course.confirm()
            course.answer(typed)
        self.facts, self.jobs, self.pages = Facts(lesson), deque(), []
        self.session = RunSession(lesson.runs["one"], speed=None)
        self.course, app = Course(lesson, self.facts, transcript), StillApp(self.session, self._advance)
        self.failed = []
        self.open = OpenLesson(self.course, app, self._run, lambda page, _: self.pages.append(page), self.failed.append)

    def _run(self, job, done):
        self.jobs.append((job, done))

    def _advance(self):
        while self.session.is_busy and self.runs:
            self.session.advance(1.0)

    def work(self):
        """Does the jobs that wait."""
        while self.jobs:
            job, done = self.jobs.popleft()
            try:
                result = job()
            except Exception as failure:
                result = failure
            done(result)

    def begun(self):
        """Has it begun, all facts known, and the next step in sight."""
        self.open.start()
        self.work()
        self.open.go_on()
        return self

    @property
    def said(self):
        return [each.text for each in self.pages[-1].paragraphs]


def test_returning_to_answer_shows_feedback():
    taken = Taken("40", "b", "-9")  # what was said to the last one may not have been read
    taken.open.start()
    assert taken.pages[-1].paragraphs == ()
    taken.work()
    assert taken.course.step.id == "seen"
    assert taken.said[-1] == "You said -9. Right: it is -9."


def test_facts_precomputed_outside_event_loop(monkeypatch):
    taken, trained, work = Taken("40", "b"), [], LessonRun._work
    monkeypatch.setattr(LessonRun, "_work", lambda run, session: trained.append(run) or work(run, session))
    taken.open.start()
    assert (taken.pages[-1].prompt, trained) == (PREPARING, [])
    taken.work()
    assert trained
    trained.clear()
    taken.open.go_on()
    taken.open.answer("-9")
    assert taken.said[-1] == "You said -9. Right: it is -9."
    taken.open.go_on()
    taken.open.watch(go(taken.session, (2,)).snapshot())
    assert (taken.course.phase, taken.said[-1], trained) == (Phase.ANSWERED, "Done.", [])


@pytest.mark.parametrize("failure", [MemoryError(), TooMuchWorkError("its runs take too long")])
def test_uncomputable_facts_refused_with_step(failure):
    taken = Taken()
    taken.facts.value = lambda *_: raises(failure)
    taken.open.start()
    taken.work()
    assert taken.failed == [f"To read: {str(failure) or 'MemoryError'}"]
    taken.open.go_on()
    assert taken.pages[-1].prompt == PREPARING


def test_uncheckable_lesson_refused_with_file():
    taken = Taken()
    taken.facts.prepare = lambda: raises(MemoryError())
    taken.open.start(checks=True)
    taken.work()
    assert taken.failed == ["small.md: MemoryError"]


def raises(failure):
    raise failure


def test_transient_replies_replaced_hints_stay():
    """The reply to an answer that could not be read is replaced by the next message."""
    taken = Taken().begun()
    taken.open.action_hint()
    question = taken.said
    assert question[-1] == "Hint: it never stops."
    for said in ("Type a number; within a factor of 1.5 is right.", "'x' is not a number."):
        taken.open.answer("x" * said.startswith("'x'"))
        assert taken.said == [*question, said]
    taken.open.action_hint()  # there is no other one
    assert taken.said == [*question, "There is no further hint."]
    taken.open.action_skip()
    assert taken.said == [*question, "To skip this step and see its answer, skip once more."]
    taken.open.action_skip()
    taken.open.watch(taken.session.snapshot())
    assert taken.said == [*question, "The answer is 40. It never stops."]


def test_wrong_answers_can_be_read_again():
    taken = Taken("40", "b").begun()
    question = taken.said
    for typed in ("9", "x", "8"):
        taken.open.answer(typed)
    nine, eight = "You said 9. The sign is the other one.", "You said 8. It is less than that."
    assert taken.said == [*question, nine, eight]
    taken.open.answer("9")  # what is said again stands there once, and is in sight
    assert taken.said == [*question, eight, nine]


def test_enter_during_run_shows_its_end():
    taken = Taken().begun()
    speed = taken.session.speed = 5
    taken.runs = False
    taken.open.answer("40")
    for _ in range(3):  # a second one, or a third, goes no further
        assert (taken.pages[-1].prompt, taken.course.step.id) == ("The run shows it…", "number")
        taken.open.go_on()
    taken.runs = True
    taken._advance()
    taken.open.watch(taken.session.snapshot())
    assert (taken.session.snapshot().epoch, taken.course.step.id) == (40, "number")
    assert taken.said[-1].endswith("It never stops.")
    assert taken.session.speed == speed
    taken.open.go_on()
    assert taken.course.step.id == "moment"


def test_enter_while_computing_does_not_advance():
    taken = Taken()
    taken.open.start()
    for _ in range(3):  # as by somebody who presses it twice in the list
        taken.open.go_on()
    taken.work()
    assert taken.course.step.id == "read"


def test_enter_while_text_run_trains_waits():
    taken = Taken()
    taken.runs = False
    taken.open.start()
    taken.work()
    for _ in range(2):
        taken.open.go_on()
        assert (taken.course.step.id, taken.pages[-1].prompt) == ("read", WORKING)
    taken.open.watch(taken.session.snapshot())  # it is not there yet
    assert taken.course.step.id == "read"
    taken.runs = True
    taken._advance()
    taken.open.watch(taken.session.snapshot())
    assert taken.course.step.id == "number"
    assert [run.position.epoch for run in taken.session.earlier] == [40]


def test_returning_restores_comparison_run():
    taken = Taken("40")
    taken.open.start()
    taken.work()
    taken.open.watch(taken.session.snapshot())
    assert taken.course.step.id == "number"
    assert [run.config.lr for run in taken.session.earlier] == [0.25]
    assert (taken.session.config.lr, taken.session.timeline.position.epoch) == (0.5, 40)


def test_enter_while_comparison_trains_does_not_advance():
    taken = Taken("40")
    taken.runs = False
    taken.open.start()
    taken.work()
    taken.open.go_on()
    assert taken.course.step.id == "number"
    taken.runs = True
    taken._advance()
    taken.open.watch(taken.session.snapshot())
    assert taken.course.step.id == "number"
    assert (taken.session.config.lr, taken.session.timeline.position.epoch) == (0.5, 40)
    taken.open.go_on()
    assert taken.course.step.id != "number"


def test_answer_without_open_question_rejected():
    taken = Taken("40", "b").begun()
    taken.open.answer("-9")
    said, prompt = taken.said, taken.pages[-1].prompt
    taken.open.answer("-9")
    assert taken.said == [*said, "No question is open."]
    assert taken.pages[-1].prompt == prompt


def test_task_without_value_not_done():
    taken = Taken("40", "b", "-9").begun()
    question = taken.said
    taken.facts.value = lambda *_: raises(ExpressionError("now.limit has no value"))
    taken.open.watch(go(taken.session, (2,)).snapshot())
    assert (taken.said, taken.course.phase) == (question, Phase.DOING)


def test_enter_reveals_prediction_without_visible_run():
    taken = Taken().begun()
    taken.open.answer("40")  # nobody looks at the run afterwards, as where its end was in sight already
    assert taken.pages[-1].prompt == "The run shows it…"
    taken.open.go_on()
    assert (taken.course.step.id, taken.said[-1].endswith("It never stops.")) == ("number", True)
    taken.open.go_on()
    assert taken.course.step.id == "moment"
