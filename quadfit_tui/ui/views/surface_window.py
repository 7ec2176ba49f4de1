"""The windows of the view *surface*: one for all of a run, and one that follows the present loss."""

from __future__ import annotations

import math
from functools import lru_cache

import numpy as np

from quadfit_tui.core.model.array import Array
from quadfit_tui.core.model.loss_surface import LossContours, Pair, Surface, SurfaceWindow
from quadfit_tui.core.model.scaling import Standardization
from quadfit_tui.ui.views.time_series import HUGE

MARGIN = 0.05  # share of a window: more than an axis may cut off
EDGE = 0.15  # least length of a side, as a share of the longer side
LATELY = 3  # ends of epochs: the height of a window falls once so many are much lower
HALVINGS = 3.0  # of the height, that count as much lower
STEPS = 2.0  # rounding steps until a height is doubled; the side of a window has twice as many
# A contour may reach many times as far as the path will, as in a long valley: in a window for it the path would be one
# point. So a contour is shown as a whole up to WHOLE times as far; else the window has room for NEEDED times the path.
WHOLE, NEEDED = 4.0, 2.0
LONGEST = 4.0  # a contour of the present loss is cut this many times as far from the optimum as the points near it
FLATTEST = 2.0  # contours look at most this many times as flat as in a window of their own
# Sides of windows as shares of the size of the optimum:
LEAST_WINDOW = 1e-6  # the smallest one, since smaller windows would have labels of many digits
ALONE = 1.0  # of a window around a single point
NOTHING = 1e-12  # a side that is no longer counts as empty


def steady_height(heights: Array) -> float:
    """Computes a height for a window along a path with the heights (n,): that of its last points, seldom changing.

    It is rounded up. It rises as soon as the path does, and falls once the last LATELY heights are much lower. It
    depends on the path alone.
    """
    heights = np.nan_to_num(heights, nan=HUGE)
    for _ in range(LATELY - 1):
        heights = np.maximum(heights, np.concatenate([heights[:1], heights[:-1]]))
    exponents = np.ceil(np.log2(np.clip(heights, 1 / HUGE, HUGE)) * STEPS) / STEPS
    steady = float(exponents[0])
    for exponent in exponents[np.flatnonzero(np.diff(exponents)) + 1].tolist():
        if not steady - HALVINGS < exponent <= steady:
            steady = exponent
    return float(2.0**steady)


def window_of_run(
    surface: Surface, scale: Standardization | None, path: Array, pair: Pair, at_best: bool
) -> tuple[SurfaceWindow, float]:
    """Computes the window of a run with the path (n, 3), and how many times as wide it is as at the start of the path.

    At the start it has room for the optimum and for the contour of the start's mean loss, with the third parameter at
    its best (`at_best`) or as the start has it. It becomes twice as wide each time that the path leaves it. `scale` is
    that of the features if they are scaled.
    """
    optimum, root, least = surface
    sides = _sides_at_start(optimum.tobytes(), root.tobytes(), least, scale, path[0].tobytes(), pair, at_best)
    best = optimum[[*pair]]
    away = np.clip(path[:, pair], -HUGE, HUGE) - best
    with np.errstate(all="ignore"):
        far = min(HUGE, float((np.stack([-away.min(axis=0), away.max(axis=0)]) / sides).max()))
    times = 2.0 ** math.ceil(math.log2(far)) if far > 1 else 1.0
    return _around(best, np.minimum(times * sides, HUGE)), times


@lru_cache(maxsize=16)
def _sides_at_start(
    optimum: bytes, root: bytes, least: float, scale: Standardization | None, start: bytes, pair: Pair, at_best: bool
) -> Array:
    """Computes how far the window of a run goes below and above the optimum at its start, rows of shape (2, 2)."""
    surface, w = Surface(np.frombuffer(optimum), np.frombuffer(root).reshape(3, 3), least), np.frombuffer(start)
    section = surface.minimized_over_third(pair) if at_best else surface.at(w, pair)
    points = np.stack([surface.optimum, w])[:, pair]
    widths, longer = section.contour_extent()
    with np.errstate(all="ignore"):
        heights = surface.heights(w[np.newaxis]) if at_best else section._replace(least=0.0).losses(points[1:])
        reach = math.sqrt(min(HUGE, float(np.nan_to_num(heights, nan=HUGE)[0]))) * longer
        far = np.maximum(_farthest(surface, scale, w)[[*pair]], np.abs(points - section.center).max(axis=0))
        needed = float((far / widths).max())
    return _sides(points, section, reach if reach <= WHOLE * needed else NEEDED * needed, ALONE)


