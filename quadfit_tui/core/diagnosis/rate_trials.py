"""Tries other learning rates or another schedule, by doing the run of a restart: which of them works."""

from __future__ import annotations

import itertools
import time
from collections.abc import Callable, Iterator
from typing import NamedTuple

from quadfit_tui.core.config.parameters import RunConfig
from quadfit_tui.core.diagnosis.cancellation import check_cancelled
from quadfit_tui.core.diagnosis.settling import is_constant, is_good
from quadfit_tui.core.diagnosis.stability import Limit, LimitBasis
from quadfit_tui.core.model.task import Task
from quadfit_tui.core.text.numbers import rounded_down
from quadfit_tui.core.training.position import Position
from quadfit_tui.core.training.record_log import RecordLog
from quadfit_tui.core.training.status import Status
from quadfit_tui.core.training.timeline import Timeline

BUDGET = 1.5  # seconds of work for all trials of a run: on a busy machine it takes longer, and comes to the same
MOST_TRIALS = 40  # most of them at half the rate of the one before
LEAST_GAIN = 1e-9  # of the mean loss that counts as nearer: less may be rounding
MORE_TRIALS = 2  # that come out worse than the best so far, to see whether a still lower rate does better
TRIED_SCHEDULE = "halve"  # the schedule that is tried where the rate is constant


class RateTrial(NamedTuple):
    """How a run with another learning rate or schedule, all else the same, came out: its epochs, and its mean loss.

    `changed` is the parameter that was another: lr or schedule. `converged`: it stopped by its rule, and its mean loss
    is below tol indeed. `good`: or it is hardly above the least.
    """

    changed: str
    rate: float
    schedule: str
    converged: bool
    good: bool
    epochs: int
    mean_loss: float

    def applied(self, config: RunConfig) -> RunConfig:
        """The configuration with this change."""
        return config.replace(lr=self.rate, schedule=self.schedule)


def try_changes(task: Task, limit: Limit, budget: float = BUDGET) -> RateTrial | None:
    """The first change with which the run converges, or ends hardly above the least possible mean loss.

    A constant rate below its limit is tried with a schedule that lets it go down; then follow lower rates. Where
    nothing comes out well, the change that ends lowest, of some; None where none ends lower than the run began, or none
    was found within `budget` seconds.
    """
    deadline = time.thread_time() + budget
    best: RateTrial | None = None
    worse = 0
    for changed in itertools.islice(_candidates(task.config, limit), MOST_TRIALS):
        trial = _try(task, changed, lambda: time.thread_time() < deadline)
        if trial is not None and trial.good:
            return trial
        if trial is not None and (best is None or trial.mean_loss < (1 - LEAST_GAIN) * best.mean_loss):
            best, worse = trial, 0
        elif best is not None:
            worse += 1
        if worse > MORE_TRIALS or time.thread_time() >= deadline:
            break
    if best is None or best.mean_loss >= (1 - LEAST_GAIN) * task.loss_at_start:
        return None
    return best


def tries_schedule(config: RunConfig, limit: Limit) -> bool:
    """Whether a trial has a schedule: where the rate would stay the same forever, and is not above its limit."""
    return is_constant(config) and (limit.rate is None or config.lr < limit.rate)


def _candidates(config: RunConfig, limit: Limit) -> Iterator[RunConfig]:
    """Runs worth a trial; rates have two digits at most: with a margin below the limit, then half of it, and so on."""
    rate = config.lr / 2
    if limit.rate is not None and limit.rate <= config.lr:
        rate = limit.rate * (0.99 if limit.basis is LimitBasis.SAFE else 0.9)
    if tries_schedule(config, limit):
        yield config.replace(schedule=TRIED_SCHEDULE)
    while rate > 0:
        yield config.replace(lr=float(rounded_down(rate, 2)))
        rate /= 2


def _try(task: Task, config: RunConfig, goes_on: Callable[[], bool]) -> RateTrial | None:
    """The outcome of a run of another `config` than the task's; None where it diverges, or takes too long."""
    timeline, goal, records = Timeline(Task(config, task.problem)), Position(config.epochs, 0), RecordLog()
    while not timeline.at_end:
        check_cancelled()
        if not goes_on():
            return None
        timeline.approach(goal, records)
    assert timeline.end is not None
    if timeline.end.status is Status.DIVERGED:
        return None
    mean_loss = timeline.trainer.mean_loss
    converged = timeline.end.status is Status.CONVERGED and mean_loss < config.tol
    good = converged or is_good(mean_loss, timeline.task.trained.least, config.tol)
    changed = "lr" if config.lr != task.config.lr else "schedule"
    return RateTrial(changed, config.lr, config.schedule, converged, good, timeline.position.epoch, mean_loss)
