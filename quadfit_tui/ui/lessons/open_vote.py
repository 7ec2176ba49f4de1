"""OpenVote: a question that a class votes on, in the place of a lesson: goes along with the class to its end."""

from __future__ import annotations

from functools import partial

from quadfit_tui.core.classroom.classroom import Question, State
from quadfit_tui.core.classroom.vote import Vote
from quadfit_tui.core.lessons.lesson import StepKind
from quadfit_tui.core.session.session import Session
from quadfit_tui.ui.lessons.fact_worker import FactWorker
from quadfit_tui.ui.lessons.open_lesson import OpenLesson, Stage


class OpenVote(OpenLesson):
    """A Vote with the Session on whose screen it is taken."""

    def __init__(self, vote: Vote, session: Session, worker: FactWorker, stage: Stage) -> None:
        super().__init__(vote, session, worker, stage)
        self.vote = vote
        self.whole = vote.whole

    @property
    def is_over(self) -> bool:
        """Whether the class was shown what happens, and it is told here."""
        return self._is_begun and self._is_shown and self.vote.question.state is State.SHOWN

    def follow(self, question: Question | None) -> None:
        """Goes along with the class."""
        self.when_known(partial(self._follow, question))

    def _follow(self, question: Question | None) -> None:
        before = self.vote.question
        if not self.vote.follow(question):
            return
        present, step = self.vote.question, self.vote.lesson.steps[0]
        if present.state is State.SHOWN:
            if before.state is not State.SHOWN:
                self._text.remark(self.vote.told)
                self._end_step(step.kind is StepKind.PREDICT)
        elif before.state is State.SHOWN or before.since != present.since:
            self._begin_step()
        else:
            self._text.remark(self.vote.told)
            self._show(True)

    def _begin_step(self, notice: str = "", anew: bool = False) -> None:
        super()._begin_step(notice, anew)
        if self.vote.question.state is not State.SHOWN:
            self._text.remark(self.vote.told)
            self._show(True)
