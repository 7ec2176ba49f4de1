"""Losses and gradients of many runs at once, a piece at a time: each to the last bit what `parabola` gives of one.

w has the shape (3, R), a column for each run; x and y have the shape (n,), or (R, n) where each run has samples of its
own. What is given has an element or a column for each run.
"""

from __future__ import annotations

from collections.abc import Generator, Sequence
from itertools import repeat
from typing import Any

import numpy as np

from quadfit_tui.core.model.array import Array
from quadfit_tui.core.model.problem import MANY, Problem

AT_ONCE = 16_384  # residuals in a piece: what stays in the processor's cache


def sample_measures(w: Array, x: Any, y: Any, factor: float) -> tuple[Array, Array]:
    """The loss of one sample, shape (R,), and its gradient, shape (3, R), as the trainer has them of one run.

    x and y are numbers, or have the shape (R,).
    """
    a, b, c = w
    error = (a * x + b) * x + c - y
    gradient = np.empty_like(w)
    by_a, by_b, by_c = gradient
    np.multiply(error, factor, out=by_c)
    np.multiply(by_c, x, out=by_b)
    np.multiply(by_b, x, out=by_a)
    return error * error, gradient


def batch_measures(w: Array, x: Array, y: Array, factor: float) -> Generator[None, None, tuple[Array, Array]]:
    """The loss of a batch, shape (R,), and its gradient, shape (3, R), as `parabola.loss_and_gradient` of each run."""
    loss, gradient, size = np.empty(w.shape[1]), np.empty_like(w), x.shape[-1]
    share = factor / size
    for runs in _pieces(w, x):
        xs, ys = (x, y) if x.ndim == 1 else (x[runs], y[runs])
        r = _residuals(w[:, runs], xs, ys)
        rx = r * xs
        loss[runs] = _dots(r, r) / size
        gradient[0, runs] = _dots(rx, np.broadcast_to(xs, r.shape)) * share
        gradient[1, runs] = rx.sum(axis=1) * share
        gradient[2, runs] = r.sum(axis=1) * share
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
            r = _residuals(w[:, runs], x, y)
            found[runs] = _dots(r, r) / r.shape[1]
        yield
    return found


def samples_of(problems: Sequence[Problem]) -> tuple[Array, Array]:
    """The samples of problems of one size, x and y of shape (R, n)."""
    return np.array([each.x for each in problems]), np.array([each.y for each in problems])


def _pieces(w: Array, x: Array) -> list[slice]:
    """The runs in pieces of AT_ONCE residuals, at least one run each."""
    size = max(1, AT_ONCE // x.shape[-1])
    return [slice(low, low + size) for low in range(0, w.shape[1], size)]


def _residuals(w: Array, x: Array, y: Array) -> Array:
    """f(x) − y of each run, shape (R, n)."""
    a, b, c = w[..., np.newaxis]
    r: Array = a * x
    r += b
    r *= x
    r += c
    r -= y
    return r


def _dots(u: Array, v: Array) -> Array:
    """The products of the rows of two arrays, shape (R, n): shape (R,). Sums of products differ in their last bits."""
    found: Array = np.matmul(u[:, np.newaxis, :], v[:, :, np.newaxis])[:, 0, 0]
    return found
