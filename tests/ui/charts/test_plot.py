"""Charts by plotext: what is thinned comes to the same picture, and nothing reaches plotext that it cannot take."""

import subprocess
import sys
from functools import reduce
from pathlib import Path

import numpy as np
import plotext
from app_helpers import scene_for
from hypothesis import given
from hypothesis import strategies as st
from trials import FOR_RELEASE, trials

from quadfit_tui.core.config.presets import PRESETS
from quadfit_tui.core.session.playback import Unit
from quadfit_tui.core.session.session import RunSession
from quadfit_tui.ui.charts.axes import BELOW, inner_columns, ruler
from quadfit_tui.ui.charts.plot import build_rows, plot
from quadfit_tui.ui.charts.render import draw
from quadfit_tui.ui.charts.spec import AxisScale, ChartSpec, Role, Series
from quadfit_tui.ui.views.view_table import VIEWS

WINDOW = (-50.0, 50.0), (-500.0, 500.0)


def rulers(width, height):
    """The axes of a chart of that size, in the window."""
    y = ruler(AxisScale.LINEAR, WINDOW[1], height - BELOW)
    return ruler(AxisScale.LINEAR, WINDOW[0], inner_columns(width, y), across=True), y


def by_plotext(width, height, series):
    """One series drawn by plotext alone: each row as its signs, blanks where there is nothing of the series."""
    figure = plotext.figure
    figure.clear()
    figure.theme("colorless")
    figure.plot_size(width, height)
    figure.axes(active=False, side=1)
    for axis, (limits, ticks, labels) in enumerate(rulers(width, height)):
        figure.ruler(axis, 0).lim(*limits)
        figure.ruler(axis, 0).ticks([limits[0] + 0 * tick for tick in ticks], labels)
    signal = figure.signal(series.x.tolist(), series.y.tolist(), marker=plotext.marker(series.mark or "braille", 100))
    figure.draw(signal.lines() if series.line else signal)
    rows = []
    for line in figure.build().string().splitlines():
        cells, colored = "", False
        while line:
            if line[0] == "\x1b":
                paint, _, line = line[2:].partition("m")
                colored = colored if paint.startswith("48;") else paint.endswith(";100")
            else:
                cells, line = cells + (line[0] if colored else " "), line[1:]
        rows.append(cells)
    return rows


def some_series(seed):
    """Up to five series of up to sixty points in the window, lines and points, one over the other."""
    random = np.random.default_rng(seed)
    for _ in range(random.integers(6)):
        count = random.integers(2, 61)
        x, y = (random.uniform(*axis, count) for axis in WINDOW)
        x = np.sort(x) if random.integers(2) else x
        role = (Role.FITTED, Role.TRUE, Role.RUN_1)[random.integers(3)]
        line, mark = ((True, ""), (True, "x"), (False, "x"), (False, ""))[random.integers(4)]
        yield Series(role, x, y, line=line, mark=mark, lasting=bool(random.integers(2)))


def over(lower, upper):
    """The sign of a cell in which one is drawn over another: dots of braille are gathered."""
    if all("\u2800" <= sign <= "\u28ff" for sign in (lower, upper)):
        return chr(ord(lower) | ord(upper))
    return lower if upper == " " else upper


@trials(60)
@given(st.integers(0, 2**32), st.sampled_from([(20, 6), (53, 13), (150, 40)]))
def test_upper_series_colors_cell_dots_merge(seed, size):
    series = [*some_series(seed)]
    layers = [by_plotext(*size, each) for each in series]
    for _ in range(2):  # the second time, what lasts is kept
        rows = plot(*size, *rulers(*size), series)
        left = rows[-BELOW].text.index("└") + 1
        for y, row in enumerate(rows[:-BELOW]):
            for x, (sign, letter) in enumerate(zip(*row, strict=True)):
                found = [at for at, layer in enumerate(layers) if layer[y][x] != " "]
                if not found or x < left:
                    assert letter == Role.AXIS or letter == sign == " "
                    continue
                assert letter == series[found[-1]].role
                assert sign == reduce(over, [layers[at][y][x] for at in found])


def test_full_window_oscillation_is_filled():
    x = np.linspace(-50, 50, 1001)
    y = np.where(np.arange(1001) % 2, 1e300, -1e300)
    rows = plot(100, 30, *rulers(100, 30), [Series(Role.PATH, x, y, line=True)])
    left = rows[-BELOW].text.index("└") + 1
    limits = rulers(100, 30)[0].limits  # the axis goes on behind the line
    end = left + int((50 - limits[0]) / (limits[1] - limits[0]) * (99 - left))
    assert {row.text[left + 1 : end] for row in rows[1 : -BELOW - 1]} == {"⣿" * (end - left - 1)}


def test_what_looks_alike_is_not_joined():
    parts = [np.array([-50.0, -20.0]), np.array([20.0, 50.0])]
    rows = plot(60, 12, *rulers(60, 12), [Series(Role.CONTOUR, x, 0 * x, line=True) for x in parts])
    (drawn,) = [row for row in rows if Role.CONTOUR in row.roles]
    left = rows[-BELOW].text.index("└") + 1
    middle = left + (60 - left) // 2
    assert drawn.roles.count(Role.CONTOUR) > 20
    assert drawn.roles[middle - 8 : middle + 8].strip() == ""


