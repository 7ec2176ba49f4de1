"""Course: a lesson as it is taken, step by step: the state machine that the pane, the dialogue and the tests share.

reading, doing, asked → answered → the next step, … → ended. All of it that matters is in the transcript, where it is
written before anybody is told: a course that starts is where the transcript says that the student is.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from datetime import UTC, datetime
from enum import StrEnum
from typing import Any, NamedTuple

from quadfit_tui import __version__
from quadfit_tui.core.course.progress import RIGHT, Progress, StepRecord
from quadfit_tui.core.course.transcript import Transcript
from quadfit_tui.core.course.transcript_entry import LONGEST_TEXT, Entry, Event
from quadfit_tui.core.judging.facts import Facts, TooMuchWorkError
from quadfit_tui.core.judging.judge import Judgement, Verdict, allowed, is_done, judge, judge_recorded, right_answer
from quadfit_tui.core.lessons.expression import ExpressionError
from quadfit_tui.core.lessons.lesson import LETTERS, Lesson, Step, StepKind
from quadfit_tui.core.session.snapshot import Snapshot
from quadfit_tui.core.text.quoting import printable

TRIES_TO_HINT, TRIES_TO_SKIP = 2, 3  # wrong answers after which a way on is named
UNGRADED = "Predictions are not graded."


class Phase(StrEnum):
    """What a course waits for."""

    READING = "reading"  # going on
    DOING = "doing"  # the task to be done in the run
    ASKED = "asked"  # an answer
    WAITING = "waiting"  # the class, which talks about it: only in a vote
    ANSWERED = "answered"  # going on, after what was said about it
    ENDED = "ended"


class OwnAnswer(NamedTuple):
    """What a student answered at a step, beside the right answer, which is empty while it is not to be told."""

    step: Step
    given: tuple[str, ...]  # the answers that count, and behind them the second vote
    right: str
    is_right: bool  # the last one of them
    is_skipped: bool
    said: str


_PHASES = {StepKind.SAY: Phase.READING, StepKind.DO: Phase.DOING}


class Course:
    """A student's way through a lesson. Begin with `start`.

    `facts` of the lesson train its runs when they are needed first; `face` is `screen` or `spoken`. With `shows_notes`
    those for teachers are said, too. What a method gives is what is to be said, in whole sentences.
    """

    is_vote = False  # whether it is a question that a class votes on
    pause = told = ""  # what to do then while the class is waited for; what was voted and is to be done now

    def __init__(
        self,
        lesson: Lesson,
        facts: Facts,
        transcript: Transcript,
        *,
        face: str = "screen",
        shows_notes: bool = False,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self.lesson = self.whole = lesson  # `whole` is all of it, where a class votes on a step of it
        self.facts = facts
        self.transcript = transcript
        self.shows_notes = shows_notes
        self.phase = Phase.ENDED
        self.feedback = ""  # what was said last about an answer, a skip or a task of the present step
        self._face = face
        self._clock = clock
        self._index = len(lesson.steps)
        self._shown_at = clock()
        self._asks_to_skip = False

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
        return f"step {self.number} of {len(self.lesson.steps)}"

    @property
    def tries(self) -> int:
        """How often the present step was answered."""
        return 0 if self.step is None else len(self._record.answers)

    @property
    def progress(self) -> Progress:
        """How far the student is, by the transcript as it is known."""
        return Progress(self.lesson, self.transcript.of_lesson(self.lesson.id))

    @property
    def is_asked(self) -> bool:
        """Whether a question is open."""
        return self.phase is Phase.ASKED

    @property
    def is_open(self) -> bool:
        """Whether there is something to answer or to do."""
        return self.phase in (Phase.ASKED, Phase.DOING)

    @property
    def is_held_back(self) -> bool:
        """Whether a prediction is open, so that what would give it away is not to be shown."""
        return self.is_asked and self._step.kind is StepKind.PREDICT

    @property
    def hints(self) -> list[str]:
        """The hints of the present step that were given so far."""
        return [f"Hint: {self.facts.said(hint)}" for hint in self._step.hints[: self._record.hints]]

    @property
    def offers(self) -> str:
        """The way on that is worth naming after so many wrong tries: `hint`, `skip` or nothing."""
        tries = len(self._record.counted) if self.phase is Phase.ASKED else 0
        if tries >= TRIES_TO_SKIP and self.lesson.may_skip:
            return "skip"
        return "hint" if tries >= TRIES_TO_HINT and self._record.hints < len(self._step.hints) else ""

    @property
    def notice(self) -> str:
        """What is to be said when a lesson begins: who will read the answers."""
        status = self.transcript.status
        if status == "recorded":
            status += " for your teacher" if self.transcript.reaches_teacher else " for you alone"
        return " ".join(filter(None, (f"Your answers are {status}.", self.transcript.damage, UNGRADED)))

    @property
    def own_answer(self) -> str:
        """What was answered last at the present step, as a student reads it; empty where nothing was."""
        counted = self._record.counted if self.step is not None else []
        return self.given(self._step, counted[-1]) if counted else ""

    def own_answers(self) -> list[OwnAnswer]:
        """What the student answered at each step, beside the right answers of those that are done."""
        progress, found = self.progress, []
        for step in self.lesson.steps:
            record = progress.records[step.id]
            shown = record.counted_and_discussed
            given = tuple(self.given(step, entry) for entry in shown)
            if given or record.said or record.is_skipped:
                right = right_answer(self.lesson, step, self.facts) if record.is_done and step.answers else ""
                is_right = bool(shown) and shown[-1].got == RIGHT
                found.append(OwnAnswer(step, given, right, is_right, record.is_skipped, record.said))
        return found

    def given(self, step: Step, entry: Entry) -> str:
        """An answer of a transcript as a student reads it: a number as typed, a choice with its letter and words."""
        if not step.is_choice:
            return entry.answer
        row = LETTERS.index(entry.choice) if entry.choice else len(step.answers)
        if row >= len(step.answers):  # as a newer version of the lesson may have fewer
            return "?"
        answer = step.answers[row]
        return f"{self.lesson.letter(step, answer).upper()}  {answer.text}"

    @property
    def _step(self) -> Step:
        step = self.step
        assert step is not None
        return step

    @property
    def _record(self) -> StepRecord:
        return self.progress.records[self._step.id]

    # What the student does

    def start(self, anew: bool = False) -> bool:
        """Begins the lesson, or comes back to where it was left if it is not to begin `anew`; whether it does that."""
        self.transcript.refresh()
        progress = self.progress
        comes_back = progress.is_begun and not anew
        if comes_back:
            if progress.place < len(self.lesson.steps):
                self._write(Event.ASIDE, aside="back")
            self._show(progress.place)
        else:
            about = {"program": __version__, "face": self._face, "language": self.lesson.language}
            self._write(Event.BEGIN, attempt=progress.next_attempt, **about)
            self._show(0)
        return comes_back

    def work_out(self, step: Step) -> None:
        """Works out all that is said of a step, which may train runs; raises as `facts` does."""
        for prose in (step.text, *step.hints, *step.notes, *(answer.feedback for answer in step.answers)):
            self.facts.said(prose)
        for expression in (answer.expression for answer in step.answers):
            self.facts.value(expression)

    def answer(self, typed: str) -> str:
        """Takes an answer to the open question: judged, recorded, and only then told of.

        What cannot be read is no attempt, and is not recorded.
        """
        self._asks_to_skip = False
        if self.phase is not Phase.ASKED:
            return "No question is open."
        self.transcript.refresh()
        if self._step.kind is StepKind.EXPLAIN:
            return self._explain(typed)
        if self._record.is_done:  # by another session of the same student
            self.phase, self.feedback = Phase.ANSWERED, self._ended()
            return f"You have answered this in another session. {self.feedback}"
        found = judge(self.lesson, self._step, self.facts, typed)
        if found.verdict is Verdict.UNREADABLE:
            return found.feedback
        self._write_answer(found)
        self.feedback = found.feedback
        return self._end_step(found.feedback) if self._record.is_done else found.feedback

    def _explain(self, typed: str) -> str:
        said = " ".join(printable(typed, " ").split())
        if not said:
            return allowed(self._step)
        if len(said) > LONGEST_TEXT:
            return f"That is {len(said)} characters long; at most {LONGEST_TEXT} are recorded, so make it shorter."
        self._write_of_step(Event.SAID, text=said)
        return self._end_step()

    def confirm(self) -> bool:
        """Goes on to the next step that is not done; whether it did: not while something is to be done or answered."""
        self._asks_to_skip = False
        if self.phase not in (Phase.READING, Phase.ANSWERED):
            return False
        if self.phase is Phase.READING:
            self._write_of_step(Event.DONE)
        records, steps = self.progress.records, self.lesson.steps
        later = range(self._index + 1, len(steps))
        self._show(next((i for i in later if not records[steps[i].id].is_done), len(steps)))
        return True

    def go_to(self, step: Step) -> None:
        """Goes to any step, as whoever teaches does: nothing is answered by that."""
        self._asks_to_skip = False
        self._show(self.lesson.steps.index(step))

    def hint(self) -> str:
        """The next hint; after the last one all of them again."""
        self._asks_to_skip = False
        if not self.is_open or not self._step.hints:
            return "There is no hint for this step."
        if self._record.hints == len(self._step.hints):
            return " ".join(self.hints)
        self._write_of_step(Event.HINT, hint=self._record.hints + 1)
        return self.hints[-1]

    def skip(self) -> str:
        """Gives the step up, if it is asked for twice: gives the right answer with its reason."""
        if not self.is_open:
            return "There is nothing to skip here."
        if not self.lesson.may_skip:
            return "No step of this lesson can be skipped."
        if not self._asks_to_skip:
            self._asks_to_skip = True
            has_answer = self._step.kind is not StepKind.EXPLAIN
            return f"To skip this step{' and see its answer' * has_answer}, skip once more."
        self._asks_to_skip = False
        self._write_of_step(Event.SKIP)
        return self._end_step()

    def reveal(self) -> None:
        """Has the answer be shown, as to a class, whose teacher does the step by that."""
        self._asks_to_skip = False
        self._end_step(self._shown_answer())

    def again(self) -> None:
        """Sets the step up again, which is for the face to do; what was answered stays."""
        self._asks_to_skip = False

    def watch(self, now: Snapshot) -> bool:
        """Looks whether the task is done, whenever the run rests; whether it has just been done."""
        with suppress(ExpressionError, TooMuchWorkError):  # what it asks for is nothing that this run has
            if self.phase is Phase.DOING and is_done(self._step, self.facts, now):
                self.finish_task()
                return True
        return False

    def finish_task(self) -> None:
        """Has the task be done, for whoever has looked at the run already."""
        self._end_step()

    def leave(self) -> None:
        """Leaves the lesson, to come back some other time."""
        if self.phase is not Phase.ENDED:
            self._write(Event.ASIDE, aside="left")

    # Steps

    def _show(self, index: int) -> None:
        """Has a step be the present one; after the last one the lesson is ended."""
        self._index, self._shown_at, self.feedback = index, self._clock(), ""
        if index == len(self.lesson.steps):
            self.phase = Phase.ENDED
            if not self.progress.is_ended:
                self._write(Event.END)
            return
        record = self._record
        if record.is_done:
            self.phase = Phase.READING if self._step.kind is StepKind.SAY else Phase.ANSWERED
            self.feedback = self._ended()
        else:
            self.phase = _PHASES.get(self._step.kind, Phase.ASKED)
        if not record.is_seen:
            self._write_of_step(Event.SEEN)

    def _end_step(self, feedback: str | None = None) -> str:
        """Ends the step, and gives what is said then: what the record of it tells, if nothing else."""
        self.feedback = self._ended() if feedback is None else feedback
        self.phase = Phase.ANSWERED
        self._write_of_step(Event.DONE)
        return self.feedback

    def _ended(self) -> str:
        """What is said at the end of a step, by what is recorded of it."""
        record, step = self._record, self._step
        if record.is_skipped:
            return self._shown_answer()
        if record.said:
            return "Recorded for your teacher." if self.transcript.reaches_teacher else "Thank you."
        if step.kind is StepKind.DO:
            return "Done."
        if not record.counted:  # of a question: it was shown to a class
            return self._shown_answer() if step.answers and record.was_ended else ""
        last = record.counted[-1]
        return judge_recorded(self.lesson, step, self.facts, last.choice or last.answer).feedback

    def _shown_answer(self) -> str:
        """The right answer of a step that was skipped, with its reason."""
        step = self._step
        told = right_answer(self.lesson, step, self.facts).replace("  ", ": ")
        if not told:
            return "Skipped."
        if step.kind is StepKind.DO:
            return f"One way to do it: {told}."
        reason = "" if step.right is None else self.facts.said(step.right.feedback)
        return " ".join(filter(None, (f"The answer is {told}.", reason)))

    # The transcript

    def _write_answer(self, found: Judgement, round: int = 0) -> None:
        step, record = self._step, self._record
        self._write_of_step(
            Event.ANSWER,
            **{"choice" if step.is_choice else "answer": found.canonical},
            round=round,
            got=found.verdict.value,
            tries=self.tries + 1,
            hints=record.hints,
            seconds=max(0, int(self._clock() - self._shown_at)),
        )

    def _write_of_step(self, event: Event, **values: Any) -> None:
        self._write(event, step=self._step.id, kind=self._step.kind, **values)

    def _write(self, event: Event, **values: Any) -> None:
        self.transcript.write(_entry(self.lesson, event, **values))


def forget(lesson: Lesson, transcript: Transcript) -> None:
    """Has a lesson be as if it had never been begun; what was answered stays in the transcript."""
    transcript.write(_entry(lesson, Event.FORGET))


def _entry(lesson: Lesson, event: Event, **values: Any) -> Entry:
    entry = Entry(event, datetime.now(UTC), lesson.id, lesson.version, lesson.digest)
    return replace(entry, **values)
