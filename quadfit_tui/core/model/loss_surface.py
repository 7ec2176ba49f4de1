"""The loss surface: the mean loss over two of the parameters, and its contours, which are ellipses.

The mean loss is quadratic: loss(w) = loss(w*) + (w − w*)ᵀ·A·(w − w*), with the optimum w* and A = mean of f·fᵀ,
f = (x², x, 1). So it is over any two parameters, whether the third is held or follows them. Where it does not change
along a direction the contours are pairs of parallel lines, and where it is flat there are none.
"""

from __future__ import annotations

import math
from itertools import pairwise
from typing import NamedTuple
from weakref import WeakKeyDictionary

import numpy as np

from quadfit_tui.core.model.array import Array
from quadfit_tui.core.model.problem import Dataset

Pair = tuple[int, int]  # the places in w of two parameters
SurfaceWindow = tuple[tuple[float, float], tuple[float, float]]  # of the first, of the second

ARC_POINTS = 61
_TINY = 1e-14  # of a sum of squares, what rounding leaves where there should be nothing
_LONG = 1e12  # windows: of a longer ellipse straight lines are seen


class LossContours(NamedTuple):
    """loss(p) = least + |root·(p − center)|² for the rows p of an array of shape (m, 2).

    `center` has shape (2,), `root` (2, 2). Where the loss does not change along a direction, `center` is one of its
    lowest points.
    """

    center: Array
    root: Array
    least: float

    @property
    def is_flat(self) -> bool:
        """Whether the loss is the same everywhere."""
        return not self.root.any()

    def losses(self, points: Array) -> Array:
        """The losses of the rows of `points`, shape (m, 2): shape (m,)."""
        high = (points - self.center) @ self.root.T
        losses: Array = self.least + (high * high).sum(axis=1)
        return losses

    def reach(self) -> tuple[Array, float]:
        """How wide the contour of `least` + 1 is, and how long, so that it can be seen as a whole.

        First how far it is from `center` along each axis, shape (2,), inf where there is none; then how many times as
        far its farthest points lie in the direction of either axis. With RᵀR = A these are 1/√Aᵢᵢ, 1 by the length of
        column i of R, and √(Aᵢᵢ·(A⁻¹)ᵢᵢ), 1 by the sine of the angle between both columns.
        """
        first, second = (math.hypot(*column) for column in self.root.T.tolist())
        widths = np.array([1 / length if length else math.inf for length in (first, second)])
        sine = abs(float(np.linalg.det(self.root / [first, second]))) if first and second else 1.0
        return widths, 1 / sine if sine else math.inf

    def extremes(self, window: SurfaceWindow) -> tuple[float, float]:
        """The smallest and the largest loss in a window; inf where a double cannot hold it."""
        with np.errstate(all="ignore"):
            corners = np.array([(x, y) for x in window[0] for y in window[1]])
            inside = all(low <= at <= high for at, (low, high) in zip(self.center, window, strict=True))
            lowest = self.center[np.newaxis] if inside else self._lowest_on_edges(window)
            return float(self.losses(lowest).min()), float(self.losses(corners).max())

    def _lowest_on_edges(self, window: SurfaceWindow) -> Array:
        """The lowest point of each edge, shape (4, 2): on a line, the loss is a parabola."""
        found = []
        for along in (0, 1):
            across = 1 - along
            steep = float(self.root[:, along] @ self.root[:, along])
            for edge in window[across]:
                away = self.root[:, across] * (edge - self.center[across])
                step = -float(self.root[:, along] @ away) / steep if steep else 0.0
                point = np.empty(2)
                point[along] = np.clip(self.center[along] + step, *window[along])
                point[across] = edge
                found.append(point)
        return np.array(found)

    def contour(self, level: float, window: SurfaceWindow) -> list[Array]:
        """The parts in a window of the curve on which the loss is `level`, as polylines: arrays of shape (n, 2)."""
        middle = np.array([(low + high) / 2 for low, high in window])
        half = np.array([(high - low) / 2 for low, high in window])
        with np.errstate(all="ignore"):
            # From here on the window is a square from −1 to 1, and `axes` are those of the ellipse in it.
            root = self.root * half
            height = level - self.least
            if not (0 < height < math.inf and np.isfinite(root).all() and root.any()):
                return []
            _, steep, axes = np.linalg.svd(root)
            center = (self.center - middle) / half
            if steep[1] * _LONG < math.sqrt(height):
                found = _lines(center, steep, axes, height)
            else:
                found = _arcs(center, (math.sqrt(height) / steep)[:, np.newaxis] * axes)
        return [middle + half * points for points in found]


def _lines(center: Array, steep: Array, axes: Array, height: float) -> list[Array]:
    """The two lines where a surface that is long along axes[1] is `height` high, across the square from −1 to 1."""
    across, along = axes
    left = height - (steep[1] * float(center @ along)) ** 2  # after what the change along axes[1] takes
    if left < 0:
        return []
    at, reach = float(center @ across), math.sqrt(left) / float(steep[0])
    places = np.linspace(-2, 2, ARC_POINTS)[:, np.newaxis] * along
    return [across * (at + side * reach) + places for side in (-1, 1)]


