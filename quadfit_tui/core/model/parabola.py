"""The mathematics of fitting f(x) = a·x² + b·x + c: pure functions of arrays.

Throughout, w is the array (a, b, c) of shape (3,), x and y have shape (n,), and F = features(x) has shape (n, 3). A
`factor` is a value of CONVENTIONS, the factor of the gradient's convention.

The gradient is written once for each shape that must be quick, and for each order of summation, which decides the last
bit. Since runs are reproducible, none of these functions can replace another:

    descend             updates by single samples, one after the other: plain descent, in floats, without calls
    sample_gradient     one sample: of one run in floats, of many runs in arrays; any optimizer
    batch_gradient      one batch, by dot products: the updates of a run, and `gradient`, which pages explain
    batch_gradients     a batch of each of many runs, with the same bits as batch_gradient
    row_gradients       the last batch of each of many epochs that are computed at once, by sums along rows
    QuadraticLoss.gradients  all samples, at many w, from sums over the samples: no pass over them
    compute_sample_step one sample, at columns of maps, in place: the step that subtract_step subtracts
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import Any, NamedTuple, TypeVar

import numpy as np
from numpy.typing import NDArray

from quadfit_tui.core.methods.gradients import CONVENTIONS
from quadfit_tui.core.model.array import Array
from quadfit_tui.core.model.scaling import Standardization

PARAMETER_NAMES = "abc"  # in their order in w
EPSILON = float(np.finfo(np.float64).eps)
Columns = Array | tuple[Array, ...]  # three arrays: a, b, c
Numbers = TypeVar("Numbers", float, Array)
Passed = list[tuple[float, float, float]]  # w after each update
_BLOCK = 8192  # samples at once: above 10,000 some BLAS libraries sum in threads that wait for each other


def distinct(values: NDArray[Any]) -> NDArray[Any]:
    """Returns the distinct `values`, shape (n,), sorted, like np.unique, which would load 2 MB for masked arrays."""
    ordered = np.sort(values)
    is_new = np.ones(len(ordered), dtype=np.bool_)
    is_new[1:] = ordered[1:] != ordered[:-1]
    return ordered[is_new]


def features(x: Array) -> Array:
    """Returns the design matrix with rows (x², x, 1), shape (n, 3), so that f(x) = features(x) @ w."""
    return np.stack([x * x, x, np.ones_like(x)], axis=-1)


def predict(w: Array, x: Array) -> Array:
    """Computes the model f(x) = a·x² + b·x + c at each x, shape (n,)."""
    a, b, c = w.tolist()
    y: Array = (a * x + b) * x + c
    return y


def residuals(w: Array, x: Array, y: Array) -> Array:
    """Computes the residuals f(x) − y, shape (n,): positive if the model is above the sample."""
    return predict(w, x) - y


def loss(w: Array, x: Array, y: Array) -> float:
    """Computes the mean squared error of w, shape (3,): mean of (f(x) − y)², without a factor ½. May be inf or nan."""
    r = residuals(w, x, y)
    return float(r @ r) / len(r)


def losses(w: Array, x: Array, y: Array) -> Array:
    """Computes the loss of each row of w, shape (m, 3), by passes over the samples; returns shape (m,)."""
    a, b, c = (w[:, column : column + 1] for column in range(3))
    sums = np.zeros(len(w))
    for xs, ys in _blocks(x, y):
        at_once = max(1, _BLOCK // len(xs))
        for low in range(0, len(w), at_once):
            rows = slice(low, low + at_once)
            r = a[rows] * xs
            r += b[rows]
            r *= xs
            r += c[rows]
            r -= ys
            sums[rows] += np.einsum("ij,ij->i", r, r)
    return sums / len(x)


def gradient(w: Array, x: Array, y: Array, convention: str) -> Array:
    """Computes the gradient by a, b, c, shape (3,): mean of (f(x) − y)·(x², x, 1), twice that for `full`.

    `full` is the exact derivative of `loss`; `half`, the article's, is the derivative of ½·loss.
    """
    a, b, c = w.tolist()
    _, *by_w = batch_gradient(a, b, c, x, y, CONVENTIONS[convention])
    return np.array(by_w)


def descend(
    w: Array, x: Array, y: Array, lr: float, factor: float, passed: Passed | None = None
) -> tuple[float, Array, Array]:
    """Runs an update w ← w − lr·g for each sample in turn; returns the last one's loss, its gradient, and w after it.

    The loss and the gradient are those before the last update. The loss is inf if that of any update is not finite.
    Appends w after each update to `passed`, if that is given.
    """
    a, b, c = w.tolist()
    error = by_a = by_b = by_c = squares = 0.0
    for xi, yi in zip(x.tolist(), y.tolist(), strict=True):
        error = (a * xi + b) * xi + c - yi
        squares += error * error  # turns inf or nan with any loss, and stays so
        by_c = factor * error
        by_b = by_c * xi
        by_a = by_b * xi
        a -= lr * by_a
        b -= lr * by_b
        c -= lr * by_c
        if passed is not None:
            passed.append((a, b, c))
    loss = error * error if math.isfinite(squares) else math.inf
    return loss, np.array([by_a, by_b, by_c]), np.array([a, b, c])


def sample_gradient(
    a: Numbers, b: Numbers, c: Numbers, x: Numbers, y: Numbers, factor: float
) -> tuple[Numbers, Numbers, Numbers, Numbers]:
    """Computes the loss of one sample and its gradient by a, b and c: in floats, or in arrays of many runs."""
    error = (a * x + b) * x + c - y
    by_c = factor * error
    by_b = by_c * x
    return error * error, by_b * x, by_b, by_c


def batch_gradient(
    a: float, b: float, c: float, x: Array, y: Array, factor: float
) -> tuple[float, float, float, float]:
    """Computes the `loss` of a batch and its gradient by a, b and c, in one pass over the samples."""
    r = (a * x + b) * x + c - y
    rx, share = r * x, factor / len(r)
    return float(r @ r) / len(r), float(rx @ x) * share, float(rx.sum()) * share, float(r.sum()) * share


def batch_gradients(w: Array, x: Array, y: Array, factor: float) -> tuple[Array, Array]:
    """Computes the losses of a batch of each of R runs, shape (R,), and their gradients, shape (3, R) like w.

    x and y have the shape (n,), or (R, n) if each run has samples of its own. Same bits as `batch_gradient`.
    """
    r = _residuals_of_runs(w, x, y)
    rx, size = r * x, r.shape[1]
    share = factor / size
    by_w = np.empty_like(w)
    by_w[0] = _dots(rx, np.broadcast_to(x, r.shape)) * share
    by_w[1] = rx.sum(axis=1) * share
    by_w[2] = r.sum(axis=1) * share
    return _dots(r, r) / size, by_w


def losses_of_runs(w: Array, x: Array, y: Array) -> Array:
    """Computes the `loss` of each of R runs, shape (R,); w has the shape (3, R), x and y as in `batch_gradients`."""
    r = _residuals_of_runs(w, x, y)
    losses: Array = _dots(r, r) / r.shape[1]
    return losses


def _residuals_of_runs(w: Array, x: Array, y: Array) -> Array:
    """Computes the residuals f(x) − y of each run, shape (R, n)."""
    a, b, c = w[..., np.newaxis]
    r: Array = a * x
    r += b
    r *= x
    r += c
    r -= y
    return r


def _dots(u: Array, v: Array) -> Array:
    """Computes the dot product of each pair of rows of two arrays, shape (R, n); returns shape (R,).

    By matmul, for the same bits as `r @ r` of one run: sums of products differ in their last bits.
    """
    products: Array = np.matmul(u[:, np.newaxis, :], v[:, :, np.newaxis])[:, 0, 0]
    return products


def row_gradients(w: Array, x: Array, y: Array, factor: float) -> tuple[Array, Array]:
    """Computes the losses and gradients of a batch at each row of w, shape (..., m, 3): shapes (..., m), (..., m, 3).

    x and y are the samples of each row, shape (m, n), or (1, n).
    """
    a, b, c = (w[..., column : column + 1] for column in range(3))
    r = (a * x + b) * x + c - y
    rx, by_w = r * x, np.empty(w.shape)
    for column, terms in enumerate((rx * x, rx, r)):
        by_w[..., column] = factor * (np.add.reduce(terms, axis=-1) / x.shape[-1])
    return np.add.reduce(r * r, axis=-1) / x.shape[-1], by_w


def compute_sample_step(w: Columns, x: Any, residuals: Array, rate: Array, step: Array) -> None:
    """Writes rate·(a·x² + b·x + c + residuals) of many columns (a, b, c) into `step`; arrays have the same shape.

    (a, b, c) may be deviations from a reference w; `residuals` are then those of the reference. x is a number, or an
    array of the same shape.
    """
    np.multiply(w[0], x, out=step)
    step += w[1]
    step *= x
    step += w[2]
    step += residuals
    step *= rate


def subtract_step(w: Columns, step: Array, x: Any) -> None:
    """Subtracts step·(x², x, 1) from the columns (a, b, c), in place; overwrites `step`."""
    a, b, c = w
    c -= step
    step *= x
    b -= step
    step *= x
    a -= step


def curvature(x: Array) -> Array:
    """Computes the mean over the samples of f·fᵀ with f = (x², x, 1), shape (3, 3): half the Hessian of the loss."""
    rows = features(x)
    return rows.T @ rows / len(x)


class QuadraticLoss(NamedTuple):
    """The mean loss as a quadratic function of w, from a few sums over the samples, with bounds of its rounding errors.

    With u = (x − m)/s, from −1 to 1, the parabola of p + d is that of p plus (u², u, 1)·e with e = to_unit·d, so that
    loss(p + d) = eᵀ·A·e + 2·e·g + loss(p). A is the mean of (u², u, 1)·(u², u, 1)ᵀ, `curvature`, shape (3, 3), and g
    that of the residuals of p times (u², u, 1), `slope`, shape (3,). This holds for any p; near the optimum the
    rounding errors are smallest. `least` is loss(p). `reach` are the largest x², |x| and 1, `largest` the largest |y|.
    """

    p: Array
    to_unit: Array
    curvature: Array
    slope: Array
    least: float
    reach: Array
    largest: float

    def gradients(self, w: Array) -> Array:
        """Computes the `half` gradients of the mean loss at the rows of w, shape (..., m, 3); returns that shape."""
        return ((w - self.p) @ self.to_unit.T @ self.curvature + self.slope) @ self.to_unit

    def losses(self, w: Array) -> tuple[Array, Array]:
        """Computes the mean losses at the rows of w, shape (..., m, 3), and bounds of their errors, shape (..., m)."""
        d = w - self.p
        e = d @ self.to_unit.T
        rising = e @ self.curvature
        values: Array = np.add.reduce((rising + 2 * self.slope) * e, axis=-1) + self.least
        size = np.abs(e)
        # Rounding errors of sums whose terms may cancel.
        lost = 8 * EPSILON * np.add.reduce((size @ np.abs(self.curvature)) * size, axis=-1)
        of_e = 4 * np.abs(d) + np.abs(w) + np.abs(self.p)
        lost += 2 * EPSILON * np.add.reduce(np.abs(rising) * (of_e @ np.abs(self.to_unit).T), axis=-1)
        lost += 2 * (size @ np.sqrt(self.curvature.diagonal())) * self._rounding(self.p) + 8 * EPSILON * self.least
        return values, lost

    def _rounding(self, w: Array) -> Array:
        """Bounds the rounding error of a residual of w, shape (..., 3), since a·x² + b·x + c and y may cancel."""
        return 4 * EPSILON * (self.largest + np.abs(w) @ self.reach)

    def sums_are_exact_enough(self, w: Array, losses: tuple[Array, Array] | None = None) -> NDArray[np.bool_]:
        """Whether the sums yield each row's loss as exactly as a pass over the samples would; returns shape (..., m).

        w has the shape (..., m, 3); `losses` is the result of `losses(w)`, if the caller has it already.
        """
        values, lost = losses or self.losses(w)
        rounding = self._rounding(w)
        own = 2 * np.sqrt(np.abs(values)) * rounding + rounding**2
        return lost <= 1e-10 * values + 16 * own


def reach(x: Array) -> Array:
    """Returns the largest x², |x| and 1 of the samples, shape (3,), for bounds of rounding errors."""
    farthest = float(np.abs(x).max())
    return np.array([farthest**2, farthest, 1.0])


def quadratic_loss_of(x: Array, y: Array, p: Array | None = None) -> QuadraticLoss:
    """Computes the QuadraticLoss of samples about p, shape (3,), or else about their least-squares optimum."""
    unit = _unit(x)
    m, s = unit
    sums = np.zeros(8)
    for xs, ys in _blocks(x, y):
        u = (xs - m) / s
        uu = u * u
        sums += np.array([uu @ uu, uu @ u, uu.sum(), u.sum(), len(u), uu @ ys, u @ ys, ys.sum()])
    u4, u3, u2, u1, one, u2y, u1y, y1 = (sums / len(x)).tolist()
    curvature = np.array([[u4, u3, u2], [u3, u2, u1], [u2, u1, one]])
    if p is None:
        p = unit.to_x(np.linalg.lstsq(curvature, np.array([u2y, u1y, y1]), rcond=None)[0])
    slope, least = np.zeros(3), 0.0
    for xs, ys in _blocks(x, y):
        r = residuals(p, xs, ys)
        u = (xs - m) / s
        ru = r * u
        slope += np.array([ru @ u, ru.sum(), r.sum()])
        least += float(r @ r)
    to_unit = np.array([[s * s, 0, 0], [2 * m * s, s, 0], [m * m, m, 1]])
    return QuadraticLoss(p, to_unit, curvature, slope / len(x), least / len(x), reach(x), float(np.abs(y).max()))


def _blocks(x: Array, y: Array) -> Iterator[tuple[Array, Array]]:
    """Yields the samples in blocks that stay in the processor's cache."""
    for low in range(0, len(x), _BLOCK):
        yield x[low : low + _BLOCK], y[low : low + _BLOCK]


def _unit(x: Array) -> Standardization:
    """Returns m and s with which u = (x − m)/s ranges from −1 to 1."""
    low, high = float(x.min()), float(x.max())
    s = (high - low) / 2
    # With a smaller s, all x are equal as far as their squares can tell.
    return Standardization((low + high) / 2, s if s >= 1e-100 else 1.0)
