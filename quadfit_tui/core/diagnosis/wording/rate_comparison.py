"""A learning rate compared with the limit of stability, in words: above, at or below it, and by how much.

Each sentence comes in several versions, ever shorter, and without a period, for the line on the screen.
"""

from __future__ import annotations

from typing import NamedTuple

from quadfit_tui.core.config.parameters import RunConfig
from quadfit_tui.core.diagnosis.diagnose import RunDiagnosis
from quadfit_tui.core.diagnosis.rest import DEAD, ends_with_run
from quadfit_tui.core.diagnosis.stability import LimitBasis
from quadfit_tui.core.methods.optimizers import OPTIMIZERS
from quadfit_tui.core.methods.schedules import FOREVER, epoch_of_rate_below, first_rate, is_constant
from quadfit_tui.core.text.language import N_, _, clauses
from quadfit_tui.core.text.numbers import format_comparison, format_in_range, format_short, rounded_down
from quadfit_tui.core.text.sentences import capitalized

NEAR = 0.01  # relative distance from a limit set by rounding within which either may happen
LITTLE = 1e-3  # share of the first rate below which a schedule that dies out counts as used up


class RateNames(NamedTuple):
    """The names of a rate in a comparison: for the rate of now, and for the one that a run began with."""

    now: str
    at_start: str


LR = RateNames(N_("lr {rate}"), N_("lr {rate} at the start"))
IN_FULL = RateNames(N_("Learning rate {rate}"), N_("Learning rate {rate} at the start"))
UNNUMBERED = RateNames(N_("lr"), N_("lr at the start"))


def compare_rate(diagnosis: RunDiagnosis, rate: float, called: RateNames = LR) -> list[str]:
    """Compares a rate with the limit, in versions ever shorter; if it is used up, compares the first rate."""
    if is_used_up(diagnosis.task.config, rate):
        return _used_up(diagnosis, rate, called)
    limit = diagnosis.limit
    if limit.rate is None:
        return _without_limit(diagnosis.task.config, called)
    return _beside_limit(diagnosis, limit.rate, rate, called)


def in_few_columns(diagnosis: RunDiagnosis, rate: float, called: RateNames = LR) -> list[str]:
    """Compares the rate in few columns: without the number of the limit, then also without that of the rate."""
    config, limit_rate = diagnosis.task.config, diagnosis.limit.rate
    if is_used_up(config, rate):
        places = {"schedule": config.schedule, "first": format_short(first_rate(config))}
        return [_("{schedule} has used up lr {first}").format(**places)]
    if limit_rate is None:
        return []
    template = _("{rate} is below {limit}")
    if diagnosis.limit.basis is LimitBasis.ROUNDING and abs(rate / limit_rate - 1) < NEAR:
        template = _("{rate} is close to {limit}")
    elif rate == limit_rate:
        template = _("{rate} is at {limit}")
    elif rate > limit_rate:
        template = _("{rate} is above {limit}")
    value = format_rate_and_limit(rate, limit_rate, diagnosis.limit.basis)[0]
    unnumbered = UNNUMBERED.at_start if called.now == called.at_start else UNNUMBERED.now
    names = _(called.now).format(rate=value), _(unnumbered)
    return [template.format(rate=name, limit=limit_name(diagnosis)) for name in names]


def is_used_up(config: RunConfig, rate: float) -> bool:
    """Returns whether a schedule that dies out has left hardly anything of its first rate."""
    first = first_rate(config)
    if is_constant(config) or not rate < LITTLE * first:
        return False
    return ends_with_run(config) or epoch_of_rate_below(config, DEAD * first, FOREVER) is not None


def _used_up(diagnosis: RunDiagnosis, rate: float, called: RateNames) -> list[str]:
    """Compares the first rate with the limit, and adds that the schedule has used it up."""
    config = diagnosis.task.config
    first = first_rate(config)
    places = {"schedule": config.schedule, "first": format_short(first), "rate": format_short(rate)}
    at_start = called._replace(now=called.at_start)
    note = _("schedule {schedule} has used it up: it is now {rate}").format(**places)
    alone = _("schedule {schedule} has used up lr {first}: it is now {rate}").format(**places)
    compared = [] if diagnosis.limit.rate is None else compare_rate(diagnosis, first, at_start)[:1]
    return [*(clauses([text, note]) for text in compared), alone]


