"""Parses the rows of a step that are answers: to a question, to runs of a task, or of what an explanation may mean."""

from __future__ import annotations

from collections.abc import Callable

from quadfit_tui.core.text.language import N_, _, comma_separated, join_and, ngettext
from quadfit_tui.core.text.quoting import with_allowed
from quadfit_tui.teaching.notation.expression import Expression
from quadfit_tui.teaching.notation.lesson import LETTERS, QUESTIONS, Answer, StepKind
from quadfit_tui.teaching.notation.reading.markdown import LessonRow, LessonSection
from quadfit_tui.teaching.notation.reading.notation_error import Errors, NotationError

Check = Callable[[str, int, bool], Expression]  # expression text, its line, whether it may name the run `now`

_NO_RIGHT_CHOICE = N_(
    "has no right answer; allowed: one row - [x] text `expression`, the condition under which it is right"
)
_NO_RIGHT_NUMBER = N_("has no right answer; allowed: one row - [x] text `expression`, the value of the number")
_NO_RIGHT_SENTENCE = N_("has no right sentence; allowed: one row - [x] text")
_ANOTHER_THAN_A_CONDITION = N_("has another kind of expression; allowed: a condition, as in near.epochs > fast.epochs")
_ANOTHER_THAN_A_NUMBER = N_("has another kind of expression; allowed: a number, since the step has tol")
_OF_A_TASK = N_("has an expression; allowed: - [x] text, and below it, indented, why that does it")
_OF_A_SENTENCE = N_("has an expression, which the sentences of .explain have none of; allowed: - [x] text")


def answers_of(
    section: LessonSection, kind: StepKind | None, is_choice: bool | None, errors: Errors, check: Check
) -> tuple[Answer, ...]:
    """Parses the answers among a step's rows; faults go to `errors`, and a faulty row is left out.

    `kind` and `is_choice` are None if they could not be read from the heading. `check` parses expressions.
    """
    rows = [row for row in section.rows if row.mark in ("x", " ")]
    for row in section.rows:
        if row.mark == "model" and kind not in (StepKind.EXPLAIN, None):
            problem = _("is a model answer, which .{kind} has none of; allowed: in .explain")
            errors.add(row.line, problem.format(kind=kind))
    if kind in (StepKind.SAY, StepKind.DRAW):
        if rows:
            problem = _("is an answer, which .{kind} has none of").format(kind=kind)
            errors.add(rows[0].line, with_allowed(problem, comma_separated(["- hint:", "- note:"])))
        return ()
    answers = []
    for row in rows:
        with errors.collected():
            answers.append(_answer(row, kind, is_choice, check))
    if kind is None or not section.is_whole:
        return ()
    if problem := _problem(rows, kind, is_choice):
        errors.add(section.line, problem)
    return tuple(answers)


def _problem(rows: list[LessonRow], kind: StepKind, is_choice: bool | None) -> str:
    """Returns the message if a step's answer rows have the wrong number or more than one is right; else empty."""
    right = [row.line for row in rows if row.mark == "x"]
    if len(right) > 1:
        problem = _("has right answers in lines {lines}; allowed: one row with [x]")
        return problem.format(lines=join_and([str(line) for line in right]))
    if kind is StepKind.DO or (kind is StepKind.EXPLAIN and not rows):
        return ""
    if not right:
        if kind is StepKind.EXPLAIN:
            return _(_NO_RIGHT_SENTENCE)
        return _(_NO_RIGHT_CHOICE if is_choice else _NO_RIGHT_NUMBER)
    if is_choice and not 2 <= len(rows) <= len(LETTERS):
        problem = ngettext("has {n} choice", "has {n} choices", len(rows))
        allowed = _("2 to {most}, or tol and answer for a number") if kind in QUESTIONS else _("2 to {most}")
        return with_allowed(problem, allowed.format(most=len(LETTERS)))
    return ""


def _answer(row: LessonRow, kind: StepKind | None, is_choice: bool | None, check: Check) -> Answer:
    """Converts a row to an Answer; raises NotationError if its text or expression is missing or of the wrong kind."""
    if kind is StepKind.EXPLAIN or (kind is StepKind.DO and row.mark == "x"):
        if row.code:
            raise NotationError(row.line, _(_OF_A_SENTENCE if kind is StepKind.EXPLAIN else _OF_A_TASK))
    elif not row.code:
        raise NotationError(row.line, _("has no expression; allowed: - [x] text `expression`, at the end of its line"))
    else:
        is_condition = check(row.code, row.line, kind is StepKind.DO).is_condition
        if is_choice is not None and is_condition is not is_choice:
            raise NotationError(row.line, _(_ANOTHER_THAN_A_CONDITION if is_choice else _ANOTHER_THAN_A_NUMBER))
    if not row.text:
        raise NotationError(row.line, _("has no text; allowed: - [x] text `expression`"))
    return Answer(row.text, row.mark == "x", row.code, row.prose, row.line)
