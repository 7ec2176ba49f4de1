"""Formats how a run ended, and whether its stopping rule was right, as sentences."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal, NamedTuple

from quadfit_tui.core.methods.stopping import STOP_RULES
from quadfit_tui.core.session.closeness import AT, NEAR, Closeness, closeness
from quadfit_tui.core.text.language import N_, _, full_stop, ngettext, ngettext_noop, paragraph
from quadfit_tui.core.text.numbers import format_distinct, format_short, format_vector
from quadfit_tui.core.training.status import MOST_GROWTH, Status

if TYPE_CHECKING:  # the table of formats imports this without NumPy
    from quadfit_tui.core.model.array import Array
    from quadfit_tui.core.model.task import FitTask
    from quadfit_tui.core.session.snapshot import Moment, Snapshot

_HEADINGS = {
    Status.READY: N_("READY"),
    Status.RUNNING: N_("RUNNING"),
    Status.PAUSED: N_("PAUSED"),
    Status.CONVERGED: N_("CONVERGED"),
    Status.FINISHED: N_("FINISHED"),
    Status.DIVERGED: N_("DIVERGED"),
}
_STATES = {
    Status.READY: N_("ready"),
    Status.RUNNING: N_("running"),
    Status.PAUSED: N_("paused"),
    Status.CONVERGED: N_("converged"),
    Status.FINISHED: N_("finished"),
    Status.DIVERGED: N_("diverged"),
}
# The place of w: with the numbers, and without them for screens that show w anyway.
_DISTANCES = {
    Closeness.CLOSE: (
        N_("w {w} is close to, but not at, the optimum {optimum}"),
        N_("w is close to, but not at, the optimum"),
    ),
    Closeness.FAR: (N_("w {w} is far from the optimum {optimum}"), N_("w is far from the optimum")),
    Closeness.AWAY: (N_("w {w} is not at the optimum {optimum}"), N_("w is not at the optimum")),
}


def heading(snapshot: Snapshot, limit: float | None = None) -> str:
    """Returns the state of a run in one word, for the header; DIVERGING while it diverges, even if its epochs are done.

    `limit` is the learning rate above which the run diverges; without it, DIVERGING is never returned.
    """
    if stopped_above_tol(snapshot):
        return _("STOPPED")
    if snapshot.status is not Status.DIVERGED and is_diverging(snapshot, limit):
        return _("DIVERGING")
    return _(_HEADINGS[snapshot.status])


def state(moment: Moment) -> str:
    """Returns the state of a moment in a list of runs in one word, without a prediction."""
    return _("stopped") if stopped_above_tol(moment) else _(_STATES[moment.status])


def is_diverging(snapshot: Snapshot, limit: float | None) -> bool:
    """Returns whether the mean loss is above that of the start and will grow, as the rate is above the `limit`."""
    return limit is not None and snapshot.lr > limit and not snapshot.mean_loss <= snapshot.task.loss_at_start


def verdict(snapshot: Snapshot, tells_least: bool = True) -> str:
    """Returns one sentence or two on the end of a run; an empty string while it goes on.

    `tells_least`: with the least mean loss, if the run has reached it.
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
    """Returns whether a run has ended with a higher mean loss than it began with."""
    return snapshot.status.ended and not snapshot.mean_loss <= snapshot.task.loss_at_start


def brief_verdict(snapshot: Snapshot, tells_least: bool = True) -> str:
    """Returns the verdict for screens that show w and the mean loss: without them, unless they are the point."""
    config = snapshot.config
    rule, epochs, tol = STOP_RULES[config.stop_on], _epochs(snapshot), format_short(config.tol)
    match snapshot.status:
        case Status.DIVERGED if snapshot.overflowed:
            return _("diverged in epoch {epoch}: the numbers overflowed.").format(epoch=snapshot.epoch)
        case Status.DIVERGED:
            template = _("diverged: the mean loss is more than {growth} times that of the start.")
            return template.format(growth=f"{MOST_GROWTH:,}")
        case Status.CONVERGED if not rule.name:
            return _("converged after {epochs}: mean loss below tol {tol}.").format(epochs=epochs, tol=tol)
        case Status.CONVERGED:
            return _converged(snapshot, brief=True)
        case Status.FINISHED if not rule.name:
            all_done = all_epochs(snapshot)
            if got_worse(snapshot):
                start = _loss_at_start(snapshot)
                return _("{done}; the mean loss was lower at the start: {loss}.").format(done=all_done, loss=start)
            if tells_least and (floor := at_floor(snapshot, brief=True)):
                return floor
            if rule.select_loss is None:
                return full_stop(all_done)
            if is_at_tol(snapshot):
                return _("{done}; mean loss not below tol {tol}.").format(done=all_done, tol=tol)
            return _("{done}; mean loss still above tol {tol}.").format(done=all_done, tol=tol)
        case _:
            return verdict(snapshot, tells_least)


