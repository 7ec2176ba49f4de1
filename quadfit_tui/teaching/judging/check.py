"""Checks a lesson against the runs it speaks of: what it states must be what training gives."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import NamedTuple

from quadfit_tui.core.text.language import N_, _, labeled, listed, ngettext, ngettext_noop
from quadfit_tui.core.text.numbers import format_trimmed
from quadfit_tui.core.text.quoting import quoted, with_problem
from quadfit_tui.core.text.width import wrapped
from quadfit_tui.core.training.status import Status
from quadfit_tui.teaching.judging.facts import Facts, TooMuchWorkError, format_value, is_limit
from quadfit_tui.teaching.judging.judge import VERDICTS, Verdict, judge
from quadfit_tui.teaching.judging.tasks import TIPS, task_faults
from quadfit_tui.teaching.judging.tolerance import Written
from quadfit_tui.teaching.notation.expression import Expression, ExpressionError
from quadfit_tui.teaching.notation.lesson import Answer, Face, Lesson, Prose, StatedNumber, Step, StepKind

_FILLED = 0.9  # of the axis of a drawing: a run that ends there is as long as that, as anybody sees
_SHOWS_ALL = (StepKind.SAY, StepKind.PREDICT, StepKind.OBSERVE, StepKind.DRAW)  # that name no moment
_AXES = {
    Status.CONVERGED: ngettext_noop(
        "has axes that end where the run does, which converged after {done} of {n} epoch; allowed: more epochs",
        "has axes that end where the run does, which converged after {done} of {n} epochs; allowed: more epochs",
    ),
    Status.DIVERGED: ngettext_noop(
        "has axes that end where the run does, which diverged after {done} of {n} epoch; allowed: more epochs",
        "has axes that end where the run does, which diverged after {done} of {n} epochs; allowed: more epochs",
    ),
}
WIDTH, ROWS = 76, 5  # of the place of a text in a window of 80 columns and 24 rows


class LessonFault(NamedTuple):
    """What is wrong with a lesson, and in which line of its file."""

    line: int
    text: str


def rows_of(text: str, width: int = WIDTH) -> list[str]:
    """A text as the rows that it takes; paragraphs are divided by an empty one."""
    rows: list[str] = []
    for paragraph in text.split("\n\n"):
        rows += [*([""] if rows else []), *wrapped(paragraph, width)]
    return rows


def check(lesson: Lesson, facts: Facts | None = None) -> list[LessonFault]:
    """All that is false in a lesson, or does not work, in order of its lines; empty where all is well.

    `facts` are its own, where somebody has them already.
    """
    if facts is None or facts.face is not Face.SCREEN:  # which is what has too little room
        facts = Facts(lesson, facts)
    return sorted(set(_Check(lesson, facts).faults()))


def count_of_facts(lesson: Lesson) -> int:
    """How many stated numbers, answers and tasks of a lesson training is asked about."""
    texts = (*lesson.summary, *(text for step in lesson.steps for text in step.texts))
    prose = sum(len(each.numbers) for each in texts)
    rows = [row for step in lesson.steps for row in step.answers if row.expression]
    answers = len(rows) + sum(step.written_answer is not None for step in lesson.steps)
    return prose + answers + sum(step.until is not None for step in lesson.steps)


class _Check:
    """Looks at one lesson."""

    def __init__(self, lesson: Lesson, facts: Facts) -> None:
        self._lesson = lesson
        self._facts = facts
        self._found: list[LessonFault] = []

    def faults(self) -> list[LessonFault]:
        try:
            self._facts.prepare()
            for step in self._lesson.steps:
                self._step(step)
            self._summary()
        except TooMuchWorkError as failure:
            self._fault(self._lesson.line(f"runs.{failure.run}"), str(failure))
        except ExpressionError as failure:  # of a run that cannot begin
            self._fault(1, str(failure))
        return self._found

    def _fault(self, line: int, text: str) -> None:
        self._found.append(LessonFault(line, text))

    @contextmanager
    def _of(self, line: int, what: str) -> Iterator[None]:
        """Notes that an expression has no value."""
        try:
            yield
        except ExpressionError as failure:
            self._fault(line, f"{failure}" if f"{failure}".startswith(what) else labeled(what, f"{failure}"))

    def _summary(self) -> None:
        for text in self._lesson.summary:
            self._numbers(text)
            line = self._lesson.line("summary")
            with self._of(line, ""):
                self._fits(line, _("a line of the summary"), rows_of(self._facts.render_prose(text)), most=1)

    def _numbers(self, *texts: Prose) -> None:
        for number in [number for text in texts for number in text.numbers]:
            with self._of(number.line, number.expression):
                self._stated(number)

    def _step(self, step: Step) -> None:
        self._numbers(*step.texts)
        if step.at is not None and step.run is not None:
            with self._of(step.line, f"at={step.run}"):
                self._facts.snapshot(self._lesson.runs[step.run], step.at)
        for answer in step.answers:
            if not answer.is_right and not answer.feedback:
                why = _("the wrong answer {answer} has no feedback; write below it, indented, what is said")
                self._fault(answer.line, why.format(answer=quoted(answer.text)))
        with self._of(step.line, _("a question whose answers have no value")):
            if step.is_choice:
                self._choice(step)
            elif step.tolerance is not None:
                self._number(step)
            self._size(step)
        if step.kind is StepKind.DO:
            self._task(step)
        if step.kind is StepKind.DRAW:
            for text in self._drawing(step):
                self._fault(step.line, text)

    def _stated(self, number: StatedNumber) -> None:
        value = self._facts.value(number.expression)
        if number.written == "?":
            return
        if isinstance(value, bool | str):
            problem = _("{expression} is {value}, which is no number")
            self._fault(number.line, problem.format(expression=number.expression, value=value))
            return
        try:
            written = Written.read(number.written)
        except ValueError as refused:
            self._fault(number.line, with_problem(quoted(number.written), str(refused)))
            return
        if not written.states(value, is_limit(number.expression)):
            self._false(number.line, number.expression, value, number.written)

    def _false(self, line: int, expression: str, value: float, written: str) -> None:
        if is_limit(expression):
            problem = _("{expression} is {value} (limits are rounded down); the lesson says {written}")
        else:
            problem = _("{expression} is {value}; the lesson says {written}")
        self._fault(line, problem.format(expression=expression, value=format_trimmed(value), written=written))

    def _choice(self, step: Step) -> None:
        for answer in step.answers:
            with self._of(answer.line, answer.expression):
                outcome = self._facts.outcome(answer.expression)
                if outcome.value is not answer.is_right:
                    found = self._found_to_be(answer.expression, bool(outcome.value))
                    if answer.is_right:
                        problem = _("{found}; the lesson says {answer} is right")
                    else:
                        problem = _("{found}; the lesson says {answer} is wrong")
                    self._fault(answer.line, problem.format(found=found, answer=repr(answer.text)))
                elif outcome.depends_on_rounding:
                    self._fault(answer.line, _(TIPS).format(expression=answer.expression))

    def _found_to_be(self, condition: str, is_true: bool) -> str:
        """What a condition is, since the facts in it are what they are."""
        references = dict.fromkeys(Expression.parse(condition).references())
        names = [f"{run}[{at}].{fact}" if at else f"{run}.{fact}" for run, at, fact in references]
        told = [
            _("{name} is {value}").format(name=name, value=format_value(self._facts.value(name), name))
            for name in names
            if name != condition
        ]
        found = (_("{expression} is true") if is_true else _("{expression} is false")).format(expression=condition)
        return _("{found}, since {facts}").format(found=found, facts=listed(told)) if told else found

    def _number(self, step: Step) -> None:
        right = step.right
        assert right is not None
        assert step.written_answer is not None
        value = self._facts.number(right.expression)
        if not Written.read(step.written_answer).states(value, is_limit(right.expression)):
            self._false(step.line, right.expression, value, step.written_answer)
            return
        for typed in (step.written_answer, self._facts.shown_right(step)):
            judged = judge(self._lesson, step, self._facts, typed)
            if judged.verdict is not Verdict.RIGHT:
                problem = _("the right answer, typed as {typed}, would be told: {feedback}")
                self._fault(step.line, problem.format(typed=typed, feedback=judged.feedback))
        for answer in step.answers:
            if not answer.is_right:
                with self._of(answer.line, answer.expression):
                    self._wrong(step, answer)

    def _wrong(self, step: Step, answer: Answer) -> None:
        value = self._facts.number(answer.expression)
        for typed in (f"{value:.9e}", format_value(value, answer.expression)):
            judged = judge(self._lesson, step, self._facts, typed)
            if judged.verdict is not Verdict.WRONG:
                problem = _("{expression}, typed as {typed}, would be told: {verdict}")
                verdict = _(VERDICTS[judged.verdict])
                told = problem.format(expression=answer.expression, typed=typed, verdict=verdict)
                self._fault(answer.line, told)
            elif judged.answer is not answer:
                problem = _("{expression} is {value}, as another answer is")
                self._fault(answer.line, problem.format(expression=answer.expression, value=format_trimmed(value)))

    def _size(self, step: Step) -> None:
        """What does not fit into the place that a small window has for it."""
        text = rows_of(self._facts.render_prose(step.text))
        choices = [row for answer in step.answers for row in wrapped(answer.text, WIDTH, "A  ", "   ")]
        if step.is_choice:
            text += choices
        elif step.answers or step.kind is StepKind.EXPLAIN:
            text.append("")  # the line of the answer
        self._fits(step.line, _("the step"), text)
        if step.has_sentences:
            self._fits(step.line, _("what there is to choose from"), choices)
        for what, each in ((_("a hint"), step.hints), (_("a note"), step.notes), (_("a model answer"), step.models)):
            for prose in each:
                self._fits(step.line, what, rows_of(self._facts.render_prose(prose)))
        for answer in step.answers:
            if step.tolerance is None:
                typed = self._lesson.letter(step, answer)
            else:
                typed = f"{self._facts.number(answer.expression):.9e}"
            said = judge(self._lesson, step, self._facts, typed).feedback
            self._fits(answer.line, _("what is said to this answer"), rows_of(said))

    def _fits(self, line: int, what: str, rows: list[str], most: int = ROWS) -> None:
        if len(rows) > most:
            problem = _("{what} takes {n} lines; allowed: {most} of {width} columns")
            self._fault(line, problem.format(what=what, n=len(rows), most=most, width=WIDTH))

    def _drawing(self, step: Step) -> Iterator[str]:
        """What gives the run of a step that is drawn away, or keeps it from being drawn."""
        assert step.run is not None
        runs, steps, config = self._lesson.runs, self._lesson.steps, self._lesson.runs[step.run]
        if step.view not in (None, "loss"):
            yield _("is drawn in the view loss, and has view={view}").format(view=step.view)
        if refusal := self._facts.axes(step.run).refusal:
            yield refusal
        end = self._facts.snapshot(config)
        if (end.status is Status.CONVERGED or end.overflowed) and end.epoch > _FILLED * config.epochs:
            yield ngettext(*_AXES[end.status], config.epochs, done=end.epoch)
        for earlier in steps[: steps.index(step)]:
            if earlier.run and runs[earlier.run] == config and earlier.at is None and earlier.kind in _SHOWS_ALL:
                yield _("draws a run that the step {id} has shown already").format(id=quoted(earlier.id))

    def _task(self, step: Step) -> None:
        if step.run is None:
            self._fault(step.line, _("a task has no run; allowed: run=…"))
            return
        with self._of(step.line, step.until or ""):
            for text in task_faults(step, self._facts):
                self._fault(step.line, text)
        for row in step.ends:
            if not row.feedback:
                why = _("the row {answer} says nothing; write below it, indented, what is said")
                self._fault(row.line, why.format(answer=quoted(row.text)))
            with self._of(row.line, row.expression):
                self._fits(row.line, _("what is said to this row"), rows_of(self._facts.render_prose(row.feedback)))


def differences(translation: Lesson, original: Lesson) -> list[LessonFault]:
    """Where a translation differs in more than its prose."""
    faults = []
    for name in ("id", "version", "needs", "may_skip", "runs"):
        if getattr(translation, name) != getattr(original, name):
            problem = _("{key} differs from that of {file}")
            faults.append(LessonFault(1, problem.format(key=name, file=original.file_name)))
    for step in translation.steps:
        other = original.by_id.get(step.id)
        if other is None:
            problem = _("the step {id} is not in {file}").format(id=repr(step.id), file=original.file_name)
            faults.append(LessonFault(step.line, problem))
        elif wrong := next((what for what in _COMPARED if _COMPARED[what](step) != _COMPARED[what](other)), None):
            problem = _("{what} differ from line {line} of {file}")
            told = problem.format(what=_(wrong), line=other.line, file=original.file_name)
            faults.append(LessonFault(step.line, told))
    missing = [step.id for step in original.steps if step.id not in translation.by_id]
    problem = _("the step {id} of {file} is missing")
    faults += [LessonFault(1, problem.format(id=repr(id), file=original.file_name)) for id in missing]
    if not faults and [*translation.by_id] != [*original.by_id]:
        problem = _("the steps have another order than in {file}")
        faults.append(LessonFault(1, problem.format(file=original.file_name)))
    return faults


_COMPARED: dict[str, Callable[[Step], object]] = {
    N_("the attributes"): lambda step: (
        *(step.kind, step.run, step.at, step.view, step.speed, step.tolerance, step.until, step.solution),
        *(step.tries, step.only, step.recall),
        None if step.written_answer is None else re.sub(",", ".", step.written_answer),
    ),
    N_("the answers"): lambda step: [(row.is_right, row.expression) for row in (*step.answers, *step.ends)],
    N_("the stated numbers or the hints"): lambda step: [
        sorted(number.expression for number in prose.numbers) for prose in step.texts
    ],
}
