"""The view *loss*: the mean loss and that of the last batch over time, and what they are to come to."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np

from quadfit_tui.core.methods.schedules import SCHEDULES
from quadfit_tui.core.methods.stopping import STOP_RULES
from quadfit_tui.core.model.array import Array
from quadfit_tui.core.session.snapshot import Snapshot
from quadfit_tui.core.text.language import N_, _, pgettext
from quadfit_tui.core.text.numbers import short
from quadfit_tui.ui.charts.axes import CUT
from quadfit_tui.ui.charts.spec import AxisScale, ChartSpec, Range, Role, Series, Window
from quadfit_tui.ui.views import time_series
from quadfit_tui.ui.views.scene import Drawing, Scene
from quadfit_tui.ui.views.time_series import TimeSeries
from quadfit_tui.ui.views.view import OptionValues, View

WINDOWS = ("all", "recent", "epoch")
DEEPEST = 20  # decades below the largest loss at which tol is still shown
BELOW_TOL = 5  # decades of an earlier run that are shown below tol: one that lands far lower leaves the window
LEAST_DECADES = {"all": 1.0, "recent": 0.3, "epoch": 0.3}  # the height of a window at least
MOST_PASSED = 2**21  # samples that mean losses are taken of, in a picture


def draw(scene: Scene, words: OptionValues) -> ChartSpec:
    """The chart of the losses, with the visited moment marked: over all epochs, the recent ones, or within one.

    While somebody draws what is expected of the run, there is nothing of the run in it.
    """
    if scene.drawing is not None and scene.drawing.window is not None:
        return drawn_into(scene.drawing, scene.drawing.window)
    return _over_updates(scene) if words["window"] == "epoch" else _over_epochs(scene, words["window"])


def _over_epochs(scene: Scene, word: str) -> ChartSpec:
    snapshot = scene.snapshot
    window = {"all": time_series.whole_range, "recent": time_series.recent_range}[word](scene)
    drawing = scene.drawing if word == "all" else None
    if drawing is not None:
        window = _with_drawing(window, drawing)
    present, earlier = time_series.run_series(scene.run), [time_series.run_series(run) for run in scene.earlier]
    tol = _tol(snapshot) if word == "all" else None
    seen = _seen(present, earlier if word == "all" else [], window, tol)
    if drawing is not None:
        seen = np.concatenate([seen, *(y for _x, y in drawing.curves)])
    y_range = loss_range(seen, tol, LEAST_DECADES[word])
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
        replace(rates, label=""),  # over what may lie in the same row, but not before it in the legend
        _here(snapshot, time_series.epoch_coordinate(snapshot), y_range),
    ]
    return ChartSpec(
        window, y_range, tuple(series), x_name=_("epochs done"), y_name="", y_scale=AxisScale.LOG, notes=tuple(notes)
    )


def drawn_into(drawing: Drawing, window: Window) -> ChartSpec:
    """The empty axes, with what was drawn so far, and the pen."""
    (epochs, (low, high)), pen, series = window, drawing.pen, _drawing(drawing)
    if drawing.tol is not None:
        series.insert(
            0, time_series.level(Role.TOL, drawing.tol, epochs, _("tol {tol}").format(tol=short(drawing.tol)))
        )
    if pen is not None:
        at = np.array([pen[0]]), np.array([pen[1]])
        told = _("epoch {epoch}: mean loss {loss}").format(epoch=round(pen[0]), loss=short(pen[1]))
        series.append(Series(Role.HERE, *at, label=told))
    return ChartSpec(
        epochs,
        (low, high),
        tuple(series),
        x_name=_("epochs done"),
        y_scale=AxisScale.LOG,
        takes_drawing=True,
    )


def _drawing(drawing: Drawing) -> list[Series]:
    """The curves that were drawn, in dashes beside those of runs."""
    dash = 0 if drawing.window is not None else 1
    first, *others = (Series(Role.DRAWN, x, y, line=True, dash=dash, lasting=True) for x, y in drawing.curves)
    return [replace(first, label=drawing.label or _("your drawing"), brief=_("drawn")), *others]


def _with_drawing(window: Range, drawing: Drawing) -> Range:
    """A window of time with a drawn curve as far as it tells something, but for a run that is much shorter."""
    low, high = window
    ends = [_told_until(x, y, drawing.tol) for x, y in drawing.curves]
    return low, max(high, min(max(ends), max(time_series.SURE_EPOCHS, time_series.TIMES_LONGER * high)))


def _told_until(x: Array, y: Array, tol: float | None) -> float:
    """Where a curve is down at tol, which ends a run, or else where it ends."""
    below = np.flatnonzero(y <= (tol or 0.0) * (1 + 1e-9))
    return float(x[below[0] if len(below) else -1])


def _over_updates(scene: Scene) -> ChartSpec:
    snapshot, window = scene.snapshot, time_series.update_range(scene)
    curve = time_series.epoch_series(scene, max(16, MOST_PASSED // len(snapshot.problem.x)))
    y_range = loss_range(curve.mean_loss, None, LEAST_DECADES["epoch"])
    series = (
        Series(Role.RATE, np.empty(0), np.empty(0), label=short(snapshot.lr), mark="lr"),
        *_line_of_tol(snapshot, window, many=False),
        *_mean_loss(curve, window),
        _here(snapshot, time_series.update_coordinate(snapshot), y_range),
    )
    return ChartSpec(
        window, y_range, series, x_name=time_series.update_axis_name(scene), y_name="", y_scale=AxisScale.LOG
    )


def _mean_loss(curve: TimeSeries, window: Range) -> list[Series]:
    y = time_series.capped(curve.mean_loss)
    return [
        Series(Role.FITTED, *time_series.thinned(curve.x, y, window), line=True, label=_("mean loss"), brief=_("mean")),
        Series(Role.FITTED, *time_series.marked(curve.x, y, window), sign="o"),
    ]


def _surely_shown(y_range: Range) -> Range:
    """What of a window no axis cuts off."""
    low, high = np.log10(y_range).tolist()
    margin = 1.01 * CUT * (high - low)
    return 10 ** (low + margin), 10 ** (high - margin)


def _here(snapshot: Snapshot, x: float, y_range: Range) -> Series:
    """The visited moment; where its mean loss is beyond the window, at its upper end."""
    top = _surely_shown(y_range)[1]
    return Series(Role.HERE, np.array([x]), np.minimum(time_series.capped(np.array([snapshot.mean_loss])), top))


def _batch_losses(scene: Scene, window: Range) -> list[Series]:
    """The loss of each epoch's last batch, where that is not all samples; taken before the update, and drawn there."""
    curves, per_epoch = scene.curves, scene.snapshot.updates_per_epoch
    if scene.snapshot.task.is_full_batch:
        return []
    # At the start there was none.
    x, y = curves.epochs[1:].astype(np.float64) - 1 / per_epoch, time_series.capped(curves.values["loss"][1:])
    if len(x) == 1:  # of a line with one point nothing would be seen
        x, y = x.repeat(2), y.repeat(2)
    line = time_series.thinned(x, y, window)
    return [Series(Role.BATCH, *line, line=True, label=_("batch loss"), brief=pgettext("loss", "batch"), sign="#")]


