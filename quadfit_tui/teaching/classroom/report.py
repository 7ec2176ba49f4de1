"""The report of a class: how far each student is in which lesson, and what was answered first.

Nothing that a transcript says of an answer is believed: each is judged anew, by the reader's own copy of the lesson.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import NamedTuple

from quadfit_tui.core.text.language import _, listed, ngettext, ngettext_noop
from quadfit_tui.teaching.classroom.transcript_reader import ALWAYS, Answers, Period
from quadfit_tui.teaching.course.curve_comparison import RunCurve, run_curve
from quadfit_tui.teaching.course.drawn_curve import DrawnCurve, Points
from quadfit_tui.teaching.course.progress import LessonProgress, StepRecord
from quadfit_tui.teaching.course.transcript_entry import Entry, Event
from quadfit_tui.teaching.judging.facts import Facts
from quadfit_tui.teaching.judging.judge import Verdict, judge_recorded
from quadfit_tui.teaching.notation.catalog import present_id
from quadfit_tui.teaching.notation.lesson import QUESTIONS, Lesson, Step, StepKind

_ANSWERS = (Event.ANSWER, Event.SAID)
# What is to be known of a transcript: how many of its lines are so.
_CUT = ngettext_noop("1 line cut", "{lines} lines cut")
_UNREADABLE = ngettext_noop("1 line unreadable", "{lines} lines unreadable")
_UNKNOWN = ngettext_noop("1 line of an unknown lesson", "{lines} lines of unknown lessons")


class Judged(NamedTuple):
    """An answer as the report's own copy of the lesson has it: the verdict, and the text that it is shown by."""

    verdict: Verdict | None  # None of a drawn curve, which is not judged
    shown: str
    points: Points = ()  # of such a curve

    @property
    def is_right(self) -> bool:
        """Whether it is right."""
        return self.verdict is Verdict.RIGHT


class Rejudge:
    """Judges the answers to the steps of a lesson, each text of a step once.

    `facts` are those of the lesson, where they are known; else its runs are trained where an answer needs them.
    """

    def __init__(self, lesson: Lesson, facts: Facts | None = None) -> None:
        self.lesson = lesson
        self.facts = facts or Facts(lesson)
        self._known: dict[tuple[str, str], Judged | None] = {}
        self._texts: dict[tuple[str, float | None], str] = {}  # how a number was first written in a step

    def judged(self, entry: Entry) -> Judged | None:
        """What an answer is worth; None where it is none to this question."""
        step = self.lesson.by_id.get(entry.step)
        if step is not None and step.kind is StepKind.DRAW and entry.points:
            return Judged(None, DrawnCurve(entry.points).shape_in(self.lesson, step), entry.points)
        if step is None or step.kind not in QUESTIONS or entry.points:
            return None
        given = entry.choice if step.is_choice else entry.answer
        if (step.id, given) not in self._known:
            self._known[step.id, given] = self._judged(step, given)
        return self._known[step.id, given]

    def _judged(self, step: Step, given: str) -> Judged | None:
        found = judge_recorded(self.lesson, step, self.facts, given)
        if found.verdict is Verdict.UNREADABLE:
            return None
        if step.is_choice and found.answer is not None:
            return Judged(found.verdict, found.answer.text)
        return Judged(found.verdict, self._texts.setdefault((step.id, found.number), found.canonical))


class StepResult(NamedTuple):
    """What a student did in a step, beside the record of it; None is what there is not."""

    step: Step
    record: StepRecord
    first: Judged | None  # the first answer; of a vote the last one before it was closed
    first_vote: Judged | None  # before the discussion: other than `first` where the student had answered alone
    second_vote: Judged | None  # after it
    seconds: int | None  # from seeing it to the first answer
    answered: datetime | None  # when that was given, or the explanation
    second_voted: datetime | None


