"""What can be said of a run beforehand, at the rate that it has come to, and of one that diverged: the numbers."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from quadfit_tui.core.config import RunConfig
from quadfit_tui.core.forecast import epochs_needed
from quadfit_tui.core.limits import Ground, Limit, limit, shrinkage
from quadfit_tui.core.patience import go_on
from quadfit_tui.core.problem import Problem, loss_at_start, trained
from quadfit_tui.core.quadratic import curvature
from quadfit_tui.core.schedules import SCHEDULES
from quadfit_tui.core.session import Snapshot
from quadfit_tui.core.states import Status
from quadfit_tui.core.trainer import Trainer
from quadfit_tui.core.trial import BUDGET, Trial, try_rates

MOST_FOLLOWED = 20_000  # updates that are followed one by one


@dataclass(frozen=True)
class Diagnosis:
    """What can be said of a run beforehand, whatever rate its schedule has come to.

    `condition` is that of the curvature, of eigenvalues `steepest` (the largest) and smaller; `other_condition` what it
    would be without scaled features, or with them where the run has none. `least` is the mean loss at the optimum,
    below which no w comes. `epochs` as in `epochs_needed`.
    """

    limit: Limit
    condition: float
    other_condition: float
    steepest: float
    least: float
    epochs: int | None

    def fraction(self, rate: float) -> float | None:
        """A rate in units of the limit, None where there is none."""
        return None if self.limit.rate is None else rate / self.limit.rate

    def too_high(self, rate: float) -> bool:
        """Whether a rate is not below the limit."""
        return self.limit.rate is not None and rate >= self.limit.rate


def diagnose(config: RunConfig, problem: Problem) -> Diagnosis:
    """The diagnosis of a run: seconds of work for many updates an epoch, far less for most."""
    problem = trained(config, problem)
    other = problem.standardised if problem.scale is None else problem.unscaled
    return Diagnosis(
        limit=limit(config, problem),
        condition=problem.condition,
        other_condition=other.condition,
        steepest=float(np.linalg.eigvalsh(curvature(problem.x))[-1]),
        least=problem.least,
        epochs=epochs_needed(config, problem),
    )


class Pace(NamedTuple):
    """What a constant rate comes to.

    `left` is what an epoch leaves of the distance in the long run, None as in `shrinkage`; `epochs` how many a whole
    run at this rate would need, as in `epochs_needed`.
    """

    rate: float
    left: float | None
    epochs: int | None


def pace(config: RunConfig, problem: Problem, rate: float) -> Pace:
    """What a rate comes to that is never lowered."""
    constant = config.replace(lr=rate, schedule="constant")
    return Pace(rate, shrinkage(constant, problem, rate), epochs_needed(constant, problem))


def first_rate(config: RunConfig) -> float:
    """The rate of the first epoch: no schedule has a higher one."""
    return SCHEDULES[config.schedule].rate(config, 0)


def epoch_of_rate_below(config: RunConfig, bound: float) -> int | None:
    """The first epoch of the run whose rate is below a bound, from 0; None where there is none."""
    rate = SCHEDULES[config.schedule].rate
    low, high = 0, config.epochs
    while low < high:  # no schedule goes up again
        middle = (low + high) // 2
        if rate(config, middle) < bound:
            high = middle
        else:
            low = middle + 1
    return low if low < config.epochs else None


def loss_gap(loss: float, mean_loss: float) -> float | None:
    """How many times the loss of an update the mean loss is: far from 1, the former tells little.

    None where the division has no sense.
    """
    return mean_loss / loss if loss > 0 else None


class Rise(NamedTuple):
    """The first update after which the mean loss of the whole data set was more than before it; it counts from 1."""

    epoch: int
    update: int
    before: float
    after: float


def first_rise(
    config: RunConfig,
    problem: Problem,
    most: int = MOST_FOLLOWED,
    budget: float = BUDGET,
    clock: Callable[[], float] = time.monotonic,
) -> Rise | None:
    """The first rise of a run within `most` updates; None where there is none, or none in `budget` seconds.

    Of small batches single updates often raise the mean loss, also in a run that converges.
    """
    deadline = clock() + budget
    trainer = Trainer(config, problem)
    problem = trainer.problem
    reached, places = [trainer.trained_w], [(0, 0)]
    while most > 0 and trainer.epoch < config.epochs and not trainer.diverged and clock() < deadline:
        for _ in range(min(most, 256)):
            go_on()
            record = trainer.advance(1) if clock() < deadline else None
            if record is None:
                break
            reached.append(record.trained_w)
            places.append((record.epoch, record.update))
        most -= 256
        losses = problem.mean_losses(np.array(reached))
        risen = np.flatnonzero(~(losses[1:] <= losses[:-1]))
        for at in risen.tolist():
            before, after = problem.mean_loss(reached[at]), problem.mean_loss(reached[at + 1])
            if after > before:
                return Rise(*places[at + 1], before, after)
        reached, places = reached[-1:], places[-1:]
    return None


class Remedy(NamedTuple):
    """Where a run goes wrong, and a rate with which it does not: each None where there is none, or none was found."""

    rise: Rise | None
    trial: Trial | None


def remedy(config: RunConfig, problem: Problem, found: Limit) -> Remedy:
    """Looks for the first rise and for a lower rate that works, in some seconds at most."""
    return Remedy(first_rise(config, problem), try_rates(config, problem, found))


def needs_remedy(snapshot: Snapshot, diagnosis: Diagnosis) -> bool:
    """Whether a run diverged, or began at a rate above its limit, or got worse where none is known for certain."""
    if snapshot.status is Status.DIVERGED:
        return True
    if diagnosis.limit.ground in (Ground.EXACT, Ground.ROUNDING):
        return diagnosis.too_high(first_rate(snapshot.config))
    return (diagnosis.limit.rate is None or diagnosis.too_high(first_rate(snapshot.config))) and got_worse(snapshot)


def got_worse(snapshot: Snapshot) -> bool:
    """Whether a run has ended farther off than it began."""
    if not snapshot.status.ended:
        return False
    return not snapshot.mean_loss <= loss_at_start(snapshot.config, snapshot.problem)
