"""Where a run comes to rest that would go on for ever with its schedule, its rounding and its order of the samples.

A rate that stays the same leads to the fixed point of an epoch. In a fixed order that is an affine map; where its
spectral radius is below 1, w nears the map's one fixed point, from any start. With one update an epoch of all samples,
and where one w fits all samples, that is the optimum. Else each batch draws w to an optimum of its own, and the epoch
ends where its last ones have drawn it: beside the optimum, at a high rate far from it. Of samples in a new order each
epoch there is no such point. A rate that dies out leaves w where the epochs take it that change it at all: their maps,
one to a power for each rate, are applied to the start one after the other. A w that is rounded after each epoch rests
as soon as an epoch gives it back: that is found by training. All else is not known, nor what rounding may have made.
"""

from __future__ import annotations

import math
from enum import Enum
from typing import NamedTuple

import numpy as np

from quadfit_tui.core.config.parameters import RunConfig
from quadfit_tui.core.diagnosis.stability import MAPS_AT_ONCE, MOST_UPDATES, NOISY, Decrement, EpochMaps, descent_of
from quadfit_tui.core.methods.schedules import FOREVER, SCHEDULES
from quadfit_tui.core.model.array import Array
from quadfit_tui.core.model.cancellation import check_cancelled
from quadfit_tui.core.model.parabola import EPSILON, features
from quadfit_tui.core.model.task import Task
from quadfit_tui.core.training.affine_maps import LITTLE, composed
from quadfit_tui.core.training.trainer import Trainer

WORST = 1e11  # condition number of what is solved, above which too few digits of its solution would be right
DEAD = 2.0**-60  # of the first rate: what is below it moves w by less than its rounding
COASTING = 2**20  # epochs in which a velocity that is left runs out
MOST_RATES = 4096  # whose maps are applied one after the other
MOST_WORK = 2**20  # samples or updates in all of these maps: a tenth of a second
MOST_TRAINED = 2**18  # samples in the epochs that are trained until w rests: less than a tenth of a second
LEAST_TRAINED = 256  # samples that an epoch counts as, at least
FARTHEST = 1e100  # of a, b, c on the way: beyond, the run may leave the doubles
ALIKE = 1e-4  # of a mean loss, by which it may change if all rates and w change by a hair, to be told
HAIR = 1e-12  # of them, which is more than rounding changes
KNOWN = 1e4  # how many times what rounding of w makes of it the root of a mean loss is that is told


class Why(Enum):
    """Why w comes to rest."""

    SETTLES = "the rate stays the same: w nears the fixed point of an epoch"
    DIES = "the rate becomes so small that w no longer moves"
    ROUNDED = "what an epoch changes is rounded away"


class Rest(NamedTuple):
    """The w at the ends of epochs that a run comes to, in coordinates of x, shape (3,), its mean loss, and why.

    `decrement` is what an epoch takes off the distance from there, where the rate stays the same.
    """

    w: Array
    mean_loss: float
    why: Why
    decrement: Decrement | None = None


class FixedPoint(NamedTuple):
    """The fixed point of an epoch's map, and the map about it.

    `place` is (w, v) as trained, w counted from the problem's center: shape (D − 1,). `change` is the linear part less
    the identity along `directions`, which are orthonormal columns, shape (D − 1, d); `decrement` is that of the map.
    """

    place: Array
    change: Array
    directions: Array
    decrement: Decrement


def is_constant(config: RunConfig) -> bool:
    """Whether the rate stays the same forever."""
    return SCHEDULES[config.schedule].holds(config, 0) >= FOREVER


def ends_with_run(config: RunConfig) -> bool:
    """Whether the rates depend on how many epochs the run has: of a longer one they would be others."""
    rate, longer = SCHEDULES[config.schedule].rate, config.replace(epochs=FOREVER)
    return rate(config, config.epochs) != rate(longer, config.epochs)


def rest_of(task: Task) -> Rest | None:
    """Where the run comes to rest; None where it does not, or where that is not known."""
    config = task.config
    if config.round_epochs is not None:
        return _rounded(task)
    if is_constant(config):
        return settling(task, config.lr)
    return _dying(task)


def _rates(config: RunConfig) -> list[tuple[float, int]]:
    """The rates of a schedule until they are dead, each with how many epochs it lasts; empty where that is too many.

    A schedule that ends with the run, as cosine, has none: the forecast tells where that comes to.
    """
    schedule, epoch, found = SCHEDULES[config.schedule], 0, list[tuple[float, int]]()
    if ends_with_run(config):
        return found
    while len(found) < MOST_RATES and epoch < FOREVER:
        rate = schedule.rate(config, epoch)
        if rate <= DEAD * schedule.rate(config, 0):
            return found
        lasts = schedule.holds(config, epoch)
        found.append((rate, lasts))
        epoch += lasts
    return []


