"""The app's commands of a class: a student goes to its question and votes, the teacher opens, closes and shows it."""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING, Any

from quadfit_tui.ui.keymap import VOTE
from quadfit_tui.ui.lessons.lesson_commands import LessonCommands

# Imported where somebody is in a class, as lessons are.
if TYPE_CHECKING:
    from quadfit_tui.core.classroom.tally import Tally
    from quadfit_tui.core.lessons.lesson import Lesson
    from quadfit_tui.ui.lessons.open_vote import OpenVote

_NO_QUESTION = "The class is at no question."
_TEACH = "To have the class vote, open a lesson (L) and go to one of its questions; then press V."


class VoteCommands(LessonCommands):
    """Looks where the class is, and passes that on to the vote that is open."""

    _before_vote: Lesson | None = None  # the lesson that was open
    _tally: Tally | None = None  # of the question that was voted on last

    @property
    def _vote(self) -> OpenVote | None:
        """The vote that is open in the place of a lesson."""
        if self.lesson is None or not self.lesson.course.is_vote:
            return None
        from quadfit_tui.ui.lessons.open_vote import OpenVote

        return self.lesson if isinstance(self.lesson, OpenVote) else None

    @property
    def _is_teacher(self) -> bool:
        return self.library is not None and self.library.students is not None

    def join_class(self) -> None:
        """Looks once a second where the class is, if there is one."""
        if self.library is not None and self.library.classroom is not None and not self._is_teacher:
            from quadfit_tui.core.classroom.classroom import INTERVAL

            self.set_interval(INTERVAL, self._look_at_class)

    def _look_at_class(self) -> None:
        assert self.library is not None
        room = self.library.classroom
        if room is None or not room.look():
            return
        from quadfit_tui.core.classroom.classroom import State
        from quadfit_tui.core.classroom.vote import where_it_is

        if self._vote is not None:
            self._vote.follow(room.question)
        if self._can_join and room.question is not None and room.question.state is State.OPEN:
            told = where_it_is(room.question, self.library.lessons())
            if told and self.lesson is not None:
                self._remark(f"{told}: V joins.")
            elif told:
                self.tell(f"{told}: V joins.")
        self.refresh_bindings()

    @property
    def _can_join(self) -> bool:
        """Whether the class is at a question that is not the one here."""
        room = self.library.classroom if self.library is not None else None
        if room is None or room.question is None:
            return False
        return self._vote is None or self._vote.vote.question.place != room.question.place

    def action_vote(self) -> None:
        """Goes to the question of the class; of a teacher: has the class vote on the one that is open."""
        if self._is_teacher:
            self._teach()
        else:
            self._join()

    # A student

    def _join(self) -> None:
        assert self.library is not None
        from quadfit_tui.core.classroom.vote import Vote, lesson_of
        from quadfit_tui.core.judging.facts import Facts
        from quadfit_tui.ui.lessons.open_vote import OpenVote

        question = self.library.classroom.question if self.library.classroom is not None else None
        lesson = lesson_of(question, self.library.lessons()) if question is not None else None
        if question is None or lesson is None:
            self.tell(_NO_QUESTION)
            return
        before = self._before_vote if self._vote else self.lesson.whole if self.lesson else None
        self.close_lesson()
        self._before_vote = before
        vote = Vote(lesson, question, Facts(lesson), self._own_transcript())
        self._take(OpenVote(vote, self.session, *self._tools()), lesson)

    def _leave_vote(self) -> None:
        """Leaves the vote; goes on with the lesson that was open before."""
        before, self._before_vote = self._before_vote, None
        self.close_lesson()
        if before is not None:
            self.open_lesson(before)
        self.refresh_bindings()

    def action_leave_lesson(self) -> None:
        """Leaves the lesson, or the vote."""
        if self._vote is not None:
            self._leave_vote()
        else:
            super().action_leave_lesson()

    async def action_commit_answer(self) -> None:
        """Commits what was typed or marked, if it is not too late."""
        if self._vote is not None:
            self._look_at_class()
        await super().action_commit_answer()

    async def action_go_on(self) -> None:
        """Goes on; after a vote with the own lesson."""
        if self._vote is not None and self._vote.is_over:
            self._leave_vote()
        else:
            await super().action_go_on()

    # The teacher

    def _teach(self) -> None:
        step = self.lesson.course.step if self.lesson is not None else None
        if self.lesson is None or step is None or not step.answers:
            self.tell(_TEACH)
        else:
            self.lesson.when_known(self._show_tally)

    def _show_tally(self) -> None:
        course = self.lesson.course if self.lesson is not None else None
        if course is None or course.step is None:  # it was left meanwhile
            return
        assert self.library is not None
        assert self.library.classroom is not None
        assert self.library.students is not None
        from quadfit_tui.core.classroom.tally import Tally
        from quadfit_tui.ui.lessons.vote_page import VotePage

        tally = self._tally
        if tally is None or (tally.lesson, tally.step) != (course.lesson, course.step):
            tally = self._tally = Tally(self.library.students, course.lesson, course.step, course.facts)
        said = course.facts.said(course.step.text)
        self.call_later(self.push_screen, VotePage(self.library.classroom, tally, said), self._after_tally)

    def _after_tally(self, shows: bool | None) -> None:
        if shows and self.lesson is not None:
            self.lesson.reveal()

    def close_lesson(self) -> None:
        """Leaves the lesson, if one is open, and closes the vote of it that a teacher has opened."""
        self._close_vote()
        super().close_lesson()

    def exit(self, result: None = None, return_code: int = 0, message: Any = None) -> None:
        """Ends in order. A vote stays open only where a signal ends the app, as of a connection that breaks."""
        if self.exit_code is None:
            self._close_vote()
        super().exit(result, return_code, message)

    def _close_vote(self) -> None:
        room = self.library.classroom if self.library is not None else None
        if room is None or self.lesson is None or not self._is_teacher:
            return
        from quadfit_tui.core.classroom.classroom import State

        room.look()
        question = room.question
        if question is not None and question.lesson == self.lesson.whole.id and question.state is State.OPEN:
            with suppress(OSError):  # the class sees after some hours that it is left
                room.ask(question.ended(State.CLOSED))

    def is_used(self, action: str) -> bool | None:
        """Whether an action of lessons has something to do now; in a vote there are no hints, and nothing to skip."""
        if action == VOTE.action:
            return self._is_teacher or self._can_join
        if self._vote is not None and action in ("hint", "skip"):
            return False
        if self._vote is not None and action == "go_on" and not self._vote.is_open:
            return self._vote.vote.question.state == "shown"
        return super().is_used(action)
