"""Losses and gradients of many runs at once, a piece at a time: each to the last bit what `parabola` gives of one.

w has the shape (3, R), a column for each run; x and y have the shape (n,), or (R, n) where each run has samples of its
own. What is given has an element or a column for each run.
"""

from __future__ import annotations

from collections.abc import Generator, Sequence
from itertools import repeat

import numpy as np

from quadfit_tui.core.model.array import Array
from quadfit_tui.core.model.parabola import batch_gradients, losses_of_runs
from quadfit_tui.core.model.problem import MANY, Problem

AT_ONCE = 16_384  # residuals in a piece: what stays in the processor's cache


def batch_measures(w: Array, x: Array, y: Array, factor: float) -> Generator[None, None, tuple[Array, Array]]:
    """The loss of a batch, shape (R,), and its gradient, shape (3, R), by `batch_gradients`."""
    loss, gradient = np.empty(w.shape[1]), np.empty_like(w)
    for runs in _pieces(w, x):
        xs, ys = (x, y) if x.ndim == 1 else (x[runs], y[runs])
        loss[runs], gradient[:, runs] = batch_gradients(w[:, runs], xs, ys, factor)
        yield
    return loss, gradient


def mean_losses(w: Array, problems: Sequence[Problem]) -> Generator[None, None, Array]:
    """The loss over all samples, shape (R,), as `Problem.mean_loss` of each run.

    `problems` are theirs, all of one size: one for all of them, or one for each.
    """
    found, problem, one = np.empty(w.shape[1]), problems[0], len(problems) == 1
    for runs in _pieces(w, problem.x):
        if len(problem.x) > MANY:
            some = repeat(problem) if one else problems[runs]
            found[runs] = [each.mean_loss(column) for each, column in zip(some, w[:, runs].T, strict=False)]
        else:
            x, y = (problem.x, problem.y) if one else samples_of(problems[runs])
            found[runs] = losses_of_runs(w[:, runs], x, y)
        yield
    return found


def samples_of(problems: Sequence[Problem]) -> tuple[Array, Array]:
    """The samples of problems of one size, x and y of shape (R, n)."""
    return np.array([each.x for each in problems]), np.array([each.y for each in problems])


def _pieces(w: Array, x: Array) -> list[slice]:
    """The runs in pieces of AT_ONCE residuals, at least one run each."""
    size = max(1, AT_ONCE // x.shape[-1])
    return [slice(low, low + size) for low in range(0, w.shape[1], size)]
