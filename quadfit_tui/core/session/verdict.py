"""Says in words how a run ended, and whether its stopping rule told the truth."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from quadfit_tui.core.methods.stopping import STOP_RULES
from quadfit_tui.core.session.closeness import AT, NEAR, Closeness, closeness
from quadfit_tui.core.text.numbers import counted, short, told_apart, vector
from quadfit_tui.core.training.status import Status

if TYPE_CHECKING:  # the table of formats, which needs this, needs no NumPy
    from quadfit_tui.core.session.snapshot import Moment, Snapshot


def heading(snapshot: Snapshot, limit: float | None = None) -> str:
    """The state of a run in one word; DIVERGING as long as it does, also where its epochs are done.

    `limit` is the learning rate above which the run diverges; without one nothing is said of that.
    """
    if misled(snapshot):
        return "STOPPED"
    if snapshot.status is not Status.DIVERGED and is_diverging(snapshot, limit):
        return "DIVERGING"
    return snapshot.status.upper()


def is_diverging(snapshot: Snapshot, limit: float | None) -> bool:
    """Whether the mean loss is above that of the start and, at a rate above the `limit`, goes on to grow."""
    return limit is not None and snapshot.lr > limit and not snapshot.mean_loss <= snapshot.task.loss_at_start


def verdict(snapshot: Snapshot, tells_least: bool = True) -> str:
    """One sentence or two about the end of a run; empty while it goes on.

    `tells_least`: with the least mean loss, where the run has come to that.
    """
    match snapshot.status:
        case Status.CONVERGED:
            return _converged(snapshot)
        case Status.FINISHED:
            return _finished(snapshot, tells_least)
        case Status.DIVERGED:
            return _diverged(snapshot)
        case _:
            return ""


def got_worse(snapshot: Snapshot) -> bool:
    """Whether a run has ended farther off than it began."""
    return snapshot.status.ended and not snapshot.mean_loss <= snapshot.task.loss_at_start


def briefly(snapshot: Snapshot, tells_least: bool = True) -> str:
    """The verdict where w and the mean loss are seen anyway: without them, unless they are the point of it."""
    config = snapshot.config
    rule, tol = STOP_RULES[config.stop_on], short(config.tol)
    match snapshot.status:
        case Status.DIVERGED:
            return f"diverged in epoch {snapshot.epoch}: the numbers overflowed."
        case Status.CONVERGED if not rule.name:
            return f"converged {_after(snapshot)}: mean loss below tol {tol}."
        case Status.CONVERGED:
            return _converged(snapshot, brief=True)
        case Status.FINISHED if not rule.name:
            done = "the only epoch" if config.epochs == 1 else f"all {counted(config.epochs, 'epoch')}"
            if got_worse(snapshot):
                return f"finished {done}; the mean loss was lower at the start: {short(snapshot.task.loss_at_start)}."
            if tells_least and (floor := at_floor(snapshot, brief=True)):
                return floor
            if rule.judged is None:
                return f"finished {done}."
            return f"finished {done}; mean loss {beside_tol(snapshot)} {tol}."
        case _:
            return verdict(snapshot, tells_least)


def shortest(snapshot: Snapshot) -> str:
    """The verdict about a run that stopped although its mean loss is not below tol, for few columns."""
    tol, mean_loss = told_apart(snapshot.config.tol, snapshot.mean_loss)
    return f"stopped {_after(snapshot)}, although the mean loss, {mean_loss}, is not below tol {tol}."


def standing(moment: Moment) -> Literal["optimum", "converged", "far"]:
    """Where a run has come to, in a word: w is close to the optimum, or its mean loss below tol, or neither."""
    if moment.status is Status.DIVERGED:
        return "far"
    if closeness(moment.task, moment.w, moment.mean_loss) is Closeness.CLOSE:
        return "optimum"
    return "converged" if moment.mean_loss < moment.config.tol else "far"


def misled(snapshot: Moment) -> bool:
    """Whether a run stopped although its mean loss is not below tol."""
    return snapshot.status is Status.CONVERGED and not snapshot.mean_loss < snapshot.config.tol


def beside_tol(snapshot: Snapshot) -> str:
    """What the loss that the stopping rule looks at is in a run that it did not stop."""
    return "not below tol" if _judged_value(snapshot) == snapshot.config.tol else "still above tol"


def _mean_loss(snapshot: Snapshot) -> str:
    """What the mean loss is called."""
    count = len(snapshot.problem.x)
    return f"the mean loss of all {count} samples" if count > 1 else "the loss of the single sample"


def _judged_value(snapshot: Snapshot) -> float:
    """The loss that the stopping rule looked at."""
    judged = STOP_RULES[snapshot.config.stop_on].judged
    return snapshot.mean_loss if judged is None else float(judged(snapshot.loss or 0.0, snapshot.mean_loss))


def _judged(snapshot: Snapshot) -> tuple[str, str]:
    """The loss that the stopping rule looked at, `its name, its value,`, and tol, told apart where they differ."""
    rule, decimals = STOP_RULES[snapshot.config.stop_on], snapshot.config.round_epochs
    value, tol = told_apart(_judged_value(snapshot), snapshot.config.tol)
    if not rule.name:
        return f"{_mean_loss(snapshot)}, {value},", tol
    rounded = "" if decimals is None else f" when rounded to {counted(decimals, 'decimal')}"
    return f"{rule.name}, {value}{rounded},", tol


def _converged(snapshot: Snapshot, brief: bool = False) -> str:
    config = snapshot.config
    judged, tol = _judged(snapshot)
    reached = f"{_after(snapshot)}: {judged} is below tol {tol}"
    if not STOP_RULES[config.stop_on].name:
        return f"converged {reached}."
    mean_loss = f"{_mean_loss(snapshot)}, {told_apart(snapshot.mean_loss, config.tol)[0]}"
    if not misled(snapshot):
        return f"stopped {reached}; so is {mean_loss}."
    return f"stopped {reached}. However, {mean_loss}, is not: {_distance(snapshot, brief)}."


def _after(snapshot: Snapshot) -> str:
    return f"after {counted(snapshot.epoch, 'epoch')}"


def _distance(snapshot: Snapshot, brief: bool) -> str:
    """Whether w is far from the optimum."""
    match closeness(snapshot.task, snapshot.w, snapshot.mean_loss):
        case Closeness.CLOSE:
            where = "close to, but not at,"
        case Closeness.FAR:
            where = "far from"
        case Closeness.AWAY:
            where = "not at"
    if brief:
        return f"w is {where} the optimum"
    return f"w {vector(snapshot.w)} is {where} the optimum {vector(snapshot.problem.optimum)}"


def _finished(snapshot: Snapshot, tells_least: bool) -> str:
    config = snapshot.config
    if tells_least and (floor := at_floor(snapshot)):
        return " ".join(filter(None, (floor, _worse(snapshot))))
    done = "the only epoch is" if config.epochs == 1 else f"all {counted(config.epochs, 'epoch')} are"
    if STOP_RULES[config.stop_on].judged is None:
        said = f"finished: {done} done; {_mean_loss(snapshot)} is {short(snapshot.mean_loss)}."
    else:
        judged, tol = _judged(snapshot)
        said = f"finished: {done} done; {judged} is {beside_tol(snapshot)} {tol}."
    return " ".join(filter(None, (said, _worse(snapshot))))


def at_floor(snapshot: Snapshot, brief: bool = False) -> str:
    """What a run has come to that ends where the mean loss can hardly become less; empty of any other."""
    config, task, mean_loss = snapshot.config, snapshot.task, snapshot.mean_loss
    least = task.trained.least
    reachable = STOP_RULES[config.stop_on].judged is not None and least < config.tol
    if reachable or task.trained.is_fitted or not mean_loss <= NEAR * least:
        return ""
    why = "with this noise" if config.data is None and config.noise else "with these samples"
    where = "at" if mean_loss <= AT * least else "near"
    if brief or where == "at":
        return f"{where} the optimum: {why} the mean loss cannot go below {short(least)}."
    return f"near the optimum: the mean loss is {short(mean_loss)}; {why} it cannot go below {short(least)}."


def _worse(snapshot: Snapshot) -> str:
    """What is to be said of a run that made things worse without leaving the doubles."""
    return f"It was lower at the start: {short(snapshot.task.loss_at_start)}." if got_worse(snapshot) else ""


def _diverged(snapshot: Snapshot) -> str:
    where = f"diverged in epoch {snapshot.epoch}, after {counted(snapshot.updates, 'update')}"
    overflow = "the numbers overflowed (beyond the range of a 64-bit float)"
    return f"{where}: {overflow}; the last w before that is {vector(snapshot.w)}."
