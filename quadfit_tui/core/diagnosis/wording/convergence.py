"""Sentences for the page of i: where w settles, how fast the error shrinks, when the mean loss is below tol."""

from __future__ import annotations

from collections.abc import Iterable

from quadfit_tui.core.diagnosis.diagnose import RateForecast, RunDiagnosis
from quadfit_tui.core.diagnosis.forecast import RunForecast
from quadfit_tui.core.diagnosis.rest import Rest, RestReason
from quadfit_tui.core.methods.optimizers import OPTIMIZERS
from quadfit_tui.core.methods.schedules import is_constant
from quadfit_tui.core.methods.stopping import STOP_RULES
from quadfit_tui.core.model.array import Array
from quadfit_tui.core.session.closeness import Closeness, closeness, is_far
from quadfit_tui.core.session.snapshot import Snapshot
from quadfit_tui.core.session.verdict import got_worse
from quadfit_tui.core.text.language import _, ngettext
from quadfit_tui.core.text.numbers import format_distinct, format_short
from quadfit_tui.core.training.status import Status

_FAST = 0.75  # minimum power of the epochs by which a distance shrinks fast
_SAME = 1e-6  # minimum relative excess over the least mean loss of a place that is not the optimum


def settling_sentences(snapshot: Snapshot, diagnosis: RunDiagnosis) -> Iterable[str]:
    """Yields sentences on where w comes to rest, if the rate stays as it is or dies out; for other runs none."""
    task, config, over = snapshot.task, snapshot.config, snapshot.status.ended
    if diagnosis.stalls is not None and snapshot.status is not Status.CONVERGED:
        yield _stall(diagnosis, diagnosis.stalls)
        return
    if diagnosis.fits or not OPTIMIZERS[config.optimizer].is_affine or (over and not is_constant(config)):
        return
    if diagnosis.left_to_rounding:
        forecast = diagnosis.forecast
        if over:
            yield _("At this rate, rounding decides where the run ended.")
        else:
            yield _("At this rate, rounding decides where the run ends.")
        if got_worse(snapshot):
            yield _("The mean loss was higher there than at the start.")
        elif not over and forecast is not None and forecast.gets_worse:
            yield _("The mean loss will be higher there than at the start.")
        return
    if config.shuffle and not task.is_full_batch:
        yield _(
            "No parabola passes through all samples, and each epoch takes them in a new order. So at a constant rate w "
            "never comes to rest but keeps moving; how far depends on the rate."
        )
        return
    settles = diagnosis.settles
    if settles is None:
        return
    place = _place(diagnosis, settles.w, settles.mean_loss)
    yield _("At the ends of epochs, w settles {place}.").format(place=place)
    if settles.mean_loss <= (1 + _SAME) * diagnosis.least:
        return
    if task.updates_per_epoch == 1:
        yield _("Samples that are in no batch have no influence on it.")
    else:
        yield _(
            "Each update pulls w toward what fits its own samples best, and the last updates of an epoch count most."
        )
    forecast = diagnosis.forecast
    end = snapshot.mean_loss if over else None if forecast is None else forecast.mean_loss
    if end is not None and (
        is_far(end, settles.mean_loss, diagnosis.aim) or is_far(settles.mean_loss, end, diagnosis.aim)
    ):
        yield _("The run ended before w got there.") if over else _("The run ends before w gets there.")


def _place(diagnosis: RunDiagnosis, w: Array, mean_loss: float) -> str:
    """Formats the place of a w, in coordinates of x, as the end of a sentence: `at the optimum`."""
    if mean_loss <= (1 + _SAME) * diagnosis.least:
        return _("at the optimum")
    reached, least = format_distinct(mean_loss, diagnosis.least)
    match closeness(diagnosis.task, w, mean_loss):
        case Closeness.CLOSE:
            template = _("near the optimum, at a mean loss of {reached}; the best possible is {least}")
        case Closeness.FAR:
            template = _("far from the optimum, at a mean loss of {reached}; the best possible is {least}")
        case Closeness.AWAY:
            template = _("at a mean loss of {reached}; the best possible is {least}")
    return template.format(reached=reached, least=least)


def _stall(diagnosis: RunDiagnosis, rest: Rest) -> str:
    """Returns the sentence on where and why w comes to rest."""
    places = {"place": _place(diagnosis, rest.w, rest.mean_loss), "schedule": diagnosis.task.config.schedule}
    match rest.why:
        case RestReason.ROUNDED:
            return ngettext(
                "Because w is rounded to {n} decimal after each epoch, it comes to rest {place}.",
                "Because w is rounded to {n} decimals after each epoch, it comes to rest {place}.",
                diagnosis.task.config.round_epochs or 0,
                **places,
            )
        case RestReason.ENDS:
            template = _("Schedule {schedule} lowers the rate to 0 by the end of the run, which leaves w {place}.")
        case RestReason.NEARS if rest.power is not None and rest.power < _FAST:
            places["times"] = format_short(10**rest.power)
            template = _(
                "With schedule {schedule}, w nears the optimum ever more slowly: in the long run, 10 times as many "
                "epochs divide its distance in the flattest direction by about {times}."
            )
        case RestReason.NEARS:
            template = _("Schedule {schedule} lowers the rate so slowly that in the end w comes to the optimum.")
        case _:
            template = _(
                "However long the run goes on, schedule {schedule} lowers the rate so "
                "fast that w comes to rest {place}."
            )
    return template.format(**places)


