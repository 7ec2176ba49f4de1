"""What a lesson that states nothing false may still lack, or say to some of its students alone."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from quadfit_tui.core.config.value_types import read_number
from quadfit_tui.core.config.view_names import about_removed
from quadfit_tui.core.text.language import _, counted_as, in_context, noted_in
from quadfit_tui.teaching.judging.check import Fault
from quadfit_tui.teaching.notation.expression import Expression
from quadfit_tui.teaching.notation.lesson import QUESTIONS, Lesson, Step, StepKind

# No part of a name; but Chinese has no blanks between words.
_NUMBER = re.compile(r"(?<![.,^])(?<![^\W一-鿿])[-−]?\d+(?:[.,]\d+)*(?:e[-−+]?\d+)?(?![^\W一-鿿]|\^)")
_FORMULA = re.compile(r"\$[^$]*[\\^_{][^$]*\$")  # as LaTeX has them: $5 is a price
_OF_THE_SCREEN = noted_in(
    "regular expression, for words in lessons",
    r"\b(views?|press(?:es|ed)?|keys?|click(?:s|ed)?|mouse|tab|screen|footer|log|form|charts?|gauge|arrows?"
    r"|at the top|(?:first|second) line|row above)\b",
)
_OF_THE_DIALOGUE = noted_in(
    "regular expression, for words in lessons",
    r"\btype (?:where|why|go|step|rate|set|update|to|back|again|restart)\b",
)
_MARKUP = re.compile(r"^\s*\|[-|: ]+\|\s*$|</?[A-Za-z][^<>]*>")  # the line below a table's heading; HTML
_CUT_LINK = re.compile(r"\((?:=|show:)")  # what is left of one that is not whole
SUMMARY = 2  # lines


def warnings(lesson: Lesson) -> list[Fault]:
    """What a lesson lacks, and words that not all understand, in order of its lines."""
    found = [*_of_the_lesson(lesson)]
    known = {value for config in lesson.runs.values() for value in _settings(vars(config).values())}
    for step in lesson.steps:
        found += [*_of_the_step(step), *_of_the_texts(step, known)]
    return sorted(set(found))


def _of_the_lesson(lesson: Lesson) -> Iterator[Fault]:
    if not lesson.aim:
        yield Fault(1, _("there is no aim; the list of lessons shows it"))
    if len(lesson.summary) != SUMMARY:
        told = counted_as(
            "the summary has {n} line; write two, which are said at the end",
            "the summary has {n} lines; write two, which are said at the end",
            len(lesson.summary),
        )
        yield Fault(1, told)
    if not any(step.transfer for step in lesson.steps):
        yield Fault(
            1, _("there is no transfer question: one with transfer=yes, which has new numbers for the same idea")
        )


def _of_the_step(step: Step) -> Iterator[Fault]:
    """What a step lacks."""
    for line in step.unindented:
        yield Fault(line, _("this belongs to the row above, since no empty line divides them; indent it"))
    if step.removed_view:
        yield Fault(step.line, about_removed(step.removed_view))
    if step.kind is StepKind.EXPLAIN and not (step.models or step.answers):
        yield Fault(step.line, _("there is no model answer: a row - model:, to compare one's own with"))
    if step.kind not in QUESTIONS:
        return
    if not step.hints:
        yield Fault(step.line, _("the question has no hint: a row - hint:"))
    if not step.notes:
        yield Fault(step.line, _("the question has no note for teachers: a row - note:"))
    if step.kind is StepKind.PREDICT and step.run is None:
        yield Fault(step.line, _("the prediction has no run: run=…, which is shown after the answer"))
    for answer in step.answers:
        if answer.is_right and not answer.feedback:
            yield Fault(
                answer.line, _("nothing is said to the right answer; write below it, indented, why it is right")
            )
        if answer.is_right and not [*Expression.parse(answer.expression).runs()]:
            yield Fault(answer.line, _("the right answer is asked of no run, so nothing computes it"))


def _of_the_texts(step: Step, known: set[float]) -> Iterator[Fault]:
    """Numbers that nothing computes and no run is set to, and words that not all students understand."""
    for text, line in step.plain_texts:
        for number in _NUMBER.findall(text):
            if _value(number) not in known:
                told = _("nothing computes {number}; write [{number}](=…), or `{number}`")
                yield Fault(line, told.format(number=number))
        for words in _found(_OF_THE_SCREEN, text):
            told = _("'{words}' is of the screen alone; link what is there, as in [w](show:w)")
            yield Fault(line, told.format(words=words))
        for words in _found(_OF_THE_DIALOGUE, text):
            told = _("'{words}' is of lessons line by line alone; link what it does, as in [play](show:play)")
            yield Fault(line, told.format(words=words))
        if _FORMULA.search(text):
            yield Fault(line, _("this is a formula of LaTeX, which is shown as it is written; write x², or x^2"))
        if _MARKUP.search(text):
            yield Fault(line, _("tables and HTML are shown as they are written; write sentences"))
        if _CUT_LINK.search(text):
            yield Fault(line, _("this is no link, and is shown as it is written; write [?](=ours.a) without blanks"))


def _found(words: str, text: str) -> list[str]:
    """What a text has of words that a language has its own for."""
    return re.findall(in_context("regular expression, for words in lessons", words), text, re.IGNORECASE)


def _settings(values: Iterable[object]) -> Iterator[float]:
    """The numbers among settings, also those of vectors."""
    for value in values:
        if isinstance(value, tuple):
            yield from _settings(value)
        elif isinstance(value, int | float) and not isinstance(value, bool):
            yield float(value)


def _value(number: str) -> float | None:
    try:
        return read_number(number)
    except ValueError:  # a date, or thousands
        return None