def _beside_limit(diagnosis: RunDiagnosis, limit_rate: float, rate: float, called: RateNames) -> list[str]:
    """Compares a rate with the limit, with both numbers, in versions ever shorter."""
    rate_limit = diagnosis.limit
    share, (value, limit) = rate / limit_rate, format_rate_and_limit(rate, limit_rate, rate_limit.basis)
    if window := diagnosis.window_at(rate):
        value, low, high = format_in_range(rate, *window)
        places = {"rate": _(called.now).format(rate=value), "limit": limit, "low": low, "high": high}
        ways = (
            _("{rate} is above the first limit {limit}, but stable: between {low} and {high} w settles again"),
            _("{rate} is stable again ({low} to {high})"),
            _("{rate} is above the first limit {limit}"),
        )
        return [way.format(**places) for way in ways]
    name = _(called.now).format(rate=value)
    if rate_limit.basis is LimitBasis.SAFE:
        versions = [_("{rate} is safe: below {limit} it cannot diverge"), _("{rate} is below {limit}: safe")]
        if share >= 1 and (diagnosis.converges or called.now == called.at_start):
            versions = [_("{rate} is above the safe rate {limit}")]
        elif share >= 1:
            versions = [_("{rate} may diverge; it is only safe below {limit}")]
        return [way.format(rate=name, limit=limit) for way in versions]
    bound = limit_name(diagnosis, limit)
    if rate_limit.basis is LimitBasis.ROUNDING and abs(share - 1) < NEAR:
        return [_("{rate} is close to {limit}").format(rate=name, limit=bound)]
    if share == 1:
        return [_("{rate} is at {limit}").format(rate=name, limit=bound)]
    if share > 1:
        return [_above(diagnosis, rate, name, limit)]
    if share > 0.995:
        return [_("{rate} is just below {limit}").format(rate=name, limit=bound)]
    # xgettext: no-python-format
    below = _("{rate} is {percent} % of {limit}")
    return [below.format(rate=name, percent=f"{100 * share:.2g}", limit=bound)]


def compare_ended_rate(diagnosis: RunDiagnosis, rate: float, called: RateNames = LR) -> list[str]:
    """Compares the rate that was too high, that of the end or of the start; if none was, that of the start."""
    rate_limit, (culprit, names) = diagnosis.limit, explaining_rate(diagnosis, rate, called)
    if rate_limit.rate is None or culprit == rate_limit.rate or not diagnosis.too_high(culprit):
        return compare_rate(diagnosis, culprit, names)
    value, limit = format_rate_and_limit(culprit, rate_limit.rate, rate_limit.basis)
    name = _(names.now).format(rate=value)
    if rate_limit.basis is LimitBasis.SAFE:
        ways = _("{rate} is above {limit}, below which it cannot diverge"), _("{rate} is above the safe rate {limit}")
        return [way.format(rate=name, limit=limit) for way in ways]
    return [_above(diagnosis, culprit, name, limit)]


def explaining_rate(diagnosis: RunDiagnosis, rate: float, called: RateNames = LR) -> tuple[float, RateNames]:
    """Returns the rate that explains the end of a run, its last `rate` or its first one, and the names for it."""
    config = diagnosis.task.config
    first = first_rate(config)
    if rate == first or diagnosis.too_high(rate) or is_used_up(config, rate):
        return rate, called
    return first, called._replace(now=called.at_start)


def _above(diagnosis: RunDiagnosis, rate: float, name: str, limit: str) -> str:
    """Formats that a rate is above the limit, and as unsure if it may be in a window that was not computed."""
    task, is_only = diagnosis.task, diagnosis.limit.basis is not LimitBasis.SAFE and diagnosis.window is None
    if is_only and task.updates_per_epoch > 1 and rate != first_rate(task.config):
        return _("{rate} is above {limit}, below which w settles").format(rate=name, limit=limit)
    return _("{rate} is above {limit}").format(rate=name, limit=limit_name(diagnosis, limit))


def limit_name(diagnosis: RunDiagnosis, limit: str = "") -> str:
    """Formats the name of the limit in a sentence, with its number if given; the first one if a window is above it."""
    if diagnosis.limit.basis is LimitBasis.SAFE:
        template = _("the safe rate {limit}") if limit else _("the safe rate")
    elif diagnosis.window is None:
        template = _("the limit {limit}") if limit else _("the limit")
    else:
        template = _("the first limit {limit}") if limit else _("the first limit")
    return template.format(limit=limit)


def format_rate_and_limit(rate: float, limit: float, basis: LimitBasis) -> tuple[str, str]:
    """Formats a rate and its limit, the limit rounded down; a limit set by rounding has three digits."""
    return (format_short(rate), rounded_down(limit)) if basis is LimitBasis.ROUNDING else format_comparison(rate, limit)


def _without_limit(config: RunConfig, called: RateNames) -> list[str]:
    """Returns sentences for a run that has no known limit."""
    name = capitalized(config.optimizer) if called is IN_FULL else config.optimizer
    ways = (
        _("{optimizer}: no learning-rate limit is known for this kind of run"),
        _("{optimizer}: no limit of lr is known"),
    )
    if not OPTIMIZERS[config.optimizer].is_affine:
        ways = (
            _("{optimizer} rescales each gradient, so the learning rate has no fixed limit"),
            _("{optimizer}: lr has no fixed limit"),
        )
    return [way.format(optimizer=name) for way in ways]