def epoch_sentences(snapshot: Snapshot, diagnosis: RunDiagnosis, at_rate: RateForecast | None) -> Iterable[str]:
    """Yields sentences on how fast the error shrinks, and how long it takes; no forecast for a run that has ended."""
    config, forecast = snapshot.config, diagnosis.forecast
    lasts = is_constant(config)
    shrinkage = None if at_rate is None else at_rate.decrement
    if at_rate is not None and at_rate.rate == 0:
        yield _("The rate has come down to 0: no gradient moves w any more.")
    elif at_rate is not None and shrinkage is not None and shrinkage.is_known and (lasts or not snapshot.status.ended):
        place = _("the optimum") if diagnosis.settles_at_best else _("the place where w settles")
        template = _(
            "In the long run, each epoch at learning rate {rate} multiplies the distance to {place} by {factor}."
        )
        if not lasts:
            template = _(
                "In the long run, an epoch at a constant learning rate of {rate} would multiply the distance to "
                "{place} by {factor}."
            )
        yield template.format(rate=format_short(at_rate.rate), place=place, factor=_factor(shrinkage.share))
    if not diagnosis.tol_tells:
        yield _of_tol(snapshot)
    if not diagnosis.least < config.tol:
        bound, least = format_distinct(config.tol, diagnosis.least)
        template = _("The mean loss cannot fall below tol {tol}: even at the optimum it is {least}.")
        yield template.format(tol=bound, least=least)
    if snapshot.status.ended or forecast is None:
        return
    yield from _predicted(diagnosis, forecast)
    if at_rate is not None and at_rate.epochs is not None and config.schedule != "constant":
        yield ngettext(
            "With a constant learning rate of {rate} from the start it would take {n} epoch.",
            "With a constant learning rate of {rate} from the start it would take {n} epochs.",
            at_rate.epochs,
            rate=format_short(at_rate.rate),
        )


def _of_tol(snapshot: Snapshot) -> str:
    """Returns the sentence that the mean loss is below tol from the start, and what follows from it."""
    loss, tol = format_distinct(snapshot.task.loss_at_start, snapshot.config.tol)
    template = _("At the start, the mean loss is {loss}, already below tol {tol}: tol says nothing about this run.")
    if STOP_RULES[snapshot.config.stop_on].select_loss is not None:
        template = _(
            "At the start, the mean loss is {loss}, already below tol {tol}, so the run may stop after its first epoch "
            "however good it is; with a lower tol it goes on."
        )
    return template.format(loss=loss, tol=tol)


def _predicted(diagnosis: RunDiagnosis, forecast: RunForecast) -> Iterable[str]:
    """Yields the forecast of a run that goes on, in sentences."""
    config, tol = diagnosis.task.config, format_short(diagnosis.task.config.tol)
    goes_down = config.schedule != "constant"
    below = forecast.epochs if forecast.passes is None else forecast.passes
    if below is not None:
        after = ngettext("{n} epoch", "{n} epochs", below)
        if below > config.epochs and goes_down:
            template = _(
                "Predicted: mean loss below tol {tol} after {epochs} with schedule {schedule} (the run has {all})."
            )
        elif below > config.epochs:
            template = _("Predicted: mean loss below tol {tol} after {epochs} (the run has {all}).")
        elif goes_down:
            template = _("Predicted: mean loss below tol {tol} after {epochs} with schedule {schedule}.")
        else:
            template = _("Predicted: mean loss below tol {tol} after {epochs}.")
        yield template.format(tol=tol, epochs=after, schedule=config.schedule, all=f"{config.epochs:,}")
    if forecast.passes is not None and forecast.end is None:
        yield _("Whether it is still below tol at the end of the run is not predicted.")
    elif forecast.passes is not None and not forecast.diverges:
        yield _("However, it is not below tol at the end of the run.")
    if forecast.diverges:
        if goes_down:
            yield _("Predicted: the run diverges with schedule {schedule}.").format(schedule=config.schedule)
        else:
            yield _("Predicted: the run diverges.")
    elif below is None and diagnosis.tol_tells and _is_open(diagnosis):
        yield _("It is not predicted whether, or when, this run reaches a mean loss below tol {tol}.").format(tol=tol)
    if forecast.mean_loss is not None and not (diagnosis.stalls and diagnosis.stalls.why is RestReason.ENDS):
        yield ngettext(
            "At the end, after {n} epoch, the mean loss will be {loss}.",
            "At the end, after {n} epochs, the mean loss will be {loss}.",
            config.epochs,
            loss=format_short(forecast.mean_loss),
        )


def _is_open(diagnosis: RunDiagnosis) -> bool:
    """Returns whether the mean loss may still fall below tol, as far as is known."""
    tol, stalls = diagnosis.task.config.tol, diagnosis.stalls
    return diagnosis.least < tol and not (stalls and stalls.mean_loss > tol)


def _factor(share: float) -> str:
    """Formats the factor 1 − `share` by which an epoch multiplies the distance, without rounding it to 1."""
    if abs(share) < 1e-3:
        return f"1 {'−' if share > 0 else '+'} {format_short(abs(share))}"
    return format_short(1 - share)
