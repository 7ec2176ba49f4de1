"""Standing: where a student is in a lesson, and all that there is to see of it there; it changes nothing."""

from __future__ import annotations

from collections.abc import Callable
from enum import StrEnum
from typing import NamedTuple

from quadfit_tui.core.text.language import _
from quadfit_tui.teaching.course import answers
from quadfit_tui.teaching.course.notice import notice
from quadfit_tui.teaching.course.own_runs import OwnRuns, TaskRuns
from quadfit_tui.teaching.course.progress import RIGHT, WRONG, LessonProgress, StepRecord
from quadfit_tui.teaching.course.transcript import Transcript
from quadfit_tui.teaching.course.transcript_entry import Entry
from quadfit_tui.teaching.judging.facts import Facts
from quadfit_tui.teaching.judging.judge import AS_ROW, allowed, letters_allowed
from quadfit_tui.teaching.notation.lesson import PREDICTIONS, Lesson, Step, WithheldFact

TRIES_TO_HINT, TRIES_TO_SKIP = 2, 3  # wrong answers after which a way on is named
# What would give away what a prediction is about, by lines, with the actions of the app that come to the same. All
# others only look at the run.
GIVES_AWAY = {
    "go": ("play_pause", "last"),
    "step": ("step", "jump"),
    "to": ("ask", "visit"),
    "rate": ("scale_rate", "edit"),
    "set": ("carry_on", "twin", "twin_of", "begin_cell"),
    "preset": ("presets", "preset", "data", "runs"),
    "restart": ("restart",),
    "why": ("diagnose", "apply", "retry"),
}
_HELD_BACK = frozenset(WithheldFact) - {
    WithheldFact.OPTIMUM
}  # where w is to come to may be what a prediction starts from


class Phase(StrEnum):
    """What a course waits for."""

    READING = "reading"  # going on
    DOING = "doing"  # the task to be done in the run
    ASKED = "asked"  # an answer
    WAITING = "waiting"  # the class, which talks about it: only in a vote
    ANSWERED = "answered"  # going on, after what was said about it
    ENDED = "ended"


class Left(NamedTuple):
    """Where a student went back from, and whether a prediction was open there."""

    place: int
    hides_outcome: bool


