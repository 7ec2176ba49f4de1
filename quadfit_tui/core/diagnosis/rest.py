"""The place where a run would come to rest if it went on for ever, with its schedule, rounding and order of samples.

A rate that stays the same leads to the fixed point of an epoch. In a fixed order an epoch is an affine map; if its
spectral radius is below 1, w nears the map's one fixed point, from any start. With one update an epoch of all samples,
and if one w fits all samples, that is the optimum. Else each batch pulls w to an optimum of its own, and the epoch
ends where its last batches have pulled it: beside the optimum, at a high rate far from it. With samples in a new order
each epoch there is no such point. A rate that dies out leaves w at the end of the epochs that still change it: their
maps, one to a power for each rate, are applied to the start one after the other. Rates that end with the run do, too.
Rates that go down like 1/n have no bounded sum (Robbins & Monro 1951): in a fixed order w nears the optimum. A w that
is rounded after each epoch rests as soon as an epoch leaves it unchanged: that is found by training. All other cases
are unknown, and so is a result that rounding may have made.
"""

from __future__ import annotations

import math
from enum import Enum
from typing import NamedTuple

import numpy as np

from quadfit_tui.core.algebra.affine_maps import SMALL_DEVIATION, chain_deviations
from quadfit_tui.core.config.parameters import RunConfig
from quadfit_tui.core.diagnosis.stability import (
    MAPS_AT_ONCE,
    NOISY,
    Decrement,
    LimitBasis,
    descent_of,
    epoch_maps,
    limit,
)
from quadfit_tui.core.methods.schedules import (
    FOREVER,
    SCHEDULES,
    epoch_of_rate_below,
    first_rate,
    is_constant,
    rates_before,
)
from quadfit_tui.core.model.array import Array
from quadfit_tui.core.model.cancellation import check_cancelled
from quadfit_tui.core.model.parabola import EPSILON, curvature
from quadfit_tui.core.model.problem import Dataset
from quadfit_tui.core.model.task import FitTask
from quadfit_tui.core.training.trainer import Trainer

WORST = 1e11  # maximum condition number of a linear system: above, its solution has too few right digits
DEAD = 2.0**-60  # share of the first rate below which a rate moves w by less than rounding does
MOST_RATES = 4096  # maximum number of rates whose maps are applied one after the other
MOST_WORK = 2**20  # maximum number of samples or updates in all of these maps: a tenth of a second
MOST_TRAINED = 2**18  # maximum number of samples that are trained until w rests: less than a tenth of a second
LEAST_TRAINED = 256  # minimum number of samples that an epoch counts as
FARTHEST = 1e100  # maximum of |a|, |b|, |c| on the way: beyond, the run may leave the doubles
ALIKE = 1e-4  # maximum relative error of a mean loss that is shown
SURE = 8.0  # safety factor on the expected effect of rounding
KNOWN = 1e4  # minimum ratio of the root of a mean loss to the effect of rounding at which the loss is shown
SLOWEST = 1e-3  # minimum power of the epochs by which a distance shrinks: a billion epochs leave 98 % of it
ALIKE_RATES = 1.01  # maximum ratio of n times the rate of epoch n, at three n, of a rate that goes as 1/n


class RestReason(Enum):
    """The reason why w comes to rest."""

    SETTLES = "the rate stays the same: w nears the fixed point of an epoch"
    DIES = "the rate becomes so small that w no longer moves"
    ENDS = "the rate comes down to 0 with the run"
    NEARS = "the rate goes down so slowly that w nears the optimum"
    ROUNDED = "what an epoch changes is rounded away"


class Rest(NamedTuple):
    """The w that the ends of epochs come to, in coordinates of x, shape (3,), with its mean loss and the reason.

    `decrement` is the share of the distance from there that an epoch removes, if the rate stays the same. If the rate
    goes down like 1/n, n epochs leave a share of about n to the power −`power` in the flattest direction, in the long
    run.
    """

    w: Array
    mean_loss: float
    why: RestReason
    decrement: Decrement | None = None
    power: float | None = None


class FixedPoint(NamedTuple):
    """The fixed point of an epoch's map, and the map around it.

    `place` is (w, v) as trained, w counted from the problem's center: shape (D − 1,). `change` is the linear part minus
    the identity along `directions`, which are orthonormal columns, shape (D − 1, d); `decrement` is that of the map.
    """

    place: Array
    change: Array
    directions: Array
    decrement: Decrement


def ends_with_run(config: RunConfig) -> bool:
    """Returns whether the rates depend on the number of epochs: a longer run would have others."""
    rate, longer = SCHEDULES[config.schedule].rate, config.replace(epochs=FOREVER)
    return rate(config, config.epochs) != rate(longer, config.epochs)


