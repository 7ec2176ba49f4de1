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
from quadfit_tui.core.text.numbers import format_short
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

_STROKES = 40  # strokes of a band across a chart; a line of at most so many values marks each of them
_MARGIN = 0.1  # margin above a line, as a share of its height; failures are marked there
_FAR = 10  # ratio of epochs from which on the y axis is logarithmic


class SweepChart(NamedTuple):
    """The chart of a sweep; `place_of` returns the position (x, y) of a cell in it, or None if it has none."""

    spec: ChartSpec
    place_of: Callable[[int], tuple[float, float] | None]


def sweep_chart(space: Space, rows: ResultRows, problem: Dataset | None = None) -> JobSteps[SweepChart]:
    """Draws the chart of a sweep: a map, a line or bands, by what varies; called by the screen and by --plot.

    `problem` has the samples if they are known; else bands, whose runs are trained again, make or load them. Raises
    ValueError if there are no runs to draw, and ConfigError if samples cannot be read.
    """
    kind = picture_of(space)
    if kind == "bands":
        bands = yield from loss_bands(space, rows, problem)
        return SweepChart(bands_chart(bands), lambda cell: None)  # noqa: ARG005
    if kind == "line":
        line = sweep_line(space, rows)
        return SweepChart(line_chart(line), partial(line.place_of, space))
    grid = sweep_map(space, rows)
    return SweepChart(map_chart(grid), partial(grid.place_of, space))


def line_chart(line: SweepLine) -> ChartSpec:
    """Draws the chart of a SweepLine: the medians, strokes between the quartiles, and marks where runs failed."""
    role, words, x, scale = RUN_ROLES[0], WORDS[line.metric], line.axis.values, axis_scale(line.axis)
    y_range, y_scale, rows = _heights(line)
    low, median, high = np.where(np.isfinite(line.quartiles), line.quartiles, np.nan)
    high = np.where(np.isinf(line.quartiles[2]), time_series.HUGE, high)
    series = [_strokes(role, x, low, high, slice(None, None, -(-len(x) // _STROKES)))]
    label = _("median") if line.runs.max() > 1 else _("each run")
    series.append(Series(role, x, median, line=True, label=label, sign="o"))
    if len(x) <= _STROKES:
        series.append(Series(role, x, median, mark="o", sign="o"))
    failures = (
        ("x", _("diverged"), _("diverged"), line.diverged),
        ("-", unfinished(line.epochs), _("above tol"), line.unfinished),
    )
    for y, (mark, text, brief, counts) in zip(rows, failures, strict=True):
        failing = x[counts > 0]
        if len(failing):
            series.append(
                Series(Role.RATE, failing, np.full(len(failing), y), label=text, short_label=brief, mark=mark)
            )
    best = line.best()
    if best is not None:
        series.append(Series(Role.OPTIMUM, x[[best]], median[[best]], label=_(words.best), mark="*"))
    caption = paragraph(line.notes)
    return ChartSpec(
        axis_window(x, scale),
        y_range,
        tuple(series),
        x_name=axis_label(line.axis),
        y_name=_(words.label),
        x_scale=scale,
        y_scale=y_scale,
        caption=caption,
        caption_columns=cell_width(caption),
    )


def bands_chart(bands: LossBands) -> ChartSpec:
    """Draws the chart of LossBands over the epochs: a line for each median, strokes between the quartiles."""
    window = 0.0, float(max(bands.epochs[-1], 1))
    y_range = loss_range(_seen(bands), bands.tol, LEAST_DECADES["all"])
    x, caption = bands.epochs.astype(np.float64), paragraph(bands.notes)
    series = []
    if bands.tol is not None:
        series.append(
            time_series.level(Role.TOL, bands.tol, window, _("tol {tol}").format(tol=format_short(bands.tol)))
        )
    step = -(-len(x) // _STROKES)
    numbered = [*enumerate(zip(bands.bands, RUN_ROLES, strict=False))]
    for index, (band, role) in numbered:
        if band.runs > 1:  # strokes of several bands stand beside each other
            low, _median, high = map(time_series.capped, band.quartiles)
            series.append(_strokes(role, x, low, high, slice(step * index // len(bands.bands), None, step)))
    for index, (band, role) in reversed(numbered):  # the first of the legend is drawn last, above all others
        line = time_series.thinned(x, time_series.capped(band.quartiles[1]), window)
        label = band.label or _("all runs")
        series.append(Series(role, *line, line=True, label=label, short_label=band.brief or label, sign=str(index + 1)))
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


def _heights(line: SweepLine) -> tuple[Range, AxisScale, tuple[float, float]]:
    """Returns range and scale of the y axis of a line, and the two heights at which kinds of failures are marked."""
    seen = line.quartiles[np.isfinite(line.quartiles)]
    if line.metric is MapMetric.ENDS and seen.max() < _FAR * seen.min():
        high = (1 + 3 * _MARGIN) * seen.max()
        return (0.0, float(high)), AxisScale.LINEAR, (float(0.97 * high), float(0.9 * high))
    low, high = np.log10(loss_range(seen, None, LEAST_DECADES["all"]))
    top = high + 2 * _MARGIN * (high - low)
    heights = (top, 0.97 * top + 0.03 * low, 0.9 * top + 0.1 * low)
    highest, *marks = (float(10.0**height) for height in heights)
    return (float(10.0**low), highest), AxisScale.LOG, (marks[0], marks[1])


def _strokes(role: Role, x: Array, low: Array, high: Array, chosen: slice) -> Series:
    """Returns a series of vertical strokes from the lower to the upper quartile, at the chosen points of x."""
    ends = [low[chosen], high[chosen], np.full(len(x[chosen]), np.nan)]
    return Series(role, np.repeat(x[chosen], 3), np.column_stack(ends).ravel(), line=True, mark="")


def _seen(bands: LossBands) -> Array:
    """Returns the quartiles that the window must show: without those of diverged bands that would dwarf the others."""
    by_band = [band.quartiles[np.isfinite(band.quartiles)] for band in bands.bands]
    losses = np.concatenate(by_band)
    most = time_series.DIVERGED * max((float(band.quartiles[1, 0]) for band in bands.bands), default=1.0)
    return losses[losses <= most] if any((quartiles <= most).all() for quartiles in by_band) else losses