def _arcs(center: Array, axes: Array) -> list[Array]:
    """The parts of the ellipse center + cos t·axes[0] + sin t·axes[1] in the square from −1 to 1."""
    turns = _crossings(center, axes)
    turns.append(turns[0] + 2 * math.pi)
    found = []
    for first, last in pairwise(turns):
        half_way = _ellipse(center, axes, np.array([(first + last) / 2]))
        if (np.abs(half_way) <= 1).all():
            found.append(_ellipse(center, axes, np.linspace(first, last, ARC_POINTS)))
    return found


def _ellipse(center: Array, axes: Array, turns: Array) -> Array:
    return center + np.outer(np.cos(turns), axes[0]) + np.outer(np.sin(turns), axes[1])


def _crossings(center: Array, axes: Array) -> list[float]:
    """The t, in order, at which an ellipse crosses the sides of the square; 0 where it crosses none."""
    found = []
    for at, (cosine, sine) in zip(center.tolist(), axes.T.tolist(), strict=True):
        reach, phase = math.hypot(cosine, sine), math.atan2(sine, cosine)
        for side in (-1.0, 1.0):
            if abs(side - at) < reach:
                turn = math.acos((side - at) / reach)
                found += [(phase - turn) % (2 * math.pi), (phase + turn) % (2 * math.pi)]
    return sorted(found) or [0.0]


class Surface(NamedTuple):
    """The mean loss over all of w: least + |root·(w − optimum)|²; `optimum` of shape (3,), `root` (3, 3)."""

    optimum: Array
    root: Array
    least: float

    def heights(self, w: Array) -> Array:
        """By how much the mean losses of the rows of w, shape (m, 3), are above the least one: shape (m,)."""
        high = (w - self.optimum) @ self.root.T
        heights: Array = (high * high).sum(axis=1)
        return heights

    def slope(self, w: Array) -> Array:
        """The derivatives of the mean loss by a, b, c, shape (3,): its gradient in the `full` convention."""
        return 2 * self.root.T @ (self.root @ (w - self.optimum))

    def at_best(self, pair: Pair) -> LossContours:
        """The least mean loss for each value of a pair of parameters: the third one follows to where it is best."""
        third = 3 - sum(pair)
        rows = self.root.copy()
        for low in (2, 1):  # rotated until only the first row has the third parameter in it, which can make that row 0
            _rotate(rows, low, third)
        if rows[0, third] == 0:  # it makes no difference
            return LossContours(self.optimum[[*pair]], _square(self.root[:, pair]), self.least)
        return LossContours(self.optimum[[*pair]], rows[1:, pair], self.least)

    def at(self, w: Array, pair: Pair) -> LossContours:
        """The mean loss of each value of a pair of parameters, the third one being that of w, shape (3,)."""
        third = 3 - sum(pair)
        columns = self.root[:, pair]
        held = self.root[:, third] * (w[third] - self.optimum[third])
        size = np.sqrt((columns * columns).sum(axis=0))
        size[size == 0] = 1.0
        with np.errstate(all="ignore"):
            if not np.isfinite(held).all():
                return LossContours(self.optimum[[*pair]], _square(columns), math.inf)
            step = np.linalg.lstsq(columns / size, -held, rcond=_TINY)[0] / size
            left = columns @ step + held
            return LossContours(self.optimum[[*pair]] + step, _square(columns), self.least + float(left @ left))


_SURFACES: WeakKeyDictionary[Dataset, Surface] = WeakKeyDictionary()


def surface_of(problem: Dataset) -> Surface:
    """The surface of the mean loss over the samples of a problem; worked out once."""
    surface = _SURFACES.get(problem)
    if surface is None:
        form, best = problem.quadratic_loss, problem.optimum
        surface = Surface(best, _root(form.curvature) @ form.to_unit, problem.least)
        _SURFACES[problem] = surface
    return surface


def _root(matrix: Array) -> Array:
    """R with RᵀR = `matrix`, which is positive semidefinite, of shape (3, 3): by Cholesky, from the last column on.

    Where a column tells nothing new, as of samples with fewer than three different x, its row is 0.
    """
    left, rows = matrix[::-1, ::-1].copy(), np.zeros((3, 3))
    for at in range(3):
        if left[at, at] > _TINY * matrix[2 - at, 2 - at]:
            rows[at] = left[at] / math.sqrt(left[at, at])
            left -= np.outer(rows[at], rows[at])
        left[at], left[:, at] = 0.0, 0.0
    return rows[:, ::-1]


def _rotate(rows: Array, low: int, column: int) -> None:
    """Rotates two rows, `low` and the one above, so that the lower one has 0 in a column (Givens)."""
    upper, lower = rows[low - 1].copy(), rows[low].copy()
    size = math.hypot(upper[column], lower[column])
    if lower[column]:
        rows[low - 1] = (upper[column] * upper + lower[column] * lower) / size
        rows[low] = (upper[column] * lower - lower[column] * upper) / size
        rows[low, column] = 0.0


def _square(columns: Array) -> Array:
    """Two columns of three as two of two with the same lengths and angle."""
    return np.linalg.qr(columns).R
