"""Trial runs of lower learning rates: which one works, found by doing the very run that a restart would do."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from typing import NamedTuple

from quadfit_tui.core.config import RunConfig
from quadfit_tui.core.figures import short_below
from quadfit_tui.core.limits import Ground, Limit
from quadfit_tui.core.patience import go_on
from quadfit_tui.core.problem import Problem, loss_at_start
from quadfit_tui.core.states import Status
from quadfit_tui.core.timeline import Position, Records, Timeline

BUDGET = 1.5  # seconds for all trials of a run
MOST_TRIALS = 40  # each at half the rate of the one before
LEAST_GAIN = 1e-9  # of the mean loss that counts as nearer: less may be rounding
MORE = 2  # after the first one that comes nearer, to see whether a lower rate converges


class Trial(NamedTuple):
    """How a run at another learning rate, all else the same, came out: so many epochs, and the mean loss after them.

    `converged`: it stopped by its rule, and its mean loss is below tol indeed.
    """

    rate: float
    converged: bool
    epochs: int
    mean_loss: float


def try_rates(
    config: RunConfig,
    problem: Problem,
    limit: Limit,
    budget: float = BUDGET,
    clock: Callable[[], float] = time.monotonic,
) -> Trial | None:
    """The highest of some rates below that of `config` at which the run converges.

    Where none of them does, the highest with which it ends nearer to the optimum than it began; None where there is
    no such one, or none was found within `budget` seconds.
    """
    deadline = clock() + budget
    at_start = loss_at_start(config, problem)
    nearer: Trial | None = None
    left = MOST_TRIALS
    for rate in _candidates(config, limit):
        trial = _try(config.replace(lr=rate), problem, lambda: clock() < deadline)
        if trial is not None and trial.converged:
            return trial
        if nearer is None and trial is not None and trial.mean_loss < (1 - LEAST_GAIN) * at_start:
            nearer, left = trial, min(left, MORE + 1)
        left -= 1
        if not left or clock() >= deadline:
            break
    return nearer


def _candidates(config: RunConfig, limit: Limit) -> Iterator[float]:
    """Rates worth a trial, with two digits at most: with a margin below the limit, then half of it, and so on."""
    rate = config.lr / 2
    if limit.rate is not None and limit.rate <= config.lr:
        rate = limit.rate * (0.99 if limit.ground is Ground.SAFE else 0.9)
    while rate > 0:
        yield float(short_below(rate, 2))
        rate /= 2


def _try(config: RunConfig, problem: Problem, goes_on: Callable[[], bool]) -> Trial | None:
    """The run's outcome; None where it diverges, or takes too long."""
    timeline, goal, records = Timeline(config, problem), Position(config.epochs, 0), Records()
    while not timeline.at_end:
        go_on()
        if not goes_on():
            return None
        timeline.approach(goal, records)
    assert timeline.end is not None
    if timeline.end.status is Status.DIVERGED:
        return None
    mean_loss = timeline.trainer.mean_loss
    converged = timeline.end.status is Status.CONVERGED and mean_loss < config.tol
    return Trial(config.lr, converged, timeline.position.epoch, mean_loss)
