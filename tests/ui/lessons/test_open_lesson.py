"""OpenLesson without an app: what is worked out beside the event loop, and what by the event loop itself."""

from collections import deque

import pytest
from app_helpers import go
from lesson_helpers import SMALL, StillApp, small

from quadfit_tui.core.course.course import Course, Phase
from quadfit_tui.core.course.transcript import Transcript
from quadfit_tui.core.judging.facts import Facts, TooMuchWorkError
from quadfit_tui.core.lessons.expression import ExpressionError
from quadfit_tui.core.lessons.reading.notation import read_lesson
from quadfit_tui.core.session.session import Session
from quadfit_tui.ui.lessons.fact_worker import FactWorker
from quadfit_tui.ui.lessons.open_lesson import OpenLesson
from quadfit_tui.ui.lessons.pane.lesson_text import PREPARING, STILL_WORKING, WORKING


class Noted(Facts):
    """Facts that note which expressions were asked for: by the event loop, unless `beside`."""

    beside = False

    def __init__(self, lesson):
        super().__init__(lesson)
        self.asked = set()

    def outcome(self, expression, now=None):
        if not self.beside:
            self.asked.add(expression)
        return super().outcome(expression, now)


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
        self.facts, self.jobs, self.pages = Noted(lesson), deque(), []
        self.session = Session(lesson.runs["one"], speed=None)
        worker = FactWorker(lambda told, answer: told(answer), lambda job, done: self.jobs.append((job, done)))
        self.course, app = Course(lesson, self.facts, transcript), StillApp(self.session, self._advance)
        self.timers = app.timers
        self.open = OpenLesson(self.course, app, worker, lambda page, _: self.pages.append(page), self.pages.append)

    def _advance(self):
        while self.session.is_busy and self.runs:
            self.session.advance(1.0)

    def work(self, jobs=99):
        """Does some of the jobs that wait."""
        while self.jobs and jobs:
            job, done = self.jobs.popleft()
            self.facts.beside = True
            try:
                result = job()
            except Exception as failure:
                result = failure
            self.facts.beside = False
            done(result)
            jobs -= 1

    def begun(self):
        """Has it begun, all facts known, and the next step in sight."""
        self.open.start()
        self.work()
        self.open.go_on()
        return self

    @property
    def said(self):
        return [each.text for each in self.pages[-1].said]


def test_who_comes_back_to_an_answer_waits_for_the_facts_of_that_step_only():
    taken = Taken("40", "b", "-9")  # what was said to the last one may not have been read
    taken.open.start()
    assert taken.pages[-1].said == ()
    taken.work(1)
    assert taken.course.step.id == "seen"
    assert taken.said[-1] == "You said -9. Right: it is -9."
    assert taken.facts.asked <= {answer.expression for answer in taken.course.step.answers}


def test_whether_a_task_is_done_is_worked_out_once_and_not_by_the_event_loop():
    taken = Taken("40", "b", "-9").begun()
    assert taken.course.phase is Phase.DOING
    go(taken.session, (2,))
    taken.facts.asked.clear()
    taken.open.watch(taken.session.snapshot())
    taken.work()
    assert (taken.course.phase, taken.said[-1], taken.facts.asked) == (Phase.ANSWERED, "Done.", set())


def test_a_task_that_was_skipped_while_it_was_looked_at_stays_skipped():
    taken = Taken("40", "b", "-9").begun()
    go(taken.session, (2,))
    taken.open.watch(taken.session.snapshot())
    taken.open.skip()
    taken.open.skip()
    said = taken.said
    taken.work()
    assert (taken.said, taken.course.progress.score.done) == (said, 4)


def test_what_was_said_to_what_was_no_answer_goes_with_the_next_message_and_hints_stay():
    taken = Taken().begun()
    taken.open.hint()
    question = taken.said
    assert question[-1] == "Hint: it never stops."
    for said in ("Type a number; within a factor of 1.5 is right.", "'x' is not a number."):
        taken.open.answer("x" * said.startswith("'x'"))
        assert taken.said == [*question, said]
    taken.open.hint()  # there is no other one
    assert taken.said == [*question, "There is no further hint."]
    taken.open.skip()
    assert taken.said == [*question, "To skip this step and see its answer, skip once more."]
    taken.open.skip()
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


