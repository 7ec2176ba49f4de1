"""Diagnosis: the numbers of what can be said of a run beforehand, and of one that went wrong."""

from __future__ import annotations

import math
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from quadfit_tui.core.config.parameters import RunConfig
from quadfit_tui.core.config.value_types import Vector
from quadfit_tui.core.diagnosis.forecast import RunForecast, forecast_run
from quadfit_tui.core.diagnosis.rest import SURE, WORST, Rest, RestReason, rest_of, size_of_values
from quadfit_tui.core.diagnosis.stability import Decrement, Limit, LimitBasis, Window, decrement, limit, window
from quadfit_tui.core.diagnosis.trials import BUDGET, LEAST_GAIN, Trial, try_changes
from quadfit_tui.core.methods.schedules import first_rate, is_constant
from quadfit_tui.core.model.cancellation import check_cancelled
from quadfit_tui.core.model.parabola import EPSILON, curvature, distinct
from quadfit_tui.core.model.task import FitTask
from quadfit_tui.core.session.closeness import LITTLE, aim, is_far, is_good, tol_tells
from quadfit_tui.core.session.snapshot import Snapshot
from quadfit_tui.core.training.position import Position
from quadfit_tui.core.training.record_log import RecordLog
from quadfit_tui.core.training.status import Status
from quadfit_tui.core.training.timeline import Timeline

SHORT = 0.1  # seconds of work for the forecast at a rate that may be another in the next epoch
MOST_FOLLOWED = 20_000  # updates that are followed one by one
WORTHWHILE = 2  # as a factor in the condition number, from which on scaling is worth a word
CRAWLS = 100  # the condition number from which on w crawls in the flattest direction


