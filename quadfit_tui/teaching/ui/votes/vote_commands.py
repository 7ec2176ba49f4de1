"""ClassVotes: a student goes to the question of the class and votes, the teacher opens, closes and shows it."""

from __future__ import annotations

from contextlib import suppress
from functools import partial
from typing import Protocol

from quadfit_tui.core.text.language import N_, _
from quadfit_tui.teaching.classroom.classroom import INTERVAL, Classroom, VoteState
from quadfit_tui.teaching.classroom.tally import Tally
from quadfit_tui.teaching.classroom.vote import Vote, lesson_of, where_it_is
from quadfit_tui.teaching.course.course import Course
from quadfit_tui.teaching.course.drawn_curve import Points
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
    """What a vote asks of whoever opens lessons."""

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
    """The votes of a class: looks where that is, and passes it on to the vote that is open in the place of a lesson."""

    def __init__(self, lessons: LessonHost, room: Classroom) -> None:
        self.room = room
        self._lessons, self._app, self._library = lessons, lessons.app, lessons.library
        self._before_vote: Lesson | None = None  # the lesson that was open
        self._tally: Tally | None = None  # of the question that was voted on last

    @property
    def _vote(self) -> Vote | None:
        """The vote that is open in the place of a lesson."""
        course = None if self._lessons.lesson is None else self._lessons.lesson.course
        return course if isinstance(course, Vote) else None

    @property
    def _is_teacher(self) -> bool:
        return self._library.students is not None

    def begin(self) -> None:
        """Has a student's app look once a second where the class is."""
        if not self._is_teacher:
            self._app.set_interval(INTERVAL, self.refresh)

    def refresh(self) -> None:
        """Looks where the class is, and goes along with it in a vote."""
        room, lessons = self.room, self._lessons
        if not room.refresh():
            return
        if lessons.lesson is not None and self._vote is not None:
            lessons.lesson.when_begun(partial(lessons.lesson.follow, room.question))
        if self._can_join and room.question is not None and room.question.state is VoteState.OPEN:
            told = where_it_is(room.question, self._library.lessons())
            if told:
                said = _("{where}: Esc, then V joins.") if lessons.is_typing else _("{where}: V joins.")
                (self._app.show_notice if lessons.lesson is None else lessons.place.remark)(said.format(where=told))
        self._app.refresh_bindings()

    @property
    def _can_join(self) -> bool:
        """Whether the class is at a question that is not the one here."""
        question = self.room.question
        return question is not None and (self._vote is None or self._vote.question.place != question.place)

    @property
    def can_vote(self) -> bool:
        """Whether there is a question to go to; of a teacher always, to have the class vote."""
        return self._is_teacher or self._can_join

    def action_vote(self) -> None:
        """Goes to the question of the class; of a teacher: has the class vote on the one that is open."""
        if self._is_teacher:
            self._teach()
        else:
            self._join()

    # A student

    def _join(self) -> None:
        question = self.room.question
        lesson = lesson_of(question, self._library.lessons()) if question is not None else None
        if question is None or lesson is None:
            self._app.show_notice(_(_NO_QUESTION))
            return
        lessons = self._lessons
        before = self._before_vote if self._vote else lessons.lesson.course.full_lesson if lessons.lesson else None
        lessons.close_lesson()
        self._before_vote = before
        lessons.open_course(Vote(lesson, question, Facts(lesson), lessons.own_transcript()), lesson)

    def leave(self) -> None:
        """Leaves the vote; goes on with the lesson that was open before."""
        before, self._before_vote = self._before_vote, None
        self._lessons.close_lesson()
        if before is not None:
            self._lessons.open_lesson(before)
        self._app.refresh_bindings()

    # The teacher

    def curves(self, is_open: bool) -> tuple[tuple[Points, ...], str] | None:
        """Of a teacher the curves of the class at the present step, once the run is shown, and whose they are."""
        tally, question, lesson = self._tally, self.room.question, self._lessons.lesson
        is_shown = question is not None and question.state is VoteState.SHOWN and not is_open
        if tally is None or lesson is None or tally.step is not lesson.course.step or not is_shown:
            return None
        return tally.curves, label_of_class(tally.curves)

    def _teach(self) -> None:
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
        """The question of the open lesson that the class is at still, after a connection that has broken."""
        self.room.refresh()
        question, lesson = self.room.question, self._lessons.lesson
        if lesson is None or question is None or question.state is VoteState.SHOWN:
            return None
        whole = lesson.course.full_lesson
        return whole.by_id[question.step] if lesson_of(question, [whole]) is not None else None

    def _show_tally(self) -> None:
        course = self._lessons.lesson.course if self._lessons.lesson is not None else None
        if course is None or course.step is None:  # it was left meanwhile
            return
        assert self._library.students is not None
        tally = self._tally
        if tally is None or (tally.lesson, tally.step) != (course.lesson, course.step):
            tally = self._tally = Tally(self._library.students, course.lesson, course.step, course.facts)
        said = course.facts.render_prose(course.step.text)
        page = VotePage(self.room, tally, said, self._app.capabilities)
        self._app.call_later(self._app.push_screen, page, self._after_tally)

    def _after_tally(self, shows: bool | None) -> None:
        if shows and self._lessons.lesson is not None:
            self._lessons.lesson.reveal()

    def close(self) -> None:
        """Closes the vote that a teacher has opened on the open lesson."""
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
            with suppress(OSError):  # the class sees after some hours that it is left
                room.ask(question.ended(VoteState.CLOSED))
