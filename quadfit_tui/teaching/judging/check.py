"""Checks a lesson against its trained runs: every number, answer and task in it must be true of them."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import NamedTuple

from quadfit_tui.core.text.language import N_, _, join_and, labeled, ngettext, ngettext_noop
from quadfit_tui.core.text.numbers import format_trimmed
from quadfit_tui.core.text.quoting import quoted, with_problem
from quadfit_tui.core.text.width import wrapped
from quadfit_tui.core.training.status import Status
from quadfit_tui.teaching.judging.facts import Facts, TooMuchWorkError, format_value, is_limit
from quadfit_tui.teaching.judging.judge import VERDICTS, Verdict, judge
from quadfit_tui.teaching.judging.tasks import DEPENDS_ON_ROUNDING, task_faults
from quadfit_tui.teaching.judging.tolerance import Written
from quadfit_tui.teaching.notation.expression import Expression, ExpressionError
from quadfit_tui.teaching.notation.lesson import Answer, Face, Lesson, Prose, StatedNumber, Step, StepKind

_FILLED = 0.9  # share of the axis of a drawing; a run that ends behind it betrays its length by the axis
_SHOWS_ALL = (StepKind.SAY, StepKind.PREDICT, StepKind.OBSERVE, StepKind.DRAW)  # if they name no moment
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
WIDTH, ROWS = 76, 5  # columns and rows for a text in a window of 80 columns and 24 rows


class LessonFault(NamedTuple):
    """A fault of a lesson: the line of its file, and the message."""

    line: int
    text: str


def wrap_rows(text: str, width: int = WIDTH) -> list[str]:
    """Wraps a text to rows of `width` columns, with an empty row between paragraphs."""
    rows: list[str] = []
    for paragraph in text.split("\n\n"):
        if rows:
            rows.append("")
        rows += wrapped(paragraph, width)
    return rows


def check(lesson: Lesson, facts: Facts | None = None) -> list[LessonFault]:
    """Returns the faults that training shows in a lesson, in order of lines; empty if all it states is true.

    `facts` are the lesson's, if the caller has them already.
    """
    if facts is None or facts.face is not Face.SCREEN:  # only on the screen a text can be too long
        facts = Facts(lesson, facts)
    return sorted(set(_Checker(lesson, facts).faults()))


def first_fault(lesson: Lesson, facts: Facts | None = None) -> str:
    """Returns the first fault that training shows in a lesson, with file and line; empty if all it states is true."""
    faults = check(lesson, facts)
    return f"{lesson.file_name}:{faults[0].line}: {faults[0].text}" if faults else ""


def count_of_facts(lesson: Lesson) -> int:
    """Counts the stated numbers, answers and tasks of a lesson, all of which `check` compares with training."""
    texts = (*lesson.summary, *(text for step in lesson.steps for text in step.texts))
    prose = sum(len(text.numbers) for text in texts)
    rows = [row for step in lesson.steps for row in step.answers if row.expression]
    answers = len(rows) + sum(step.written_answer is not None for step in lesson.steps)
    return prose + answers + sum(step.until is not None for step in lesson.steps)


class _Checker:
    """The check of one lesson, which collects its faults."""

    def __init__(self, lesson: Lesson, facts: Facts) -> None:
        self._lesson = lesson
        self._facts = facts
        self._faults: list[LessonFault] = []

    def faults(self) -> list[LessonFault]:
        """Trains the runs of the lesson, and returns its faults in any order."""
        try:
            self._facts.prepare()
            for step in self._lesson.steps:
                self._check_step(step)
            self._check_summary()
        except TooMuchWorkError as failure:
            self._fault(self._lesson.line(f"runs.{failure.run}"), str(failure))
        except ExpressionError as failure:  # a run cannot begin
            self._fault(1, str(failure))
        return self._faults

    def _fault(self, line: int, text: str) -> None:
        """Records a fault."""
        self._faults.append(LessonFault(line, text))

    @contextmanager
    def _reporting(self, line: int, what: str) -> Iterator[None]:
        """Records an ExpressionError raised in the `with` block as a fault of `what`, such as an expression."""
        try:
            yield
        except ExpressionError as failure:
            problem = f"{failure}"
            self._fault(line, problem if problem.startswith(what) else labeled(what, problem))

    def _check_summary(self) -> None:
        for text in self._lesson.summary:
            self._check_numbers(text)
            line = self._lesson.line("summary")
            with self._reporting(line, ""):
                self._check_fits(line, _("a line of the summary"), wrap_rows(self._facts.render_prose(text)), most=1)

    def _check_numbers(self, *texts: Prose) -> None:
        """Checks the stated numbers of some texts."""
        for number in [number for text in texts for number in text.numbers]:
            with self._reporting(number.line, number.expression):
                self._check_stated(number)

    def _check_step(self, step: Step) -> None:
        self._check_numbers(*step.texts)
        if step.at is not None and step.run is not None:
            with self._reporting(step.line, f"at={step.run}"):
                self._facts.snapshot(self._lesson.runs[step.run], step.at)
        for answer in step.answers:
            if not answer.is_right and not answer.feedback:
                problem = _("the wrong answer {answer} has no feedback; write below it, indented, what is said")
                self._fault(answer.line, problem.format(answer=quoted(answer.text)))
        with self._reporting(step.line, _("a question whose answers have no value")):
            if step.is_choice:
                self._check_choice(step)
            elif step.tolerance is not None:
                self._check_number_question(step)
            self._check_sizes(step)
        if step.kind is StepKind.DO:
            self._check_task(step)
        if step.kind is StepKind.DRAW:
            for text in self._drawing_problems(step):
                self._fault(step.line, text)

    def _check_stated(self, number: StatedNumber) -> None:
        """Checks that a number in the prose is the computed value, rounded to the digits written."""
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
            self._report_false(number.line, number.expression, value, number.written)

    def _report_false(self, line: int, expression: str, value: float, written: str) -> None:
        """Records that a number in the lesson differs from the computed value."""
        if is_limit(expression):
            problem = _("{expression} is {value} (limits are rounded down); the lesson says {written}")
        else:
            problem = _("{expression} is {value}; the lesson says {written}")
        self._fault(line, problem.format(expression=expression, value=format_trimmed(value), written=written))

    def _check_choice(self, step: Step) -> None:
        """Checks that the condition of each answer is true if the answer is right, and else false."""
        for answer in step.answers:
            with self._reporting(answer.line, answer.expression):
                outcome = self._facts.outcome(answer.expression)
                if outcome.value is not answer.is_right:
                    finding = self._finding(answer.expression, bool(outcome.value))
                    if answer.is_right:
                        problem = _("{found}; the lesson says {answer} is right")
                    else:
                        problem = _("{found}; the lesson says {answer} is wrong")
                    self._fault(answer.line, problem.format(found=finding, answer=repr(answer.text)))
                elif outcome.depends_on_rounding:
                    self._fault(answer.line, _(DEPENDS_ON_ROUNDING).format(expression=answer.expression))

    def _finding(self, condition: str, is_true: bool) -> str:
        """Formats whether a condition is true, with the values of the facts in it as the reason."""
        references = dict.fromkeys(Expression.parse(condition).references())
        names = [f"{run}[{moment}].{fact}" if moment else f"{run}.{fact}" for run, moment, fact in references]
        values = [
            _("{name} is {value}").format(name=name, value=format_value(self._facts.value(name), name))
            for name in names
            if name != condition
        ]
        finding = (_("{expression} is true") if is_true else _("{expression} is false")).format(expression=condition)
        return _("{found}, since {facts}").format(found=finding, facts=join_and(values)) if values else finding

    def _check_number_question(self, step: Step) -> None:
        """Checks that a question's right number is judged right as typed, and its wrong ones wrong."""
        right = step.right_answer
        assert right is not None
        assert step.written_answer is not None
        value = self._facts.number(right.expression)
        if not Written.read(step.written_answer).states(value, is_limit(right.expression)):
            self._report_false(step.line, right.expression, value, step.written_answer)
            return
        for typed in (step.written_answer, self._facts.format_right_number(step)):
            judged = judge(self._lesson, step, self._facts, typed)
            if judged.verdict is not Verdict.RIGHT:
                problem = _("the right answer, typed as {typed}, would be told: {feedback}")
                self._fault(step.line, problem.format(typed=typed, feedback=judged.feedback))
        for answer in step.answers:
            if not answer.is_right:
                with self._reporting(answer.line, answer.expression):
                    self._check_wrong_number(step, answer)

    def _check_wrong_number(self, step: Step, answer: Answer) -> None:
        """Checks that a wrong number, as a student may type it, is judged wrong and gets its own feedback."""
        value = self._facts.number(answer.expression)
        for typed in (f"{value:.9e}", format_value(value, answer.expression)):
            judged = judge(self._lesson, step, self._facts, typed)
            if judged.verdict is not Verdict.WRONG:
                problem = _("{expression}, typed as {typed}, would be told: {verdict}")
                verdict = _(VERDICTS[judged.verdict])
                problem = problem.format(expression=answer.expression, typed=typed, verdict=verdict)
                self._fault(answer.line, problem)
            elif judged.answer is not answer:
                problem = _("{expression} is {value}, as another answer is")
                self._fault(answer.line, problem.format(expression=answer.expression, value=format_trimmed(value)))

    def _check_sizes(self, step: Step) -> None:
        """Checks that all texts of a step fit into the room that a small window has for them."""
        text = wrap_rows(self._facts.render_prose(step.text))
        choices = [row for answer in step.answers for row in wrapped(answer.text, WIDTH, "A  ", "   ")]
        if step.is_choice:
            text += choices
        elif step.answers or step.kind is StepKind.EXPLAIN:
            text.append("")  # the line into which the answer is typed
        self._check_fits(step.line, _("the step"), text)
        if step.has_sentences:
            self._check_fits(step.line, _("what there is to choose from"), choices)
        for what, texts in ((_("a hint"), step.hints), (_("a note"), step.notes), (_("a model answer"), step.models)):
            for prose in texts:
                self._check_fits(step.line, what, wrap_rows(self._facts.render_prose(prose)))
        for answer in step.answers:
            if step.tolerance is None:
                typed = self._lesson.letter(step, answer)
            else:
                typed = f"{self._facts.number(answer.expression):.9e}"
            feedback = judge(self._lesson, step, self._facts, typed).feedback
            self._check_fits(answer.line, _("what is said to this answer"), wrap_rows(feedback))

    def _check_fits(self, line: int, what: str, rows: list[str], most: int = ROWS) -> None:
        """Records a fault if a text, named by `what`, has too many rows for a small window."""
        if len(rows) > most:
            problem = _("{what} takes {n} lines; allowed: {most} of {width} columns")
            self._fault(line, problem.format(what=what, n=len(rows), most=most, width=WIDTH))

    def _drawing_problems(self, step: Step) -> Iterator[str]:
        """Yields what betrays the run of a drawing before it is drawn, or keeps students from drawing it."""
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

    def _check_task(self, step: Step) -> None:
        """Checks a `.do` step: that it has a run, is fulfilled by its solution alone, and has feedback that fits."""
        if step.run is None:
            self._fault(step.line, _("a task has no run; allowed: run=…"))
            return
        with self._reporting(step.line, step.until or ""):
            for text in task_faults(step, self._facts):
                self._fault(step.line, text)
        for row in step.run_feedback:
            if not row.feedback:
                problem = _("the row {answer} says nothing; write below it, indented, what is said")
                self._fault(row.line, problem.format(answer=quoted(row.text)))
            with self._reporting(row.line, row.expression):
                self._check_fits(
                    row.line, _("what is said to this row"), wrap_rows(self._facts.render_prose(row.feedback))
                )


