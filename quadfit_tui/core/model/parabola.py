"""The mathematics of fitting f(x) = a·x² + b·x + c: pure functions of arrays.

Throughout, w is the array (a, b, c) of shape (3,), x and y have shape (n,), and F = features(x) has shape (n, 3). A
`factor` is that of the gradient's convention, of CONVENTIONS.

The gradient is written once for each shape that must be quick, and for each order of adding up, which decides the last
bit. Runs are reproducible, so that none of these takes the place of another:

    descend             updates by single samples, one after the other: plain descent, in floats, without calls
    sample_gradient     a sample: of one run in floats, of many runs in arrays; any optimizer
    batch_gradient      a batch, by dot products: the updates of a run, and `gradient`, which pages explain
    batch_gradients     a batch of each of many runs, to the last bit of batch_gradient
    row_gradients       the last batch of each of many epochs that are done at once, by sums along rows
    QuadraticLoss.gradients  all samples, at many w, from sums over the samples: no pass over them
    sample_step         a sample, at columns of maps, in place: what an update takes off, by take_off
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

PARAMETER_NAMES = "abc"  # of w, in its order
EPSILON = float(np.finfo(np.float64).eps)
Columns = Array | tuple[Array, ...]  # three arrays
Numbers = TypeVar("Numbers", float, Array)
Passed = list[tuple[float, float, float]]  # w after updates
_BLOCK = 8192  # samples: of more than 10,000 some libraries make a sum in threads that wait for each other


def distinct(values: NDArray[Any]) -> NDArray[Any]:
    """The different ones among `values`, shape (n,), in order; np.unique would load 2 MB for masked arrays."""
    ordered = np.sort(values)
    new = np.ones(len(ordered), dtype=np.bool_)
    new[1:] = ordered[1:] != ordered[:-1]
    return ordered[new]


def features(x: Array) -> Array:
    """The rows (x², x, 1), by which f(x) = features(x) @ w; shape (n, 3)."""
    return np.stack([x * x, x, np.ones_like(x)], axis=-1)


def predict(w: Array, x: Array) -> Array:
    """f(x) = a·x² + b·x + c, shape (n,)."""
    a, b, c = w.tolist()
    y: Array = (a * x + b) * x + c
    return y


def residuals(w: Array, x: Array, y: Array) -> Array:
    """How far the model is above each sample: f(x) − y, shape (n,)."""
    return predict(w, x) - y


def loss(w: Array, x: Array, y: Array) -> float:
    """The mean squared error of w, shape (3,), over the samples: mean of (f(x) − y)², with no ½. May be inf or nan."""
    r = residuals(w, x, y)
    return float(r @ r) / len(r)


def losses(w: Array, x: Array, y: Array) -> Array:
    """The loss of each row of w, shape (m, 3), by passes over the samples: shape (m,)."""
    a, b, c = (w[:, at : at + 1] for at in range(3))
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
    """The gradient by a, b, c, shape (3,): mean of (f(x) − y)·(x², x, 1), twice that for `full`.

    `full` is the exact derivative of `loss`; `half`, the article's, is the derivative of ½·loss.
    """
    a, b, c = w.tolist()
    _, *by_w = batch_gradient(a, b, c, x, y, CONVENTIONS[convention])
    return np.array(by_w)


def descend(
    w: Array, x: Array, y: Array, lr: float, factor: float, passed: Passed | None = None
) -> tuple[float, Array, Array]:
    """Updates w ← w − lr·g by one sample each; returns the last one's loss and gradient before it, and w after it.

    A loss that is not finite makes the last one inf. w after each update is added to `passed`, if that is given.
    """
    a, b, c = w.tolist()
    error = by_a = by_b = by_c = squares = 0.0
    for xi, yi in zip(x.tolist(), y.tolist(), strict=True):
        error = (a * xi + b) * xi + c - yi
        squares += error * error  # which turns inf or nan with any loss that does, and stays so
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
    """The loss of one sample, and its gradient by a, b and c: floats, or arrays of many runs."""
    error = (a * x + b) * x + c - y
    by_c = factor * error
    by_b = by_c * x
    return error * error, by_b * x, by_b, by_c


def batch_gradient(
    a: float, b: float, c: float, x: Array, y: Array, factor: float
) -> tuple[float, float, float, float]:
    """The `loss` of a batch, and its gradient by a, b and c, by one pass over the samples."""
    r = (a * x + b) * x + c - y
    rx, share = r * x, factor / len(r)
    return float(r @ r) / len(r), float(rx @ x) * share, float(rx.sum()) * share, float(r.sum()) * share


def batch_gradients(w: Array, x: Array, y: Array, factor: float) -> tuple[Array, Array]:
    """The losses of the batches of R runs, shape (R,), and their gradients, shape (3, R), as w.

    x and y have the shape (n,), or (R, n) where each run has samples of its own.
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
    """The `loss` of each run, shape (R,): w has the shape (3, R), x and y are as in `batch_gradients`."""
    r = _residuals_of_runs(w, x, y)
    found: Array = _dots(r, r) / r.shape[1]
    return found


def _residuals_of_runs(w: Array, x: Array, y: Array) -> Array:
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


