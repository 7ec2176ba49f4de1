"""The diagnosis of a run in numbers: its limit, end and forecast beforehand, and tested remedies if it goes wrong."""

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
from quadfit_tui.core.diagnosis.rest import SURE, WORST, Rest, RestReason, find_rest
from quadfit_tui.core.diagnosis.stability import Decrement, Limit, LimitBasis, Window, decrement, limit, window
from quadfit_tui.core.diagnosis.trials import BUDGET, LEAST_GAIN, Trial, try_changes
from quadfit_tui.core.methods.schedules import first_rate, is_constant
from quadfit_tui.core.model.array import Array
from quadfit_tui.core.model.cancellation import check_cancelled
from quadfit_tui.core.model.parabola import EPSILON, curvature, distinct
from quadfit_tui.core.model.problem import Dataset
from quadfit_tui.core.model.task import FitTask
from quadfit_tui.core.session.closeness import LITTLE, aim, is_far, is_good, tol_tells
from quadfit_tui.core.session.snapshot import Snapshot
from quadfit_tui.core.training.position import Position
from quadfit_tui.core.training.record_log import RecordLog
from quadfit_tui.core.training.status import Status
from quadfit_tui.core.training.timeline import Timeline

SHORT = 0.1  # seconds of work for the forecast at a rate that may change in the next epoch
MOST_FOLLOWED = 20_000  # maximum number of updates that `first_rise` follows one by one
WORTHWHILE = 2  # scaling is recommended if it divides the condition number by more than this
CRAWLS = 100  # minimum condition number at which w crawls in the flattest direction


