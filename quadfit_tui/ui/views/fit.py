"""The view *fit*: the true and the fitted parabola, and the samples."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace

import numpy as np

from quadfit_tui.core.config.parameters import PARAMETERS
from quadfit_tui.core.config.presets import PRESETS
from quadfit_tui.core.model.array import Array
from quadfit_tui.core.model.parabola import predict
from quadfit_tui.core.model.problem import Problem
from quadfit_tui.core.session.playback import Unit
from quadfit_tui.core.session.snapshot import Snapshot
from quadfit_tui.core.text.numbers import short
from quadfit_tui.ui.charts.axes import FARTHEST, nice_steps, wider
from quadfit_tui.ui.charts.spec import ChartSpec, Note, Range, Role, Series, Window
from quadfit_tui.ui.views.scene import Scene
from quadfit_tui.ui.views.view import View, Words

CURVE_POINTS = 401  # as many as a chart of 200 columns can tell apart
SIGN_EVERY = 20
BESIDE = 15  # samples that are drawn over the curves, too: without noise they lie below them
SHOWN_SAMPLES = 200
SHOWN_RESIDUALS = 30
NARROW = 0.05  # of the width of a window: samples that take less of it are marked as a band
BAND_DOTS = 30
NEAR = 0.05  # of the height of the data: a curve that is not farther out moves no window
MARGIN = 0.08
EDGE = 0.05  # of the height of a window: more than what an axis may cut off


def _article_window(problem: Problem, w: Array) -> Window:  # noqa: ARG001  every window has one signature
    return (-50.0, 50.0), (-500.0, 500.0)


def _data_window(problem: Problem, w: Array) -> Window:  # noqa: ARG001
    return _around(problem.x), _around(problem.y)


def _following_window(problem: Problem, w: Array) -> Window:
    """The data, and the fitted curve above them.

    How far it goes beyond them is rounded up to 1, 2 or 5 times a power of ten, so that it seldom changes while the
    curve moves, and is what it is for each w.
    """
    x_range, (low, high) = _data_window(problem, w)
    y = _curve(w, np.linspace(*x_range, CURVE_POINTS))
    if not (np.abs(y) < FARTHEST / 10).all():
        return x_range, (low, high)
    room = high - low
    below, above = _reach(low - float(y.min()), room), _reach(float(y.max()) - high, room)
    # Data at the edge of a window that is much higher than they are need a margin of that, or their row is cut off.
    margin = next(nice_steps(EDGE * (below + above))) if below or above else 0.0
    return x_range, (low - max(below, margin), high + max(above, margin))


def _reach(distance: float, room: float) -> float:
    return next(nice_steps(distance)) if distance > NEAR * room else 0.0


def _around(values: Array) -> Range:
    """The range of the values with a margin; never empty."""
    low, high = float(values.min()), float(values.max())
    largest = max(1.0, abs(low), abs(high))
    margin = MARGIN * (high - low) if high - low > 1e-9 * largest else 0.5 * largest
    return low - margin, high + margin


WINDOWS: dict[str, Callable[[Problem, Array], Window]] = {
    "article": _article_window,
    "data": _data_window,
    "follow": _following_window,
}


def defaults(snapshot: Snapshot) -> Mapping[str, str]:
    """The window to begin with: the article's for runs on its samples."""
    config, article = snapshot.config, PRESETS["article"]
    samples = (name for name, parameter in PARAMETERS.items() if parameter.group == "data")
    return {} if all(getattr(config, each) == getattr(article, each) for each in samples) else {"window": "follow"}


def left_out(snapshot: Snapshot) -> frozenset[str]:
    """The windows that mean nothing for a run: the article's, where the samples are somebody's own."""
    return frozenset({"article"} if snapshot.config.data else ())


