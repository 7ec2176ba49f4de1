"""What charts show of a run over time: time, changes of the rate, and of many points those that matter."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from tables import table
from trials import trials

from quadfit_tui.core.config.parameters import RunConfig
from quadfit_tui.core.methods.schedules import SCHEDULES
from quadfit_tui.core.session.playback import Unit
from quadfit_tui.core.session.session import RunSession
from quadfit_tui.ui.charts.render import draw as drawn
from quadfit_tui.ui.views.scene import scene_of
from quadfit_tui.ui.views.time_series import (
    MARKS_PER_LINE,
    MOST_CHANGES,
    earlier_label,
    marked,
    rate_changes,
    recent_range,
    thinned,
    update_axis_name,
)
from quadfit_tui.ui.views.view_table import VIEWS


@trials(60)
@given(st.integers(1, 400), st.integers(0, 2**32), st.sampled_from([0.0, 0.3]))
def test_thinning_keeps_column_extremes_and_ends(count, seed, missing):
    random = np.random.default_rng(seed)
    x = np.cumsum(random.integers(1, 4, count)).astype(float)
    y = np.where(random.random(count) < missing, np.nan, random.standard_normal(count))
    window, columns = (float(x[0]), float(x[-1]) + 1), 20
    kept = list(zip(*(each.tolist() for each in thinned(x, y, window, columns)), strict=True))
    if count <= 2 * columns:
        assert len(kept) == count
        return
    assert len(kept) <= 4 * columns
    cells = {}
    for point in zip(x.tolist(), y.tolist(), strict=True):
        cells.setdefault(int((point[0] - window[0]) / (window[1] - window[0]) * columns), []).append(point)
    for points in cells.values():
        here = [point for point in kept if points[0][0] <= point[0] <= points[-1][0]]
        heights = [height for _, height in points if height == height]
        assert here[0][0] == points[0][0]
        assert here[-1][0] == points[-1][0]
        if heights:
            assert {min(heights), max(heights)} <= {height for _, height in here}


def test_thinning_keeps_neighbors_outside_window():
    x = np.arange(100.0)
    assert thinned(x, x, (10.5, 12.5))[0].tolist() == [10, 11, 12, 13]
    assert thinned(x, x, (-5.0, 1.5))[0].tolist() == [0, 1, 2]


def test_marks_spread_evenly_over_line():
    x = np.arange(1001.0)
    at, heights = marked(x, 2 * x, (0.0, 1000.0))
    assert len(at) == MARKS_PER_LINE
    assert np.abs(np.diff(at) - 1000 / MARKS_PER_LINE).max() <= 1
    assert heights.tolist() == (2 * at).tolist()
    assert marked(x[:101], x[:101], (0.0, 1000.0))[0].tolist() == [63]


@table("config", [RunConfig(decay_every=n) for n in (2, 3, 10)] + [RunConfig(schedule="constant")])
@table("window", [(0.0, 40.0), (17.5, 63.0)])
def test_the_changes_are_those_of_the_rate(config, window):
    rate = SCHEDULES[config.schedule].rate
    expected = [k for k in range(1, 200) if rate(config, k) != rate(config, k - 1) and window[0] <= k <= window[1]]
    assert rate_changes(config, window) == expected


def test_too_many_rate_changes_are_unmarked():
    assert len(rate_changes(RunConfig(), (0.0, 10.0 * MOST_CHANGES))) == MOST_CHANGES
    assert rate_changes(RunConfig(), (0.0, 1e6)) == []
    assert rate_changes(RunConfig(decay_every=1), (0.0, 20.0)) == []


def test_recent_range_surrounds_visited_epoch():
    session = RunSession(RunConfig(epochs=1000, stop_on="never", batch="full"), speed=None)
    for epoch, window in ((1000, (900, 1000)), (500, (450, 550)), (0, (0, 100))):
        session.seek(epoch)
        while session.is_busy:
            session.advance(1)
        assert recent_range(scene_of(session)) == window


def test_axis_name_notes_too_long_epoch():
    session = RunSession(RunConfig(samples=20_001))
    assert update_axis_name(scene_of(session)) == "updates in epoch 0"
    session.step(Unit.UPDATE)
    session.advance(1e9)
    assert update_axis_name(scene_of(session)) == "updates in epoch 0: too many to show"


def test_earlier_run_label_names_difference():
    session = RunSession(RunConfig(epochs=2))
    for config, label in (
        (RunConfig(epochs=2, lr=0.1), "#1 lr 0.5"),
        (RunConfig(epochs=2, lr=0.1, batch=16), "#1 lr 0.5 …"),
        (RunConfig(epochs=2, optimizer="momentum"), "#1 optimizer sgd"),
    ):
        session.step(Unit.EPOCH)
        session.advance(1e9)
        run = session.run
        assert earlier_label(run, config) == label


def test_lesson_label_has_rate_and_epochs():
    session = RunSession(RunConfig(epochs=2))
    session.step(Unit.EPOCH)
    session.advance(1e9)
    for changed, label in (
        ({"lr": 0.1, "batch": 16}, "#1 lr 0.5, 1 epoch"),
        ({}, "#1 lr 0.5, 1 epoch"),
        ({"batch": 16}, "#1 batch 1, 1 epoch"),
        ({"batch": 16, "epochs": 3}, "#1 batch 1 …, 1 epoch"),
    ):
        assert earlier_label(session.run, RunConfig(epochs=2).replace(**changed), is_taught=True) == label


def test_narrow_lesson_legend_keeps_rates_first():
    session = RunSession(RunConfig(epochs=2, schedule="constant"), speed=None)
    for lr in (0.1, 0.2, 0.3):
        session.step(Unit.EPOCH)
        session.advance(1e9)
        session.restart(session.config.replace(lr=lr))
    spec = VIEWS["loss"].draw(scene_of(session, is_taught=True), {"window": "all"})
    told = {width: drawn(spec, width, 9)[0].text for width in (160, 70, 36)}
    assert all(each in told[160] for each in ("#3 lr 0.2, 1 epoch  ", "#2 lr 0.1, 1 epoch  ", "#1 lr 0.5, 1 epoch  "))
    assert "#3 lr 0.2  #2 lr 0.1  #1 lr 0.5" in told[70]
    assert "#3  #2  #1" in told[36]
