"""The mathematics of fitting f(x) = a·x² + b·x + c: pure functions of arrays.

Throughout, w is the array (a, b, c) of shape (3,), x and y have shape (n,), and F = features(x) has shape (n, 3).
"""

from __future__ import annotations

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