def _dying(task: Task) -> Rest | None:
    descent, problem = descent_of(task), task.trained
    if descent is None or not descent.ordered:
        return None
    rates = _rates(task.config)
    maps = len(problem.x) if task.batch == 1 else task.updates_per_epoch  # composed for each rate
    if not rates or len(rates) * maps > MOST_WORK:
        return None
    epochs, at_once = EpochMaps(descent, problem, problem.center), max(1, MAPS_AT_ONCE // maps)
    parts = [rates[low : low + at_once] for low in range(0, len(rates), at_once)]
    parts.append([(DEAD * rates[-1][0], COASTING)])
    with np.errstate(all="ignore"):
        ends = [_after(epochs, parts, task.start, problem.center, hair) for hair in (0.0, HAIR)]
        if ends[0] is None or ends[1] is None:
            return None
        w, beside = (end for end in ends if end is not None)
        mean_loss, other = problem.mean_loss(w), problem.mean_loss(beside)
    size = float(np.abs(w).max()) * math.sqrt(float((features(problem.x) ** 2).sum(axis=1).mean()))
    # Epochs at a rate so low that in doubles they move nothing, are none to the algebra.
    lost = EPSILON * max(count for _, count in rates) * (size + float(np.abs(problem.y).max()))
    if not math.sqrt(mean_loss) > KNOWN * lost or not abs(mean_loss - other) <= ALIKE * mean_loss:
        return None
    return Rest(task.to_x(w), mean_loss, Why.DIES)


def _after(
    epochs: EpochMaps, parts: list[list[tuple[float, int]]], w: Array, center: Array, hair: float
) -> Array | None:
    """The w that all epochs at these rates take a w to; None where it goes too far off on the way.

    `center` is that of the maps. Each rate, and w after all epochs at it, is off by a `hair`, as rounding puts them
    off: w by more where an epoch lengthens what is rounded within it.
    """
    state = np.array([*(w - center).tolist(), *[0.0] * (len(epochs.directions) - 3), 1.0])
    hairs = hair * np.array([1.0, -1.0, 1.0])  # so that they are in no direction in which w grows
    for part in parts:
        maps = epochs.maps(np.array([rate * (1 + hair) for rate, _ in part]))
        growths = np.broadcast_to(np.sqrt(maps.growth), len(part)).tolist()
        for deviation, (_, count), growth in zip(maps.deviation, part, growths, strict=True):
            state = _repeated(deviation, count, state)
            state[:3] += hairs * growth * np.abs(state[:3] + center).max()
            hairs = np.roll(hairs, 1)
            if not np.abs(state).max() <= FARTHEST:
                return None
    found: Array = state[:3] + center
    return found


def _repeated(deviation: Array, count: int, state: Array) -> Array:
    """A state after so many epochs of one map: by the squares of it.

    As long as it changes w by little, it is its deviation from the identity that is squared; from there on the map
    itself, which may tend to 0, and with it what is left of w.
    """
    little = True
    while count:
        if little and not np.abs(deviation).max() <= LITTLE:
            deviation, little = deviation + np.eye(len(state)), False
        if count & 1:
            state = state + deviation @ state if little else deviation @ state
        deviation, count = composed(deviation, deviation) if little else deviation @ deviation, count >> 1
    return state


def _rounded(task: Task) -> Rest | None:
    """Trains until an epoch gives back all that it began with: the next one does so, too, as long as the rate lasts.

    At a lower rate it does where there is a single update of plain descent, of which less is left than was too little.
    """
    descent = descent_of(task)
    if descent is None or task.config.shuffle:
        return None
    if not is_constant(task.config) and (descent.momentum.carry or task.updates_per_epoch > 1):
        return None
    trainer, updates = Trainer(task.replace(epochs=FOREVER, stop_on="never")), task.updates_per_epoch
    for _ in range(MOST_TRAINED // max(LEAST_TRAINED, len(task.problem.x))):
        check_cancelled()
        before, done = (trainer.trained_w.tolist(), trainer.slots), trainer.epoch
        while trainer.epoch == done and not trainer.diverged:
            trainer.advance(updates)
        if trainer.diverged:
            return None
        if (trainer.trained_w.tolist(), trainer.slots) == before:
            return Rest(task.to_x(trainer.trained_w), trainer.mean_loss, Why.ROUNDED)
    return None


def settling(task: Task, rate: float) -> Rest | None:
    """Where the run settles at this rate; None where it does not, or where that cannot be said.

    The latter as in `decrement`, of another optimizer, and where w is rounded after each epoch.
    """
    problem, found = task.trained, fixed_point(task, rate, task.start)
    if found is None or not found.decrement.share > 0:
        return None
    with np.errstate(all="ignore"):
        w = found.place[:3] + problem.center
        mean_loss = problem.mean_loss(w)
    return Rest(task.to_x(w), mean_loss, Why.SETTLES, found.decrement) if np.isfinite(mean_loss) else None


def fixed_point(task: Task, rate: float, begun: Array) -> FixedPoint | None:
    """The fixed point of an epoch at this rate; of what the data leave open, w is as `begun`, shape (3,).

    None where there is none, or where rounding leaves too little of it.
    """
    descent, problem = descent_of(task), task.trained
    if descent is None or not descent.ordered or task.config.round_epochs is not None:
        return None
    if task.updates_per_epoch > MOST_UPDATES:
        return None
    epochs = EpochMaps(descent, problem, problem.center)
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
