"""Progress: how far a student is in a lesson, and with which score, as the transcript tells it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from itertools import pairwise
from typing import NamedTuple

from quadfit_tui.core.text.language import ngettext, ngettext_noop
from quadfit_tui.teaching.course.drawn_curve import Points
from quadfit_tui.teaching.course.transcript_entry import Entry, Event
from quadfit_tui.teaching.notation.lesson import PREDICTIONS, QUESTIONS, Lesson, StepKind

RIGHT, WRONG = "right", "wrong"  # how answers are recorded
_STEPS = ngettext_noop("You did {done} of {n} step without skipping.", "You did {done} of {n} steps without skipping.")
_QUESTIONS = ngettext_noop(
    "Right at the first try: {right} of {n} question, not counting predictions.",
    "Right at the first try: {right} of {n} questions, not counting predictions.",
)
ALONE, DISCUSSED = ROUNDS = (1, 2)  # of a vote


class Score(NamedTuple):
    """What counts of a lesson; predictions count only as steps that are done."""

    done: int  # steps, without skipping
    steps: int
    at_once: int  # steps to observe that were right at the first try
    observed: int  # steps to observe

    @property
    def lines(self) -> list[str]:
        """The numbers in sentences."""
        lines = [ngettext(*_STEPS, self.steps, done=self.done)]
        if self.observed:
            lines.append(ngettext(*_QUESTIONS, self.observed, right=self.at_once))
        return lines


@dataclass
class StepRecord:
    """What a transcript tells of a step, in the present attempt."""

    kind: StepKind
    has_sentences: bool = False  # to choose from, after one's own of an explanation
    is_choice: bool = True  # else the question asks for a number
    answers: list[Entry] = field(default_factory=list)
    said: str = ""
    hints: int = 0
    is_seen: bool = False
    is_skipped: bool = False
    was_ended: bool = False  # by a line that says so; a kill may have left it out

    @property
    def tries(self) -> list[Entry]:
        """The answers, but for votes that were changed before they were closed."""
        kept = [entry for entry, after in pairwise(self.answers) if not _changes(after, entry)]
        return kept + self.answers[-1:]

    @property
    def counted(self) -> list[Entry]:
        """The answers that count: the first one of a prediction, all up to the right one of what is observed, all runs.

        A second vote, after the discussion, is no try if it is wrong.
        """
        tries = self.tries
        if self.kind in PREDICTIONS:
            return tries[:1]
        tries = [e for i, e in enumerate(tries) if not i or e.round != DISCUSSED or e.got == RIGHT]
        right = next((i for i, entry in enumerate(tries) if entry.got == RIGHT), len(tries))
        return tries[: right + 1]

    @property
    def points(self) -> Points:
        """Those of the drawn curve that counts, if one does."""
        return self.counted[-1].points if self.answers else ()

    @property
    def first_vote(self) -> Entry | None:
        """What was voted before the discussion, which is no first answer where the student had given one alone."""
        return next((entry for entry in reversed(self.tries) if entry.round == ALONE), None)

    @property
    def second_vote(self) -> Entry | None:
        """What was voted after the discussion, if something was answered before it."""
        return next((entry for entry in reversed(self.tries[1:]) if entry.round == DISCUSSED), None)

    @property
    def counted_and_discussed(self) -> list[Entry]:
        """The answers that count, and behind them the second vote."""
        counted, second = self.counted, self.second_vote
        return counted if second is None or second in counted else [*counted, second]

    @property
    def is_right(self) -> bool:
        """Whether the last answer that counts is right."""
        return bool(self.counted) and self.counted[-1].got == RIGHT

    @property
    def mark(self) -> str:
        """What stands before what was answered or done in the end: `right`, `wrong`, or nothing where it is neither."""
        if self.is_skipped or self.kind is StepKind.DRAW:
            return ""
        if self.kind is StepKind.DO:
            return RIGHT if self.was_ended else ""
        return (RIGHT if self.is_right else WRONG) if self.counted else ""

    @property
    def is_done(self) -> bool:
        """Whether the step is behind the student, by whatever way."""
        if self.was_ended or self.is_skipped or (self.said and not self.has_sentences):
            return True
        return bool(self.answers) if self.kind in PREDICTIONS else self.is_right


class LessonProgress:
    """What the entries of a lesson say of its newest attempt.

    Steps are known by their ids: those that the lesson does not have any more are left out, and a new one is not done.
    """

    def __init__(self, lesson: Lesson, entries: Iterable[Entry]) -> None:
        self.lesson = lesson
        self.attempt = 0  # 0: the lesson was not begun, or forgotten
        self.is_ended = False
        self.records = _empty(lesson)
        attempts = 0
        for entry in entries:
            if entry.event in (Event.BEGIN, Event.FORGET):
                if self.attempt or entry.event is Event.FORGET:  # what is voted before the first attempt belongs to it
                    self.records = _empty(lesson)
                attempts += entry.event is Event.BEGIN
                self.attempt, self.is_ended = attempts if entry.event is Event.BEGIN else 0, False
            elif entry.event is Event.END:
                self.is_ended = True
            elif record := self.records.get(entry.step):
                _take(record, entry)
        self.next_attempt = attempts + 1

    @property
    def is_begun(self) -> bool:
        """Whether there is an attempt to go on with."""
        return self.attempt > 0

    @property
    def done(self) -> int:
        """How many steps are behind the student."""
        return sum(record.is_done for record in self.records.values())

    @property
    def place(self) -> int:
        """The index of the step with which the student goes on; after the last one it is their number.

        It is the first that is not done; but as long as that was not seen, it is the one before, since what was said at
        the end of that one may not have been read. At the end of a step to read nothing is said.
        """
        steps = self.lesson.steps
        index = next((i for i, step in enumerate(steps) if not self.records[step.id].is_done), len(steps))
        if index and steps[index - 1].kind is not StepKind.SAY:
            was_left = self.is_ended if index == len(steps) else self.records[steps[index].id].is_seen
            return index if was_left else index - 1
        return index

    @property
    def score(self) -> Score:
        """The two numbers, each with how many there are."""
        observed = [record for record in self.records.values() if record.kind is StepKind.OBSERVE]
        return Score(
            sum(record.is_done and not record.is_skipped for record in self.records.values()),
            len(self.records),
            sum(bool(record.answers) and record.tries[0].got == RIGHT for record in observed),
            len(observed),
        )


def _changes(entry: Entry, before: Entry) -> bool:
    """Whether an answer changes a vote: it is of the same round, and no first one, of the question put anew."""
    return entry.round == before.round != 0 and entry.tries != 1


def _empty(lesson: Lesson) -> dict[str, StepRecord]:
    """What nothing is told of yet, by the ids of the steps."""
    return {step.id: StepRecord(step.kind, step.has_sentences, step.is_choice) for step in lesson.steps}


def _is_of(record: StepRecord, entry: Entry) -> bool:
    """Returns whether an answer fits the form of a step, which an earlier version may have had in another one: a curve
    where it is drawn, a run in a task, a letter where there is a choice.
    """
    kind = record.kind
    if entry.points:
        return kind is StepKind.DRAW
    if kind is StepKind.EXPLAIN:
        return record.has_sentences and entry.kind is kind and bool(entry.choice)
    if kind is StepKind.DO:
        return entry.kind is kind and bool(entry.answer)
    return kind in QUESTIONS and not (entry.answer if record.is_choice else entry.choice)


def _take(record: StepRecord, entry: Entry) -> None:
    """Notes what an entry tells of a step; an answer to what asks for none is of a lesson that was another one then."""
    match entry.event:
        case Event.SEEN:
            record.is_seen = True
        case Event.HINT:
            record.hints = max(record.hints, entry.hint)
        case Event.ANSWER if _is_of(record, entry):
            record.answers.append(entry)
        case Event.SAID if record.kind is StepKind.EXPLAIN:
            record.said = entry.text
        case Event.SKIP:
            record.is_skipped = not record.is_done
        case Event.DONE:
            record.was_ended = True