def row_gradients(w: Array, x: Array, y: Array, factor: float) -> tuple[Array, Array]:
    """The losses of a batch at each row of w, shape (..., m, 3), and their gradients: shapes (..., m) and (..., m, 3).

    x and y are the samples of each row, shape (m, n), or (1, n).
    """
    a, b, c = (w[..., at : at + 1] for at in range(3))
    r = (a * x + b) * x + c - y
    rx, by_w = r * x, np.empty(w.shape)
    for at, terms in enumerate((rx * x, rx, r)):
        by_w[..., at] = factor * (np.add.reduce(terms, axis=-1) / x.shape[-1])
    return np.add.reduce(r * r, axis=-1) / x.shape[-1], by_w


def sample_step(w: Columns, x: Any, residuals: Array, rate: Array, step: Array) -> None:
    """Puts rate·(a·x² + b·x + c + residuals) of many columns (a, b, c) into `step`, all of one shape.

    The columns may be deviations from others, of which `residuals` are those; x is a number, or of the same shape.
    """
    np.multiply(w[0], x, out=step)
    step += w[1]
    step *= x
    step += w[2]
    step += residuals
    step *= rate


def take_off(w: Columns, step: Array, x: Any) -> None:
    """Takes step·(x², x, 1) off the columns (a, b, c), in place; `step` is used up."""
    a, b, c = w
    c -= step
    step *= x
    b -= step
    step *= x
    a -= step


def curvature(x: Array) -> Array:
    """The mean over the samples of f·fᵀ with f = (x², x, 1), shape (3, 3): half the second derivative of the loss."""
    rows = features(x)
    return rows.T @ rows / len(x)


class QuadraticLoss(NamedTuple):
    """The mean loss of any w from a few sums over the samples, and how far rounding may have put it off.

    With u = (x − m)/s, from −1 to 1, the parabola of p + d is that of p plus (u², u, 1)·e with e = to_unit·d, so that
    loss(p + d) = eᵀ·A·e + 2·e·g + loss(p). A is the mean of (u², u, 1)·(u², u, 1)ᵀ, `curvature`, shape (3, 3), and g
    that of the residuals of p times (u², u, 1), `slope`, shape (3,). This holds for any p; near the optimum least is
    lost to rounding. `reach` are the largest x², |x| and 1, `largest` the largest |y|.
    """

    p: Array
    to_unit: Array
    curvature: Array
    slope: Array
    least: float
    reach: Array
    largest: float

    def gradients(self, w: Array) -> Array:
        """The `half` gradients of the mean loss at the rows of w: shape (..., m, 3), as w."""
        return ((w - self.p) @ self.to_unit.T @ self.curvature + self.slope) @ self.to_unit

    def losses(self, w: Array) -> tuple[Array, Array]:
        """The mean losses of the rows of w, shape (..., m, 3), and bounds of their errors: two of shape (..., m)."""
        d = w - self.p
        e = d @ self.to_unit.T
        rising = e @ self.curvature
        values: Array = np.add.reduce((rising + 2 * self.slope) * e, axis=-1) + self.least
        size = np.abs(e)
        lost = (
            8 * EPSILON * np.add.reduce((size @ np.abs(self.curvature)) * size, axis=-1)
        )  # in adding up what may cancel
        of_e = 4 * np.abs(d) + np.abs(w) + np.abs(self.p)
        lost += 2 * EPSILON * np.add.reduce(np.abs(rising) * (of_e @ np.abs(self.to_unit).T), axis=-1)
        lost += 2 * (size @ np.sqrt(self.curvature.diagonal())) * self._rounding(self.p) + 8 * EPSILON * self.least
        return values, lost

    def _rounding(self, w: Array) -> Array:
        """What a residual of w may be off by, w of shape (..., 3): a·x² + b·x + c and y may cancel."""
        return 4 * EPSILON * (self.largest + np.abs(w) @ self.reach)

    def is_as_good(self, w: Array, losses: tuple[Array, Array] | None = None) -> NDArray[np.bool_]:
        """Whether the sums give the losses of the rows of w as well as a pass would: (..., m, 3) gives (..., m).

        `losses` are those of `losses`, if they are known.
        """
        values, lost = losses or self.losses(w)
        rounding = self._rounding(w)
        own = 2 * np.sqrt(np.abs(values)) * rounding + rounding**2
        return lost <= 1e-10 * values + 16 * own


def reach(x: Array) -> Array:
    """The largest x², |x| and 1 of the samples, shape (3,)."""
    farthest = float(np.abs(x).max())
    return np.array([farthest**2, farthest, 1.0])


def loss_form(x: Array, y: Array, p: Array | None = None) -> QuadraticLoss:
    """Returns the QuadraticLoss of samples about p, shape (3,), or else about their optimum as a solver finds it."""
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
    """The samples in blocks that stay in the processor's cache."""
    for low in range(0, len(x), _BLOCK):
        yield x[low : low + _BLOCK], y[low : low + _BLOCK]


def _unit(x: Array) -> Standardization:
    """m and s by which u = (x − m)/s goes from −1 to 1."""
    low, high = float(x.min()), float(x.max())
    s = (high - low) / 2
    return Standardization(
        (low + high) / 2, s if s >= 1e-100 else 1.0
    )  # all x are one, as far as their squares can tell
