"""The picture of a sweep as a chart: a map; a line or bands: medians as lines, strokes from quartile to quartile."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import NamedTuple

import numpy as np

from quadfit_tui.core.model.array import Array
from quadfit_tui.core.model.incremental_job import JobSteps
from quadfit_tui.core.model.problem import Dataset
from quadfit_tui.core.text.language import _, paragraph
from quadfit_tui.core.text.numbers import short
from quadfit_tui.core.text.width import cell_width
from quadfit_tui.sweeps.pictures.loss_bands import LossBands, loss_bands
from quadfit_tui.sweeps.pictures.picture import MapMetric, picture_of
from quadfit_tui.sweeps.pictures.sweep_line import SweepLine, sweep_line
from quadfit_tui.sweeps.pictures.sweep_map import sweep_map
from quadfit_tui.sweeps.rows import ResultRows
from quadfit_tui.sweeps.space import Space
from quadfit_tui.sweeps.ui.map_chart import WORDS, axis_label, axis_scale, map_chart, unfinished
from quadfit_tui.ui.charts.spec import RUN_ROLES, AxisScale, ChartSpec, Range, Role, Series
from quadfit_tui.ui.views import time_series
from quadfit_tui.ui.views.loss import LEAST_DECADES, loss_range
from quadfit_tui.ui.views.rate_map import axis_window

_STROKES = 40  # of a band across a chart; a line of at most so many values has a point for each
_MARGIN = 0.1  # of the height of a line, above and below; marks of failures stand above
_FAR = 10  # times: epochs that are so far apart are seen by their logarithms


class SweepChart(NamedTuple):
    """The chart of a sweep; `place_of` returns where a cell is in it, None if it has no place."""

    spec: ChartSpec
    place_of: Callable[[int], tuple[float, float] | None]


def sweep_chart(space: Space, rows: ResultRows, problem: Dataset | None = None) -> JobSteps[SweepChart]:
    """Returns the picture that a sweep has; raises ValueError if there are no runs to draw, ConfigError as loss_bands.

    `problem` has the samples, if they are not made or read again.
    """
    kind = picture_of(space)
    if kind == "bands":
        bands = yield from loss_bands(space, rows, problem)
        return SweepChart(bands_chart(bands), lambda cell: None)  # noqa: ARG005
    if kind == "line":
        line = sweep_line(space, rows)
        return SweepChart(line_chart(line), partial(line.place_of, space))
    found = sweep_map(space, rows)
    return SweepChart(map_chart(found), partial(found.place_of, space))


def line_chart(found: SweepLine) -> ChartSpec:
    """Returns the chart of a line: the medians, strokes between the quartiles, and marks where runs failed."""
    role, words, x, scale = RUN_ROLES[0], WORDS[found.told], found.axis.values, axis_scale(found.axis)
    y_range, y_scale, rows = _heights(found)
    low, median, high = np.where(np.isfinite(found.quartiles), found.quartiles, np.nan)
    high = np.where(np.isinf(found.quartiles[2]), time_series.HUGE, high)
    series = [_strokes(role, x, low, high, slice(None, None, -(-len(x) // _STROKES)))]
    label = _("median") if found.runs.max() > 1 else _("each run")
    series.append(Series(role, x, median, line=True, label=label, sign="o"))
    if len(x) <= _STROKES:
        series.append(Series(role, x, median, mark="o", sign="o"))
    failures = (
        ("x", _("diverged"), _("diverged"), found.diverged),
        ("-", unfinished(found.epochs), _("above tol"), found.unfinished),
    )
    for y, (mark, text, brief, counts) in zip(rows, failures, strict=True):
        at = x[counts > 0]
        if len(at):
            series.append(Series(Role.RATE, at, np.full(len(at), y), label=text, brief=brief, mark=mark))
    best = found.best()
    if best is not None:
        series.append(Series(Role.OPTIMUM, x[[best]], median[[best]], label=_(words.best), mark="*"))
    caption = paragraph(found.notes)
    return ChartSpec(
        axis_window(x, scale),
        y_range,
        tuple(series),
        x_name=axis_label(found.axis),
        y_name=_(words.label),
        x_scale=scale,
        y_scale=y_scale,
        caption=caption,
        caption_columns=cell_width(caption),
    )


def bands_chart(found: LossBands) -> ChartSpec:
    """Returns the chart of bands over the epochs: a line for each median, strokes between the quartiles."""
    window = 0.0, float(max(found.epochs[-1], 1))
    y_range = loss_range(_seen(found), found.tol, LEAST_DECADES["all"])
    x, caption = found.epochs.astype(np.float64), paragraph(found.notes)
    series = []
    if found.tol is not None:
        series.append(time_series.level(Role.TOL, found.tol, window, _("tol {tol}").format(tol=short(found.tol))))
    step = -(-len(x) // _STROKES)
    numbered = [*enumerate(zip(found.bands, RUN_ROLES, strict=False))]
    for at, (band, role) in numbered:
        if band.runs > 1:  # strokes of several bands stand beside each other
            low, _median, high = map(time_series.capped, band.quartiles)
            series.append(_strokes(role, x, low, high, slice(step * at // len(found.bands), None, step)))
    for at, (band, role) in reversed(numbered):  # the first of the legend lies above all
        line = time_series.thinned(x, time_series.capped(band.quartiles[1]), window)
        label = band.label or _("all runs")
        series.append(Series(role, *line, line=True, label=label, brief=band.brief or label, sign=str(at + 1)))
    return ChartSpec(
        window,
        y_range,
        tuple(series),
        x_name=_("epochs done"),
        y_name="",
        y_scale=AxisScale.LOG,
        caption=caption,
        caption_columns=cell_width(caption),
    )


def _heights(found: SweepLine) -> tuple[Range, AxisScale, tuple[float, float]]:
    """Returns the window and the scale of what is told, and the heights above it at which failures are marked."""
    seen = found.quartiles[np.isfinite(found.quartiles)]
    if found.told is MapMetric.ENDS and seen.max() < _FAR * seen.min():
        high = (1 + 3 * _MARGIN) * seen.max()
        return (0.0, float(high)), AxisScale.LINEAR, (float(0.97 * high), float(0.9 * high))
    low, high = np.log10(loss_range(seen, None, LEAST_DECADES["all"]))
    top = high + 2 * _MARGIN * (high - low)
    heights = (top, 0.97 * top + 0.03 * low, 0.9 * top + 0.1 * low)
    highest, *marks = (float(10.0**each) for each in heights)
    return (float(10.0**low), highest), AxisScale.LOG, (marks[0], marks[1])


def _strokes(role: Role, x: Array, low: Array, high: Array, chosen: slice) -> Series:
    """Returns strokes from the lower to the upper quartile at some of the places."""
    ends = [low[chosen], high[chosen], np.full(len(x[chosen]), np.nan)]
    return Series(role, np.repeat(x[chosen], 3), np.column_stack(ends).ravel(), line=True, mark="")


def _seen(found: LossBands) -> Array:
    """Returns the quartiles that the window must hold: of bands that diverge beside others, what dwarfs nothing."""
    every = [band.quartiles[np.isfinite(band.quartiles)] for band in found.bands]
    losses = np.concatenate(every)
    most = time_series.DIVERGED * max((float(band.quartiles[1, 0]) for band in found.bands), default=1.0)
    return losses[losses <= most] if any((each <= most).all() for each in every) else losses
