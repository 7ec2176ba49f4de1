"""The map of a sweep: what its runs come to over two of its parameters, painted as the view *map* paints its own."""

from __future__ import annotations

from itertools import chain, repeat

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


def map_chart(found: SweepMap) -> ChartSpec:
    """The chart of a map."""
    bands, best = found.bands(), found.best()
    places, (across, up) = (found.across.values, found.up.values), map(axis_scale, (found.across, found.up))
    caption = paragraph(found.notes)
    told = _("limit of convergence"), pgettext("on the map", "limit")
    series = [
        Series(Role.RATE, line[:, 0], line[:, 1], line=True, label=label, brief=brief)
        for line, (label, brief) in zip(found.borders(), chain([told], repeat(("", ""))), strict=False)
    ]
    if best is not None:
        words, (row, column) = _(WORDS[found.metric].best), best
        place = found.across.values[[column]], found.up.values[[row]]
        series.append(Series(Role.OPTIMUM, *place, label=words, brief=words, mark="*"))
    return ChartSpec(
        axis_window(found.across.values, across),
        axis_window(found.up.values, up),
        tuple(series),
        x_name=axis_label(found.across),
        y_name=axis_label(found.up),
        x_scale=across,
        y_scale=up,
        y_names=found.up.names,
        notes=(
            *edge_notes(bands, found.edges, places, across, in_strips=bool(found.up.names)),
            *outcome_notes(found.outcomes, places, unfinished(found.epochs)),
        ),
        ground=ground_of(*places, bands, len(found.edges), WORDS[found.metric]),
        caption=caption,
        caption_columns=cell_width(caption),
    )


def unfinished(epochs: int | None) -> str:
    """Returns the words for runs that did not converge; their epochs are None if these vary."""
    if epochs is None:
        return _("not within its epochs")
    return ngettext("not within {n} epoch", "not within {n} epochs", epochs)


def axis_scale(axis: PictureAxis) -> AxisScale:
    """Returns the scale of an axis."""
    if axis.names:
        return AxisScale.FLAG
    return AxisScale.LOG if axis.is_log else AxisScale.LINEAR


def axis_label(axis: PictureAxis) -> str:
    """Returns the name of an axis, as the view *map* has it."""
    return _("learning rate") if axis.name == "lr" else PARAMETERS[axis.name].label