@dataclass(frozen=True)
class RunDiagnosis:
    """What can be said of the run of a `task` beforehand, whatever rate its schedule has come to.

    `window` is that above the first limit in which the rate of the first epoch is, None where it is in none. `optimum`
    is the w of least squares, in x. `condition` is that of the curvature, of eigenvalues `steepest` (the largest) and
    smaller; `other_condition` what it would be without scaled features, or with them where the run has none. `least` is
    the mean loss at the optimum, below which no w comes. `rest` is where it would come to rest if it went on for ever;
    not worked out for a rate that dies out in a run that ends before. `forecast` is how the run will come out, None
    where nobody asked.
    """

    task: FitTask
    limit: Limit
    window: Window | None
    optimum: Vector
    condition: float
    other_condition: float
    steepest: float
    least: float
    rest: Rest | None
    forecast: RunForecast | None

    @property
    def epochs(self) -> int | None:
        """After how many epochs the mean loss will first be below tol, as in RunForecast."""
        return None if self.forecast is None else self.forecast.epochs

    @property
    def converges(self) -> bool:
        """Whether the mean loss is sure to come below tol within the run, and to be below it at the end."""
        return self.epochs is not None and self.epochs <= self.task.config.epochs

    @property
    def tol_tells(self) -> bool:
        """Whether tol tells how good the run is."""
        return tol_tells(self.task)

    @property
    def aim(self) -> float:
        """The mean loss below which the run has nothing to mend."""
        return aim(self.task)

    def is_stopped_by_tol(self, status: Status) -> bool:
        """Whether its rule stops the run, or did, although tol tells nothing."""
        foreseen = self.forecast is not None and self.forecast.stopped
        return not self.tol_tells and (status is Status.CONVERGED if status.ended else foreseen)

    @property
    def settles(self) -> Rest | None:
        """Where a run of a constant rate settles; None of other schedules: their rates do not last."""
        return self.rest if self.rest is not None and self.rest.why is RestReason.SETTLES else None

    @property
    def settles_far(self) -> bool:
        """Whether a run of a constant rate settles far from the optimum."""
        return self.settles is not None and is_far(self.settles.mean_loss, self.least, self.aim)

    @property
    def fits(self) -> bool:
        """Whether one w fits all samples, as far as rounding tells, and those that are trained on lead to it."""
        task, problem = self.task, self.task.problem
        used = problem.x if task.config.shuffle else problem.x[: task.updates_per_epoch * task.batch]
        told = len(distinct(used)) >= min(3, len(distinct(problem.x)))
        return told and task.trained.is_fitted

    @property
    def settles_at_best(self) -> bool:
        """Whether all draws w to the optimum: there is one, and no noise, or no batch without all samples."""
        return (self.fits or self.task.is_full_batch) and math.isfinite(self.condition)

    @property
    def scaling_helps(self) -> bool:
        """Whether the condition number would be much smaller with scaled features."""
        return not self.task.config.scale_features and self.other_condition < self.condition / WORTHWHILE

    @property
    def left_to_rounding(self) -> bool:
        """Whether a run of a constant rate below its limit has so much of rounding in it that nobody knows its end."""
        config = self.task.config
        lasts = is_constant(config) and self.limit.basis is LimitBasis.ROUNDING and config.round_epochs is None
        return lasts and self.settles is None and not self.too_high(config.lr) and not self.settles_at_best

    @property
    def approaches(self) -> bool:
        """Whether a rate below the limit leads to where the run settles, and is not rounded away on the way."""
        config, taken = self.task.config, None if self.settles is None else self.settles.decrement
        lasts = is_constant(config) and config.round_epochs is None and not self.left_to_rounding
        # At a rate so high that only rounding hides where it settles, lower ones still lead there.
        known = taken.is_known if taken is not None else 2 * config.lr >= (self.limit.rate or math.inf)
        return lasts and self.condition < WORST and known

    @property
    def stalls(self) -> Rest | None:
        """Where w comes to rest for want of a rate, or by rounding, if the run does not stop before."""
        rest, config, coming = self.rest, self.task.config, self.forecast
        if rest is None or rest.why is RestReason.SETTLES or self.epochs is not None:
            return None
        unknown = coming is not None and coming.end is None and config.stop_on != "never"
        if coming is not None and (coming.premature_stop or coming.stopped or unknown):
            return None
        return rest if config.stop_on == "never" or not rest.mean_loss < config.tol else None

    def rests_at(self, mean_loss: float) -> bool:
        """Whether a run of this mean loss has come to where more epochs would leave it, as far as can be seen."""
        rest = None if self.rest is None or self.rest.why is RestReason.ENDS or self.epochs is not None else self.rest
        return rest is not None and abs(mean_loss - rest.mean_loss) <= LITTLE * rest.mean_loss

    def window_at(self, rate: float) -> Window | None:
        """The window above the first limit in which a rate is, as far as that is known."""
        return self.window if self.window is not None and self.window.low <= rate <= self.window.high else None

    def too_high(self, rate: float) -> bool:
        """Whether a rate is not below the limit, and in no window above it."""
        return self.limit.rate is not None and rate >= self.limit.rate and self.window_at(rate) is None

    def limit_at(self, rate: float) -> float | None:
        """The limit above which a run at this rate diverges, for `heading`; None where that is not known.

        It is not known where rates above it may work, too, or may be in a window that nobody has looked for, unless the
        run will diverge: if its numbers stay finite, that says nothing of a rate that its schedule has lowered.
        """
        is_first, coming = rate == first_rate(self.task.config), self.forecast
        foreseen = coming is not None and coming.diverges and (is_first or coming.end == math.inf)
        elsewhere = self.task.updates_per_epoch > 1 and not is_first
        unsure = self.limit.basis is LimitBasis.SAFE or elsewhere
        return None if self.window_at(rate) is not None or (unsure and not foreseen) else self.limit.rate

    def grows(self, end: float | None) -> bool:
        """Whether the mean loss may have grown for good in a run that ends with this one, None where it is not known.

        In any other, too, small batches raise it now and then.
        """
        higher = end is None or not end <= self.task.loss_at_start
        return higher or self.settles_far or self.too_high(first_rate(self.task.config))


def diagnose(task: FitTask, looking_ahead: bool = True) -> RunDiagnosis:
    """The diagnosis of a run: seconds of work for many updates an epoch, far less for most.

    `looking_ahead`: with its forecast, which a run that has ended has none of.
    """
    problem = task.trained
    other = task.problem.standardized if task.scale is None else task.problem
    a, b, c = task.problem.optimum.tolist()
    coming = forecast_run(task) if looking_ahead else None
    goes_on = is_constant(task.config) or coming is None or (coming.epochs is None and not coming.diverges)
    return RunDiagnosis(
        task=task,
        limit=limit(task),
        window=window(task, first_rate(task.config)),
        optimum=(a, b, c),
        condition=problem.condition,
        other_condition=other.condition,
        steepest=float(np.linalg.eigvalsh(curvature(problem.x))[-1]),
        least=problem.least,
        rest=rest_of(task) if goes_on else None,
        forecast=coming,
    )


class RateForecast(NamedTuple):
    """What a constant rate comes to.

    `decrement` is what an epoch takes off the distance from where it settles in the long run, None as of `decrement`.
    `epochs` is how many a whole run at this rate would need, as in RunForecast.
    """

    rate: float
    decrement: Decrement | None
    epochs: int | None


def rate_forecast(task: FitTask, rate: float) -> RateForecast:
    """What a rate comes to that is never lowered; nothing of one that has come down to 0."""
    if rate == 0:
        return RateForecast(rate, None, None)
    constant = task.replace(lr=rate, schedule="constant")
    return RateForecast(rate, decrement(constant, rate), forecast_run(constant, SHORT).epochs)


