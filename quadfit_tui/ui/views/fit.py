"""The view *fit*: the true and the fitted parabola, and the samples."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from quadfit_tui.core.problem import Problem
from quadfit_tui.core.quadratic import predict
from quadfit_tui.core.session import Snapshot
from quadfit_tui.ui.chartspec import Array, ChartSpec, Range, Role, Series, View

Window = tuple[Range, Range]

CURVE_POINTS = 301  # as many as a chart of 150 columns can tell apart
MARK_EVERY = 15
MARKS = 20
SHOWN_SAMPLES = 200


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


def default_window(snapshot: Snapshot) -> str:
    """The window to begin with: the article's, unless the data are somebody's own."""
    return "data" if snapshot.problem.truth is None else "article"


def _every(problem: Problem, most: int) -> tuple[Array, Array]:
    """At most `most` of the samples, evenly spread."""
    step = -(-len(problem.x) // most)
    return problem.x[step // 2 :: step], problem.y[step // 2 :: step]


def _curve(w: Array, x: Array) -> Array:
    with np.errstate(all="ignore"):  # a diverging w may leave the doubles here
        return predict(w, x)


def draw(snapshot: Snapshot, window: str) -> ChartSpec:
    """The chart of a moment, in one of WINDOWS."""
    problem = snapshot.problem
    x_range, y_range = WINDOWS[window](problem)
    x = np.linspace(*x_range, CURVE_POINTS)
    samples, few = _every(problem, SHOWN_SAMPLES), _every(problem, MARKS)
    fitted = _curve(snapshot.w, x)
    series = [
        Series(Role.SAMPLES, *samples, label="samples"),
        Series(Role.FITTED, x, fitted, line=True, label="fitted"),
    ]
    if problem.truth is not None:
        series.append(Series(Role.TRUE, x, _curve(np.array(problem.truth), x), line=True, label="true"))
    # Samples without noise lie under the curve, and a fit that is done lies under the true one: marks show both.
    series += [
        Series(Role.SAMPLES, *few),
        Series(Role.FITTED, x[MARK_EVERY // 2 :: MARK_EVERY], fitted[MARK_EVERY // 2 :: MARK_EVERY]),
    ]
    return ChartSpec(x_range, y_range, tuple(series))


VIEW = View(draw, tuple(WINDOWS), default_window)
