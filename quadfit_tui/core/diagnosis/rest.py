"""Where a run comes to rest that would go on for ever with its schedule, its rounding and its order of the samples.

A rate that stays the same leads to the fixed point of an epoch (settling.py). A rate that dies out leaves w where the
epochs take it that change it at all: their maps, one to a power for each rate, are applied to the start one after the
other. A w that is rounded after each epoch rests as soon as an epoch gives it back: that is found by training. All else
is not known, and so is what rounding may have made.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from enum import Enum
from typing import NamedTuple

import numpy as np

from quadfit_tui.core.config.parameters import RunConfig
from quadfit_tui.core.diagnosis.cancellation import check_cancelled
from quadfit_tui.core.diagnosis.settling import ends_with_run, is_constant, settling
from quadfit_tui.core.diagnosis.stability import MAPS_AT_ONCE, EpochMaps, descent_of
from quadfit_tui.core.methods.schedules import FOREVER, SCHEDULES
from quadfit_tui.core.model.array import Array
from quadfit_tui.core.model.parabola import EPSILON, features
from quadfit_tui.core.model.task import Task
from quadfit_tui.core.training.affine_maps import composed
from quadfit_tui.core.training.trainer import Trainer

DEAD = 2.0**-60  # of the first rate: what is below it moves w by less than its rounding
MOST_RATES = 16_384  # whose maps are applied one after the other
MOST_WORK = 2**22  # samples in all of these maps: a tenth of a second for each million
MOST_UPDATES = 2**16  # that are trained until w rests
FARTHEST = 1e100  # of a, b, c on the way: beyond, the run may leave the doubles
ALIKE = 1e-4  # of a mean loss, by which it may change if all rates change by a hair, to be told
HAIR = 1e-12  # which is more than rounding changes them by
KNOWN = 1e4  # how many times what rounding of w makes of it the root of a mean loss is that is told


class Why(Enum):
    """Why w comes to rest."""

    SETTLES = "the rate stays the same: w nears the fixed point of an epoch"
    DIES = "the rate becomes so small that w no longer moves"
    ROUNDED = "what an epoch changes is rounded away"


class Rest(NamedTuple):
    """The w at the ends of epochs that a run comes to, in coordinates of x, shape (3,), its mean loss, and why."""

    w: Array
    mean_loss: float
    why: Why


def rest_of(task: Task) -> Rest | None:
    """Where the run comes to rest; None where it does not, or where that is not known."""
    config = task.config
    if config.round_epochs is not None:
        return _rounded(task)
    if is_constant(config):
        found = settling(task, config.lr)
        return None if found is None else Rest(found.w, found.mean_loss, Why.SETTLES)
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
    with np.errstate(all="ignore"):
        ends = [_after(epochs, parts, task.start - problem.center, factor) for factor in (1.0, 1 + HAIR)]
        if ends[0] is None or ends[1] is None:
            return None
        w, beside = (end + problem.center for end in ends if end is not None)
        mean_loss, other = problem.mean_loss(w), problem.mean_loss(beside)
    size = float(np.abs(w).max()) * math.sqrt(float((features(problem.x) ** 2).sum(axis=1).mean()))
    # Epochs at a rate so low that in doubles they move nothing, are none to the algebra.
    lost = EPSILON * max(count for _, count in rates) * (size + float(np.abs(problem.y).max()))
    if not math.sqrt(mean_loss) > KNOWN * lost or not abs(mean_loss - other) <= ALIKE * mean_loss:
        return None
    return Rest(task.to_x(w), mean_loss, Why.DIES)


def _after(epochs: EpochMaps, parts: list[list[tuple[float, int]]], w: Array, factor: float) -> Array | None:
    """The w, counted from the center of the maps, that all epochs at these rates, times a `factor`, take a w to.

    None where it goes too far off on the way.
    """
    state = np.array([*w.tolist(), *[0.0] * (len(epochs.directions) - 3), 1.0])
    for part in parts:
        maps = epochs.maps(np.array([rate * factor for rate, _ in part]))
        for deviation in _powers(maps.deviation, [count for _, count in part]):
            state = state + deviation @ state
            if not np.abs(state).max() <= FARTHEST:
                return None
    found: Array = state[:3]
    return found


def _powers(deviations: Array, counts: Sequence[int]) -> Array:
    """The deviations of maps, shape (R, D, D), each to the power of its count: by squaring."""
    left, found = np.array(counts), np.zeros_like(deviations)
    while left.any():
        odd = left % 2 == 1
        found[odd] = composed(deviations[odd], found[odd])
        deviations, left = composed(deviations, deviations), left // 2
    return found


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
    for _ in range(MOST_UPDATES // updates):
        check_cancelled()
        before, done = (trainer.trained_w.tolist(), trainer.slots), trainer.epoch
        while trainer.epoch == done and not trainer.diverged:
            trainer.advance(updates)
        if trainer.diverged:
            return None
        if (trainer.trained_w.tolist(), trainer.slots) == before:
            return Rest(task.to_x(trainer.trained_w), trainer.mean_loss, Why.ROUNDED)
    return None