def _rates(snapshot: Snapshot, window: Range, y_range: Range) -> Series:
    """The changes of the learning rate, on the time axis; in the legend what it was and what it is."""
    config = snapshot.config
    first, now = short(SCHEDULES[config.schedule].rate(config, 0)), short(snapshot.lr)
    text = f"{first} → {now}" if now != first else first
    at = np.array(time_series.rate_changes(config, window), dtype=np.float64)
    if not len(at):
        return Series(Role.RATE, at, at, label=text, mark="lr")
    bottom, _top = _surely_shown(y_range)
    return Series(Role.RATE, at, np.full(len(at), bottom), label=_("lr {rate}").format(rate=text))


# What is aimed at, and the window


def _tol(snapshot: Snapshot) -> float | None:
    """What the loss is to fall below; None where nothing can."""
    judged = STOP_RULES[snapshot.config.stop_on].judged
    return None if judged is None or not snapshot.config.tol else snapshot.config.tol


def _line_of_tol(snapshot: Snapshot, window: Range, many: bool) -> list[Series]:
    """What is aimed at, dotted as the optimum is; its name is brief beside `many` runs."""
    tol = _tol(snapshot)
    if tol is None:
        return []
    label = _("tol {tol}").format(tol=short(tol))
    return [time_series.level(Role.TOL, tol, window, label, "tol" if many else label)]


def _seen(present: TimeSeries, earlier: list[TimeSeries], window: Range, tol: float | None) -> Array:
    """The mean losses in a window of time, and those that the lines come from.

    Of runs that diverge beside others that do not, and of earlier ones below tol, only what does not dwarf the rest.
    """
    seen, curves = [], [present, *earlier]
    for curve in curves:
        first, stop = np.searchsorted(curve.x, window, "right")
        losses = curve.mean_loss[max(0, first - 1) : stop]
        seen.append(losses if curve is present or tol is None else np.maximum(losses, tol / 10**BELOW_TOL))
    losses = np.concatenate(seen)
    most = time_series.DIVERGED * max(float(curve.mean_loss[0]) for curve in curves)
    return losses[losses <= most] if any((each <= most).all() for each in seen) else losses


def loss_range(losses: Array, tol: float | None, least: float) -> Range:
    """A window with all positive losses in it, at least so many decades high; with tol if that is not out of reach."""
    positive = losses[(losses > 0) & (losses < time_series.HUGE)]
    places = np.log10(positive if len(positive) else np.array([tol or 1.0]))
    low, high = float(places.min()), float(places.max())
    if tol is not None and math.log10(tol) > high - DEEPEST:
        low, high = min(low, math.log10(tol)), max(high, math.log10(tol))
    margin = max(0.06 * (high - low), (least - (high - low)) / 2)
    lowest, highest = -300.0, 306.0  # of a window; the losses may lie beyond
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
