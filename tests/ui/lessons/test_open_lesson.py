"""OpenLesson without an app: what is worked out beside the event loop, and what by the event loop itself."""

from collections import deque

from lesson_helpers import small

from quadfit_tui.core.course.course import Course, Phase
from quadfit_tui.core.course.transcript import Transcript
from quadfit_tui.core.judging.facts import Facts
from quadfit_tui.core.session.session import Session
from quadfit_tui.ui.lessons.fact_worker import FactWorker
from quadfit_tui.ui.lessons.open_lesson import OpenLesson, Stage


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

    def __init__(self, *answered):
        lesson, transcript = small(), Transcript(None)
        course = Course(lesson, Facts(lesson), transcript)
        course.start()
        for typed in answered:
            assert course.confirm()
            course.answer(typed)
        self.facts, self.jobs, self.pages = Noted(lesson), deque(), []
        self.session = Session(lesson.runs["one"], speed=None)
        stage = Stage(
            show=lambda page, _: self.pages.append(page),
            restart=self.session.restart,
            advance=self._advance,
            echo=lambda: None,
            choose=lambda _: None,
            fail=self.pages.append,
        )
        worker = FactWorker(lambda job, done: self.jobs.append((job, done)))
        self.course = Course(lesson, self.facts, transcript)
        self.open = OpenLesson(self.course, self.session, worker, stage)

    def _advance(self):
        while self.session.is_busy and self.runs:
            self.session.advance(1.0)

    def work(self, jobs=99):
        """Does some of the jobs that wait."""
        while self.jobs and jobs:
            job, done = self.jobs.popleft()
            self.facts.beside = True
            result = job()
            self.facts.beside = False
            done(result)
            jobs -= 1

    @property
    def said(self):
        return [each.text for each in self.pages[-1].said]


def test_who_comes_back_to_an_answer_waits_for_the_facts_of_that_step_only():
    taken = Taken("40", "b", "-9")  # what was said to the last one may not have been read
    taken.open.start()
    assert taken.pages[-1].said == ()
    taken.work(1)
    assert taken.course.step.id == "seen"
    assert taken.said[-1] == "You said -9. Right."
    assert taken.facts.asked <= {answer.expression for answer in taken.course.step.answers}


def test_whether_a_task_is_done_is_worked_out_once_and_not_by_the_event_loop():
    taken = Taken("40", "b", "-9")
    taken.open.start()
    taken.work()
    taken.open.go_on()
    assert taken.course.phase is Phase.DOING
    taken.session.seek(2)
    taken._advance()
    taken.facts.asked.clear()
    taken.open.watch(taken.session.snapshot())
    taken.work()
    assert (taken.course.phase, taken.said[-1], taken.facts.asked) == (Phase.ANSWERED, "Done.", set())


def test_a_task_that_was_skipped_while_it_was_looked_at_stays_skipped():
    taken = Taken("40", "b", "-9")
    taken.open.start()
    taken.work()
    taken.open.go_on()
    taken.session.seek(2)
    taken._advance()
    taken.open.watch(taken.session.snapshot())
    taken.open.skip()
    taken.open.skip()
    said = taken.said
    taken.work()
    assert (taken.said, taken.course.score.done) == (said, 4)


def test_what_was_said_to_what_was_no_answer_goes_with_the_next_message_and_hints_stay():
    taken = Taken()
    taken.open.start()
    taken.work()
    taken.open.go_on()
    taken.open.hint()
    question = taken.said
    assert question[-1] == "Hint: it never stops."
    for said in ("Type a number; within a factor of 1.5 is right.", "'x' is not a number."):
        taken.open.answer("x" * said.startswith("'x'"))
        assert taken.said == [*question, said]
    taken.open.hint()  # there is no other one
    assert taken.said == [*question, question[-1]]
    taken.open.skip()
    assert taken.said == [*question, "To skip this step and see its answer, skip once more."]
    taken.open.skip()
    taken.open.watch(taken.session.snapshot())
    assert taken.said == [*question, "The answer is 40. It never stops."]


def test_wrong_answers_can_be_read_again():
    taken = Taken("40", "b")
    taken.open.start()
    taken.work()
    taken.open.go_on()
    question = taken.said
    for typed in ("9", "x", "8"):
        taken.open.answer(typed)
    assert taken.said == [*question, "You said 9. The sign is the other one.", "You said 8. It is less than that."]


def test_who_goes_on_while_a_run_is_shown_sees_its_end_and_what_it_explains():
    taken = Taken()
    taken.open.start()
    taken.work()
    taken.open.go_on()
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
