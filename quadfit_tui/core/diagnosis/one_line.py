"""The diagnosis of a run in one line: the rate beside its limit, where it leads, what mends it.

What there is no room for is said in a shorter way, or left out.
"""

from __future__ import annotations

from quadfit_tui.core.diagnosis.diagnose import Diagnosis, Remedy
from quadfit_tui.core.diagnosis.rate_comparison import of_diverged, of_rate
from quadfit_tui.core.diagnosis.rest import Why
from quadfit_tui.core.diagnosis.trials import Trial
from quadfit_tui.core.methods.stopping import STOP_RULES
from quadfit_tui.core.session.closeness import is_far, is_good
from quadfit_tui.core.text.document import LINE_WIDTH
from quadfit_tui.core.text.numbers import counted, short
from quadfit_tui.core.text.width import columns
from quadfit_tui.core.training.status import Status

_MORE, _WHY = ("; press i for details", "; i: details", "; press i"), ("; press i to see why", "; i: why")
_WORSE, _EARLY = "; gets worse", ", too early"


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
    said = of_diverged(diagnosis, rate) if diverged else of_rate(diagnosis, rate)
    too_slow = diagnosis.epochs is not None and not diagnosis.converges
    too_high = diagnosis.too_high(rate) and not diagnosis.converges
    foretold = [] if status is Status.READY else _told(diagnosis, remedy, status)
    told = foretold or ([""] if too_high else _out_of_reach(diagnosis))
    told_so = told[-1].endswith((_WORSE, _EARLY))
    wrong = too_high or (
        status is not Status.READY and any((diverged, too_slow, diagnosis.settles_far, remedy is not None, told_so))
    )
    pointers: tuple[str, ...] = _WHY if wrong else _MORE
    pointed = [text + pointer for text in told for pointer in pointers]
    endings = [*sorted(pointed, key=columns, reverse=True), *told, *pointers, ""]
    choices = [text + end for end in endings for text in said]
    return next((text for text in choices if columns(text) <= width), choices[-1])


def _told(diagnosis: Diagnosis, remedy: Remedy | None, status: Status) -> list[str]:
    """What follows the rate and its limit, in one way or a shorter one: where it leads, how long it takes, a remedy.

    Nothing where a run goes on of which there is nothing of this to say.
    """
    config = diagnosis.task.config
    epochs, coming = diagnosis.epochs, diagnosis.forecast
    if coming is not None and coming.misled is not None and not status.ended:
        stops, loss = f"; stops after {counted(coming.misled[0], 'epoch')}", short(coming.misled[1])
        return [f"{stops}, at a mean loss of {loss}", f"{stops} at mean loss {loss}", f"{stops}{_EARLY}"]
    says_more = status is Status.DIVERGED or (remedy is not None and any(trial.good for trial in remedy.trials))
    rest = diagnosis.settles or (None if says_more else diagnosis.stalls)
    if rest is not None and not is_good(rest.mean_loss, diagnosis.least, config.tol) and epochs is None:
        loss, least = f"{rest.mean_loss:.2g}", f"{diagnosis.least:.2g}"
        reached = None if coming is None else coming.mean_loss
        if reached is None or not apart(reached, rest.mean_loss, config.tol):
            at = f"at a mean loss of {loss}, the best is {least}"
            if rest.why is Why.ENDS:
                return [f"; ends {at}", f"; ends at mean loss {loss}, best {least}"]
            long = f"; settles {at}" if rest.why is Why.SETTLES else f"; comes to rest {at}"
            return [long, f"; mean loss nears {loss}, best {least}"]
        if status.ended:
            return [f"; would settle at a mean loss of {loss}", f"; would settle at mean loss {loss}"]
        end = f"but ends at {reached:.2g}"
        nears = f"; nears a mean loss of {loss}, {end}"
        return [
            f"{nears} after {counted(config.epochs, 'epoch')}",
            nears,
            f"; nears mean loss {loss}, {end}",
        ]
    reachable = status.ended or _out_of_reach(diagnosis) == [""]
    if remedy is not None and remedy.trials and (reachable or remedy.trials[0].good):
        mended = _mended(remedy.trials[0])
        worse = coming is not None and coming.gets_worse and not status.ended
        return [f"{_WORSE}{text}" for text in mended if worse] + mended
    if status.ended:
        return [""]
    if epochs is None:
        if coming is not None and coming.gets_worse and coming.mean_loss is None:
            return [_WORSE]
        if coming is not None and coming.diverges:
            return ["; it will diverge"]
        return []
    if not diagnosis.converges:
        return [f"; would need {counted(epochs, 'epoch')}"]
    if config.stop_on != "dataset":  # the run may end earlier, or go on
        return [f"; mean loss below tol after {counted(epochs, 'epoch')}"]
    return [f"; should converge after {counted(epochs, 'epoch')}"]


def _out_of_reach(diagnosis: Diagnosis) -> list[str]:
    """What there is to say where no w brings the mean loss below the tol that the run is to stop at."""
    if diagnosis.fits or diagnosis.least < diagnosis.task.config.tol or diagnosis.task.config.stop_on != "dataset":
        return [""]
    least = short(diagnosis.least)
    return [f"; tol is out of reach: the mean loss cannot go below {least}", f"; tol is out of reach (best {least})"]


def apart(one: float, other: float, tol: float) -> bool:
    """Whether one of two mean losses is far above the other."""
    return is_far(one, other, tol) or is_far(other, one, tol)


def _mended(trial: Trial) -> list[str]:
    """What follows of a change, in one way or a shorter one."""
    if trial.changed == ("lr",) and trial.converged:
        return [f"; {change(trial)} {ends(trial)}"]
    told = f"; with {change(trial)} it {ends(trial)}"
    if "scale_features" in trial.changed:
        alone = trial.good and len(trial.changed) == 1
        return [told, f"; scaled features {'mend it' if alone else 'help'}"]
    if not trial.good:
        return [told, f"; with {change(trial)} it ends at mean loss {short(trial.mean_loss)}"]
    return [told, f"; {change(trial)} {'mends it' if len(trial.changed) == 1 else 'mend it'}"]


def ends(trial: Trial) -> str:
    """How a run ends, whoever it is: `converges after 25 epochs`."""
    if trial.converged and STOP_RULES[trial.config.stop_on].judged is None:
        return f"brings the mean loss below tol after {counted(trial.epochs, 'epoch')}"
    if trial.converged:
        return f"converges after {counted(trial.epochs, 'epoch')}"
    return f"ends at a mean loss of {short(trial.mean_loss)}"


def change(trial: Trial) -> str:
    """What a trial has other than the run: `lr 0.92`, `schedule halve`, `scaled features and lr 0.7`."""
    config = trial.config
    words = {
        "scale_features": "scaled features",
        "lr": f"lr {short(config.lr)}",
        "schedule": f"schedule {config.schedule}",
    }
    return " and ".join(word for name, word in words.items() if name in trial.changed)
