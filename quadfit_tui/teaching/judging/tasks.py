"""Tasks: whether the run on the screen is what a `.do` asks for, and what is said of one that is not."""

from __future__ import annotations

import ast
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
    listed,
    ngettext,
    ngettext_noop,
    paragraph,
)
from quadfit_tui.core.training.position import START
from quadfit_tui.core.training.status import Status
from quadfit_tui.teaching.judging.facts import Facts, format_value
from quadfit_tui.teaching.notation.expression import NOW, Expression, ExpressionError, Value
from quadfit_tui.teaching.notation.lesson import Face, Step, changes_of

TIPS = N_("{expression} is decided by rounding; leave more room")
_DIGITS = 3
_MOST_FOREIGN = 2  # changes that are named
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
# Of two numbers that are written the other way round.
_TURNED: dict[type[ast.cmpop], type[ast.cmpop]] = {ast.Lt: ast.Gt, ast.LtE: ast.GtE, ast.Gt: ast.Lt, ast.GtE: ast.LtE}
# What facts are called within a sentence, but for those that are parameters.
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
    """Whether the run on the screen is what a task asks for; raises ExpressionError where it lacks what that names."""
    return step.until is not None and not _foreign(step, facts, now.config) and facts.value(step.until, now) is True


def does_with(step: Step, facts: Facts, config: RunConfig, changes: Mapping[str, object]) -> bool:
    """Whether a run does a task once it is played with some changes."""
    with suppress(ConfigError, ExpressionError):
        return is_done(step, facts, facts.snapshot(config.with_values(changes)))
    return False


def task_faults(step: Step, facts: Facts) -> Iterator[str]:
    """What keeps a task from being one: it is done without doing anything, or not by its solution.

    Raises ExpressionError where a run lacks what the task names.
    """
    assert step.run is not None
    config, until, solution = facts.lesson.runs[step.run], step.until, step.solution
    if until is None or solution is None:
        return
    if is_done(step, facts, facts.arrival(config, step.at or START)):
        yield _("the task is done on arrival: {condition} is true at once").format(condition=until)
    elif step.only and does_with(step, facts, config, {}):  # a run that overflowed lacks much of what is asked
        yield _("the task is done by its run as it is: {condition} is true at its end").format(condition=until)
    try:
        solved = facts.snapshot(config.with_values(changes_of(solution)))
    except ConfigError as refusal:
        yield f"solution={solution}: {refusal.problem}"
        return
    if not is_done(step, facts, solved):
        told = _("the task is not done by its solution {solution}: {condition} is false")
        yield told.format(solution=solution, condition=until)
    for now in (facts.arrival(config, step.at or START), solved):
        if facts.outcome(until, now).depends_on_rounding:
            yield _(TIPS).format(expression=until)


def refused(step: Step, facts: Facts, config: RunConfig) -> str:
    """What of a run is changed though the task lets only other settings be, in a sentence; empty where nothing is."""
    changes = _foreign(step, facts, config)
    if not changes:
        return ""
    told = comma_separated(changes[:_MOST_FOREIGN])
    if len(changes) > _MOST_FOREIGN:
        told = _("{some} and {n} more").format(some=told, n=len(changes) - _MOST_FOREIGN)
    names = listed([PARAMETERS[name].label for name in step.only])
    said = _("Only {names} may change here: {changes}.").format(names=names, changes=told)
    again = _("R: again.") if facts.face is Face.SCREEN else _("Type again to go back to the run of this step.")
    return paragraph([said, again])


def _foreign(step: Step, facts: Facts, config: RunConfig) -> tuple[str, ...]:
    """The changes of a run that a task does not let be, each as `tol 1e-05 → 1e12`."""
    if not step.only or step.run is None:
        return ()
    return differences(facts.lesson.runs[step.run], config, besides=step.only)


def answer_to(step: Step, facts: Facts, now: Snapshot) -> str:
    """What is said of a run that has ended and is not what a task asks for: what it came to, and what is asked."""
    said = clauses(list(_unmet(step, facts, now)))
    told = _("Not yet: {what}.").format(what=said) if said else _("Not yet.")
    return paragraph([told, remark_on(step, facts, now)])


def remark_on(step: Step, facts: Facts, now: Snapshot) -> str:
    """What the first row of a task says that is true of a run; empty where none is."""
    for row in step.ends:
        with suppress(ExpressionError):  # what it names is nothing that this run has
            if not row.is_right and facts.value(row.expression, now) is True:
                return facts.render_prose(row.feedback)
    return ""


