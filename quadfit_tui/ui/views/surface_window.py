"""The windows of the view *surface*: one for a run, which holds still, and one that follows the present loss."""

from __future__ import annotations

import math
from functools import lru_cache

import numpy as np

from quadfit_tui.core.model.array import Array
from quadfit_tui.core.model.loss_surface import LossContours, Pair, Surface, SurfaceWindow
from quadfit_tui.core.model.scaling import Standardization
from quadfit_tui.ui.views.time_series import HUGE

MARGIN = 0.05  # of a window: more than what an axis may cut off
EDGE = 0.15  # of the longer side of a window: how long the other one is at least
LATELY = 3  # ends of epochs: a window takes in less where all of them are lower
HALVINGS = 3.0  # of the height, and so much lower
STEPS = 2.0  # of that height, and 4 of the side of a window, until they are twice as large
# A contour may go out many times as far as the path will, as in a long valley: in its window the path would be one
# point. So it is seen as a whole up to WHOLE times as far; else the window has room for NEEDED times the path.
WHOLE, NEEDED = 4.0, 2.0
LONGEST = 4.0  # times as far from the optimum as what is near: a longer contour of the present loss is cut
FLATTEST = 2.0  # times as flat as in a window of their own: contours are no flatter
LEAST_WINDOW = 1e-6  # of the optimum's size: smaller windows would have labels of many digits
ALONE = 1.0  # of the same: around one point
NOTHING = 1e-12  # of the same: a side that is no longer is none


def steady_height(heights: Array) -> float:
    """The largest of the last heights of a path, shape (n,), rounded up so that it seldom changes along the path.

    It rises as soon as they do, and falls where LATELY of them are much lower. The same path gives the same height.
    """
    heights = np.nan_to_num(heights, nan=HUGE)
    for _ in range(LATELY - 1):
        heights = np.maximum(heights, np.concatenate([heights[:1], heights[:-1]]))
    exponents = np.ceil(np.log2(np.clip(heights, 1 / HUGE, HUGE)) * STEPS) / STEPS
    kept = float(exponents[0])
    for exponent in exponents[np.flatnonzero(np.diff(exponents)) + 1].tolist():
        if not kept - HALVINGS < exponent <= kept:
            kept = exponent
    return float(2.0**kept)


def window_of_run(
    surface: Surface, scale: Standardization | None, path: Array, pair: Pair, at_best: bool
) -> tuple[SurfaceWindow, float]:
    """The window of a run, and how many times as wide it is as at the start, where the path, shape (n, 3), begins.

    There it has room for the optimum and for the contour of the start's mean loss, with the third parameter at its best
    or as the start has it. It stays, but is twice as wide each time that the path leaves it. `scale` is that of the
    features, if they are scaled.
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
    surface, w = Surface(np.frombuffer(optimum), np.frombuffer(root).reshape(3, 3), least), np.frombuffer(start)
    section = surface.at_best(pair) if at_best else surface.at(w, pair)
    points = np.stack([surface.optimum, w])[:, pair]
    widths, longer = section.reach()
    with np.errstate(all="ignore"):
        heights = surface.heights(w[np.newaxis]) if at_best else section._replace(least=0.0).losses(points[1:])
        reach = math.sqrt(min(HUGE, float(np.nan_to_num(heights, nan=HUGE)[0]))) * longer
        far = np.maximum(_farthest(surface, scale, w)[[*pair]], np.abs(points - section.center).max(axis=0))
        needed = float((far / widths).max())
    return _sides(points, section, reach if reach <= WHOLE * needed else NEEDED * needed, ALONE)


def _farthest(surface: Surface, scale: Standardization | None, w: Array) -> Array:
    """How far from the optimum plain gradient descent that begins at w takes each parameter at most, shape (3,).

    In each direction of the curvature, as trained, the distance only becomes less, or else the run diverges.
    """
    away, to_x = w - surface.optimum, np.eye(3)
    if scale is not None:
        away, to_x = scale.to_z(away), scale.to_x(to_x).T
    root = surface.root @ to_x
    directions = np.linalg.eigh(root.T @ root).eigenvectors
    farthest: Array = np.abs(to_x @ directions) @ np.abs(directions.T @ away)
    return farthest


def window_around(points: Array, section: LossContours, height: float, least: float) -> SurfaceWindow:
    """A window that takes in points, shape (m, 2), the first of which is the optimum, and the contour that is `height`
    above the lowest place of a section.

    Its sides, counted from the optimum, are rounded up, so that they seldom change while a path becomes longer. Where
    that is seen to be only a small part of the contour, the contour is cut. Where there is only one point, the window
    is `least` times as large as that.
    """
    widths, longer = section.reach()
    with np.errstate(all="ignore"):
        far = np.abs(np.clip(points, -HUGE, HUGE) - section.center).max(axis=0)
        reach = min(math.sqrt(height) * longer, LONGEST * float((far / widths).max()))
    return _around(points[0], _sides(points, section, reach, least, STEPS))


def _around(best: Array, sides: Array) -> SurfaceWindow:
    """The window with so much of it below and above the optimum, rows of shape (2, 2), and a margin."""
    sides = sides + MARGIN * sides.sum(axis=0)
    ranges = [(at - low, at + high) for at, (low, high) in zip(best.tolist(), sides.T.tolist(), strict=True)]
    return ranges[0], ranges[1]


def _sides(points: Array, section: LossContours, reach: float, least: float, steps: float = 0.0) -> Array:
    """How far a window goes below and above the optimum, the first of the points, rows of shape (2, 2).

    It takes in the points, and what is `reach` widths of the contour of `least` + 1 from the lowest place; with `steps`
    it is rounded up. Where all contours would be flat lines, it is made wider. Around one point it is `least` times as
    large as that.
    """
    points = np.clip(points, -HUGE, HUGE)
    widths = section.reach()[0]
    ends = np.isfinite(widths)
    with np.errstate(all="ignore"):
        around = section.center + np.where(ends, reach * widths, 0.0) * [[-1], [1]]
        taken = np.concatenate([points, np.clip(around, -HUGE, HUGE)])
        sides = np.stack([points[0] - taken.min(axis=0), taken.max(axis=0) - points[0]])
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
        found: Array = np.where(sides.sum(axis=0) > NOTHING * scale, sides, ALONE * scale)
        return found
