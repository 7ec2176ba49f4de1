"""The view *fit*: the true and the fitted parabola, and the samples."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import numpy as np

from quadfit_tui.core.model.array import Array
from quadfit_tui.core.model.parabola import predict
from quadfit_tui.core.model.problem import Problem
from quadfit_tui.core.session.playback import Unit
from quadfit_tui.core.session.snapshot import Snapshot
from quadfit_tui.ui.charts.spec import ChartSpec, Range, Role, Series, Window
from quadfit_tui.ui.views.scene import Scene
from quadfit_tui.ui.views.view import View, Words

CURVE_POINTS = 301  # as many as a chart of 150 columns can tell apart
MARK_EVERY = 15
MARKED_SAMPLES = 20
SHOWN_SAMPLES = 200
SHOWN_RESIDUALS = 30


def _article_window(problem: Problem) -> Window:  # noqa: ARG001  every window has one signature
    return (-50.0, 50.0), (-500.0, 500.0)


def _data_window(problem: Problem) -> Window:
    return _around(problem.x), _around(problem.y)


def _around(values: Array) -> Range:
    """The range of the values with a margin; never empty."""
    low, high = float(values.min()), float(values.max())
    largest = max(1.0, abs(low), abs(high))
    margin = 0.08 * (high - low) if high - low > 1e-9 * largest else 0.5 * largest
    return low - margin, high + margin


WINDOWS: dict[str, Callable[[Problem], Window]] = {"article": _article_window, "data": _data_window}


def defaults(snapshot: Snapshot) -> Mapping[str, str]:
    """The window to begin with: the article's, unless the data are somebody's own."""
    return {"window": "data"} if snapshot.problem.truth is None else {}


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
    x_range, y_range = WINDOWS[words["window"]](problem)
    x = np.linspace(*x_range, CURVE_POINTS)
    samples, few = (_every(problem.x, problem.y, most) for most in (SHOWN_SAMPLES, MARKED_SAMPLES))
    fitted = _curve(snapshot.w, x)
    series = [Series(Role.SAMPLES, *samples, label="samples", lasting=True)]
    best = _curve(problem.optimum, x) if words["optimum"] == "least squares" else None
    if best is not None:
        series.append(Series(Role.OPTIMUM, x, best, line=True, label="optimum", lasting=True))
    series.append(Series(Role.FITTED, x, fitted, line=True, label="fitted"))
    if problem.truth is not None:
        series.append(Series(Role.TRUE, x, _curve(np.array(problem.truth), x), line=True, label="true", lasting=True))
    # Samples without noise lie under the curve, and a fit that is done lies under the true one: marks show them all.
    if best is not None:
        series.append(Series(Role.OPTIMUM, x[::MARK_EVERY], best[::MARK_EVERY], lasting=True))
    series += [
        Series(Role.SAMPLES, *few, lasting=True),
        Series(Role.FITTED, x[MARK_EVERY // 2 :: MARK_EVERY], fitted[MARK_EVERY // 2 :: MARK_EVERY]),
    ]
    if snapshot.unit is Unit.UPDATE and snapshot.batch is not None:
        series += _batch(*snapshot.batch, snapshot.w)
    return ChartSpec(x_range, y_range, tuple(series))


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
        "present w. Training pulls the fitted one onto the samples. Where single updates are played, the sample or "
        "batch of the last update is marked, and a stem from each of its samples to the curve is the residual. The "
        "least-squares parabola has the smallest mean loss of all: nothing fits better. Without noise it is the true "
        "one."
    ),
    options={"window": tuple(WINDOWS), "optimum": ("hidden", "least squares")},
    defaults=defaults,
)
