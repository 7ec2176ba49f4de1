"""How many epochs a run will take, from the maps of its epochs and the schedule of its learning rates."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator

import numpy as np
from numpy.typing import NDArray

from quadfit_tui.core import epochmap
from quadfit_tui.core.config import RunConfig
from quadfit_tui.core.epochmap import Maps
from quadfit_tui.core.limits import MAPS_AT_ONCE, MOST_UPDATES, EpochMaps, descent_of
from quadfit_tui.core.patience import go_on
from quadfit_tui.core.problem import Problem, start, trained
from quadfit_tui.core.quadratic import EPSILON, Array, features
from quadfit_tui.core.schedules import FOREVER, SCHEDULES

MOST_STRETCHES = 512  # of epochs at one rate, that a prediction looks through
BLOCK = 1024  # epochs that a prediction looks at one by one
LONGEST = 2**40  # epochs


def epochs_needed(config: RunConfig, problem: Problem) -> int | None:
    """After how many epochs the mean loss of the whole data set will first be below tol, with the schedule's rates.

    This may be more than the run has. None where it never is, cannot be said (an order that is drawn anew, another
    optimiser, rounding after each epoch or too much within one), or lies beyond what is looked through.
    """
    problem = trained(config, problem)
    descent = descent_of(config, problem)
    if descent is None or not descent.ordered or config.round_epochs is not None:
        return None
    updates = len(problem.x) // descent.batch
    if updates > MOST_UPDATES:
        return None
    centre = problem.centre
    epochs = EpochMaps(descent, problem, centre)
    begun = problem.from_x(start(config))
    vector = np.array([*(begun - centre).tolist(), *([0.0] * 3 if descent.momentum.carry else []), 1.0])

    def is_above(vectors: Array) -> NDArray[np.bool_]:
        return ~(problem.mean_losses(vectors[:, :3] + centre) < config.tol)

    trace = _trace(problem)
    floor = EPSILON * max(1.0, float(np.abs(problem.optimum).max()))
    stretches = list(_stretches(config))
    at_once = max(1, min(64, MAPS_AT_ONCE // updates))
    for low in range(0, len(stretches), at_once):
        part = stretches[low : low + at_once]
        maps = epochs.maps(np.array([rate for _, rate, _ in part]))
        for (first, _, count), matrix, growth in zip(part, maps.matrix, maps.growth.tolist(), strict=True):
            go_on()
            lost = floor * math.sqrt(growth)
            if not lost * lost * trace < config.tol / 16:  # a product, since a power that overflows raises
                return None
            with np.errstate(all="ignore"):
                done, vector = _first_below(is_above, matrix, vector, count)
            if done is not None:
                return first + done
            if not np.isfinite(vector).all():
                return None
    return None


def _trace(problem: Problem) -> float:
    """The trace of the curvature: no less than its largest eigenvalue."""
    return float((features(problem.x) ** 2).sum(axis=1).mean())


def _stretches(config: RunConfig) -> Iterator[tuple[int, float, int]]:
    """The first epoch, rate and length of stretches at one rate; a schedule of a fixed length ends with the run."""
    schedule = SCHEDULES[config.schedule]
    epoch = 0
    for _ in range(MOST_STRETCHES):
        rate, count = schedule.rate(config, epoch), schedule.holds(config, epoch)
        if rate == 0:
            return
        yield epoch, rate, count
        epoch += count


def _first_below(
    is_above: Callable[[Array], NDArray[np.bool_]], matrix: Array, vector: Array, count: int
) -> tuple[int | None, Array]:
    """After how many of `count` epochs the loss is first below tol, None if after none; and (w, v, 1) after them.

    Looks at the first epochs one by one; farther on, that the loss once below stays there, and at those before it.
    """
    few = min(count, BLOCK)
    powers = epochmap.powers(Maps(matrix[np.newaxis] - np.eye(len(matrix)), np.ones(1)), few + 1, None)[0][0]
    rows = powers @ vector
    below = np.flatnonzero(~is_above(rows[1:]))
    if len(below):
        return int(below[0]) + 1, rows[-1]
    if few == count:
        return None, rows[-1]
    if count < LONGEST and count < FOREVER:
        at_end = np.linalg.matrix_power(matrix, count) @ vector
        if is_above(at_end[np.newaxis])[0]:
            return None, at_end
    doubled = [matrix]
    while 2 ** len(doubled) <= min(count, LONGEST):
        doubled.append(doubled[-1] @ doubled[-1])
    if is_above((doubled[-1] @ vector)[np.newaxis])[0]:
        return None, doubled[-1] @ vector
    done, reached = 0, vector
    for power in range(len(doubled) - 1, -1, -1):
        further = doubled[power] @ reached
        if is_above(further[np.newaxis])[0]:
            done, reached = done + 2**power, further
    back = max(0, done - BLOCK + 1)
    rows = powers @ (np.linalg.matrix_power(matrix, back) @ vector)
    below = np.flatnonzero(~is_above(rows[1:]))
    return back + int(below[0]) + 1 if len(below) else done + 1, reached
