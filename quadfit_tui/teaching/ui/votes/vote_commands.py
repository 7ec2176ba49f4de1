"""ClassVotes: a student joins the question of the class and votes; the teacher opens, closes and shows it."""

from __future__ import annotations

from contextlib import suppress
from functools import partial
from typing import Protocol

from quadfit_tui.core.text.language import N_, _
from quadfit_tui.teaching.classroom.classroom import INTERVAL, Classroom, Question, VoteState
from quadfit_tui.teaching.classroom.tally import Tally
from quadfit_tui.teaching.classroom.vote import Vote, lesson_of, where_it_is
from quadfit_tui.teaching.course.course import Course
from quadfit_tui.teaching.course.drawn_curve import Points
from quadfit_tui.teaching.course.progress import LessonProgress
from quadfit_tui.teaching.course.transcript import Transcript
from quadfit_tui.teaching.judging.facts import Facts
from quadfit_tui.teaching.notation.lesson import Lesson, Step
from quadfit_tui.teaching.ui.drawings import label_of_class
from quadfit_tui.teaching.ui.lesson_place import LessonPlace
from quadfit_tui.teaching.ui.library import LessonSetup
from quadfit_tui.teaching.ui.open_lesson import OpenLesson
from quadfit_tui.teaching.ui.votes.vote_page import VotePage
from quadfit_tui.ui.app import QuadfitApp

_NO_QUESTION = N_("The class is at no question.")
_TEACH = N_("To have the class vote, open a lesson (L) and go to one of its questions; then press V.")


class LessonHost(Protocol):
    """What ClassVotes needs of the object that opens lessons."""

    app: QuadfitApp
    library: LessonSetup
    lesson: OpenLesson | None
    place: LessonPlace

    @property
    def is_typing(self) -> bool: ...
    def own_transcript(self) -> Transcript: ...
    def open_lesson(self, lesson: Lesson) -> None: ...
    def open_course(self, course: Course, lesson: Lesson) -> None: ...
    def close_lesson(self) -> None: ...
    def go_to(self, step: Step | None) -> None: ...


