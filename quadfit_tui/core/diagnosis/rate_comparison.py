"""A learning rate beside the limit of stability, in words: above, at or below it, and by how much.

Each comes in one way or a shorter one, and without a period, for the line on the screen.
"""

from __future__ import annotations

from quadfit_tui.core.config.parameters import RunConfig
from quadfit_tui.core.diagnosis.diagnose import Diagnosis
from quadfit_tui.core.diagnosis.stability import LimitBasis
from quadfit_tui.core.methods.optimizers import OPTIMIZERS
from quadfit_tui.core.methods.schedules import first_rate
from quadfit_tui.core.text.numbers import rounded_down, short, side_by_side, within

NEAR = 0.01  # of a limit that rounding sets: so close to it, either may happen


def of_rate(diagnosis: Diagnosis, rate: float, called: str = "lr") -> list[str]:
    """What a rate is beside the limit, in one way or a shorter one; where there is room it is `called` in full."""
    found, name = diagnosis.limit, name_of_limit(diagnosis)
    if found.rate is None:
        return _without_limit(diagnosis.task.config)
    share, (value, limit) = rate / found.rate, beside(rate, found.rate, found.basis)
    if window := diagnosis.window_at(rate):
        value, low, high = within(rate, *window)
        return [
            f"{called} {value} is above the first limit {limit}, but stable: between {low} and {high} w settles again",
            f"{called} {value} is stable again ({low} to {high})",
            f"{called} {value} is above the first limit {limit}",
        ]
    said = f"{called} {value}"
    if found.basis is LimitBasis.SAFE:
        if share < 1:
            return [
                f"{said} is safe: below {limit} it cannot diverge",
                f"{said} is below {limit}: safe",
            ]
        above = f"{said} is above the safe rate {limit}"
        return [above if diagnosis.converges else f"{said} may diverge; it is only safe below {limit}"]
    if found.basis is LimitBasis.ROUNDING and abs(share - 1) < NEAR:
        return [f"{said} is close to the {name} {limit}"]
    if share == 1:
        return [f"{said} is at the {name} {limit}"]
    if share > 1:
        return [_above(diagnosis, rate, said, limit)]
    if share > 0.995:
        return [f"{said} is just below the {name} {limit}"]
    return [f"{said} is {100 * share:.2g} % of the {name} {limit}"]


def of_diverged(diagnosis: Diagnosis, rate: float, called: str = "lr") -> list[str]:
    """Which rate was too high: that of the end, or the one that the run began with; `called` as in `of_rate`."""
    found, first = diagnosis.limit, first_rate(diagnosis.task.config)
    if found.rate is None:
        return _without_limit(diagnosis.task.config)
    culprit = rate if diagnosis.too_high(rate) else first
    if not diagnosis.too_high(culprit) or rate == found.rate:
        return of_rate(diagnosis, rate, called)
    value, limit = beside(culprit, found.rate, found.basis)
    said = f"{called} {value}" if culprit == rate else f"{called} {value} at the start"
    if found.basis is LimitBasis.SAFE:
        return [f"{said} is above {limit}, below which it cannot diverge", f"{said} is above the safe rate {limit}"]
    return [_above(diagnosis, culprit, said, limit)]


def _above(diagnosis: Diagnosis, rate: float, said: str, limit: str) -> str:
    """A rate above the limit: whether one that the schedule has come to is in a window, nobody has looked."""
    task, name = diagnosis.task, name_of_limit(diagnosis)
    if name == "limit" and task.updates_per_epoch > 1 and rate != first_rate(task.config):
        return f"{said} is above {limit}, below which w settles"
    return f"{said} is above the {name} {limit}"


def name_of_limit(diagnosis: Diagnosis) -> str:
    """What its limit is called: the first one where others are known to be above it."""
    if diagnosis.limit.basis is LimitBasis.SAFE:
        return "safe rate"
    return "limit" if diagnosis.window is None else "first limit"


def beside(rate: float, limit: float, basis: LimitBasis) -> tuple[str, str]:
    """A rate and its limit as they are told, the limit rounded down: rounding leaves one that it sets three digits."""
    return (short(rate), rounded_down(limit)) if basis is LimitBasis.ROUNDING else side_by_side(rate, limit)


def _without_limit(config: RunConfig) -> list[str]:
    name = config.optimizer
    if not OPTIMIZERS[name].is_affine:
        rescales = f"{name} rescales each gradient"
        return [f"{rescales}, so the learning rate has no fixed limit", f"{name}: lr has no fixed limit"]
    return [f"{name}: no learning-rate limit is known for this kind of run", f"{name}: no limit of lr is known"]
