"""Pace: how far the students of a class are in a lesson, as their transcripts tell while they grow."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from typing import NamedTuple

from quadfit_tui.core.text.language import _, comma_separated, labeled, ngettext, with_remark
from quadfit_tui.core.text.width import cell_width, ljust, rjust, shortened, wrapped
from quadfit_tui.teaching.classroom.bars import bar_rows, digits_of
from quadfit_tui.teaching.classroom.transcript_reader import GrowingTranscripts, Student
from quadfit_tui.teaching.course.transcript_entry import Entry, Event
from quadfit_tui.teaching.notation.lesson import Lesson, kind_name

_ENDED = ""  # in the place of a step, of a lesson whose steps are all done
_LONGEST_BAR = 12  # columns


class StudentsByStep(NamedTuple):
    """Where the students of a class are in a lesson: their names, step by step, and those who are at none."""

    steps: tuple[tuple[str, ...], ...]
    ended: tuple[str, ...]
    not_begun: tuple[str, ...]


class Pace:
    """Of the students of some transcripts, which step of each lesson they saw last: how far they have come in it."""

    def __init__(self, paths: Sequence[str], lessons: Iterable[Lesson]) -> None:
        self._lessons = {lesson.id: lesson for lesson in lessons}
        self._transcripts = GrowingTranscripts(paths)
        self._at: dict[Student, dict[str, str]] = {}  # of each, in each lesson that is begun, the id of a step
        self._lesson: dict[Student, str] = {}  # of each, the lesson of the last line

    def refresh(self) -> bool:
        """Reads what was appended since; whether that has changed anything."""
        before = len(self._transcripts.students), self.left_out.copy()
        changes = [self._take(student, entry) for student, entry in self._transcripts.read_new()]
        return any(changes) or (len(self._transcripts.students), self.left_out) != before

    @property
    def left_out(self) -> dict[str, str]:
        """Why a path cannot be read."""
        return self._transcripts.left_out

    def _take(self, student: Student, entry: Entry) -> bool:
        """Takes a line of a student; whether the student is elsewhere now."""
        lesson = self._lessons.get(entry.lesson)
        if lesson is None:
            return False
        at = self._at.setdefault(student, {})
        before, self._lesson[student] = at.get(lesson.id), lesson.id
        match entry.event:
            case Event.FORGET:
                at.pop(lesson.id, None)
            case Event.END:
                at[lesson.id] = _ENDED
            case Event.SEEN if entry.step in lesson.by_id:
                at[lesson.id] = entry.step
        return at.get(lesson.id) != before

    @property
    def lesson(self) -> Lesson | None:
        """The lesson that most of those who have begun one are in; None where nobody has."""
        most = Counter(lesson for student, lesson in self._lesson.items() if lesson in self._at[student]).most_common(1)
        return self._lessons[most[0][0]] if most else None

    def places(self, lesson: Lesson) -> StudentsByStep:
        """Where the students are in a lesson."""
        names: dict[str | None, list[str]] = {}
        for student, name in self._transcripts.students.items():
            names.setdefault(self._at.get(student, {}).get(lesson.id), []).append(name)
        found = [tuple(sorted(names.get(step, ()))) for step in (*lesson.by_id, _ENDED, None)]
        return StudentsByStep(tuple(found[:-2]), *found[-2:])


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
    """Who is where in a lesson, for the eyes of the teacher alone; nothing where nobody has begun it."""
    rows, counts = step_rows(lesson), [(len(each),) for each in places.steps]
    room = max(1, min(max(map(cell_width, rows)), width - _LONGEST_BAR - digits_of(counts) - 3))
    most = max(_LONGEST_BAR, *(count for (count,) in counts))
    rows = bar_rows(rows, counts, room, _LONGEST_BAR, most, none="")
    found = [(row, names) for row, names in zip(rows, places.steps, strict=True) if names]
    if not (found or places.ended):
        return []
    steps = ngettext("{n} step", "{n} steps", len(lesson.steps))
    lines = [shortened(labeled(with_remark(lesson.title, lesson.id), steps), width)]
    for row, names in found:
        lines += [row, *wrapped(comma_separated(names), width, "    ", "    ")]
    for told, others in ((_("Done: {names}"), places.ended), (_("Not begun: {names}"), places.not_begun)):
        lines += wrapped(told.format(names=comma_separated(others)), width, "", "  ") if others else []
    return lines