@dataclass(frozen=True)
class LessonResult:
    """What a student did in a lesson, over all attempts; `last` is when, None where it was not begun.

    `unknown` of the student's lines are of other lessons than there are, `old` of the answers to another version.
    """

    answers: Answers
    lesson: Lesson
    steps: tuple[StepResult, ...]
    last: datetime | None
    unknown: int
    old: int

    @property
    def notes(self) -> tuple[str, ...]:
        """What is to be known of the student's transcript."""
        old = ngettext("{n} answer to another version", "{n} answers to another version", self.old)
        return (*notes_of(self.answers, self.unknown), *[old] * bool(self.old))

    def count(self, kind: StepKind) -> tuple[int, int]:
        """How many questions of a kind were right at the first try, and how many there are."""
        found = [each for each in self.steps if each.step.kind is kind]
        return sum(each.first is not None and each.first.is_right for each in found), len(found)


class FirstAnswers(NamedTuple):
    """What a class answered first to a question: how many did, the share that was right, the wrong ones by number."""

    step: Step
    answered: int
    share: float
    wrong: tuple[tuple[str, int], ...]


class Report:
    """The results of some students in some lessons: those of `only`, or all that somebody has begun.

    Lines outside of the `period` do not count.
    """

    def __init__(
        self,
        lessons: Iterable[Lesson],
        answers: Sequence[Answers],
        only: str | None = None,
        period: Period = ALWAYS,
    ) -> None:
        known = {lesson.id: lesson for lesson in lessons}
        answers = _with_copies([each.within(period) for each in answers])
        self.students, self.period = answers, period
        self._known = known.keys()
        begun = {self._present_id(entry) for each in answers for entry in each.entries}
        self.lessons = [
            lesson for lesson in known.values() if (lesson.id in begun if only is None else lesson.id == only)
        ]
        self._rejudges = {lesson.id: Rejudge(lesson) for lesson in self.lessons}
        self.results = [self._result(each, lesson) for lesson in self.lessons for each in answers]

    def notes(self, answers: Answers) -> list[str]:
        """What is to be known of a student's transcript."""
        return notes_of(answers, self._unknown(answers))

    def _unknown(self, answers: Answers) -> int:
        return sum(self._present_id(entry) not in self._known for entry in answers.entries)

    def _present_id(self, entry: Entry) -> str:
        return present_id(entry.lesson, self._known)

    def of(self, lesson: Lesson) -> list[LessonResult]:
        """The results of those who have begun a lesson."""
        return [each for each in self.results if each.lesson is lesson and each.last]

    def not_begun(self, lesson: Lesson | None = None) -> list[str]:
        """The students who have not begun a lesson, or any at all."""
        if lesson is not None:
            return [each.answers.displayed_name for each in self.results if each.lesson is lesson and not each.last]
        return [each.displayed_name for each in self.students if not each.entries]

    def first_answers(self, lesson: Lesson) -> list[FirstAnswers]:
        """What was answered first to the questions of a lesson, the one that the fewest had right first."""
        found = []
        for index, step in enumerate(lesson.steps):
            answers = [first for each in self.of(lesson) if (first := each.steps[index].first) is not None]
            if answers and step.kind in QUESTIONS:
                wrong = Counter(each.shown for each in answers if not each.is_right)
                share = (len(answers) - wrong.total()) / len(answers)
                found.append(FirstAnswers(step, len(answers), share, tuple(wrong.most_common())))
        return sorted(found, key=lambda each: each.share)

    def drawn(self, lesson: Lesson) -> list[tuple[Step, RunCurve, list[tuple[str, Points]]]]:
        """What was drawn first in the steps of a lesson that are drawn, by whom, and what the run does."""
        found = []
        for index, step in enumerate(lesson.steps):
            firsts = [(each.answers.displayed_name, each.steps[index].first) for each in self.of(lesson)]
            drawn = [(name, first.points) for name, first in firsts if first is not None and first.points]
            if drawn:
                found.append((step, run_curve(self._rejudges[lesson.id].facts, step), drawn))
        return found

    def _result(self, answers: Answers, lesson: Lesson) -> LessonResult:
        entries = [entry for entry in answers.entries if self._present_id(entry) == lesson.id]
        rejudge = self._rejudges[lesson.id]
        counting = [again for entry in entries if (again := _anew(entry, rejudge)) is not None]
        progress, seconds = LessonProgress(lesson, counting), _seconds(counting)
        said = {entry.step: entry.time for entry in counting if entry.event is Event.SAID}
        steps = []
        for step in lesson.steps:
            record = progress.records[step.id]
            first = record.tries[0] if record.answers else None
            vote, second = record.first_vote, record.second_vote
            steps.append(
                StepResult(
                    step,
                    record,
                    None if first is None else rejudge.judged(first),
                    None if vote is None else rejudge.judged(vote),
                    None if second is None else rejudge.judged(second),
                    seconds.get(step.id),
                    said.get(step.id) if first is None else first.time,
                    None if second is None else second.time,
                )
            )
        old = sum(entry.event is Event.ANSWER and not _is_of(entry, lesson) for entry in entries)
        last = max((entry.time for entry in entries), default=None)
        return LessonResult(answers, lesson, tuple(steps), last, self._unknown(answers), old)


