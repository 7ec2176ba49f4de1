"""The report of a class: how far each student is in which lesson, and what was answered first.

No verdict in a transcript is trusted: each answer is judged again, by the reader's own copy of the lesson.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import NamedTuple

from quadfit_tui.core.text.language import _, join_and, ngettext, ngettext_noop
from quadfit_tui.teaching.classroom.transcript_reader import ALWAYS, Answers, Period
from quadfit_tui.teaching.course.curve_comparison import RunCurve, run_curve
from quadfit_tui.teaching.course.drawn_curve import DrawnCurve, Points
from quadfit_tui.teaching.course.progress import DISCUSSED, LessonProgress, StepRecord
from quadfit_tui.teaching.course.transcript_entry import Entry, Event
from quadfit_tui.teaching.judging.facts import Facts
from quadfit_tui.teaching.judging.judge import Verdict, judge_recorded
from quadfit_tui.teaching.notation.catalog import current_id
from quadfit_tui.teaching.notation.lesson import QUESTIONS, Lesson, Step, StepKind

_ANSWERS = (Event.ANSWER, Event.SAID)
# Notes on a transcript: how many of its lines have a defect.
_CUT = ngettext_noop("1 line cut", "{lines} lines cut")
_UNREADABLE = ngettext_noop("1 line unreadable", "{lines} lines unreadable")
_UNKNOWN = ngettext_noop(
    "1 line of a lesson that is not here (see --lessons)", "{lines} lines of lessons that are not here (see --lessons)"
)


class Judged(NamedTuple):
    """An answer as judged by the report's own copy of the lesson: the verdict, and the text to show."""

    verdict: Verdict | None  # None for a drawn curve, which is not judged
    shown: str
    points: Points = ()  # the drawn curve

    @property
    def is_right(self) -> bool:
        """Whether it is right."""
        return self.verdict is Verdict.RIGHT


class Rejudge:
    """A judge of recorded answers to a lesson, which judges each different answer to a step once.

    `facts` are those of the lesson, if they are known; else its runs are trained when an answer needs them.
    """

    def __init__(self, lesson: Lesson, facts: Facts | None = None) -> None:
        self.lesson = lesson
        self.facts = facts or Facts(lesson)
        self._known: dict[tuple[str, str], Judged | None] = {}
        self._texts: dict[tuple[str, float | None], str] = {}  # the first text of each number in a step

    def judged(self, entry: Entry) -> Judged | None:
        """Judges a recorded answer; returns None if the entry does not fit the question."""
        step = self.lesson.by_id.get(entry.step)
        if step is not None and step.kind is StepKind.DRAW and entry.points:
            return Judged(None, DrawnCurve(entry.points).shape_in(self.lesson, step), entry.points)
        if step is None or step.kind not in QUESTIONS or entry.points:
            return None
        answer = entry.choice if step.is_choice else entry.answer
        if (step.id, answer) not in self._known:
            self._known[step.id, answer] = self._judged(step, answer)
        return self._known[step.id, answer]

    def _judged(self, step: Step, answer: str) -> Judged | None:
        """Judges the text or letter of an answer; returns None if it is unreadable."""
        judgement = judge_recorded(self.lesson, step, self.facts, answer)
        if judgement.verdict is Verdict.UNREADABLE:
            return None
        if step.is_choice and judgement.answer is not None:
            return Judged(judgement.verdict, judgement.answer.text)
        return Judged(judgement.verdict, self._texts.setdefault((step.id, judgement.number), judgement.canonical))


class StepResult(NamedTuple):
    """A student's result in a step, with its record; a field is None if there is nothing."""

    step: Step
    record: StepRecord
    first: Judged | None  # the first answer; of a vote the last one before it was closed
    first_vote: Judged | None  # before the discussion; other than `first` if the student had answered alone
    second_vote: Judged | None  # after the discussion
    seconds: int | None  # from seeing the step to the first answer
    answered: datetime | None  # time of the first answer, or of the explanation
    second_voted: datetime | None  # time of the second vote


