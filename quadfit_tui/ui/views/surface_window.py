"""The window of the view *surface*: it has room for the ellipse of the present loss, and seldom changes."""

from __future__ import annotations

import math

import numpy as np

from quadfit_tui.core.model.array import Array
from quadfit_tui.core.model.loss_surface import LossContours, Window
from quadfit_tui.ui.views.time_series import HUGE

MARGIN = 0.05  # of a window: more than what an axis may cut off
EDGE = 0.15  # of the longer side of a window: how long the other one is at least
LATELY = 3  # ends of epochs: a window takes in less where all of them are lower
HALVINGS = 3.0  # of the height, and so much lower
STEPS = 2.0  # of that height, and 4 of the side of a window, until they are twice as large
LONGEST = 4.0  # times as far from the optimum as what happened: a longer ellipse is cut
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


def window_around(points: Array, section: LossContours, height: float, least: float) -> Window:
    """A window that takes in points, shape (m, 2), the first of which is the optimum, and the contour that is `height`
    above the lowest place of a section.

    Its sides, counted from the optimum, are rounded up, so that they seldom change while a path becomes longer. Where
    that is seen to be only a small part of the contour, the contour is cut; where all contours would be flat lines,
    the window is made wider. Where there is only one point, the window is `least` times as large as that.
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
        sides = 2 ** (np.ceil(np.log2(sides) * 2 * STEPS) / (2 * STEPS))
        scale = np.maximum(1.0, np.abs(points[0]))
        empty = sides.sum(axis=0) < LEAST_WINDOW * scale
        sides = np.where(empty & ~ends, ALONE * scale, sides)
        sides = np.where(empty.all(), least * scale, sides)
        sides = np.maximum(sides, EDGE * sides.max(axis=0))
        sizes = sides.sum(axis=0)
        enough = np.where(ends, (sizes / widths).max() * widths / FLATTEST, 0.0)
        sides += np.clip(enough - sizes, 0, HUGE) / 2
        sides = np.where(sides.sum(axis=0) > NOTHING * scale, sides, ALONE * scale)
        sides += MARGIN * sides.sum(axis=0)
    ranges = [(best - low, best + high) for best, (low, high) in zip(points[0].tolist(), sides.T.tolist(), strict=True)]
    return ranges[0], ranges[1]
