"""A lesson on paper: a page in Markdown with room to write, or the key to it.

A number that a question asks for is replaced by a blank wherever a later text states it.
"""

from __future__ import annotations

from collections.abc import Iterator

from quadfit_tui.core.text.language import N_, _, labeled, ngettext, with_remark
from quadfit_tui.core.text.numbers import format_short
from quadfit_tui.core.text.width import cell_width, rjust
from quadfit_tui.teaching.course.curve_comparison import run_curve
from quadfit_tui.teaching.course.drawn_curve import Polyline, height_at
from quadfit_tui.teaching.course.script import WHICH_SENTENCE
from quadfit_tui.teaching.judging.facts import Facts, format_value
from quadfit_tui.teaching.judging.judge import right_answer
from quadfit_tui.teaching.judging.loss_axes import AT_START, AT_TOL, WHOLE, LossAxes
from quadfit_tui.teaching.notation.lesson import LETTERS, Answer, Lesson, Prose, StatedNumber, Step, StepKind

_LINE = "_" * 60  # a line to write on
_BLANK = "_" * 8
_LINES = {StepKind.DO: 1, StepKind.EXPLAIN: 3}  # number of lines to write on, below a step
_ASKS = {
    StepKind.PREDICT: N_("Your prediction: {blank}"),
    StepKind.OBSERVE: N_("Your answer: {blank}"),
    StepKind.DRAW: N_(
        "Draw the mean loss that you expect, from the start to the last epoch. The scale is logarithmic: the same way"
        " down is always the same share."
    ),
}
_RIGHT = N_("**Right: {answer}.**")
_COLUMNS = 60  # width of the grid for a curve
_STEP = 5  # height of a row of the grid, in hundredths of its height
_SIGNS = str.maketrans({sign: f"\\{sign}" for sign in "\\`*_[]<>|$~^#"})  # the signs that Markdown interprets


def handout(lesson: Lesson, facts: Facts, has_key: bool = False) -> list[str]:
    """Renders a lesson as Markdown lines to print: without answers, or (`has_key`) with answers and feedback."""
    lines = [f"# {_escaped(lesson.title)}", ""]
    if has_key:
        lines += [_("The key, for teachers."), ""]
    else:
        lines += [_("Name: {name}  Date: {date}").format(name=_BLANK * 4, date=_BLANK * 2), ""]
    lines += [_escaped(lesson.aim), ""] if lesson.aim else []
    page = _Page(lesson, facts, has_key)
    for number, step in enumerate(lesson.steps, 1):
        lines += [f"## {number}. {_escaped(step.title)}", "", *page.step(step)]
    return [*lines, *page.end()][:-1]


