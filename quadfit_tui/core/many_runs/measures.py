"""Losses and gradients of many runs at once, a piece at a time: each to the last bit what `parabola` gives of one.

w has the shape (3, R), a column for each run; x and y have the shape (n,). What is given has an element or a column for
each run.
"""

from __future__ import annotations

from collections.abc import Generator

import numpy as np

from quadfit_tui.core.model.array import Array
from quadfit_tui.core.model.problem import MANY, Problem

AT_ONCE = 16_384  # residuals in a piece: what stays in the processor's cache


def sample_measures(w: Array, x: float, y: float, factor: float) -> tuple[Array, Array]:
    """The loss of one sample, shape (R,), and its gradient, shape (3, R), as the trainer has them of one run."""
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
    loss, gradient, share = np.empty(w.shape[1]), np.empty_like(w), factor / len(x)
    for runs in _pieces(w, x):
        r = _residuals(w[:, runs], x, y)
        rx = r * x
        loss[runs] = _dots(r, r) / len(x)
        gradient[0, runs] = _dots(rx, np.broadcast_to(x, r.shape)) * share
        gradient[1, runs] = rx.sum(axis=1) * share
        gradient[2, runs] = r.sum(axis=1) * share
        yield
    return loss, gradient


def mean_losses(w: Array, problem: Problem) -> Generator[None, None, Array]:
    """The loss over all samples, shape (R,), as `Problem.mean_loss` of each run."""
    x, y, found = problem.x, problem.y, np.empty(w.shape[1])
    for runs in _pieces(w, x):
        if len(x) > MANY:
            found[runs] = [problem.mean_loss(each) for each in w[:, runs].T]
        else:
            r = _residuals(w[:, runs], x, y)
            found[runs] = _dots(r, r) / len(x)
        yield
    return found


def _pieces(w: Array, x: Array) -> list[slice]:
    """The runs in pieces of AT_ONCE residuals, at least one run each."""
    size = max(1, AT_ONCE // len(x))
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