def in_few_columns(snapshot: Snapshot) -> str:
    """Returns how the run ended, in the fewest words, for narrow terminals."""
    if snapshot.status is Status.DIVERGED:
        return _("diverged.")
    if snapshot.status is Status.FINISHED:
        return full_stop(all_epochs(snapshot))
    if STOP_RULES[snapshot.config.stop_on].name:
        return ngettext("stopped after {n} epoch.", "stopped after {n} epochs.", snapshot.epoch)
    return ngettext("converged after {n} epoch.", "converged after {n} epochs.", snapshot.epoch)


def all_epochs(snapshot: Snapshot) -> str:
    """Returns the beginning of a sentence: the run has finished all of its epochs."""
    return ngettext("finished the only epoch", "finished all {n} epochs", snapshot.config.epochs)


def shortest(snapshot: Snapshot) -> str:
    """Returns the verdict on a run that stopped although its mean loss is not below tol, for few columns."""
    tol, mean_loss = format_distinct(snapshot.config.tol, snapshot.mean_loss)
    template = _("stopped after {epochs}, although the mean loss, {mean_loss}, is not below tol {tol}.")
    return template.format(epochs=_epochs(snapshot), mean_loss=mean_loss, tol=tol)


def progress_word(moment: Moment) -> Literal["optimum", "converged", "far"]:
    """Returns how far a run has come, for files of the run: "optimum", "converged" or "far", as `standing_of`."""
    return standing_of(moment.task, moment.status, moment.w, moment.mean_loss)


def standing_of(task: FitTask, status: Status, w: Array, mean_loss: float) -> Literal["optimum", "converged", "far"]:
    """Returns "optimum" if w, in coordinates of x, is close to it, else "converged" if it is below tol, else "far"."""
    if status is Status.DIVERGED:
        return "far"
    if closeness(task, w, mean_loss) is Closeness.CLOSE:
        return "optimum"
    return "converged" if mean_loss < task.config.tol else "far"


def stopped_above_tol(snapshot: Moment) -> bool:
    """Returns whether a run stopped although its mean loss is not below tol."""
    return snapshot.status is Status.CONVERGED and not snapshot.mean_loss < snapshot.config.tol


def is_at_tol(snapshot: Snapshot) -> bool:
    """Returns whether the loss that the stopping rule looks at is exactly tol, so that it did not stop the run."""
    return _judged_value(snapshot) == snapshot.config.tol


def _mean_loss(snapshot: Snapshot) -> str:
    """Returns the name of the mean loss in a sentence."""
    count = len(snapshot.problem.x)
    return ngettext("the loss of the single sample", "the mean loss of all {count} samples", count, count=count)


def _epochs(snapshot: Snapshot) -> str:
    return ngettext("{n} epoch", "{n} epochs", snapshot.epoch)


def _judged_value(snapshot: Snapshot) -> float:
    """Returns the loss that the stopping rule looked at."""
    judged = STOP_RULES[snapshot.config.stop_on].select_loss
    return snapshot.mean_loss if judged is None else float(judged(snapshot.loss or 0.0, snapshot.mean_loss))


class _LossBesideTol(NamedTuple):
    """The name and value of the loss that the stopping rule looked at, and tol, with digits that tell them apart."""

    loss: str
    value: str
    tol: str

    @classmethod
    def of(cls, snapshot: Snapshot) -> _LossBesideTol:
        rule, decimals = STOP_RULES[snapshot.config.stop_on], snapshot.config.round_epochs
        value, tol = format_distinct(_judged_value(snapshot), snapshot.config.tol)
        if rule.name and decimals is not None:
            counts = ngettext_noop("{value} when rounded to {n} decimal", "{value} when rounded to {n} decimals")
            value = ngettext(*counts, decimals, value=value)
        return cls(_(rule.name) if rule.name else _mean_loss(snapshot), value, tol)


def _converged(snapshot: Snapshot, brief: bool = False) -> str:
    """Returns the verdict on a run that its rule stopped; `brief` leaves out the numbers of w."""
    config, judged = snapshot.config, _LossBesideTol.of(snapshot)._asdict()
    judged["epochs"] = _epochs(snapshot)
    if not STOP_RULES[config.stop_on].name:
        return _("converged after {epochs}: {loss}, {value}, is below tol {tol}.").format(**judged)
    judged |= {"other": _mean_loss(snapshot), "mean_loss": format_distinct(snapshot.mean_loss, config.tol)[0]}
    if not stopped_above_tol(snapshot):
        template = _("stopped after {epochs}: {loss}, {value}, is below tol {tol}; so is {other}, {mean_loss}.")
        return template.format(**judged)
    template = _(
        "stopped after {epochs}: {loss}, {value}, is below tol {tol}. However, {other}, {mean_loss}, is not: {where}."
    )
    return template.format(**judged, where=_distance(snapshot, brief))