def _every(x: Array, y: Array, most: int) -> tuple[Array, Array]:
    """At most `most` of the samples (x, y), evenly spread."""
    step = -(-len(x) // most)
    return x[step // 2 :: step], y[step // 2 :: step]


def _curve(w: Array, x: Array) -> Array:
    with np.errstate(all="ignore"):  # a diverging w may leave the doubles here
        return predict(w, x)


def draw(scene: Scene, words: Words) -> ChartSpec:
    """The chart of a moment, in one of WINDOWS; with the least-squares parabola where it is asked for."""
    snapshot, problem = scene.snapshot, scene.snapshot.problem
    x_range, y_range = WINDOWS[words["window"]](problem, snapshot.w)
    x = np.linspace(*wider(x_range), CURVE_POINTS)
    fitted = _curve(snapshot.w, x)
    signs = slice(SIGN_EVERY // 2, None, SIGN_EVERY)
    series = [Series(Role.SAMPLES, *_every(problem.x, problem.y, SHOWN_SAMPLES), label="samples", lasting=True)]
    band = _band(problem, (x_range, y_range))
    if band:
        series.insert(0, band)
    # A fit that is done lies on the curves that it is to come to: these are drawn below it and, with gaps, over it.
    aims = []
    if words["optimum"] == "least squares":
        aims.append(Series(Role.OPTIMUM, x, _curve(problem.optimum, x), line=True, label="optimum", lasting=True))
    if problem.truth is not None:
        aims.append(Series(Role.TRUE, x, _curve(np.array(problem.truth), x), line=True, label="true", lasting=True))
    series += [replace(aim, label="") for aim in aims]
    series.append(Series(Role.FITTED, x, fitted, line=True, label="fitted", brief="fit"))
    series += [replace(aim, dash=1 + at) for at, aim in enumerate(aims)]
    if problem.truth is not None and not snapshot.config.noise:
        series.append(Series(Role.SAMPLES, *_every(problem.x, problem.y, BESIDE), lasting=True))
    series.append(Series(Role.FITTED, x[signs], fitted[signs], sign="o"))
    if snapshot.unit is Unit.UPDATE and snapshot.record is not None:
        series += _batch(*snapshot.record.batch, snapshot.w)
    notes = _band_note(problem, (x_range, y_range)) if band else ()
    return ChartSpec(x_range, y_range, tuple(series), notes=notes)


def _band(problem: Problem, window: Window) -> Series | None:
    """Where the samples are, as a band from below to above, in a window in which they are hardly more than a point."""
    low, high = float(problem.x.min()), float(problem.x.max())
    if high - low > NARROW * (window[0][1] - window[0][0]):
        return None
    y = np.linspace(*wider(window[1]), BAND_DOTS)
    return Series(Role.SAMPLES, np.tile([low, high], BAND_DOTS), np.repeat(y, 2), lasting=True)


def _band_note(problem: Problem, window: Window) -> tuple[Note, ...]:
    low, high = float(problem.x.min()), float(problem.x.max())
    (left, right), (bottom, top) = window
    text = f"x from {short(low)} to {short(high)}"
    beside = (low + high) / 2 + (right - left) * np.array([0.08, 0.12, 0.16, 0.2, 0.25, -0.16, -0.2, -0.25])
    return (Note(Role.SAMPLES, text, beside, np.full(len(beside), bottom + 0.1 * (top - bottom))),)


def _batch(x: Array, y: Array, w: Array) -> list[Series]:
    """The samples of the update that is shown, and a stem from each to the curve: its residual now.

    Of a large batch as many as can be told apart.
    """
    label = "sample" if len(x) == 1 else "batch"
    x, y = _every(x, y, SHOWN_RESIDUALS)
    gap = np.full(len(x), np.nan)  # nothing joins one stem to the next
    stems = np.column_stack([y, _curve(w, x), gap])
    return [
        Series(Role.BATCH, np.repeat(x, 3), stems.ravel(), line=True),
        Series(Role.BATCH, x, y, label=label),
    ]


VIEW = View(
    draw,
    summary="the true and the fitted parabola",
    reading=(
        "The samples, the true parabola that they come from, and the fitted one, f(x) = a·x² + b·x + c with the "
        "current w. Training pulls the fitted one onto the samples. While single updates are played, the sample or "
        "batch of the last update is marked, and a line from each of its samples to the curve shows its residual. The "
        "least-squares parabola (press o) has the smallest mean loss of all: nothing fits better. Without noise it is "
        "the true one."
    ),
    options={"window": tuple(WINDOWS), "optimum": ("hidden", "least squares")},
    defaults=defaults,
    left_out=left_out,
)
