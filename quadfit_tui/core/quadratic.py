"""The mathematics of fitting f(x) = a·x² + b·x + c: pure functions of arrays.

Throughout, w is the array (a, b, c) of shape (3,), x and y have shape (n,), and F = features(x) has shape (n, 3).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from quadfit_tui.core.rules import CONVENTIONS

Array = NDArray[np.float64]


def features(x: Array) -> Array:
    """The rows (x², x, 1), by which f(x) = features(x) @ w; shape (n, 3)."""
    rows: Array = np.stack([x * x, x, np.ones_like(x)], axis=-1)
    return rows


def predict(w: Array, x: Array) -> Array:
    """f(x) = a·x² + b·x + c, shape (n,)."""
    a, b, c = w.tolist()
    y: Array = (a * x + b) * x + c
    return y


def residuals(w: Array, x: Array, y: Array) -> Array:
    """How far the model is above each sample: f(x) − y, shape (n,)."""
    return predict(w, x) - y


def loss(w: Array, x: Array, y: Array) -> float:
    """The mean squared error over the samples: mean of (f(x) − y)², with no ½. May be inf or nan for a huge w."""
    r = residuals(w, x, y)
    return float(r @ r) / len(r)


def gradient(w: Array, x: Array, y: Array, convention: str) -> Array:
    """The gradient by a, b, c, shape (3,): mean of (f(x) − y)·(x², x, 1), twice that for `full`.

    `full` is the exact derivative of `loss`; `half`, the article's, is the derivative of ½·loss.
    """
    r = residuals(w, x, y)
    rx = r * x
    return np.array([rx @ x, rx.sum(), r.sum()]) * (CONVENTIONS[convention] / len(r))


def curvature(x: Array) -> Array:
    """The mean over the samples of f·fᵀ with f = (x², x, 1), shape (3, 3): half the second derivative of the loss."""
    rows = features(x)
    matrix: Array = rows.T @ rows / len(x)
    return matrix


def optimum(x: Array, y: Array) -> Array:
    """The w of least mean squared error, shape (3,): least squares in u = (x − m)/s, which is well conditioned.

    Where fewer than three different x leave it open, one of the best is given.
    """
    m = (float(x.min()) + float(x.max())) / 2
    s = (float(x.max()) - float(x.min())) / 2
    if s < 1e-100:  # all x are one, as far as their squares can tell
        s = 1.0
    a, b, c = np.linalg.lstsq(features((x - m) / s), y, rcond=None)[0]
    return np.array([a / s**2, b / s - 2 * a * m / s**2, c - b * m / s + a * m**2 / s**2])


@dataclass(frozen=True, eq=False)
class LossForm:
    """The mean loss of any w from a few sums over the samples, and how far rounding may have put it off.

    loss(p + d) = dᵀ·A·d + 2·d·g + loss(p) with A the curvature of the data, shape (3, 3), and g the `half` gradient at
    p, shape (3,). That is exact for any p; near the optimum least is lost to rounding.
    """

    p: Array
    curvature: Array
    slope: Array
    least: float
    slope_error: Array
    residual_error: float

    def gradients(self, w: Array) -> Array:
        """The `half` gradients of the mean loss at the rows of w: shape (m, 3), as w."""
        found: Array = (w - self.p) @ self.curvature + self.slope
        return found

    def losses(self, w: Array) -> tuple[Array, Array]:
        """The mean losses of the rows of w, shape (m, 3), and bounds of their errors: two arrays of shape (m,)."""
        d = w - self.p
        rising = d @ self.curvature
        values: Array = ((rising + 2 * self.slope) * d).sum(axis=1) + self.least
        size = np.abs(d)
        lost = 8 * _EPS * ((size @ np.abs(self.curvature)) * size).sum(axis=1)  # in adding up what may cancel
        lost += 2 * _EPS * (np.abs(rising) * (np.abs(w) + np.abs(self.p))).sum(axis=1)  # in d itself
        lost += 2 * size @ self.slope_error + 8 * _EPS * self.least
        return values, lost

    def is_as_good(self, w: Array) -> NDArray[np.bool_]:
        """For each row of w whether the sums give the loss as well as a pass over the samples does."""
        values, lost = self.losses(w)
        rounding = self.residual_error
        own = 2 * np.sqrt(np.abs(values)) * rounding + rounding**2
        good: NDArray[np.bool_] = lost <= 1e-10 * values + own
        return good


_EPS = float(np.finfo(np.float64).eps)


def loss_form(x: Array, y: Array) -> LossForm:
    """The LossForm of the samples about their optimum, as near as the normal equations come to it."""
    rows = features(x)
    matrix: Array = rows.T @ rows / len(x)
    target: Array = rows.T @ y / len(x)
    p: Array = np.asarray(np.linalg.lstsq(matrix, target, rcond=None)[0], dtype=np.float64)
    r = residuals(p, x, y)
    # Of each residual, what the terms of a·x² + b·x + c − y may have lost when they cancelled.
    reach = np.abs(rows).max(axis=0)
    lost = 4 * _EPS * float(np.abs(y).max() + reach @ np.abs(p))
    return LossForm(p, matrix, rows.T @ r / len(x), float(r @ r) / len(r), lost * reach, lost)
