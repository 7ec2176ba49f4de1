"""Library: what lessons in the app begin with: the lessons, the record of their student, what is opened first."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:  # else with each start of the app
    from quadfit_tui.teaching.course.transcript import Transcript
    from quadfit_tui.teaching.notation.lesson import Lesson


@dataclass
class LessonSetup:
    """The lessons that there are, and what their student has answered; both are read when they are first needed.

    `first` is to be opened when the app is there. `is_checked`: whether what a lesson states is known to be true.
    `shows_notes`: those for teachers are shown. `students` are where the transcripts of a class lie, for its teacher
    alone.
    """

    lessons: Callable[[], Sequence[Lesson]]
    transcript: Callable[[], Transcript]
    first: Lesson | None = None
    is_checked: Callable[[Lesson], bool] = lambda lesson: True  # noqa: ARG005
    shows_notes: bool = False
    students: Sequence[str] | None = None
