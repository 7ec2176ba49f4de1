"""Vote: a question as a student votes on it with the class: once alone, once after the discussion; told at the end."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from quadfit_tui.core.text.language import N_, _, labeled, paragraph
from quadfit_tui.teaching.classroom.classroom import ALONE, DISCUSSED, Question, VoteState
from quadfit_tui.teaching.course.answers import OwnAnswer, evaluate_answer, format_answer, shown_answer
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
_COMPARE = N_("Compare your curve with your neighbor's.")  # in the place of the first: none of them is right yet
LATE = N_("Your vote came too late, and does not count: the vote was closed before it.")
COUNTED = N_("Counted. You can change it until the vote is closed.")


def lesson_of(question: Question, lessons: Iterable[Lesson]) -> Lesson | None:
    """The lesson that has a question; None where none has."""
    lesson = next((each for each in lessons if each.id == question.lesson), None)
    step = lesson.by_id.get(question.step) if lesson is not None else None
    return lesson if step is not None and step.is_votable else None


def where_it_is(question: Question, lessons: Iterable[Lesson]) -> str:
    """Where the class is, in words, to be followed by how to join it; empty where that is not among the lessons."""
    lesson = lesson_of(question, lessons)
    if lesson is None:
        return ""
    return _("The class is at '{step}'").format(step=lesson.by_id[question.step].title)


class Vote(Course):
    """A course of one step, whose phase is what the class does; a vote is an answer with its round.

    The last vote counts, and is judged when the class is shown what happens. `whole` is the lesson of the question.
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
        """Which vote it is."""
        return _(VOTES[self.question.round])

    @property
    def notice(self) -> str:
        """Nothing: it stands in the frame of the question."""
        return ""

    @property
    def hides_outcome(self) -> bool:
        """Whether what would give the answer away is not to be shown: until the class is shown it."""
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
        """How often the student has voted."""
        return len(self.votes)

    @property
    def own(self) -> str:
        """What the student has voted last, in a sentence; empty where there was no vote."""
        if not (vote := self._given):
            return ""
        told = _("Your curve: {vote}.") if self._step.kind is StepKind.DRAW else _("You voted {vote}.")
        return told.format(vote=vote)

    @property
    def _given(self) -> str:
        votes = self.votes
        return format_answer(self.lesson, self._step, votes[-1], labeled) if votes else ""

    @property
    def vote_text(self) -> str:  # type: ignore[override]
        """What the student has voted, and what there is to do now; no more of it once the class is shown the answer."""
        match self.question.state:
            case VoteState.OPEN:
                now = _(AGAIN) if self.question.round == DISCUSSED else ""
            case VoteState.CLOSED:
                now = paragraph([_(CLOSED), self.pause])
            case VoteState.SHOWN:
                now = ""
        return paragraph([self.own, now])

    @property
    def progress(self) -> LessonProgress:
        """The last vote alone."""
        return LessonProgress(self.lesson, self.votes[-1:])

    def own_answers(self) -> list[OwnAnswer]:
        """The last vote beside the right answer, once the class is shown it."""
        return super().own_answers() if self.phase is Phase.ANSWERED else []

    def start(self, anew: bool = False) -> bool:  # noqa: ARG002  there is no way to begin it anew
        """Comes to the question."""
        self.transcript.refresh()
        self._index = 0
        self.follow(self.question)
        return True

    def follow(self, question: Question | None) -> bool:
        """Goes along with the class; whether that changes anything. Once the class is elsewhere, the vote is closed."""
        before = self.question
        if question is None or question.place != before.place:
            question = before.ended(VoteState.CLOSED) if before.state is VoteState.OPEN else before
        self.question, self.phase, self.pause = question, _PHASES[question.state], _(_PAUSES[question.round])
        if self._step.kind is StepKind.DRAW and question.round == ALONE:
            self.pause = _(_COMPARE)
        self.feedback = self._told() if self.phase is Phase.ANSWERED else ""
        return question != before

    def _told(self) -> str:
        told = self._ended()
        needs_answer = not told or (self._step.kind is StepKind.OBSERVE and not self._record.is_right)
        answer = shown_answer(self.lesson, self._step, self.facts) if needs_answer else ""
        return paragraph([told, answer])

    def answer(self, typed: str) -> str:
        """Takes a vote, which is recorded and not judged yet."""
        if self.phase is not Phase.ASKED:
            vote = self._given
            return paragraph([_(LATE), *[_("The one before it does: {vote}.").format(vote=vote)] * bool(vote)])
        self.transcript.refresh()
        found = evaluate_answer(self.lesson, self._step, self.facts, typed)
        if not found.recorded:
            return found.feedback
        self._write_of_step(Event.ANSWER, **found.recorded, round=self.question.round, tries=self.tries + 1)
        if not self.transcript.is_recorded:
            if not self.transcript.failure:
                return _("This vote does not count, since it is not recorded.")
            told = _("This vote does not count, since it is not recorded: {problem}.")
            return told.format(problem=self.transcript.failure)
        if not self.transcript.is_shared:
            return _("This vote does not count, since you alone can read it.")
        return _(COUNTED)

    def confirm(self) -> bool:
        """There is nothing to go on to."""
        return False

    def skip(self) -> str:
        """There is no need to."""
        return _("Nobody has to vote; you can leave it.")

    def leave(self) -> None:
        """Leaves the question; what was voted stays."""