@dataclass(frozen=True)
class LessonResult:
    """A student's result in a lesson, over all attempts; `last` is the latest time, None if it was not begun.

    `unknown` counts the student's lines on lessons that are not here, `old` the answers to other versions of the
    lesson.
    """

    answers: Answers
    lesson: Lesson
    steps: tuple[StepResult, ...]
    last: datetime | None
    unknown: int
    old: int

    @property
    def notes(self) -> tuple[str, ...]:
        """The notes for the teacher on the student's transcript, such as damaged lines."""
        notes = notes_of(self.answers, self.unknown)
        if self.old:
            notes.append(ngettext("{n} answer to another version", "{n} answers to another version", self.old))
        return tuple(notes)

    def count(self, kind: StepKind) -> tuple[int, int]:
        """Returns how many questions of a kind were right at the first try, and how many there are."""
        results = [result for result in self.steps if result.step.kind is kind]
        return sum(result.first is not None and result.first.is_right for result in results), len(results)


class FirstAnswers(NamedTuple):
    """The first answers of a class to a question: how many, the share of right ones, and the wrong ones by number."""

    step: Step
    answered: int
    share: float
    wrong: tuple[tuple[str, int], ...]


class Report:
    """The results of students in lessons: in `only` that lesson, or in all that somebody has begun.

    Entries outside of the `period` do not count.
    """

    def __init__(
        self,
        lessons: Iterable[Lesson],
        answers: Sequence[Answers],
        only: str | None = None,
        period: Period = ALWAYS,
    ) -> None:
        known = {lesson.id: lesson for lesson in lessons}
        answers = _with_copies([of_student.within(period) for of_student in answers])
        self.students, self.period = answers, period
        self._known = known.keys()
        begun = {self._present_id(entry) for of_student in answers for entry in of_student.entries}
        self.lessons = [
            lesson for lesson in known.values() if (lesson.id in begun if only is None else lesson.id == only)
        ]
        self._rejudges = {lesson.id: Rejudge(lesson) for lesson in self.lessons}
        self.results = [self._result(of_student, lesson) for lesson in self.lessons for of_student in answers]

    def notes(self, answers: Answers) -> list[str]:
        """Returns the notes for the teacher on a student's transcript."""
        return notes_of(answers, self._unknown(answers))

    def _unknown(self, answers: Answers) -> int:
        """Returns how many entries are on lessons that are not here."""
        return sum(self._present_id(entry) not in self._known for entry in answers.entries)

    def _present_id(self, entry: Entry) -> str:
        """Returns the current id of an entry's lesson, which may have been renamed."""
        return current_id(entry.lesson, self._known)

    def of(self, lesson: Lesson) -> list[LessonResult]:
        """Returns the results of the students who have begun a lesson."""
        return [result for result in self.results if result.lesson is lesson and result.last]

    def not_begun(self, lesson: Lesson | None = None) -> list[str]:
        """Returns the names of the students who have not begun a lesson; without one, any lesson at all."""
        if lesson is not None:
            idle = (result for result in self.results if result.lesson is lesson and not result.last)
            return [result.answers.displayed_name for result in idle]
        return [answers.displayed_name for answers in self.students if not answers.entries]

    def first_answers(self, lesson: Lesson) -> list[FirstAnswers]:
        """Returns the first answers to each question of a lesson; the fewest right ones first."""
        by_question = []
        for index, step in enumerate(lesson.steps):
            answers = [first for result in self.of(lesson) if (first := result.steps[index].first) is not None]
            if answers and step.kind in QUESTIONS:
                wrong = Counter(answer.shown for answer in answers if not answer.is_right)
                share = (len(answers) - wrong.total()) / len(answers)
                by_question.append(FirstAnswers(step, len(answers), share, tuple(wrong.most_common())))
        return sorted(by_question, key=lambda question: question.share)

    def drawn(self, lesson: Lesson) -> list[tuple[Step, RunCurve, list[tuple[str, Points]]]]:
        """Returns the first curves that were drawn in each step of a lesson, with names, and the curve of the run."""
        by_step = []
        for index, step in enumerate(lesson.steps):
            firsts = [(result.answers.displayed_name, result.steps[index].first) for result in self.of(lesson)]
            drawn = [(name, first.points) for name, first in firsts if first is not None and first.points]
            if drawn:
                by_step.append((step, run_curve(self._rejudges[lesson.id].facts, step), drawn))
        return by_step

    def _result(self, answers: Answers, lesson: Lesson) -> LessonResult:
        """Computes a student's result in a lesson."""
        entries = [entry for entry in answers.entries if self._present_id(entry) == lesson.id]
        rejudge = self._rejudges[lesson.id]
        counting = [judged for entry in entries if (judged := _rejudged(entry, rejudge)) is not None]
        progress, seconds = LessonProgress(lesson, counting), _seconds(counting)
        explained = {entry.step: entry.time for entry in counting if entry.event is Event.SAID}
        steps = []
        for step in lesson.steps:
            record = progress.records[step.id]
            first = record.tries[0] if record.answers and record.tries[0].round != DISCUSSED else None
            vote, second = record.first_vote, record.second_vote
            steps.append(
                StepResult(
                    step,
                    record,
                    None if first is None else rejudge.judged(first),
                    None if vote is None else rejudge.judged(vote),
                    None if second is None else rejudge.judged(second),
                    seconds.get(step.id),
                    explained.get(step.id) if first is None else first.time,
                    None if second is None else second.time,
                )
            )
        old = sum(entry.event is Event.ANSWER and not _is_of(entry, lesson) for entry in entries)
        last = max((entry.time for entry in entries), default=None)
        return LessonResult(answers, lesson, tuple(steps), last, self._unknown(answers), old)


