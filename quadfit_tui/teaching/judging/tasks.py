"""Tasks: checks whether the run on the screen fulfills a `.do` step, and renders feedback if it does not."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator, Mapping
from contextlib import suppress

from quadfit_tui.core.config.differences import differences
from quadfit_tui.core.config.parameters import PARAMETERS, ConfigError, RunConfig
from quadfit_tui.core.session.snapshot import Snapshot
from quadfit_tui.core.text.language import (
    N_,
    _,
    clauses,
    comma_separated,
    join_and,
    ngettext,
    ngettext_noop,
    paragraph,
    with_remark,
)
from quadfit_tui.core.training.position import START
from quadfit_tui.core.training.status import Status
from quadfit_tui.teaching.judging.facts import Facts, format_value
from quadfit_tui.teaching.notation.expression import NOW, Expression, ExpressionError, Value
from quadfit_tui.teaching.notation.lesson import Face, Step, parse_solution

DEPENDS_ON_ROUNDING = N_("{expression} is decided by rounding; leave more room")
_DIGITS = 3
_MOST_FOREIGN = 2  # limit of forbidden changes that a message names
_COUNTS = {
    "epochs": ngettext_noop("{n} epoch", "{n} epochs"),
    "updates": ngettext_noop("{n} update", "{n} updates"),
}
_OF_COUNTS: dict[type[ast.cmpop], tuple[str, str]] = {
    ast.Lt: ngettext_noop("{done}, and fewer than {n} is asked", "{done}, and fewer than {n} are asked"),
    ast.LtE: ngettext_noop("{done}, and at most {n} is asked", "{done}, and at most {n} are asked"),
    ast.Gt: ngettext_noop("{done}, and more than {n} is asked", "{done}, and more than {n} are asked"),
    ast.GtE: ngettext_noop("{done}, and at least {n} is asked", "{done}, and at least {n} are asked"),
    ast.Eq: ngettext_noop("{done}, and {n} is asked", "{done}, and {n} are asked"),
}
_OF_NUMBERS: dict[type[ast.cmpop], str] = {
    ast.Lt: N_("{fact} {value}, and below {bound} is asked"),
    ast.LtE: N_("{fact} {value}, and at most {bound} is asked"),
    ast.Gt: N_("{fact} {value}, and above {bound} is asked"),
    ast.GtE: N_("{fact} {value}, and at least {bound} is asked"),
    ast.Eq: N_("{fact} {value}, and {bound} is asked"),
    ast.NotEq: N_("{fact} {value}, and another one is asked"),
}
# Comparisons with their sides exchanged.
_TURNED: dict[type[ast.cmpop], type[ast.cmpop]] = {ast.Lt: ast.Gt, ast.LtE: ast.GtE, ast.Gt: ast.Lt, ast.GtE: ast.LtE}
# Names of facts within a sentence, except of parameters.
_CALLED = {
    **{f"start_{name}": N_("{parameter} at the start") for name in ("a", "b", "c")},
    **{f"best_{name}": N_("{parameter} of the best parabola") for name in ("a", "b", "c")},
    "epochs": N_("epochs"),
    "updates": N_("updates"),
    "updates_per_epoch": N_("updates of each epoch"),
    "mean_loss": N_("mean loss"),
    "loss": N_("loss of the last update"),
    "start": N_("mean loss at the start"),
    "last_lr": N_("lr of the last update"),
    "distance": N_("distance from the best w"),
    "limit": N_("limit of lr"),
    "least": N_("mean loss of the best parabola"),
    "truth_loss": N_("mean loss of the true parabola"),
}
_CONVERGED = ngettext_noop("it converged after {n} epoch", "it converged after {n} epochs")
_DID_ALL = ngettext_noop("it did its only epoch", "it did all its {n} epochs")
_NOT_CONVERGED = ngettext_noop("it did not converge in {n} epoch", "it did not converge in {n} epochs")
_NOT_DIVERGED = ngettext_noop("it did not diverge in {n} epoch", "it did not diverge in {n} epochs")


def is_done(step: Step, facts: Facts, now: Snapshot) -> bool:
    """Whether the run on the screen fulfills a task; raises ExpressionError if it lacks a fact that the task names."""
    if step.until is None or _forbidden_changes(step, facts, now.config):
        return False
    return facts.value(step.until, now) is True


def is_done_with(step: Step, facts: Facts, config: RunConfig, changes: Mapping[str, object]) -> bool:
    """Whether a run, played to its end with some changes, fulfills a task; false if they are invalid."""
    with suppress(ConfigError, ExpressionError):
        return is_done(step, facts, facts.snapshot(config.with_values(changes)))
    return False


def task_faults(step: Step, facts: Facts) -> Iterator[str]:
    """Yields the faults of a task: it is fulfilled before the student acts, or not by its solution.

    Raises ExpressionError if a run lacks a fact that the task names.
    """
    assert step.run is not None
    config = facts.lesson.runs[step.run]
    until, solution = step.until, step.solution
    if until is None or solution is None:
        return
    if is_done(step, facts, facts.trained_up_to(config, step.at or START)):
        template = _("the task is done on arrival: {condition} is true at once; add how it ends, as in {example}")
        yield template.format(condition=until, example="now.status == 'converged' and …")
    elif step.only and is_done_with(step, facts, config, {}):  # false if it overflowed, and lacks facts
        yield _("the task is done by its run as it is: {condition} is true at its end").format(condition=until)
    try:
        solved = facts.snapshot(config.with_values(parse_solution(solution)))
    except ConfigError as refusal:
        yield f"solution={solution}: {refusal.problem}"
        return
    if not is_done(step, facts, solved):
        template = _("the task is not done by its solution {solution}: {condition} is false")
        fault, unmet = template.format(solution=solution, condition=until), clauses(list(_unmet(step, facts, solved)))
        yield with_remark(fault, unmet) if unmet else fault
    for now in (facts.trained_up_to(config, step.at or START), solved):
        if facts.outcome(until, now).depends_on_rounding:
            yield _(DEPENDS_ON_ROUNDING).format(expression=until)


def forbidden_changes_message(step: Step, facts: Facts, config: RunConfig) -> str:
    """Returns the message that a student has changed settings that the task forbids, and which; empty if none."""
    changes = _forbidden_changes(step, facts, config)
    if not changes:
        return ""
    shown = comma_separated(changes[:_MOST_FOREIGN])
    if len(changes) > _MOST_FOREIGN:
        shown = _("{some} and {n} more").format(some=shown, n=len(changes) - _MOST_FOREIGN)
    names = join_and([PARAMETERS[name].label for name in step.only])
    refusal = _("Only {names} may change here: {changes}.").format(names=names, changes=shown)
    way_back = _("R: again.") if facts.face is Face.SCREEN else _("Type again to go back to the run of this step.")
    return paragraph([refusal, way_back])


def _forbidden_changes(step: Step, facts: Facts, config: RunConfig) -> tuple[str, ...]:
    """Returns the changes of a run that a task forbids, each as `tol 1e-05 → 1e12`."""
    if not step.only or step.run is None:
        return ()
    return differences(facts.lesson.runs[step.run], config, besides=step.only)


def unmet_feedback(step: Step, facts: Facts, now: Snapshot) -> str:
    """Renders the feedback to a run that has ended and does not fulfill a task: its result, and what is asked."""
    unmet = clauses(list(_unmet(step, facts, now)))
    verdict = _("Not yet: {what}.").format(what=unmet) if unmet else _("Not yet.")
    return paragraph([verdict, matching_feedback(step, facts, now)])


def matching_feedback(step: Step, facts: Facts, now: Snapshot) -> str:
    """Renders the feedback of the first wrong row of a task whose condition holds for a run; empty if none does."""
    for row in step.run_feedback:
        with suppress(ExpressionError):  # this run lacks a fact that the row names
            if not row.is_right and facts.value(row.expression, now) is True:
                return facts.render_prose(row.feedback)
    return ""


def success_feedback(step: Step, facts: Facts) -> str:
    """Renders the feedback to a run that fulfills a task: `Done.`, and why, or what to see in the runs asked for."""
    return paragraph([_("Done."), success_reason(step, facts)])


def success_reason(step: Step, facts: Facts) -> str:
    """Renders the reason why a run fulfills a task; empty if the lesson has none."""
    return "" if step.success is None else facts.render_prose(step.success.feedback)


# The conditions of a task


def split_condition(condition: str) -> list[ast.expr]:
    """Splits a condition at `and` into the conditions that must all be true."""

    def parts(tree: ast.expr) -> Iterator[ast.expr]:
        if isinstance(tree, ast.BoolOp) and isinstance(tree.op, ast.And):
            for value in tree.values:
                yield from parts(value)
        else:
            yield tree

    return [*parts(Expression.parse(condition).tree)]


def compared_value(part: ast.expr) -> tuple[ast.expr, type[ast.cmpop], ast.expr] | None:
    """Returns the value of the run on the screen that a condition compares, the operator, and the other side.

    None if it is no comparison of such a value: of a fact, or of what is computed from facts.
    """
    match part:
        case ast.Compare(left=left, ops=[sign], comparators=[right]):
            if _is_of_now(left):
                return left, type(sign), right
            if _is_of_now(right):
                return right, _TURNED.get(type(sign), type(sign)), left
    return None


def _is_of_now(node: ast.expr) -> bool:
    """Whether an expression has a fact of the run on the screen."""
    return any(isinstance(part, ast.Name) and part.id == NOW for part in ast.walk(node))


def _fact_of_now(node: ast.expr) -> str:
    """Returns the name of the fact if a node is one of the run on the screen, such as `now.epochs`; else empty."""
    match node:
        case ast.Attribute(value=ast.Name(id=name), attr=fact) if name == NOW:
            return fact
    return ""


def _unmet(step: Step, facts: Facts, now: Snapshot) -> Iterator[str]:
    """Yields the conditions of a task that a run does not meet, each as a clause with its value and the bound."""
    names_end = False  # how a run ended says more than its number of epochs, which is then left out
    for part in split_condition(step.until or ""):
        with suppress(ExpressionError):
            comparison = compared_value(part)
            if facts.value(ast.unparse(part), now) is True or comparison is None:
                continue
            compared, sign, bound = comparison
            fact, asked = _fact_of_now(compared), facts.value(ast.unparse(bound), now)
            if fact == "status":
                names_end = True
                yield _outcome_clause(now, asked if sign is ast.Eq else "")
            elif not (names_end and fact == "epochs"):
                yield _comparison_clause(compared, facts.value(ast.unparse(compared), now), sign, asked)


def _comparison_clause(compared: ast.expr, value: Value, sign: type[ast.cmpop], asked: Value) -> str:
    """Formats a fact of a run with its value and the bound that is asked: `100 epochs, and fewer than 90 are asked`.

    What is computed from facts is named by their names: `mean loss - mean loss of the best parabola`.
    """
    fact = _fact_of_now(compared)
    if fact in _COUNTS and sign in _OF_COUNTS and isinstance(value, int) and isinstance(asked, int):
        return ngettext(*_OF_COUNTS[sign], asked, done=ngettext(*_COUNTS[fact], value))
    shown_value, bound = _format_distinct(value, asked)
    name = re.sub(rf"\b{NOW}\.(\w+)", lambda match: fact_name(match[1]), ast.unparse(compared))
    return _(_OF_NUMBERS[sign]).format(fact=name, value=shown_value, bound=bound)


def _format_distinct(value: Value, asked: Value) -> tuple[str, str]:
    """Formats two values with three digits, or with as many as it takes to show that they differ."""
    if isinstance(value, float) or isinstance(asked, float):
        for digits in range(_DIGITS, 18):
            texts = format_rounded(float(value), digits), format_rounded(float(asked), digits)
            if texts[0] != texts[1]:
                return texts
    return format_value(value), format_value(asked)


def format_rounded(value: float, digits: int = _DIGITS) -> str:
    """Formats a number of a run for students; large ones have no power of ten, as in the texts of lessons."""
    text = f"{value:.{digits}g}"
    return f"{float(text):.0f}" if 1e3 <= abs(value) < 1e9 else text


def fact_name(fact: str) -> str:
    """Returns the name of a fact of a run within a sentence, such as `mean loss`."""
    if fact in _CALLED:
        return _(_CALLED[fact]).format(parameter=fact[-1])
    return PARAMETERS[fact].label if fact in PARAMETERS else fact.replace("_", " ")


def _outcome_clause(now: Snapshot, asked: Value) -> str:
    """Formats how a run ended if a task asks for another end: that named by `asked`, or any other if it is empty."""
    if now.status is Status.DIVERGED:
        return _("it diverged")
    if now.status is Status.CONVERGED:
        return ngettext(*_CONVERGED, now.epoch)
    templates = {Status.CONVERGED.value: _NOT_CONVERGED, Status.DIVERGED.value: _NOT_DIVERGED}
    if now.config.stop_on == "never":  # its mean loss may be 0, which nobody would call not converged
        del templates[Status.CONVERGED.value]
    return ngettext(*templates.get(str(asked), _DID_ALL), now.epoch)
