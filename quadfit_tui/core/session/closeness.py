"""Measures how close a w is to the optimum, and a mean loss to the least possible one: one measure for all sentences.

A mean loss has the unit of y², and tol is the choice of the user: neither shows alone what is much. The misfit of a
parabola is measured by the variance of y, of which the optimum misses only the least mean loss; the distance of w from
the optimum, which stand side by side in the sentence, is measured by the length of the optimum.
"""

from __future__ import annotations

import math
from enum import Enum
from typing import TYPE_CHECKING

if TYPE_CHECKING:  # the table of formats imports this without NumPy
    from quadfit_tui.core.model.array import Array
    from quadfit_tui.core.model.task import FitTask

AT = 1.001  # times the least mean loss: up to here a mean loss differs in few digits
NEAR = 1.1  # times the least mean loss: up to here a mean loss is about as good
FAR = 10  # times the least mean loss: above, a mean loss is far from it
LITTLE = 0.01  # share of the variance of y: a mean loss within this of the least one fits about as well
MUCH = 0.1  # share of the variance of y, and of the length of the optimum: a larger difference is visible


class Closeness(Enum):
    """The closeness of a w to the optimum, as sentences state it."""

    CLOSE = "close to"
    AWAY = "neither close nor far"
    FAR = "far from"


def closeness(task: FitTask, w: Array, mean_loss: float) -> Closeness:
    """Returns whether w, in coordinates of x, is close to the optimum or far from it, by w itself and by its mean loss.

    If the two disagree, as in a direction that the data hardly determine, it is neither.
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
    """Returns whether tol measures how good a run is: not if the mean loss is below it before the first update."""
    return not task.loss_at_start < task.config.tol


def aim(task: FitTask) -> float:
    """Returns the mean loss below which a run needs no remedy: tol, or about the least one if the start is below it."""
    return task.config.tol if tol_tells(task) else task.trained.least + LITTLE * task.problem.variance


def is_far(mean_loss: float, least: float, aim: float) -> bool:
    """Returns whether a mean loss is far above both the least possible one and the `aim`: the run needs a remedy."""
    return mean_loss > FAR * max(least, aim)


def is_good(mean_loss: float, least: float, aim: float) -> bool:
    """Returns whether a mean loss is hardly above the least possible one, or below the `aim`: no remedy is needed."""
    return mean_loss <= NEAR * least or mean_loss < aim
