"""Standing: the position of a student in a lesson, and all that the lesson shows there; it changes nothing."""

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
from quadfit_tui.teaching.judging.judge import answer_prompt, join_as_row, letters_prompt
from quadfit_tui.teaching.notation.lesson import PREDICTIONS, Lesson, Step, WithheldFact

TRIES_TO_HINT, TRIES_TO_SKIP = 2, 3  # number of wrong answers after which the lesson offers a hint, or to skip
# The commands of the dialogue that would give away the outcome of a prediction, with the equivalent actions of the app.
# All others only look at the run.
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
# Withheld while a prediction is open. The optimum is not: a prediction may start from it.
_HELD_BACK = frozenset(WithheldFact) - {WithheldFact.OPTIMUM}


class Phase(StrEnum):
    """The state of a course: which input of the student or the class it waits for."""

    READING = "reading"  # the student must read the text and go on
    DOING = "doing"  # the student must do the task in the run
    ASKED = "asked"  # the student must answer
    WAITING = "waiting"  # the class talks about the question: only in a vote
    ANSWERED = "answered"  # the student must read the feedback and go on
    ENDED = "ended"


class Left(NamedTuple):
    """The step that a student left to read earlier ones, and whether a prediction was open there."""

    place: int
    hides_outcome: bool


class Standing:
    """The position of a student in a lesson, and what the lesson shows there; Course adds the commands.

    `facts` train the runs of the lesson when they are first needed, and know its face (screen or spoken). With
    `shows_notes` the notes for teachers are shown, too.
    """

    is_vote = False  # whether it is a question that a class votes on
    pause = ""  # in a vote, what to do while the class is waited for
    vote_text = ""  # in a vote, what the student has voted, and what to do now

    def __init__(
        self,
        lesson: Lesson,
        facts: Facts,
        transcript: Transcript,
        *,
        shows_notes: bool = False,
        voted_step: Callable[[], str] = str,
    ) -> None:
        """`voted_step` returns the id of the step that the class votes on now; empty if it does not."""
        self.lesson = self.full_lesson = lesson  # in a vote, `lesson` has only the step that the class votes on
        self.facts = facts
        self.transcript = transcript
        self.shows_notes = shows_notes
        self._voted_step = voted_step
        self.phase = Phase.ENDED
        self.feedback = ""  # the latest feedback on an answer, a skip or the task of the current step
        self._index = len(lesson.steps)
        self._asks_to_skip = False
        self._left: Left | None = None  # the step that the student left to read an earlier one
        self.is_again = False  # whether the current step is a prediction that is asked once more, at the end
        self._was_again = self._is_answered_again = False
        self._runs = TaskRuns(facts)

    # Where it is

    @property
    def step(self) -> Step | None:
        """The current step, or None at the end."""
        return self.lesson.steps[self._index] if self._index < len(self.lesson.steps) else None

    @property
    def number(self) -> int:
        """The number of the current step, from 1."""
        return self._index + 1

    @property
    def where(self) -> str:
        """The position in the lesson as text: `step 2 of 9`."""
        if self.is_again:
            return _("once more")
        return _("step {number} of {steps}").format(number=self.number, steps=len(self.lesson.steps))

    @property
    def tries(self) -> int:
        """The number of answers to the current step."""
        return 0 if self.step is None else len(self._record.answers)

    @property
    def progress(self) -> LessonProgress:
        """The student's progress, by the transcript entries that were read so far.

        A vote answers a step only when the class is shown the outcome: the step would give the answer away before.
        """
        voted, entries = self._voted_step(), self.transcript.of_lesson(self.lesson.id)
        return LessonProgress(self.lesson, (entry for entry in entries if not entry.round or entry.step != voted))

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
        """Whether the student must wait for the class."""
        return self.phase is Phase.WAITING

    @property
    def is_choosing(self) -> bool:
        """Whether the student has explained something and must now choose the sentence that says the same."""
        return self.is_asked and self._step.has_sentences and bool(self._record.said)

    @property
    def hides_outcome(self) -> bool:
        """Whether an open prediction hides the outcome, also while the student reads an earlier step."""
        is_open = self.is_asked and self._step.kind in PREDICTIONS
        return is_open or (self._left is not None and self._left.hides_outcome)

    @property
    def is_back(self) -> bool:
        """Whether the student reads an earlier step again."""
        return self._left is not None

    @property
    def can_go_back(self) -> bool:
        """Whether the student can go back to a previous step."""
        return not (self.is_vote or self.is_again) and self._index > 0

    @property
    def withheld(self) -> frozenset[WithheldFact]:
        """The facts about the run that must not be shown now, by the lesson or because a prediction is open."""
        by_lesson = self.full_lesson.withheld_at(self.step)
        return by_lesson | _HELD_BACK if self.hides_outcome else by_lesson

    @property
    def hints(self) -> list[str]:
        """The hints to the current step that the student has asked for so far."""
        texts = map(self.facts.render_prose, self._step.hints[: self._record.hints])
        return [_("Hint: {hint}").format(hint=hint) for hint in texts]

    @property
    def offers(self) -> str:
        """The help to offer after too many wrong answers: `hint`, `skip`, or empty."""
        is_tried = self.is_open and not self._step.tries  # runs of a task that asks for several are no wrong tries
        tries = len(self._record.counted) if is_tried else 0
        if tries >= TRIES_TO_SKIP and self.lesson.may_skip:
            return "skip"
        return "hint" if tries >= TRIES_TO_HINT and self._record.hints < len(self._step.hints) else ""

    @property
    def notice(self) -> str:
        """The sentences at the start of a lesson on who will read the answers."""
        return notice(self.transcript)

    @property
    def allowed(self) -> str:
        """A sentence on what can answer the open question."""
        return letters_prompt(self._step) if self.is_choosing else answer_prompt(self._step)

    @property
    def own_answer(self) -> str:
        """The last answer to the current step, formatted for the student; empty if there is none."""
        return self.own_answer_as()

    def own_answer_as(self, choice: Callable[[str, str], str] = join_as_row) -> str:
        """Formats the last answer to the current step; `choice` joins the letter and the text of a choice."""
        counted = self._counted
        return answers.format_answer(self.lesson, self._step, counted[-1], choice) if counted else ""

    @property
    def mark(self) -> str:
        """The mark to show before the last answer to the current step: `right`, `wrong`, or empty."""
        if self.is_again:
            return "".join(RIGHT if entry.got == RIGHT else WRONG for entry in self._counted)
        return self._record.mark

    @property
    def verdict(self) -> str:
        """A sentence if the last answer is wrong, for faces without marks; empty if close, which the feedback says."""
        return _("Not right.") if self._counted and self._counted[-1].got == WRONG else ""

    @property
    def own_words(self) -> str:
        """The student's own explanation; empty if there is none."""
        return self._record.said

    @property
    def summary(self) -> list[str]:
        """The summary of the lesson to show at its end, a text each line."""
        return [self.facts.render_prose(line) for line in self.lesson.summary]

    @property
    def wrong_prediction(self) -> Step | None:
        """At the end, the first wrong prediction, which is asked once more; None if there is none."""
        if self.phase is not Phase.ENDED or self._was_again:
            return None
        records = self.progress.records
        wrong = [step for step in self.lesson.steps if step.kind in PREDICTIONS and records[step.id].mark == WRONG]
        return wrong[0] if wrong else None

    def predictions_met(self) -> list[answers.PredictionOutcome]:
        """Returns a sentence for each of the student's predictions, comparing it with the outcome."""
        return answers.predictions_met(self.lesson, self.progress, self.facts)

    @property
    def own_runs(self) -> OwnRuns | None:
        """The table of the student's own runs of the current task, or None if there is none."""
        return None if self.step is None else self._runs.table(self.step, self._tried)

    @property
    def first_setting(self) -> str:
        """The first parameter that the task allows to change, even when done; empty if all may change, or no task."""
        is_at_task = self.phase is Phase.DOING or (self.phase is Phase.ANSWERED and not self.is_back)
        return next(iter(self._step.only), "") if is_at_task else ""

    def own_answers(self) -> list[answers.OwnAnswer]:
        """Returns the student's answers to each step, with the right answers of finished steps."""
        return answers.own_answers(self.lesson, self.progress, self.facts)

    @property
    def _step(self) -> Step:
        """The current step; there must be one."""
        step = self.step
        assert step is not None
        return step

    @property
    def _tried(self) -> list[str]:
        """The recorded changes of the runs that were made for the current task."""
        return [entry.answer for entry in self._record.answers]

    @property
    def _counted(self) -> list[Entry]:
        """The answers that count at the current step; if it is asked once more, the new answer."""
        if self.is_again:
            return self._record.answers[-1:] if self._is_answered_again else []
        return self._record.counted

    @property
    def _record(self) -> StepRecord:
        """The record of the current step."""
        return self.progress.records[self._step.id]
