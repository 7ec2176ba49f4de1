"""Where a run comes to rest that would go on for ever with its schedule, its rounding and its order of the samples.

A rate that stays the same leads to the fixed point of an epoch. In a fixed order that is an affine map; where its
spectral radius is below 1, w nears the map's one fixed point, from any start. With one update an epoch of all samples,
and where one w fits all samples, that is the optimum. Else each batch draws w to an optimum of its own, and the epoch
ends where its last ones have drawn it: beside the optimum, at a high rate far from it. Of samples in a new order each
epoch there is no such point. A rate that dies out leaves w where the epochs take it that change it at all: their maps,
one to a power for each rate, are applied to the start one after the other. So do rates that end with the run. Rates
that go down like 1/n have no bounded sum (Robbins & Monro 1951): in a fixed order w nears the optimum. A w that is
rounded after each epoch rests as soon as an epoch gives it back: that is found by training. All else is not known, nor
what rounding may have made.
"""

from __future__ import annotations

import math
from enum import Enum
from typing import NamedTuple

import numpy as np

from quadfit_tui.core.algebra.affine_maps import LITTLE, chain_deviations
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

WORST = 1e11  # condition number of what is solved, above which too few digits of its solution would be right
DEAD = 2.0**-60  # of the first rate: what is below it moves w by less than its rounding
MOST_RATES = 4096  # whose maps are applied one after the other
MOST_WORK = 2**20  # samples or updates in all of these maps: a tenth of a second
MOST_TRAINED = 2**18  # samples in the epochs that are trained until w rests: less than a tenth of a second
LEAST_TRAINED = 256  # samples that an epoch counts as, at least
FARTHEST = 1e100  # of a, b, c on the way: beyond, the run may leave the doubles
ALIKE = 1e-4  # of a mean loss, by which it may be off, to be told
SURE = 8.0  # how many times what rounding is expected to come to is allowed for
KNOWN = 1e4  # how many times what rounding may have made of it the root of a mean loss is that is told
SLOWEST = 1e-3  # as a power of the epochs by which a distance shrinks: a billion epochs leave 98 % of it
ALIKE_RATES = 1.01  # times the least of three: so much n times the rate of epoch n differs of a rate that goes as 1/n


class RestReason(Enum):
    """Why w comes to rest."""

    SETTLES = "the rate stays the same: w nears the fixed point of an epoch"
    DIES = "the rate becomes so small that w no longer moves"
    ENDS = "the rate comes down to 0 with the run"
    NEARS = "the rate goes down so slowly that w nears the optimum"
    ROUNDED = "what an epoch changes is rounded away"


class Rest(NamedTuple):
    """The w at the ends of epochs that a run comes to, in coordinates of x, shape (3,), its mean loss, and why.

    `decrement` is what an epoch takes off the distance from there, where the rate stays the same; where it goes down
    like 1/n, n epochs leave of it in the flattest direction, in the long run, as much as n to the power −`power`.
    """

    w: Array
    mean_loss: float
    why: RestReason
    decrement: Decrement | None = None
    power: float | None = None


class FixedPoint(NamedTuple):
    """The fixed point of an epoch's map, and the map about it.

    `place` is (w, v) as trained, w counted from the problem's center: shape (D − 1,). `change` is the linear part less
    the identity along `directions`, which are orthonormal columns, shape (D − 1, d); `decrement` is that of the map.
    """

    place: Array
    change: Array
    directions: Array
    decrement: Decrement


def ends_with_run(config: RunConfig) -> bool:
    """Whether the rates depend on how many epochs the run has: of a longer one they would be others."""
    rate, longer = SCHEDULES[config.schedule].rate, config.replace(epochs=FOREVER)
    return rate(config, config.epochs) != rate(longer, config.epochs)


def rest_of(task: FitTask) -> Rest | None:
    """Where the run comes to rest; None where it does not, or where that is not known."""
    config = task.config
    if config.round_epochs is not None:
        return _rounded(task)
    return _settling(task) if is_constant(config) else _dying(task) or _nearing(task)


def _dying(task: FitTask) -> Rest | None:
    """Where the epochs leave w after which no rate moves it any more, and a velocity has run out."""
    config, problem, at_end = task.config, task.trained, ends_with_run(task.config)
    end = config.epochs if at_end else epoch_of_rate_below(config, DEAD * first_rate(config), FOREVER)
    found, descent = None if end is None else passage(task, end), descent_of(task)
    if end is None or found is None or descent is None:
        return None
    (state, lost), (keep, carry, _) = found, descent.momentum
    w = state[:3] + problem.center
    if carry and not at_end:
        w += state[3:6] * carry / (1 - keep)
    mean_loss = problem.mean_loss(w)
    # Epochs at a rate so low that in doubles they move nothing, are none to the algebra.
    lost += EPSILON * end * size_of_values(problem, float(np.abs(w).max()))
    if not math.sqrt(mean_loss) > KNOWN * lost:
        return None
    return Rest(task.to_x(w), mean_loss, RestReason.ENDS if at_end else RestReason.DIES)


