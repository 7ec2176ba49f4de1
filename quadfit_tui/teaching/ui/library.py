"""LessonSetup: the lessons, the transcript and the first lesson with which the app starts."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:  # an import would slow each start of the app
    from quadfit_tui.teaching.course.transcript import Transcript
    from quadfit_tui.teaching.notation.lesson import Lesson


@dataclass
class LessonSetup:
    """What the app needs for lessons: the lessons, and the transcript, both loaded at the first call.

    `first` is opened once the app runs. `is_checked`: whether the facts of a lesson are known to be true.
    `shows_notes`: whether the notes for teachers are shown. `students` are the paths of the transcripts of a class, for
    its teacher only.
    """

    lessons: Callable[[], Sequence[Lesson]]
    transcript: Callable[[], Transcript]
    first: Lesson | None = None
    is_checked: Callable[[Lesson], bool] = lambda lesson: True  # noqa: ARG005
    shows_notes: bool = False
    students: Sequence[str] | None = None