class Standing:
    """Where a student is in a lesson, and what there is to see of it; Course takes it on.

    `facts` of the lesson train its runs when they are needed first, and tell for which face it is. With `shows_notes`
    those for teachers are said, too.
    """

    is_vote = False  # whether it is a question that a class votes on
    pause = vote_text = ""  # what to do then while the class is waited for; what was voted and is to be done now

    def __init__(
        self,
        lesson: Lesson,
        facts: Facts,
        transcript: Transcript,
        *,
        shows_notes: bool = False,
    ) -> None:
        self.lesson = self.full_lesson = lesson  # `full_lesson` is all of it, where a class votes on a step of it
        self.facts = facts
        self.transcript = transcript
        self.shows_notes = shows_notes
        self.phase = Phase.ENDED
        self.feedback = ""  # what was said last about an answer, a skip or a task of the present step
        self._index = len(lesson.steps)
        self._asks_to_skip = False
        self._left: Left | None = None  # where the student went back from
        self.is_again = False  # whether the present step is a prediction that is asked once more, at the end
        self._was_again = self._is_answered_again = False
        self._runs = TaskRuns(facts)

    # Where it is

    @property
    def step(self) -> Step | None:
        """The present step; None at the end."""
        return self.lesson.steps[self._index] if self._index < len(self.lesson.steps) else None

    @property
    def number(self) -> int:
        """The number of the present step, from 1."""
        return self._index + 1

    @property
    def where(self) -> str:
        """Which step it is, of how many."""
        if self.is_again:
            return _("once more")
        return _("step {number} of {steps}").format(number=self.number, steps=len(self.lesson.steps))

    @property
    def tries(self) -> int:
        """How often the present step was answered."""
        return 0 if self.step is None else len(self._record.answers)

    @property
    def progress(self) -> LessonProgress:
        """How far the student is, by the transcript as it is known."""
        return LessonProgress(self.lesson, self.transcript.of_lesson(self.lesson.id))

    @property
    def is_asked(self) -> bool:
        """Whether a question is open."""
        return self.phase is Phase.ASKED

    @property
    def is_open(self) -> bool:
        """Whether there is something to answer or to do."""
        return self.phase in (Phase.ASKED, Phase.DOING)

    @property
    def is_waiting(self) -> bool:
        """Whether the class is waited for."""
        return self.phase is Phase.WAITING

    @property
    def is_choosing(self) -> bool:
        """Whether, after a student's own sentence, it is asked which of some says what was meant."""
        return self.is_asked and self._step.has_sentences and bool(self._record.said)

    @property
    def hides_outcome(self) -> bool:
        """Whether a prediction is open, so that what would give it away is not to be shown: not before it, either."""
        is_open = self.is_asked and self._step.kind in PREDICTIONS
        return is_open or (self._left is not None and self._left.hides_outcome)

    @property
    def is_back(self) -> bool:
        """Whether an earlier step is read again."""
        return self._left is not None

    @property
    def can_go_back(self) -> bool:
        """Whether there is a step before the present one."""
        return not (self.is_vote or self.is_again) and self._index > 0

    @property
    def withheld(self) -> frozenset[WithheldFact]:
        """What the program is not to tell of the run now: by the lesson, or because a prediction is open."""
        by_lesson = self.full_lesson.withheld_at(self.step)
        return by_lesson | _HELD_BACK if self.hides_outcome else by_lesson

    @property
    def hints(self) -> list[str]:
        """The hints of the present step that were given so far."""
        said = map(self.facts.render_prose, self._step.hints[: self._record.hints])
        return [_("Hint: {hint}").format(hint=hint) for hint in said]

    @property
    def offers(self) -> str:
        """The way on that is worth naming after so many wrong tries: `hint`, `skip` or nothing."""
        is_tried = self.is_open and not self._step.tries  # as many runs as are asked for are no wrong ones
        tries = len(self._record.counted) if is_tried else 0
        if tries >= TRIES_TO_SKIP and self.lesson.may_skip:
            return "skip"
        return "hint" if tries >= TRIES_TO_HINT and self._record.hints < len(self._step.hints) else ""

    @property
    def notice(self) -> str:
        """What is to be said when a lesson begins: who will read the answers."""
        return notice(self.transcript)

    @property
    def allowed(self) -> str:
        """What answers the open question, in a sentence."""
        return letters_allowed(self._step) if self.is_choosing else allowed(self._step)

    @property
    def own_answer(self) -> str:
        """What was answered last at the present step, as a student reads it; empty where nothing was."""
        return self.own_answer_as()

    def own_answer_as(self, choice: Callable[[str, str], str] = AS_ROW) -> str:
        """Formats the last answer, the letter and the text of a choice put together by `choice`."""
        counted = self._counted
        return answers.format_answer(self.lesson, self._step, counted[-1], choice) if counted else ""

    @property
    def mark(self) -> str:
        """What stands before what was answered or done last: `right`, `wrong`, or nothing."""
        if self.is_again:
            return "".join(RIGHT if entry.got == RIGHT else WRONG for entry in self._counted)
        return self._record.mark

    @property
    def verdict(self) -> str:
        """That what was answered last is not right, to who sees no mark; of what is close, the feedback says that."""
        return _("Not right.") if self._counted and self._counted[-1].got == WRONG else ""

    @property
    def own_words(self) -> str:
        """The student's own explanation; empty where there is none."""
        return self._record.said

    @property
    def summary(self) -> list[str]:
        """What is to be kept of the lesson, line by line, to be said at its end."""
        return [self.facts.render_prose(line) for line in self.lesson.summary]

    @property
    def wrong_prediction(self) -> Step | None:
        """At the end, the first prediction that was not right, which is asked once more; None where there is none."""
        if self.phase is not Phase.ENDED or self._was_again:
            return None
        records = self.progress.records
        wrong = [step for step in self.lesson.steps if step.kind in PREDICTIONS and records[step.id].mark == WRONG]
        return wrong[0] if wrong else None

    def predictions_met(self) -> list[answers.Met]:
        """Each of the student's predictions, beside what happened."""
        return answers.predictions_met(self.lesson, self.progress, self.facts)

    @property
    def own_runs(self) -> OwnRuns | None:
        """The table of the student's own runs of the present task, if there is one."""
        return None if self.step is None else self._runs.table(self.step, self._tried)

    @property
    def first_setting(self) -> str:
        """The first of the parameters that may change in the task that is open; empty where all may."""
        return next(iter(self._step.only), "") if self.phase is Phase.DOING else ""

    def own_answers(self) -> list[answers.OwnAnswer]:
        """What the student answered at each step, beside the right answers of those that are done."""
        return answers.own_answers(self.lesson, self.progress, self.facts)

    @property
    def _step(self) -> Step:
        step = self.step
        assert step is not None
        return step

    @property
    def _tried(self) -> list[str]:
        """What was recorded of the runs of the present task."""
        return [each.answer for each in self._record.answers]

    @property
    def _counted(self) -> list[Entry]:
        """The answers that count at the present step; where it is asked once more, the one that does not."""
        if self.is_again:
            return self._record.answers[-1:] if self._is_answered_again else []
        return self._record.counted

    @property
    def _record(self) -> StepRecord:
        return self.progress.records[self._step.id]