def _distance(snapshot: Snapshot, brief: bool) -> str:
    """Formats whether w is far from the optimum; `brief` leaves out the numbers."""
    whole, without_numbers = _DISTANCES[closeness(snapshot.task, snapshot.w, snapshot.mean_loss)]
    if brief:
        return _(without_numbers)
    return _(whole).format(w=format_vector(snapshot.w), optimum=format_vector(snapshot.problem.optimum))


def _finished(snapshot: Snapshot, tells_least: bool) -> str:
    """Returns the verdict on a run whose epochs are all done."""
    if tells_least and (floor := at_floor(snapshot)):
        message = floor
    else:
        all_done = ngettext("the only epoch is done", "all {n} epochs are done", snapshot.config.epochs)
        message = _("finished: {done}; {came_to}.").format(done=all_done, came_to=_came_to(snapshot))
    return paragraph([message, *_worse(snapshot)])


def _came_to(snapshot: Snapshot) -> str:
    """Formats the loss that the stopping rule looks at, beside tol, for a run that it did not stop."""
    if STOP_RULES[snapshot.config.stop_on].select_loss is None:
        return _("{loss} is {value}").format(loss=_mean_loss(snapshot), value=format_short(snapshot.mean_loss))
    judged = _LossBesideTol.of(snapshot)._asdict()
    if is_at_tol(snapshot):
        return _("{loss}, {value}, is not below tol {tol}").format(**judged)
    return _("{loss}, {value}, is still above tol {tol}").format(**judged)


def at_floor(snapshot: Snapshot, brief: bool = False) -> str:
    """Returns the verdict on a run that ends near the least mean loss, which is its floor; else an empty string."""
    config, task, mean_loss = snapshot.config, snapshot.task, snapshot.mean_loss
    least = task.trained.least
    reachable = STOP_RULES[config.stop_on].select_loss is not None and least < config.tol
    if reachable or task.trained.is_fitted or not mean_loss <= NEAR * least:
        return ""
    noise, is_least = config.data is None and bool(config.noise), is_at_floor(snapshot)
    if is_least and noise:
        template = _("at the optimum: with this noise the mean loss cannot go below {least}.")
    elif is_least:
        template = _("at the optimum: with these samples the mean loss cannot go below {least}.")
    elif brief and noise:
        template = _("near the optimum: with this noise the mean loss cannot go below {least}.")
    elif brief:
        template = _("near the optimum: with these samples the mean loss cannot go below {least}.")
    elif noise:
        template = _("near the optimum: the mean loss is {loss}; with this noise it cannot go below {least}.")
    else:
        template = _("near the optimum: the mean loss is {loss}; with these samples it cannot go below {least}.")
    return template.format(least=format_short(least), loss=format_short(mean_loss))


def is_at_floor(snapshot: Snapshot) -> bool:
    """Returns whether the mean loss is the least one, up to a few digits."""
    return snapshot.mean_loss <= AT * snapshot.task.trained.least


def _worse(snapshot: Snapshot) -> list[str]:
    """Returns a sentence if the run ended with a higher mean loss than it began with, without an overflow."""
    start = _loss_at_start(snapshot)
    return [_("It was lower at the start: {loss}.").format(loss=start)] if got_worse(snapshot) else []


def _loss_at_start(snapshot: Snapshot) -> str:
    return format_short(snapshot.task.loss_at_start)


def _diverged(snapshot: Snapshot) -> str:
    """Returns the verdict on a run that diverged."""
    if not snapshot.overflowed:
        all_done = ngettext("the only epoch is done", "all {n} epochs are done", snapshot.config.epochs)
        template = _("diverged: {done}, and {loss}, {value}, is more than {growth} times that of the start, {start}.")
        places = {
            "loss": _mean_loss(snapshot),
            "value": format_short(snapshot.mean_loss),
            "start": _loss_at_start(snapshot),
        }
        return template.format(done=all_done, growth=f"{MOST_GROWTH:,}", **places)
    return ngettext(
        "diverged in epoch {epoch}, after {n} update: the numbers overflowed (beyond the range of a 64-bit float); "
        "the last w before that is {w}.",
        "diverged in epoch {epoch}, after {n} updates: the numbers overflowed (beyond the range of a 64-bit float); "
        "the last w before that is {w}.",
        snapshot.updates,
        epoch=snapshot.epoch,
        w=format_vector(snapshot.w),
    )
