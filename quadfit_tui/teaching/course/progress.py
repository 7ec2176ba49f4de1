"""LessonProgress: which steps of a lesson a student has done, and the score, computed from the transcript."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from itertools import pairwise
from typing import NamedTuple

from quadfit_tui.core.text.language import ngettext, ngettext_noop
from quadfit_tui.teaching.course.drawn_curve import Points
from quadfit_tui.teaching.course.transcript_entry import Entry, Event
from quadfit_tui.teaching.notation.lesson import PREDICTIONS, QUESTIONS, Lesson, StepKind

RIGHT, WRONG = "right", "wrong"  # values of `got` in transcripts
_STEPS = ngettext_noop("You did {done} of {n} step without skipping.", "You did {done} of {n} steps without skipping.")
_QUESTIONS = ngettext_noop(
    "Right at the first try: {right} of {n} question, not counting predictions.",
    "Right at the first try: {right} of {n} questions, not counting predictions.",
)
ALONE, DISCUSSED = ROUNDS = (1, 2)  # the rounds of a vote: before and after the discussion


class Score(NamedTuple):
    """The result of a lesson, as counts; predictions count only as finished steps."""

    done: int  # steps that were finished without skipping
    steps: int  # all steps
    at_once: int  # observation questions that were right at the first try
    observed: int  # all observation questions

    @property
    def lines(self) -> list[str]:
        """The score in sentences, a line each."""
        lines = [ngettext(*_STEPS, self.steps, done=self.done)]
        if self.observed:
            lines.append(ngettext(*_QUESTIONS, self.observed, right=self.at_once))
        return lines


@dataclass
class StepRecord:
    """The record of a step in the current attempt, as collected from the transcript."""

    kind: StepKind
    has_sentences: bool = False  # whether an explanation ends with a choice among sentences
    is_choice: bool = True  # whether the question has choices, and does not ask for a number
    answers: list[Entry] = field(default_factory=list)
    said: str = ""
    hints: int = 0
    is_seen: bool = False
    is_skipped: bool = False
    was_ended: bool = False  # whether there is a DONE line, which a killed program may not have written

    @property
    def tries(self) -> list[Entry]:
        """The answers without votes that the student changed before they were closed."""
        unchanged = [entry for entry, after in pairwise(self.answers) if not _changes(after, entry)]
        return unchanged + self.answers[-1:]

    @property
    def counted(self) -> list[Entry]:
        """The answers that count: the first of a prediction, all up to the right one of an observation, all runs.

        A wrong second vote, after the discussion, is not counted as a try.
        """
        tries = self.tries
        if self.kind in PREDICTIONS:
            return tries[:1]
        tries = [e for i, e in enumerate(tries) if not i or e.round != DISCUSSED or e.got == RIGHT]
        right = next((i for i, entry in enumerate(tries) if entry.got == RIGHT), len(tries))
        return tries[: right + 1]

    @property
    def points(self) -> Points:
        """The points of the drawn curve that counts; empty if there is none."""
        return self.counted[-1].points if self.answers else ()

    @property
    def first_vote(self) -> Entry | None:
        """The last vote before the discussion, or None; other than the first answer if that was given alone."""
        return next((entry for entry in reversed(self.tries) if entry.round == ALONE), None)

    @property
    def second_vote(self) -> Entry | None:
        """The last vote after the discussion, or None."""
        return next((entry for entry in reversed(self.tries) if entry.round == DISCUSSED), None)

    @property
    def counted_and_discussed(self) -> list[Entry]:
        """The answers that count, followed by the second vote if it is not one of them."""
        counted, second = self.counted, self.second_vote
        return counted if second is None or second in counted else [*counted, second]

    @property
    def is_right(self) -> bool:
        """Whether the last answer that counts is right."""
        return bool(self.counted) and self.counted[-1].got == RIGHT

    @property
    def mark(self) -> str:
        """The mark to show before the final answer: `right`, `wrong`, or empty if it is neither."""
        if self.is_skipped or self.kind is StepKind.DRAW:
            return ""
        if self.kind is StepKind.DO:
            return RIGHT if self.was_ended else ""
        if not self.counted:
            return ""
        return RIGHT if self.is_right else WRONG

    @property
    def is_done(self) -> bool:
        """Whether the step is finished: answered, skipped, or ended by a DONE line."""
        if self.was_ended or self.is_skipped or (self.said and not self.has_sentences):
            return True
        return bool(self.answers) if self.kind in PREDICTIONS else self.is_right


class LessonProgress:
    """The state of the newest attempt at a lesson, computed from its transcript entries.

    Steps are matched by their ids: those that the lesson no longer has are ignored, and a new one is not done.
    """

    def __init__(self, lesson: Lesson, entries: Iterable[Entry]) -> None:
        self.lesson = lesson
        self.attempt = 0  # number of the attempt; 0 if the lesson was not begun, or forgotten
        self.is_ended = False
        self.records = _blank_records(lesson)
        attempts = 0
        for entry in entries:
            if entry.event in (Event.BEGIN, Event.FORGET):
                if self.attempt or entry.event is Event.FORGET:  # votes before the first attempt belong to it
                    self.records = _blank_records(lesson)
                attempts += entry.event is Event.BEGIN
                self.attempt, self.is_ended = attempts if entry.event is Event.BEGIN else 0, False
            elif entry.event is Event.END:
                self.is_ended = True
            elif record := self.records.get(entry.step):
                _apply(record, entry)
        self.next_attempt = attempts + 1

    @property
    def is_begun(self) -> bool:
        """Whether there is an attempt to resume."""
        return self.attempt > 0

    @property
    def done(self) -> int:
        """The number of finished steps."""
        return sum(record.is_done for record in self.records.values())

    @property
    def place(self) -> int:
        """The index of the step at which the student resumes; the number of steps if the lesson is over.

        It is the first unfinished step. If that was not seen yet, it is the step before, whose final feedback the
        student may not have read. Steps to read have no such feedback.
        """
        steps = self.lesson.steps
        index = next((i for i, step in enumerate(steps) if not self.records[step.id].is_done), len(steps))
        if index and steps[index - 1].kind is not StepKind.SAY:
            was_left = self.is_ended if index == len(steps) else self.records[steps[index].id].is_seen
            return index if was_left else index - 1
        return index

    @property
    def score(self) -> Score:
        """The score of the attempt so far."""
        observed = [record for record in self.records.values() if record.kind is StepKind.OBSERVE]
        return Score(
            sum(record.is_done and not record.is_skipped for record in self.records.values()),
            len(self.records),
            sum(bool(record.answers) and record.tries[0].got == RIGHT for record in observed),
            len(observed),
        )


def _changes(entry: Entry, before: Entry) -> bool:
    """Whether an answer replaces the vote before it: same round, and not the first vote on a reopened question."""
    return entry.round == before.round != 0 and entry.tries != 1


def _blank_records(lesson: Lesson) -> dict[str, StepRecord]:
    """Returns blank records by step id."""
    return {step.id: StepRecord(step.kind, step.has_sentences, step.is_choice) for step in lesson.steps}


def _fits(record: StepRecord, entry: Entry) -> bool:
    """Whether an answer fits the form of a step, which an earlier version of the lesson may have had in another one.

    A curve fits a step to draw, a run fits a task, and a letter fits a question with choices.
    """
    kind = record.kind
    if entry.points:
        return kind is StepKind.DRAW
    if kind is StepKind.EXPLAIN:
        return record.has_sentences and entry.kind is kind and bool(entry.choice)
    if kind is StepKind.DO:
        return entry.kind is kind and bool(entry.answer)
    return kind in QUESTIONS and not (entry.answer if record.is_choice else entry.choice)


def _apply(record: StepRecord, entry: Entry) -> None:
    """Applies a transcript entry to the record of its step; ignores answers that do not fit the step."""
    match entry.event:
        case Event.SEEN:
            record.is_seen = True
        case Event.HINT:
            record.hints = max(record.hints, entry.hint)
        case Event.ANSWER if _fits(record, entry):
            record.answers.append(entry)
        case Event.SAID if record.kind is StepKind.EXPLAIN:
            record.said = entry.text
        case Event.SKIP:
            record.is_skipped = not record.is_done
        case Event.DONE:
            record.was_ended = True
