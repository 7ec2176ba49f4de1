"""Pace: which step of a lesson each student of a class has reached, from their growing transcripts."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from typing import NamedTuple

from quadfit_tui.core.text.language import _, comma_separated, labeled, ngettext, with_remark
from quadfit_tui.core.text.width import cell_width, ellipsize, ljust, rjust, wrapped
from quadfit_tui.teaching.classroom.bars import bar_rows, digits_of
from quadfit_tui.teaching.classroom.transcript_reader import GrowingTranscripts, Student
from quadfit_tui.teaching.course.transcript_entry import Entry, Event
from quadfit_tui.teaching.notation.lesson import Lesson, kind_name

_ENDED = ""  # used as the step id of a finished lesson
_LONGEST_BAR = 12  # maximum length of a bar, in columns


class StudentsByStep(NamedTuple):
    """The names of students by the step that they are at; others have finished, or not begun, the lesson."""

    steps: tuple[tuple[str, ...], ...]
    ended: tuple[str, ...]
    not_begun: tuple[str, ...]


class Pace:
    """The step of each lesson that each student of a class saw last, updated from growing transcripts."""

    def __init__(self, paths: Sequence[str], lessons: Iterable[Lesson]) -> None:
        self._lessons = {lesson.id: lesson for lesson in lessons}
        self._transcripts = GrowingTranscripts(paths)
        self._at: dict[Student, dict[str, str]] = {}  # for each student, step ids by the ids of begun lessons
        self._lesson: dict[Student, str] = {}  # for each student, the lesson of the last line

    def refresh(self) -> bool:
        """Reads new lines of the transcripts; returns whether anything to show has changed."""
        before = len(self._transcripts.students), self.left_out.copy()
        changes = [self._apply(student, entry) for student, entry in self._transcripts.read_new()]
        return any(changes) or (len(self._transcripts.students), self.left_out) != before

    @property
    def left_out(self) -> dict[str, str]:
        """The reasons why transcripts cannot be read, by their paths."""
        return self._transcripts.left_out

    def _apply(self, student: Student, entry: Entry) -> bool:
        """Applies a line of a student; returns whether the student has moved to another step."""
        lesson = self._lessons.get(entry.lesson)
        if lesson is None:
            return False
        steps = self._at.setdefault(student, {})
        before, self._lesson[student] = steps.get(lesson.id), lesson.id
        match entry.event:
            case Event.FORGET:
                steps.pop(lesson.id, None)
            case Event.END:
                steps[lesson.id] = _ENDED
            case Event.SEEN if entry.step in lesson.by_id:
                steps[lesson.id] = entry.step
        return steps.get(lesson.id) != before

    @property
    def lesson(self) -> Lesson | None:
        """The lesson that most students are in, or None if nobody has begun one."""
        most_common = Counter(
            lesson for student, lesson in self._lesson.items() if lesson in self._at[student]
        ).most_common(1)
        return self._lessons[most_common[0][0]] if most_common else None

    def places(self, lesson: Lesson) -> StudentsByStep:
        """Returns which students are at which step of a lesson."""
        names: dict[str | None, list[str]] = {}
        for student, name in self._transcripts.students.items():
            names.setdefault(self._at.get(student, {}).get(lesson.id), []).append(name)
        groups = [tuple(sorted(names.get(step, ()))) for step in (*lesson.by_id, _ENDED, None)]
        return StudentsByStep(tuple(groups[:-2]), *groups[-2:])


def step_rows(lesson: Lesson) -> list[str]:
    """Returns a row for each step of a lesson: number, kind and title."""
    digits = len(str(len(lesson.steps)))
    names = [kind_name(step.kind) for step in lesson.steps]
    kinds = max(map(cell_width, names))
    return [
        f"{rjust(str(number), digits)}  {ljust(name, kinds)}  {step.title}"
        for number, (name, step) in enumerate(zip(names, lesson.steps, strict=True), 1)
    ]


def pace_lines(lesson: Lesson, places: StudentsByStep, width: int) -> list[str]:
    """Renders who is at which step of a lesson, for the teacher only; no lines if nobody has begun it."""
    rows, counts = step_rows(lesson), [(len(students),) for students in places.steps]
    room = max(1, min(max(map(cell_width, rows)), width - _LONGEST_BAR - digits_of(counts) - 3))
    most = max(_LONGEST_BAR, *(count for (count,) in counts))
    rows = bar_rows(rows, counts, room, _LONGEST_BAR, most, none="")
    occupied = [(row, names) for row, names in zip(rows, places.steps, strict=True) if names]
    if not (occupied or places.ended):
        return []
    steps = ngettext("{n} step", "{n} steps", len(lesson.steps))
    lines = [ellipsize(labeled(with_remark(lesson.title, lesson.id), steps), width)]
    for row, names in occupied:
        lines += [row, *wrapped(comma_separated(names), width, "    ", "    ")]
    for template, others in ((_("Done: {names}"), places.ended), (_("Not begun: {names}"), places.not_begun)):
        lines += wrapped(template.format(names=comma_separated(others)), width, "", "  ") if others else []
    return lines
