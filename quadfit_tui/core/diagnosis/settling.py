"""Where a run settles whose learning rate stays the same: the w that an epoch takes to itself.

An epoch in a fixed order is an affine map; where its spectral radius is below 1, w nears the map's one fixed point,
from any start. With one update an epoch of all samples, and where one w fits all samples, that is the optimum. Else
each batch draws w to an optimum of its own, and the epoch ends where its last ones have drawn it: beside the optimum,
at a high rate far from it. Of samples in a new order each epoch there is no such point.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from quadfit_tui.core.config.parameters import RunConfig
from quadfit_tui.core.diagnosis.stability import MOST_UPDATES, NOISY, Decrement, EpochMaps, descent_of
from quadfit_tui.core.methods.schedules import FOREVER, SCHEDULES
from quadfit_tui.core.model.array import Array
from quadfit_tui.core.model.task import Task

WORST = 1e11  # condition number of what is solved, above which too few digits of its solution would be right


class Settling(NamedTuple):
    """The w at the ends of epochs that a run nears, in coordinates of x, shape (3,), and its mean loss.

    `decrement` is what an epoch takes off the distance from there.
    """

    w: Array
    mean_loss: float
    decrement: Decrement


def is_constant(config: RunConfig) -> bool:
    """Whether the rate stays the same forever."""
    return SCHEDULES[config.schedule].holds(config, 0) >= FOREVER


def ends_with_run(config: RunConfig) -> bool:
    """Whether the rates depend on how many epochs the run has: of a longer one they would be others."""
    rate, longer = SCHEDULES[config.schedule].rate, config.replace(epochs=FOREVER)
    return rate(config, config.epochs) != rate(longer, config.epochs)


class FixedPoint(NamedTuple):
    """The fixed point of an epoch's map, and the map about it.

    `place` is (w, v) as trained, w counted from the problem's center: shape (D − 1,). `change` is the linear part less
    the identity along `directions`, which are orthonormal columns, shape (D − 1, d); `decrement` is that of the map.
    """

    place: Array
    change: Array
    directions: Array
    decrement: Decrement


def settling(task: Task, rate: float) -> Settling | None:
    """Where the run settles at this rate; None where it does not, or where that cannot be said.

    The latter as in `decrement`, of another optimizer, and where w is rounded after each epoch.
    """
    problem, found = task.trained, fixed_point(task, rate, task.start)
    if found is None or not found.decrement.share > 0:
        return None
    with np.errstate(all="ignore"):
        w = found.place[:3] + problem.center
        mean_loss = problem.mean_loss(w)
    return Settling(task.to_x(w), mean_loss, found.decrement) if np.isfinite(mean_loss) else None


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
