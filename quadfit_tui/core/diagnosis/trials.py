"""Tries other learning rates, another schedule and scaled features, by doing the run of a restart: which one works."""

from __future__ import annotations

import itertools
import time
from collections.abc import Callable, Iterable, Iterator
from typing import NamedTuple

from quadfit_tui.core.config.parameters import PARAMETERS, RunConfig
from quadfit_tui.core.diagnosis.forecast import trained_to_end
from quadfit_tui.core.diagnosis.rest import is_constant
from quadfit_tui.core.diagnosis.stability import Limit, LimitBasis, limit
from quadfit_tui.core.model.task import Task
from quadfit_tui.core.session.closeness import is_good
from quadfit_tui.core.text.numbers import rounded_down
from quadfit_tui.core.training.status import Status

BUDGET = 1.5  # seconds of work for all trials of a kind: on a busy machine it takes longer, and comes to the same
MOST_TRIALS = 40  # most of them at half the rate of the one before
LEAST_GAIN = 1e-9  # of the mean loss that counts as a change: less may be rounding
MORE_TRIALS = 2  # that come out worse than the best so far, to see whether a still lower rate does better
TRIED_SCHEDULE = "halve"  # the schedule that is tried where the rate is constant


class Trial(NamedTuple):
    """How a run with another `config`, which has other values of `changed` and all else the same, came out.

    `converged`: it stopped by its rule, and its mean loss is below tol indeed. `good`: or it is hardly above the least.
    """

    config: RunConfig
    changed: tuple[str, ...]
    converged: bool
    good: bool
    epochs: int
    mean_loss: float

    @property
    def rank(self) -> tuple[object, ...]:
        """Less than that of another trial that ends worse, or as well but later."""
        return not self.converged, self.epochs if self.converged else 0, not self.good, self.mean_loss


def try_changes(task: Task, found: Limit, budget: float = BUDGET) -> Trial | None:
    """The first schedule or rate with which the run converges, or ends hardly above the least possible mean loss.

    A constant rate below its limit, `found`, is tried with a schedule that lets it go down; then follow lower rates.
    Where nothing comes out well, the change that ends lowest, of some; None where none ends lower than the run began,
    or none was found within `budget` seconds.
    """
    return _best(task, _slower(task.config, found), budget)


def try_scaling(task: Task, budget: float = BUDGET) -> Trial | None:
    """The same of scaled features: at the run's own rate, if that is below the limit that it has then, else lower."""
    scaled = task.config.replace(scale_features=True)
    found = limit(Task(scaled, task.problem))
    as_it_is = [scaled] if found.rate is None or scaled.lr < found.rate else []
    rates = (scaled.replace(lr=rate) for rate in _rates(found.rate, found.basis)) if found.rate is not None else ()
    return _best(task, itertools.chain(as_it_is, rates), budget)


def _best(task: Task, candidates: Iterable[RunConfig], budget: float) -> Trial | None:
    deadline = time.thread_time() + budget
    best: Trial | None = None
    worse = 0
    for changed in itertools.islice(candidates, MOST_TRIALS):
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


def tries_schedule(config: RunConfig, found: Limit) -> bool:
    """Whether a trial has a schedule: where the rate would stay the same forever, and is not above its limit."""
    return is_constant(config) and (found.rate is None or config.lr < found.rate)


def _slower(config: RunConfig, found: Limit) -> Iterator[RunConfig]:
    """Runs worth a trial whose rate is lower, or becomes lower."""
    if tries_schedule(config, found):
        yield config.replace(schedule=TRIED_SCHEDULE)
    above = found.rate is not None and found.rate <= config.lr
    for rate in _rates(found.rate, found.basis) if above and found.rate is not None else _halved(config.lr / 2):
        yield config.replace(lr=rate)


def _rates(bound: float, basis: LimitBasis) -> Iterator[float]:
    """Rates with a margin below a limit."""
    return _halved(bound * (0.99 if basis is LimitBasis.SAFE else 0.9))


def _halved(rate: float) -> Iterator[float]:
    """A rate, half of it, and so on, each rounded down to two digits."""
    while rate > 0:
        yield float(rounded_down(rate, 2))
        rate /= 2


def _try(task: Task, config: RunConfig, goes_on: Callable[[], bool]) -> Trial | None:
    """The outcome of a run of another `config` than the task's; None where it diverges, or takes too long."""
    run = trained_to_end(Task(config, task.problem), goes_on)
    if run is None or run.end is None or run.end.status is Status.DIVERGED:
        return None
    mean_loss = run.trainer.mean_loss
    converged = run.end.status is Status.CONVERGED and mean_loss < config.tol
    good = converged or is_good(mean_loss, run.task.trained.least, config.tol)
    changed = tuple(name for name in PARAMETERS if getattr(config, name) != getattr(task.config, name))
    return Trial(config, changed, converged, good, run.position.epoch, mean_loss)
