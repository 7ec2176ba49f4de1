"""The diagnosis of a run in one line: the rate beside its limit, where it leads, what mends it.

What there is no room for is said in a shorter way, or left out.
"""

from __future__ import annotations

from quadfit_tui.core.diagnosis.diagnose import Diagnosis, Remedy
from quadfit_tui.core.diagnosis.rest import Rest, Why
from quadfit_tui.core.diagnosis.trials import Trial
from quadfit_tui.core.diagnosis.words.changes import change, ends, reached
from quadfit_tui.core.diagnosis.words.rate_comparison import LR, in_few_columns, of_end, of_ended, of_rate
from quadfit_tui.core.methods.stopping import STOP_RULES
from quadfit_tui.core.session.closeness import is_far, is_good
from quadfit_tui.core.text.document import LINE_WIDTH
from quadfit_tui.core.text.language import _, clauses, counted_as, noted, noted_counts
from quadfit_tui.core.text.numbers import short
from quadfit_tui.core.text.width import columns
from quadfit_tui.core.training.status import Status

_MORE = noted("press i for details"), noted("i: details"), noted("press i")
_WHY = noted("press i to see why"), noted("i: why")
_WORSE = noted("gets worse")


def one_line(
    diagnosis: Diagnosis,
    rate: float,
    remedy: Remedy | None = None,
    status: Status = Status.RUNNING,
    width: int = LINE_WIDTH,
) -> str:
    """The diagnosis at the rate that the schedule has come to, in at most `width` columns, if that is possible.

    `remedy` is as `offered`. Before a run was played nothing is predicted.
    """
    diverged = status is Status.DIVERGED
    said = of_ended(diagnosis, rate) if diverged else of_rate(diagnosis, rate)
    too_slow = diagnosis.epochs is not None and not diagnosis.converges
    too_high = diagnosis.too_high(rate) and not diagnosis.converges
    foretold = [] if status is Status.READY else _told(diagnosis, remedy, status)
    told = foretold or ([""] if too_high else _beside_tol(diagnosis))
    told_so = told == [_(_WORSE)] or _misled(diagnosis, status) is not None
    wrong = too_high or (
        status is not Status.READY and any((diverged, too_slow, diagnosis.settles_far, remedy is not None, told_so))
    )
    pointers = list(map(_, _WHY if wrong else _MORE))
    pointed = [clauses([text, pointer]) for text in told for pointer in pointers]
    endings = [*sorted(pointed, key=columns, reverse=True), *told, *pointers, ""]
    choices = [clauses([text, end]) for end in endings for text in said]
    choices += [
        clauses([text, end])
        for end in endings
        for text in in_few_columns(diagnosis, *(of_end(diagnosis, rate) if diverged else (rate, LR)))
    ]
    return next((text for text in choices if columns(text) <= width), choices[-1])


def _misled(diagnosis: Diagnosis, status: Status) -> tuple[int, float] | None:
    """After how many epochs a run that goes on will stop too early, and at which mean loss."""
    return None if status.ended or diagnosis.forecast is None else diagnosis.forecast.misled


def _told(diagnosis: Diagnosis, remedy: Remedy | None, status: Status) -> list[str]:
    """What follows the rate and its limit, in one way or a shorter one: where it leads, how long it takes, a remedy.

    Nothing where a run goes on of which there is nothing of this to say.
    """
    config = diagnosis.task.config
    epochs, coming = diagnosis.epochs, diagnosis.forecast
    if misled := _misled(diagnosis, status):
        return _stops_early(*misled)
    if diagnosis.is_stopped_by_tol(status):
        return _beside_tol(diagnosis)
    says_more = status is Status.DIVERGED or (remedy is not None and any(trial.good for trial in remedy.trials))
    rest = diagnosis.settles or (None if says_more else diagnosis.stalls)
    if rest is not None and not is_good(rest.mean_loss, diagnosis.least, diagnosis.aim) and epochs is None:
        return _settles(diagnosis, rest, status)
    reachable = status.ended or _beside_tol(diagnosis) == [""]
    if remedy is not None and remedy.trials and (reachable or remedy.trials[0].good):
        mended = _mended(remedy.trials[0])
        worse = coming is not None and coming.gets_worse and not status.ended
        return [clauses([_(_WORSE), text]) for text in mended if worse] + mended
    if status.ended:
        return [""]
    if epochs is None:
        if coming is not None and coming.gets_worse and coming.mean_loss is None:
            return [_(_WORSE)]
        if coming is not None and coming.diverges:
            return [_("it will diverge")]
        return []
    if not diagnosis.converges:
        return [counted_as("would need {n} epoch", "would need {n} epochs", epochs)]
    if config.stop_on != "dataset":  # the run may end earlier, or go on
        return [counted_as("mean loss below tol after {n} epoch", "mean loss below tol after {n} epochs", epochs)]
    return [counted_as("should converge after {n} epoch", "should converge after {n} epochs", epochs)]