def find_rest(task: FitTask) -> Rest | None:
    """Returns the place where the run comes to rest, or None if it does not, or that is unknown."""
    config = task.config
    if config.round_epochs is not None:
        return _rounded(task)
    return _settling(task) if is_constant(config) else _dying(task) or _nearing(task)


def _dying(task: FitTask) -> Rest | None:
    """Computes the w that is left once no rate moves it any more, and its velocity has run out; None if unknown."""
    config, problem, at_end = task.config, task.trained, ends_with_run(task.config)
    end = config.epochs if at_end else epoch_of_rate_below(config, DEAD * first_rate(config), FOREVER)
    result = None if end is None else passage(task, end)
    descent = descent_of(task)
    if end is None or result is None or descent is None:
        return None
    state, lost = result
    keep, carry, _ = descent.momentum
    w = state[:3] + problem.center
    if carry and not at_end:
        w += state[3:6] * carry / (1 - keep)
    mean_loss = problem.mean_loss(w)
    # The algebra still moves w in epochs whose rate is so low that they move nothing in doubles.
    lost += EPSILON * end * size_of_values(problem, float(np.abs(w).max()))
    if not math.sqrt(mean_loss) > KNOWN * lost:
        return None
    return Rest(task.to_x(w), mean_loss, RestReason.ENDS if at_end else RestReason.DIES)