class _Page:
    """A renderer of the steps, in order, which remembers the numbers that were asked for."""

    def __init__(self, lesson: Lesson, facts: Facts, has_key: bool) -> None:
        self._lesson = lesson
        self._facts = facts
        self._has_key = has_key
        self._asked: set[str] = set()  # expressions of the right numbers so far, which are blanks from then on

    def step(self, step: Step) -> Iterator[str]:
        """Yields the paragraphs of a step, each followed by an empty line."""
        yield from self._paragraphs(step.text)
        if step.is_choice:
            yield from self._choices(step)
        if step.kind is StepKind.DRAW and step.run is not None:
            places = run_curve(self._facts, step).places if self._has_key else ()
            yield from ("```", *_grid(self._facts.axes(step.run), places), "```", "")
        if self._has_key:
            if step.has_sentences:
                yield from self._choices(step)
            yield from self._key(step)
            return
        if step.kind in _ASKS:
            yield from (_(_ASKS[step.kind]).format(blank=_BLANK * 3), "")
        yield from [_LINE, ""] * (step.tries or _LINES.get(step.kind, 0))
        if step.has_sentences:
            yield from (_(WHICH_SENTENCE), "", *self._choices(step))
        if step.right_answer is not None and not step.is_choice:
            self._asked.add(step.right_answer.expression)

    def _choices(self, step: Step) -> Iterator[str]:
        """Yields the choices as a list."""
        for letter, answer in zip(LETTERS.upper(), self._lesson.choices(step), strict=False):
            yield f"- **{letter}** {_escaped(answer.text)}"
        yield ""

    def end(self) -> Iterator[str]:
        """Yields the summary of the lesson, in a key only: it would answer questions."""
        for line in self._lesson.summary if self._has_key else ():
            yield from self._paragraphs(line)

    def _key(self, step: Step) -> Iterator[str]:
        """Yields the right answer, the feedback to each answer, the model answers and the notes of a step."""
        lesson, facts, answers = self._lesson, self._facts, step.answers or step.run_feedback
        if step.kind is StepKind.DRAW:
            yield from (_escaped(run_curve(facts, step).sentence), "")
        if step.tolerance is None and step.right_answer is not None:
            yield from (_(_RIGHT).format(answer=lesson.letter(step, step.right_answer).upper()), "")
            answers = lesson.choices(step)
        elif right := _escaped(right_answer(lesson, step, facts)):
            template = _("One way to do it: {answer}.") if step.kind is StepKind.DO else _(_RIGHT)
            yield from (template.format(answer=right), "")
        for answer in answers:
            if answer.feedback:
                feedback = " ".join(self._text(answer.feedback).split())
                yield f"- {labeled(_escaped(self._named(step, answer)), feedback)}"
        if any(answer.feedback for answer in answers):
            yield ""
        for model in step.models:
            yield from (_("A possible answer: {answer}").format(answer=self._text(model)), "")
        for note in step.notes:
            yield from (_("Note: {note}").format(note=self._text(note)), "")

    def _named(self, step: Step, answer: Answer) -> str:
        """Returns the label that precedes the feedback to an answer, such as its letter or number."""
        if step.kind is StepKind.DO:
            return answer.text
        if step.tolerance is None:
            return self._lesson.letter(step, answer).upper()
        return with_remark(format_value(self._facts.value(answer.expression), answer.expression), answer.text)

    def _paragraphs(self, prose: Prose) -> Iterator[str]:
        """Yields the paragraphs of a text, each followed by an empty line."""
        for part in self._text(prose).split("\n\n"):
            text = " ".join(part.split())
            yield from (f"\\{text}" if text.startswith(("- ", "+ ")) else text, "")  # escaped, or it would begin a list

    def _text(self, prose: Prose) -> str:
        """Renders a text in Markdown, with its numbers or blanks."""
        links = tuple(link._replace(text=_escaped(link.text)) for link in prose.links)
        return Prose(_escaped(prose.template), prose.numbers, links).text(*map(self._number, prose.numbers))

    def _number(self, number: StatedNumber) -> str:
        """Renders a number of a text, or a blank if a question has asked for it."""
        return _BLANK if number.expression in self._asked else _escaped(self._facts.format_stated_number(number))


def _grid(axes: LossAxes, places: Polyline) -> Iterator[str]:
    """Yields the rows of axes to draw a curve of the mean loss into; with `places`, of axes with that curve."""
    labels = {AT_START: format_short(axes.start)} | (
        {} if axes.tol is None else {AT_TOL: f"tol {format_short(axes.tol)}"}
    )
    width, label = max(map(cell_width, labels.values())), _("mean loss")
    epochs = ngettext("{n} epoch", "{n} epochs", axes.epochs)
    yield f"{rjust('', width)} {label}"
    for height in range(WHOLE, -1, -_STEP):
        row = "".join(_grid_sign(places, column, height) for column in range(_COLUMNS + 1))
        yield f"{rjust(labels.get(height, ''), width)} {'┤' if height in labels else '│'}{row.rstrip()}"
    yield f"{rjust('', width)} └{'─' * (_COLUMNS + 1)}"
    yield f"{rjust('', width)}  0{rjust(epochs, _COLUMNS)}"


def _grid_sign(places: Polyline, column: int, height: int) -> str:
    """Returns the sign of a cell of the grid: part of the curve, a dot, or a blank."""
    if _passes(places, column, height):
        return "*"
    return " " if column % 10 or height % 10 else "·"


def _passes(places: Polyline, column: int, height: int) -> bool:
    """Whether a curve passes through the cell of a column at a height."""
    begin, end = (WHOLE * (column + side) / _COLUMNS for side in (-0.5, 0.5))
    if not places or begin >= places[-1][0]:
        return False
    low, high = sorted((height_at(places, begin), height_at(places, end)))
    return low - _STEP / 2 <= height <= high + _STEP / 2


def _escaped(text: str) -> str:
    """Escapes the signs that Markdown interprets."""
    return text.translate(_SIGNS)