@dataclass(frozen=True)
class RunDiagnosis:
    """The diagnosis of the run of a `task`, which holds beforehand, whatever rate its schedule has come to.

    `window` is the window above the first limit that contains the rate of the first epoch, or None. `optimum` is the
    least-squares w, in x. `condition` is the condition number of the curvature, whose largest eigenvalue is `steepest`;
    `other_condition` is what it would be without scaled features, or with them if the run has none. `least` is the mean
    loss at the optimum, the lowest of any w. `rest` is the place where the run would come to rest if it went on for
    ever; it is not computed if the rate dies out in a run that ends before. `forecast` predicts how the run will come
    out; None if the caller of `diagnose` did not want it.
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
        """The number of epochs until the mean loss will first be below tol, as in RunForecast; None if unknown."""
        return None if self.forecast is None else self.forecast.epochs

    @property
    def converges(self) -> bool:
        """Whether the mean loss will surely fall below tol within the run, and be below it at the end."""
        return self.epochs is not None and self.epochs <= self.task.config.epochs

    @property
    def tol_tells(self) -> bool:
        """Whether tol measures how good the run is: not if the mean loss is below it from the start."""
        return tol_tells(self.task)

    @property
    def aim(self) -> float:
        """The mean loss below which the run needs no remedy."""
        return aim(self.task)

    def is_stopped_by_tol(self, status: Status) -> bool:
        """Whether the stopping rule ends the run, or did, although its mean loss was below tol from the start."""
        foreseen = self.forecast is not None and self.forecast.stopped
        return not self.tol_tells and (status is Status.CONVERGED if status.ended else foreseen)

    @property
    def settles(self) -> Rest | None:
        """The place where a run of a constant rate settles; None if unknown, and for other schedules."""
        return self.rest if self.rest is not None and self.rest.why is RestReason.SETTLES else None

    @property
    def settles_far(self) -> bool:
        """Whether a run of a constant rate settles far from the optimum."""
        return self.settles is not None and is_far(self.settles.mean_loss, self.least, self.aim)

    @property
    def fits(self) -> bool:
        """Whether one w fits all samples, up to rounding, and training on the batches leads to it."""
        task, problem = self.task, self.task.problem
        used = problem.x if task.config.shuffle else problem.x[: task.updates_per_epoch * task.batch]
        is_determined = len(distinct(used)) >= min(3, len(distinct(problem.x)))
        return is_determined and task.trained.is_fitted

    @property
    def settles_at_best(self) -> bool:
        """Whether all updates pull w to the optimum: it is unique, and no noise or no small batch pulls elsewhere."""
        return (self.fits or self.task.is_full_batch) and math.isfinite(self.condition)

    @property
    def scaling_helps(self) -> bool:
        """Whether scaled features would make the condition number much smaller."""
        return not self.task.config.scale_features and self.other_condition < self.condition / WORTHWHILE

    @property
    def left_to_rounding(self) -> bool:
        """Whether rounding alone decides how a run of a constant rate below its limit ends."""
        config = self.task.config
        lasts = is_constant(config) and self.limit.basis is LimitBasis.ROUNDING and config.round_epochs is None
        return lasts and self.settles is None and not self.too_high(config.lr) and not self.settles_at_best

    @property
    def approaches(self) -> bool:
        """Whether rates below the limit lead to where the run settles, without being rounded away on the way."""
        config = self.task.config
        shrinkage = None if self.settles is None else self.settles.decrement
        lasts = is_constant(config) and config.round_epochs is None and not self.left_to_rounding
        # At a rate so high that only rounding hides where it settles, lower ones still lead there.
        known = shrinkage.is_known if shrinkage is not None else 2 * config.lr >= (self.limit.rate or math.inf)
        return lasts and self.condition < WORST and known

    @property
    def stalls(self) -> Rest | None:
        """The place where w comes to rest because its rate dies out or by rounding; None if the run stops before."""
        rest, config, forecast = self.rest, self.task.config, self.forecast
        if rest is None or rest.why is RestReason.SETTLES or self.epochs is not None:
            return None
        unknown = forecast is not None and forecast.end is None and config.stop_on != "never"
        if forecast is not None and (forecast.premature_stop or forecast.stopped or unknown):
            return None
        return rest if config.stop_on == "never" or not rest.mean_loss < config.tol else None

    def rests_at(self, mean_loss: float) -> bool:
        """Returns whether a run of this mean loss has come to rest, so that more epochs would not change it."""
        rest = None if self.rest is None or self.rest.why is RestReason.ENDS or self.epochs is not None else self.rest
        return rest is not None and abs(mean_loss - rest.mean_loss) <= LITTLE * rest.mean_loss

    def window_at(self, rate: float) -> Window | None:
        """Returns the window above the first limit that contains a rate, or None if none is known."""
        return self.window if self.window is not None and self.window.low <= rate <= self.window.high else None

    def too_high(self, rate: float) -> bool:
        """Returns whether a rate is at or above the limit and in no stable window above it."""
        return self.limit.rate is not None and rate >= self.limit.rate and self.window_at(rate) is None

    def limit_at(self, rate: float) -> float | None:
        """Returns the limit above which a run at this rate diverges, for headings and sentences; None if unknown.

        It is unknown if higher rates may work, too, or may be in a window that was not computed, unless the forecast is
        that the run diverges. A run whose numbers stay finite tells nothing about a rate that its schedule has lowered.
        """
        is_first, forecast = rate == first_rate(self.task.config), self.forecast
        is_foreseen = forecast is not None and forecast.diverges and (is_first or forecast.end == math.inf)
        elsewhere = self.task.updates_per_epoch > 1 and not is_first
        unsure = self.limit.basis is LimitBasis.SAFE or elsewhere
        return None if self.window_at(rate) is not None or (unsure and not is_foreseen) else self.limit.rate

    def grows(self, end: float | None) -> bool:
        """Returns whether the mean loss may have grown for good in a run that ends at the mean loss `end`.

        `end` is None if unknown. In other runs small batches raise the mean loss now and then, too.
        """
        higher = end is None or not end <= self.task.loss_at_start
        return higher or self.settles_far or self.too_high(first_rate(self.task.config))


def diagnose(task: FitTask, looking_ahead: bool = True) -> RunDiagnosis:
    """Computes the diagnosis of a run: takes seconds if epochs have many updates, usually far less.

    `looking_ahead`: with its forecast, which callers leave out for a run that has ended.
    """
    problem = task.trained
    other = task.problem.standardized if task.scale is None else task.problem
    a, b, c = task.problem.optimum.tolist()
    forecast = forecast_run(task) if looking_ahead else None
    goes_on = is_constant(task.config) or forecast is None or (forecast.epochs is None and not forecast.diverges)
    return RunDiagnosis(
        task=task,
        limit=limit(task),
        window=window(task, first_rate(task.config)),
        optimum=(a, b, c),
        condition=problem.condition,
        other_condition=other.condition,
        steepest=float(np.linalg.eigvalsh(curvature(problem.x))[-1]),
        least=problem.least,
        rest=find_rest(task) if goes_on else None,
        forecast=forecast,
    )


class RateForecast(NamedTuple):
    """The forecast of a run at a constant learning rate.

    `decrement` is the share of the distance from where w settles that an epoch removes in the long run; None as in the
    function `decrement`. `epochs` is the number of epochs that a whole run at this rate would need, as in RunForecast.
    """

    rate: float
    decrement: Decrement | None
    epochs: int | None


def rate_forecast(task: FitTask, rate: float) -> RateForecast:
    """Computes what a run at this constant rate would lead to, for the page of i; nothing for a rate of 0."""
    if rate == 0:
        return RateForecast(rate, None, None)
    constant = task.replace(lr=rate, schedule="constant")
    return RateForecast(rate, decrement(constant, rate), forecast_run(constant, SHORT).epochs)


class Rise(NamedTuple):
    """The first update that raises the mean loss of the whole data set; `update` counts from 1."""

    epoch: int
    update: int
    before: float
    after: float


def first_rise(task: FitTask, budget: float = BUDGET / 2, clock: Callable[[], float] = time.thread_time) -> Rise | None:
    """Returns the first rise of a run's mean loss, or None if none is found.

    Looks at MOST_FOLLOWED updates at most, and for `budget` seconds. With small batches single updates often raise the
    mean loss, also in a run that converges.
    """
    timeline, before, deadline = Timeline(task), task.loss_at_start, clock() + budget
    rounding = SURE * EPSILON * _largest_terms(task.trained, task.trained.center)
    for index in range(MOST_FOLLOWED):
        check_cancelled()
        if timeline.at_end or clock() >= deadline:
            return None
        timeline.approach(Position.after(index + 1, task.updates_per_epoch), RecordLog())
        after = task.trained.mean_loss(timeline.trainer.trained_w)
        if after > max((1 + LEAST_GAIN) * before, rounding * rounding):
            epoch, update = divmod(index, task.updates_per_epoch)
            return Rise(epoch, update + 1, before, after)
        before = after
    return None


def _largest_terms(problem: Dataset, w: Array) -> float:
    """Returns a bound of the numbers that a loss at w is computed from: ax², bx, c and y, whose signs may differ."""
    return float(np.polyval(np.abs(w), np.abs(problem.x)).max() + np.abs(problem.y).max())


class Remedy(NamedTuple):
    """The first rise of a run that goes wrong, None if unknown, and the results of changes that might mend it.

    The last three fields are those of Tested (trials.py).
    """

    rise: Rise | None
    trials: tuple[Trial, ...]
    failed: tuple[RunConfig, ...] = ()
    untested: tuple[RunConfig, ...] = ()


def find_remedy(diagnosis: RunDiagnosis) -> Remedy:
    """Searches for the first rise of the mean loss and for changes that mend the run; takes some seconds at most."""
    task, forecast = diagnosis.task, diagnosis.forecast
    rise = first_rise(task) if diagnosis.grows(None if forecast is None else forecast.end) else None
    return Remedy(rise, *try_changes(task, diagnosis.limit, diagnosis.scaling_helps))


def needs_remedy(snapshot: Snapshot, diagnosis: RunDiagnosis) -> bool:
    """Returns whether a run diverged or will, gets worse, began too high, or ends above tol or far from the optimum.

    It needs none if it ends well, or surely will, whatever rate it began with.
    """
    config, forecast = snapshot.config, diagnosis.forecast
    if diagnosis.is_stopped_by_tol(snapshot.status):
        return False  # a lower tol is what helps
    if snapshot.status.ended or forecast is None:
        return snapshot.status is Status.DIVERGED or _ends_badly(diagnosis, snapshot.mean_loss)
    if diagnosis.converges and config.stop_on != "last-update":
        return False
    gets_worse = forecast.gets_worse and forecast.mean_loss is None
    late = forecast.epochs is not None and forecast.epochs > config.epochs
    return forecast.diverges or gets_worse or late or _ends_badly(diagnosis, forecast.end)


def _ends_badly(diagnosis: RunDiagnosis, mean_loss: float | None) -> bool:
    """Returns whether a run that ends with this mean loss, None if unknown, has something to mend."""
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
    """Returns the part of a remedy that users are shown, or None if the run needs none.

    It has no changes that end no better than the run, and no rise if the mean loss has not grown for good.
    """
    if remedy is None or not needs_remedy(snapshot, diagnosis):
        return None
    end = end_of_run(snapshot, diagnosis)
    better = (trial for trial in remedy.trials if trial.converged or (end is not None and trial.mean_loss < end))
    return remedy._replace(rise=remedy.rise if diagnosis.grows(end) else None, trials=tuple(better))


def end_of_run(snapshot: Snapshot, diagnosis: RunDiagnosis) -> float | None:
    """Returns the mean loss that a run ended with, or will; inf if its numbers overflow, None if unknown."""
    if snapshot.status.ended:
        return math.inf if snapshot.overflowed else snapshot.mean_loss
    return None if diagnosis.forecast is None else diagnosis.forecast.end
