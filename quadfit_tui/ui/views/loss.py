"""The view *loss*: the mean loss and that of the last batch over time, and what they are to come to."""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np

from quadfit_tui.core.figures import short
from quadfit_tui.core.rules import STOP_RULES
from quadfit_tui.core.schedules import SCHEDULES
from quadfit_tui.core.session import Snapshot
from quadfit_tui.ui.chartspec import Array, ChartSpec, Range, Role, Scale, Series, View, Words
from quadfit_tui.ui.course import HUGE, newest_time, rate_changes, recent_time, thinned, time_of, whole_time
from quadfit_tui.ui.scene import Scene

WINDOWS: dict[str, Callable[[Snapshot], Range]] = {"all": whole_time, "recent": recent_time}
DEEPEST = 20  # decades below the largest loss at which tol is still shown
MARK_EVERY = 9  # marks along the line of the mean loss


def draw(scene: Scene, words: Words) -> ChartSpec:
    """The chart of the losses up to the newest epoch, with the visited moment marked."""
    snapshot = scene.snapshot
    window = WINDOWS[words["window"]](snapshot)
    epochs, mean_loss = _mean_losses(scene)
    seen = mean_loss[_around(epochs, window)]
    y_range = _loss_range(seen, _tol(snapshot) if words["window"] == "all" else None)
    series = [_rates(snapshot, window, y_range[0]), _line_of_tol(snapshot, window), *_batch_losses(scene, window)]
    series += [
        Series(Role.FITTED, *thinned(epochs, mean_loss, window), line=True, label="mean loss"),
        Series(Role.HERE, np.array([time_of(snapshot)]), np.array([_drawn(snapshot.mean_loss)])),
    ]
    drawn = tuple(each for each in series if each is not None)
    return ChartSpec(window, y_range, drawn, x_name="epochs", y_name="", y_scale=Scale.LOG)


def _drawn(loss: float) -> float:
    return loss if loss < HUGE else HUGE  # inf and nan are beyond what a double holds, too


def _mean_losses(scene: Scene) -> tuple[Array, Array]:
    """The epochs done and the mean losses then; within an epoch in progress the present one comes last."""
    snapshot, curves = scene.snapshot, scene.curves
    epochs, losses = curves.epochs.astype(float), curves.values["mean_loss"]
    if snapshot.position == snapshot.newest and snapshot.update:
        epochs, losses = np.append(epochs, newest_time(snapshot)), np.append(losses, snapshot.mean_loss)
    return epochs, np.where(losses < HUGE, losses, HUGE)


def _around(epochs: Array, window: Range) -> slice:
    """The points in a window, and the one before it."""
    first, last = np.searchsorted(epochs, window[0], "right"), np.searchsorted(epochs, window[1], "right")
    return slice(max(0, int(first) - 1), int(last))


def _tol(snapshot: Snapshot) -> float | None:
    """What the loss is to fall below; None where nothing is compared with it."""
    judged = STOP_RULES[snapshot.config.stop_on].judged
    return None if judged is None or not snapshot.config.tol else snapshot.config.tol


def _loss_range(losses: Array, tol: float | None) -> Range:
    """A window of at least a decade that has all positive losses in it, and tol, if that is not out of all reach."""
    positive = losses[(losses > 0) & (losses < HUGE)]
    places = np.log10(positive if len(positive) else np.array([tol or 1.0]))
    low, high = float(places.min()), float(places.max())
    if tol is not None and math.log10(tol) > high - DEEPEST:
        low, high = min(low, math.log10(tol)), max(high, math.log10(tol))
    margin = max(0.06 * (high - low), (1 - (high - low)) / 2)
    return 10 ** max(low - margin, -300.0), 10 ** min(high + margin, 306.0)


def _line_of_tol(snapshot: Snapshot, window: Range) -> Series | None:
    tol = _tol(snapshot)
    if tol is None:
        return None
    return Series(Role.TRUE, np.array(window), np.array([tol, tol]), line=True, label=f"tol {short(tol)}")


def _rates(snapshot: Snapshot, window: Range, floor: float) -> Series:
    """The changes of the learning rate, on the time axis; in the legend what it was and what it is."""
    config = snapshot.config
    first, now = short(SCHEDULES[config.schedule].rate(config, 0)), short(snapshot.lr)
    at = np.array(rate_changes(config, window), dtype=float)
    return Series(Role.RATE, at, np.full(len(at), floor), label=f"lr {first}" + (f" → {now}" if now != first else ""))


def _batch_losses(scene: Scene, window: Range) -> list[Series]:
    """The loss of each epoch's last batch, where that is not all samples; taken before the update, and drawn there."""
    snapshot, curves = scene.snapshot, scene.curves
    if snapshot.updates_per_epoch == 1:
        return []
    x = curves.epochs.astype(float) - 1 / snapshot.updates_per_epoch
    losses = curves.values["loss"]
    known = np.isfinite(losses)
    x, y = thinned(x[known], losses[known], window)
    return [Series(Role.BATCH, x, y, line=True, label="batch loss")]


VIEW = View(
    draw,
    summary="the losses over time",
    reading=(
        "The mean loss of the whole data set after each epoch, and the loss of each epoch's last batch as it was "
        "before the update. The scale is logarithmic: a straight line downwards is a loss that shrinks by the same "
        "factor in each epoch. Where the run is to stop, the line of tol says at which loss. Marks on the time axis "
        "are changes of the learning rate, unless it changes in every epoch. @ is the moment that is visited."
    ),
    options={"window": tuple(WINDOWS)},
)
