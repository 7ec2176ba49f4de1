"""Lines cut at a window and thinned: nothing inside is lost, nothing outside is left."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from trials import trials

from quadfit_tui.ui.charts.clip import clip_polyline

WINDOW = ((-50.0, 50.0), (-500.0, 500.0))


@trials(200)
@given(st.lists(st.tuples(st.floats(-100, 100), st.floats(-1000, 1000)), min_size=2, max_size=8))
def test_clipping_keeps_what_is_inside_and_nothing_else(points):
    x, y = np.array(points).T
    found = [*zip(*clip_polyline(x, y, *WINDOW), strict=True)]
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


def test_clipping_cuts_at_the_border():
    cut_x, cut_y = clip_polyline(np.array([-100.0, 0, 0, 100]), np.array([0.0, 0, 600, 0]), *WINDOW)
    assert cut_x.tolist() == [[-50, 0], [0, 0], [pytest.approx(100 / 6), 50]]
    assert cut_y.tolist() == [[0, 0], [0, 500], [500, 300]]
