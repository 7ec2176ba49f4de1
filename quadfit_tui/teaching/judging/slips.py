"""Finds probable slips in a lesson that neither parser nor training refuses, such as LaTeX or a broken link."""

from __future__ import annotations

import re
from collections.abc import Container, Iterable, Iterator

from quadfit_tui.core.config.value_types import read_number
from quadfit_tui.core.config.view_names import about_removed
from quadfit_tui.core.text.language import _, comma_separated
from quadfit_tui.core.text.quoting import quoted
from quadfit_tui.teaching.judging.check import LessonFault
from quadfit_tui.teaching.notation.lesson import Lesson, Prose, Step, StepKind

_FORMULA = re.compile(r"\$[^$]*[\\^_{][^$]*\$")  # in LaTeX; $5 alone is a price
_MARKUP = re.compile(r"^\s*\|[-|: ]+\|\s*$|</?[A-Za-z][^<>]*>")  # the line below a table's heading; HTML
_CUT_LINK = re.compile(r"\((?:=|show:)")  # the rest of a broken link
# No part of a name; but Chinese has no blanks between words.
_NUMBER = re.compile(r"(?<![.,^])(?<![^\W一-鿿])[-−]?\d+(?:[.,]\d+)*(?:e[-−+]?\d+)?(?![^\W一-鿿]|\^)")
_PLACE = re.compile(r"\{(?:link)?\d+\}")  # of a stated number or a link in the template of a text


def slips(lesson: Lesson) -> list[LessonFault]:
    """Returns the probable slips of a lesson as faults, in order of lines; called after `check`."""
    given = {value for config in lesson.runs.values() for value in _numbers_among(vars(config).values())}
    return sorted({fault for step in lesson.steps for fault in _step_slips(step, given)})


def _step_slips(step: Step, given: Container[float | None]) -> Iterator[LessonFault]:
    """Yields the probable slips of a step; `given` are the numbers that the runs of the lesson are set to."""
    for line in step.unindented:
        yield LessonFault(line, _("this belongs to the row above, since no empty line divides them; indent it"))
    if step.removed_view:
        yield LessonFault(step.line, about_removed(step.removed_view))
    if step.kind is StepKind.SAY and not step.text:
        yield LessonFault(step.line, _("the step has no text"))
    texts = [answer.text.casefold() for answer in step.answers]
    for index, answer in enumerate(step.answers):
        if answer.text and texts[index] in texts[:index]:
            yield LessonFault(answer.line, _("the answer {text} stands here twice").format(text=quoted(answer.text)))
    if step.kind is StepKind.PREDICT and step.run is None:
        yield LessonFault(step.line, _("the prediction has no run: run=…, which is shown after the answer"))
    for text, line in step.plain_texts:
        if _FORMULA.search(text):
            yield LessonFault(line, _("this is a formula of LaTeX, which is shown as it is written; write x², or x^2"))
        elif _MARKUP.search(text):
            yield LessonFault(line, _("tables and HTML are shown as they are written; write sentences"))
        elif _CUT_LINK.search(text):
            yield LessonFault(
                line, _("this is no link, and is shown as it is written; write [?](=ours.a) without blanks")
            )
        else:
            for number in _NUMBER.findall(text):
                if _value(number) not in given:
                    problem = _(
                        "nothing computes {number}; write [{number}](=expression), or `{number}` if it is given"
                    )
                    yield LessonFault(line, problem.format(number=number))


def _numbers_among(values: Iterable[object]) -> Iterator[float]:
    """Yields the numbers among settings, also those of vectors."""
    for value in values:
        if isinstance(value, tuple):
            yield from _numbers_among(value)
        elif isinstance(value, int | float) and not isinstance(value, bool):
            yield float(value)


def _value(number: str) -> float | None:
    """Parses a number of a text; returns None for a date, or thousands with separators."""
    try:
        return read_number(number)
    except ValueError:
        return None


def translation_slips(translation: Lesson, original: Lesson) -> list[LessonFault]:
    """Returns the steps whose texts name other numbers than the original's, outside of links, as faults."""
    faults = []
    for step in translation.steps:
        if (other := original.by_id.get(step.id)) is None:
            continue
        for text, text_there in zip(step.texts, other.texts, strict=False):
            here, there = _numbers(text), _numbers(text_there)
            if here != there:
                problem = _("a text has the numbers {here}, and that in line {line} of {file} has {there}").format(
                    here=comma_separated(sorted(here)) or "–",
                    line=other.line,
                    file=original.file_name,
                    there=comma_separated(sorted(there)) or "–",
                )
                faults.append(LessonFault(step.line, problem))
    return faults


def _numbers(text: Prose) -> set[str]:
    """Returns the numbers in a text that are no stated numbers."""
    return {number.replace("−", "-") for number in _NUMBER.findall(_PLACE.sub(" ", text.template))}
