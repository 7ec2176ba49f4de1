"""Vote: a question that a student votes on with the class: alone, then after the discussion."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from quadfit_tui.core.text.language import N_, _, labeled, paragraph
from quadfit_tui.teaching.classroom.classroom import ALONE, DISCUSSED, Question, VoteState
from quadfit_tui.teaching.course.answers import OwnAnswer, answer_with_reason, evaluate_answer, format_answer
from quadfit_tui.teaching.course.course import Course
from quadfit_tui.teaching.course.progress import LessonProgress
from quadfit_tui.teaching.course.standing import Phase
from quadfit_tui.teaching.course.transcript import Transcript
from quadfit_tui.teaching.course.transcript_entry import Entry, Event
from quadfit_tui.teaching.judging.facts import Facts
from quadfit_tui.teaching.notation.lesson import PREDICTIONS, Lesson, StepKind

VOTES = {ALONE: N_("vote"), DISCUSSED: N_("second vote")}
_PHASES = {VoteState.OPEN: Phase.ASKED, VoteState.CLOSED: Phase.WAITING, VoteState.SHOWN: Phase.ANSWERED}
CLOSED = N_("The vote is closed.")
_PAUSES = {
    ALONE: N_("Tell your neighbor which answer is right, and why."),
    DISCUSSED: N_("Wait for the class."),
}
AGAIN = N_("Vote once more, now that you have talked about it.")
_COMPARE = N_("Compare your curve with your neighbor's.")  # replaces the first one for curves, which nobody judges yet
LATE = N_("Your vote came too late, and does not count: the vote was closed before it.")
COUNTED = N_("Counted. You can change it until the vote is closed.")


def lesson_of(question: Question, lessons: Iterable[Lesson]) -> Lesson | None:
    """Returns the lesson that has the question of a class, or None if no lesson has it."""
    lesson = next((candidate for candidate in lessons if candidate.id == question.lesson), None)
    step = lesson.by_id.get(question.step) if lesson is not None else None
    return lesson if step is not None and step.is_votable else None


def where_it_is(question: Question, lessons: Iterable[Lesson]) -> str:
    """Returns a sentence on the question that the class is at, before how to join; empty if no lesson has it."""
    lesson = lesson_of(question, lessons)
    if lesson is None:
        return ""
    return _("The class is at '{step}'").format(step=lesson.by_id[question.step].title)


class Vote(Course):
    """A course of one step, whose phase follows the class; each vote is recorded as an answer with its round.

    The last vote counts, and is judged when the class is shown the outcome. `whole` is the lesson of the question.
    """

    is_vote = True

    def __init__(self, whole: Lesson, question: Question, facts: Facts, transcript: Transcript) -> None:
        step = whole.by_id[question.step]
        step = replace(step, view=whole.view(step), hints=())
        super().__init__(replace(whole, steps=(step,), may_skip=False), facts, transcript)
        self.full_lesson = whole
        self.question = question

    @property
    def where(self) -> str:
        """The round as text: `vote` or `second vote`."""
        return _(VOTES[self.question.round])

    @property
    def notice(self) -> str:
        """Empty: the frame of the question says whether it is recorded."""
        return ""

    @property
    def hides_outcome(self) -> bool:
        """Whether the outcome of a prediction is hidden, until the class is shown it."""
        return self.phase in (Phase.ASKED, Phase.WAITING) and self._step.kind in PREDICTIONS

    @property
    def votes(self) -> list[Entry]:
        """The student's own votes on the question, the oldest first."""
        question = self.question
        return [
            entry
            for entry in self.transcript.of_lesson(question.lesson)
            if entry.event is Event.ANSWER and entry.step == question.step and entry.round
            if entry.version == self.lesson.version and entry.time >= question.since
        ]

    @property
    def tries(self) -> int:
        """The number of votes of the student."""
        return len(self.votes)

    @property
    def own(self) -> str:
        """The student's last vote in a sentence; empty if there is none."""
        if not (vote := self._last_vote):
            return ""
        template = _("Your curve: {vote}.") if self._step.kind is StepKind.DRAW else _("You voted {vote}.")
        return template.format(vote=vote)

    @property
    def _last_vote(self) -> str:
        """The student's last vote, formatted; empty if there is none."""
        votes = self.votes
        return format_answer(self.lesson, self._step, votes[-1], labeled) if votes else ""

    @property
    def vote_text(self) -> str:  # type: ignore[override]
        """The last vote and what to do now, in sentences; only the vote once the class is shown the answer."""
        match self.question.state:
            case VoteState.OPEN:
                instruction = _(AGAIN) if self.question.round == DISCUSSED else ""
            case VoteState.CLOSED:
                instruction = paragraph([_(CLOSED), self.pause])
            case VoteState.SHOWN:
                instruction = ""
        return paragraph([self.own, instruction])

    @property
    def progress(self) -> LessonProgress:
        """The progress by the last vote alone."""
        return LessonProgress(self.lesson, self.votes[-1:])

    def own_answers(self) -> list[OwnAnswer]:
        """Returns the last vote with the right answer; empty before the class is shown it."""
        return super().own_answers() if self.phase is Phase.ANSWERED else []

    def start(self, anew: bool = False) -> bool:  # noqa: ARG002  there is no way to begin it anew
        """Shows the question in the state that the class is in; called first."""
        self.transcript.refresh()
        self._index = 0
        self.follow(self.question)
        return True

    def follow(self, question: Question | None) -> bool:
        """Applies the state of the class to the vote; returns whether that changed anything.

        If the class has moved on to another question, the vote is closed.
        """
        before = self.question
        if question is None or question.place != before.place:
            question = before.ended(VoteState.CLOSED) if before.state is VoteState.OPEN else before
        self.question, self.phase, self.pause = question, _PHASES[question.state], _(_PAUSES[question.round])
        if self._step.kind is StepKind.DRAW and question.round == ALONE:
            self.pause = _(_COMPARE)
        self.feedback = self._outcome_text() if self.phase is Phase.ANSWERED else ""
        return question != before

    def _outcome_text(self) -> str:
        """Returns the feedback for the end of the vote, with the right answer unless the last vote was right."""
        feedback = self._final_feedback()
        needs_answer = not feedback or (self._step.kind is StepKind.OBSERVE and not self._record.is_right)
        answer = answer_with_reason(self.lesson, self._step, self.facts) if needs_answer else ""
        return paragraph([feedback, answer])

    def answer(self, answer: str) -> str:
        """Records a vote, which is not judged yet; returns whether it counts, in a sentence."""
        if self.phase is not Phase.ASKED:
            vote = self._last_vote
            return paragraph([_(LATE), _("The one before it does: {vote}.").format(vote=vote) if vote else ""])
        self.transcript.refresh()
        result = evaluate_answer(self.lesson, self._step, self.facts, answer)
        if not result.recorded:
            return result.feedback
        self._record_event(Event.ANSWER, **result.recorded, round=self.question.round, tries=self.tries + 1)
        if not self.transcript.is_recorded:
            if not self.transcript.failure:
                return _("This vote does not count, since it is not recorded.")
            template = _("This vote does not count, since it is not recorded: {problem}.")
            return template.format(problem=self.transcript.failure)
        if not self.transcript.is_shared:
            return _("This vote does not count, since you alone can read it.")
        return _(COUNTED)

    def confirm(self) -> bool:
        """Returns False: there is no next step."""
        return False

    def skip(self) -> str:
        """Returns a sentence that nobody has to vote; nothing is skipped."""
        return _("Nobody has to vote; you can leave it.")

    def leave(self) -> None:
        """Does nothing when the student leaves the question: the recorded votes stay."""
