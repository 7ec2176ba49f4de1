"""The loss surface: the mean loss over two of the parameters, and its contours, which are ellipses.

The mean loss is quadratic: loss(w) = loss(w*) + (w − w*)ᵀ·A·(w − w*), with the optimum w* and A = mean of f·fᵀ,
f = (x², x, 1). So it is quadratic over any two parameters, too, whether the third is fixed or follows them. If the loss
does not change along a direction, the contours are pairs of parallel lines; if it is flat, there are none.
"""

from __future__ import annotations

import math
from itertools import pairwise
from typing import NamedTuple
from weakref import WeakKeyDictionary

import numpy as np

from quadfit_tui.core.model.array import Array
from quadfit_tui.core.model.problem import Dataset

Pair = tuple[int, int]  # the indices of two parameters in w
SurfaceWindow = tuple[tuple[float, float], tuple[float, float]]  # the ranges of the first and of the second

ARC_POINTS = 61
_TINY = 1e-14  # relative to a sum of squares: what rounding may leave of an exact 0
_LONG = 1e12  # in widths of the window: a longer ellipse looks like straight lines


class LossContours(NamedTuple):
    """The loss as a function of two parameters p: loss(p) = least + |root·(p − center)|², whose contours are ellipses.

    `center` has shape (2,), `root` (2, 2). If the loss does not change along a direction, `center` is one of its lowest
    points.
    """

    center: Array
    root: Array
    least: float

    @property
    def is_flat(self) -> bool:
        """Whether the loss is the same everywhere."""
        return not self.root.any()

    def losses(self, points: Array) -> Array:
        """Computes the losses of the rows of `points`, shape (m, 2); returns shape (m,)."""
        high = (points - self.center) @ self.root.T
        losses: Array = self.least + (high * high).sum(axis=1)
        return losses

    def contour_extent(self) -> tuple[Array, float]:
        """Computes the size of the contour of `least` + 1, from which a window is chosen that shows all of a contour.

        Returns its distances from `center` along each axis, shape (2,), inf if it does not cross one, and the factor by
        which its farthest points lie farther out in the direction of either axis. With RᵀR = A the distances are
        1/√Aᵢᵢ, 1 by the length of column i of R; the factor is √(Aᵢᵢ·(A⁻¹)ᵢᵢ), 1 by the sine of the angle between both
        columns.
        """
        first, second = (math.hypot(*column) for column in self.root.T.tolist())
        widths = np.array([1 / length if length else math.inf for length in (first, second)])
        sine = abs(float(np.linalg.det(self.root / [first, second]))) if first and second else 1.0
        return widths, 1 / sine if sine else math.inf

    def extremes(self, window: SurfaceWindow) -> tuple[float, float]:
        """Computes the smallest and the largest loss in a window; inf if a double cannot hold it."""
        with np.errstate(all="ignore"):
            corners = np.array([(x, y) for x in window[0] for y in window[1]])
            inside = all(low <= value <= high for value, (low, high) in zip(self.center, window, strict=True))
            lowest = self.center[np.newaxis] if inside else self._lowest_on_edges(window)
            return float(self.losses(lowest).min()), float(self.losses(corners).max())

    def _lowest_on_edges(self, window: SurfaceWindow) -> Array:
        """Computes the lowest point of each edge of a window, shape (4, 2): along a line, the loss is a parabola."""
        lowest = []
        for along in (0, 1):
            across = 1 - along
            steep = float(self.root[:, along] @ self.root[:, along])
            for edge in window[across]:
                away = self.root[:, across] * (edge - self.center[across])
                step = -float(self.root[:, along] @ away) / steep if steep else 0.0
                point = np.empty(2)
                point[along] = np.clip(self.center[along] + step, *window[along])
                point[across] = edge
                lowest.append(point)
        return np.array(lowest)

    def contour(self, level: float, window: SurfaceWindow) -> list[Array]:
        """Computes the contour line of a `level` of the loss, clipped to a window, as polylines of shape (n, 2)."""
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
                polylines = _lines(center, steep, axes, height)
            else:
                polylines = _arcs(center, (math.sqrt(height) / steep)[:, np.newaxis] * axes)
        return [middle + half * points for points in polylines]


def _lines(center: Array, steep: Array, axes: Array, height: float) -> list[Array]:
    """Computes the two contour lines of `height`, across the square from −1 to 1, of a surface long along axes[1]."""
    across, along = axes
    left = height - (steep[1] * float(center @ along)) ** 2  # the height that is left after the change along axes[1]
    if left < 0:
        return []
    middle, distance = float(center @ across), math.sqrt(left) / float(steep[0])
    points = np.linspace(-2, 2, ARC_POINTS)[:, np.newaxis] * along
    return [across * (middle + side * distance) + points for side in (-1, 1)]


def _arcs(center: Array, axes: Array) -> list[Array]:
    """Computes the arcs of the ellipse center + cos t·axes[0] + sin t·axes[1] that lie in the square from −1 to 1."""
    turns = _crossings(center, axes)
    turns.append(turns[0] + 2 * math.pi)
    arcs = []
    for first, last in pairwise(turns):
        half_way = _ellipse(center, axes, np.array([(first + last) / 2]))
        if (np.abs(half_way) <= 1).all():
            arcs.append(_ellipse(center, axes, np.linspace(first, last, ARC_POINTS)))
    return arcs


