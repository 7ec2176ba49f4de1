"""Converts drawn curves for charts: the student's own, and those of a class below that of the run."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from quadfit_tui.core.model.array import Array
from quadfit_tui.core.text.language import _, ngettext
from quadfit_tui.teaching.course.curve_comparison import RunCurve
from quadfit_tui.teaching.course.drawn_curve import Points, height_at
from quadfit_tui.teaching.judging.loss_axes import WHOLE, LossAxes
from quadfit_tui.ui.charts.spec import ChartSpec, Role, Series
from quadfit_tui.ui.views.loss import drawn_into
from quadfit_tui.ui.views.scene import Drawing

_PLACES = 200  # number of points of a curve, so many that its line can be dashed


def label_of_class(curves: Sequence[Points]) -> str:
    """Returns the legend of a class's curves: how many they are, without names."""
    return ngettext("{n} curve of the class", "{n} curves of the class", len(curves))


def drawing_of(
    axes: LossAxes, curves: Sequence[Points], label: str, is_open: bool, pen: tuple[int, int] | None = None
) -> Drawing:
    """Converts curves from hundredths of the axes to epochs and mean losses, for the loss chart.

    Each curve is sampled so densely that its line can be dashed. The window of the axes is set only while the question
    `is_open`. `pen` is the position of the pen, if there is one.
    """

    def losses(points: Points) -> tuple[Array, Array]:
        across = np.linspace(0.0, points[-1][0], _PLACES)
        return across * epochs, np.array([axes.loss(height_at(points, x)) for x in across.tolist()])

    epochs = axes.epochs / WHOLE
    window = ((0.0, float(axes.epochs)), axes.range) if is_open else None
    position = None if pen is None else (pen[0] * epochs, axes.loss(pen[1]))
    return Drawing(tuple(map(losses, curves)), label, window, position, axes.tol)


def class_chart(axes: LossAxes, curves: Sequence[Points], run: RunCurve | None) -> ChartSpec:
    """Returns the chart of a class's curves on the axes of the question, below the curve of the run if there is one."""
    drawing = drawing_of(axes, curves, label_of_class(curves), is_open=True)
    assert drawing.window is not None
    spec = replace(drawn_into(drawing, drawing.window), takes_drawing=False)
    if run is None:
        return spec
    losses = np.minimum(np.nan_to_num(np.array(run.losses), nan=np.inf), axes.range[1] * 10)
    run_series = Series(Role.FITTED, np.array(run.epochs, dtype=np.float64), losses, line=True, label=_("mean loss"))
    return replace(spec, series=(*spec.series, run_series))
