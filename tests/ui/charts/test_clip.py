"""Lines cut at a window and thinned: nothing inside is lost, nothing outside is left."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tables import table
from trials import trials

from quadfit_tui.ui.charts.clip import FIRST, LAST, clipped, visible_line, visible_points

WINDOW = (-50.0, 50.0), (-500.0, 500.0)
ANY_FLOAT = st.floats(allow_nan=True, allow_infinity=True)
NEAR = st.tuples(st.floats(-100, 100), st.floats(-1000, 1000))


def pieces(line):
    """The x and the y of each piece of a line."""
    return [*zip(np.split(line.x, line.begins[1:]), np.split(line.y, line.begins[1:]), strict=True)]


@trials(200)
@given(st.lists(NEAR, min_size=2, max_size=8))
def test_clipping_keeps_exactly_the_inside(points):
    x, y = np.array(points).T
    found = pieces(clipped(x, y, WINDOW))
    for px, py in found:
        assert ((px >= -50) & (px <= 50) & (py >= -500) & (py <= 500)).all()
    # Oracle: many points along every segment; those inside must lie on a piece, in number and place.
    t = np.linspace(0, 1, 201)
    for x0, y0, x1, y1 in zip(x[:-1], y[:-1], x[1:], y[1:], strict=True):
        sx, sy = x0 + t * (x1 - x0), y0 + t * (y1 - y0)
        for qx, qy in zip(sx[20:-20:40], sy[20:-20:40], strict=True):
            if abs(qx) < 49.9 and abs(qy) < 499:
                assert any(on_polyline(qx, qy, px, py) for px, py in found)


def on_polyline(qx, qy, px, py):
    """Whether a point lies on one of the segments, within rounding."""
    dx, dy = np.diff(px), np.diff(py)
    cross = np.abs(dx * (qy - py[:-1]) - dy * (qx - px[:-1]))
    near = cross <= 1e-6 * (1 + np.hypot(dx, dy))
    between = ((qx - px[:-1]) * (qx - px[1:]) <= 1e-6) & ((qy - py[:-1]) * (qy - py[1:]) <= 1e-6)
    return bool((near & between).any())


@trials(200)
@given(st.lists(st.tuples(ANY_FLOAT, ANY_FLOAT), max_size=12))
def test_visible_points_stay_in_window(points):
    x, y = np.array(points).reshape(-1, 2).T
    for px, py in (visible_points(x, y, WINDOW, (20, 6), (2, 4)), visible_line(x, y, WINDOW, (20, 6), (2, 4))[:2]):
        assert ((px >= 0.5) & (px <= 19.5) & (py >= 0.5) & (py <= 5.5)).all()


def test_clipped_line_splits_at_border():
    x, y, begins = clipped(np.array([-100.0, 0, 0, 100]), np.array([0.0, 0, 600, 0]), WINDOW)
    assert x.tolist() == [-50, 0, 0, pytest.approx(100 / 6), 50]
    assert y.tolist() == [0, 0, 500, 500, 300]
    assert begins.tolist() == [0, 3]


@table("gap", [np.nan, np.inf, -np.inf])
def test_a_gap_parts_a_line(gap):
    x, y, begins = clipped(np.arange(6.0), np.array([0, 1, gap, 3, 4, 5]), WINDOW)
    assert (x.tolist(), y.tolist(), begins.tolist()) == ([0, 1, 3, 4, 5], [0, 1, 3, 4, 5], [0, 2])


@table("points", [[], [(0.0, 0.0)], [(60.0, 0.0), (70.0, 0.0)], [(np.nan, 0.0)] * 3])
def test_line_without_visible_length_is_empty(points):
    x, y = np.array(points).reshape(-1, 2).T
    assert [len(each) for each in visible_line(x, y, WINDOW, (20, 6), (2, 4))] == [0, 0, 0]


@trials(200)
@given(st.lists(st.tuples(st.integers(0, 7), st.integers(0, 7)), min_size=2, max_size=80))
def test_thinned_line_passes_all_points(points):
    x, y = np.array(points, dtype=float).T
    line = visible_line(x, y, ((0.0, 7.0), (0.0, 7.0)), (8, 8), (20, 20))  # whole numbers have dots of their own
    kept_x, kept_y = ((np.array(each) - FIRST) * 7 / (8 - FIRST - LAST) for each in (line.x, line.y))
    kept = list(zip(kept_x.tolist(), (7 - kept_y).tolist(), strict=True))
    assert all(min(math.dist(one, other) for other in points) < 1e-9 for one in kept)
    assert (*kept[0], *kept[-1]) == pytest.approx((*points[0], *points[-1]))
    assert all(on_polyline(px, py, *map(np.array, zip(*kept, strict=True))) for px, py in points)


def test_thinning_bounded_by_resolution():
    x = np.linspace(-50, 50, 100_001)
    assert len(visible_line(x, 400 * np.sin(x), WINDOW, (48, 10), (2, 4)).x) <= 4 * 96
    back_and_forth = np.tile([-50.0, 50.0], 5000)
    assert len(visible_line(back_and_forth, np.linspace(-500, 500, 10_000), WINDOW, (48, 10), (2, 4)).x) <= 4 * 40


def test_one_point_kept_per_dot():
    x = np.linspace(-50, 50, 10_001)
    assert len(visible_points(x, 0 * x, WINDOW, (48, 10), (1, 1))[0]) == 48
    assert len(visible_points(x, 0 * x, WINDOW, (48, 10), (2, 4))[0]) == 94
