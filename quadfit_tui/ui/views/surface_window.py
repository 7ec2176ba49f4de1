"""The windows of the view *surface*: one for a run, which holds still, and one that follows the present loss."""

from __future__ import annotations

import math
from functools import lru_cache

import numpy as np

from quadfit_tui.core.model.array import Array
from quadfit_tui.core.model.loss_surface import LossContours, Pair, Surface, Window
from quadfit_tui.ui.views.time_series import HUGE

MARGIN = 0.05  # of a window: more than what an axis may cut off
EDGE = 0.15  # of the longer side of a window: how long the other one is at least
LATELY = 3  # ends of epochs: a window takes in less where all of them are lower
HALVINGS = 3.0  # of the height, and so much lower
STEPS = 2.0  # of that height, and 4 of the side of a window, until they are twice as large
# A contour is cut where it goes on farther than so many times the distance of what happened from the optimum: a valley
# may be thousands of times as long as wide, and in a window of its length the path would be one point.
LONGEST = 4.0
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


def window_of_run(surface: Surface, path: Array, pair: Pair, at_best: bool) -> tuple[Window, float]:
    """The window of a run, and how many times as wide it is as at the start, where the path, shape (n, 3), begins.

    There it has room for the optimum and for the contour of the start's mean loss, with the third parameter at its best
    or as the start has it. It stays, but is twice as wide each time that the path leaves it.
    """
    optimum, root, least = surface
    sides = _sides_at_start(optimum.tobytes(), root.tobytes(), least, path[0].tobytes(), pair, at_best)
    best = optimum[[*pair]]
    away = np.clip(path[:, pair], -HUGE, HUGE) - best
    with np.errstate(all="ignore"):
        far = min(HUGE, float((np.stack([-away.min(axis=0), away.max(axis=0)]) / sides).max()))
    times = 2.0 ** math.ceil(math.log2(far)) if far > 1 else 1.0
    return _around(best, np.minimum(times * sides, HUGE)), times


@lru_cache(maxsize=16)
def _sides_at_start(optimum: bytes, root: bytes, least: float, start: bytes, pair: Pair, at_best: bool) -> Array:
    surface, w = Surface(np.frombuffer(optimum), np.frombuffer(root).reshape(3, 3), least), np.frombuffer(start)
    section = surface.at_best(pair) if at_best else surface.at(w, pair)
    with np.errstate(all="ignore"):
        heights = surface.heights(w[np.newaxis]) if at_best else section._replace(least=0.0).losses(w[np.newaxis, pair])
    height = float(np.nan_to_num(heights, nan=HUGE, posinf=HUGE)[0])
    return _sides(np.stack([surface.optimum, w])[:, pair], section, height, ALONE)


def window_around(points: Array, section: LossContours, height: float, least: float) -> Window:
    """A window that takes in points, shape (m, 2), the first of which is the optimum, and the contour that is `height`
    above the lowest place of a section.

    Its sides, counted from the optimum, are rounded up, so that they seldom change while a path becomes longer.
    """
    return _around(points[0], _sides(points, section, height, least, STEPS))


def _around(best: Array, sides: Array) -> Window:
    """The window with so much of it below and above the optimum, rows of shape (2, 2), and a margin."""
    sides = sides + MARGIN * sides.sum(axis=0)
    ranges = [(at - low, at + high) for at, (low, high) in zip(best.tolist(), sides.T.tolist(), strict=True)]
    return ranges[0], ranges[1]


def _sides(points: Array, section: LossContours, height: float, least: float, steps: float = 0.0) -> Array:
    """How far a window goes below and above the optimum, rows of shape (2, 2), to take in what `window_around` says.

    With `steps` it is rounded up. Where the window is seen to be only a small part of the contour, the contour is cut;
    where all contours would be flat lines, the window is made wider. Where there is only one point, the window is
    `least` times as large as that.
    """
    points = np.clip(points, -HUGE, HUGE)
    widths, longer = section.reach()
    ends = np.isfinite(widths)
    with np.errstate(all="ignore"):
        far = np.abs(points - section.center).max(axis=0)
        reach = min(math.sqrt(height) * longer, LONGEST * float((far / widths).max())) * widths
        around = section.center + np.where(ends, reach, 0.0) * [[-1], [1]]
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
        return np.where(sides.sum(axis=0) > NOTHING * scale, sides, ALONE * scale)