def _nearing(task: FitTask) -> Rest | None:
    """Where rates lead that go down like 1/n: to the optimum, if all samples are trained on.

    Along an eigenvector of the curvature, of eigenvalue λ, epoch n takes about p/n off the distance, p being n·λ
    times what all updates of the epoch move w by per gradient: n to the power −p is left. The smallest λ is slowest.
    """
    problem, descent, rate = task.trained, descent_of(task), SCHEDULES[task.config.schedule].rate
    paces = [epoch * rate(task.config, epoch) for epoch in (FOREVER // 100, FOREVER // 10, FOREVER)]
    if descent is None or not 0 < max(paces) <= ALIKE_RATES * min(paces) or len(problem.x) % task.batch:
        return None
    bound, values = limit(task), np.linalg.eigvalsh(curvature(problem.x)).tolist()
    if bound.basis is not LimitBasis.EXACT or bound.rate is None or not first_rate(task.config) < bound.rate:
        return None  # samples in a new order, or a run that may leave the doubles
    keep, carry, push = descent.momentum
    moved = descent.factor * (push + carry / (1 - keep)) * values[0]  # by an update, per rate and distance
    power = paces[-1] * moved * task.updates_per_epoch
    if not power > SLOWEST:
        return None
    # An update that moves w by less than half of its last digit moves it no more.
    stuck = EPSILON * float(np.abs(problem.optimum).max()) * FOREVER / (paces[-1] * moved)
    unseen = values[-1] * stuck * stuck <= ALIKE * max(problem.least, task.config.tol)
    return Rest(task.problem.optimum, problem.least, RestReason.NEARS, power=power) if unseen else None


def size_of_values(problem: Dataset, largest: float) -> float:
    """How large, at most, the numbers are that a mean loss is made of, of a, b and c no larger than `largest`."""
    return largest * math.sqrt(float(np.trace(curvature(problem.x)))) + float(np.abs(problem.y).max())


def passage(task: FitTask, end: int) -> tuple[Array, float] | None:
    """The (w, v, 1) that the epochs before `end` lead to, w counted from the problem's center, and what is lost.

    That is what rounding may put the root of the mean loss off by: each update rounds w by about its size, which grows
    within an epoch, as often up as down; each epoch shortens what those before it have added. None of samples in a new
    order, of too many rates, or from too far off.
    """
    problem, updates = task.trained, task.updates_per_epoch
    epochs, rates = epoch_maps(task, problem.center), rates_before(task.config, end, MOST_RATES)
    composed_maps = len(problem.x) if task.batch == 1 else updates  # of each rate
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
                if size > before:  # what has grown with w
                    spread = spread + rounded * size * size * count
        return state, math.sqrt(abs(float(np.trace(curvature(problem.x) @ spread[:3, :3]))))


def _repeated(deviation: Array, count: int, state: Array, spread: Array, added: Array) -> tuple[Array, Array]:
    """A state after so many epochs of one map, and the covariance of its error, `added` to in each: by squares.

    As long as it changes w by little, it is its deviation from the identity that is squared; from there on the map
    itself, which may tend to 0, and with it what is left of w.
    """
    little, linear = True, deviation[:-1, :-1] + np.eye(len(spread))
    while count:
        if little and not np.abs(deviation).max() <= LITTLE:
            deviation, little = deviation + np.eye(len(state)), False
        if count & 1:
            state = state + deviation @ state if little else deviation @ state
            spread = linear @ spread @ linear.T + added
        deviation, count = chain_deviations(deviation, deviation) if little else deviation @ deviation, count >> 1
        added, linear = linear @ added @ linear.T + added, linear @ linear
    return state, spread


def _rounded(task: FitTask) -> Rest | None:
    """Trains until an epoch gives back all that it began with: the next one does so, too, as long as the rate lasts.

    At a lower rate it does where there is a single update of plain descent, of which less is left than was too little.
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
    """Where a constant rate leads; None where it leads nowhere, or where that cannot be said."""
    problem, found = task.trained, fixed_point(task, task.start)
    if found is None or not found.decrement.share > KNOWN * EPSILON:  # less is rounded away long before w is there
        return None
    w = found.place[:3] + problem.center
    mean_loss = problem.mean_loss(w)
    begun = task.start if found.directions.shape[1] < len(found.place) else w  # which the data leave some of
    largest = float(np.abs([begun, w]).max())
    if not math.sqrt(mean_loss) > KNOWN * EPSILON * size_of_values(problem, largest):
        if not task.is_full_batch and not problem.is_fitted:
            return None
        mean_loss = problem.least  # what is more is rounding
    return Rest(task.to_x(w), mean_loss, RestReason.SETTLES, found.decrement) if math.isfinite(mean_loss) else None


def fixed_point(task: FitTask, begun: Array) -> FixedPoint | None:
    """The fixed point of an epoch at a constant rate; of what the data leave open, w is as `begun`, shape (3,).

    None where there is none, or where rounding leaves too little of it.
    """
    problem, rate = task.trained, task.config.lr
    epochs = epoch_maps(task, problem.center)
    if epochs is None:
        return None
    with np.errstate(all="ignore"):
        taken = epochs.decrement(rate)
        if not taken.noise <= NOISY:
            return None
        deviation, along = epochs.maps(np.array([rate])).deviation, epochs.directions
        change, added = epochs.linear(deviation)[0], deviation[0, :-1, -1]
        if not np.isfinite(change).all():
            return None
        unit = np.abs(change).max(axis=0)  # in which a, b, c (and v) change about equally much
        if not (unit > 0).all() or not np.linalg.cond(change / unit) <= WORST:
            return None
        # Of where w began only what nothing moves: of all of it a far start would cost the solution its digits.
        place = np.zeros(len(added))
        place[:3] = begun - problem.center
        place -= along @ (along.T @ place)
        place -= along @ (np.linalg.solve(change / unit, along.T @ added) / unit)
    return FixedPoint(place, change, along, taken) if np.isfinite(place).all() else None