class ClassVotes:
    """The part of an app in the votes of a class: follows the class, and passes its state to the open vote."""

    def __init__(self, lessons: LessonHost, room: Classroom) -> None:
        self.room = room
        self._lessons, self._app, self._library = lessons, lessons.app, lessons.library
        self._before_vote: Lesson | None = None  # the lesson that was open before the vote
        self._tally: Tally | None = None  # the votes on the latest question
        self._announced: Question | None = None  # the state of the class that was shown last

    @property
    def _vote(self) -> Vote | None:
        """The vote that is open in the place of a lesson, or None."""
        course = None if self._lessons.lesson is None else self._lessons.lesson.course
        return course if isinstance(course, Vote) else None

    @property
    def _is_teacher(self) -> bool:
        return self._library.students is not None

    def begin(self) -> None:
        """Reads where the class is, and from then on once a second, in a student's app."""
        if not self._is_teacher:
            self.room.refresh()
            self._app.set_interval(INTERVAL, self.refresh)

    def voted_step(self, lesson: Lesson) -> str:
        """Returns the id of the step of a lesson that the class votes on now, for a student; else empty."""
        return "" if self._is_teacher else self.room.step_under_vote(lesson.id)

    def refresh(self) -> None:
        """Reads where the class is; updates the open vote, or invites the student to join a new one."""
        room, lessons = self.room, self._lessons
        room.refresh()
        if room.question == self._announced:
            return
        self._announced = room.question
        if lessons.lesson is not None and self._vote is not None:
            lessons.lesson.when_begun(partial(lessons.lesson.follow, room.question))
        if self._can_join and room.question is not None and room.question.state is VoteState.OPEN:
            where = where_it_is(room.question, self._library.lessons())
            if where:
                template = _("{where}: Esc, then V joins.") if lessons.is_typing else _("{where}: V joins.")
                show = self._app.show_notice if lessons.lesson is None else lessons.place.remark
                show(template.format(where=where))
        self._app.refresh_bindings()

    @property
    def _can_join(self) -> bool:
        """Whether the class is at a question that is not the open one."""
        question = self.room.question
        return question is not None and (self._vote is None or self._vote.question.place != question.place)

    @property
    def can_vote(self) -> bool:
        """Whether the key V does something: a student can join, a teacher can open a vote."""
        return self._is_teacher or self._can_join

    def action_vote(self) -> None:
        """Joins the class's question (key V); for a teacher, opens the vote on the current question."""
        if self._is_teacher:
            self._teach()
        else:
            self._join()

    # A student

    def _join(self) -> None:
        """Opens the question of the class in the place of the lesson, to which `leave` returns."""
        question = self.room.question
        lesson = lesson_of(question, self._library.lessons()) if question is not None else None
        if question is None or lesson is None:
            self._app.show_notice(_(_NO_QUESTION))
            return
        lessons = self._lessons
        if self._vote:
            before = self._before_vote
        elif lessons.lesson:
            before = lessons.lesson.course.full_lesson
        else:
            before = None
        lessons.close_lesson()
        self._before_vote = before
        lessons.open_course(Vote(lesson, question, Facts(lesson), lessons.own_transcript()), lesson)

    def leave(self, goes_on: bool = False) -> None:
        """Leaves the vote, and resumes the lesson that was open before it.

        With `goes_on` the class has been shown the outcome: the lesson resumes behind the question, and after a
        broken connection even if it was not open before.
        """
        vote, before, self._before_vote = self._vote, self._before_vote, None
        self._lessons.close_lesson()
        if goes_on and vote is not None and before is None:
            whole = vote.full_lesson
            is_begun = LessonProgress(whole, vote.transcript.of_lesson(whole.id)).is_begun
            before = whole if is_begun else None
        if before is not None:
            self._lessons.open_lesson(before)
        if goes_on and vote is not None and self._lessons.lesson is not None:
            lesson = self._lessons.lesson
            lesson.when_begun(partial(lesson.pass_vote, vote.question.step))
        self._app.refresh_bindings()

    # The teacher

    def curves(self, is_open: bool) -> tuple[tuple[Points, ...], str] | None:
        """Returns the class's curves at a teacher's current step, and their label; None before the run is shown."""
        tally, question, lesson = self._tally, self.room.question, self._lessons.lesson
        is_shown = question is not None and question.state is VoteState.SHOWN and not is_open
        if tally is None or lesson is None or tally.step is not lesson.course.step or not is_shown:
            return None
        return tally.curves, label_of_class(tally.curves)

    def _teach(self) -> None:
        """Opens the page of the vote on the current question, or on the one that was left open."""
        lesson = self._lessons.lesson
        step = lesson.course.step if lesson is not None else None
        if step is None or not step.is_votable:
            step = self._left_at()
            self._lessons.go_to(step)
        if lesson is None or step is None:
            self._app.show_notice(_(_TEACH))
        else:
            lesson.when_begun(self._show_tally)

    def _left_at(self) -> Step | None:
        """Returns the question of the open lesson whose vote a broken connection has left open, or None."""
        self.room.refresh()
        question, lesson = self.room.question, self._lessons.lesson
        if lesson is None or question is None or question.state is VoteState.SHOWN:
            return None
        full_lesson = lesson.course.full_lesson
        return full_lesson.by_id[question.step] if lesson_of(question, [full_lesson]) is not None else None

    def _show_tally(self) -> None:
        """Shows the page of the vote on the current step."""
        course = self._lessons.lesson.course if self._lessons.lesson is not None else None
        if course is None or course.step is None:  # the lesson was left meanwhile
            return
        assert self._library.students is not None
        tally = self._tally
        if tally is None or (tally.lesson, tally.step) != (course.lesson, course.step):
            tally = self._tally = Tally(self._library.students, course.lesson, course.step, course.facts)
        text = course.facts.render_prose(course.step.text)
        page = VotePage(self.room, tally, text, self._app.capabilities)
        self._app.call_later(self._app.push_screen, page, self._after_tally)

    def _after_tally(self, reveals: bool | None) -> None:
        """Shows the outcome, if the teacher has closed the page for that."""
        if reveals and self._lessons.lesson is not None:
            self._lessons.lesson.reveal()

    def close(self) -> None:
        """Closes the vote that a teacher has opened on the open lesson; called when the teacher leaves that."""
        room, lesson = self.room, self._lessons.lesson
        if lesson is None or not self._is_teacher:
            return
        room.refresh()
        question = room.question
        if (
            question is not None
            and question.lesson == lesson.course.full_lesson.id
            and question.state is VoteState.OPEN
        ):
            with suppress(OSError):  # students' apps ignore it after some hours
                room.publish(question.ended(VoteState.CLOSED))
