"""The axes of a chart: where values lie on them, their ticks, and windows that cannot be shown."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tables import table
from trials import spread, trials

from quadfit_tui.ui.charts.axes import AXES, BETWEEN, CUT, MOST_WIDER, ruler, widest_window
from quadfit_tui.ui.charts.render import draw
from quadfit_tui.ui.charts.spec import AxisScale, ChartSpec, Role, Series

SCALES = [scale for scale in AxisScale if scale is not AxisScale.FLAG]  # which has two values
ROWS, COLUMNS = st.tuples(st.integers(2, 60), st.just(False)), st.tuples(st.integers(8, 250), st.just(True))


def middle(axis, at, cells):
    """The place of the middle of a cell, where the ends of the axis lie in the middles of the first and last ones."""
    return axis.limits[0] + at * (axis.limits[1] - axis.limits[0]) / (cells - 1)


@trials(600)
@given(st.sampled_from(SCALES), st.floats(-1e12, 1e12), st.floats(1e-6, 1e12), st.one_of(ROWS, COLUMNS))
def test_ticks_even_inside_and_match_labels(scale, low, span, extent):
    cells, across = extent
    low = abs(low) + 1e-12 if scale is AxisScale.LOG else low
    high = low + max(span, 1e-6 * abs(low))
    axis = ruler(scale, (low, high), cells, across)
    assert len(set(axis.labels)) == len(axis.labels) == len(axis.ticks) >= 1
    assert 0 <= axis.ticks[0] <= axis.ticks[-1] < cells
    distances = set(np.diff(axis.ticks).tolist())
    assert len(distances) <= 1
    if distances:
        (apart,) = distances
        assert apart >= (max(map(len, axis.labels)) + BETWEEN if across else 3)
    if cells >= 12 and not across:
        assert len(axis.ticks) >= 2
    # Nothing of the window is lost but some of its margin, and not much is added.
    begin, end = AXES[scale].place(np.array([low, high])).tolist()
    margin = (0 if across else CUT) + 1e-6
    assert axis.limits[0] <= begin + margin * (end - begin)
    assert axis.limits[1] >= end - margin * (end - begin)
    # In its row or column, a label is what lies there.
    row = (axis.limits[1] - axis.limits[0]) / (cells - 1)
    for at, label in zip(axis.ticks, axis.labels, strict=True):
        (place,) = AXES[scale].place(np.array([float(label)])).tolist()
        assert abs(place - middle(axis, at, cells)) <= (row if across else row / 2)
        if scale is AxisScale.LINEAR:  # round numbers
            assert abs(place - middle(axis, at, cells)) <= row / (100 if len(axis.ticks) > 1 else 2)


@trials(300)
@given(st.floats(1e-6, 1e9), st.integers(7, 60), st.sampled_from([AxisScale.LINEAR, AxisScale.SYMLOG]))
def test_symmetric_window_has_zero_row(high, rows, scale):
    axis = ruler(scale, (-high, high), rows)
    assert "0" in axis.labels
    row = (axis.limits[1] - axis.limits[0]) / (rows - 1)
    assert abs(middle(axis, axis.ticks[axis.labels.index("0")], rows)) < 1e-6 * row


@trials(300)
@given(st.floats(-20, 10), st.floats(3, 30), st.integers(12, 60))
def test_window_padded_on_both_sides(low, decades, rows):
    low += 0.01 if abs(low - round(low)) < 1e-6 else 0  # a window that begins at a tick still does so
    axis = ruler(AxisScale.LOG, (10**low, 10 ** (low + decades)), rows)
    row = (axis.limits[1] - axis.limits[0]) / (rows - 1)
    assert abs((low - axis.limits[0]) - (axis.limits[1] - low - decades)) <= 2.01 * row


def test_values_near_zero_on_zero_row():
    for height in spread(range(12, 60)):
        x = np.linspace(-50, 50, 401)
        curve = Series(Role.TRUE, x, 2 * x * x - 4 * x + 3, line=True, label="true")
        rows = draw(ChartSpec((-50, 50), (-500, 500), (curve,)), 60, height)
        lowest = max(at for at, row in enumerate(rows) if at > 1 and Role.TRUE in row.roles)
        assert rows[lowest].text.lstrip().startswith("0┤")  # its least value is 1


@trials(300)
@given(st.floats(-1e6, 1e6), st.floats(1e-3, 1e6), st.integers(12, 60))
def test_window_widening_is_bounded(low, span, rows):
    window = low, low + span
    axis, around = ruler(AxisScale.LINEAR, window, rows), widest_window(window)
    assert around[0] <= axis.limits[0] < axis.limits[1] <= around[1] == pytest.approx(low + span * (1 + MOST_WIDER))


@table(
    ("scale", "window", "cells", "labels"),
    [
        (AxisScale.LINEAR, (-50, 50), 42, ["-40", "-20", "0", "20", "40"]),
        (AxisScale.LINEAR, (0, 1), 11, ["0", "0.5", "1"]),
        (AxisScale.LINEAR, (0, 23), 43, ["0", "5", "10", "15", "20"]),
        (AxisScale.LOG, (1e-7, 1e7), 22, ["1e-6", "1e-4", "0.01", "1", "100", "1e4", "1e6"]),
        (AxisScale.LOG, (1e-7, 1e7), 7, ["1e-8", "1", "1e8"]),
        (AxisScale.LOG, (1e-5, 1e307), 5, ["1", "1e300"]),
        (AxisScale.LOG, (0.02, 0.3), 22, ["0.02", "0.04", "0.08", "0.16", "0.32"]),
        (AxisScale.SYMLOG, (-1e5, 1e30), 7, ["0", "1e30"]),
        (AxisScale.SYMLOG, (-1e9, 1e9), 22, ["-1e8", "-1e4", "0", "1e4", "1e8"]),
    ],
)
def test_tick_label_examples(scale, window, cells, labels):
    assert [*ruler(scale, window, cells, scale is AxisScale.LINEAR and cells > 30).labels] == labels


@table("value", [0.0, 0.5, -3.0, 1e6, -1e-9])
def test_symlog_sign_and_powers_of_ten(value):
    expected = math.copysign(math.log10(1 + abs(value)), value)
    assert AXES[AxisScale.SYMLOG].place(np.array([value]))[0] == pytest.approx(expected)
    assert AXES[AxisScale.SYMLOG].value(expected) == pytest.approx(value)


@table("scale", AxisScale)
@table(
    "window",
    [
        (1.0, 1.0),
        (2.0, 1.0),
        (np.nan, 1.0),
        (0.0, np.nan),
        (-np.inf, 1.0),
        (0.0, np.inf),
        (0.0, 5e-324),
        (0.0, 1e-310),
        (1.0, np.nextafter(1.0, 2.0)),
    ],
)
def test_invalid_window_has_no_axis(scale, window):
    if not (
        scale is AxisScale.LOG and window == (-np.inf, 1.0)
    ):  # where whatever is below 0 is as far down as there is
        assert ruler(scale, window, 20) is None


def test_overflowing_window_has_no_axis():
    assert ruler(AxisScale.LINEAR, (-1e308, 1e308), 20) is None
    assert ruler(AxisScale.LINEAR, (0.0, 1e308), 20) is None
    assert ruler(AxisScale.SYMLOG, (-1e308, 1e308), 20) is not None


@table("window", [(-1e306, 1e306), (0.0, 1e-299), (1.0, 1.0 + 2e-12), (1e300, 1.1e300)])
@table("across", [False, True])
def test_extreme_windows_have_distinct_ticks(window, across):
    axis = ruler(AxisScale.LINEAR, window, 400, across)
    assert len(set(axis.labels)) == len(set(axis.ticks)) > 3
    assert np.isfinite(axis.limits).all()
    assert np.isfinite(axis.limits[1] - axis.limits[0])


@table("cells", range(5, 61))
def test_a_flag_is_no_or_yes(cells):
    axis = ruler(AxisScale.FLAG, (-0.3, 1.3), cells)
    assert axis.labels in (("no", "yes"), ("no",), ("yes",))
    assert cells < 6 or len(axis.labels) == 2
    for at, label in zip(axis.ticks, axis.labels, strict=True):
        assert middle(axis, at, cells) == pytest.approx(["no", "yes"].index(label))


def test_log_axis_value_never_overflows():
    assert np.isfinite(AXES[AxisScale.LOG].value(400.0))