def _with_copies(answers: Iterable[Answers]) -> list[Answers]:
    """Returns answers with the names of others whose transcript is identical byte for byte, and has an answer in it."""
    by_digest: dict[bytes, list[Answers]] = {}
    for of_student in answers:
        if any(entry.event in _ANSWERS for entry in of_student.entries):
            by_digest.setdefault(of_student.digest, []).append(of_student)
    with_copies = []
    for of_student in answers:
        others = (other for other in by_digest.get(of_student.digest, ()) if other is not of_student)
        with_copies.append(replace(of_student, copies=tuple(other.displayed_name for other in others)))
    return with_copies


def notes_of(answers: Answers, unknown: int = 0) -> list[str]:
    """Returns the notes for the teacher on a transcript; `unknown` counts its lines on lessons that are not here."""
    numbers = ((answers.cut, _CUT), (answers.unreadable, _UNREADABLE), (unknown, _UNKNOWN))
    notes = []
    if answers.is_broken:
        notes.append(_("broken: no valid first line"))
    if answers.copies:
        notes.append(_("the same, byte for byte, as of {names}").format(names=join_and(answers.copies)))
    return notes + [ngettext(*templates, count, lines=count) for count, templates in numbers if count]


def _is_of(entry: Entry, lesson: Lesson) -> bool:
    """Whether an entry belongs to this version of a lesson, and not to an earlier one or to one merged into it."""
    return (entry.lesson, entry.version) == (lesson.id, lesson.version)


def _rejudged(entry: Entry, rejudge: Rejudge) -> Entry | None:
    """Returns an entry as it counts: with the verdict of this copy of the lesson; None if it does not count.

    A DONE line of a question does not count, since the transcript might claim it wrongly.
    """
    step = rejudge.lesson.by_id.get(entry.step)
    if step is None or not _is_of(entry, rejudge.lesson):
        return None
    match entry.event:
        case Event.ANSWER if step.kind is StepKind.DO:  # a run has no verdict
            return replace(entry, got="")
        case Event.ANSWER:
            judged = rejudge.judged(entry)
            if judged is None:
                return None
            return replace(entry, got=judged.verdict.value if judged.verdict else "")
        case Event.DONE:
            return None if step.is_votable else entry
        case Event.SAID:
            return entry if step.kind is StepKind.EXPLAIN else None
        case Event.SEEN | Event.HINT | Event.SKIP:
            return entry
    return None


def _seconds(entries: Iterable[Entry]) -> dict[str, int]:
    """Returns the seconds from seeing each step to the first action in it that is no hint, by step id."""
    seen: dict[str, datetime] = {}
    seconds: dict[str, int] = {}
    for entry in entries:
        if entry.event is Event.SEEN:
            seen[entry.step] = entry.time
        elif entry.event is not Event.HINT and entry.step in seen:
            seconds.setdefault(entry.step, max(0, round((entry.time - seen[entry.step]).total_seconds())))
    return seconds