def _with_copies(answers: Iterable[Answers]) -> list[Answers]:
    """Returns answers with the others whose transcript is the same, byte by byte, though it has an answer in it."""
    having: dict[bytes, list[Answers]] = {}
    for each in answers:
        if any(entry.event in _ANSWERS for entry in each.entries):
            having.setdefault(each.digest, []).append(each)
    return [
        replace(each, copies=tuple(other.displayed_name for other in having.get(each.digest, ()) if other is not each))
        for each in answers
    ]


def notes_of(answers: Answers, unknown: int = 0) -> list[str]:
    """What is to be known of a transcript; `unknown` of its lines are of lessons that are not here."""
    numbers = ((answers.cut, _CUT), (answers.unreadable, _UNREADABLE), (unknown, _UNKNOWN))
    found = [_("broken: no valid first line")] * answers.is_broken
    if answers.copies:
        found.append(_("the same, byte for byte, as of {names}").format(names=listed(answers.copies)))
    return found + [ngettext(*said, count, lines=count) for count, said in numbers if count]


def _is_of(entry: Entry, lesson: Lesson) -> bool:
    """Whether an entry is of a lesson as it is, and not of an earlier version, or of one that went into it."""
    return (entry.lesson, entry.version) == (lesson.id, lesson.version)


def _anew(entry: Entry, rejudge: Rejudge) -> Entry | None:
    """An entry as it counts: an answer as judged here, and no word of it that a question is done; None: not at all."""
    step = rejudge.lesson.by_id.get(entry.step)
    if step is None or not _is_of(entry, rejudge.lesson):
        return None
    match entry.event:
        case Event.ANSWER if step.kind is StepKind.DO:  # a run, of which the student is told what it came to
            return replace(entry, got="")
        case Event.ANSWER:
            judged = rejudge.judged(entry)
            return None if judged is None else replace(entry, got=judged.verdict.value if judged.verdict else "")
        case Event.DONE:
            return None if step.is_votable else entry
        case Event.SAID:
            return entry if step.kind is StepKind.EXPLAIN else None
        case Event.SEEN | Event.HINT | Event.SKIP:
            return entry
    return None


def _seconds(entries: Iterable[Entry]) -> dict[str, int]:
    """How long it took from seeing each step to the first thing done in it."""
    seen: dict[str, datetime] = {}
    taken: dict[str, int] = {}
    for entry in entries:
        if entry.event is Event.SEEN:
            seen[entry.step] = entry.time
        elif entry.event is not Event.HINT and entry.step in seen:
            taken.setdefault(entry.step, max(0, round((entry.time - seen[entry.step]).total_seconds())))
    return taken