def test_hostile_charts_do_not_crash():
    """In a process of its own, since plotext's C++ ends it without a word."""
    hostile, series = Path(__file__).with_name("hostile.py"), "20000" if FOR_RELEASE else "150"
    done = subprocess.run(
        [sys.executable, "-W", "error", hostile, series, "7"], capture_output=True, text=True, check=False, timeout=240
    )
    assert (done.returncode, done.stderr) == (0, "")


def pictures():
    """A picture of each view, with no text inside it."""
    session = RunSession(PRESETS["noisy"], speed=None)
    session.step(Unit.EPOCH)
    session.advance(10)
    for name, view in VIEWS.items():
        shown = scene_for(name, RunSession(PRESETS["momentum"]) if name == "map" else session)
        spec = view.draw(shown, view.initial_options(shown.snapshot))
        if isinstance(spec, ChartSpec):
            yield name, ChartSpec(spec.x_range, spec.y_range, spec.series, "", "", spec.x_scale, spec.y_scale)


def test_all_charts_go_through_plotext(monkeypatch):
    class Nothing:
        def string(self):
            width, height = plotext.figure.size()
            return f"{' ' * width}\n" * height

    charts = {name: draw(spec, 60, 16)[2:] for name, spec in pictures()}
    assert set(charts) == {name for name, view in VIEWS.items() if not view.is_page}
    for name, rows in charts.items():
        assert any(set(row.roles) > {Role.BLANK, Role.AXIS} for row in rows), name
    monkeypatch.setattr(plotext.figure, "build", Nothing)
    build_rows.cache_clear()
    for _, spec in pictures():
        assert {row.text.strip() for row in draw(spec, 60, 16)[2:]} == {""}


def test_what_has_not_moved_is_not_drawn_again(monkeypatch):
    x = np.linspace(0, 1, 50)
    across, up = ruler(AxisScale.LINEAR, (0, 1), 60, across=True), ruler(AxisScale.LINEAR, (0, 1), 12)
    build_rows.cache_clear()
    first = plot(66, 14, across, up, [Series(Role.FITTED, x, x * x, True)])
    build = plotext.figure.build
    asked = []
    monkeypatch.setattr(plotext.figure, "build", lambda: asked.append(1) or build())
    assert plot(66, 14, across, up, [Series(Role.FITTED, x, x * x + 1e-12, True)]) == first
    assert asked == []
    assert plot(66, 14, across, up, [Series(Role.TRUE, x, x * x, True)]) != first
    assert plot(66, 14, across, up, [Series(Role.FITTED, x, x * x + 0.05, True)]) != first
    assert len(asked) == 2
    build_rows.cache_clear()
    assert plot(66, 14, across, up, [Series(Role.FITTED, x, x * x + 1e-12, True)]) == first


async def test_one_draw_per_frame_or_key(make_app, monkeypatch):
    drawn = []
    build = plotext.figure.build
    monkeypatch.setattr(plotext.figure, "build", lambda: drawn.append(1) or build())
    build_rows.cache_clear()
    async with make_app().run_test(size=(80, 24)) as pilot:
        await pilot.pause()
        assert len(drawn) == 1
        for count, key in enumerate("23n", 2):
            await pilot.press(key)
            await pilot.pause()
            assert len(drawn) == count


def test_plotext_import_has_no_side_effects():
    """Masked arrays take 2 MB, and come by np.median; plot.py has the module that stands for the manual."""
    script = """
import os, pty, signal, sys, termios, threading
ours, its = pty.openpty()
for number in range(3):
    os.dup2(its, number)
def state():
    handlers = [signal.getsignal(number) for number in signal.valid_signals()]
    return termios.tcgetattr(its), handlers, threading.enumerate(), os.environ.copy()
import numpy as np
before = state()
from quadfit_tui.ui.charts.plot import plot
from quadfit_tui.ui.charts.axes import ruler
from quadfit_tui.ui.charts.render import draw
from quadfit_tui.ui.charts.spec import ChartSpec, Role, AxisScale, Series
both = [ruler(AxisScale.LINEAR, (0.0, 1.0), 90)] * 2
assert len(plot(300, 100, *both, [Series(Role.FITTED, np.arange(2.0), np.arange(2.0), line=True)])) == 100
far = Series(Role.FITTED, np.array([0.0, 9.0]), np.array([7.0, 7.0]), line=True, label="far")
assert "far: y ≈ 7" in str(draw(ChartSpec((0.0, 9.0), (0.0, 1.0), (far,)), 60, 12))
assert state() == before
assert [name for name in sys.modules if name.startswith(("plotext._doc", "numpy.ma."))] == ["plotext._doc.doc"]
os.set_blocking(ours, False)
try:
    said = os.read(ours, 1000)
except BlockingIOError:
    said = b""
sys.exit(repr(said) if said else 0)
"""
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=False, timeout=60)
    assert done.returncode == 0
