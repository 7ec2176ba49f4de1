"""Finds probable slips in a lesson that neither parser nor training refuses, such as LaTeX or a broken link."""

from __future__ import annotations

import re
from collections.abc import Iterator

from quadfit_tui.core.config.view_names import about_removed
from quadfit_tui.core.text.language import _
from quadfit_tui.teaching.judging.check import LessonFault
from quadfit_tui.teaching.notation.lesson import Lesson, Step, StepKind

_FORMULA = re.compile(r"\$[^$]*[\\^_{][^$]*\$")  # in LaTeX; $5 alone is a price
_MARKUP = re.compile(r"^\s*\|[-|: ]+\|\s*$|</?[A-Za-z][^<>]*>")  # the line below a table's heading; HTML
_CUT_LINK = re.compile(r"\((?:=|show:)")  # the rest of a broken link


def slips(lesson: Lesson) -> list[LessonFault]:
    """Returns the probable slips of a lesson as faults, in order of lines; called after `check`."""
    return sorted({fault for step in lesson.steps for fault in _step_slips(step)})


def _step_slips(step: Step) -> Iterator[LessonFault]:
    for line in step.unindented:
        yield LessonFault(line, _("this belongs to the row above, since no empty line divides them; indent it"))
    if step.removed_view:
        yield LessonFault(step.line, about_removed(step.removed_view))
    if step.kind is StepKind.PREDICT and step.run is None:
        yield LessonFault(step.line, _("the prediction has no run: run=…, which is shown after the answer"))
    for text, line in step.plain_texts:
        if _FORMULA.search(text):
            yield LessonFault(line, _("this is a formula of LaTeX, which is shown as it is written; write x², or x^2"))
        if _MARKUP.search(text):
            yield LessonFault(line, _("tables and HTML are shown as they are written; write sentences"))
        if _CUT_LINK.search(text):
            yield LessonFault(
                line, _("this is no link, and is shown as it is written; write [?](=ours.a) without blanks")
            )