def _nearing(task: FitTask) -> Rest | None:
    """Returns the optimum if rates that go down like 1/n lead there: all samples are trained on, in a fixed order.

    Along an eigenvector of the curvature, with eigenvalue λ, epoch n removes about p/n of the distance, p being n·λ
    times what all updates of the epoch move w by per gradient: n to the power −p is left. The smallest λ is slowest.
    """
    problem, descent, rate = task.trained, descent_of(task), SCHEDULES[task.config.schedule].rate
    paces = [epoch * rate(task.config, epoch) for epoch in (FOREVER // 100, FOREVER // 10, FOREVER)]
    if descent is None or not 0 < max(paces) <= ALIKE_RATES * min(paces) or len(problem.x) % task.batch:
        return None
    bound, values = limit(task), np.linalg.eigvalsh(curvature(problem.x)).tolist()
    if bound.basis is not LimitBasis.EXACT or bound.rate is None or not first_rate(task.config) < bound.rate:
        return None  # samples come in a new order, or the run may leave the doubles
    keep, carry, push = descent.momentum
    moved = descent.factor * (push + carry / (1 - keep)) * values[0]  # what an update moves w by, per rate and distance
    power = paces[-1] * moved * task.updates_per_epoch
    if not power > SLOWEST:
        return None
    # An update that would move w by less than half of its last digit leaves it unchanged.
    stuck = EPSILON * float(np.abs(problem.optimum).max()) * FOREVER / (paces[-1] * moved)
    unseen = values[-1] * stuck * stuck <= ALIKE * max(problem.least, task.config.tol)
    return Rest(task.problem.optimum, problem.least, RestReason.NEARS, power=power) if unseen else None


def size_of_values(problem: Dataset, largest: float) -> float:
    """Returns a bound of the numbers that a mean loss is computed from, if |a|, |b| and |c| are at most `largest`."""
    return largest * math.sqrt(float(np.trace(curvature(problem.x)))) + float(np.abs(problem.y).max())


def passage(task: FitTask, end: int) -> tuple[Array, float] | None:
    """Computes the (w, v, 1) at the end of the epochs before `end`, and the error by rounding; None if unknown.

    w is counted from the problem's center. The error is that of the root of the mean loss: each update rounds w by
    about its size, which grows within an epoch, as often up as down; each epoch shortens what those before it have
    added. None for samples in a new order, for too many rates, or if w gets too far off.
    """
    problem, updates = task.trained, task.updates_per_epoch
    epochs, rates = epoch_maps(task, problem.center), rates_before(task.config, end, MOST_RATES)
    composed_maps = len(problem.x) if task.batch == 1 else updates  # for each rate
    if epochs is None or rates is None or len(rates) * composed_maps > MOST_WORK:
        return None
    at_once, unit = max(1, MAPS_AT_ONCE // composed_maps), np.eye(len(epochs.directions))
    state = np.array([*(task.start - problem.center).tolist(), *[0.0] * (len(unit) - 3), 1.0])
    size, spread = float(np.abs(task.start).max()), 0 * unit
    with np.errstate(all="ignore"):
        for low in range(0, len(rates), at_once):
            part = rates[low : low + at_once]
            maps = epochs.maps(np.array([rate for rate, _ in part]))
            growths = np.broadcast_to(maps.growth, len(part)).tolist()
            for (_, count), deviation, growth in zip(part, maps.deviation, growths, strict=True):
                rounded = (SURE * EPSILON) ** 2 * growth * updates * unit
                state, spread = _repeated(deviation, count, state, spread, rounded * size * size)
                before, size = size, float(np.abs(state[:3] + problem.center).max())
                if not size <= FARTHEST or not SURE * EPSILON * math.sqrt(growth) <= NOISY:
                    return None
                if size > before:  # the rounding has grown with w
                    spread = spread + rounded * size * size * count
        return state, math.sqrt(abs(float(np.trace(curvature(problem.x) @ spread[:3, :3]))))


def _repeated(deviation: Array, count: int, state: Array, spread: Array, added: Array) -> tuple[Array, Array]:
    """Computes a state after `count` epochs of one map, and the covariance of its error, by repeated squaring.

    Each epoch adds `added` to the covariance. As long as the map changes w by little, its deviation from the identity
    is squared; from there on the map itself, which may tend to 0, and with it what is left of w.
    """
    little, linear = True, deviation[:-1, :-1] + np.eye(len(spread))
    while count:
        if little and not np.abs(deviation).max() <= SMALL_DEVIATION:
            deviation, little = deviation + np.eye(len(state)), False
        if count & 1:
            state = state + deviation @ state if little else deviation @ state
            spread = linear @ spread @ linear.T + added
        deviation, count = chain_deviations(deviation, deviation) if little else deviation @ deviation, count >> 1
        added, linear = linear @ added @ linear.T + added, linear @ linear
    return state, spread


def _rounded(task: FitTask) -> Rest | None:
    """Trains until an epoch leaves w and the velocity unchanged: so do the next ones, as long as the rate lasts.

    At a lower rate that holds only for a single update of plain descent, which moves w even less.
    """
    descent = descent_of(task)
    if descent is None or task.config.shuffle:
        return None
    if not is_constant(task.config) and (descent.momentum.velocity_gain or task.updates_per_epoch > 1):
        return None
    longest = task.config.epochs if ends_with_run(task.config) else FOREVER
    trainer = Trainer(task.replace(epochs=longest, stop_on="never"))
    for _ in range(min(longest, MOST_TRAINED // max(LEAST_TRAINED, len(task.problem.x)))):
        check_cancelled()
        before = trainer.trained_w.tolist(), trainer.slots
        trainer.advance(task.updates_per_epoch)
        if trainer.overflowed:
            return None
        if (trainer.trained_w.tolist(), trainer.slots) == before:
            return Rest(task.to_x(trainer.trained_w), trainer.mean_loss, RestReason.ROUNDED)
    return None


def _settling(task: FitTask) -> Rest | None:
    """Returns the place where a constant rate leads, or None if it leads nowhere, or that is unknown."""
    problem, fixed = task.trained, fixed_point(task, task.start)
    if fixed is None or not fixed.decrement.share > KNOWN * EPSILON:  # less is rounded away long before w is there
        return None
    w = fixed.place[:3] + problem.center
    mean_loss = problem.mean_loss(w)
    # If the data leave directions open, a part of the start stays in w.
    start = task.start if fixed.directions.shape[1] < len(fixed.place) else w
    largest = float(np.abs([start, w]).max())
    if not math.sqrt(mean_loss) > KNOWN * EPSILON * size_of_values(problem, largest):
        if not task.is_full_batch and not problem.is_fitted:
            return None
        mean_loss = problem.least  # the rest is rounding
    return Rest(task.to_x(w), mean_loss, RestReason.SETTLES, fixed.decrement) if math.isfinite(mean_loss) else None


def fixed_point(task: FitTask, start: Array) -> FixedPoint | None:
    """Computes the fixed point of an epoch at a constant rate; None if there is none, or rounding hides it.

    In directions that the data leave open, w is that of `start`, shape (3,).
    """
    problem, rate = task.trained, task.config.lr
    epochs = epoch_maps(task, problem.center)
    if epochs is None:
        return None
    with np.errstate(all="ignore"):
        shrinkage = epochs.decrement(rate)
        if not shrinkage.noise <= NOISY:
            return None
        deviation, along = epochs.maps(np.array([rate])).deviation, epochs.directions
        change, added = epochs.linear(deviation)[0], deviation[0, :-1, -1]
        if not np.isfinite(change).all():
            return None
        unit = np.abs(change).max(axis=0)  # a scale on which a, b, c (and v) change about equally much
        if not (unit > 0).all() or not np.linalg.cond(change / unit) <= WORST:
            return None
        # Keeps only the part of the start that nothing moves: a far start would cost the solution its digits.
        place = np.zeros(len(added))
        place[:3] = start - problem.center
        place -= along @ (along.T @ place)
        place -= along @ (np.linalg.solve(change / unit, along.T @ added) / unit)
    return FixedPoint(place, change, along, shrinkage) if np.isfinite(place).all() else None
