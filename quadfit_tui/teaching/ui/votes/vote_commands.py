"""The app's commands of a class: a student goes to its question and votes, the teacher opens, closes and shows it."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress

from quadfit_tui.core.text.language import _, noted
from quadfit_tui.teaching.classroom.classroom import INTERVAL, Classroom, State
from quadfit_tui.teaching.classroom.tally import Tally
from quadfit_tui.teaching.classroom.vote import Vote, lesson_of, where_it_is
from quadfit_tui.teaching.course.drawn_curve import Points
from quadfit_tui.teaching.course.standing import Phase
from quadfit_tui.teaching.judging.facts import Facts
from quadfit_tui.teaching.notation.lesson import Lesson, Step
from quadfit_tui.teaching.ui.drawings import label_of_class
from quadfit_tui.teaching.ui.lesson_commands import Lessons
from quadfit_tui.teaching.ui.lesson_keys import VOTE
from quadfit_tui.teaching.ui.library import Library
from quadfit_tui.teaching.ui.votes.vote_page import VotePage
from quadfit_tui.ui.app import QuadfitApp
from quadfit_tui.ui.tasks.diagnosis_worker import Runner

_NO_QUESTION = noted("The class is at no question.")
_WAITS = noted("The run waits for the class."), noted("wait for class")
_WAIT = noted("Wait for the class.")
_TEACH = noted("To have the class vote, open a lesson (L) and go to one of its questions; then press V.")


class ClassLessons(Lessons):
    """Lessons where there is a class: looks where that is, and passes it on to the vote that is open."""

    def __init__(self, app: QuadfitApp, library: Library, room: Classroom, runner: Runner | None = None) -> None:
        super().__init__(app, library, runner)
        self.room = room
        self.is_projected = True
        self._before_vote: Lesson | None = None  # the lesson that was open
        self._tally: Tally | None = None  # of the question that was voted on last

    @property
    def _vote(self) -> Vote | None:
        """The vote that is open in the place of a lesson."""
        course = None if self.lesson is None else self.lesson.course
        return course if isinstance(course, Vote) else None

    @property
    def _is_teacher(self) -> bool:
        return self.library.students is not None

    def begin(self) -> None:
        """Looks once a second where the class is, too."""
        super().begin()
        if not self._is_teacher:
            self._app.set_interval(INTERVAL, self._look_at_class)

    def _look_at_class(self) -> None:
        room = self.room
        if not room.look():
            return
        if self.lesson is not None and self._vote is not None:
            self.lesson.follow(room.question)
        if self._can_join and room.question is not None and room.question.state is State.OPEN:
            told = where_it_is(room.question, self.library.lessons())
            if told:
                said = _("{where}: Esc, then V joins.") if self.is_typing else _("{where}: V joins.")
                (self._app.tell if self.lesson is None else self.remark)(said.format(where=told))
        self._app.refresh_bindings()

    @property
    def _can_join(self) -> bool:
        """Whether the class is at a question that is not the one here."""
        question = self.room.question
        return question is not None and (self._vote is None or self._vote.question.place != question.place)

    def action_vote(self) -> None:
        """Goes to the question of the class; of a teacher: has the class vote on the one that is open."""
        if self._is_teacher:
            self._teach()
        else:
            self._join()

    # A student

    def _join(self) -> None:
        question = self.room.question
        lesson = lesson_of(question, self.library.lessons()) if question is not None else None
        if question is None or lesson is None:
            self._app.tell(_(_NO_QUESTION))
            return
        before = self._before_vote if self._vote else self.lesson.course.whole if self.lesson else None
        self.close_lesson()
        self._before_vote = before
        self._take(Vote(lesson, question, Facts(lesson), self.own_transcript()), lesson)

    def _leave_vote(self) -> None:
        """Leaves the vote; goes on with the lesson that was open before."""
        before, self._before_vote = self._before_vote, None
        self.close_lesson()
        if before is not None:
            self.open_lesson(before)
        self._app.refresh_bindings()

    def action_leave_lesson(self) -> None:
        """Leaves the lesson, or the vote."""
        if self._vote is not None:
            self._leave_vote()
        else:
            super().action_leave_lesson()

    def commit(self, given: str) -> None:
        """Commits an answer; in a vote as that is by then, which may be too late."""
        if self._vote is not None:
            self._look_at_class()
        super().commit(given)

    async def action_go_on(self) -> None:
        """Goes on; after a vote with the own lesson."""
        if self.lesson is not None and self.lesson.is_over:
            self._leave_vote()
        else:
            await super().action_go_on()

    # The teacher

    def curves(self, drawn: Points, is_open: bool) -> tuple[tuple[Points, ...], str]:
        """Of a teacher those of the class, once the run is shown; else the student's own."""
        tally, question = self._tally, self.room.question
        step = None if self.lesson is None else self.lesson.course.step
        if tally is None or question is None or question.state is not State.SHOWN or tally.step is not step or is_open:
            return super().curves(drawn, is_open)
        return tally.curves, label_of_class(tally.curves)

    def _teach(self) -> None:
        step = self.lesson.course.step if self.lesson is not None else None
        if step is None or not step.is_votable:
            step = self._left_at()
            self._go_to(step)
        if self.lesson is None or step is None:
            self._app.tell(_(_TEACH))
        else:
            self.lesson.when_begun(self._show_tally)

    def _left_at(self) -> Step | None:
        """The question of the open lesson that the class is at still, after a connection that has broken."""
        self.room.look()
        question = self.room.question
        if self.lesson is None or question is None or question.state is State.SHOWN:
            return None
        whole = self.lesson.course.whole
        return whole.by_id[question.step] if lesson_of(question, [whole]) is not None else None

    def _show_tally(self) -> None:
        course = self.lesson.course if self.lesson is not None else None
        if course is None or course.step is None:  # it was left meanwhile
            return
        assert self.library.students is not None
        tally = self._tally
        if tally is None or (tally.lesson, tally.step) != (course.lesson, course.step):
            tally = self._tally = Tally(self.library.students, course.lesson, course.step, course.facts)
        said = course.facts.said(course.step.text)
        page = VotePage(self.room, tally, said, self._app.capabilities)
        self._app.call_later(self._app.push_screen, page, self._after_tally)

    def _after_tally(self, shows: bool | None) -> None:
        if shows and self.lesson is not None:
            self.lesson.reveal()

    def close_lesson(self) -> None:
        """Leaves the lesson, if one is open, and closes the vote of it that a teacher has opened."""
        self._close_vote()
        super().close_lesson()

    def leave(self) -> None:
        """Closes the vote; it stays open only where a signal ends the app, as of a connection that breaks."""
        self._close_vote()

    def _close_vote(self) -> None:
        room = self.room
        if self.lesson is None or not self._is_teacher:
            return
        room.look()
        question = room.question
        if question is not None and question.lesson == self.lesson.course.whole.id and question.state is State.OPEN:
            with suppress(OSError):  # the class sees after some hours that it is left
                room.ask(question.ended(State.CLOSED))

    def _is_used(self, action: str) -> bool | None:
        """In a vote there are no hints, and nothing to skip."""
        if action == VOTE.action:
            return self._is_teacher or self._can_join
        if self._vote is not None and action in ("hint", "skip"):
            return False
        if self._vote is not None and action == "go_on" and self._vote.phase is not Phase.ASKED:
            return self._vote.question.state is State.SHOWN or None
        return super()._is_used(action)

    @property
    def waits_for(self) -> Sequence[str]:  # type: ignore[override]
        """In a vote the class, whatever was answered."""
        waits = super().waits_for
        return list(map(_, _WAITS)) if waits and self._vote is not None else waits

    def explain(self, action: str, parameters: tuple[object, ...]) -> bool:
        """Says what is to be done before something else: in a vote no answer leads on, and nothing is skipped."""
        vote, lesson = self._vote, self.lesson
        if vote is None or lesson is None:
            return super().explain(action, parameters)
        if not (not vote.is_asked if action == "go_on" else lesson.holds_back(action, parameters)):
            return super().explain(action, parameters)
        self.remark(_(_WAIT))
        return True
