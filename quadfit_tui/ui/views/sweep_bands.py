"""The bands of a sweep: medians and quartiles of the mean loss by epoch, as the view *loss* has those of runs."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from quadfit_tui.core.model.array import Array
from quadfit_tui.core.sweep.pictures.loss_bands import LossBand, LossBands
from quadfit_tui.core.text.language import _, paragraph
from quadfit_tui.core.text.numbers import short
from quadfit_tui.core.text.width import columns
from quadfit_tui.ui.charts.spec import RUN_ROLES, ChartSpec, Range, Role, Scale, Series
from quadfit_tui.ui.views import time_series
from quadfit_tui.ui.views.loss import LEAST_DECADES, loss_range

_HATCHES = 40  # strokes of a band across a chart


def bands_chart(found: LossBands) -> ChartSpec:
    """The chart of bands: a line for each median, and strokes from quartile to quartile."""
    window = 0.0, float(max(found.epochs[-1], 1))
    y_range = loss_range(_seen(found), found.tol, LEAST_DECADES["all"])
    x, caption = found.epochs.astype(np.float64), paragraph(found.notes)
    series = []
    if found.tol is not None:
        series.append(time_series.level(Role.TOL, found.tol, window, _("tol {tol}").format(tol=short(found.tol))))
    numbered = [*enumerate(zip(found.bands, RUN_ROLES, strict=False), 1)]
    for at, (band, role) in numbered:
        series += _hatched(band, role, x, window, at / len(found.bands))
    for at, (band, role) in reversed(numbered):  # the first of the legend lies above all
        y = _drawn(band.quartiles[1])
        line = time_series.thinned(x, y, window)
        label = band.label or _("all runs")
        series.append(Series(role, *line, line=True, label=label, brief=band.brief or label, sign=str(at)))
    return ChartSpec(
        window,
        y_range,
        tuple(series),
        x_name=_("epochs done"),
        y_name="",
        y_scale=Scale.LOG,
        caption=caption,
        caption_columns=columns(caption),
    )


def _hatched(band: LossBand, role: Role, x: Array, window: Range, share: float) -> Iterator[Series]:
    """Strokes from the lower to the upper quartile; those of several bands stand beside each other."""
    low, _median, high = map(_drawn, band.quartiles)
    if band.runs == 1:
        return
    places = window[0] + (window[1] - window[0]) * (np.arange(_HATCHES) + share) / _HATCHES
    ends = [np.exp(np.interp(places, x, np.log(np.maximum(each, 1e-300)))) for each in (low, high)]
    gaps = np.full(len(places), np.nan)
    yield Series(role, np.repeat(places, 3), np.column_stack([*ends, gaps]).ravel(), line=True, mark="")


def _drawn(losses: Array) -> Array:
    return np.where(losses < time_series.HUGE, losses, time_series.HUGE)


def _seen(found: LossBands) -> Array:
    """What of the quartiles is to be in the window: of bands that diverge beside others only what dwarfs nothing."""
    every = [band.quartiles[np.isfinite(band.quartiles)] for band in found.bands]
    losses = np.concatenate(every)
    most = time_series.DIVERGED * max((float(band.quartiles[1, 0]) for band in found.bands), default=1.0)
    return losses[losses <= most] if any((each <= most).all() for each in every) else losses