def success_told(step: Step, facts: Facts) -> str:
    """What is said to a run that does a task: why, or what there is to see in the runs that were asked for."""
    return paragraph([_("Done."), why(step, facts)])


def why(step: Step, facts: Facts) -> str:
    """Returns only why a run does a task; empty if the task does not say."""
    return "" if step.success is None else facts.render_prose(step.success.feedback)


# What is asked


def parts_of(condition: str) -> list[ast.expr]:
    """The conditions that all have to be true for one to be."""

    def parts(tree: ast.expr) -> Iterator[ast.expr]:
        if isinstance(tree, ast.BoolOp) and isinstance(tree.op, ast.And):
            for value in tree.values:
                yield from parts(value)
        else:
            yield tree

    return [*parts(Expression.parse(condition).tree)]


def compared(part: ast.expr) -> tuple[str, type[ast.cmpop], ast.expr] | None:
    """The fact of the run on the screen that a condition compares, how, and with what; None where it does not."""
    match part:
        case ast.Compare(left=left, ops=[sign], comparators=[right]):
            if fact := _fact_of_now(left):
                return fact, type(sign), right
            if fact := _fact_of_now(right):
                return fact, _TURNED.get(type(sign), type(sign)), left
    return None


def _fact_of_now(node: ast.expr) -> str:
    match node:
        case ast.Attribute(value=ast.Name(id=name), attr=fact) if name == NOW:
            return fact
    return ""


def _unmet(step: Step, facts: Facts, now: Snapshot) -> Iterator[str]:
    """What is false of a run, each part as its fact and what is asked of that."""
    tells_end = False  # which says more than how many epochs there were
    for part in parts_of(step.until or ""):
        with suppress(ExpressionError):
            comparison = compared(part)
            if facts.value(ast.unparse(part), now) is True or comparison is None:
                continue
            fact, sign, bound = comparison
            asked = facts.value(ast.unparse(bound), now)
            if fact == "status":
                tells_end = True
                yield _ended(now, asked if sign is ast.Eq else "")
            elif not (tells_end and fact == "epochs"):
                yield _compared_with(fact, facts.value(f"{NOW}.{fact}", now), sign, asked)


def _compared_with(fact: str, value: Value, sign: type[ast.cmpop], asked: Value) -> str:
    """A fact of a run, and what is asked of it."""
    if fact in _COUNTS and sign in _OF_COUNTS and isinstance(value, int) and isinstance(asked, int):
        return ngettext(*_OF_COUNTS[sign], asked, done=ngettext(*_COUNTS[fact], value))
    shown_value, bound = _apart(value, asked)
    return _(_OF_NUMBERS[sign]).format(fact=called(fact), value=shown_value, bound=bound)


def _apart(value: Value, asked: Value) -> tuple[str, str]:
    """Two values as texts: with three digits, or with as many as show that they differ."""
    if isinstance(value, float) or isinstance(asked, float):
        for digits in range(_DIGITS, 18):
            texts = rounded(float(value), digits), rounded(float(asked), digits)
            if texts[0] != texts[1]:
                return texts
    return format_value(value), format_value(asked)


def rounded(value: float, digits: int = _DIGITS) -> str:
    """A number that a run came to, as a student is told it: large ones without a power of ten, as lessons have them."""
    text = f"{value:.{digits}g}"
    return f"{float(text):.0f}" if 1e3 <= abs(value) < 1e9 else text


def called(fact: str) -> str:
    """What a fact of a run is called within a sentence."""
    if fact in _CALLED:
        return _(_CALLED[fact]).format(parameter=fact[-1])
    return PARAMETERS[fact].label if fact in PARAMETERS else fact.replace("_", " ")


def _ended(now: Snapshot, asked: Value) -> str:
    """How a run ended, where it was to end otherwise: as is `asked`, or just not so."""
    if now.status is Status.DIVERGED:
        return _("it diverged")
    if now.status is Status.CONVERGED:
        return ngettext(*_CONVERGED, now.epoch)
    told = {Status.CONVERGED.value: _NOT_CONVERGED, Status.DIVERGED.value: _NOT_DIVERGED}.get(str(asked), _DID_ALL)
    return ngettext(*told, now.epoch)
