"""The view *loss*: the mean loss and that of the last batch over time, and the tolerance that they should reach."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np

from quadfit_tui.core.methods.schedules import SCHEDULES
from quadfit_tui.core.methods.stopping import STOP_RULES
from quadfit_tui.core.model.array import Array
from quadfit_tui.core.session.snapshot import Snapshot
from quadfit_tui.core.text.language import N_, _, pgettext
from quadfit_tui.core.text.numbers import format_short
from quadfit_tui.ui.charts.axes import CUT
from quadfit_tui.ui.charts.spec import AxisScale, ChartSpec, Range, Role, Series, Window
from quadfit_tui.ui.views import time_series
from quadfit_tui.ui.views.scene import Drawing, Scene
from quadfit_tui.ui.views.time_series import TimeSeries
from quadfit_tui.ui.views.view import OptionValues, View

WINDOWS = ("all", "recent", "epoch")
DEEPEST = 20  # decades below the largest loss at which tol is still shown
BELOW_TOL = 5  # decades of an earlier run that are shown below tol: one that lands far lower leaves the window
LEAST_DECADES = {"all": 1.0, "recent": 0.3, "epoch": 0.3}  # least height of a window
MOST_PASSED = 2**21  # samples, over all points of a picture, whose losses are computed for it


def draw(scene: Scene, words: OptionValues) -> ChartSpec:
    """Draws the losses with the visited moment marked: over all epochs, the recent ones, or the updates of one epoch.

    While a student draws the curve that they expect of the run, the chart shows nothing of the run itself.
    """
    if scene.drawing is not None and scene.drawing.window is not None:
        return drawn_into(scene.drawing, scene.drawing.window)
    return _over_updates(scene) if words["window"] == "epoch" else _over_epochs(scene, words["window"])


def _over_epochs(scene: Scene, word: str) -> ChartSpec:
    """Draws the losses by epoch, in the window `all` or `recent`, beside those of earlier runs or a drawn curve."""
    snapshot = scene.snapshot
    window = {"all": time_series.whole_range, "recent": time_series.recent_range}[word](scene)
    drawing = scene.drawing if word == "all" else None
    if drawing is not None:
        window = _with_drawing(window, drawing)
    present, earlier = time_series.run_series(scene.run), [time_series.run_series(run) for run in scene.earlier]
    tol = _tol(snapshot) if word == "all" else None
    losses_in_window = _losses_in_window(present, earlier if word == "all" else [], window, tol)
    if drawing is not None:
        losses_in_window = np.concatenate([losses_in_window, *(y for _x, y in drawing.curves)])
    y_range = loss_range(losses_in_window, tol, LEAST_DECADES[word])
    series = [] if drawing is None else _drawing(drawing)
    notes = []
    for run, curve in zip(scene.earlier, earlier, strict=True):
        losses = time_series.capped(curve.mean_loss)
        series += time_series.earlier_line(scene, run, curve.x, losses, window)
        notes.append(time_series.end_note(scene.roles[run.number], f"#{run.number}", curve.x, losses, window))
    rates = _rates(snapshot, (window[0], min(window[1], float(present.x[-1]))), y_range)
    series += [
        rates,
        *_line_of_tol(snapshot, window, len(earlier) > time_series.FEW),
        *_batch_losses(scene, window),
        *_mean_loss(present, window),
        replace(rates, label=""),  # again, over curves in the same row; the legend has it by the first one
        _here(snapshot, time_series.epoch_coordinate(snapshot), y_range),
    ]
    return ChartSpec(
        window, y_range, tuple(series), x_name=_("epochs done"), y_name="", y_scale=AxisScale.LOG, notes=tuple(notes)
    )


def drawn_into(drawing: Drawing, window: Window) -> ChartSpec:
    """Draws the axes that a student draws an expected curve into: the curve so far, the pen, and tol."""
    (epochs, (low, high)), pen, series = window, drawing.pen, _drawing(drawing)
    if drawing.tol is not None:
        series.insert(
            0, time_series.level(Role.TOL, drawing.tol, epochs, _("tol {tol}").format(tol=format_short(drawing.tol)))
        )
    if pen is not None:
        label = _("epoch {epoch}: mean loss {loss}").format(epoch=round(pen[0]), loss=format_short(pen[1]))
        series.append(Series(Role.HERE, np.array([pen[0]]), np.array([pen[1]]), label=label))
    return ChartSpec(
        epochs,
        (low, high),
        tuple(series),
        x_name=_("epochs done"),
        y_scale=AxisScale.LOG,
        takes_drawing=True,
    )


def _drawing(drawing: Drawing) -> list[Series]:
    """Returns the series of drawn curves: in dashes beside those of runs, solid while they are drawn."""
    dash = 0 if drawing.window is not None else 1
    first, *others = (Series(Role.DRAWN, x, y, line=True, dash=dash, lasting=True) for x, y in drawing.curves)
    return [replace(first, label=drawing.label or _("your drawing"), short_label=_("drawn")), *others]


def _with_drawing(window: Range, drawing: Drawing) -> Range:
    """Widens a window of time to drawn curves as far as they reach tol, but not too far if the run is much shorter."""
    low, high = window
    ends = [_end_of_drawn(x, y, drawing.tol) for x, y in drawing.curves]
    return low, max(high, min(max(ends), max(time_series.SURE_EPOCHS, time_series.TIMES_LONGER * high)))


def _end_of_drawn(x: Array, y: Array, tol: float | None) -> float:
    """Returns the x at which a drawn curve is down at tol, where a run would end, or else its last x."""
    below = np.flatnonzero(y <= (tol or 0.0) * (1 + 1e-9))
    return float(x[below[0] if len(below) else -1])


def _over_updates(scene: Scene) -> ChartSpec:
    """Draws the mean loss update by update, within the visited epoch."""
    snapshot, window = scene.snapshot, time_series.update_range(scene)
    curve = time_series.epoch_series(scene, max(16, MOST_PASSED // len(snapshot.problem.x)))
    y_range = loss_range(curve.mean_loss, None, LEAST_DECADES["epoch"])
    series = (
        Series(Role.RATE, np.empty(0), np.empty(0), label=format_short(snapshot.lr), mark="lr"),
        *_line_of_tol(snapshot, window, many=False),
        *_mean_loss(curve, window),
        _here(snapshot, time_series.update_coordinate(snapshot), y_range),
    )
    return ChartSpec(
        window, y_range, series, x_name=time_series.update_axis_name(scene), y_name="", y_scale=AxisScale.LOG
    )


def _mean_loss(curve: TimeSeries, window: Range) -> list[Series]:
    """Returns the line of the mean loss, and its signs for terminals without colors."""
    y = time_series.capped(curve.mean_loss)
    return [
        Series(
            Role.FITTED,
            *time_series.thinned(curve.x, y, window),
            line=True,
            label=_("mean loss"),
            short_label=_("mean"),
        ),
        Series(Role.FITTED, *time_series.marked(curve.x, y, window), sign="o"),
    ]


def _surely_shown(y_range: Range) -> Range:
    """Returns the part of a range of losses that no axis cuts off."""
    low, high = np.log10(y_range).tolist()
    margin = 1.01 * CUT * (high - low)
    return 10 ** (low + margin), 10 ** (high - margin)


def _here(snapshot: Snapshot, x: float, y_range: Range) -> Series:
    """Returns the mark of the visited moment; at the upper end of the window if its mean loss is above that."""
    top = _surely_shown(y_range)[1]
    return Series(Role.HERE, np.array([x]), np.minimum(time_series.capped(np.array([snapshot.mean_loss])), top))


def _batch_losses(scene: Scene, window: Range) -> list[Series]:
    """Returns the line of the losses of each epoch's last batch; none if a batch is all samples.

    Each loss was computed before the last update of its epoch, and is drawn there.
    """
    curves, per_epoch = scene.curves, scene.snapshot.updates_per_epoch
    if scene.snapshot.task.is_full_batch:
        return []
    # The start of a run had no batch.
    x, y = curves.epochs[1:].astype(np.float64) - 1 / per_epoch, time_series.capped(curves.values["loss"][1:])
    if len(x) == 1:  # a line with one point would not be drawn
        x, y = x.repeat(2), y.repeat(2)
    line = time_series.thinned(x, y, window)
    return [
        Series(Role.BATCH, *line, line=True, label=_("batch loss"), short_label=pgettext("loss", "batch"), sign="#")
    ]


def _rates(snapshot: Snapshot, window: Range, y_range: Range) -> Series:
    """Returns marks on the time axis at changes of the learning rate; its label has the first and the present rate."""
    config = snapshot.config
    first, now = format_short(SCHEDULES[config.schedule].rate(config, 0)), format_short(snapshot.lr)
    text = f"{first} → {now}" if now != first else first
    epochs = np.array(time_series.rate_changes(config, window), dtype=np.float64)
    if not len(epochs):
        return Series(Role.RATE, epochs, epochs, label=text, mark="lr")
    bottom, _top = _surely_shown(y_range)
    return Series(Role.RATE, epochs, np.full(len(epochs), bottom), label=_("lr {rate}").format(rate=text))


# The tolerance, and the window


def _tol(snapshot: Snapshot) -> float | None:
    """Returns the loss below which the run stops, or None if no loss stops it."""
    judged = STOP_RULES[snapshot.config.stop_on].select_loss
    return None if judged is None or not snapshot.config.tol else snapshot.config.tol


def _line_of_tol(snapshot: Snapshot, window: Range, many: bool) -> list[Series]:
    """Returns the level of tol, dotted as the optimum is, or nothing without tol; brief in a legend of `many` runs."""
    tol = _tol(snapshot)
    if tol is None:
        return []
    label = _("tol {tol}").format(tol=format_short(tol))
    return [time_series.level(Role.TOL, tol, window, label, "tol" if many else label)]


def _losses_in_window(present: TimeSeries, earlier: list[TimeSeries], window: Range, tol: float | None) -> Array:
    """Returns the mean losses in a window of time, and the ones before, from which the lines come into it.

    Losses that would dwarf the rest are left out: those of runs that diverge, if others do not. Losses of earlier runs
    far below tol are raised.
    """
    losses_by_run, curves = [], [present, *earlier]
    for curve in curves:
        first, stop = np.searchsorted(curve.x, window, "right")
        losses = curve.mean_loss[max(0, first - 1) : stop]
        if curve is not present and tol is not None:
            losses = np.maximum(losses, tol / 10**BELOW_TOL)
        losses_by_run.append(losses)
    all_losses = np.concatenate(losses_by_run)
    most = time_series.DIVERGED * max(float(curve.mean_loss[0]) for curve in curves)
    if any((losses <= most).all() for losses in losses_by_run):
        return all_losses[all_losses <= most]
    return all_losses


def loss_range(losses: Array, tol: float | None, least: float) -> Range:
    """Computes a range of losses for a window: with all positive ones, and with tol unless that is far below them.

    The range is at least `least` decades high. `losses` may hold any float.
    """
    positive = losses[(losses > 0) & (losses < time_series.HUGE)]
    places = np.log10(positive if len(positive) else np.array([tol or 1.0]))
    low, high = float(places.min()), float(places.max())
    if tol is not None and math.log10(tol) > high - DEEPEST:
        low, high = min(low, math.log10(tol)), max(high, math.log10(tol))
    margin = max(0.06 * (high - low), (least - (high - low)) / 2)
    lowest, highest = -300.0, 306.0  # exponents of a window's ends; the losses may lie beyond
    low, high = min(max(low - margin, lowest), highest - least), max(min(high + margin, highest), lowest + least)
    return 10**low, 10**high


VIEW = View(
    draw,
    summary=N_("the loss by epoch"),
    reading=N_(
        "The mean loss of the whole data set after each epoch, and the loss of each epoch's last batch as it was "
        "before the update. The scale is logarithmic: a straight line downwards is a loss that shrinks by the same "
        "factor in each epoch. The dotted line labeled tol marks the loss at which the run stops. Marks on the time "
        "axis are changes of the learning rate, unless it changes in every epoch. The moment you view is marked with "
        "@; what lies beyond it has already been trained. Lines with a number are the mean losses of earlier runs, and "
        "the legend says which settings they had that this run does not have. Press z to see all of the run, its "
        "recent epochs, or one epoch update by update."
    ),
    options={"window": WINDOWS},
)
