"""What of a line or of points is in the window, thinned to the dots that a chart has, in NumPy; any float may occur."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from quadfit_tui.core.model.array import Array
from quadfit_tui.ui.charts.axes import FARTHEST
from quadfit_tui.ui.charts.spec import Range, Window

CellSize = tuple[int, int]  # columns, rows
Indices = NDArray[np.signedinteger[Any]]

# How far inside its first and its last cell plotext draws the ends of a window. With the same numbers here, the dot
# that it draws a point in is known.
FIRST, LAST = 0.5016585662, 0.501516152


class ClippedLine(NamedTuple):
    """A line in pieces: points (x, y), each array of shape (n,), and the indices at which a piece begins."""

    x: Array
    y: Array
    begins: Indices


def visible_points(x: Array, y: Array, window: Window, size: CellSize, dots: CellSize) -> tuple[Array, Array]:
    """Returns those of the points (x, y), each of shape (n,), that are in the window: at most one for each dot.

    `size` is columns × rows of the window, `dots` how many dots a cell has across × down. The result is in cells, from
    the left and from the top.
    """
    inside = _inside(x, y, window)
    x, y = _in_cells(x[inside], window[0], size[0]), _in_cells(y[inside], window[1][::-1], size[1])
    columns, rows = (x * dots[0]).astype(np.intp), (y * dots[1]).astype(np.intp)
    dot_numbers = rows * size[0] * dots[0] + columns
    last_in_dot = dict(zip(dot_numbers.tolist(), range(len(x)), strict=True))
    kept = list(last_in_dot.values())
    return x[kept], y[kept]


def visible_line(x: Array, y: Array, window: Window, size: CellSize, dots: CellSize) -> ClippedLine:
    """Clips the line through (x, y) to the window and thins it to the dots that the chart can show.

    `size` is columns × rows of the window, `dots` how many dots a cell has across × down. In each column of dots the
    first, the lowest, the highest and the last point of the line are kept, and in each row of dots those that lie
    farthest out, so that no dot is lost. The result is in cells, from the left and from the top.
    """
    x, y, begins = clipped(x, y, window)
    line = ClippedLine(_in_cells(x, window[0], size[0]), _in_cells(y, window[1][::-1], size[1]), begins)
    line = _thinned(line, (line.x * dots[0]).astype(np.intp), line.y)
    return _thinned(line, (line.y * dots[1]).astype(np.intp), line.x)


def _thinned(line: ClippedLine, place: Indices, along: Array) -> ClippedLine:
    """Thins a line: of neighboring points with the same `place`, keeps the first and last, and the extremes of `along`.

    `place`, such as the column of dots of each point, and `along`, its position in that column, are of shape (n,).
    """
    if len(place) < 3:
        return line
    new = np.empty(len(place), dtype=np.bool_)
    np.not_equal(place[1:], place[:-1], out=new[1:])
    new[line.begins] = True
    runs = np.flatnonzero(new)
    ends = np.append(runs[1:], len(new))
    counts = ends - runs
    if counts.max() < 3:
        return line
    kept = new
    kept[ends - 1] = True
    run = np.repeat(np.arange(len(runs)), counts)
    for extreme in (np.minimum, np.maximum):
        extremes = np.flatnonzero(along == extreme.reduceat(along, runs)[run])
        is_first = np.ones(len(extremes), dtype=np.bool_)  # of several equal extremes of a run
        np.not_equal(run[extremes[1:]], run[extremes[:-1]], out=is_first[1:])
        kept[extremes[is_first]] = True
    return ClippedLine(line.x[kept], line.y[kept], (np.cumsum(kept) - 1)[line.begins])


def _in_cells(values: Array, window: Range, count: int) -> Array:
    """Converts values in a window to positions on an axis of `count` cells."""
    begin, end = window
    return FIRST + (count - FIRST - LAST) * ((values - begin) / (end - begin))


def clipped(x: Array, y: Array, window: Window) -> ClippedLine:
    """Clips the line through (x, y), each of shape (n,), to a window; any float may occur.

    Each segment is clipped by the method of Liang and Barsky (1984). Segments with an end that is nan or infinite are
    left out.
    """
    if len(x) > 1 and _inside(x, y, window).all():
        return ClippedLine(x, y, np.zeros(1, dtype=np.intp))
    finite = np.isfinite(x) & np.isfinite(y)
    # Far away all slopes look the same, and differences of the largest doubles would overflow.
    x, y = (np.clip(np.where(finite, values, 0.0), *_far(axis)) for values, axis in zip((x, y), window, strict=True))
    dx, dy = np.diff(x), np.diff(y)
    enter, leave = np.zeros(len(dx)), np.ones(len(dx))
    drawn = finite[:-1] & finite[1:]
    for start, delta, (low, high) in ((x[:-1], dx, window[0]), (y[:-1], dy, window[1])):
        with np.errstate(all="ignore"):
            first, second = (low - start) / delta, (high - start) / delta
        moving = delta != 0
        enter = np.where(moving, np.maximum(enter, np.minimum(first, second)), enter)
        leave = np.where(moving, np.minimum(leave, np.maximum(first, second)), leave)
        drawn &= moving | ((start >= low) & (start <= high))
    drawn &= enter <= leave
    t = np.column_stack([enter, leave])[drawn]
    begin_x, begin_y, dx, dy = (values[drawn, np.newaxis] for values in (x[:-1], y[:-1], dx, dy))
    return _joined(np.clip(begin_x + t * dx, *window[0]), np.clip(begin_y + t * dy, *window[1]))


def _joined(ends_x: Array, ends_y: Array) -> ClippedLine:
    """Joins segments to a line; `ends_x` and `ends_y` hold both ends of each, shape (m, 2)."""
    new = np.ones(len(ends_x), dtype=np.bool_)
    new[1:] = (ends_x[1:, 0] != ends_x[:-1, 1]) | (ends_y[1:, 0] != ends_y[:-1, 1])
    kept = np.column_stack([new, np.ones_like(new)]).ravel()
    begins = np.column_stack([new, np.zeros_like(new)]).ravel()[kept]
    return ClippedLine(ends_x.ravel()[kept], ends_y.ravel()[kept], np.flatnonzero(begins))


def _inside(x: Array, y: Array, window: Window) -> NDArray[np.bool_]:
    (left, right), (low, high) = window
    return (x >= left) & (x <= right) & (y >= low) & (y <= high)


def _far(window: Range) -> Range:
    """Returns the range to which points far outside a window are moved before they are clipped."""
    reach = 1e6 * (window[1] - window[0])
    return max(-FARTHEST, window[0] - reach), min(FARTHEST, window[1] + reach)