class Rise(NamedTuple):
    """The first update after which the mean loss of the whole data set was more than before it; it counts from 1."""

    epoch: int
    update: int
    before: float
    after: float


def first_rise(task: FitTask, budget: float = BUDGET / 2, clock: Callable[[], float] = time.thread_time) -> Rise | None:
    """The first rise of a run within MOST_FOLLOWED updates; None where there is none, or none in `budget` seconds.

    Of small batches single updates often raise the mean loss, also in a run that converges.
    """
    timeline, before, deadline = Timeline(task), task.loss_at_start, clock() + budget
    rounding = SURE * EPSILON * size_of_values(task.trained, float(np.abs(task.trained.center).max()))
    for done in range(MOST_FOLLOWED):
        check_cancelled()
        if timeline.at_end or clock() >= deadline:
            return None
        timeline.approach(Position.after(done + 1, task.updates_per_epoch), RecordLog())
        after = task.trained.mean_loss(timeline.trainer.trained_w)
        if after > max((1 + LEAST_GAIN) * before, rounding * rounding):
            epoch, update = divmod(done, task.updates_per_epoch)
            return Rise(epoch, update + 1, before, after)
        before = after
    return None


class Remedy(NamedTuple):
    """Where a run goes wrong, None where that is not known, and what came of the changes that might mend it: Tested."""

    rise: Rise | None
    trials: tuple[Trial, ...]
    failed: tuple[RunConfig, ...] = ()
    untested: tuple[RunConfig, ...] = ()


def find_remedy(diagnosis: RunDiagnosis) -> Remedy:
    """Looks for the first rise and for changes that work, in some seconds at most."""
    task, coming = diagnosis.task, diagnosis.forecast
    rise = first_rise(task) if diagnosis.grows(None if coming is None else coming.end) else None
    return Remedy(rise, *try_changes(task, diagnosis.limit, diagnosis.scaling_helps))


def needs_remedy(snapshot: Snapshot, diagnosis: RunDiagnosis) -> bool:
    """Whether a run diverged or will, gets worse, began too high, or ends above tol or far from the optimum.

    Not so where it ends well, or is sure to, whatever the rate that it began with.
    """
    config, coming = snapshot.config, diagnosis.forecast
    if diagnosis.is_stopped_by_tol(snapshot.status):
        return False  # a lower tol is what helps
    if snapshot.status.ended or coming is None:
        return snapshot.status is Status.DIVERGED or _ends_badly(diagnosis, snapshot.mean_loss)
    if diagnosis.converges and config.stop_on != "last-update":
        return False
    gets_worse = coming.gets_worse and coming.mean_loss is None
    late = coming.epochs is not None and coming.epochs > config.epochs
    return coming.diverges or gets_worse or late or _ends_badly(diagnosis, coming.end)


def _ends_badly(diagnosis: RunDiagnosis, mean_loss: float | None) -> bool:
    """Whether a run has something to mend that ends with this mean loss, None where that is not known."""
    config = diagnosis.task.config
    exact = diagnosis.limit.basis in (LimitBasis.EXACT, LimitBasis.ROUNDING)
    too_high = exact and diagnosis.too_high(first_rate(config))
    if mean_loss is None:
        return too_high or diagnosis.settles_far
    if is_good(mean_loss, diagnosis.least, diagnosis.aim):
        return False
    far = is_far(mean_loss, diagnosis.least, diagnosis.aim) or not mean_loss <= diagnosis.task.loss_at_start
    crawls = diagnosis.scaling_helps and diagnosis.condition >= CRAWLS
    return diagnosis.least < diagnosis.aim or too_high or far or crawls


def offered(snapshot: Snapshot, diagnosis: RunDiagnosis, remedy: Remedy | None) -> Remedy | None:
    """What is to be told of a remedy: nothing where none is needed, and no change that ends no better than the run."""
    if remedy is None or not needs_remedy(snapshot, diagnosis):
        return None
    end = end_of_run(snapshot, diagnosis)
    better = (trial for trial in remedy.trials if trial.converged or (end is not None and trial.mean_loss < end))
    return remedy._replace(rise=remedy.rise if diagnosis.grows(end) else None, trials=tuple(better))


def end_of_run(snapshot: Snapshot, diagnosis: RunDiagnosis) -> float | None:
    """The mean loss that a run ended with, or will, inf if its numbers overflow; None where that is not known."""
    if snapshot.status.ended:
        return math.inf if snapshot.overflowed else snapshot.mean_loss
    return None if diagnosis.forecast is None else diagnosis.forecast.end
