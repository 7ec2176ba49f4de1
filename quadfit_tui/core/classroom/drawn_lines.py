"""What was drawn in a lesson as lines of a report: small curves, in blocks or in ASCII, the run's above them."""

from __future__ import annotations

from collections.abc import Iterator

from quadfit_tui.core.classroom.report import Report
from quadfit_tui.core.course.drawn_curve import DrawnCurve, small_curve
from quadfit_tui.core.lessons.lesson import Lesson
from quadfit_tui.core.text.width import columns, left

_RUN = "the run"


def drawn_lines(report: Report, lesson: Lesson, ascii: bool = False) -> Iterator[str]:
    """A line for each curve that a class has drawn in a lesson, by its steps, each below that of its run."""
    for step, run, drawn in report.drawn(lesson):
        curves = [(name, DrawnCurve(points)) for name, points in drawn]
        room = max(map(columns, (_RUN, *(name for name, _ in curves))))
        yield f"{lesson.id}: what was drawn in {step.id}"
        yield f"  {left(_RUN, room)}  {small_curve(run.places, ascii=ascii)}  {run.told}"
        for name, curve in curves:
            yield f"  {left(name, room)}  {drawn_text(curve, ascii)}"


def drawn_text(curve: DrawnCurve, ascii: bool = False) -> str:
    """A drawn curve in a row, and in words."""
    return f"{small_curve(curve.places, ascii=ascii)}  {curve.shape}"