def _farthest(surface: Surface, scale: Standardization | None, w: Array) -> Array:
    """Bounds the distance from the optimum that plain gradient descent from w takes each parameter to, shape (3,).

    Along each eigenvector of the curvature, as trained, the distance only shrinks, or else the run diverges.
    """
    away, to_x = w - surface.optimum, np.eye(3)
    if scale is not None:
        away, to_x = scale.to_z(away), scale.to_x(to_x).T
    root = surface.root @ to_x
    directions = np.linalg.eigh(root.T @ root).eigenvectors
    farthest: Array = np.abs(to_x @ directions) @ np.abs(directions.T @ away)
    return farthest


def window_around(points: Array, section: LossContours, height: float, least: float) -> SurfaceWindow:
    """Computes a window around points (m, 2), the first of them the optimum, and the contour at `height`.

    `height` is counted from the lowest point of the section. The sides, counted from the optimum, are rounded up, so
    that they seldom change while a path grows. A contour that is much longer than the points reach is cut. If all
    points are one, the window is `least` times the size of that.
    """
    widths, longer = section.contour_extent()
    with np.errstate(all="ignore"):
        far = np.abs(np.clip(points, -HUGE, HUGE) - section.center).max(axis=0)
        reach = min(math.sqrt(height) * longer, LONGEST * float((far / widths).max()))
    return _around(points[0], _sides(points, section, reach, least, STEPS))


def _around(best: Array, sides: Array) -> SurfaceWindow:
    """Returns the window, with a margin, whose `sides` are the distances below and above the optimum, shape (2, 2)."""
    sides = sides + MARGIN * sides.sum(axis=0)
    x_range, y_range = (
        (center - low, center + high) for center, (low, high) in zip(best.tolist(), sides.T.tolist(), strict=True)
    )
    return x_range, y_range


def _sides(points: Array, section: LossContours, reach: float, least: float, steps: float = 0.0) -> Array:
    """Computes how far a window goes below and above the optimum, the first of the points: rows of shape (2, 2).

    It has room for all points, and for `reach` times the contour whose loss is 1 above the least of the section. With
    `steps` it is rounded up to powers of 2 with exponents in multiples of 1 / (2 · `steps`). If all contours would be
    flat lines, it is made wider. Around a single point it is `least` times the size of that.
    """
    points = np.clip(points, -HUGE, HUGE)
    widths = section.contour_extent()[0]
    ends = np.isfinite(widths)
    with np.errstate(all="ignore"):
        around = section.center + np.where(ends, reach * widths, 0.0) * [[-1], [1]]
        corners = np.concatenate([points, np.clip(around, -HUGE, HUGE)])
        sides = np.stack([points[0] - corners.min(axis=0), corners.max(axis=0) - points[0]])
        if steps:
            sides = 2 ** (np.ceil(np.log2(sides) * 2 * steps) / (2 * steps))
        scale = np.maximum(1.0, np.abs(points[0]))
        empty = sides.sum(axis=0) < LEAST_WINDOW * scale
        sides = np.where(empty & ~ends, ALONE * scale, sides)
        sides = np.where(empty.all(), least * scale, sides)
        sides = np.maximum(sides, EDGE * sides.max(axis=0))
        sizes = sides.sum(axis=0)
        enough = np.where(ends, (sizes / widths).max() * widths / FLATTEST, 0.0)
        sides = sides + np.clip(enough - sizes, 0, HUGE) / 2
        non_empty: Array = np.where(sides.sum(axis=0) > NOTHING * scale, sides, ALONE * scale)
        return non_empty