def differences(translation: Lesson, original: Lesson) -> list[LessonFault]:
    """Returns where a translation differs from its original in more than prose, as faults of the translation."""
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
        elif difference := next((what for what in _COMPARED if _COMPARED[what](step) != _COMPARED[what](other)), None):
            problem = _("{what} differ from line {line} of {file}")
            problem = problem.format(what=_(difference), line=other.line, file=original.file_name)
            faults.append(LessonFault(step.line, problem))
    missing = [step.id for step in original.steps if step.id not in translation.by_id]
    problem = _("the step {id} of {file} is missing")
    faults += [LessonFault(1, problem.format(id=repr(id), file=original.file_name)) for id in missing]
    if not faults and [*translation.by_id] != [*original.by_id]:
        problem = _("the steps have another order than in {file}")
        faults.append(LessonFault(1, problem.format(file=original.file_name)))
    return faults


# Parts of a step that must be equal in a translation, by their names in messages.
_COMPARED: dict[str, Callable[[Step], object]] = {
    N_("the attributes"): lambda step: (
        *(step.kind, step.run, step.at, step.view, step.speed, step.tolerance, step.until, step.solution),
        *(step.tries, step.only, step.recall),
        None if step.written_answer is None else re.sub(",", ".", step.written_answer),
    ),
    N_("the answers"): lambda step: [(row.is_right, row.expression) for row in (*step.answers, *step.run_feedback)],
    N_("the stated numbers or the hints"): lambda step: [
        sorted(number.expression for number in prose.numbers) for prose in step.texts
    ],
}
