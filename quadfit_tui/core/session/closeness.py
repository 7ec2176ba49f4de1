"""How close a w is to the optimum, and a mean loss to the least possible one: one measure for all that is said of it.

A mean loss has the unit of y², and tol is chosen by whoever stops the run: neither tells alone what is much. What a
parabola misses is measured by the spread of y, of which the optimum misses only the least mean loss; and w, which
stands beside the optimum in the sentence, by the size of that.
"""

from __future__ import annotations

import math
from enum import Enum
from typing import TYPE_CHECKING

if TYPE_CHECKING:  # the table of formats, which needs this, needs no NumPy
    from quadfit_tui.core.model.array import Array
    from quadfit_tui.core.model.task import FitTask

AT = 1.001  # times the least mean loss: what is no higher differs in few digits
NEAR = 1.1  # times the least mean loss: what is no higher is about as good
FAR = 10  # times the least mean loss: what is higher is far above it
LITTLE = 0.01  # of the variance of y: a mean loss that is no more above the least one fits about as well
MUCH = 0.1  # of the same, and of the length of the optimum: what is more can be seen


class Closeness(Enum):
    """Where a w is, as it is told."""

    CLOSE = "close to"
    AWAY = "neither close nor far"
    FAR = "far from"


def closeness(task: FitTask, w: Array, mean_loss: float) -> Closeness:
    """Whether w, in coordinates of x, is close to the optimum or far from it, both by w itself and by its mean loss.

    Where one says this and the other that, as with a direction that the data hardly determine, it is neither.
    """
    problem, least = task.problem, task.trained.least
    best = problem.optimum.tolist()
    excess, distance = mean_loss - least, math.dist(w.tolist(), best)
    beside = distance <= MUCH * math.hypot(*best)
    if beside and (excess <= LITTLE * problem.variance or mean_loss <= NEAR * least):
        return Closeness.CLOSE
    if not beside and not excess <= MUCH * problem.variance and not mean_loss <= FAR * least:
        return Closeness.FAR
    return Closeness.AWAY


def tol_tells(task: FitTask) -> bool:
    """Whether tol tells how good a run is: not if the mean loss is below it before the first update."""
    return not task.loss_at_start < task.config.tol


def aim(task: FitTask) -> float:
    """The mean loss below which a run has nothing to mend: tol, or about the least one if tol tells nothing."""
    return task.config.tol if tol_tells(task) else task.trained.least + LITTLE * task.problem.variance


def is_far(mean_loss: float, least: float, aim: float) -> bool:
    """Whether a mean loss is far above the least possible one, and the `aim`: so that there is something to mend."""
    return mean_loss > FAR * max(least, aim)


def is_good(mean_loss: float, least: float, aim: float) -> bool:
    """Whether a mean loss is hardly above the least possible one, or below the `aim`: so there is nothing to mend."""
    return mean_loss <= NEAR * least or mean_loss < aim