def _ellipse(center: Array, axes: Array, turns: Array) -> Array:
    """Computes the points of an ellipse at some angles, shape (n, 2)."""
    return center + np.outer(np.cos(turns), axes[0]) + np.outer(np.sin(turns), axes[1])


def _crossings(center: Array, axes: Array) -> list[float]:
    """Computes the sorted angles t at which an ellipse crosses the lines through the square's sides; [0] if none."""
    turns = []
    for middle, (cosine, sine) in zip(center.tolist(), axes.T.tolist(), strict=True):
        amplitude, phase = math.hypot(cosine, sine), math.atan2(sine, cosine)
        for side in (-1.0, 1.0):
            if abs(side - middle) < amplitude:
                turn = math.acos((side - middle) / amplitude)
                turns += [(phase - turn) % (2 * math.pi), (phase + turn) % (2 * math.pi)]
    return sorted(turns) or [0.0]


class Surface(NamedTuple):
    """The mean loss as a function of w: least + |root·(w − optimum)|²; `optimum` has shape (3,), `root` (3, 3)."""

    optimum: Array
    root: Array
    least: float

    def heights(self, w: Array) -> Array:
        """Computes how far the mean loss of each row of w, shape (m, 3), is above the least one; returns shape (m,)."""
        high = (w - self.optimum) @ self.root.T
        heights: Array = (high * high).sum(axis=1)
        return heights

    def slope(self, w: Array) -> Array:
        """Computes the gradient of the mean loss at w by a, b, c, shape (3,), in the `full` convention."""
        return 2 * self.root.T @ (self.root @ (w - self.optimum))

    def minimized_over_third(self, pair: Pair) -> LossContours:
        """Computes the loss over a pair of parameters if the third one always takes its best value for them."""
        third = 3 - sum(pair)
        rows = self.root.copy()
        # After the rotations only the first row has the third parameter in it, whose best value makes that row 0.
        for low in (2, 1):
            _rotate(rows, low, third)
        if rows[0, third] == 0:  # the loss does not depend on the third parameter
            return LossContours(self.optimum[[*pair]], _square(self.root[:, pair]), self.least)
        return LossContours(self.optimum[[*pair]], rows[1:, pair], self.least)

    def at(self, w: Array, pair: Pair) -> LossContours:
        """Computes the loss over a pair of parameters if the third one is fixed at its value in w, shape (3,)."""
        third = 3 - sum(pair)
        columns = self.root[:, pair]
        fixed = self.root[:, third] * (w[third] - self.optimum[third])
        size = np.sqrt((columns * columns).sum(axis=0))
        size[size == 0] = 1.0
        with np.errstate(all="ignore"):
            if not np.isfinite(fixed).all():
                return LossContours(self.optimum[[*pair]], _square(columns), math.inf)
            step = np.linalg.lstsq(columns / size, -fixed, rcond=_TINY)[0] / size
            left = columns @ step + fixed
            return LossContours(self.optimum[[*pair]] + step, _square(columns), self.least + float(left @ left))


_SURFACES: WeakKeyDictionary[Dataset, Surface] = WeakKeyDictionary()


def surface_of(problem: Dataset) -> Surface:
    """Returns the surface of the mean loss over the samples of a dataset, computed at the first call."""
    surface = _SURFACES.get(problem)
    if surface is None:
        form, best = problem.quadratic_loss, problem.optimum
        surface = Surface(best, _root(form.curvature) @ form.to_unit, problem.least)
        _SURFACES[problem] = surface
    return surface


def _root(matrix: Array) -> Array:
    """Factors a positive semidefinite matrix, shape (3, 3), into RᵀR by Cholesky, from the last column on; returns R.

    If a column depends on the others, as for samples with fewer than three different x, its row in R is 0.
    """
    left, rows = matrix[::-1, ::-1].copy(), np.zeros((3, 3))
    for column in range(3):
        if left[column, column] > _TINY * matrix[2 - column, 2 - column]:
            rows[column] = left[column] / math.sqrt(left[column, column])
            left -= np.outer(rows[column], rows[column])
        left[column] = 0.0
        left[:, column] = 0.0
    return rows[:, ::-1]


def _rotate(rows: Array, low: int, column: int) -> None:
    """Rotates rows `low` − 1 and `low` in place so that row `low` becomes 0 in a column (Givens)."""
    upper, lower = rows[low - 1].copy(), rows[low].copy()
    size = math.hypot(upper[column], lower[column])
    if lower[column]:
        rows[low - 1] = (upper[column] * upper + lower[column] * lower) / size
        rows[low] = (upper[column] * lower - lower[column] * upper) / size
        rows[low, column] = 0.0


def _square(columns: Array) -> Array:
    """Reduces two columns of length 3 to two of length 2 with the same lengths and angle, by QR."""
    return np.linalg.qr(columns).R
