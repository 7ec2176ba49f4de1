"""The map of a sweep: what its runs come to over two of its parameters, painted as the view *map* paints its own."""

from __future__ import annotations

from quadfit_tui.core.config.parameters import PARAMETERS
from quadfit_tui.core.rate_map.rate_map import Figure
from quadfit_tui.core.text.language import N_, _, ngettext, paragraph, pgettext
from quadfit_tui.core.text.width import cell_width
from quadfit_tui.sweeps.pictures.picture import MapMetric, PictureAxis
from quadfit_tui.sweeps.pictures.sweep_map import SweepMap
from quadfit_tui.ui.charts.spec import AxisScale, ChartSpec, Role, Series
from quadfit_tui.ui.views.rate_map import (
    FIGURES,
    FigureWords,
    axis_window,
    edge_notes,
    ground_of,
    outcome_notes,
)

WORDS = {
    MapMetric.ENDS: FIGURES[Figure.ENDS],
    MapMetric.SETTLES: FIGURES[Figure.SETTLES],
    MapMetric.LOSS: FigureWords(N_("mean loss at the end"), N_("loss"), N_("best")),
}


def map_chart(sweep_map: SweepMap) -> ChartSpec:
    """Draws the chart of a SweepMap: bands of color, borders of divergence, and a mark at the best place."""
    bands, best = sweep_map.bands(), sweep_map.best()
    places = sweep_map.across.values, sweep_map.up.values
    across, up = axis_scale(sweep_map.across), axis_scale(sweep_map.up)
    caption = paragraph(sweep_map.notes)
    label, brief = _("limit of convergence"), pgettext("on the map", "limit")
    series = []
    for line in sweep_map.borders():
        series.append(Series(Role.RATE, line[:, 0], line[:, 1], line=True, label=label, short_label=brief))
        label, brief = "", ""  # the legend names the first line alone
    if best is not None:
        words, (row, column) = _(WORDS[sweep_map.metric].best), best
        place = sweep_map.across.values[[column]], sweep_map.up.values[[row]]
        series.append(Series(Role.OPTIMUM, *place, label=words, short_label=words, mark="*"))
    return ChartSpec(
        axis_window(sweep_map.across.values, across),
        axis_window(sweep_map.up.values, up),
        tuple(series),
        x_name=axis_label(sweep_map.across),
        y_name=axis_label(sweep_map.up),
        x_scale=across,
        y_scale=up,
        y_names=sweep_map.up.names,
        notes=(
            *edge_notes(bands, sweep_map.edges, places, across, in_strips=bool(sweep_map.up.names)),
            *outcome_notes(sweep_map.outcomes, places, unfinished(sweep_map.epochs)),
        ),
        ground=ground_of(*places, bands, len(sweep_map.edges), WORDS[sweep_map.metric]),
        caption=caption,
        caption_columns=cell_width(caption),
    )


def unfinished(epochs: int | None) -> str:
    """Returns the legend's text for runs that did not converge within their epochs; `epochs` is None if these vary."""
    if epochs is None:
        return _("not within its epochs")
    return ngettext("not within {n} epoch", "not within {n} epochs", epochs)


def axis_scale(axis: PictureAxis) -> AxisScale:
    """Returns the scale on which a chart draws an axis of a picture."""
    if axis.names:
        return AxisScale.FLAG
    return AxisScale.LOG if axis.is_log else AxisScale.LINEAR


def axis_label(axis: PictureAxis) -> str:
    """Returns the label of an axis, the same as in the view *map*."""
    return _("learning rate") if axis.name == "lr" else PARAMETERS[axis.name].label