def _stops_early(epochs: int, mean_loss: float) -> list[str]:
    loss = short(mean_loss)
    ways = (
        noted_counts(
            "stops after {n} epoch, at a mean loss of {loss}", "stops after {n} epochs, at a mean loss of {loss}"
        ),
        noted_counts("stops after {n} epoch at mean loss {loss}", "stops after {n} epochs at mean loss {loss}"),
        noted_counts("stops after {n} epoch, too early", "stops after {n} epochs, too early"),
    )
    return [counted_as(*way, epochs, loss=loss) for way in ways]


def _settles(diagnosis: Diagnosis, rest: Rest, status: Status) -> list[str]:
    """Where a run comes to in the end that is not near the optimum, and where it ends, if that is elsewhere."""
    config, coming = diagnosis.task.config, diagnosis.forecast
    end = None if coming is None else coming.mean_loss
    places = {"loss": f"{rest.mean_loss:.2g}", "least": f"{diagnosis.least:.2g}"}
    if end is None or not apart(end, rest.mean_loss, diagnosis.aim):
        ways = (
            _("comes to rest at a mean loss of {loss}, the best is {least}"),
            _("mean loss nears {loss}, best {least}"),
        )
        if rest.why is Why.ENDS:
            ways = _("ends at a mean loss of {loss}, the best is {least}"), _("ends at mean loss {loss}, best {least}")
        elif rest.why is Why.SETTLES:
            ways = _("settles at a mean loss of {loss}, the best is {least}"), ways[1]
        return [way.format(**places) for way in ways]
    if status.ended:
        ways = _("would settle at a mean loss of {loss}"), _("would settle at mean loss {loss}")
        return [way.format(**places) for way in ways]
    places["end"] = f"{end:.2g}"
    long = counted_as(
        "nears a mean loss of {loss}, but ends at {end} after {n} epoch",
        "nears a mean loss of {loss}, but ends at {end} after {n} epochs",
        config.epochs,
        **places,
    )
    ways = _("nears a mean loss of {loss}, but ends at {end}"), _("nears mean loss {loss}, but ends at {end}")
    return [long, *(way.format(**places) for way in ways)]


def _beside_tol(diagnosis: Diagnosis) -> list[str]:
    """What there is to say of the tol that the run is to stop at: the start is below it, or no w is."""
    if not diagnosis.tol_tells and STOP_RULES[diagnosis.task.config.stop_on].judged is not None:
        return [_("the start is already below tol: choose a lower one"), _("the start is below tol")]
    if diagnosis.fits or diagnosis.least < diagnosis.task.config.tol or diagnosis.task.config.stop_on != "dataset":
        return [""]
    ways = _("tol is out of reach: the mean loss cannot go below {least}"), _("tol is out of reach (best {least})")
    return [way.format(least=short(diagnosis.least)) for way in ways]


def apart(one: float, other: float, aim: float) -> bool:
    """Whether one of two mean losses is far above the other."""
    return is_far(one, other, aim) or is_far(other, one, aim)


def _mended(trial: Trial) -> list[str]:
    """What follows of a change, in one way or a shorter one."""
    changed = change(trial)
    if trial.changed == ("lr",) and trial.converged:
        return [_("{change} {ends}").format(change=changed, ends=ends(trial))]
    told, alone = _("with {change} it {ends}").format(change=changed, ends=ends(trial)), len(trial.changed) == 1
    if "scale_features" in trial.changed:
        brief = _("scaled features mend it") if trial.good and alone else _("scaled features help")
    elif not trial.good:
        brief = _("with {change} it ends at mean loss {loss}")
    else:
        brief = _("{change} mends it") if alone else _("{change} mend it")
    return [told, brief.format(change=changed, loss=reached(trial))]
