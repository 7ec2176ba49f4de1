"""The axes of a chart: where values lie on them, their ticks, and windows that cannot be shown."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from trials import trials

from quadfit_tui.ui.charts.axes import AXES, nice_ticks, ruler, tick_labels
from quadfit_tui.ui.charts.spec import Scale


@trials(300)
@given(st.floats(-1e12, 1e12), st.floats(1e-8, 1e12), st.integers(1, 30))
def test_ticks_are_round_inside_and_told_apart(low, span, count):
    high = low + max(span, 1e-8 * abs(low))
    ticks = nice_ticks(low, high, count)
    assert len(ticks) >= 2
    assert low - 1e-6 * (high - low) <= ticks[0] < ticks[-1] <= high + 1e-6 * (high - low)
    labels = tick_labels(ticks)
    assert len(set(labels)) == len(labels)
    for tick, label in zip(ticks, labels, strict=True):
        assert abs(float(label) - tick) <= 1e-3 * (ticks[1] - ticks[0])


@pytest.mark.parametrize(
    ("low", "high", "ticks"), [(-50, 50, [-40, -20, 0, 20, 40]), (0, 1, [0, 0.2, 0.4, 0.6, 0.8, 1])]
)
def test_ticks_are_those_that_a_person_would_choose(low, high, ticks):
    assert nice_ticks(low, high, 6) == pytest.approx(ticks)


@trials(200)
@given(st.sampled_from(list(Scale)), st.floats(-1e12, 1e12), st.floats(1e-6, 1e12), st.integers(2, 20))
def test_ticks_of_every_scale_lie_in_the_window_in_order_and_are_told_apart(scale, low, span, count):
    low = abs(low) + 1e-12 if scale is Scale.LOG else low
    high = low + max(span, 1e-6 * abs(low))
    values, labels = AXES[scale].ticks((low, high), count)
    assert len(values) == len(set(labels)) >= 2
    assert values == sorted(values)
    margin = 1e-6 * (high - low) + 1e-9 * abs(low)
    assert low - margin <= values[0] < values[-1] <= high + margin
    places = AXES[scale].place(np.array(values)).tolist()
    assert places == sorted(places)


@pytest.mark.parametrize("value", [0.0, 0.5, -3.0, 1e6, -1e-9])
def test_the_symmetric_logarithm_keeps_the_sign_and_counts_powers_of_ten(value):
    expected = math.copysign(math.log10(1 + abs(value)), value)
    assert AXES[Scale.SYMLOG].place(np.array([value]))[0] == pytest.approx(expected)


@pytest.mark.parametrize("scale", Scale)
@pytest.mark.parametrize(
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
def test_a_window_that_cannot_be_shown_has_no_axis(scale, window):
    if not (scale is Scale.LOG and window == (-np.inf, 1.0)):  # where whatever is below 0 is as far down as there is
        assert ruler(scale, window, 5) is None


@pytest.mark.parametrize("window", [(-8e307, 8e307), (0.0, 1e-304), (1.0, 1.0 + 2e-12), (1e300, 1.1e300)])
@pytest.mark.parametrize("wanted", [2, 400])
def test_the_widest_and_the_narrowest_windows_have_ticks_that_are_told_apart(window, wanted):
    limits, ticks, labels = ruler(Scale.LINEAR, window, wanted)
    assert limits == window
    assert len(set(labels)) == len(set(ticks)) == len(ticks) >= min(wanted, 100)
    rounding = 1e-9 * (window[1] - window[0])
    assert window[0] - rounding <= ticks[0] < ticks[-1] <= window[1] + rounding


def test_an_axis_has_its_limits_and_its_ticks_where_its_scale_puts_them():
    assert ruler(Scale.LOG, (1e-2, 1e3), 3) == ((-2.0, 3.0), [-2.0, 0.0, 2.0], ["0.01", "1", "100"])