def test_who_goes_on_while_a_run_is_shown_sees_its_end_and_what_it_explains():
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


def test_enter_while_facts_are_worked_out_is_no_step_further():
    reading = SMALL.index("## To read"), SMALL.index("## A number")
    again = SMALL[slice(*reading)].replace("#read", "#once-more")
    taken = Taken(lesson=read_lesson(SMALL[: reading[1]] + again + SMALL[reading[1] :], "small.md"))
    taken.open.start()
    for _ in range(3):  # as by somebody who presses it twice in the list
        taken.open.go_on()
    assert taken.pages[-1].prompt == PREPARING
    taken.work(1)
    assert taken.course.step.id == "read"
    for _ in range(3):  # of whom the first one waits for the next step
        taken.open.go_on()
    assert taken.pages[-1].prompt == WORKING
    taken.work()
    assert taken.course.step.id == "once-more"
    taken.open.go_on()
    assert taken.course.step.id == "number"


def test_who_goes_on_while_the_run_of_a_text_is_trained_waits_for_its_end():
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


def test_who_comes_back_has_the_run_of_the_last_text_to_compare_with():
    taken = Taken("40")
    taken.open.start()
    taken.work()
    taken.open.watch(taken.session.snapshot())
    assert taken.course.step.id == "number"
    assert [run.config.lr for run in taken.session.earlier] == [0.25]
    assert (taken.session.config.lr, taken.session.timeline.position.epoch) == (0.5, 40)


def test_enter_while_the_run_to_compare_with_is_trained_is_no_step_further():
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


def test_an_answer_to_what_is_asked_no_more_is_told_and_ends_nothing():
    taken = Taken("40", "b").begun()
    taken.open.answer("-9")
    said, prompt = taken.said, taken.pages[-1].prompt
    taken.open.answer("-9")
    assert taken.said == [*said, "No question is open."]
    assert taken.pages[-1].prompt == prompt


def test_a_job_that_gives_no_answer_is_told_with_the_way_out():
    taken = Taken()
    taken.open.start()
    for prompt in (PREPARING, WORKING):
        assert taken.pages[-1].prompt == prompt
        taken.timers[-1]()
        assert taken.pages[-1].prompt == STILL_WORKING
        assert "L: leave" in STILL_WORKING
        taken.work(1)  # it came at last
        assert taken.pages[-1].prompt != STILL_WORKING
        taken.open.go_on()
    taken.timers[-1]()
    taken.open.leave()
    before = len(taken.pages)
    for late in taken.timers:  # another lesson is in sight by now
        late()
    taken.work()
    assert len(taken.pages) == before


@pytest.mark.parametrize(
    "failure", [MemoryError(), TooMuchWorkError("its runs take too long"), ZeroDivisionError("no")]
)
def test_a_task_that_cannot_be_judged_is_told_and_can_be_skipped(failure):
    taken = Taken("40", "b", "-9").begun()
    question = taken.said
    before, taken.facts.value = taken.facts.value, lambda *_: raises(ExpressionError("now.limit has no value"))
    taken.open.watch(taken.session.snapshot())
    taken.work()
    assert taken.said == question  # what a run does not have is no failure
    taken.facts.value = lambda *_: raises(failure)
    taken.open.watch(go(taken.session, (0, 1)).snapshot())
    taken.work()
    why = str(failure) or "MemoryError"
    assert taken.said == [*question, f"It cannot be worked out whether this is done: {why}"]
    taken.facts.value = before
    taken.open.skip()
    taken.open.skip()
    assert taken.course.phase is Phase.ANSWERED


def raises(failure):
    raise failure


def test_a_prediction_whose_run_has_nothing_more_to_show_is_told_on_enter():
    taken = Taken().begun()
    taken.open.answer("40")  # nobody looks at the run afterwards, as where its end was in sight already
    assert taken.pages[-1].prompt == "The run shows it…"
    taken.open.go_on()
    assert (taken.course.step.id, taken.said[-1].endswith("It never stops.")) == ("number", True)
    taken.open.go_on()
    assert taken.course.step.id == "moment"
