"""The frame of a chart, against plotext, which drew it once: the same to the cell, for whatever there is to be seen."""

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from trials import trials

from quadfit_tui.ui.charts import plotext_frame
from quadfit_tui.ui.charts.frame import Ruler, frame
from quadfit_tui.ui.charts.spec import Role, Scale

SIZES = [(16, 4), (17, 5), (20, 3), (48, 10), (53, 13), (104, 30), (198, 54), (300, 100)]
WINDOWS = [(-50.0, 50.0), (-500.0, 500.0), (0.0, 100.0), (1e-6, 1e2), (-1.0, 1.0), (-2400.0, 3.0), (1.0, 1.0 + 1e-14)]


def both(size, x, y):
    """Our frame and plotext's, of rulers of (scale, window) with as many ticks as a chart asks for."""
    width, height = size
    rulers = Ruler(*x, width // 8), Ruler(*y, height * 2 // 5)
    return frame(*size, *rulers), plotext_frame.frame(*size, *rulers)


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("x_scale", Scale)
@pytest.mark.parametrize("y_scale", Scale)
def test_it_is_plotexts_for_the_windows_that_there_are(size, x_scale, y_scale):
    for window in WINDOWS:
        if Scale.LOG not in (x_scale, y_scale) or window[0] > 0:
            for x, y in ((window, (1.0, 1e5)), ((1.0, 1e5), window)):
                ours, theirs = both(size, (x_scale, x), (y_scale, y))
                assert ours == theirs
                assert {(len(row.text), len(row.roles)) for row in ours} == {(size[0], size[0])}


@st.composite
def rulers(draw):
    scale = draw(st.sampled_from(Scale))
    low = draw(st.floats(-1e12, 1e12) | st.floats(-1, 1) | st.floats(-1e-9, 1e-9))
    low = abs(low) + 1e-12 if scale is Scale.LOG else low
    return scale, (low, low + max(draw(st.floats(1e-6, 1e12)), 1e-13 * abs(low)))


@trials(300)
@given(st.tuples(st.integers(16, 320), st.integers(3, 120)), rulers(), rulers())
@example((16, 4), (Scale.LINEAR, (-50.0, 50.0)), (Scale.LINEAR, (1e12, 1e12 + 0.1)))  # labels too wide for the frame
@example((17, 4), (Scale.LINEAR, (-50.0, 50.0)), (Scale.LINEAR, (1.0, 1.0 + 1e-14)))  # no more room than for them
def test_it_is_plotexts_for_any_window(size, x, y):
    ours, theirs = both(size, x, y)
    assert ours == theirs


def test_where_there_is_room_for_a_tick_and_none_for_its_label_there_is_no_tick():
    rows = frame(20, 4, Ruler(Scale.LINEAR, (-1000.0, 1000.0), 12), Ruler(Scale.LINEAR, (0.0, 1.0), 2))
    *_, axis, labels = rows
    assert axis.text.count("┬") == len(labels.text.split()) < 12
    assert set(axis.roles + labels.roles) == {Role.AXIS}
