"""The view *parameters*: a, b and c over time, and where they would fit best."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from quadfit_tui.core.model.array import Array
from quadfit_tui.core.model.parabola import PARAMETER_NAMES
from quadfit_tui.core.session.runs import Run
from quadfit_tui.core.text.language import N_, _
from quadfit_tui.core.text.numbers import format_short
from quadfit_tui.ui.charts.axes import AXES
from quadfit_tui.ui.charts.spec import AxisScale, ChartSpec, Note, Range, Role, Series
from quadfit_tui.ui.views import time_series
from quadfit_tui.ui.views.scene import Scene
from quadfit_tui.ui.views.view import OptionValues, View

ROLES = dict(zip(PARAMETER_NAMES, (Role.A, Role.B, Role.C), strict=True))
WINDOWS = ("all", "near", "epoch")
NOWHERE = np.zeros(0)  # the points of series that are only in the legend
LINEAR_UP_TO = 20.0  # a window up to here has a linear axis, since a logarithmic one would have hardly a tick


def draw(scene: Scene, words: OptionValues) -> ChartSpec:
    """Draws the parameters with the visited moment marked: over all epochs, or over the updates of one."""
    snapshot, word, tells_optimum = scene.snapshot, words["window"], "optimum" not in scene.withheld
    # The window is around the optimum. If a lesson withholds that, it is around w instead, so as not to reveal it.
    optimum = snapshot.problem.optimum if tells_optimum else np.clip(snapshot.w, -time_series.HUGE, time_series.HUGE)
    if word == "epoch":
        window, here = time_series.update_range(scene), time_series.update_coordinate(snapshot)
        x_name, curve, runs_before = time_series.update_axis_name(scene), time_series.epoch_series(scene), []
    else:
        window, here, x_name = time_series.whole_range(scene), time_series.epoch_coordinate(snapshot), _("epochs done")
        curve, runs_before = time_series.run_series(scene.run), _on_same_parabola(scene)
    earlier = [time_series.run_series(run) for run in runs_before]
    series: list[Series] = []
    notes: list[Note] = []
    for run, other in zip(runs_before, earlier, strict=True):
        # Its lines have the hues of the parameters, as in this run. Dashes, and the number at an end, mark the run.
        entry, _marked = time_series.earlier_line(scene, run, other.x, other.w[:, 0], window)
        series.append(replace(entry, x=NOWHERE, y=NOWHERE))
        for index, role in enumerate(ROLES.values()):
            before, marked = time_series.earlier_line(scene, run, other.x, other.w[:, index], window, is_labeled=False)
            series += [replace(before, role=role, dash=1), replace(marked, role=role)]
        notes.append(time_series.end_note(scene.roles[run.number], f"#{run.number}", other.x, other.w[:, 0], window))
    if tells_optimum:
        for index, (name, role) in enumerate(ROLES.items()):
            level = time_series.level(role, float(optimum[index]), window)
            series += [level, Series(role, *time_series.marked(level.x, level.y, window, share=index / 3), sign=name)]
    for index, (name, role) in reversed([*enumerate(ROLES.items())]):  # the legend begins with the last one
        values = curve.w[:, index]
        label, brief = format_short(snapshot.w[index]), f"{snapshot.w[index]:.3g}"
        if tells_optimum:
            label, brief = f"{label} → {format_short(optimum[index])}", f"{brief}→{optimum[index]:.3g}"
        line = time_series.thinned(curve.x, values, window)
        series.append(Series(role, *line, line=True, label=label, short_label=brief, mark=name))
        series.append(Series(role, *time_series.marked(curve.x, values, window, share=index / 3), sign=name))
        notes.insert(0, time_series.end_note(role, name, curve.x, values, window))
    series += [Series(Role.HERE, np.array([here]), snapshot.w[index : index + 1]) for index in range(3)]
    picture = ChartSpec(window, _near(optimum), tuple(series), x_name=x_name, y_name="", notes=tuple(notes))
    if word == "near":
        return picture
    y_range = _symlog_range([curve.w, *(other.w for other in earlier)], optimum)
    y_scale = AxisScale.LINEAR if max(map(abs, y_range)) < LINEAR_UP_TO else AxisScale.SYMLOG
    return replace(picture, y_range=y_range, y_scale=y_scale)


def _on_same_parabola(scene: Scene) -> list[Run]:
    """Returns the earlier runs whose w has the same aim, but for noise: their samples are of one parabola, or file."""
    present = scene.snapshot.problem
    if present.truth is None:
        return [run for run in scene.earlier if run.problem.source == present.source]
    return [run for run in scene.earlier if run.problem.truth == present.truth]


def _near(optimum: Array) -> Range:
    """Computes a range around the optimal parameters, shape (3,), for the window near them."""
    low, high = float(optimum.min()), float(optimum.max())
    margin = max(0.5 * (high - low), 0.1 * max(abs(low), abs(high)), 1e-3)
    return low - margin, high + margin


def _symlog_range(runs: list[Array], optimum: Array) -> Range:
    """Computes a range on a symlog axis for the w of all runs, each of shape (n, 3), and their optimum, shape (3,).

    If some runs diverge and others do not, values that would dwarf the rest are left out.
    """
    w = np.concatenate([*runs, optimum[np.newaxis]])
    starts = [optimum, *(run[0] for run in runs)]
    farthest = time_series.DIVERGED * max(float(np.abs(start).max()) for start in starts)
    if any((np.abs(run) <= farthest).all() for run in runs):
        w = w[(np.abs(w) <= farthest).all(axis=1)]
    axis = AXES[AxisScale.SYMLOG]
    places = axis.place(np.clip(w, -time_series.HUGE, time_series.HUGE))
    low, high = float(places.min()), float(places.max())
    margin = max(0.05 * (high - low), 0.1)
    return axis.value(low - margin), axis.value(high + margin)


VIEW = View(
    draw,
    summary=N_("a, b and c by epoch"),
    reading=N_(
        "a, b and c after each epoch, each with a dotted line in its color at its best value: the least-squares "
        "optimum, which without noise is the true value. The legend has the value of each at the moment you view, "
        "marked with @, and after the arrow its optimum. The scale is logarithmic in both directions from 0, so that "
        "values in the thousands and near one are both visible; the window near the optimum is linear. Lines with a "
        "number belong to earlier runs. Press z to see the range near the optimum, or one epoch update by update."
    ),
    options={"window": WINDOWS},
)
